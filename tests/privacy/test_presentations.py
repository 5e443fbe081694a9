"""A presentation gives away no place, no name, no machine, and runs nothing people typed."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pikepdf
import pytest
import streamlit as st
from playwright.sync_api import Browser, expect
from playwright.sync_api import Page as BrowserPage
from streamlit.testing.v1 import AppTest

from sro_geo import cli
from sro_geo.actions import stories
from sro_geo.actions.access import Actor
from sro_geo.actions.cases import case_releases, load_released
from sro_geo.actions.planning import new_plan
from sro_geo.actions.releasing import withdraw_release
from sro_geo.actions.reporting import FORMATS, publish_folder, write_report
from sro_geo.actions.story_views import Maker
from sro_geo.actions.workspace import Workspace, open_workspace
from sro_geo.errors import InputRefused, SroError
from sro_geo.i18n import t
from sro_geo.reports import open_data
from sro_geo.reports.content import Story, freeze
from sro_geo.reports.publish import public_offers
from sro_geo.reports.views import View
from sro_geo.settings import Settings
from tests.browser.conftest import ROOT, Server
from tests.browser.steps import settled
from tests.conftest import CommandLine
from tests.privacy import canary
from tests.privacy.canary import lowest_area
from tests.privacy.counts import CHANGED, INDICATOR, UNRELEASED, Canary, files_below, plant
from tests.privacy.test_case_counts import Received
from tests.reports.pdf_words import copied

EDITOR = Actor("Zilpzalp Redaktion")
YEAR = 2025
NOTE = "Sprechzettel-Regenpfeifer"
# What somebody could type to have it run: markup, typst, formulas, ways out of an attribute.
TYPED = (
    "</script><script>alert(1)</script><img src=x onerror=alert(1)>",
    '#read("/etc/passwd") #image("/etc/passwd") $sum$ #import "x.typ": *',
    "=HYPERLINK(\"http://evil.example\",\"x\")",
    "+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "-2+3",
    '"><svg onload=alert(1)><a href="javascript:alert(1)">x</a>',
    "]]></desc></svg><image href=\"file:///etc/passwd\"/>",
)  # fmt: skip
_STARTS = tuple("=+-@")
_NUMBER = re.compile(r"-?[\d.]+(e[+-]?\d+)?")


def at(folder: Path, **more: bool) -> Workspace:
    """A workspace of a test, open."""
    return open_workspace(Settings(workspace=folder, **more))


def edited(folder: Path, *statements: tuple[str, tuple[object, ...]]) -> None:
    """Change rows beside the program, as somebody with an SQLite editor would."""
    with closing(sqlite3.connect(folder / "sro.gpkg")) as connection:
        for words, values in statements:
            assert connection.execute(words, values).rowcount > 0
        connection.commit()


# -- what people typed -------------------------------------------------------------------


@dataclass(frozen=True)
class Typed:
    """Every file of a presentation in which every word is hostile."""

    files: dict[str, bytes]
    folder: dict[str, bytes]
    story: Story


@pytest.fixture(scope="module")
def typed(shipped_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Typed:
    """Names of areas, offers, providers, plans; titles, texts, alternative texts; the city."""
    base = tmp_path_factory.mktemp("Regenpfeifer-Pfad")
    folder = base / "workspace"
    shutil.copytree(shipped_workspace, folder)
    toml = (folder / "city.toml").read_text(encoding="utf-8")
    shown = '{ de = "=1+cmd <b>Beispiel</b>", en = "=1" }'
    toml = re.sub(r"(?m)^source_note = .*$", lambda _: f"source_note = {shown}", toml)
    (folder / "city.toml").write_text(toml, encoding="utf-8")
    with closing(at(folder)) as workspace:
        tables = workspace.snapshot().tables
        ids = {t: tables[t][f"{t[:-1]}_id"].tolist() for t in ("offers", "providers")}
        spaces = {"area_id": ["nord-ost", "nord-west"], "name": [TYPED[0], TYPED[2]]}
        kept = tables["plan_areas"][["plan_id", "area_id"]]
        with workspace.writing(EDITOR, "hostile names") as tx:
            tx.upsert("areas", pd.DataFrame(spaces))
            tx.upsert("plan_areas", kept.merge(pd.DataFrame(spaces)))
            for table, words in (("offers", ["name", "description"]), ("providers", ["name"])):
                keys = {f"{table[:-1]}_id": ids[table][: len(TYPED)]}
                said = {word: list(TYPED[: len(ids[table])]) for word in words}
                tx.upsert(table, pd.DataFrame(keys | said))
    with closing(at(folder)) as workspace:
        plan = new_plan(workspace, TYPED[1], reason=" ".join(TYPED), actor=EDITOR)
        story = stories.new_story(workspace, TYPED[0], actor=EDITOR)
        for words in TYPED:
            (slide,) = stories.add_slides(
                workspace, story, View("own_words"), title=words, text=f"- {words}\n\n{words}",
                note=NOTE, actor=EDITOR,
            )  # fmt: skip
            stories.edit_slide(workspace, slide, {"subtitle": words}, actor=EDITOR)
        for view, words in (
            (View("cases", {"show": "rates"}), TYPED[6]),
            (View("offers", {"text": TYPED[0][:40]}), TYPED[7]),
            (View("page", {"name": "offers"}), TYPED[0]),
            (View("plan", {"plan_id": plan}), TYPED[1]),
        ):
            for slide in stories.add_slides(workspace, story, view, actor=EDITOR):
                stories.edit_slide(workspace, slide, {"alt": words, "note": NOTE}, actor=EDITOR)
        built = stories.build_story(workspace, story, actor=EDITOR)
        assert () == built.missing
        files = {}
        for form in FORMATS:
            file = base / f"out.{form}"
            write_report(built.story, form, file, material=built.material)
            files[form] = file.read_bytes()
        made = publish_folder(workspace, base / "public", actor=EDITOR, story=built)
    return Typed(files, {file.name: file.read_bytes() for file in made}, built.story)


class Page(HTMLParser):
    """The elements and attributes of a page that do something."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.scripts, self.found = 0, set[str]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a script, and whatever loads or runs."""
        self.scripts += tag == "script"
        if tag in ("img", "image", "iframe", "object", "embed", "base", "link", "foreignobject"):
            self.found.add(tag)
        for name, value in attrs:
            to = str(value)
            own = to.startswith("#") or re.fullmatch(r"(figures|offers)[\w-]*\.(csv|xlsx)", to)
            if name.startswith("on") or (name.endswith(("href", "src")) and not own):
                self.found.add(f"{tag} {name}={to[:60]}")


