"""Slides of views: what a page can show, made anew, and nothing that was not released."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sro_geo.actions.access import Actor
from sro_geo.actions.adopting import adopt
from sro_geo.actions.asked_views import cases_view, coverage_view, offers_view
from sro_geo.actions.cases import case_table, cells_of, load_released
from sro_geo.actions.coverage import CoverageQuestion, coverage, moment_of
from sro_geo.actions.planning import load_plan, new_plan, save, withdraw
from sro_geo.actions.planning_changes import compare_plans
from sro_geo.actions.planning_figures import ground_of
from sro_geo.actions.planning_relations import keep_relations
from sro_geo.actions.story_cases import CaseBook, case_series
from sro_geo.actions.story_coverage import question_of, sought
from sro_geo.actions.story_views import Maker
from sro_geo.actions.workspace import Workspace, open_workspace
from sro_geo.coverage import Draft
from sro_geo.errors import SroError
from sro_geo.offers import OfferFilter
from sro_geo.plans import gestures
from sro_geo.reports.content import Slide, Story, freeze
from sro_geo.reports.tables import Mark
from sro_geo.reports.templates import PAGES
from sro_geo.reports.views import KINDS, SHOWS, View
from sro_geo.settings import Settings

ANNA = Actor("Anna")
CLUB = {"category": "youth_centre", "age_group": "10-13"}
VIEWS = (
    *(View("page", {"name": name}) for name in PAGES),
    View("profile", {"area_id": "nord-ost"}),
    View("gaps"),
    View("gaps", {"age_group": "6-9"}),
    View("gaps", {"age_group": "75+"}),
    View("gap", CLUB),
    View("gap", {**CLUB, "mode": "bike"}),
    View("offers"),
    View("offers", {"age": 12, "low_threshold": True, "text": "Spiel", "level": "region"}),
    View("offers", {"categories": ["youth_centre"], "area_id": "nord"}),
    View("offers", {"text": "nichts dergleichen", "statuses": ["closed"]}),
    View("coverage", CLUB),
    View("coverage", {**CLUB, "minutes": 3, "level": "statistical_district", "when": "sunday_15"}),
    View("coverage", {"category": "youth_centre", "age_group": "3-5", "method": "network"}),
    *(View("cases", {"show": show}) for show in SHOWS),
    View("cases", {"level": "statistical_district", "year": 2022, "area_id": "b01"}),
    View("cases", {"help_type": "31", "per": 10000, "show": "circles"}),
    View("cases", {"help_type": "residential", "show": "change"}),
    View("cases", {"level": "city", "show": "years"}),
    View("data"),
    View("own_words"),
)


@pytest.fixture(scope="module")
def shipped(made: Path) -> Iterator[Workspace]:
    """The shipped city, only read."""
    workspace = open_workspace(Settings(workspace=made))
    yield workspace
    workspace.close()


@pytest.fixture(scope="module")
def maker(shipped: Workspace) -> Maker:
    """The maker in German."""
    return Maker(shipped, shipped.snapshot())


def made_of(view: View, maker: Maker) -> Slide:
    """The only slide of a view."""
    (slide,) = maker.slides(view)
    return slide


def district(maker: Maker) -> str:
    """An id of a statistical district."""
    areas = maker.snapshot.current.of_level("statistical_district")
    return str(areas["area_id"].iloc[0])


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_view_makes_good_slides(shipped: Workspace, language: str) -> None:
    """Title, different ids, a table and words for each map, no gap in a phrase."""
    maker = Maker(shipped, shipped.snapshot(), language)
    seen = set()
    # The second language has the same builders: one view of a kind tells of its words.
    chosen = VIEWS if language == "de" else {view.kind: view for view in VIEWS}.values()
    for view in chosen:
        if view.settings.get("area_id") == "b01":
            view = View("cases", {**view.settings, "area_id": district(maker)})
        slides = maker.slides(view)
        seen.add(view.kind)
        frozen = freeze(Story("s", "n", "t", language, slides), "2026-01-01T00:00:00")
        for slide in frozen.slides:
            said = slide.title + slide.subtitle + slide.text
            assert slide.title, view
            assert not re.search(r"[{}]|\bnan\b|None|<NA>", said), (view, said)
            if slide.sheet is not None:
                assert slide.sheet.alt
                assert slide.tables()
                assert slide.source
            for table in slide.tables():
                assert not any("nan" in text for row in table.texts(language) for text in row)
    assert set(KINDS) - {"plan"} == seen


def test_the_same_view_is_made_once(maker: Maker) -> None:
    """Whatever order its settings have."""
    one = maker.slides(View("cases", {"show": "rates", "year": 2025}))
    assert one is maker.slides(View("cases", {"year": 2025, "show": "rates"}))


def test_rates_are_the_released_ones(maker: Maker) -> None:
    """Map, table and title say the same numbers as the released table."""
    slide = made_of(View("cases", {"year": 2024, "help_type": "31"}), maker)
    released = load_released(maker.workspace.settings.workspace)
    cells = cells_of(case_table(released, 2024), "social_space", by="help_type")
    cells = cells[cells["help_type"] == "31"].set_index("name")
    assert slide.table is not None and slide.sheet is not None
    for name, count, _, rate, *_ in slide.table.rows[:-1]:
        held = cells.loc[str(name)]
        if held["status"] == "released":
            assert (float(held["count"]), round(float(held["rate"]), 1)) == (count, rate)
        else:
            assert Mark.SUPPRESSED == count == rate
    printed = {row[0]: row[3] for row in slide.table.texts("de")[:-1]}
    assert printed == {row[0]: row[1] for row in slide.sheet.table.rows}
    top = max((v, k) for k, v in zip(printed, (r[3] for r in slide.table.rows), strict=False)
              if isinstance(v, float))  # fmt: skip
    assert printed[top[1]] in slide.title and top[1] in slide.title


def test_hidden_figures_are_hatched_and_named(maker: Maker) -> None:
    """In table, map and words; no order and no scale knows them."""
    hidden = 0
    for year in (2024, 2025):
        for kind in ("33", "35a", "residential"):
            said = {"year": year, "help_type": kind}
            slides = [made_of(View("cases", {**said, "show": s}), maker) for s in SHOWS[:2]]
            rows = slides[0].table.rows if slides[0].table else ()
            names = [str(row[0]) for row in rows if row[1] is Mark.SUPPRESSED]
            hidden += len(names)
            for slide in slides:
                assert slide.sheet is not None
                shown = {row[0]: row[1] for row in slide.sheet.table.rows}
                assert all("n. a." == shown[name] for name in names)
                assert all(name in slide.text for name in names)
                assert not any(name in slide.title for name in names)
    assert hidden


def test_a_number_under_a_hidden_cell_stops_everything(maker: Maker) -> None:
    """Should the snapshot ever hold one, no slide is made of it."""
    released = load_released(maker.workspace.settings.workspace)
    book = CaseBook(released)
    for year in (2021, 2022, 2023, 2024, 2025):
        cells = book.cells(1000, year, None)
        at = (cells["status"] == "suppressed") & (cells["level"] == "social_space")
        at &= (cells["year"] == year) & cells["place"].isna()
        if at.any():
            break
    kind = str(cells.loc[at, "help_type"].iloc[0])
    cells.loc[at & (cells["help_type"] == kind), "count"] = 4
    with pytest.raises(SroError, match="report_hidden_number"):
        case_series(book, maker.material, View("cases", {"year": year, "help_type": kind}))


def test_what_was_not_released_cannot_be_asked_for(maker: Maker) -> None:
    """Another year, help, age, level, version or place: refused by name, without a number."""
    wrong = (
        ({"year": 2026}, "view_year_not_released"),
        ({"year": 2025.5}, "view_year_not_released"),
        ({"year": -1}, "view_year_not_released"),
        ({"help_type": "§ 99"}, "view_cut_not_released"),
        ({"help_type": "31", "level": "statistical_district"}, "view_cut_not_released"),
        ({"age_group": "6-9"}, "view_cut_not_released"),
        ({"age_group": "under_21"}, "view_cut_not_released"),
        ({"level": "block"}, "view_cut_not_released"),
        ({"version": "plan-9"}, "view_cut_not_released"),
        ({"area_id": "nowhere"}, "view_area_gone"),
        ({"show": "raw"}, "view_unreadable"),
        ({"per": 1}, "view_unreadable"),
    )
    for settings, code in wrong:
        for show in SHOWS:
            with pytest.raises(SroError) as refused:
                maker.slides(View("cases", {"show": show, **settings}))
            assert code == refused.value.code, settings


def test_without_a_release_there_is_nothing_to_show(town: Workspace) -> None:
    """Said as such; the rest of the city is there."""
    (town.settings.workspace / "released.sqlite").unlink()
    maker = Maker(town, town.snapshot())
    with pytest.raises(SroError, match="view_nothing_released"):
        maker.slides(View("cases"))
    assert maker.slides(View("page", {"name": "cases"}))[0].sheet is None
    assert maker.slides(View("data"))


def test_a_question_of_coverage_comes_back_as_it_was_asked(maker: Maker) -> None:
    """With its filters, its moment and what was supposed."""
    today = maker.snapshot.today
    asked = CoverageQuestion(
        ("youth_centre",), "10-13", 12.0, mode="bike", method="network",
        offers=OfferFilter(
            text="Haus", categories=("youth_centre",), low_threshold=True,
            work_level="case_independent",
        ),
        off=("A-1",), added=(Draft("draft-1", "angenommenes Angebot", 5.0, 6.5),),
        capacity=(("A-2", 7.0),), schedule=(("A-3", "Mo-Fr 10:00-12:00"),),
        moved=(("A-4", 1.0, 2.0),), moment=moment_of("weekday_15", today), rescale_to=3000.0,
    )  # fmt: skip
    assert asked == question_of(maker.snapshot, coverage_view(asked), "de")
    plain = CoverageQuestion(("youth_centre",), "10-13", 15.0)
    assert {"category", "age_group", "mode", "minutes", "method"} == set(
        coverage_view(plain).settings
    )


def test_a_search_for_offers_comes_back_without_where_somebody_lives() -> None:
    """The place asked from is in no setting."""
    wanted = OfferFilter(
        text=" Spiel ", categories=("youth_centre",), age=0, area_id="nord",
        low_threshold=True, near=(567_890.0, 5_951_234.0), minutes=10.0,
    )  # fmt: skip
    view = offers_view(wanted, level="region")
    assert {
        "text": "Spiel", "categories": ["youth_centre"], "age": 0, "area_id": "nord",
        "low_threshold": True, "level": "region",
    } == dict(view.settings)  # fmt: skip
    assert {} == dict(offers_view(OfferFilter()).settings)


def test_found_offers_are_those_of_the_filter(maker: Maker) -> None:
    """The number in the title is that of the page."""
    view = View("offers", {"age": 12, "low_threshold": True})
    slide = made_of(view, maker)
    wanted, words = sought(maker.snapshot, view, "social_space", "de")
    assert OfferFilter(age=12, low_threshold=True, sort="name") == wanted
    from sro_geo.actions.asking import find_offers

    count = len(find_offers(maker.snapshot, wanted))
    assert slide.title.startswith(f"{count} Angebote: für 12-Jährige")
    assert slide.more and count == len(slide.more[0].rows)
    assert ("für 12-Jährige", "ohne Anmeldung und Antrag") == words.words


def test_offers_of_an_area_are_shown_close_by(maker: Maker) -> None:
    """With its list alone; the ranking has the same search in all areas."""
    kind = {"categories": ["youth_centre"]}
    slide, whole = (
        made_of(View("offers", {**kind, **said}), maker) for said in ({"area_id": "nord"}, {})
    )
    assert slide.sheet is not None and whole.sheet is not None
    assert "Nord-Ost und Nord-West" in slide.sheet.alt
    assert set(whole.sheet.table.rows) == set(slide.sheet.table.rows)
    assert {"Nord-Ost", "Nord-West", ""} >= {str(row[2]) for row in slide.more[0].rows}
    assert len(slide.more[0].rows) < len(whole.more[0].rows)
    own = made_of(View("offers", {"area_id": district(maker)}), maker)
    assert own.sheet is not None
    assert district(maker) in {box.area_id for box in own.sheet.label_boxes}


def test_a_protected_place_is_in_no_area(town: Workspace) -> None:
    """It counts in the city, is listed without a place, and no area's view has it."""
    directory = town.snapshot().directory
    there = directory[directory["protected"].fillna(False).astype(bool)]
    assert len(there)
    maker = Maker(town, town.snapshot())
    for _, offer in there.iterrows():
        name, area = str(offer["name"]), offer["service_area"]
        whole = made_of(View("offers", {"categories": [offer["category"]]}), maker)
        rows = {row[0]: row for row in whole.more[0].rows}
        assert "" == rows[name][2]
        for own in ("nord-ost", "nord-west", "sued-ost", "sued-west", "nord", "sued", area):
            if not isinstance(own, str) or own not in maker.snapshot.current.level_of:
                continue
            slide = made_of(View("offers", {"area_id": own}), maker)
            assert name not in str(slide.tables()) + slide.text
            profile = [s for v in maker.slides(View("profile", {"area_id": own}))
                       for s in v.tables()] if own.count("-") else []  # fmt: skip
            assert name not in str(profile)


