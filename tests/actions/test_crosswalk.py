"""Figures of earlier blocks on the blocks of today."""

import pandas as pd

from sro_geo.actions.crosswalk import counts_of_today, ledger_of_today
from sro_geo.disclosure import Ledger, Version


def _version(areas: dict[str, str]) -> Version:
    members = pd.DataFrame(
        {"city": "c", "space": list(areas.values())}, index=pd.Index(list(areas), name="block_id")
    ).astype(object)
    return Version("p", members, {"c": None, "n": "c", "s": "c"}, {})


def _counts(*blocks: str) -> pd.DataFrame:
    return pd.DataFrame(
        {"place_id": list(blocks), "place_kind": "block", "case_count": range(1, len(blocks) + 1)}
    )


def test_a_version_stands_on_the_parts_of_a_cut_block():
    """Every part lies where the block lay."""
    ledger = Ledger(versions={"p": _version({"1": "n", "2": "s"})})
    found = ledger_of_today(ledger, {"1": ("1~1", "1~2")}).versions["p"].members["space"]
    assert {"1~1": "n", "1~2": "n", "2": "s"} == found.to_dict()


def test_the_count_of_a_block_whose_parts_stay_together_goes_to_the_first():
    """Sums stay what they were."""
    versions = [_version({"1~1": "n", "1~2": "n", "2": "s"})]
    found = counts_of_today(_counts("1", "2"), {"1": ("1~1", "1~2")}, versions)
    assert ["1~1", "2"] == found["place_id"].tolist()
    assert [1, 2] == found["case_count"].tolist()


def test_a_count_is_not_parted_where_the_parts_went_separate_ways():
    """The block that is gone keeps it, and the gate refuses."""
    versions = [_version({"1~1": "n", "1~2": "s", "2": "s"})]
    found = counts_of_today(_counts("1", "2"), {"1": ("1~1", "1~2")}, versions)
    assert ["1", "2"] == found["place_id"].tolist()
