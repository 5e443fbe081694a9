"""Colours keep their distance, for colour-blind eyes too."""

from __future__ import annotations

from itertools import combinations

import pytest

from sro_geo.cartography import palette
from sro_geo.city import load_city
from sro_geo.settings import SHIPPED_DATA

GROUPS = load_city(SHIPPED_DATA).groups


def test_black_on_white_has_the_greatest_contrast() -> None:
    """WCAG defines it as 21, and a colour on itself as 1."""
    assert palette.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert palette.contrast("#123456", "#123456") == 1


@pytest.mark.parametrize(
    ("expected", "one", "other"),
    [
        (2.0425, (50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485)),
        (2.3669, (50.0, 0.0, 0.0), (50.0, -1.0, 2.0)),
        (4.3065, (50.0, 2.5, 0.0), (50.0, 0.0, -2.5)),
        (27.1492, (50.0, 2.5, 0.0), (73.0, 25.0, -18.0)),
        (1.2644, (60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387)),
        (0.9082, (2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514)),
    ],
)
def test_differences_match_the_published_pairs(
    expected: float, one: tuple[float, float, float], other: tuple[float, float, float]
) -> None:
    """Test data of Sharma, Wu and Dalal (2005), table 1."""
    assert palette.ciede2000(one, other) == pytest.approx(expected, abs=1e-4)
    assert palette.ciede2000(other, one) == pytest.approx(expected, abs=1e-4)


def test_grey_looks_the_same_to_everybody() -> None:
    """The simulation moves hues and leaves grey where it is."""
    for deficiency in palette.DEFICIENCIES:
        assert palette.difference("#808080", palette.seen_with("#808080", deficiency)) < 1


def test_red_and_green_grow_together_without_green_cones() -> None:
    """What the simulation is for."""
    assert palette.worst_difference("#b03030", "#607020") < 15
    assert palette.difference("#b03030", "#607020") > 40


def test_every_group_stands_out_from_the_ground() -> None:
    """Essential graphics need 3:1 (WCAG 1.4.11), on land, green, water and white."""
    for group in GROUPS.values():
        for ground in (palette.LAND, palette.GREEN, palette.WATER, palette.CASING):
            assert palette.contrast(group.colour, ground) >= 3, (group.group, ground)


def test_any_two_groups_differ_in_shape_and_in_colour() -> None:
    """Shape alone tells groups apart; colour does too, colour-blind or not."""
    for one, other in combinations(GROUPS.values(), 2):
        assert one.symbol != other.symbol
        assert palette.worst_difference(one.colour, other.colour) >= 10, (one.group, other.group)


def test_no_group_looks_like_the_accent() -> None:
    """The accent marks the finding and nothing else."""
    for group in GROUPS.values():
        assert palette.difference(group.colour, palette.ACCENT) >= 15, group.group


def test_neighbouring_classes_stay_apart() -> None:
    """Five classes, told apart in every colour blindness."""
    for low, high in zip(palette.SEQUENTIAL, palette.SEQUENTIAL[1:], strict=False):
        assert palette.worst_difference(low, high) >= 8


def test_spaces_are_told_apart_by_everybody():
    """Any two of the twelve differ by 10, and ink can be read on each of them."""
    pairs = combinations(palette.SPACES, 2)
    assert min(palette.worst_difference(a, b) for a, b in pairs) >= 10
    assert min(palette.contrast(palette.INK, colour) for colour in palette.SPACES) >= 4.5
