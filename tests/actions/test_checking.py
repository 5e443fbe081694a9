"""Each doubt about the data, made by a small edit, and told the same way everywhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from sro_geo.actions.checking import check_workspace, finding_record, holdings
from sro_geo.actions.workspace import Snapshot
from sro_geo.i18n import phrases
from tests.conftest import CommandLine

TODAY = dt.date(2026, 11, 1)


@pytest.fixture
def tables(county: CommandLine) -> dict[str, pd.DataFrame]:
    """The tables of the second city, to be edited."""
    workspace = county.open()
    snapshot = workspace.snapshot()
    workspace.close()
    return dict(snapshot.tables)


@pytest.fixture
def found(county: CommandLine) -> Callable[[Mapping[str, pd.DataFrame]], set[tuple[str, str]]]:
    """Rules and ids that ``check`` finds in edited tables."""
    workspace = county.open()
    city = replace(workspace.city, stale_after_days=365)
    workspace.close()

    def check(edited: Mapping[str, pd.DataFrame]) -> set[tuple[str, str]]:
        snapshot = Snapshot(city, 1, dict(edited), TODAY)
        return {(finding.rule, finding.id) for finding in check_workspace(snapshot)}

    return check


def edited(table: pd.DataFrame, key: str, **values: Any) -> pd.DataFrame:
    """Return a table with new values in the row of one key."""
    out = table.copy()
    row = out.iloc[:, 0] == key
    for column, value in values.items():
        if column == "geometry":
            shapes = out.geometry.to_numpy().copy()
            shapes[np.flatnonzero(row)[0]] = value
            out = out.set_geometry(gpd.GeoSeries(shapes, out.index, crs=out.crs))
        else:
            out[column] = out[column].mask(row, value)
    return out


def offer(tables: Mapping[str, pd.DataFrame], **values: Any) -> dict[str, pd.DataFrame]:
    """Edit the offer with a place."""
    return {**tables, "offers": edited(tables["offers"], "1", **values)}


def test_the_untouched_city_has_only_what_it_has(tables, found):
    """Its blank spots: a space without offers, and the play bus counts where it serves."""
    assert {("area_without_offers", "b")} == found(tables)


def test_nothing_imported_is_one_finding(tables, found):
    """An empty workspace needs areas before anything else."""
    nothing = {name: table.iloc[:0] for name, table in tables.items()}

    assert {("no_areas", "")} == found(nothing)


@pytest.mark.parametrize(
    ("rule", "values"),
    [
        ("offer_stale", {"verified_on": "2025-10-31"}),
        ("offer_never_verified", {"verified_on": None}),
        ("offer_category_unknown", {"category": "zirkus"}),
        ("offer_without_provider", {"provider_id": None}),
        ("offer_schedule_unreadable", {"schedule": "wenn offen ist"}),
        ("offer_without_place", {"location_id": None}),
        ("offer_area_unknown", {"service_area": "atlantis"}),
    ],
)
def test_a_doubtful_offer_is_named(tables, found, rule: str, values: dict[str, Any]):
    """One changed field, one finding on that offer."""
    assert (rule, "1") in found(offer(tables, **values)) - found(tables)


def test_a_closed_offer_is_nobodys_doubt(tables, found):
    """What is closed need not be confirmed."""
    closed = offer(tables, status="closed", verified_on="2000-01-01")

    assert "1" not in {i for _, i in found(closed)}


def test_an_offer_outside_every_area_is_named(tables, found):
    """Its point lies in the next county."""
    key = tables["locations"]["location_id"].iloc[0]
    moved = edited(tables["locations"], key, geometry=shapely.Point(0, 0))

    assert ("offer_outside", "1") in found({**tables, "locations": moved})


def doubled(tables: Mapping[str, pd.DataFrame], **values: Any) -> dict[str, pd.DataFrame]:
    """Add a second offer like the first, at a place of its own on the same point."""
    offers, locations = tables["offers"], tables["locations"]
    twin = offers[offers["offer_id"] == "1"].assign(offer_id="9", location_id="L9", **values)
    house = locations.iloc[:1].assign(location_id="L9", address="Anger 99")
    return {
        **tables,
        "offers": pd.concat([offers, twin], ignore_index=True),
        "locations": pd.concat([locations, house], ignore_index=True),
    }


def test_two_offers_on_one_point_under_two_addresses_are_named(tables, found):
    """One of the points was guessed."""
    rules = found(doubled(tables, name="Anderer Treff"))

    assert {("offers_on_one_point", "1"), ("offers_on_one_point", "9")} <= rules


def test_the_same_offer_twice_is_named(tables, found):
    """The same name at the same point."""
    assert ("offer_doubled", "9") in found(doubled(tables))


def test_an_invalid_shape_is_named(tables, found):
    """A block like a bow tie."""
    x, y = 420_000, 5_920_000
    tie = shapely.Polygon([(x, y), (x + 500, y - 500), (x + 500, y), (x, y - 500)])

    blocks = edited(tables["blocks"], "r0c0", geometry=tie)
    assert ("geometry_invalid", "r0c0") in found({**tables, "blocks": blocks})


def test_blocks_that_overlap_are_named(tables, found):
    """A block that reaches into its neighbours."""
    wide = tables["blocks"].geometry.iloc[0].buffer(20, join_style="mitre")

    blocks = edited(tables["blocks"], "r0c0", geometry=wide)
    assert ("blocks_overlap", "r0c1") in found({**tables, "blocks": blocks})


def test_a_block_of_no_area_is_named(tables, found):
    """Nobody assigned it."""
    rest = tables["assignments"].query("block_id != 'r2c2'")

    assert ("block_not_assigned", "r2c2") in found({**tables, "assignments": rest})


def test_an_area_without_blocks_is_named(tables, found):
    """All blocks of the station went to the meadow."""
    moved = tables["assignments"].replace({"area_id": {"b": "a"}})

    assert ("area_without_blocks", "b") in found(
        {**tables, "assignments": moved, "areas": tables["areas"].iloc[:0]}
    )


def test_missing_and_lost_inhabitants_are_named(tables, found):
    """No numbers at all, and numbers of a block that is not there."""
    people = tables["population"]

    assert ("no_population", "") in found({**tables, "population": people.iloc[:0]})
    lost = people.assign(place_id=people["place_id"].replace({"r0c0": "r9c9"}))
    assert ("population_without_place", "r9c9") in found({**tables, "population": lost})


def test_inhabitants_counted_twice_are_named(tables, found):
    """Blocks and census cells of the same day would both be summed."""
    people = tables["population"]
    cells = people.iloc[:1].assign(place_kind="cell", place_id="c1")
    both = pd.concat([people, cells], ignore_index=True)

    assert ("population_counted_twice", "2025-12-31") in found({**tables, "population": both})


def test_an_area_without_a_team_is_named(tables, found):
    """The county's team is nobody's before its first and after its last day."""
    ended = tables["responsibilities"].assign(valid_to="2026-10-31")

    assert {("area_without_team", area) for area in "abc"} <= found(
        {**tables, "responsibilities": ended}
    )


def test_a_team_for_an_area_that_is_no_more_is_named(tables, found):
    """Responsibilities follow a reform by import, not by themselves."""
    rows = tables["responsibilities"]
    both = pd.concat([rows, rows.assign(area_id="alt-west")], ignore_index=True)

    assert ("responsibility_area_unknown", "alt-west") in found(
        {**tables, "responsibilities": both}
    )


def test_check_json_is_what_the_data_page_shows(sro: CommandLine):
    """One function makes both: the same findings in the same order."""
    workspace = sro.open()
    shown = [finding_record(finding) for finding in check_workspace(workspace.snapshot())]
    workspace.close()

    assert shown
    assert {"findings": shown} == sro("check").json


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_rule_has_a_short_name_for_the_page(language: str):
    """The page groups findings by rule; a rule without a name would break it."""
    words = phrases(language)
    rules = {key.split(".")[1] for key in words if key.startswith("findings.")}

    assert rules
    assert set() == {rule for rule in rules if f"rules.{rule}" not in words}


def test_holdings_count_what_is_there(sro: CommandLine):
    """Rows as the tables have them, for every table that is shown."""
    workspace = sro.open()
    snapshot = workspace.snapshot()
    held = {holding.table: holding.rows for holding in holdings(snapshot)}
    workspace.close()

    assert {name: len(snapshot.tables[name]) for name in held} == held
    assert {"areas", "blocks", "population", "offers"} <= set(held)
