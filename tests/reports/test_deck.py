"""The deck in a browser: offline, by keyboard alone, without a WCAG violation on any slide."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from sro_geo.reports.content import Slide, Story, freeze
from sro_geo.reports.deck import deck, write_deck
from sro_geo.reports.deck_pages import Page as Part
from sro_geo.reports.deck_pages import pages
from sro_geo.reports.tables import Field, table

from .conftest import FROZEN
from .pdf_words import copied_pages
from .test_pdf import NASTY, tiny

pytestmark = pytest.mark.browser
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
    "resultTypes": ["violations"],
}
WIDE = {"width": 1280, "height": 720}


def violations(page: Page) -> list[tuple[str, str]]:
    """Return what axe-core finds; slides that are not shown only make it slow."""
    page.evaluate(
        """() => {
          const hidden = [...document.querySelectorAll('main>section[hidden]')];
          window.aside = hidden.map((s) => [document.createComment(''), s]);
          for (const [place, s] of window.aside) s.replaceWith(place);
        }"""
    )
    found = Axe().run(page, options=RULES).response["violations"]
    page.evaluate("() => { for (const [place, s] of window.aside) place.replaceWith(s); }")
    return [(rule["id"], str(node["target"])) for rule in found for node in rule["nodes"]]


@pytest.fixture(scope="module")
def file(story: Story, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The deck of the yearly report as a file."""
    path = tmp_path_factory.mktemp("deck") / "deck.html"
    write_deck(story, path)
    return path


@pytest.fixture(scope="module")
def parts(story: Story) -> list[Part]:
    """The slides of its deck."""
    return pages(story)


@pytest.fixture
def page(chromium: Browser, file: Path) -> Iterator[Page]:
    """The deck, opened from the disk; requests, refusals and errors fail the test."""
    context = chromium.new_context(viewport=WIDE, locale="de-DE", service_workers="block")
    asked: list[str] = []
    context.on("request", lambda r: asked.append(r.url))
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: said.append(str(e)))
    page.goto(file.as_uri())
    yield page
    context.close()
    assert [] == [u for u in asked if not u.startswith(("file:", "data:", "about:"))]
    assert [] == said


def shown(page: Page) -> str:
    """Return the title of the one slide to be seen."""
    visible = page.locator("main>section:visible")
    expect(visible).to_have_count(1)
    return visible.locator("h2").inner_text()


def test_it_is_one_file_of_less_than_three_megabytes(file: Path) -> None:
    """It fits on any stick."""
    assert file.stat().st_size < 3_000_000


def test_nothing_in_it_points_outside(file: Path) -> None:
    """No address in a tag, a style or a script that would load anything."""
    code = file.read_text(encoding="utf-8")
    assert "default-src 'none'" in unescape(code)
    assert "unsafe" not in re.findall(r'Content-Security-Policy" content="([^"]*)"', code)[0]
    assert [] == re.findall(r"""(?:src|href|action|data|poster)=["']?(?!#|data:)[^"'\s>]+""",
                            re.sub(r"<script.*?</script>", "", code, flags=re.S))[:3]  # fmt: skip
    assert [] == re.findall(r"url\((?![\"']?(?:data:|#))", code)
    for word in ("@import", "fetch(", "XMLHttpRequest", "WebSocket", "sendBeacon", "importScripts"):
        assert word not in code, word
    addresses = set(re.findall(r"https?://[^\s\"'<>)]+", code))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def test_no_slide_has_a_violation(page: Page, parts: list[Part]) -> None:
    """Every slide; some in the dark, maps with their table beside them."""
    for number, part in enumerate(parts):
        assert [] == violations(page), number + 1
        if part.mapped:
            page.keyboard.press("t")
        if number in (0, 1, 3, 5):
            page.keyboard.press("d")
            assert [] == violations(page), f"{number + 1} dark"
            page.keyboard.press("d")
        page.keyboard.press("PageDown")


