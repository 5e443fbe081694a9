"""The page to draw boundaries on, without a browser: variants, gestures by hand, tabs, refusals."""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
import zlib
from collections.abc import Callable
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from babel.numbers import format_decimal
from streamlit.testing.v1 import AppTest

from sro_geo.actions import planning
from sro_geo.actions.access import Actor
from sro_geo.actions.adopting import adopt
from sro_geo.actions.coverage import CoverageQuestion
from sro_geo.actions.planning_changes import changes_as_bytes, family_changes
from sro_geo.actions.planning_figures import plan_figures, uncovered_per_block
from sro_geo.actions.planning_files import plan_as_bytes
from sro_geo.actions.planning_relations import reason_alone, relations_of
from sro_geo.actions.variants import load_plan
from sro_geo.actions.workspace import Workspace, open_workspace
from sro_geo.errors import SroError
from sro_geo.i18n import t
from sro_geo.plans import gestures
from sro_geo.settings import Settings
from sro_geo.ui.boundary_editor import packed, read_message, runs, sum_of

from .conftest import ROOT
from .test_pages import words

PLANNER = Actor("Planerin")
TABS = ("hand", "spaces", "proposal", "families", "compare", "adopt")


@pytest.fixture
def held(workspace: Path) -> Workspace:
    """The workspace of the page, beside it."""
    return open_workspace(Settings(workspace=workspace))


@pytest.fixture
def variant(held: Workspace) -> str:
    """A variant of the plan in force."""
    return planning.new_plan(held, "Buchenweg", actor=PLANNER)


