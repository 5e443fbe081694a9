"""Counts of blocks rolled up to areas: against hand-made sums, pandas, and by law."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sro_geo.cases import Counts, coded, sums
from sro_geo.errors import SroError

MEMBERS = pd.DataFrame(
    {"social_space": ["s1", "s1", "s2", None], "region": ["north", "north", "south", "south"]},
    index=pd.Index(["b1", "b2", "b3", "b4"], name="block_id"),
)
LEVELS = ["social_space", "region"]


def counts(year, rows, help_types=("28", "31"), kind="block"):
    """Return raw counts of a year from (place, help type, number)."""
    frame = pd.DataFrame(rows, columns=["place_id", "help_type", "case_count"])
    return Counts(year, "stock", "cases", frame.assign(place_kind=kind), help_types)


def test_cases_add_up_to_their_areas():
    """A help nobody got is 0, one that was not recorded is missing; b4 lies in no space."""
    years = [
        counts(2025, [("b3", "31", 5), ("b4", "31", 2)], ("31",)),
        counts(2024, [("b1", "28", 1), ("b2", "28", 3), ("b1", "31", 4), ("b1", "31", 4)]),
    ]
    table = sums(coded(years, MEMBERS.index), MEMBERS, LEVELS)
    expected = {
        ("social_space", "s1"): [4, 8, np.nan, 0],
        ("social_space", "s2"): [0, 0, np.nan, 5],
        ("region", "north"): [4, 8, np.nan, 0],
        ("region", "south"): [0, 0, np.nan, 7],
    }
    assert list(expected) == table.index.tolist()
    assert [(2024, "28"), (2024, "31"), (2025, "28"), (2025, "31")] == table.columns.tolist()
    assert np.array(list(expected.values())) == pytest.approx(table.to_numpy(), nan_ok=True)


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["b1", "b2", "b3", "b4"]),
            st.sampled_from(["28", "31"]),
            st.integers(0, 50),
        ),
        max_size=30,
    ),
    st.randoms(use_true_random=False),
)
def test_sums_are_those_of_pandas_in_any_order(rows, shuffler):
    """And blocks or rows in another order change nothing."""
    found = sums(coded([counts(2024, rows)], MEMBERS.index), MEMBERS, LEVELS)
    frame = counts(2024, rows).frame
    for level in LEVELS:
        area = frame["place_id"].map(MEMBERS[level])
        theirs = frame["case_count"].astype(float).groupby([area, frame["help_type"]]).sum()
        ours = found.loc[level].stack(future_stack=True)[2024]
        assert ours[ours > 0].to_dict() == theirs[theirs > 0].to_dict()
    mixed = MEMBERS.iloc[shuffler.sample(range(4), 4)]
    shuffled = shuffler.sample(rows, len(rows))
    again = sums(coded([counts(2024, shuffled)], mixed.index), mixed, LEVELS)
    pd.testing.assert_frame_equal(found, again)


def test_a_block_nobody_knows_is_refused_and_no_number_said():
    """The error names the block, never the count."""
    with pytest.raises(SroError, match="cases_block_unknown") as refused:
        coded([counts(2024, [("b9", "31", 8731)])], MEMBERS.index)
    assert {"block": "b9"} == dict(refused.value.params)


def test_what_is_no_sum_over_blocks_is_no_sum():
    """Counts of areas, one year twice, two rules, a help that was not recorded."""
    one = counts(2024, [("b1", "31", 2)])
    stock = Counts(2025, "running_and_ended", "cases", one.frame, one.help_types)
    wrong = [
        [counts(2024, [("s1", "31", 2)], kind="area")],
        [one, one],
        [one, stock],
        [counts(2024, [("b1", "31", 2)], ("28",))],
    ]
    for given_counts in wrong:
        with pytest.raises(ValueError, match=r"block|year|recorded"):
            coded(given_counts, MEMBERS.index)


def test_no_counts_are_an_empty_table():
    """Nothing recorded: areas without columns; and coded counts show no number."""
    none = coded([], MEMBERS.index)
    assert (4, 0) == sums(none, MEMBERS, LEVELS).shape
    assert (0, 0) == sums(none, MEMBERS, []).shape
    some = coded([counts(2024, [("b1", "31", 8731)])], MEMBERS.index)
    assert "8731" not in repr(some)
