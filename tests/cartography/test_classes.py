"""Classes of minutes: said, then sorted; told apart by every eye."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from sro_geo.cartography import palette
from sro_geo.cartography.classes import (
    COLOURS,
    NO_VALUE,
    UNREACHABLE,
    class_legend,
    class_of,
    class_words,
    whole_minutes,
)


@pytest.mark.parametrize(
    ("expected", "minutes"),
    [
        (0, 0.0), (0, 5.0), (1, 5.2), (2, 15.0), (2, 15.0000000000002), (3, 15.01), (5, 30.5),
        (5, 1e6), (UNREACHABLE, np.inf), (NO_VALUE, np.nan),
    ],
)  # fmt: skip
def test_a_way_belongs_to_the_class_of_its_whole_minutes(expected: int, minutes: float) -> None:
    """An upper end is part of its class; a little more is not; unknown is no class."""
    assert class_of([minutes]).tolist() == [expected]


def test_what_is_said_and_the_class_never_disagree() -> None:
    """The class of the number that is written is the class of the way."""
    minutes = np.linspace(0, 40, 4001)
    assert (class_of(minutes) == class_of(whole_minutes(minutes))).all()


def test_no_number_is_in_two_classes() -> None:
    """In both languages; each class has a colour."""
    german = class_words("de")
    assert german[:2] == ("bis 5 Minuten", "6 bis 10 Minuten")
    assert len(german) == len(class_words("en")) == len(COLOURS) == UNREACHABLE + 1


def test_classes_are_told_apart_with_every_colour_blindness() -> None:
    """Neighbours by more than a glance needs to see a step, all by their order of lightness."""
    assert min(palette.worst_difference(a, b) for a, b in combinations(COLOURS, 2)) > 6
    lightness = [palette.lab(colour)[0] for colour in COLOURS[:-1]]
    assert lightness == sorted(lightness, reverse=True)
    assert min(palette.worst_difference(c, palette.ACCENT) for c in COLOURS) > 15


def test_the_ramp_in_as_many_steps_is_the_ramp() -> None:
    """Its ends stay."""
    assert palette.ramp(len(palette.SEQUENTIAL)) == palette.SEQUENTIAL
    assert palette.ramp(6)[0] == palette.SEQUENTIAL[0]
    assert palette.ramp(6)[-1] == palette.SEQUENTIAL[-1]


def test_the_legend_names_classes_counts_doubt_and_gap_as_text() -> None:
    """Whatever is given is escaped."""
    counts = [f"{n} <b>" for n in range(len(COLOURS))]
    html = class_legend(counts, uncertain=True, outlined="Lücke <i>", title="<u>")
    assert html.count("<li") == len(COLOURS) + 2
    assert "0 &lt;b&gt;" in html
    assert not any(tag in html for tag in ("<b>", "<i>", "<u>"))
    assert class_legend().count("<li") == len(COLOURS)