@pytest.fixture
def draw_page(workspace: Path) -> Callable[..., AppTest]:
    """``draw_page("hand", lang="en")`` opens the page on one of its tabs."""

    def run(tab: str = "hand", **address: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
        language = address.get("lang", "de")
        app.session_state["boundaries_tab"] = t(f"boundaries.tab_{tab}", language)
        app.query_params.update(address)
        app.run()
        app.switch_page("pages/boundaries.py")
        app.query_params.update(address)
        return ran(app.run())

    return run


def ran(app: AppTest) -> AppTest:
    """Expect no traceback."""
    assert [str(e.value) for e in app.exception] == []
    return app


def said(app: AppTest) -> str:
    """The sentence about the last gesture, as a reader sees it."""
    found = re.search(r'<p class="sro-finding sro-last"[^>]*>(.*?)</p>', words(app), re.DOTALL)
    assert found is not None
    return unescape(found[1])


def button(app: AppTest, key: str, language: str = "de") -> AppTest:
    """Press the button with these words."""
    [found] = [b for b in app.button if b.label == t(key, language)]
    return ran(found.click().run())


def area_of(held: Workspace, plan: str, block: str) -> str | None:
    """Return the space of a block as it is stored."""
    drawn = load_plan(held.snapshot(), plan)
    return str(drawn.area_ids_of_blocks()[drawn.positions([block])[0]])


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("tab", TABS)
def test_every_tab_opens(
    draw_page: Callable[..., AppTest], variant: str, tab: str, language: str
) -> None:
    """In both languages, on a variant and on the plan in force, without an error."""
    for plan in (variant, "plan-1"):
        app = draw_page(tab, lang=language, plan=plan)
        assert [e.value for e in app.error] == []
        assert t("pages.boundaries.heading", language) in [h.value for h in app.title]


def test_a_block_moves_by_hand_and_comes_back(
    draw_page: Callable[..., AppTest], variant: str, held: Workspace
) -> None:
    """The sentence says how many, who and from where to where; undo and redo are steps, too."""
    block = "0101"
    start = area_of(held, variant, block)
    app = draw_page()
    app.selectbox(key="hand_to").set_value("sued-ost").run()
    app.multiselect(key="hand_blocks").set_value([block]).run()
    button(app, "boundaries.hand_apply")
    assert "sued-ost" == area_of(held, variant, block)
    assert said(app).startswith("1 Baublock, ")
    assert "zu Süd-Ost." in said(app)
    assert "Vorher, nachher, Unterschied" in words(app)
    button(app, "boundaries.hand_undo")
    assert said(app).startswith("Zurückgenommen: 1 Baublock")
    assert start == area_of(held, variant, block)
    button(app, "boundaries.hand_redo")
    assert "sued-ost" == area_of(held, variant, block)


def test_a_whole_district_becomes_a_new_space(
    draw_page: Callable[..., AppTest], variant: str, held: Workspace
) -> None:
    """Its blocks and no others, in the region they come from."""
    app = draw_page()
    app.selectbox(key="hand_to").set_value("+").run()
    app.multiselect(key="hand_districts").set_value(["01"]).run()
    button(app, "boundaries.hand_apply")
    drawn = load_plan(held.snapshot(), variant)
    blocks = held.snapshot().tables["blocks"]
    [fresh] = [a for a in drawn.standing if a.name == "Neuer Raum"]
    mine = drawn.codes == drawn.code(fresh.area_id)
    assert np.array_equal(mine, (blocks["statistical_district_id"] == "01").to_numpy(bool))
    assert "nord" == fresh.parent_id


def test_a_border_runs_along_a_street(
    draw_page: Callable[..., AppTest], variant: str, held: Workspace
) -> None:
    """Without a second space the street divides the first one."""
    app = draw_page()
    app.selectbox(key="hand_street").set_value("Alte Landstraße").run()
    app.selectbox(key="hand_street_space").set_value("nord-west").run()
    button(app, "boundaries.hand_street_split")
    names = [a.name for a in load_plan(held.snapshot(), variant).standing]
    assert ["Nord-Ost", "Nord-West", "Süd-Ost", "Süd-West", "Nord-West 2"] == names


def test_blocks_are_cut_along_a_line_of_a_file(
    draw_page: Callable[..., AppTest], variant: str, held: Workspace
) -> None:
    """Only after consent; a word of caution before, what was cut and shared afterwards."""
    blocks = held.snapshot().tables["blocks"].to_crs(4326)
    west, south, east, north = blocks.total_bounds
    middle = (south + north) / 2
    line = {"type": "LineString", "coordinates": [[west - 0.01, middle], [east + 0.01, middle]]}
    app = draw_page()
    assert any(t("boundaries.cut_caution") in w.value for w in app.warning)
    assert app.button(key="cut_do").disabled
    app.file_uploader(key="cut_file:0").set_value(
        ("linie.geojson", json.dumps(line).encode(), "application/geo+json")
    )
    app.run()
    app.checkbox(key="cut_sure:0").check().run()
    button(app, "boundaries.cut_do")
    [told] = [s.value for s in app.success]
    assert "Teile zerschnitten" in told
    assert "Menschen sind" in told
    after = held.snapshot()
    assert len(after.tables["blocks"]) > len(blocks)
    assert len(load_plan(after, variant).codes) == len(after.tables["blocks"])


def test_blocks_are_cut_along_a_street(
    draw_page: Callable[..., AppTest], variant: str, held: Workspace
) -> None:
    """A street asks for the space it is carried through; where nothing is cut, it is said."""
    before = len(held.snapshot().tables["blocks"])
    app = draw_page()
    app.selectbox(key="cut_street:0").set_value("Alte Landstraße").run()
    app.checkbox(key="cut_sure:0").check().run()
    assert app.button(key="cut_do").disabled
    app.selectbox(key=f"cut_space:{variant}").set_value("nord-west").run()
    button(app, "boundaries.cut_do")
    after = len(held.snapshot().tables["blocks"])
    assert (after > before) == bool(app.success) != bool(app.error)


def test_somebody_else_was_faster(
    draw_page: Callable[..., AppTest], variant: str, held: Workspace
) -> None:
    """The refusal says so, and the drawing can be kept as a variant of its own."""
    app = draw_page()
    app.selectbox(key="hand_to").set_value("sued-ost").run()
    app.multiselect(key="hand_blocks").set_value(["0101"]).run()
    before = load_plan(held.snapshot(), variant)
    after = gestures.paint(before, ["0102"], "sued-west")
    planning.save(held, before, after, actor=Actor("Kollege"))
    button(app, "boundaries.hand_apply")
    assert any("inzwischen von jemand anderem" in e.value for e in app.error)
    assert "sued-ost" != area_of(held, variant, "0101")
    button(app, "boundaries.keep")
    kept = next(p for p in planning.list_plans(held.snapshot()) if "Buchenweg, Variante" == p.name)
    assert "sued-ost" == area_of(held, kept.plan_id, "0101")


def test_a_locked_space_is_left_alone(
    draw_page: Callable[..., AppTest], variant: str, held: Workspace
) -> None:
    """Its blocks are not on offer, and a gesture on them says that nothing changed."""
    before = load_plan(held.snapshot(), variant)
    space = area_of(held, variant, "0101")
    planning.save(held, before, gestures.lock(before, areas=[str(space)]), actor=PLANNER)
    app = draw_page()
    app.selectbox(key="hand_to").set_value("sued-ost").run()
    assert "0101" not in app.multiselect(key="hand_blocks").options


def test_the_plan_in_force_is_not_drawn_in(draw_page: Callable[..., AppTest], variant: str) -> None:
    """The page says how to begin instead."""
    app = draw_page(plan="plan-1")
    assert any(t("boundaries.closed_in_force") in c.value for c in app.caption)
    assert [m.key for m in app.multiselect] == []


def test_a_file_becomes_a_variant(
    draw_page: Callable[..., AppTest], variant: str, held: Workspace
) -> None:
    """Zeros a spreadsheet has eaten are listed and given back only after consent."""
    lines = plan_as_bytes(held.snapshot(), variant, "csv").decode("utf-8-sig").splitlines()
    eaten = "\n".join([lines[0], *(line.lstrip("0") for line in lines[1:])])
    app = draw_page()
    app.file_uploader[0].set_value(("Herbst.csv", eaten.encode(), "text/csv"))
    ran(app.run())
    assert any(t("imports.not_ready") in w.value for w in app.warning)
    assert t("imports.repair_list", count=1) in [e.label for e in app.expander]
    ran(app.checkbox(key="plan_file_repair").check().run())
    button(app, "boundaries.import_do")
    [made] = [p for p in planning.list_plans(held.snapshot()) if p.name == "Herbst"]
    assert made.plan_id == app.selectbox(key="boundaries_plan").value
    assert area_of(held, variant, "0101") == area_of(held, made.plan_id, "0101")


def test_relations_to_keep_go_with_the_variant(
    draw_page: Callable[..., AppTest], variant: str, held: Workspace
) -> None:
    """The note is in the annex, survives the reason given at adoption, and is read again."""
    before = load_plan(held.snapshot(), variant)
    planning.save(held, before, gestures.paint(before, ["0101"], "sued-ost"), actor=PLANNER)
    note = "Frühe Hilfen und Kita am Buchenweg arbeiten eng zusammen."
    app = draw_page("families")
    app.text_area(key=f"relations:{variant}").set_value(note)
    button(app, "boundaries.relations_keep")
    assert note == app.text_area(key=f"relations:{variant}").value
    snapshot = held.snapshot()
    annex = changes_as_bytes(snapshot, family_changes(snapshot, None, variant), "csv")
    assert note in annex.decode("utf-8-sig")
    day = (snapshot.today + dt.timedelta(days=1)).isoformat()
    planning.undo(held, variant, actor=PLANNER)  # that block would be a piece of its own
    adopt(held, variant, day, actor=PLANNER, reason="Ausschuss")
    reason = load_plan(held.snapshot(), variant).reason
    assert ("Ausschuss", note) == (reason_alone(reason), relations_of(reason))
    assert note in words(draw_page("families", plan=variant))


def test_the_comparison_tells_shapes(
    draw_page: Callable[..., AppTest], variant: str, held: Workspace
) -> None:
    """Reock of each space, and the length of all borders between spaces."""
    before = load_plan(held.snapshot(), variant)
    planning.save(held, before, gestures.paint(before, ["0101"], "sued-ost"), actor=PLANNER)
    found = words(draw_page("compare"))
    assert t("boundaries.figure_reock") in found
    assert t("boundaries.figure_cut_length") in found


def test_who_is_not_reached_is_counted_when_asked(
    draw_page: Callable[..., AppTest], variant: str, held: Workspace
) -> None:
    """Off at first; then the spaces add up to what the page of coverage says."""
    app = draw_page()
    name = t("boundaries.figure_uncovered")
    assert name not in words(app)
    ran(app.segmented_control(key="boundaries_since").set_value("all").run())
    ran(app.toggle(key="uncovered_on").set_value(True).run())
    ran(app.selectbox(key="uncovered_minutes").set_value(5).run())
    assert name in words(app)
    category = app.selectbox(key="uncovered_category").value
    question = CoverageQuestion((category,), app.selectbox(key="uncovered_group").value, 5.0)
    lost = uncovered_per_block(held.snapshot(), question)
    plan = load_plan(held.snapshot(), variant)
    told = plan_figures(held.snapshot(), plan, question=question).of("uncovered")
    assert 0 < lost.sum() == pytest.approx(sum(told[a.area_id] for a in plan.standing))
    shown = format_decimal(round(told["nord-west"]), "#,##0", locale="de")
    assert f'<td class="num">{shown}</td>' in words(app)


def test_adoption_says_what_is_in_its_way(
    draw_page: Callable[..., AppTest], variant: str, held: Workspace
) -> None:
    """A block without a space keeps the button shut; the words name it."""
    before = load_plan(held.snapshot(), variant)
    planning.save(held, before, gestures.paint(before, ["0101"], None), actor=PLANNER)
    app = draw_page("adopt")
    assert any(t("boundaries.adopt_blocked") in w.value for w in app.warning)
    [adopt] = [b for b in app.button if b.label == t("boundaries.adopt_do")]
    assert adopt.disabled


def test_a_variant_is_adopted(
    draw_page: Callable[..., AppTest], variant: str, held: Workspace
) -> None:
    """From the day chosen on; afterwards it is closed."""
    app = draw_page("adopt")
    app.checkbox[0].check().run()
    button(app, "boundaries.adopt_do")
    assert "adopted" == load_plan(held.snapshot(), variant).status
    assert any(t("boundaries.closed_in_force") in c.value for c in app.caption)


def test_numbers_of_blocks_are_read_as_the_browser_writes_them() -> None:
    """Gaps and runs: 0–2, 5, and 300 with two bytes; nothing beyond the last block."""
    text = base64.b64encode(bytes([0, 3, 2, 1, 0xA6, 2, 1])).decode()
    assert [0, 1, 2, 5, 300] == runs(text, 301).tolist()
    for wrong in (base64.b64encode(bytes([0, 3, 2])).decode(), "?", text):
        with pytest.raises(SroError, match="gesture_malformed"):
            runs(wrong, 300)


@pytest.mark.parametrize(
    "value", [{}, {"seq": "x"}, {"seq": 1, "plan": "p", "sum": 1, "gestures": [{"blocks": "!"}]}]
)
def test_what_the_script_did_not_send_is_left_aside(value: dict[str, object]) -> None:
    """No traceback and no gesture for a made-up message."""
    assert read_message(value, 10) is None


def test_codes_travel_small() -> None:
    """40,000 blocks in stripes need less than 5 kB, and their sum is the same after the way."""
    codes = np.repeat(np.arange(24), 1667)[:40_000].astype(np.int32)
    text = packed(codes)
    back = np.frombuffer(zlib.decompress(base64.b64decode(text)), "<i2")
    assert len(text) < 5_000
    assert sum_of(codes) == sum_of(back.astype(np.int32))
    assert sum_of(codes) != sum_of(codes[::-1])
