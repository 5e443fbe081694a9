"""From raw counts to a table that gives nobody away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sro_geo.cases import HELP_TYPES
from sro_geo.disclosure import (
    Cut,
    Event,
    Rules,
    audit,
    coarser,
    draft_indicator,
    published_elsewhere,
    recheck,
    recheck_indicator,
    released_tables,
)
from sro_geo.errors import SroError
from sro_geo.i18n import LANGUAGES, phrases, t
from tests.disclosure.towns import BANDS, PLACES, Case, four_spaces

LEVELS = ("city", "region", "social_space")
CUT = Cut(LEVELS, "help_type")


def filled(**numbers: int):
    """Return a town with so many cases of § 34 in the first block of each space."""
    town = four_spaces()
    town.cases[2021] = [
        Case(f"b{2 * int(space[1:])}", "34", BANDS[1], "city", number)
        for space, number in numbers.items()
    ]
    return town


def cell(made, area, **key):
    """Return one cell of a draft; what is not said is the total."""
    cells = made.release.cells
    found = cells[cells["area_id"] == area]
    for column in ("help_type", "age_group", "place"):
        value = key.get(column)
        same = found[column].isna() if value is None else found[column] == value
        found = found[same]
    assert len(found) == 1
    return found.iloc[0]


def test_sums_denominators_and_zeros():
    """Totals without 42 and 8a, each against its own ages; zeros are published."""
    town = filled(s0=30, s1=20, s2=40, s3=50)
    town.cases[2021] += [Case("b0", "8a", BANDS[1], "unknown", 9)]
    made = town.drafted(2021, "v1", CUT)
    assert made.violations == ()
    total = cell(made, "town")
    assert (total["count"], total["denominator"], total["name"]) == (140, 8 * 420, "Name of town")
    assert cell(made, "s0", help_type="8a")["count"] == 9
    assert cell(made, "s0", help_type="8a")["denominator"] == 600
    assert cell(made, "s0", help_type="protection")["count"] == 9
    assert cell(made, "s1", help_type="41")["count"] == 0
    assert cell(made, "s1", help_type="41")["denominator"] == 240
    assert cell(made, "s0", help_type="29")["status"] == "missing"
    assert pd.isna(cell(made, "s0", help_type="29")["count"])
    assert set(made.release.cells["help_type"].dropna()) >= set(HELP_TYPES)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_small_numbers_are_hidden_and_not_alone(number):
    """1 to 4 hidden, and with them as much as keeps them 5 apart."""
    made = filled(s0=number, s1=20, s2=40, s3=50).drafted(2021, "v1", Cut(LEVELS))
    hidden = set(made.release.cells.loc[made.release.cells["status"] == "suppressed", "area_id"])
    assert "s0" in hidden
    assert len(hidden) == 2
    assert made.exact
    assert made.hidden_share == 2 / 7


def test_five_is_published():
    """The smallest count that is shown."""
    made = filled(s0=5, s1=20, s2=40, s3=50).drafted(2021, "v1", Cut(LEVELS))
    assert cell(made, "s0")["count"] == 5
    assert made.hidden_share == 0


def test_small_areas_are_hidden_even_at_zero():
    """Fewer than 300 people: hidden, and its number cannot be had from the rest."""
    town = filled(s0=0, s1=20, s2=40, s3=50)
    town.people = {**town.people, "b0": (20, 50, 40, 5, 10), "b1": (20, 50, 40, 5, 10)}
    made = town.drafted(2021, "v1", Cut(LEVELS))
    assert made.violations == ()
    assert made.release.small_areas == ("s0",)
    assert cell(made, "s0")["status"] == "suppressed"


def test_small_denominators_are_hidden_even_at_zero():
    """80 people of 18 to 20 in a space: their count is hidden."""
    town = filled(s0=30, s1=20, s2=40, s3=50)
    town.people = {b: (100, 200, 40 if b in "b0b1" else 120, 80, 400) for b in town.people}
    town.cases[2021] += [Case(f"b{i}", "41", BANDS[2], "city", 8) for i in range(2, 8)]
    made = town.drafted(2021, "v1", Cut(LEVELS, ages=("18-20",)))
    assert cell(made, "s0", age_group="18-20")["denominator"] == 80
    assert cell(made, "s0", age_group="18-20")["status"] == "suppressed"


def test_a_zero_that_a_published_zero_contains_is_published():
    """Nobody in the whole town: then nobody in the small group either, and all can read it."""
    town = filled(s0=30, s1=20, s2=40, s3=50)
    town.people = {b: (100, 200, 40 if b in "b0b1" else 120, 80, 400) for b in town.people}
    made = town.drafted(2021, "v1", Cut(LEVELS, ages=("18-20",)))
    assert cell(made, "town", age_group="18-20")["count"] == 0
    assert cell(made, "s0", age_group="18-20")["count"] == 0


def test_everybody_is_hidden_too():
    """As many cases as people: who lives there gets help, so the number is hidden."""
    town = filled(s0=600, s1=20, s2=40, s3=50)
    town.cases[2021] += [Case("b0", "8a", BANDS[1], "city", 600)]
    made = town.drafted(2021, "v1", Cut(LEVELS, "group"))
    assert cell(made, "s0", help_type="protection")["status"] == "suppressed"


def test_all_or_nobody_of_those_helped_is_hidden():
    """Where places of help are shown, 0 % and 100 % of the total are hidden."""
    town = filled(s0=30, s1=20, s2=40, s3=50)
    town.cases[2021] += [
        Case("b2", "34", BANDS[1], place, 10) for place in PLACES if place != "city"
    ]
    made = town.drafted(2021, "v1", Cut(LEVELS, by_place=True))
    assert made.violations == ()
    assert {cell(made, "s0", place=place)["status"] for place in PLACES} == {"suppressed"}
    assert cell(made, "s0")["count"] == 30
    assert cell(made, "s1")["count"] == 60


def test_places_are_said_of_the_total_alone():
    """No help by place: next to everything would be hidden."""
    cells = filled(s0=30).drafted(2021, "v1", replace(CUT, by_place=True)).release.cells
    divided = cells[cells["place"].notna()]
    assert divided["help_type"].isna().all()
    assert len(divided) == 7 * len(PLACES)


def test_ages_and_helps_are_crossed():
    """Each help by each age group, with both margins."""
    town = filled(s0=30, s1=20, s2=40, s3=50)
    made = town.drafted(2021, "v1", Cut(LEVELS, "group", ("0-5", "under_18")))
    # areas × (total, total without § 28, eight groups) × (all ages, two groups)
    assert len(made.release.cells) == 7 * 10 * 3
    assert cell(made, "s0", help_type="residential", age_group="under_18")["count"] == 30
    assert cell(made, "s0", age_group="0-5")["count"] == 0


def test_what_age_groups_leave_over_is_not_given_away():
    """Two cases of 21 to 26 are in no group asked for, but the total less the groups."""
    town = filled(s0=30, s1=20, s2=40, s3=50)
    town.cases[2021] += [Case("b0", "41", BANDS[3], "city", 2)]
    made = town.drafted(2021, "v1", Cut(LEVELS, ages=("under_18", "18-20")))
    assert made.violations == ()
    shown = [cell(made, "s0", age_group=age)["status"] for age in (None, "under_18", "18-20")]
    assert "suppressed" in shown


def test_ages_that_were_counted_together_are_not_divided():
    """release_ages_not_counted."""
    with pytest.raises(SroError, match="release_ages_not_counted"):
        filled(s0=30).drafted(2021, "v1", Cut(LEVELS, ages=("6-9",)))


def test_a_level_that_is_not_there_is_refused():
    """cut_unknown."""
    with pytest.raises(SroError, match="cut_unknown"):
        filled(s0=30).drafted(2021, "v1", Cut(("quarter",)))


def test_a_later_table_keeps_what_an_earlier_one_hides():
    """Hidden stays hidden, published stays published, in another cut of the same year."""
    town = filled(s0=3, s1=20, s2=40, s3=50)
    town.cases[2021] += [Case("b0", "28", BANDS[0], "city", 1)]
    first = town.released(2021, "v1", Cut(LEVELS))
    second = town.released(2021, "v1", CUT)
    for area in first.release.cells["area_id"]:
        assert cell(second, area)["status"] == cell(first, area)["status"]


def test_a_proposal_is_searched_again_at_approval():
    """Two tables that are harmless alone: the second is refused once the first is approved."""
    town = filled(s0=6, s1=20, s2=40, s3=50)
    town.spaces = {**town.spaces, "v2": {**town.spaces["v1"], "b1": "s1"}}
    town.cases[2021] += [Case("b1", "34", BANDS[1], "city", 2)]
    one = town.proposed(town.drafted(2021, "v1", Cut(LEVELS)))
    two = town.proposed(town.drafted(2021, "v2", Cut(LEVELS)))
    assert town.approved(one)
    release = town.ledger.release(two)
    found = recheck(release, town.counts(2021), town.persons, town.ledger)
    assert [violation.code for violation in found] == ["difference_found"]


def test_a_proposal_for_other_raw_data_is_refused():
    """release_outdated; the order of the rows is no change."""
    town = filled(s0=30, s1=20)
    town.proposed(town.drafted(2021, "v1", Cut(LEVELS)))
    proposal = town.ledger.release("r0")
    counts = town.counts(2021)
    turned = replace(counts, frame=counts.frame.iloc[::-1])
    assert recheck(proposal, turned, town.persons, town.ledger) == ()
    town.cases[2021].append(Case("b0", "34", BANDS[1], "city", 9))
    found = recheck(proposal, town.counts(2021), town.persons, town.ledger)
    assert "release_outdated" in [violation.code for violation in found]


def test_a_year_has_one_counting_rule():
    """release_other_rule, and no cells at all."""
    town = filled(s0=30, s1=20)
    town.released(2021, "v1", Cut(LEVELS))
    other = replace(town.counts(2021), counting_rule="running_and_ended")
    made = town.drafted(2021, "v1", Cut(LEVELS), counts=other)
    assert [violation.code for violation in made.violations] == ["release_other_rule"]
    assert made.release.cells.empty


def test_a_small_revision_is_refused():
    """Two cases more than published: the difference would show them."""
    town = filled(s0=30, s1=20)
    town.released(2021, "v1", Cut(LEVELS))
    town.cases[2021].append(Case("b0", "34", BANDS[1], "city", 2))
    made = town.drafted(2021, "v1", Cut(LEVELS))
    assert [violation.code for violation in made.violations] == ["revision_small_difference"]


def test_a_large_revision_is_published_and_hides_what_was_hidden():
    """50 more may be shown; what was hidden stays so, even if it is 0 now."""
    town = filled(s0=30, s1=3, s2=40, s3=50)
    town.released(2021, "v1", Cut(LEVELS))
    town.cases[2021] = [case for case in town.cases[2021] if case.block != "b2"]
    town.cases[2021].append(Case("b0", "34", BANDS[1], "city", 50))
    second = town.released(2021, "v1", Cut(LEVELS))
    assert cell(second, "s1")["status"] == "suppressed"
    assert cell(second, "town")["count"] == 170
    assert audit(town.ledger, {2021: town.persons}).violations == ()


def test_the_audit_counts_withdrawn_tables():
    """Two releases, the narrowest interval exactly, no violation."""
    town = filled(s0=3, s1=9, s2=40, s3=50)
    town.cases[2022] = town.cases[2021]
    town.released(2021, "v1", Cut(LEVELS))
    town.released(2022, "v1", Cut(LEVELS))
    town.ledger = town.ledger.adding(event=Event("r0", "withdrawn", "later", "Bert"))
    found = audit(town.ledger, {2021: town.persons, 2022: town.persons})
    # 12 in the region, each space from 1 to 11
    assert (found.releases, found.cells_hidden, found.narrowest_interval) == (2, 4, 10)
    assert found.violations == ()


def test_the_audit_finds_what_slipped_through():
    """A table tampered with: hidden_cell_found, named by its area, without a number."""
    town = filled(s0=3, s1=9, s2=40, s3=50)
    made = town.drafted(2021, "v1", Cut(LEVELS))
    cells = made.release.cells
    at = cells["area_id"] == "s1"
    cells = cells.assign(status=cells["status"].mask(at, "released"))
    cells.loc[at, "count"] = 9
    town.proposed(replace(made, release=replace(made.release, cells=cells)))
    town.ledger = town.ledger.adding(event=Event("r0", "approved", "now", "Bert"))
    found = audit(town.ledger, {2021: town.persons})
    assert found.narrowest_interval == 0
    (violation,) = found.violations
    assert (violation.code, dict(violation.params)) == (
        "hidden_cell_found",
        {"area": "Name of s0"},
    )


def test_an_audit_of_nothing():
    """No release, nothing hidden, no interval."""
    found = audit(four_spaces().ledger, {})
    assert (found.releases, found.cells_hidden, found.narrowest_interval) == (0, 0, None)


def test_stricter_rules_hide_more():
    """Up to 9: what was shown at 5 is hidden."""
    town = filled(s0=5, s1=20, s2=40, s3=50)
    town.rules = Rules(small_to=9, note="Beschluss", set_by="Datenschutz")
    made = town.drafted(2021, "v1", Cut(LEVELS))
    assert made.violations == ()
    assert cell(made, "s0")["status"] == "suppressed"


def test_coarser_tables_hide_less():
    """Groups, then the total; each with a smaller share than the table asked for."""
    town = filled(s0=30, s1=20, s2=40, s3=50)
    town.cases[2021] += [
        Case(f"b{i}", code, BANDS[1], "city", 2) for i in range(8) for code in ("28", "31")
    ]
    made = town.drafted(2021, "v1", Cut(LEVELS, "help_type", ("0-5",)))
    offers = coarser(
        town.counts(2021), town.version("v1"), town.persons, made.release.cut, town.rules,
        town.ledger,
    )  # fmt: skip
    assert offers
    assert all(share < made.hidden_share for _, share in offers)
    assert offers[-1][0] == Cut(LEVELS)


def test_every_reason_has_its_words():
    """Each violation in both languages, with the values it comes with."""
    params = {"area": "A", "version": "v", "other": "w", "blocks": 3, "year": 2021}
    codes = [key for key in phrases("de") if key.startswith("violations.")]
    assert len(codes) == 10
    for language in LANGUAGES:
        for key in codes:
            assert "{" not in t(key, language, **params)


def test_who_proposes_has_a_name():
    """release_name_missing."""
    town = filled(s0=30)
    with pytest.raises(SroError, match="release_name_missing"):
        from sro_geo.disclosure import draft

        draft(
            town.counts(2021), town.version("v1"), town.persons, CUT, town.rules, town.ledger,
            release_id="r", at="now", by=" ",
        )  # fmt: skip


def indicator(**numbers: float) -> pd.DataFrame:
    """Return an indicator of the four spaces, their regions and the town."""
    values = [numbers[f"s{i}"] for i in range(4)]
    rows = [("social_space", f"s{i}", v, 600) for i, v in enumerate(values)]
    rows += [("region", "r0", sum(values[:2]), 1200), ("region", "r1", sum(values[2:]), 1200)]
    rows += [("city", "town", sum(values), 2400)]
    return pd.DataFrame(rows, columns=["level", "area_id", "numerator", "denominator"])


def drafted(town, frame, name="i0", **more):
    """Put an indicator through the gate."""
    return draft_indicator(
        frame, town.version("v1"), town.rules, town.ledger,
        indicator="sgb2", year=2021, release_id=name, at="now", by="Anna", **more,
    )  # fmt: skip


def test_an_indicator_passes_the_same_rules():
    """Three people hidden with another; the table can be approved and audited."""
    town = four_spaces()
    made = drafted(town, indicator(s0=3, s1=50, s2=40, s3=60))
    assert made.violations == ()
    assert cell(made, "s0")["status"] == "suppressed"
    assert made.hidden_share == 2 / 7
    town.proposed(made)
    assert recheck_indicator(town.ledger.release("i0"), town.ledger) == ()
    town.ledger = town.ledger.adding(event=Event("i0", "approved", "now", "Bert"))
    assert audit(town.ledger, {}).violations == ()
    assert audit(town.ledger, {}).narrowest_interval == 51
    (table,) = released_tables(town.ledger)
    assert table.subject == "indicator:sgb2"


def test_a_gap_in_an_indicator_is_missing():
    """A space without a value is missing, not 0 and not hidden."""
    frame = indicator(s0=30, s1=50, s2=40, s3=60)
    frame.loc[0, "numerator"] = np.nan
    made = drafted(four_spaces(), frame)
    assert cell(made, "s0")["status"] == "missing"
    assert cell(made, "s1")["count"] == 50


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("numerator", 2.5, "indicator_not_whole"),
        ("numerator", -1, "indicator_not_whole"),
        ("numerator", 700, "indicator_above_denominator"),
        ("numerator", 31, "indicator_inconsistent"),
        ("area_id", "s9", "indicator_area_unknown"),
        ("denominator", np.nan, "indicator_not_whole"),
    ],
)
def test_an_indicator_that_cannot_be_is_refused(column, value, code):
    """Each with its reason."""
    frame = indicator(s0=30, s1=50, s2=40, s3=60).astype({"numerator": float})
    frame[column] = frame[column].astype(object)
    frame.loc[0, column] = value
    with pytest.raises(SroError, match=code):
        drafted(four_spaces(), frame)


def test_a_source_that_masks_stays_masked():
    """Given is released, masked at the source is suppressed, a gap is missing; none is 0."""
    frame = pd.DataFrame(
        {
            "area_id": ["a", "b", "c"],
            "level": "district",
            "indicator": "sgb2",
            "year": 2021,
            "value": [0.1, np.nan, np.nan],
            "status": ["given", "suppressed_at_source", "missing"],
        }
    )
    table = published_elsewhere(frame, source="Sozialatlas")
    assert table.cells["status"].tolist() == ["released", "suppressed", "missing"]
    assert table.meta["source"] == "Sozialatlas"
    with pytest.raises(SroError, match="published_masked_value"):
        published_elsewhere(frame.assign(value=1.0))
    with pytest.raises(SroError, match="published_not_marked"):
        published_elsewhere(frame.assign(published=False))
    with pytest.raises(SroError, match="published_status_unknown"):
        published_elsewhere(frame.assign(status="so"))
