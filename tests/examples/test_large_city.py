"""The large city, drawn small here: another CRS, other levels, the same files."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import opening_hours
import pandas as pd
import pytest
import shapely

from sro_geo.city import load_city
from sro_geo.examples.large_city import write_large_city


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The large city with a tenth of its blocks."""
    path = tmp_path_factory.mktemp("large")
    write_large_city(path, blocks=400, offers=300)
    return path


@pytest.fixture(scope="module")
def blocks(folder: Path) -> gpd.GeoDataFrame:
    """Its blocks in degrees."""
    content = json.loads((folder / "boundaries/blocks.geojson").read_text(encoding="utf-8"))
    return gpd.GeoDataFrame.from_features(content["features"], crs="EPSG:4326")


def test_it_lies_in_another_zone_and_has_other_levels(folder: Path) -> None:
    """Nothing is wired to the shipped city."""
    city = load_city(folder)
    assert city.crs == "EPSG:25833"
    assert [level.level for level in city.plan_levels] == ["city", "district", "social_space"]
    assert [level.level for level in city.parallel_levels] == ["quarter"]


def test_its_blocks_tile_it(folder: Path, blocks: gpd.GeoDataFrame) -> None:
    """A valid coverage in degrees and in metres, about as many blocks as asked for."""
    assert 300 <= len(blocks) <= 500
    metres = blocks.to_crs(load_city(folder).crs)
    assert shapely.coverage_is_valid(blocks.geometry.to_numpy())
    assert shapely.coverage_is_valid(metres.geometry.to_numpy())
    assert shapely.coverage_union_all(metres.geometry.to_numpy()).geom_type == "Polygon"


def test_its_areas_are_in_one_piece_and_known(folder: Path, blocks: gpd.GeoDataFrame) -> None:
    """Social spaces and quarters are partitions, social spaces lie in districts."""
    areas = pd.read_csv(folder / "boundaries/areas.csv", dtype=str)
    for level in ("social_space", "quarter"):
        parts = blocks.groupby(f"{level}_id")["geometry"]
        assert {"Polygon"} == {shapely.coverage_union_all(part).geom_type for _, part in parts}
        assert set(areas.loc[areas["level"] == level, "area_id"]) == set(blocks[f"{level}_id"])
    assert areas["area_id"].is_unique
    assert set(areas["parent_id"].dropna()) <= set(areas["area_id"])


def test_its_offers_are_counted_placed_and_readable(folder: Path) -> None:
    """Exactly the number asked for, every category, more than 50 providers, hours that parse."""
    offers = pd.read_csv(folder / "offers/offers.csv", dtype=str)
    assert len(offers) == 300
    assert offers["offer_id"].is_unique
    assert set(load_city(folder).categories) == set(offers["category"])
    assert len(pd.read_csv(folder / "offers/providers.csv")) > 50
    assert all(opening_hours.validate(text) for text in offers["schedule"].dropna())
    assert (offers["lon"].isna() == offers["service_area"].notna()).all()
    west, south, east, north = load_city(folder).bounds or (0, 0, 0, 0)
    assert offers["lon"].dropna().astype(float).between(west, east).all()
    assert offers["lat"].dropna().astype(float).between(south, north).all()


def test_a_quarter_of_a_million_lives_there(folder: Path) -> None:
    """The size the source asks about."""
    assert pd.read_csv(folder / "population/population.csv")["persons"].sum() == 250_000


def test_the_same_seed_draws_the_same_city(folder: Path, tmp_path: Path) -> None:
    """No global random state, no clock."""
    write_large_city(tmp_path, blocks=400, offers=300)
    for name in ("boundaries/blocks.geojson", "offers/offers.csv", "population/population.csv"):
        assert (folder / name).read_bytes() == (tmp_path / name).read_bytes()