def test_no_slide_has_to_be_scrolled(page: Page, parts: list[Part]) -> None:
    """Whatever the shape of the screen; nothing runs over its edge."""
    for size in ((1280, 720), (1024, 768), (2560, 1080)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.keyboard.press("Home")
        for part in parts:
            over = page.evaluate(
                """() => {
                  const now = document.querySelector('main>section:not([hidden])');
                  return [...now.querySelectorAll('.body,.panel')].map(
                    (b) => [b.scrollHeight - b.clientHeight, b.scrollWidth - b.clientWidth]);
                }"""
            )
            assert all(y <= 1 and x <= 1 for y, x in over), (size, part.title, over)
            foot = page.locator("main>section:visible .foot").bounding_box()
            assert foot is not None
            assert foot["y"] + foot["height"] <= size[1]
            page.keyboard.press("PageDown")


def test_letters_are_large_enough_for_a_hall(page: Page, parts: list[Part]) -> None:
    """At 1920 by 1080 words and tables have 21 pixels and more, the legend 18."""
    page.set_viewport_size({"width": 1920, "height": 1080})
    for part in parts:
        sizes = page.evaluate(
            """() => {
              const now = document.querySelector('main>section:not([hidden])');
              const size = (e) => parseFloat(getComputedStyle(e).fontSize);
              const words = [...now.querySelectorAll('h2,.text p,.text li,.sub')].map(size);
              const cells = [...now.querySelectorAll('.body>.held td')].map(size);
              const drawn = [...now.querySelectorAll('.legend text')].map(
                (e) => size(e) * e.ownerSVGElement.getScreenCTM().a);
              return [words, cells, drawn].map((all) => Math.min(99, ...all));
            }"""
        )
        assert sizes[0] >= 25, part.title
        assert sizes[1] >= 21, part.title
        assert sizes[2] >= 18, part.title
        page.keyboard.press("PageDown")


def test_it_can_be_read_on_a_telephone(page: Page, parts: list[Part]) -> None:
    """Nothing is wider than the screen, the map as wide as it, its table below."""
    page.set_viewport_size({"width": 390, "height": 844})
    for part in parts:
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, part.title
        if part.mapped:
            box = page.locator("main>section:visible svg.map").bounding_box()
            assert box is not None
            assert box["width"] > 340
            assert page.locator("main>section:visible .tables table").first.is_visible()
        page.keyboard.press("PageDown")
    assert [] == violations(page)


def test_keys_and_clickers_lead_through_it(page: Page, parts: list[Part]) -> None:
    """Arrows, Page Up and Page Down, blank, Home, End; the address follows."""
    assert parts[0].title == shown(page)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("PageDown")
    assert parts[2].title == shown(page)
    assert page.url.endswith("#3")
    page.keyboard.press("PageUp")
    assert parts[1].title == shown(page)
    page.keyboard.press("Space")
    assert parts[2].title == shown(page)
    page.keyboard.press("Shift+Space")
    assert parts[1].title == shown(page)
    page.keyboard.press("End")
    assert parts[-1].title == shown(page)
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")
    assert parts[0].title == shown(page)


def test_a_link_leads_to_a_slide(page: Page, file: Path, parts: list[Part]) -> None:
    """By number and by name, on opening and later; a broken one leads to the first."""
    page.goto("about:blank")
    page.goto(f"{file.as_uri()}#3")
    assert parts[2].title == shown(page)
    page.evaluate("location.hash = '#5'")
    page.wait_for_function("document.title.startsWith('5 ')")
    assert parts[4].title == shown(page)
    page.evaluate("location.hash = '#cases'")
    cases = next(p for p in parts if p.slide.slide_id == "cases")
    page.wait_for_function(f"document.title.startsWith('{parts.index(cases) + 1} ')")
    assert cases.title == shown(page)
    page.evaluate("location.hash = '#%E0%A4%A'")
    page.wait_for_function("document.title.startsWith('1 ')")


def test_the_screen_goes_black_and_comes_back(page: Page) -> None:
    """With b, as on any clicker, or white with w; Escape ends it."""
    for there, back in (("b", "b"), (".", "Escape"), ("w", "w")):
        page.keyboard.press(there)
        expect(page.locator("main")).to_be_hidden()
        page.keyboard.press(back)
        expect(page.locator("main")).to_be_visible()


def to_map(page: Page, parts: list[Part], slide_id: str = "cases") -> Part:
    """Go to a map and return its slide."""
    page.evaluate(f"location.hash = '#{slide_id}'")
    page.wait_for_selector(".map-box .spots path[aria-label]")
    return next(p for p in parts if p.slide.slide_id == slide_id)


def test_areas_of_a_map_say_name_and_figure_to_the_keyboard(page: Page, parts: list[Part]) -> None:
    """One stop for the map; arrows lead through its areas, Page Down still to the next slide."""
    part = to_map(page, parts)
    sheet = part.slide.sheet
    assert sheet is not None
    table = {row[0]: row[1] for row in sheet.table.rows}
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('.spots') !== null"):
            break
    tip, said = page.locator(".tip"), {}
    for _ in sheet.spots:
        label = page.evaluate("document.activeElement.getAttribute('aria-label')")
        name, _, figure = label.rpartition(": ")
        said[name] = figure
        expect(tip).to_have_text(f"{name}{figure}")
        page.keyboard.press("ArrowDown")
    assert table == said
    assert [] == violations(page)
    page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.closest('.spots') !== null")
    expect(tip).to_be_hidden()
    page.keyboard.press("PageDown")
    assert parts[parts.index(part) + 1].title == shown(page)
    expect(page.locator(".map-box .spots path[aria-label='x']")).to_have_count(0)


def test_a_map_is_zoomed_by_keys_and_pointer(page: Page, parts: list[Part]) -> None:
    """Plus, minus, z and 0; what the focus is on is seen; the pointer finds areas."""
    to_map(page, parts)
    wide = "() => document.querySelector('.map-box svg').getBoundingClientRect().width"
    before = page.evaluate(wide)
    assert before == pytest.approx(page.locator(".map-box").bounding_box()["width"], abs=2)  # type: ignore[index]
    page.keyboard.press("+")
    page.keyboard.press("+")
    page.wait_for_function(f"w => ({wide})() > w * 1.5", arg=before)
    page.locator(".spots path[tabindex='0']").focus()
    page.keyboard.press("ArrowUp")
    spot, box = (page.locator(s).bounding_box() for s in (".spots path:focus", ".map-box"))
    assert spot is not None
    assert box is not None
    middle = spot["y"] + spot["height"] / 2
    assert box["y"] <= middle <= box["y"] + box["height"]
    page.keyboard.press("Escape")
    page.wait_for_function(f"w => Math.abs(({wide})() - w) < 2", arg=before)
    page.keyboard.press("z")
    page.wait_for_function(f"w => ({wide})() > w * 1.5", arg=before)
    page.get_by_role("button", name="Ganze Karte").click()
    page.wait_for_function(f"w => Math.abs(({wide})() - w) < 2", arg=before)
    page.locator(".spots path[aria-label^='Nord-West']").hover()
    expect(page.locator(".tip")).to_contain_text("Nord-West")


def test_the_table_stands_beside_the_map(page: Page, parts: list[Part]) -> None:
    """In place of the legend, and back again."""
    part = to_map(page, parts)
    table = page.locator("main>section:visible .tables")
    expect(table).to_be_hidden()
    page.keyboard.press("t")
    expect(table).to_be_visible()
    expect(page.locator("#table")).to_have_attribute("aria-pressed", "true")
    map_box, beside = page.locator(".map-box").bounding_box(), table.bounding_box()
    assert map_box is not None
    assert beside is not None
    assert map_box["x"] + map_box["width"] <= beside["x"]
    assert beside["x"] + beside["width"] <= WIDE["width"]
    assert part.tables[0].caption in table.inner_text()
    page.locator("#table").click()
    expect(table).to_be_hidden()


def test_the_presenter_sees_note_clock_and_what_comes_next(
    page: Page, story: Story, parts: list[Part]
) -> None:
    """In a second window that follows the first and leads it."""
    with page.expect_popup() as opening:
        page.keyboard.press("p")
    other = opening.value
    expect(other.locator("#p-note")).to_have_text(story.slides[0].note)
    expect(other.locator("#p-next")).to_contain_text(parts[1].title)
    expect(other.locator("#p-clock")).to_have_text(re.compile(r"\d\d:\d\d"))
    expect(other.locator("#p-gone")).to_have_text(re.compile(r"00:\d\d"))
    expect(other.locator("#p-now section")).to_be_visible()
    expect(other.locator("#p-later h2")).to_have_text(parts[1].title)
    assert [] == violations(other)
    other.keyboard.press("PageDown")
    expect(other.locator("#p-title")).to_have_text(parts[1].title)
    assert parts[1].title == shown(page)
    page.keyboard.press("PageDown")
    expect(other.locator("#p-title")).to_have_text(parts[2].title)
    page.keyboard.press("End")
    expect(other.locator("#p-next")).to_have_text("Das ist die letzte Folie.")
    expect(other.locator("#p-later section")).to_have_count(0)
    page.reload()
    page.wait_for_function("document.title !== ''")
    assert other.is_closed()


def test_it_works_inside_of_another_page(chromium: Browser, story: Story) -> None:
    """As an iframe's own text: keys at once, no address, no store; Escape tells the outer page."""
    page = chromium.new_page(viewport=WIDE)
    said: list[str] = []
    page.on("pageerror", lambda e: said.append(str(e)))
    page.on("console", lambda m: said.append(m.text) if m.type == "error" else None)
    page.set_content("<!doctype html><title>x</title><iframe width=1200 height=675></iframe>")
    page.evaluate(
        """code => new Promise((done) => {
          addEventListener('message', (e) => { window.left = e.data.sroDeck; });
          const frame = document.querySelector('iframe');
          frame.allow = 'fullscreen';
          frame.sandbox = 'allow-scripts allow-same-origin allow-popups';
          frame.onload = done; frame.srcdoc = code; })""",
        deck(story),
    )
    parts, inner = pages(story), page.frame_locator("iframe")
    expect(inner.locator("main>section:visible h2")).to_be_focused()
    page.keyboard.press("PageDown")
    expect(inner.locator("main>section:visible h2")).to_have_text(parts[1].title)
    expect(inner.locator("#full")).to_be_visible()
    with page.expect_popup() as opening:
        page.keyboard.press("p")
    expect(opening.value.locator("#p-title")).to_have_text(parts[1].title)
    opening.value.close()
    page.keyboard.press("PageDown")
    expect(inner.locator("main>section:visible h2")).to_have_text(parts[2].title)
    page.keyboard.press("Escape")
    page.wait_for_function("window.left === 'leave'")
    assert [] == said
    page.close()


def test_everything_can_be_reached_by_tab(page: Page, parts: list[Part]) -> None:
    """All controls that are to be seen, each with a visible focus."""
    to_map(page, parts)
    reached = set()
    for _ in range(16):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """() => { const e = document.activeElement;
              return [e.id || e.getAttribute('title') || e.tagName,
                      e.closest('.spots') ? '4px' : getComputedStyle(e).outlineWidth]; }"""
        )
        reached.add(found[0])
        assert found[0] == "BODY" or found[1] == "4px", found
    wanted = {"path", "Vergrößern", "Verkleinern", "Ganze Karte"}
    assert wanted | {"back", "on", "jump", "table", "notes", "full", "theme"} <= reached


