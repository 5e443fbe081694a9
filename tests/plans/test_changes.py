"""What a change means for families, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from sro_geo.errors import SroError
from sro_geo.plans import gestures
from sro_geo.plans.changes import (
    kept_share,
    matching,
    matrix,
    moved_blocks,
    moved_total,
    offers_moved,
    retention,
    streets_concerned,
    streets_in_blocks,
)
from tests.plans.drawing import drawn, grid, squares

BEFORE = drawn("aabb")
AFTER = gestures.paint(gestures.paint(BEFORE, "0001", "b"), "0003", None)
PERSONS = np.array([10, 20, 30, 40])


def test_retention_by_hand() -> None:
    """10 stay in a, 20 go to b, 30 stay in b, 40 lose their area: 40 of 100 stay."""
    table = retention(BEFORE, AFTER, {"population": PERSONS})
    assert list(table.itertuples(index=False, name=None)) == [
        ("a", "a", 1, 10),
        ("a", "b", 1, 20),
        ("b", "b", 1, 30),
        ("b", None, 1, 40),
    ]
    assert kept_share(table, "population") == 0.4
    wide = matrix(table, "population")
    assert wide.loc["a"].to_dict() == {"": 0, "a": 10, "b": 20}
    assert moved_blocks(BEFORE, AFTER).tolist() == [False, True, False, True]
    assert moved_total(BEFORE, AFTER, PERSONS) == 60


def test_families_keep_their_team_when_both_spaces_have_the_same() -> None:
    """What counts is the team, not the space; a space may get another team, too."""
    one = retention(BEFORE, AFTER, {"p": PERSONS}, group={"a": "t", "b": "t"})
    assert list(one.itertuples(index=False, name=None)) == [
        ("t", "t", 3, 60),
        ("t", None, 1, 40),
    ]
    swapped = retention(
        BEFORE, BEFORE, {"p": PERSONS}, group=({"a": "t", "b": "u"}, {"a": "t", "b": "t"})
    )
    assert kept_share(swapped, "p") == 0.3


def test_unknown_cases_stay_unknown() -> None:
    """A sum over a suppressed estimate is no smaller number."""
    table = retention(BEFORE, AFTER, {"cases": np.array([1, np.nan, 2, 1])})
    assert np.isnan(table["cases"].tolist()[1])
    assert np.isnan(kept_share(table, "cases"))
    assert np.isnan(kept_share(retention(BEFORE, BEFORE, {"p": np.zeros(4)}), "p"))


def test_new_areas_are_matched_so_that_most_persons_stay() -> None:
    """Renumbered x and y follow a and b; a third one follows nobody."""
    after = drawn("xxyz", block_set=BEFORE.block_set)
    assert matching(BEFORE, after, np.array([10, 20, 30, 40])) == {"x": "a", "z": "b"}
    assert matching(BEFORE, after, np.zeros(4))["x"] == "a"


def test_plans_on_different_blocks_are_not_compared() -> None:
    """A clear error instead of nonsense."""
    with pytest.raises(SroError, match="plans_of_different_blocks"):
        retention(BEFORE, drawn("aab"), {"p": PERSONS})


def test_streets_concerned_run_through_moved_blocks() -> None:
    """A street on the border runs along both blocks; one that ends at it does not."""
    geometry = grid(4, 1)
    lines = np.array(
        [
            shapely.LineString([(50, 50), (250, 50)]),
            shapely.LineString([(200, 0), (200, 100)]),
            shapely.LineString([(110, 20), (110.5, 20)]),
            shapely.LineString([(0, 10), (100, 10)]),
            shapely.LineString([(150, 0), (150, 90)]),
        ],
        object,
    )
    names = np.array(["Buchenweg", "Am Rand", "Gasse", "Vorher", None], object)
    runs = streets_in_blocks(lines, geometry)
    after = gestures.paint(BEFORE, "0001", "b")
    table = streets_concerned(BEFORE, after, names, runs)
    assert list(table.itertuples(index=False, name=None)) == [
        ("Am Rand", "a", "b", 1, 100),
        ("Buchenweg", "a", "b", 1, 100),
        ("Gasse", "a", "b", 1, 0.5),
    ]
    assert streets_concerned(BEFORE, BEFORE, names, runs).empty


def test_sections_of_one_street_are_one_street() -> None:
    """Two sections, two blocks, one row."""
    lines = np.array(
        [shapely.LineString([(100, 50), (150, 50)]), shapely.LineString([(150, 50), (190, 50)])],
        object,
    )
    runs = streets_in_blocks(lines, squares("aabb").geometry.to_numpy())
    table = streets_concerned(BEFORE, AFTER, np.array(["Weg", "Weg"], object), runs)
    assert list(table.itertuples(index=False, name=None)) == [("Weg", "a", "b", 1, 90)]


def test_offers_change_space_with_their_block() -> None:
    """An offer without a block (mobile, protected) is not concerned."""
    ids = np.array(["k1", "k2", "k3", "k4"], object)
    table = offers_moved(BEFORE, AFTER, ids, np.array([0, 1, -1, 3]))
    assert list(table.itertuples(index=False, name=None)) == [("k2", "a", "b"), ("k4", "b", None)]
