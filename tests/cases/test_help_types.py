"""The helps of SGB VIII and what they add up to."""

import pandas as pd
import pytest

from sro_geo.cases import (
    COUNTING_RULES,
    GROUPS,
    HELP_TYPES,
    PLACES_OF_HELP,
    UNITS,
    Counts,
    denominator_group,
    types_of,
)
from sro_geo.errors import SroError
from sro_geo.i18n import LANGUAGES, phrases
from sro_geo.population import age_range


def test_the_total_leaves_out_protection_alone():
    """42 and 8a are no help to raise a child: beside the total, never in it."""
    assert set(HELP_TYPES) - {"42", "8a"} == set(types_of(None))
    assert {"28"} == set(types_of(None)) - set(types_of("total_without_28"))
    assert [code for code, kind in HELP_TYPES.items() if kind.in_total] == list(types_of(None))


def test_every_help_is_in_one_group():
    """The groups are a partition of the helps."""
    assert sorted(HELP_TYPES) == sorted(code for group in GROUPS.values() for code in group)
    assert all(HELP_TYPES[code].group == group for group in GROUPS for code in GROUPS[group])


@pytest.mark.parametrize(
    ("code", "ages"),
    [
        (None, "under_21"),
        ("total_without_28", "under_21"),
        ("31", "under_21"),
        ("residential", "under_21"),
        ("41", "18-20"),
        ("young_adults", "18-20"),
        ("42", "under_18"),
        ("8a", "under_18"),
        ("protection", "under_18"),
    ],
)
def test_rates_are_set_against_the_ages_the_help_is_for(code, ages):
    """Young adults for § 41, minors for protection, everybody under 21 otherwise."""
    assert ages == denominator_group(code)
    assert age_range(ages)


def test_an_unknown_help_is_refused_with_what_is_known():
    """The message names the codes there are."""
    with pytest.raises(SroError, match="help_type_unknown") as refused:
        types_of("33b")
    assert "35a" in refused.value.params["known"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_has_its_words(language):
    """Names and short forms of helps and groups, sentences of rules and units."""
    words = phrases(language)
    helps = ["total", "total_without_28", *HELP_TYPES]
    wanted = [f"help_types.{code}.{form}" for code in helps for form in ("name", "short")]
    wanted += [f"help_groups.{code}.{form}" for code in GROUPS for form in ("name", "short")]
    wanted += [
        f"counting_rules.{r}.{form}" for r in COUNTING_RULES for form in ("name", "sentence")
    ]
    wanted += [f"case_units.{u}.{form}" for u in UNITS for form in ("name", "sentence")]
    wanted += [f"places_of_help.{p}.{form}" for p in PLACES_OF_HELP for form in ("name", "short")]
    assert [key for key in wanted if not words.get(key)] == []
    assert max(len(words[key]) for key in wanted if key.endswith(".short")) <= 18


def test_raw_counts_show_no_number():
    """Neither a count nor how many rows there are, wherever they are printed."""
    frame = pd.DataFrame({"place_id": ["b1"] * 77, "case_count": [8_731] * 77})
    raw = Counts(2024, "stock", "cases", frame, ("31",))
    shown = f"{raw} {raw!r} {[raw]}"
    assert "8731" not in shown
    assert "77" not in shown
    assert "2024" in shown