def test_it_prints_one_slide_a_page(page: Page, parts: list[Part], tmp_path: Path) -> None:
    """16:9, all slides, each with its own title and the note on sample data."""
    import pikepdf

    page.set_viewport_size({"width": 390, "height": 844})
    page.keyboard.press("d")
    page.pdf(path=str(tmp_path / "x.pdf"), prefer_css_page_size=True, print_background=True)
    with pikepdf.open(tmp_path / "x.pdf") as printed:
        assert len(parts) == len(printed.pages)
        _, _, wide, high = (float(v) for v in printed.pages[0].mediabox)
        assert 16 / 9 == pytest.approx(wide / high, rel=0.01)
    printed_words = copied_pages((tmp_path / "x.pdf").read_bytes())
    for number in (1, 2, len(parts)):
        assert parts[number - 1].title in " ".join(printed_words[number - 1].split())


def test_much_text_and_long_tables_go_on_to_further_slides(
    chromium: Browser, tmp_path: Path
) -> None:
    """Nothing is lost, every part is numbered, none has to be scrolled."""
    words = " ".join(f"Wort{n}" for n in range(1500)) + "\n\n- eins\n- zwei"
    rows = [(f"Haus {n}", "sehr lange Angabe" * (n % 9), float(n)) for n in range(60)]
    fields = [Field("Haus", "text"), Field("Angabe", "text"), Field("Zahl")]
    long = Slide("a", "Viel", text=words, table=table("Häuser", fields, rows))
    story = freeze(Story("s", "x", "x", "de", (long,)), FROZEN)
    parts = pages(story)
    assert len(parts) == parts[0].parts > 5
    assert f"Viel (1/{len(parts)})" == parts[0].title
    said = " ".join(p.text for p in parts)
    assert all(f"Wort{n}" in said for n in range(0, 1500, 99))
    assert [r for p in parts for one in p.tables for r in one.rows] == list(long.tables()[0].rows)
    (tmp_path / "x.html").write_text(deck(story), encoding="utf-8")
    page = chromium.new_page(viewport=WIDE)
    page.goto((tmp_path / "x.html").as_uri())
    for part in parts:
        over = page.evaluate(
            "() => { const b = document.querySelector('main>section:not([hidden]) .body');"
            "return b.scrollHeight - b.clientHeight; }"
        )
        assert over <= 1, part.part
        page.keyboard.press("PageDown")
    page.close()


