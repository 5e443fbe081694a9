"""Indices against tables calculated by hand, and the laws they keep."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sro_geo.i18n import LANGUAGES, phrases
from sro_geo.indicators import (
    CLASSES,
    DYNAMICS,
    FORMULAS,
    INDICATORS,
    classes,
    index_points,
    index_rank,
    index_z,
    indicator_table,
    ranks,
    sensitivity,
    status_dynamics,
)
from sro_geo.population import age_range

# mean 15 and 60, standard deviations 5 and 10
TABLE = pd.DataFrame(
    {"sgb2_rate": [10.0, 20, 10, 20], "employment_rate": [70.0, 50, 50, 70]},
    index=["a", "b", "c", "d"],
)
VALUES = st.floats(0.5, 90, width=16)


def tables(least=2):
    """Tables of three indicators, some figures hidden."""
    row = st.tuples(VALUES | st.just(np.nan), VALUES, VALUES)
    return st.lists(row, min_size=least, max_size=9).map(
        lambda rows: pd.DataFrame(
            rows,
            columns=["sgb2_rate", "employment_rate", "local"],
            index=[f"a{n}" for n in range(len(rows))],
        )
    )


def test_z_sum_by_hand():
    """Employment is turned round: b has most need, a least; c and d are 0."""
    assert [-2, 2, 0, 0] == pytest.approx(index_z(TABLE).tolist())
    assert [-3, 3, -1, 1] == pytest.approx(index_z(TABLE, weights={"sgb2_rate": 2}).tolist())
    assert [0, 0, -2, 2] == pytest.approx(index_z(TABLE, signs={"employment_rate": 1}).tolist())


def test_rank_sum_by_hand():
    """Ties share: the two lowest of four have 1.5 each, the two highest 3.5."""
    assert [3, 7, 5, 5] == index_rank(TABLE).tolist()
    assert [4.5, 10.5, 6.5, 8.5] == index_rank(TABLE, weights={"sgb2_rate": 2}).tolist()


def test_points_by_hand():
    """10 of 15 are 66.7; 70 of 60 are 116.7, mirrored 83.3."""
    expected = [75, 125, (200 / 3 + 350 / 3) / 2, (400 / 3 + 250 / 3) / 2]
    assert expected == pytest.approx(index_points(TABLE).tolist())
    weighted = (3 * 200 / 3 + 250 / 3) / 4
    assert weighted == pytest.approx(index_points(TABLE, weights={"sgb2_rate": 3})["a"])


def test_the_most_need_has_place_one():
    """Ties share the better place; without index no place."""
    index = pd.Series([1.0, 3.0, np.nan, 3.0, 0.1 + 0.2, 0.3])
    assert [3, 1, pd.NA, 1, 4, 4] == ranks(index).tolist()


def test_classes_end_at_standard_deviations():
    """Beyond one below: low; beyond one above: high; beyond one and a half: very high."""
    index = pd.Series([-1.2, -0.9, 0.9, 1.2, 2.0, np.nan, *[0.0] * 9])
    known = index.dropna()
    z = (known - known.mean()) / known.std(ddof=0)
    expected = [
        "low" if v < -1 else "middle" if v <= 1 else "high" if v <= 1.5 else "very_high" for v in z
    ]
    assert expected == classes(index).dropna().tolist()
    assert {"low", "middle", "high", "very_high"} == set(expected)
    assert classes(index)[5] is None
    assert ["middle"] * 3 == classes(pd.Series([2.0, 2.0, 2.0])).tolist()


def test_status_and_dynamics_stand_side_by_side():
    """b had most need and it grew most; a hidden figure of either year hides what needs it."""
    before = TABLE.copy()
    before["sgb2_rate"] = [10.0, 16, 12, 20]
    found = status_dynamics(TABLE, before)
    assert index_z(TABLE).tolist() == found["status"].tolist()
    change = np.array([0, 4, -2, 0])
    expected = (change - change.mean()) / change.std()
    assert expected == pytest.approx(found["dynamics"].to_numpy())
    assert ["low", "high", "middle", "middle"] == found["status_class"].tolist()
    assert ["steady", "growing", "easing", "steady"] == found["dynamics_class"].tolist()
    before.loc["b", "sgb2_rate"] = np.nan
    found = status_dynamics(TABLE, before)
    assert found["status"].notna().all()
    assert ["b"] == found.index[found["dynamics"].isna()].tolist()
    assert found.loc["b", "dynamics_class"] is None


def test_sensitivity_shows_how_far_a_rank_can_be_trusted():
    """Without employment a and c are alike, b and d too; b is first in all but ties."""
    found = sensitivity(TABLE)
    assert [4, 1, 2, 2] == found["formula", "z"].tolist()
    assert [4, 1, 2, 2] == found["formula", "rank"].tolist()
    assert [4, 1, 3, 2] == found["formula", "points"].tolist()
    assert [3, 1, 3, 1] == found["without", "employment_rate"].tolist()
    assert [3, 1, 1, 3] == found["without", "sgb2_rate"].tolist()
    assert [4, 1, 3, 2] == found["doubled", "sgb2_rate"].tolist()
    assert [4, 1, 2, 3] == found["doubled", "employment_rate"].tolist()
    assert [3, 1, 1, 1] == found["range", "best"].tolist()
    assert [4, 1, 3, 3] == found["range", "worst"].tolist()


def test_a_single_indicator_is_not_left_out():
    """Nothing would remain to rank by."""
    found = sensitivity(TABLE[["sgb2_rate"]])
    assert ("without", "sgb2_rate") not in found.columns
    assert [3, 1, 3, 1] == found["range", "worst"].tolist()


@given(tables(), st.data())
def test_formulas_do_not_depend_on_order_or_unit(table, data):
    """Permuted areas keep their index; per mille instead of per cent changes none."""
    order = data.draw(st.permutations(range(len(table))))
    for formula in FORMULAS.values():
        index = formula(table)
        again = formula(table.iloc[order]).loc[table.index]
        assert index.to_numpy() == pytest.approx(again.to_numpy(), nan_ok=True, abs=1e-9)
        scaled = formula(table * [10, 10, 10])
        assert index.to_numpy() == pytest.approx(scaled.to_numpy(), nan_ok=True, abs=1e-6)


@given(tables(), st.integers(0, 8), st.sampled_from(["sgb2_rate", "local"]))
def test_more_need_never_lowers_the_place(table, which, column):
    """An area whose rate rises keeps its place or comes nearer the first; less work likewise."""
    table = table.dropna()
    if len(table) < 2:
        return
    area = table.index[which % len(table)]
    worse = table.copy()
    worse.loc[area, column] += 7
    worse.loc[area, "employment_rate"] -= 0.25
    for name in ("rank", "points"):
        formula = FORMULAS[name]
        assert ranks(formula(worse))[area] <= ranks(formula(table))[area]


@settings(max_examples=50)
@given(tables(3), st.integers(0, 8))
def test_a_hidden_figure_moves_nobody_else(table, which):
    """An area with a hidden figure has no index, and the others rank as if it were not there."""
    area = table.index[which % len(table)]
    table.loc[area, "sgb2_rate"] = np.nan
    alone = table.drop(index=area)
    for other in (1.0, 80.0):
        table.loc[area, ["employment_rate", "local"]] = other
        found = sensitivity(table)
        assert found.loc[area].isna().all()
        assert found.drop(index=area).equals(sensitivity(alone))
        for formula in FORMULAS.values():
            assert formula(table).drop(area).equals(formula(alone))


def test_what_only_describes_is_in_no_index():
    """Migration background says nothing of need; nor does its absence hide an area."""
    table = TABLE.assign(migration_background_under_18=[np.nan, 50, 0, 9])
    for formula in FORMULAS.values():
        assert formula(TABLE).equals(formula(table))
    chosen = index_z(table, signs={"migration_background_under_18": 1})
    assert ["a"] == chosen.index[chosen.isna()].tolist()


def test_nothing_to_rank_gives_no_ranks():
    """All hidden, none complete, or no indicator of need: NaN, not 0 and no error."""
    nothing = TABLE * np.nan
    describing = TABLE[[]].assign(youth_quotient=1.0)
    for formula in FORMULAS.values():
        assert formula(nothing).isna().all()
        assert formula(describing).isna().all()
    assert sensitivity(nothing).isna().all(axis=None)
    assert [None] * 4 == classes(index_z(nothing)).tolist()
    with pytest.raises(ValueError, match="0 or more"):
        index_z(TABLE, weights={"sgb2_rate": -1})


def test_rates_come_from_numerator_and_denominator():
    """Per cent or per 10,000 as is usual; what is hidden at the source stays out."""
    rows = pd.DataFrame(
        [
            ("a", 2024, "sgb2_rate", 300, 2_000, None, "given"),
            ("a", 2024, "taking_into_care", 4, 2_000, None, "released"),
            ("b", 2024, "sgb2_rate", None, None, 12.5, "given"),
            ("b", 2024, "taking_into_care", 2, 2_000, None, "suppressed_at_source"),
            ("c", 2024, "sgb2_rate", 1, 0, None, "given"),
            ("c", 2023, "sgb2_rate", 1, 10, None, "given"),
            ("d", 2024, "sgb2_rate", 0, 500, None, "given"),
        ],
        columns=["area_id", "year", "indicator", "numerator", "denominator", "value", "status"],
    )
    table = indicator_table(rows, 2024)
    assert [15, 12.5, np.nan, 0] == pytest.approx(table["sgb2_rate"].tolist(), nan_ok=True)
    expected = [20, np.nan, np.nan, np.nan]
    assert expected == pytest.approx(table["taking_into_care"].tolist(), nan_ok=True)
    assert indicator_table(rows, 1999).empty


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_has_its_words(language):
    """Names, what is counted, among whom; formulas and classes too."""
    words = phrases(language)
    forms = ("name", "short", "numerator", "denominator")
    wanted = [f"indicators.{one}.{form}" for one in INDICATORS for form in forms]
    wanted += [f"index_formulas.{one}.{form}" for one in FORMULAS for form in ("name", "sentence")]
    wanted += [f"index_classes.{one}" for one in CLASSES]
    wanted += [f"index_dynamics.{one}" for one in DYNAMICS]
    assert [key for key in wanted if not words.get(key)] == []
    assert all(age_range(one.denominator) for one in INDICATORS.values())
