"""Stories: what they say follows from the figures, and what is not there is left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sro_geo.errors import SroError
from sro_geo.i18n import phrases
from sro_geo.reports.content import Slide, Story, freeze, paragraphs
from sro_geo.reports.material import Material
from sro_geo.reports.pdf import pdf_bytes
from sro_geo.reports.tables import Mark
from sro_geo.reports.templates import (
    PAGES,
    Proposal,
    boundary_proposal,
    from_template,
    gap_report,
    read_template,
    space_profile,
)
from sro_geo.reports.words import per_cent
from sro_geo.reports.yearly import yearly

from .conftest import FROZEN
from .pdf_tags import read


@pytest.fixture(scope="module")
def proposal() -> Proposal:
    """A proposal with everything a comparison of plans can say."""
    figures = pd.DataFrame(
        [
            ("social_space", "nord-ost", "Nord-Ost", f, 100.0, 90.0, -10.0, False)
            for f in ("population", "under_21", "offers")
        ],
        columns=[
            "level",
            "area_id",
            "name",
            "figure",
            "before",
            "after",
            "difference",
            "estimated",
        ],
    )
    moves = pd.DataFrame(
        {"from": ["nord-ost", "nord-ost"], "to": ["nord-west", None], "population": [610.0, 5.0]}
    )
    streets = pd.DataFrame(
        {"street": ["Ulmenweg"], "from": ["nord-ost"], "to": ["nord-west"], "metres": [312.4]}
    )
    offers = pd.DataFrame(
        {"offer_id": ["A-003"], "name": ["Jugendhaus"], "from": ["nord-ost"], "to": ["nord-west"]}
    )
    budgets = pd.DataFrame({"name": ["Nord-Ost"], "before": [2184000], "after": [2000050]})
    names = {"nord-ost": "Nord-Ost", "nord-west": "Nord-West"}
    return Proposal(
        "Variante A", "Der Weg ist kürzer.", "social_space", figures, moves, streets,
        moves.head(1), offers, names, 610.0, 0.992, budgets,
    )  # fmt: skip


def test_the_hash_is_of_the_content_and_not_of_the_clock(material: Material) -> None:
    """The same content has the same hash; a changed word has another."""
    story = yearly(material)
    one, two = freeze(story, FROZEN), freeze(story, "2027-01-01T00:00:00")
    assert one.content_hash == two.content_hash
    other = replace(story.slides[1], text="anders")
    changed = replace(story, slides=(story.slides[0], other, *story.slides[2:]))
    assert one.content_hash != freeze(changed, FROZEN).content_hash


def test_the_summary_says_what_the_tables_say(material: Material, story: Story) -> None:
    """Highest and lowest by the printed rates."""
    rows = material.totals()
    top = rows.loc[rows["rate"].idxmax()]
    (cases,) = (s for s in story.slides if s.slide_id == "cases")
    assert str(top["name"]) in cases.title
    assert str(round(float(top["rate"]))) in cases.title


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_template_makes_a_good_paper(
    material: Material, proposal: Proposal, language: str
) -> None:
    """In both languages, without a word missing."""
    spoken = replace(material, language=language)
    stories = [
        gap_report(spoken, "6-9"),
        gap_report(spoken, "75+"),
        space_profile(spoken, "nord-ost"),
        boundary_proposal(spoken, proposal),
    ]
    for story in stories:
        found = read(pdf_bytes(freeze(story, FROZEN)))
        assert [] == found.faults
        assert found.language.startswith(language)
        for slide in story.slides:
            assert "{" not in slide.title + slide.text


def test_a_proposal_says_who_moves(material: Material, proposal: Proposal) -> None:
    """People, streets, offers, euros."""
    slides = {s.slide_id: s for s in boundary_proposal(material, proposal).slides}
    assert "610 Menschen wechseln das Gebiet" == slides["proposal"].title
    assert slides["families"].table is not None
    assert ("Nord-Ost", "Nord-West", "610") == slides["families"].table.texts("de")[0]
    assert "1 Straße wechselt ganz oder zum Teil" == slides["streets"].title
    assert slides["budgets"].table is not None
    money = slides["budgets"].table.texts("de")[0]
    assert ("21.840,00\u202f€", "20.000,50\u202f€", "−1.839,50") == money[1:]


def test_a_template_is_data(material: Material) -> None:
    """Pages by name; an unknown one is refused."""
    said = 'name = { de = "Kurz", en = "Short" }\npages = ["cover", "summary", "methods"]\n'
    story = from_template(read_template("short", said), material)
    assert ["cover", "summary", "methods"] == [s.slide_id for s in story.slides]
    for wrong in ("name = 1", said.replace("summary", "nothing"), "[", "pages = []\nname = {}"):
        with pytest.raises(SroError, match="template_wrong"):
            read_template("x", wrong)
    every = [page(material) for page in PAGES.values()]
    assert all(every)


def test_without_released_figures_the_report_says_so(material: Material) -> None:
    """No map of cases, no number, no estimate; the rest is there."""
    for cells in (None, material.cells.head(0) if material.cells is not None else None):
        story = freeze(yearly(replace(material, cells=cells, gaps=None)), FROZEN)
        (cases,) = (s for s in story.slides if s.slide_id == "cases")
        assert cases.sheet is None
        assert "keine Fallzahlen freigegeben" in cases.title
        assert [] == read(pdf_bytes(story)).faults


def test_without_anything_it_is_still_a_report(material: Material) -> None:
    """No people, no offers, no cases."""
    bare = replace(
        material, cells=None, gaps=None, ground=None, population=material.population.head(0),
        offers=material.offers.head(0),
    )  # fmt: skip
    assert [] == read(pdf_bytes(freeze(yearly(bare), FROZEN))).faults


@pytest.mark.parametrize("name", [None, "", "  "])
def test_an_area_without_a_name_is_called_by_its_id(material: Material, name: str | None) -> None:
    """On the map, in tables and titles."""
    areas = material.areas.copy()
    areas.loc[areas["area_id"] == "nord-ost", "name"] = name
    story = yearly(replace(material, areas=areas))
    assert any("nord-ost" in s.title for s in story.slides)


def test_areas_of_another_level_are_refused(material: Material) -> None:
    """With the level that is missing."""
    with pytest.raises(SroError, match="report_without_areas"):
        yearly(replace(material, areas=material.areas[material.areas["level"] == "city"]))
    with pytest.raises(SroError, match="report_area_unknown"):
        space_profile(material, "nowhere")


def test_a_break_of_the_series_is_no_change(material: Material) -> None:
    """Figures counted by another rule are not subtracted."""
    cells = material.cells
    assert cells is not None
    other = np.where(cells["year"] == material.year - 1, "running_and_ended", "stock")
    story = yearly(replace(material, cells=cells.assign(counting_rule=other)))
    (change,) = (s for s in story.slides if s.slide_id == "change")
    assert change.sheet is None
    assert "nicht voneinander abgezogen" in change.text


def test_a_story_that_is_no_story_is_refused() -> None:
    """Without slides, with two alike, of an unknown kind, too long."""
    one = Slide("a", "A")
    for slides, code in (
        ((), "story_empty"), ((one, one), "slides_alike"),
        ((replace(one, kind="film"),), "slide_kind_unknown"),
        ((replace(one, text="x" * 30_000),), "story_text_too_long"),
    ):  # fmt: skip
        with pytest.raises(SroError, match=code):
            freeze(Story("s", "n", "t", "de", slides), FROZEN)


def test_text_is_paragraphs_and_lists() -> None:
    """A list may follow a paragraph without an empty line."""
    assert ["A b", ("c", "d"), "e"] == paragraphs("A\nb\n- c\n- d\n\ne")
    assert [] == paragraphs(" \n\n ")


def test_nearly_all_is_not_all() -> None:
    """And nearly nobody is not nobody."""
    assert "unter 1 %" == per_cent(0.001, "de").replace("\u202f", " ")
    assert "über 99 %" == per_cent(0.999, "de").replace("\u202f", " ")
    assert ["0", "100"] == [per_cent(v, "de")[:-2] for v in (0.0, 1.0)]


def test_offers_at_protected_places_stand_in_no_area(material: Material) -> None:
    """They count for the city alone."""
    offers = material.offers.copy()
    offers.loc[0, "protected"] = True
    shown = replace(material, offers=offers).open_offers
    assert "" == shown.loc[0, "area"]
    assert pd.isna(shown.loc[0, "lon"])
    assert pd.isna(shown.loc[0, "address"])


def test_every_mark_and_reason_has_its_words() -> None:
    """No key is put together that has no phrase."""
    known = phrases("de")
    assert {f"reports.mark_{m.value}" for m in Mark} <= set(known)