def test_coverage_says_what_the_page_says(maker: Maker) -> None:
    """People not reached in title and table, areas in the order of the level."""
    slide = made_of(View("coverage", CLUB), maker)
    answer = coverage(maker.snapshot, CoverageQuestion(("youth_centre",), "10-13", 15.0))
    figures = answer.areas("social_space")
    assert slide.table is not None
    assert [round(v) for v in figures["uncovered"]] == [row[3] for row in slide.table.rows[:-1]]
    uncovered = f"{round(answer.total['uncovered']):,}".replace(",", ".")
    assert slide.title.startswith(uncovered)
    assert slide.sheet is not None
    shares = {row[0]: row[1] for row in slide.sheet.table.rows}
    written = {row[0]: row[4].replace("\u202f", " ") for row in slide.table.texts("de")[:-1]}
    assert written == {k: v.replace("\u00a0", " ") for k, v in shares.items()}


def test_what_is_supposed_is_called_so(maker: Maker) -> None:
    """In the title and first in the text."""
    x, y = maker.snapshot.metres(53.70, 10.00)
    slide = made_of(View("coverage", {**CLUB, "added": [[x, y]]}), maker)
    assert slide.title.startswith("Angenommen: ")
    assert slide.text.startswith("Gezeigt ist eine Annahme")
    assert slide.title != "Angenommen: " + made_of(View("coverage", CLUB), maker).title


