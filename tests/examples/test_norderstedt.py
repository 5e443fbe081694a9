"""The shipped city: what `python -m sro_geo.examples data` writes, and that it holds together."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import opening_hours
import pandas as pd
import pytest
import shapely

from sro_geo.city import load_city
from sro_geo.examples.norderstedt import write_norderstedt
from sro_geo.settings import SHIPPED_DATA
from sro_geo.tables import TABLES, conform, validate

CITY = load_city(SHIPPED_DATA)
AREA_COLUMNS = ["social_space_id", "statistical_district_id"]


def _csv(name: str) -> pd.DataFrame:
    return pd.read_csv(SHIPPED_DATA / name, dtype=str)


def _map(name: str) -> gpd.GeoDataFrame:
    content = json.loads((SHIPPED_DATA / "boundaries" / name).read_text(encoding="utf-8"))
    return gpd.GeoDataFrame.from_features(content["features"], crs="EPSG:4326")


@pytest.fixture(scope="module")
def blocks() -> gpd.GeoDataFrame:
    """The blocks in metres, with the region each lies in."""
    frame = _map("blocks.geojson").to_crs(CITY.crs)
    frame["region_id"] = frame["social_space_id"].str.split("-").str[0]
    return frame


@pytest.fixture(scope="module")
def offers() -> pd.DataFrame:
    """The offers as text, empty cells missing."""
    return _csv("offers/offers.csv")


def _points(frame: pd.DataFrame) -> gpd.GeoSeries:
    lon, lat = frame["lon"].astype(float), frame["lat"].astype(float)
    return gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs="EPSG:4326").to_crs(CITY.crs)


def test_the_script_writes_the_shipped_files_again_byte_for_byte(tmp_path: Path) -> None:
    """Whoever changes the drawing must write data/ again."""
    write_norderstedt(tmp_path)
    written = sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*") if p.is_file())
    assert len(written) == 16
    for file in written:
        assert (SHIPPED_DATA / file).read_bytes() == (tmp_path / file).read_bytes(), file


def test_the_shipped_files_stay_small() -> None:
    """A clone is quick, a page loads fast."""
    assert sum(p.stat().st_size for p in SHIPPED_DATA.rglob("*") if p.is_file()) < 3_000_000


def test_blocks_tile_the_city_in_degrees_and_in_metres(blocks: gpd.GeoDataFrame) -> None:
    """Neighbours share every vertex, so rounding and projecting leave no gap and no overlap."""
    assert shapely.coverage_is_valid(_map("blocks.geojson").geometry.to_numpy())
    assert shapely.coverage_is_valid(blocks.geometry.to_numpy())
    whole = shapely.coverage_union_all(blocks.geometry.to_numpy())
    assert whole.geom_type == "Polygon"
    assert not whole.interiors
    assert blocks.area.sum() == pytest.approx(whole.area, rel=1e-9)
    assert 55 < whole.area / 1e6 < 60


def test_there_are_as_many_blocks_streets_and_houses_as_a_town_has(
    blocks: gpd.GeoDataFrame,
) -> None:
    """Counts stay in the range the pages are designed for."""
    streets, houses = _map("streets.geojson"), _csv("boundaries/addresses.csv")
    assert 300 <= len(blocks) <= 600
    assert len(streets) >= 150
    assert streets["name"].is_unique
    assert {"main", "residential", "path"} == set(streets["kind"])
    assert 2_500 <= len(houses) <= 4_500
    assert not houses.duplicated(["street", "house_number"]).any()


@pytest.mark.parametrize(
    ("column", "count"),
    [("region_id", 2), ("social_space_id", 4), ("statistical_district_id", 16)],
)
def test_every_area_is_in_one_piece(blocks: gpd.GeoDataFrame, column: str, count: int) -> None:
    """Regions, social spaces and districts are partitions of the blocks."""
    shapes = [shapely.coverage_union_all(part) for _, part in blocks.groupby(column)["geometry"]]
    assert count == len(shapes)
    assert {"Polygon"} == {shape.geom_type for shape in shapes}


def test_areas_named_by_blocks_exist_and_have_parents(blocks: gpd.GeoDataFrame) -> None:
    """areas.csv knows each id, and each parent is one level up."""
    areas = _csv("boundaries/areas.csv").set_index("area_id")
    assert areas.index.is_unique
    for column in AREA_COLUMNS:
        of_level = areas.index[areas["level"] == column.removesuffix("_id")]
        assert set(of_level) == set(blocks[column])
    levels = {level.level: level.parent for level in CITY.levels}
    for _, area in areas.iterrows():
        parent = areas["level"].get(area["parent_id"]) if pd.notna(area["parent_id"]) else None
        assert levels[area["level"]] == parent


def test_the_regions_meet_along_the_buchenweg(blocks: gpd.GeoDataFrame) -> None:
    """The border of the regions is the street, from one end of the town to the other."""
    north, south = (
        shapely.coverage_union_all(part) for _, part in blocks.groupby("region_id")["geometry"]
    )
    border = north.intersection(south)
    streets = _map("streets.geojson").to_crs(CITY.crs).set_index("name").geometry
    along = border.intersection(streets["Buchenweg"].buffer(0.05))
    assert along.length > 0.99 * border.length
    assert streets["Buchenweg"].length == pytest.approx(border.length, rel=0.01)
    latitudes = _map("streets.geojson").set_index("name").geometry["Buchenweg"].bounds
    assert latitudes[1] == pytest.approx(53.699, abs=0.003)
    assert latitudes[3] == pytest.approx(53.699, abs=0.003)


def test_the_ground_surrounds_the_city_without_covering_it(blocks: gpd.GeoDataFrame) -> None:
    """Neighbours touch the town; water, woods, railway and roads are there."""
    ground = _map("basemap.geojson").to_crs(CITY.crs)
    assert {"water", "green", "rail", "road", "neighbour"} == set(ground["kind"])
    assert ground["feature_id"].is_unique
    assert ground.geometry.is_valid.all()
    around = ground[ground["kind"] == "neighbour"].geometry
    city = shapely.coverage_union_all(blocks.geometry.to_numpy())
    assert around.intersection(city).area.sum() < 1
    ring = shapely.union_all(around.to_numpy()).union(city).buffer(0.1)
    assert ring.contains(city.buffer(3_500))


def test_houses_stand_in_the_city_and_beside_the_streets(blocks: gpd.GeoDataFrame) -> None:
    """Every address lies in a block and some metres off its street."""
    houses = _csv("boundaries/addresses.csv")
    spots = _points(houses)
    city = shapely.coverage_union_all(blocks.geometry.to_numpy())
    shapely.prepare(city)
    assert shapely.contains(city, spots.to_numpy()).all()
    streets = _map("streets.geojson").to_crs(CITY.crs).set_index("name").geometry
    own = streets.loc[houses["street"]].to_numpy()
    away = shapely.distance(spots.to_numpy(), own)
    assert (away > 8).all()
    assert (away < 40).all()
    assert {"22844", "22846", "22848", "22850", "22851"} == set(houses["postal_code"])


def test_offers_and_providers_are_valid_tables(offers: pd.DataFrame) -> None:
    """Nothing the importer would complain about."""
    offers = offers.assign(
        **{
            column: offers[column].map({"true": True, "false": False})
            for column in ("low_threshold", "protected")
        },
        **{column: pd.to_numeric(offers[column]) for column in ("age_min", "age_max", "capacity")},
    )
    assert validate(TABLES["offers"], conform(TABLES["offers"], offers)) == []
    providers = _csv("offers/providers.csv")
    assert validate(TABLES["providers"], conform(TABLES["providers"], providers)) == []


def test_offers_refer_to_what_exists(offers: pd.DataFrame) -> None:
    """Providers, categories, hosts and service areas are all known; none is left out."""
    areas = set(_csv("boundaries/areas.csv")["area_id"])
    assert set(_csv("offers/providers.csv")["provider_id"]) == set(offers["provider_id"])
    assert set(CITY.categories) == set(offers["category"])
    assert set(offers["host_location_id"].dropna()) <= set(offers["location_id"].dropna())
    assert set(" ".join(offers["service_area"].dropna()).split()) <= areas


def test_offers_lie_in_the_city_at_a_house(blocks: gpd.GeoDataFrame, offers: pd.DataFrame) -> None:
    """An offer with a place has the point of an address; one without has an area."""
    fixed = offers[offers["lon"].notna()]
    city = shapely.coverage_union_all(blocks.geometry.to_numpy())
    assert _points(fixed).within(city).all()
    houses = _csv("boundaries/addresses.csv")
    known = set(zip(houses["street"] + " " + houses["house_number"], houses["lon"], strict=True))
    assert set(zip(fixed["address"], fixed["lon"], strict=True)) <= known
    mobile = offers[offers["lon"].isna()]
    assert len(mobile) == 5
    assert mobile["service_area"].notna().all()
    assert mobile[["address", "location_id", "lat", "postal_code"]].isna().all(axis=None)


def test_the_protected_place_shows_a_number_and_nothing_else(offers: pd.DataFrame) -> None:
    """One protected place, without point, address or mail address."""
    protected = offers[offers["protected"] == "true"]
    assert len(protected) == 1
    assert protected["lon"].isna().all()
    assert protected["contact"].str.fullmatch(r"040 66969 \d{3}").all()


def test_every_schedule_can_be_read(offers: pd.DataFrame) -> None:
    """Opening hours are in OSM syntax; some are unknown."""
    schedules = offers["schedule"].dropna()
    assert len(schedules) < len(offers)
    assert [text for text in schedules if not opening_hours.validate(text)] == []
    teams = _csv("steering/teams.csv")
    assert all(opening_hours.validate(text) for text in teams["office_hours"])


def test_institutions_are_there_in_numbers(offers: pd.DataFrame) -> None:
    """Schools, day-care centres, churches, clubs, playgrounds: resources first."""
    counts = offers["category"].value_counts()
    least = {"school": 8, "day_care": 14, "church": 5, "sports_club": 6, "playground": 8}
    assert {kind: n for kind, n in least.items() if counts[kind] < n} == {}
    assert 110 <= len(offers) <= 140
    assert offers["location_id"].dropna().duplicated().any()


def test_some_entries_are_out_of_date(offers: pd.DataFrame) -> None:
    """The quality page has something to find."""
    dates = offers["verified_on"]
    assert dates.between("2025-06-01", "2026-11-20").all()
    assert 15 <= (dates < "2025-11-20").sum() <= 50


def test_one_social_space_lacks_youth_work(blocks: gpd.GeoDataFrame, offers: pd.DataFrame) -> None:
    """A gap to be found: no open youth work in Süd-Ost."""
    fixed = offers[offers["lon"].notna()].reset_index(drop=True)
    spots = gpd.GeoDataFrame(fixed, geometry=_points(fixed))
    placed = spots.sjoin(blocks[["social_space_id", "geometry"]], predicate="within")
    youth = placed[placed["category"] == "youth_centre"]
    assert {"nord-west", "nord-ost", "sued-west"} == set(youth["social_space_id"])


def test_eighty_thousand_persons_live_in_blocks_by_age(blocks: gpd.GeoDataFrame) -> None:
    """Each block has every band once; the bands cover all ages without gap or overlap."""
    people = _csv("population/population.csv")
    persons = people["persons"].astype(int)
    assert persons.sum() == 80_000
    assert (persons >= 0).all()
    by_block = persons.groupby(people["block_id"]).sum()
    assert set(blocks["block_id"]) == set(by_block.index)
    assert (by_block == 0).any()
    bands = people[["age_from", "age_to"]].drop_duplicates()
    assert len(bands) == 10
    assert len(people) == 10 * len(blocks)
    for (_, last), (first, _) in pairwise(bands.itertuples(index=False)):
        assert int(first) == int(last) + 1
    assert bands["age_from"].iloc[0] == "0"
    assert pd.isna(bands["age_to"].iloc[-1])


def test_every_social_space_has_its_team(blocks: gpd.GeoDataFrame) -> None:
    """One team for each space, in office since 2014."""
    teams, duties = _csv("steering/teams.csv"), _csv("steering/responsibilities.csv")
    assert sorted(set(blocks["social_space_id"])) == sorted(duties["area_id"])
    assert list(teams["team_id"]) == list(duties["team_id"])
    assert {"2014-01-01"} == set(duties["valid_from"])
