"""Rates of released cells: against scipy, against esda, against hand-made tables, and by law."""

import numpy as np
import pandas as pd
import pytest
from esda.smoothing import Empirical_Bayes
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sro_geo.cases import (
    change,
    compared,
    place_shares,
    poisson_interval,
    rates,
    smoothed,
)
from tests.cases.toy_cases import cells, column

COUNTS = st.lists(st.none() | st.integers(0, 2_000), min_size=1, max_size=12)
SIZES = st.integers(100, 90_000)


def test_intervals_are_the_quantiles_of_chi_squared():
    """Garwood (1936), for every count that occurs."""
    counts = np.arange(0, 5_000)
    low, high = poisson_interval(counts)
    assert low[1:] == pytest.approx(stats.chi2.ppf(0.025, 2 * counts[1:]) / 2, rel=1e-9)
    assert high == pytest.approx(stats.chi2.ppf(0.975, 2 * counts + 2) / 2, rel=1e-9)
    assert 0 == low[0]


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_limits_leave_half_the_rest_on_either_side(confidence):
    """What defines them: P(X >= k | low) and P(X <= k | high) are both (1 - c) / 2."""
    counts = np.array([1, 2, 5, 17, 120, 3_000])
    low, high = poisson_interval(counts, confidence=confidence)
    tail = (1 - confidence) / 2
    assert stats.poisson.sf(counts - 1, low) == pytest.approx(tail, rel=1e-6)
    assert stats.poisson.cdf(counts, high) == pytest.approx(tail, rel=1e-6)
    low, high = poisson_interval([0, np.nan], confidence=confidence)
    assert (0.0, pytest.approx(-np.log(tail))) == (low[0], high[0])
    assert np.isnan([low[1], high[1]]).all()


def test_rates_of_a_table_done_by_hand():
    """12 of 4,000 are 3 per 1,000; the limits of 12 are 6.2006 and 20.9616."""
    rated = rates(cells([{"area_id": "a", "count": 12}]))
    assert [3.0, 1.55015, 5.2404] == pytest.approx(
        rated[["rate", "rate_low", "rate_high"]].iloc[0].tolist(), rel=1e-5
    )
    assert 30.0 == pytest.approx(rates(cells([{"area_id": "a", "count": 12}]), per=10_000)["rate"])


@pytest.mark.parametrize("status", ["suppressed", "missing"])
def test_hidden_and_missing_have_no_rate_whatever_stands_in_them(status):
    """Even a number left behind by mistake is not looked at; and 0 is a rate."""
    frame = cells(
        [
            {"area_id": "a", "count": 3, "status": status},
            {"area_id": "b", "count": None, "status": status},
            {"area_id": "c", "count": 0},
            {"area_id": "d", "count": 7, "denominator": 0.0},
        ]
    )
    rated = rates(frame)
    made = rated[["rate", "rate_low", "rate_high"]].assign(smoothed=smoothed(frame))
    assert made.iloc[[0, 1, 3]].isna().all(axis=None)
    assert [0.0, 0.0] == made.iloc[2][["rate", "rate_low"]].tolist()
    assert made.loc[2, "rate_high"] > 0


@given(COUNTS, st.data())
def test_intervals_hold_the_rate_and_shrink_with_more_of_the_same(counts, data):
    """Low <= rate <= high; ten times persons and cases: same rate, inside the old interval."""
    sizes = data.draw(st.lists(SIZES, min_size=len(counts), max_size=len(counts)))
    small = rates(column(counts, sizes)).dropna(subset="count")
    large = rates(column([c and 10 * c for c in counts], [10 * s for s in sizes]))
    large = large.dropna(subset="count")
    assert (small["rate_low"] <= small["rate"]).all()
    assert (small["rate"] <= small["rate_high"]).all()
    assert small["rate"].to_numpy() == pytest.approx(large["rate"].to_numpy())
    assert (large["rate_low"] >= small["rate_low"] - 1e-9).all()
    assert (large["rate_high"] <= small["rate_high"] + 1e-9).all()


@given(st.lists(st.integers(0, 400), min_size=2, max_size=30), st.data())
def test_smoothing_agrees_with_esda(counts, data):
    """Marshall's moments; where they leave no variance between areas, everybody has the mean."""
    sizes = data.draw(st.lists(SIZES, min_size=len(counts), max_size=len(counts)))
    e, b = np.array(counts, float), np.array(sizes, float)
    ours = smoothed(column(counts, sizes), per=1).to_numpy()
    mean = e.sum() / b.sum()
    variance = (b * (e / b - mean) ** 2).sum() / b.sum() - mean / b.mean()
    if variance > 1e-12:
        assert ours == pytest.approx(Empirical_Bayes(e, b).r.ravel(), rel=1e-7)
    elif variance < -1e-12:
        assert ours == pytest.approx(np.full(len(e), mean))