@pytest.mark.parametrize(
    ("view", "code"),
    [
        (View("page", {"name": "film"}), "view_unreadable"),
        (View("profile", {"area_id": "nowhere"}), "view_area_gone"),
        (View("profile", {"area_id": "nord"}), "view_area_gone"),
        (View("gaps", {"age_group": "3-17"}), "view_group_gone"),
        (View("gap", {"category": "film", "age_group": "6-9"}), "view_category_gone"),
        (View("gap", {**CLUB, "mode": "fly"}), "view_unreadable"),
        (View("offers", {"categories": ["film"]}), "view_category_gone"),
        (View("offers", {"groups": ["film"]}), "view_category_gone"),
        (View("offers", {"area_id": "nowhere"}), "view_area_gone"),
        (View("offers", {"level": "block"}), "view_unreadable"),
        (View("offers", {"freshness": "new"}), "view_unreadable"),
        (View("offers", {"statuses": ["new"]}), "view_unreadable"),
        (View("coverage", {**CLUB, "category": "film"}), "view_category_gone"),
        (View("coverage", {**CLUB, "age_group": "1-2-3"}), "view_group_gone"),
        (View("coverage", {**CLUB, "plan_id": "plan-9"}), "view_plan_gone"),
        (View("coverage", {**CLUB, "minutes": 0}), "minutes_wrong"),
        (View("coverage", {**CLUB, "added": [["x", 1]]}), "view_unreadable"),
        (View("coverage", {**CLUB, "added": [[1.0]]}), "view_unreadable"),
        (View("coverage", {**CLUB, "total": 0}), "view_unreadable"),
        (View("plan", {"plan_id": "plan-9"}), "view_plan_gone"),
        (View("plan", {"plan_id": "plan-1"}), "view_plan_alone"),
        (View("plan", {"plan_id": "plan-1", "against": "plan-1"}), "view_plan_alone"),
    ],
)
def test_what_is_gone_is_named(maker: Maker, view: View, code: str) -> None:
    """By an error for people."""
    with pytest.raises(SroError) as refused:
        maker.slides(view)
    assert code == refused.value.code