@pytest.mark.parametrize("name", ["html", "index.html"])
def test_nothing_that_was_typed_runs_in_a_browser(typed: Typed, name: str) -> None:
    """Only our own scripts, and nothing that loads, in deck and public page."""
    page = Page((typed.files | typed.folder)[name].decode())
    # The deck holds Leaflet, its own script, and words as data.
    assert (3 if name == "html" else 1) == page.scripts
    assert set() == page.found


def test_nothing_that_was_typed_runs_in_a_spreadsheet(typed: Typed) -> None:
    """No cell of a CSV file begins as a formula, no cell of a workbook is one."""
    tables = {"csv": typed.files["csv"]}
    tables |= {name: data for name, data in typed.folder.items() if name.endswith(".csv")}
    assert len(tables) > 4
    for name, data in tables.items():
        for row in csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"):
            for cell in row:
                formula = cell.lstrip().startswith(_STARTS) and not _NUMBER.fullmatch(cell)
                assert not formula, (name, cell)
    for data in (typed.files["xlsx"], typed.folder["figures.xlsx"]):
        assert b"<f>" not in _unpacked(data)
        assert b"<f " not in _unpacked(data)
        assert b"hyperlink" not in _unpacked(data)


def test_nothing_that_was_typed_is_read_by_the_typesetter(typed: Typed) -> None:
    """Its commands stand there as words, and the PDF leads nowhere."""
    data = typed.files["pdf"]
    words = copied(data)
    assert "#read(" in words
    assert "root:x:" not in words
    with pikepdf.open(io.BytesIO(data)) as paper:
        inside = b"\n".join(_raw(one) for one in paper.objects)
    for way in (b"/JavaScript", b"/JS", b"/Launch", b"/URI", b"/EmbeddedFile", b"root:x:"):
        assert way not in inside, way