@given(COUNTS, st.data())
def test_smoothing_stays_between_the_own_rate_and_the_mean(counts, data):
    """And does not depend on the order, and grows in step with the unit of the rate."""
    sizes = data.draw(st.lists(SIZES, min_size=len(counts), max_size=len(counts)))
    frame = column(counts, sizes)
    drawn = smoothed(frame)
    known = frame[frame["status"] == "released"]
    if known.empty:
        assert drawn.isna().all()
        return
    own = 1000 * known["count"].astype(float) / known["denominator"]
    mean = 1000 * float(known["count"].sum()) / known["denominator"].sum()
    assert (drawn[own.index] >= np.minimum(own, mean) - 1e-9).all()
    assert (drawn[own.index] <= np.maximum(own, mean) + 1e-9).all()
    order = data.draw(st.permutations(range(len(counts))))
    shuffled = smoothed(frame.iloc[order]).loc[frame.index]
    assert shuffled.to_numpy() == pytest.approx(drawn.to_numpy(), nan_ok=True)
    assert smoothed(frame, per=10_000).to_numpy() == pytest.approx(10 * drawn, nan_ok=True)


@settings(max_examples=40)
@given(COUNTS, st.lists(st.integers(1, 4), min_size=12, max_size=12), st.data())
def test_nothing_follows_from_hidden_numbers(counts, hidden, data):
    """Any number beneath a hidden cell gives the same figures for all."""
    sizes = data.draw(st.lists(SIZES, min_size=len(counts), max_size=len(counts)))
    frame = column(counts, sizes)
    leaked = frame.copy()
    masked = (frame["status"] == "suppressed").to_numpy()
    leaked.loc[masked, "count"] = pd.array(np.array(hidden[: len(counts)])[masked], dtype="Int64")
    parents = dict.fromkeys(frame["area_id"], "a0") | {"a0": None}
    for made in (rates, smoothed, change, lambda c: compared(c, parents)):
        before, after = made(frame), made(leaked)
        if isinstance(before, pd.DataFrame):
            before, after = (x.drop(columns="count", errors="ignore") for x in (before, after))
        assert before.equals(after)


def test_kinds_are_smoothed_apart():
    """The mean of a help is no mean of another help, year, level or version."""
    rows = [{"area_id": f"a{n}", "count": 100 + n} for n in range(4)]
    other = [{"area_id": f"a{n}", "count": 10, "help_type": "31"} for n in range(4)]
    later = [{"area_id": f"a{n}", "count": 300, "year": 2025} for n in range(4)]
    drawn = smoothed(cells(rows + other + later))
    assert drawn[:4].to_numpy() == pytest.approx(smoothed(cells(rows)).to_numpy())
    assert drawn[4:8].to_numpy() == pytest.approx(2.5)
    assert drawn[8:].to_numpy() == pytest.approx(75)


def series(*years):
    """Return the total of one area over years: (year, count or None, further columns)."""
    rows = []
    for year, count, *more in years:
        status = "suppressed" if count is None else "released"
        rows.append({"area_id": "a", "year": year, "count": count, "status": status})
        rows[-1] |= more[0] if more else {}
    return cells(rows)


def test_change_is_the_difference_to_the_year_before():
    """Whatever the order of rows; the first year and one after a gap have none."""
    found = change(series((2023, 20), (2021, 12), (2022, 16), (2025, 30)))
    assert [4.0, np.nan, 4.0, np.nan] == pytest.approx(found["count_change"], nan_ok=True)
    assert [1.0, np.nan, 1.0, np.nan] == pytest.approx(found["rate_change"], nan_ok=True)
    assert not found["broken"].any()


def test_change_ends_where_either_year_is_hidden():
    """No difference to or from a hidden number; that is no break."""
    found = change(series((2021, 12), (2022, None), (2023, 20), (2024, 21)))
    assert [np.nan, np.nan, np.nan, 1.0] == pytest.approx(found["count_change"], nan_ok=True)
    assert not found["broken"].any()


@pytest.mark.parametrize(
    "other", [{"version": "v2"}, {"counting_rule": "stock"}, {"unit": "young_people"}]
)
def test_a_series_breaks_where_area_rule_or_unit_changed(other):
    """Nothing is subtracted across, and the break is marked once."""
    found = change(series((2022, 10), (2023, 11), (2024, 30, other), (2025, 33, other)))
    assert [np.nan, 1.0, np.nan, 3.0] == pytest.approx(found["count_change"], nan_ok=True)
    assert [False, False, True, False] == found["broken"].tolist()


def test_a_year_on_both_versions_continues_both():
    """The old series goes on on its own areas, the new one on its own."""
    frame = series((2023, 10), (2023, 40, {"version": "v2"}), (2024, 12, {"version": "v2"}))
    found = change(frame)
    assert [np.nan, np.nan, -28.0] == pytest.approx(found["count_change"], nan_ok=True)
    assert not found["broken"].any()
    with pytest.raises(ValueError, match="twice"):
        change(series((2023, 10), (2023, 11)))