@pytest.fixture
def drawn(town: Workspace) -> str:
    """A variant in which a strip of Nord-West belongs to Nord-Ost."""
    plan_id = new_plan(town, "Variante A", actor=ANNA, reason="Der Schulweg ist kürzer.")
    before = load_plan(town.snapshot(), plan_id)
    west = np.flatnonzero(before.codes == before.code("nord-west"))
    east = ground_of(town.snapshot()).points[west]
    strip = west[np.argsort([-p.x for p in east])[:20]]
    save(town, before, gestures.paint(before, strip, "nord-ost"), actor=ANNA)
    return plan_id


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_plan_is_shown_before_and_after(town: Workspace, drawn: str, language: str) -> None:
    """Two maps, families, streets, offers; people as the page counts them."""
    maker = Maker(town, town.snapshot(), language)
    slides = {s.slide_id: s for s in maker.slides(View("plan", {"plan_id": drawn}))}
    assert {"proposal", "families", "streets"} <= set(slides)
    found = compare_plans(town.snapshot(), None, drawn)
    mark = "." if language == "de" else ","
    moved = f"{round(found.moved_population):,}".replace(",", mark)
    first = slides["proposal"]
    assert moved in first.title
    assert first.sheet is not None and first.paper is not None
    assert moved in first.sheet.alt
    assert {"nord-ost", "nord-west"} == {box.area_id for box in first.sheet.label_boxes}
    assert {"Nord-Ost", "Nord-West"} == {row[0] for row in first.sheet.table.rows}
    assert "Der Schulweg ist kürzer." in first.text