@pytest.mark.parametrize("form", ["pptx", "docx", "xlsx"])
def test_an_office_file_asks_for_nothing_outside(typed: Typed, form: str) -> None:
    """No link, no program, no table of figures behind a picture."""
    with zipfile.ZipFile(io.BytesIO(typed.files[form])) as archive:
        names = archive.namelist()
        related = [archive.read(name) for name in names if name.endswith(".rels")]
    assert related
    assert not any(b'TargetMode="External"' in one for one in related)
    assert [] == [n for n in names if "vba" in n.lower() or "embeddings" in n or "charts" in n]


def test_a_file_tells_neither_who_made_it_nor_where(typed: Typed) -> None:
    """Not in its words, not in its properties."""
    for name, data in (typed.files | typed.folder).items():
        inside = _unpacked(data) + (copied(data).encode() if name == "pdf" else b"")
        for sign in ("Zilpzalp", "Regenpfeifer-Pfad", str(ROOT), str(Path.home()), "/tmp/"):
            assert sign.encode() not in inside, (name, sign)


def test_a_note_for_who_speaks_is_for_nobody_else(typed: Typed) -> None:
    """It is in the deck's presenter view and in the notes of the slides, and there alone."""
    assert NOTE.encode() in typed.files["html"]
    assert NOTE.encode() in _unpacked(typed.files["pptx"])
    handed_out = {k: v for k, v in typed.files.items() if k not in ("html", "pptx")}
    for name, data in (handed_out | typed.folder).items():
        inside = _unpacked(data) + (copied(data).encode() if name == "pdf" else b"")
        assert NOTE.encode() not in inside, name


def _unpacked(data: bytes) -> bytes:
    """The bytes of a file, packed parts and compressed streams opened."""
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = [archive.read(name) for name in archive.namelist()]
        return b"\n".join((data, *parts))
    if data.startswith(b"%PDF"):
        with pikepdf.open(io.BytesIO(data)) as paper:
            return b"\n".join((data, *(_raw(one) for one in paper.objects)))
    return data


def _raw(one: object) -> bytes:
    if isinstance(one, pikepdf.Stream):
        return one.read_bytes() + one.stream_dict.unparse()
    return one.unparse() if isinstance(one, pikepdf.Object) else str(one).encode()


# -- what was withdrawn ------------------------------------------------------------------


