import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sro_geo.errors import SroError
from sro_geo.population import AGE_GROUPS, age_range, persons_by_block, persons_of_group


def stored(*bands):
    """One block "b" with persons per band."""
    return pd.DataFrame(
        {
            "place_id": "b",
            "age_from": pd.array([b[0] for b in bands], "Int64"),
            "age_to": pd.array([b[1] for b in bands], "Int64"),
            "persons": [float(b[2]) for b in bands],
        }
    )


SHIPPED = stored(*((*age_range(g), 10) for g in AGE_GROUPS))


def test_a_union_of_stored_bands_is_exact():
    """Under 18 is 0-2, 3-5, 6-9, 10-13 and 14-17 together."""
    persons, estimated = persons_of_group(SHIPPED, "under_18")
    assert (persons["b"], estimated) == (50.0, False)


def test_an_open_band_counts_only_in_an_open_group():
    """75+ is exact, 75-80 is not."""
    assert persons_of_group(SHIPPED, "75+")[0]["b"] == 10
    with pytest.raises(SroError) as caught:
        persons_of_group(SHIPPED, "75-80")
    assert "75+" in caught.value.params["bands"]


def test_a_cut_band_is_refused_with_the_bands_there_are():
    """A group that does not fit is not guessed silently."""
    with pytest.raises(SroError) as caught:
        persons_of_group(stored((0, 17, 100), (18, None, 300)), "6-9")
    assert caught.value.code == "age_group_not_stored"
    assert caught.value.params["bands"] == "0-17 18+"


def test_an_estimate_spreads_a_band_evenly_and_is_marked():
    """Four of eighteen years of 180 persons are 40."""
    persons, estimated = persons_of_group(stored((0, 17, 180)), "6-9", estimate=True)
    assert (persons["b"], estimated) == (pytest.approx(40), True)


def test_a_group_with_a_missing_band_is_refused():
    """0-5 needs 0-2 as well as 3-5."""
    with pytest.raises(SroError):
        persons_of_group(stored((3, 5, 10)), "0-5")


@given(st.lists(st.integers(0, 500), min_size=10, max_size=10))
def test_groups_that_partition_the_ages_add_up_to_all(counts):
    """Nobody is counted twice or lost."""
    table = stored(*((*age_range(g), n) for g, n in zip(AGE_GROUPS, counts, strict=True)))
    parts = sum(persons_of_group(table, g)[0]["b"] for g in AGE_GROUPS)
    assert parts == persons_of_group(table, "all")[0]["b"] == sum(counts)


def test_cells_count_in_the_block_of_their_centre():
    """A cell outside every block is not a person of the city."""
    cells = pd.DataFrame({"cell_id": ["c1", "c2", "c3"], "block_id": ["b", "b", None]})
    persons = pd.Series([1.0, 2.0, 4.0, 8.0], index=["c1", "c2", "c3", "b"])
    assert persons_by_block(persons, cells).to_dict() == {"b": 11.0}


@pytest.mark.parametrize("word", ["", "kinder", "9-6", "-3", "6 bis 9"])
def test_an_unknown_age_group_is_refused(word):
    """Only the written forms of the contract are understood."""
    with pytest.raises(SroError):
        age_range(word)