def test_a_plan_shows_no_cases_not_even_estimated_ones(town: Workspace, drawn: str) -> None:
    """Whatever was released."""
    maker = Maker(town, town.snapshot())
    for view in (View("plan", {"plan_id": drawn}), View("plan", {"plan_id": "plan-1",
                                                                 "against": drawn})):  # fmt: skip
        said = str([(s.title, s.text, s.tables()) for s in maker.slides(view)])
        assert "Fälle" not in said and "Falldichte" not in said


def test_a_note_on_relations_goes_along(town: Workspace, drawn: str) -> None:
    """It stands with the reason, as in the annex."""
    keep_relations(town, drawn, "Kita und Schule am Markt", actor=ANNA)
    slide = Maker(town, town.snapshot()).slides(View("plan", {"plan_id": drawn}))[0]
    assert "Beziehungen, die bleiben sollen: Kita und Schule am Markt" in slide.text


def test_a_plan_that_moves_nobody_has_no_map(town: Workspace) -> None:
    """But says so."""
    plan_id = new_plan(town, "Gleich", actor=ANNA)
    slide = Maker(town, town.snapshot()).slides(View("plan", {"plan_id": plan_id}))[0]
    assert slide.sheet is None
    assert "Niemand" in slide.title


def test_areas_without_a_name_or_a_block(town: Workspace, drawn: str) -> None:
    """A new area without blocks has no outline; it is no reason to fail."""
    before = load_plan(town.snapshot(), drawn)
    made = gestures.create_area(before, "leer", "Leer", parent_id="nord")
    save(town, before, made, actor=ANNA)
    maker = Maker(town, town.snapshot())
    assert maker.slides(View("plan", {"plan_id": drawn}))[0].sheet is not None
    slide = made_of(View("coverage", {**CLUB, "plan_id": drawn}), maker)
    assert "Variante A" in slide.text
    assert slide.sheet is not None


