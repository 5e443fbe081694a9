"""Borders that are redrawn, and what comparing both tables would tell."""

from __future__ import annotations

import pandas as pd
import pytest

from sro_geo.disclosure import Cut, Version, audit
from sro_geo.errors import SroError
from tests.disclosure.towns import BANDS, Case, four_spaces

CUT = Cut(("city", "region", "social_space"))


def codes(made):
    """Codes of what stands against a draft."""
    return [violation.code for violation in made.violations]


@pytest.fixture
def town():
    """Eight blocks; in v2 the block b1 moves to the neighbouring space."""
    town = four_spaces()
    town.spaces = {**town.spaces, "v2": {**town.spaces["v1"], "b1": "s1"}}
    town.cases[2021] = [Case(f"b{i}", "34", BANDS[1], "city", 20 + i) for i in range(8)]
    return town


def test_a_large_piece_may_change_its_area(town):
    """900 people move: both tables may be released, and nothing is found."""
    town.released(2021, "v1", CUT)
    town.released(2021, "v2", CUT)
    found = audit(town.ledger, {2021: town.persons}, {(2021, "stock", "cases"): town.counts(2021)})
    assert (found.releases, found.violations) == (2, ())


def test_a_small_piece_keeps_the_year_in_its_borders(town):
    """differencing_atom, with the area and both versions; another year is free."""
    town.people = {**town.people, "b1": (10, 20, 10, 10, 50)}
    town.cases[2021][1] = Case("b1", "34", BANDS[1], "city", 8)
    town.cases[2022] = town.cases[2021]
    town.released(2021, "v1", CUT)
    made = town.drafted(2021, "v2", CUT)
    assert codes(made) == ["differencing_atom"]
    assert dict(made.violations[0].params) == {
        "area": "Name of s1",
        "version": "v2",
        "other": "v1",
    }
    town.released(2022, "v2", CUT)


def test_an_empty_piece_may_change_its_area(town):
    """Nobody lives there: nobody is compared."""
    town.people = {**town.people, "b1": (0,) * 5}
    town.cases[2021].pop(1)
    town.released(2021, "v1", CUT)
    town.released(2021, "v2", CUT)


def test_few_cases_in_a_large_piece_stay_hidden(town):
    """The moved block holds 3: the second table cannot show both spaces beside the first."""
    town.cases[2021][1] = Case("b1", "34", BANDS[1], "city", 3)
    town.released(2021, "v1", CUT)
    made = town.drafted(2021, "v2", CUT)
    cells = made.release.cells.set_index("area_id")
    assert {cells["status"]["s0"], cells["status"]["s1"]} == {"suppressed"}


def test_levels_side_by_side_give_no_piece_away():
    """A district that is a space but for one block does not tell the 2 cases of the block."""
    town = four_spaces()
    town.districts = {b: "d0" if s == "s0" else "d1" for b, s in town.spaces["v1"].items()}
    town.districts["b2"] = "d0"
    town.cases[2021] = [Case(f"b{i}", "34", BANDS[1], "city", 20) for i in range(8)]
    town.cases[2021][2] = Case("b2", "34", BANDS[1], "city", 2)
    made = town.drafted(2021, "v1", Cut(("city", "social_space", "district")))
    cells = made.release.cells.set_index("area_id")
    assert made.violations == ()
    assert "suppressed" in {cells["status"]["s0"], cells["status"]["d0"]}


def test_other_blocks_than_before_are_refused(town):
    """release_blocks_changed where counts or an earlier version know other blocks."""
    town.released(2021, "v1", CUT)
    assert codes(town.drafted(2021, "v2", CUT)) == []
    town.cases[2021].append(Case("new", "34", BANDS[1], "city", 9))
    made = town.drafted(2021, "v2", CUT)
    assert codes(made) == ["release_blocks_changed"]
    assert made.release.cells.empty
    town.cases[2021].pop()
    town.spaces["v2"] = {k: v for k, v in town.spaces["v2"].items() if k != "b7"}
    town.cases[2021].pop()
    assert codes(town.drafted(2021, "v2", CUT)) == ["release_blocks_changed"]


def test_a_version_that_is_not_what_it_was_is_refused(town):
    """version_changed: a released version stays as it was."""
    town.released(2021, "v1", CUT)
    town.spaces["v1"] = {**town.spaces["v1"], "b1": "s1"}
    assert codes(town.drafted(2021, "v1", CUT)) == ["version_changed"]


def test_counts_of_whole_areas_count_upwards_only():
    """Given for a space: in the space, its region and the town; missing in districts across."""
    town = four_spaces()
    town.districts = {f"b{i}": "d0" if i in (0, 2, 3) else "d1" for i in range(8)}
    town.cases[2021] = [Case(f"b{i}", "34", BANDS[1], "city", 20) for i in range(8)]
    counts = town.counts(2021)
    whole = counts.frame.iloc[:1].assign(place_id="s0", place_kind="area", case_count=50)
    frame = pd.concat([counts.frame, whole], ignore_index=True)
    counts = type(counts)(2021, "stock", "cases", frame.assign(version="v1"), counts.help_types)
    levels = Cut(("city", "region", "social_space", "district"))
    made = town.drafted(2021, "v1", levels, counts=counts)
    cells = made.release.cells.set_index("area_id")
    assert cells["count"][["s0", "r0", "town"]].tolist() == [90, 130, 210]
    assert cells["status"][["d0", "d1"]].tolist() == ["missing", "missing"]
    town.spaces["v2"] = town.spaces["v1"]
    with pytest.raises(SroError, match="release_counts_of_other_version"):
        town.drafted(2021, "v2", levels, counts=counts)


def test_blocks_are_written_compressed():
    """A version of 40,000 blocks takes less than 8 bytes a block, and comes back the same."""
    blocks = [f"{i:05}" for i in range(40_000)]
    members = pd.DataFrame(
        {"city": "t", "social_space": [f"s{i // 700}" for i in range(40_000)]},
        index=pd.Index(blocks, name="block_id"),
        dtype=object,
    )
    members.loc["00007", "social_space"] = None
    text = Version("v", members, {"s1": None}, {"t": "Straße"}).to_json()
    assert len(text) < 320_000
    again = Version.from_json(text)
    assert again.members.fillna("").equals(members.fillna(""))
    assert again.names == {"t": "Straße"}
