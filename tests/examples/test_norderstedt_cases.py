"""Cases and indicators of the shipped city: plausible, small, and hard to keep secret."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from sro_geo.cases import COUNTING_RULES, HELP_TYPES, PLACES_OF_HELP, denominator_group, types_of
from sro_geo.examples.cases import CASE_COLUMNS, INDICATOR_COLUMNS, YEARS
from sro_geo.indicators import INDICATORS
from sro_geo.population import age_range
from sro_geo.settings import SHIPPED_DATA


@pytest.fixture(scope="module")
def cases() -> pd.DataFrame:
    """Counts by block, with the social space of each."""
    found = pd.read_csv(SHIPPED_DATA / "cases/cases.csv", dtype={"block_id": str, "help_type": str})
    text = (SHIPPED_DATA / "boundaries/blocks.geojson").read_text(encoding="utf-8")
    blocks = [feature["properties"] for feature in json.loads(text)["features"]]
    space = {block["block_id"]: block["social_space_id"] for block in blocks}
    return found.assign(social_space=found["block_id"].map(space))


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    """Persons by block and band."""
    return pd.read_csv(SHIPPED_DATA / "population/population.csv", dtype={"block_id": str})


def test_counts_are_what_the_import_takes(cases: pd.DataFrame) -> None:
    """Known helps, places and blocks, one rule and unit, positive whole numbers, no row twice."""
    assert list(CASE_COLUMNS) == [c for c in cases.columns if c != "social_space"]
    assert set(HELP_TYPES) == set(cases["help_type"])
    assert set(cases["place_of_help"]) <= set(PLACES_OF_HELP)
    assert cases["social_space"].notna().all()
    assert {COUNTING_RULES[1]} == set(cases["counting_rule"])
    assert {"cases"} == set(cases["unit"])
    assert (cases["case_count"] >= 1).all()
    assert not cases.duplicated([c for c in CASE_COLUMNS if c != "case_count"]).any()


def test_a_town_of_eighty_thousand_has_about_five_hundred_helps(cases: pd.DataFrame) -> None:
    """450 to 650 a year with § 28, rather more each year; protection beside them."""
    helps = cases[cases["help_type"].isin(types_of(None))].groupby("year")["case_count"].sum()
    assert list(YEARS) == helps.index.tolist()
    assert helps.between(450, 650).all()
    assert helps[2025] > helps[2021]
    for code, least, most in (("42", 15, 45), ("8a", 80, 150)):
        own = cases[cases["help_type"] == code].groupby("year")["case_count"].sum()
        assert own.between(least, most).all()


def test_every_year_has_numbers_to_hide(cases: pd.DataFrame) -> None:
    """In each year several cells of space and help hold 1 to 4, over the town few do."""
    cells = cases.groupby(["year", "help_type", "social_space"])["case_count"].sum()
    hidden = cells.between(1, 4).groupby("year").sum()
    assert (hidden >= 8).all()
    town = cases.groupby(["year", "help_type"])["case_count"].sum()
    assert (town.between(1, 4).groupby("year").sum() <= 2).all()


def test_residential_help_is_further_away(cases: pd.DataFrame) -> None:
    """Homes and foster families are often outside, family assistance hardly ever."""
    totals = cases.groupby(["help_type", "place_of_help"])["case_count"].sum().unstack(fill_value=0)
    outside = totals["outside"] / totals.sum(axis=1)
    assert outside["34"] > 0.5
    assert outside["33"] > 0.35
    assert 0 == outside["31"]


def test_nobody_is_helped_who_is_not_there(cases: pd.DataFrame, people: pd.DataFrame) -> None:
    """No help has more cases than persons of the age, and none beyond its denominator."""
    key = ["block_id", "age_from"]
    persons = people.set_index(key)["persons"]
    counted = cases.groupby([*key, "year", "help_type"])["case_count"].sum().reset_index()
    there = persons.reindex(pd.MultiIndex.from_frame(counted[key])).to_numpy()
    assert (counted["case_count"].to_numpy() <= there).all()
    for code in HELP_TYPES:
        first, last = age_range(denominator_group(code))
        own = cases[cases["help_type"] == code]
        assert own["age_from"].ge(first).all()
        assert own["age_to"].le(last).all()


def test_indicators_are_those_of_the_catalogue(cases: pd.DataFrame) -> None:
    """Each space has each figure each year, numerator under denominator."""
    found = pd.read_csv(SHIPPED_DATA / "cases/indicators.csv")
    assert list(INDICATOR_COLUMNS) == found.columns.tolist()
    assert set(found["indicator"]) <= set(INDICATORS)
    assert set(cases["social_space"]) == set(found["area_id"])
    whole = found["indicator"].nunique() * len(YEARS) * found["area_id"].nunique()
    assert whole == len(found) == len(found.drop_duplicates(["indicator", "area_id", "year"]))
    assert (found["numerator"] < found["denominator"]).all()
    assert (found["numerator"] > 100).all()
