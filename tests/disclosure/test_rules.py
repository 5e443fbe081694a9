"""Rules of the gate become stricter only, and say why."""

from __future__ import annotations

import math

import pytest

from sro_geo.disclosure import Cut, Rules
from sro_geo.errors import SroError

SIGNED = {"note": "Beschluss", "set_by": "Datenschutz"}


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("small_to", 3),
        ("small_to", 4.5),
        ("small_to", True),
        ("width", 4),
        ("min_denominator", 99.9),
        ("min_denominator", math.nan),
        ("min_population", -1),
        ("min_population", "viel"),
        ("min_population", math.inf),
    ],
)
def test_a_weaker_rule_is_refused(rule, value):
    """rules_weaker, with a note or without."""
    with pytest.raises(SroError, match="rules_weaker"):
        Rules(**{rule: value}, **SIGNED)


@pytest.mark.parametrize("signed", [{}, {"note": "so"}, {"set_by": "wir"}, {"note": " "}])
def test_a_stricter_rule_needs_a_note_and_a_name(signed):
    """rules_note_missing where one of them is missing."""
    with pytest.raises(SroError, match="rules_note_missing"):
        Rules(small_to=9, **signed)


def test_a_stricter_rule_with_a_note_holds():
    """Up to 9 hidden, and then intervals of 10: those of 5 would tell."""
    rules = Rules(small_to=9, **SIGNED)
    assert (rules.small_to, rules.width, rules.min_denominator) == (9, 10, 100.0)


def test_the_usual_rules_need_no_note():
    """1 to 4 hidden, 5 wide, from 100 and 300 people."""
    rules = Rules()
    assert (rules.small_to, rules.width) == (4, 5)
    assert (rules.min_denominator, rules.min_population) == (100, 300)


@pytest.mark.parametrize("cut", [{"levels": ()}, {"levels": ("city",), "by_type": "name"}])
def test_an_unknown_cut_is_refused(cut):
    """cut_unknown."""
    with pytest.raises(SroError, match="cut_unknown"):
        Cut(**cut)


def test_an_unknown_age_group_is_refused():
    """age_group_unknown."""
    with pytest.raises(SroError, match="age_group_unknown"):
        Cut(("city",), ages=("jung",))