@pytest.mark.parametrize("name", NASTY)
def test_any_title_stays_a_title(chromium: Browser, tmp_path: Path, name: str) -> None:
    """Markup is shown and not run; nothing breaks the page."""
    story = tiny(NASTY[name])
    (tmp_path / "x.html").write_text(deck(story), encoding="utf-8")
    page = chromium.new_page(viewport=WIDE)
    said: list[str] = []
    page.on("dialog", lambda d: (said.append("ran"), d.dismiss()))
    page.on("pageerror", lambda e: said.append(str(e)))
    page.goto((tmp_path / "x.html").as_uri())
    # The browser sets blanks as one.
    assert " ".join(pages(story)[0].title.split()) == " ".join(shown(page).split())
    assert [] == said
    assert [] == violations(page)
    page.close()


def test_the_same_map_on_two_slides_is_drawn_on_both(story: Story) -> None:
    """Patterns and clips of a slide that is hidden would not be drawn."""
    (one,) = (s for s in story.slides if s.slide_id == "cases")
    twice = (one, Slide("again", one.title, sheet=one.sheet))
    code = deck(freeze(Story("s", "x", "x", "de", twice), FROZEN))
    code = re.sub(r"<(script|style).*?</\1>", "", code, flags=re.S)
    ids = re.findall(r' id="([^"]+)"', code)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)", code)) <= set(ids)


def test_a_story_without_maps_carries_no_leaflet() -> None:
    """What is not needed is not there."""
    plain = freeze(Story("s", "x", "x", "en", (Slide("a", "x"),)), FROZEN)
    assert "JS library for interactive maps" not in deck(plain)