def test_a_plan_put_aside_is_gone(town: Workspace, drawn: str) -> None:
    """From plans and from coverage, until it is brought back."""
    withdraw(town, drawn, actor=ANNA)
    maker = Maker(town, town.snapshot())
    for view in (View("plan", {"plan_id": drawn}), View("coverage", {**CLUB, "plan_id": drawn})):
        with pytest.raises(SroError, match="view_plan_gone"):
            maker.slides(view)


def test_figures_stay_with_the_borders_they_were_counted_in(town: Workspace, drawn: str) -> None:
    """After new borders: old figures on old outlines, none on the new."""
    old = town.snapshot().today.isoformat()
    adopt(town, drawn, old, actor=ANNA)
    maker = Maker(town, town.snapshot())
    assert drawn == maker.snapshot.current.version
    totals = maker.material.totals(2025)
    assert {"nord-ost": "missing", "nord-west": "missing"} == {
        area: status for area, status in totals["status"].items() if area.startswith("nord")
    }
    assert "released" == totals.loc["sued-ost", "status"]
    assert maker.material.total_of(maker.material.whole, 2025) is not None
    slide = made_of(View("cases", {"year": 2025}), maker)
    assert slide.table is not None and all(isinstance(r[1], float) for r in slide.table.rows)
    released = load_released(town.settings.workspace)
    shapes = released.areas.set_index(["version", "area_id"])["geometry"]
    series, _ = case_series(CaseBook(released), maker.material, View("cases"))
    held = series.shown.areas.set_index("area_id")["geometry"]
    assert held["nord-ost"].equals(shapes["plan-1", "nord-ost"])


def test_a_city_without_anything_has_no_slides_but_words(tmp_path: Path) -> None:
    """Every view is refused for people, none breaks."""
    from sro_geo.actions.making import init_workspace

    folder = tmp_path / "bare"
    source = tmp_path / "source"
    source.mkdir()
    from sro_geo.settings import SHIPPED_DATA

    (source / "city.toml").write_text((SHIPPED_DATA / "city.toml").read_text("utf-8"), "utf-8")
    if (SHIPPED_DATA / "categories.toml").exists():
        text = (SHIPPED_DATA / "categories.toml").read_text("utf-8")
        (source / "categories.toml").write_text(text, "utf-8")
    init_workspace(Settings(workspace=folder), source)
    workspace = open_workspace(Settings(workspace=folder))
    maker = Maker(workspace, workspace.snapshot())
    for view in VIEWS:
        try:
            assert maker.slides(view)
        except SroError:
            assert "own_words" != view.kind
    workspace.close()


def test_words_for_a_view_of_cases() -> None:
    """Only what restricts is said."""
    view = cases_view(year=2025, level="region", show="change")
    assert {"year": 2025, "level": "region", "show": "change", "per": 1000} == dict(view.settings)