def by_place(**counts):
    """Return the total of an area and its parts by place of help; None is hidden."""
    rows = [{"area_id": "a", "count": 40}]
    for place, count in counts.items():
        status = "suppressed" if count is None else "released"
        rows.append({"area_id": "a", "place": place, "count": count, "status": status})
    return cells(rows)


def test_shares_of_help_near_home_are_cumulative():
    """20 + 5 + 5 of 40 in the city; what is unknown stays in the total."""
    found = place_shares(by_place(social_space=20, region=5, city=5, outside=8, unknown=2))
    assert [0.5, 0.625, 0.75, 0.2, 0.05] == pytest.approx(found.iloc[0].tolist())
    assert [0] == found.index.tolist()


def test_shares_follow_from_released_numbers_alone():
    """A hidden part hides what needs it; what the rest tells of the released total stays."""
    found = place_shares(by_place(social_space=None, region=None, city=5, outside=8, unknown=2))
    assert [np.nan, 0.625, 0.75, 0.2, 0.05] == pytest.approx(found.iloc[0].tolist(), nan_ok=True)
    found = place_shares(by_place(social_space=20, region=None, city=6, outside=None, unknown=0))
    assert [0.5, np.nan, np.nan, np.nan, 0] == pytest.approx(found.iloc[0].tolist(), nan_ok=True)


def test_a_place_without_a_cell_is_not_nought():
    """Nor has a hidden total shares, nor one of 0."""
    found = place_shares(by_place(social_space=20, region=5))
    assert [0.5, 0.625] == found.iloc[0][["within_social_space", "within_region"]].tolist()
    assert found.iloc[0][["within_city", "outside", "unknown"]].isna().all()
    for status, count in (("suppressed", 40), ("missing", None), ("released", 0)):
        frame = by_place(social_space=0, region=0, city=0, outside=0, unknown=0)
        frame.loc[0, "status"] = status
        frame.loc[0, "count"] = count
        assert place_shares(frame).isna().all(axis=None)


TREE = {"s1": "north", "s2": "north", "north": "town", "town": None}


def tree(**counts):
    """Return the totals of two spaces, their region and the town; None is hidden."""
    size = {"s1": 4_000.0, "s2": 4_000.0, "north": 8_000.0, "town": 16_000.0}
    level = {"north": "region", "town": "city"}
    return cells(
        [
            {
                "area_id": area,
                "count": count,
                "denominator": size[area],
                "level": level.get(area, "social_space"),
                "status": "suppressed" if count is None else "released",
            }
            for area, count in counts.items()
        ]
    )


def test_each_area_is_set_beside_its_region_and_the_city():
    """200 of 4,000 lie above 30 and 25 per 1,000, 40 below; the city has nothing above."""
    found = compared(tree(s1=200, s2=40, north=240, town=400), TREE)
    assert ["north", "north", "town", None] == found["parent_id"].tolist()
    assert [30, 30, 25, np.nan] == pytest.approx(found["parent_rate"], nan_ok=True)
    assert ["town", "town", "town", None] == found["city_id"].tolist()
    assert [25, 25, 25, np.nan] == pytest.approx(found["city_rate"], nan_ok=True)
    assert ["above", "below", "above", None] == found["against_parent"].tolist()
    assert ["above", "below", "above", None] == found["against_city"].tolist()


def test_chance_is_no_difference():
    """11 against 10 expected is alike."""
    found = compared(tree(s1=11, s2=9, north=20, town=40), TREE)
    assert ["alike", "alike", "alike", None] == found["against_city"].tolist()


def test_nothing_is_compared_with_what_is_hidden():
    """Neither from the hidden side nor towards it."""
    found = compared(tree(s1=None, s2=40, north=None, town=400), TREE)
    assert [None, None, None, None] == found["against_parent"].tolist()
    assert [None, "below", None, None] == found["against_city"].tolist()
    assert found["parent_rate"].iloc[:2].isna().all()


def test_like_is_compared_with_like():
    """Another help, year or version of the city is no measure for this one."""
    frame = pd.concat(
        [
            tree(s1=200, town=400),
            tree(s1=20, town=None).assign(help_type="31"),
            tree(s1=100, town=800).assign(year=2025),
        ],
        ignore_index=True,
    )
    found = compared(frame, TREE)
    expected = [25, np.nan, np.nan, np.nan, 50, np.nan]
    assert expected == pytest.approx(found["city_rate"], nan_ok=True)
    assert found["parent_rate"].iloc[[0, 2, 4]].isna().all()


def test_no_cells_give_no_figures():
    """An empty table stays an empty table."""
    none = cells([{"area_id": "a", "count": 1}]).iloc[:0]
    assert rates(none).empty
    assert smoothed(none).empty
    assert change(none).empty
    assert place_shares(none).empty
    assert compared(none, {}).empty