def test_what_was_withdrawn_is_shown_no_more(
    shipped_workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the program that runs on: in files, on the page, on the wall, in the public folder."""
    folder, public = tmp_path / "workspace", tmp_path / "public"
    shutil.copytree(shipped_workspace, folder)
    with closing(at(folder)) as workspace:
        story = stories.new_story(workspace, "Abend", actor=EDITOR)
        stories.add_slides(workspace, story, View("own_words"), title="Worte", actor=EDITOR)
        stories.add_slides(workspace, story, View("cases", {"year": YEAR}), actor=EDITOR)
        before = stories.build_story(workspace, story, actor=EDITOR)
        publish_folder(workspace, public, actor=EDITOR, story=before)
        (figure,) = (s.table for s in before.story.slides if s.table is not None)
        told = figure.texts("de")[0][1:4]
        assert all(words in (public / "index.html").read_text("utf-8") for words in told)
        wall = _page(folder, monkeypatch, story=story, present="1")
        assert all(words in _given(wall) for words in told)
        for release in case_releases(load_released(folder)):
            if release["year"] == YEAR:
                withdraw_release(workspace, str(release["release_id"]), actor=EDITOR)
        after = stories.build_story(workspace, story, actor=EDITOR)
        assert ["view_year_not_released"] == [gone.error.code for gone in after.missing]
        assert after.material is not None
        assert YEAR not in set(open_data.tidy(after.material, after.story)["year"])
        assert not any(f"_{YEAR}" in column for column in open_data.areas(after.material).columns)
        assert figure.caption not in str(asdict(after.story))
        made = publish_folder(workspace, public, actor=EDITOR, story=after)
        assert set(files_below(public)) == set(made)
        assert not any(figure.caption in file.read_text("utf-8", "replace") for file in made)
        assert figure.caption not in _given(wall.run(timeout=60))


def _page(folder: Path, monkeypatch: pytest.MonkeyPatch, **address: str) -> AppTest:
    """The page of the committee, as the address asks for it."""
    monkeypatch.setenv("SRO_WORKSPACE", str(folder))
    st.cache_resource.clear()
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    app.switch_page("pages/committee.py")
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


def _given(app: AppTest) -> str:
    """Everything the browser is given, components' data spelt out."""
    data = [json.loads(found.proto.json) for found in app.get("bidi_component")]
    return repr([element.proto for element in app.main]) + json.dumps(data, ensure_ascii=False)


# -- what somebody wrote into the database -----------------------------------------------

BY_HAND = (
    ("cases", {"year": UNRELEASED}),
    ("cases", {"year": CHANGED, "level": "block"}),
    ("cases", {"year": CHANGED, "level": "social_space' OR '1'='1"}),
    ("cases", {"year": CHANGED, "help_type": "34", "age_group": "6-9"}),
    ("cases", {"year": CHANGED, "version": "plan-2"}),
    ("cases", {"year": CHANGED, "status": "proposed"}),
    ("cases", {"year": CHANGED, "area_id": "block-1"}),
    ("cases", {"year": str(CHANGED)}),
    ("cases", {"per": 1}),
    ("cases", "[1]"),
    ("cases", "{"),
    ("cases", '{"year":NaN}'),
    ("cases", "[" * 15_000),
    ("protected", {}),
    ("indicators", {"indicator": INDICATOR}),
    ("page", {"name": "../protected.sqlite"}),
    ("plan", {"plan_id": "x' OR '1'='1"}),
    ("profile", {"area_id": "norderstedt"}),
    ("offers", {"area_id": "0104"}),
    ("coverage", {"category": "youth_centre", "age_group": "6-9", "level": "block"}),
    ("offers", {"near": [canary.LAT, canary.LON]}),
    ("coverage", {"category": "youth_centre", "age_group": "6-9", "plan_id": "../plan"}),
)


@dataclass(frozen=True)
class Planted:
    """Counts that must be nowhere, and a presentation that asks for them."""

    workspace: Path
    canary: Canary
    story: str
    log: Path


@pytest.fixture(scope="module")
def planted(shipped_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Planted:
    """The shipped city with unreleased counts; recipes written beside the program."""
    base = tmp_path_factory.mktemp("planted")
    folder = base / "workspace"
    shutil.copytree(shipped_workspace, folder)
    with closing(at(folder)) as workspace:
        found = plant(workspace)
        story = stories.new_story(workspace, "Von Hand", actor=EDITOR)
        for view in (View("cases", {"year": CHANGED}), *[View("own_words")] * len(BY_HAND)):
            (last,) = stories.add_slides(workspace, story, view, actor=EDITOR)
        slides = [s.slide_id for s in stories.stored_slides(workspace.snapshot(), story)]
    assert last == slides[-1]
    put = "UPDATE slides SET kind = ?, settings = ?, part = ? WHERE slide_id = ?"
    rows = [
        (put, (kind, said if isinstance(said, str) else json.dumps(said), "rates", slide))
        for (kind, said), slide in zip(BY_HAND, slides[1:], strict=True)
    ]
    edited(folder, *rows)
    return Planted(folder, found, story, base / "log.txt")


def test_no_recipe_by_hand_reaches_what_was_not_released(
    planted: Planted, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Each is left out and named; what is said and written holds released counts alone."""
    verb = ["report", "--story", planted.story, "--format", "html", str(tmp_path / "deck.html")]
    assert 0 == cli.main(["--workspace", str(planted.workspace), *verb, "--json"])
    said = capfd.readouterr()
    document = json.loads(said.out)
    assert 1 == document["slides"]
    assert len(BY_HAND) == len(document["missing"])
    codes = {one["code"] for one in document["missing"]}
    assert codes <= {
        "view_year_not_released", "view_cut_not_released", "view_unreadable", "view_plan_gone",
        "view_kind_unknown", "view_area_gone",
    }  # fmt: skip
    deck = (tmp_path / "deck.html").read_bytes()
    assert set() == planted.canary.found(said.out + said.err) | planted.canary.found(deck)


def test_the_page_shows_no_recipe_by_hand(
    planted: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slide that is not in the files is not in the preview either, and can be taken out."""
    with closing(at(planted.workspace)) as workspace:
        slides = stories.stored_slides(workspace.snapshot(), planted.story)
    for slide in (slides[1], slides[9], slides[14]):
        app = _page(planted.workspace, monkeypatch, story=planted.story, slide=slide.slide_id)
        assert [] == list(app.exception)
        assert [] == [error.value for error in app.error]
        assert "sro_slide_list" in _components(app)
        assert "sro_slide_preview" not in _components(app)
        assert set() == planted.canary.found(_given(app))


# -- protected places --------------------------------------------------------------------

CLUB = {"category": "youth_centre", "age_group": "10-13"}
PLACES = (
    *(View("offers", {"text": "Haus K", "area_id": area}) for area in ("nord-ost", "sued-west")),
    View("offers", {"freshness": "stale", "area_id": "sued"}),
    View("offers", {"text": "Haus K"}),
    View("offers", {"text": canary.ADDRESS, "area_id": "nord-ost"}),
    View("gap", CLUB),
    View("coverage", {**CLUB, "text": "Haus K"}),
    View("page", {"name": "tables"}),
    View("profile", {"area_id": "nord-ost"}),
)


def test_no_letter_depends_on_where_a_protected_place_is(
    shipped_workspace: Path, tmp_path: Path
) -> None:
    """Two cities that differ in its area, and in a point left over by mistake, show the same."""
    said, files = [], []
    for number, (space, district) in enumerate((("nord-ost", 5), ("sued-west", 25))):
        folder = tmp_path / str(number)
        shutil.copytree(shipped_workspace, folder)
        with closing(at(folder)) as workspace:
            house = canary.add(workspace, category=CLUB["category"], verified_on="2001-02-03")
            canary.change(workspace, house, protected=True, service_area=space)
            point = str(workspace.snapshot().tables["locations"]["location_id"].iloc[district])
        edited(folder, ("UPDATE offers SET location_id = ? WHERE offer_id = ?", (point, house)))
        with closing(at(folder)) as workspace:
            maker = Maker(workspace, workspace.snapshot())
            shown = {f"{view.kind} {view.settings}": _alone(maker, view) for view in PLACES}
            tables = (open_data.offers, open_data.areas)
            held = [pd.DataFrame(make(maker.material).to_wkt()) for make in tables]
            held.append(public_offers(maker.snapshot.directory))
        said.append(shown)
        files.append([_sorted(table, house) for table in held])
        for table in held:
            if "Haus K" in set(table["name"]):
                row = table.set_index("name").loc["Haus K"].dropna()
                assert set(row.index) <= {
                    "offer_id", "category", "category_name", "status", "verified_on", "data_note",
                }  # fmt: skip
    assert said[0] == said[1]
    listed = [view for view in PLACES if '"Haus K"' in said[0][f"{view.kind} {view.settings}"]]
    assert [{"text": "Haus K"}] == [view.settings for view in listed]
    for one, other in zip(*files, strict=True):
        pd.testing.assert_frame_equal(one, other)


def _alone(maker: Maker, view: View) -> str:
    """All that the slides of a view say and draw."""
    story = Story("s", "n", "t", "de", maker.slides(view))
    return json.dumps(asdict(freeze(story, "2026-01-01T00:00:00")), default=str)


def _sorted(table: pd.DataFrame, house: str) -> pd.DataFrame:
    """A table without the made up part of an id."""
    return table.replace({house: "house"}).sort_values(list(table.columns[:2]), ignore_index=True)


# -- who may ------------------------------------------------------------------------------

Deed = Callable[[Workspace, str, str, Actor], object]
DEEDS: dict[str, Deed] = {
    "new": lambda w, s, p, a: stories.new_story(w, "x", actor=a),
    "copy": lambda w, s, p, a: stories.copy_story(w, s, "x", actor=a),
    "rename": lambda w, s, p, a: stories.rename_story(w, s, "y", actor=a),
    "delete": lambda w, s, p, a: stories.delete_story(w, s, actor=a),
    "restore": lambda w, s, p, a: stories.restore_story(w, s, actor=a),
    "add": lambda w, s, p, a: stories.add_slides(w, s, View("own_words"), actor=a),
    "edit": lambda w, s, p, a: stories.edit_slide(w, p, {"title": "y"}, actor=a),
    "move": lambda w, s, p, a: stories.move_slide(w, p, 1, actor=a),
    "duplicate": lambda w, s, p, a: stories.duplicate_slide(w, p, actor=a),
    "remove": lambda w, s, p, a: stories.remove_slide(w, p, actor=a),
}


def test_who_only_reads_writes_nothing(
    shipped_workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither by a deed nor by looking, presenting, taking along; the page offers no deed."""
    folder = tmp_path / "workspace"
    shutil.copytree(shipped_workspace, folder)
    with closing(at(folder)) as workspace:
        story = stories.new_story(workspace, "Abend", actor=EDITOR)
        for _ in range(2):
            (slide, *_) = stories.add_slides(workspace, story, View("own_words"), actor=EDITOR)
        stories.move_slide(workspace, slide, 0, actor=EDITOR)
        for name, deed in DEEDS.items():
            with pytest.raises(SroError, match="not_allowed"):
                deed(workspace, story, slide, Actor("Leserin", "reader"))
            with pytest.raises(SroError, match="not_allowed"):
                deed(workspace, story, slide, Actor("Niemand", name))
        with pytest.raises(SroError, match="not_allowed"):
            stories.build_story(workspace, story, actor=Actor("Niemand", "guest"))
    before = {file.name: file.read_bytes() for file in files_below(folder)}
    with closing(at(folder, read_only=True)) as workspace:
        for deed in DEEDS.values():
            with pytest.raises(SroError, match="read_only_mode"):
                deed(workspace, story, slide, EDITOR)
        built = stories.build_story(workspace, story, actor=EDITOR)
        publish_folder(workspace, tmp_path / "public", actor=EDITOR, story=built)
    monkeypatch.setenv("SRO_READ_ONLY", "1")
    page = _page(folder, monkeypatch, story=story)
    assert [] == list(page.exception)
    assert "sro_slide_preview" in _components(page)
    assert [] == [field.label for field in page.text_area]
    assert {"committee_present", "committee_make"} >= {str(b.key) for b in page.button}
    _page(folder, monkeypatch, story=story, present="1")
    after = {f.name: f.read_bytes() for f in files_below(folder) if "-shm" not in f.name}
    assert {k: v for k, v in after.items() if v} == before


@pytest.mark.parametrize("verb", [("report", "--format", "html"), ("publish",), ("story", "list")])
def test_an_outsiders_process_makes_no_presentation(
    shipped_workspace: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    verb: tuple[str, ...],
) -> None:
    """It has no workspace to make one of."""
    monkeypatch.setenv("SRO_MODE", "public")
    target = [] if verb[0] == "story" else [str(tmp_path / "out")]
    assert 1 == cli.main(["--workspace", str(shipped_workspace), *verb, *target, "--json"])
    assert "public_mode" in capfd.readouterr().out
    assert [] == list(tmp_path.iterdir())


def _components(app: AppTest) -> list[str]:
    return [found.proto.component_name for found in app.get("bidi_component")]


# -- what a browser receives --------------------------------------------------------------


class Evening(Received):
    """Every byte but those of the server's own scripts, which come from its wheel."""

    def listen(self, page: BrowserPage) -> None:
        """Keep what comes from now on."""
        page.route(re.compile("/(component|media)/"), self._answered)
        page.on("websocket", self._websocket)
        page.on("console", lambda message: self.parts.append(message.text.encode()))


@pytest.fixture(scope="module")
def office(planted: Planted) -> Iterator[Server]:
    """The dashboard on the workspace with counts that must be nowhere."""
    (planted.log.parent / "tmp").mkdir()
    env = {"TMPDIR": str(planted.log.parent / "tmp"), "SRO_EDITOR": EDITOR.name}
    server = Server(ROOT / "app.py", planted.workspace, planted.log, env)
    yield server
    server.stop()


@pytest.mark.browser
def test_no_byte_of_an_evening_tells_an_unreleased_count(
    office: Server, planted: Planted, chromium: Browser, tmp_path: Path
) -> None:
    """Adding on the page of cases, preview, files, and the wall; then the log and the files."""
    context = chromium.new_context(locale="de-DE", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    page, received = context.new_page(), Evening()
    received.listen(page)
    try:
        page.goto(f"{office.url}/cases?cases_year={UNRELEASED}&year={UNRELEASED}&show=circles")
        expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=60_000)
        settled(page)
        page.get_by_role("button", name=t("adding.button")).first.click()
        page.get_by_role("button", name=t("adding.add"), exact=True).click()
        expect(page.locator(".sro-note[role=status]")).to_be_visible(timeout=60_000)
        page.goto(f"{office.url}/committee?story={planted.story}")
        expect(page.locator(".slide section").first).to_be_visible(timeout=60_000)
        settled(page)
        page.get_by_role("button", name=t("committee.files"), exact=True).click()
        for form in ("csv", "gpkg"):
            page.get_by_text(t(f"committee.format_{form}"), exact=True).click()
            page.get_by_role("button", name=t("committee.make"), exact=True).click()
            with page.expect_download(timeout=60_000) as taken:
                page.locator(".st-key-committee_take button").click()
            taken.value.save_as(tmp_path / form)
            assert set() == planted.canary.found((tmp_path / form).read_bytes())
        page.goto(f"{office.url}/committee?story={planted.story}&present=1")
        expect(page.locator("dialog[data-ready=true]")).to_be_visible(timeout=60_000)
        everything = received.everything()
    finally:
        page.unroute_all(behavior="ignoreErrors")
        context.close()
    assert len(everything) > 1_000_000
    assert set() == planted.canary.found(everything)
    for sign in (EDITOR.name, str(planted.workspace)):
        assert sign.encode() not in everything
    for file in files_below(planted.log.parent):
        if file.name != "protected.sqlite":
            assert set() == planted.canary.found(file.read_bytes()), file
    assert [] == [f for f in files_below(planted.log.parent / "tmp") if "sro" in str(f)]


@pytest.mark.browser
def test_an_outsider_finds_no_committee(
    shipped_workspace: Path, tmp_path: Path, chromium: Browser
) -> None:
    """Also as the very first visitor; what is shown instead are released figures."""
    (tmp_path / "workspace").mkdir()
    shutil.copy(shipped_workspace / "released.sqlite", tmp_path / "workspace")
    env = {"SRO_MODE": "public", "TMPDIR": str(tmp_path)}
    server = Server(ROOT / "app.py", tmp_path / "workspace", tmp_path / "log.txt", env)
    page = chromium.new_page(locale="de-DE")
    page.set_default_timeout(60_000)
    try:
        for address in ("committee?story=yearly&present=1", "committee?story=yearly"):
            page.goto(f"{server.url}/{address}")
            expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=60_000)
            settled(page)
            expect(page.get_by_role("heading", level=1)).to_have_text("Falldichte")
            assert 0 == page.locator("dialog, .slide, [class*=st-key-committee]").count()
            assert 0 == page.get_by_role("button", name=t("adding.button")).count()
    finally:
        page.close()
        server.stop()
    assert ["released.sqlite"] == [file.name for file in (tmp_path / "workspace").iterdir()]


def test_a_slide_that_repeats_the_address_is_found_when_a_place_becomes_protected(
    opened: Workspace, sro: CommandLine, tmp_path: Path
) -> None:
    """In words, and in what was looked for; the refusal names the presentation, not the place."""
    house = canary.add(opened)
    for name, view, words in (
        ("Worte", View("own_words"), f"Im Haus, {canary.ADDRESS.upper()}"),
        ("Suche", View("offers", {"text": canary.ADDRESS}), None),
        ("Anderes", View("own_words"), "Kanarienvogel"),
    ):
        story = stories.new_story(opened, name, actor=EDITOR)
        stories.add_slides(opened, story, view, text=words, actor=EDITOR)
    with pytest.raises(InputRefused) as refused:
        canary.protect(opened, house)
    faults = [(fault.code, fault.params["story"]) for fault in refused.value.faults]
    assert [("protected_slide_tells", name) for name in ("Suche", "Worte")] == sorted(faults)
    assert "Kanarienvogelweg" not in repr(refused.value.faults)
    file = tmp_path / "liste.csv"
    file.write_text(
        "offer_id,name,category,status,protected,service_area\n"
        f"{house},Haus K,{next(iter(opened.city.categories))},active,ja,{lowest_area(opened)}\n"
    )
    said = sro("import", "offers", file)
    assert (1, {"protected_slide_tells"}) == (said.status, said.codes)
    assert "Kanarienvogelweg" not in said.out + said.err
    for story in stories.story_list(opened.snapshot()):
        if story.name in ("Worte", "Suche"):
            stories.delete_story(opened, story.story_id, actor=EDITOR)
    canary.protect(opened, house)
