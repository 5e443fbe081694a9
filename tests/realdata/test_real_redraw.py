"""Real places redrawn by the command line: cells of Norderstedt, wards, municipalities."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from sro_geo.plans.lines import interior_points
from tests.conftest import CommandLine
from tests.realdata.test_real_walk import REAL, Town
from tests.realdata.towns import FLENSBURG, NORDERSTEDT

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not REAL.is_dir(), reason=f"no real data at {REAL} (set SRO_REALDATA)"),
]
DITHMARSCHEN = (
    FLENSBURG.replace("flensburg", "dithmarschen")
    .replace("Flensburg", "Dithmarschen")
    .replace("[9.30, 54.72, 9.56, 54.87]", "[8.4, 53.8, 9.6, 54.5]")
)
LATITUDE = 53.699


def done(said) -> Any:
    """The document of a call that went well."""
    assert 0 == said.status, said.err
    return said.json


def write_blocks(blocks: gpd.GeoDataFrame, file: Path) -> Path:
    """Write blocks in degrees without rounding: shared corners stay shared."""
    features = [
        {
            "type": "Feature",
            "properties": {k: v for k, v in row.items() if k != "geometry"},
            "geometry": shapely.geometry.mapping(row["geometry"]),
        }
        for row in blocks.to_crs(4326).to_dict("records")
    ]
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return file


def write_line(file: Path, *points: tuple[float, float]) -> Path:
    """Write a line in degrees."""
    file.write_text(json.dumps({"type": "LineString", "coordinates": points}))
    return file


def cells_of(outline: Path) -> gpd.GeoDataFrame:
    """The 100 m cells of the census grid within an outline, named as the census does."""
    town = gpd.read_file(outline).to_crs(3035).geometry.iloc[0]
    west, south, east, north = (np.array(town.bounds) // 100 * 100).astype(int)
    x, y = (
        a.ravel()
        for a in np.meshgrid(np.arange(west, east + 100, 100), np.arange(south, north + 100, 100))
    )
    boxes = shapely.box(x, y, x + 100, y + 100)
    inside = shapely.intersects(boxes, town)
    parts = shapely.intersection(boxes[inside], town)
    real = shapely.area(parts) > 1
    ids = [f"CRS3035RES100mN{b}E{a}" for a, b in zip(x[inside][real], y[inside][real], strict=True)]
    cells = gpd.GeoSeries(parts[real], crs=3035).to_crs(25832)
    whole = shapely.coverage_clean(cells.to_numpy(), snapping_distance=0.001)
    return gpd.GeoDataFrame(
        {"block_id": ids, "social_space_id": "alles"}, geometry=whole, crs=25832
    )


@pytest.fixture
def norderstedt(tmp_path: Path, capsys) -> CommandLine:
    """The outline as 100 m cells, one space, and the census."""
    files = REAL / "norderstedt"
    town = Town(tmp_path / "norderstedt", NORDERSTEDT)
    blocks = cells_of(files / "city_outline_simplified.geojson")
    town.take_in("blocks", write_blocks(blocks, tmp_path / "cells.geojson"))
    town.take_in("population", files / "census2011_age5_100m.csv", "--date", "2011-05-09")
    return CommandLine(town.workspace, capsys)


def test_norderstedt_in_four_with_equal_numbers_of_young_people(norderstedt, tmp_path):
    """Split at the latitude of the Buchenweg, each half in two, evened out by the balancer."""
    sro = norderstedt
    plan = done(sro("plan", "new", "Nord und Süd"))["plan_id"]
    start = done(sro("plan", "show", plan))
    assert 5_700 < start["blocks"] < 6_300
    [alles] = [a for a in start["areas"] if a["level"] == "social_space"]
    assert (73_937, 11_116) == (alles["population"], alles["under_18"])
    assert 58.17 == pytest.approx(alles["area_km2"], abs=0.01)
    assert 1 == alles["pieces"]
    across = write_line(tmp_path / "across.geojson", (9.90, LATITUDE), (10.11, LATITUDE))
    nord = done(sro("plan", "split", plan, "alles", "--line", across, "--name", "Nord"))
    along = write_line(tmp_path / "along.geojson", (9.995, 53.60), (9.995, 53.81))
    pairs = []
    for area in (nord["new_area_id"], "alles"):
        west = done(sro("plan", "split", plan, area, "--line", along))["new_area_id"]
        pairs.append((area, west))
    for pair in pairs:
        only = [word for area in pair for word in ("--only", area)]
        found = done(sro("plan", "balance", plan, "--by", "under_18", *only, "--tolerance", 0.03))
        assert "reached" == found["ended"]
        plan = found["plan_id"]
    shown = {a["id"]: a for a in done(sro("plan", "show", plan))["areas"]}
    for pair in pairs:
        young = [shown[area]["under_18"] for area in pair]
        assert max(young) / np.mean(young) - 1 <= 0.03
        assert [1, 1] == [shown[area]["pieces"] for area in pair]
    assert 11_116 == sum(shown[area]["under_18"] for pair in pairs for area in pair)
    workspace = sro.open()
    snapshot = workspace.snapshot()
    version = snapshot.version(plan_id=plan)
    spots = interior_points(version.blocks.geometry.to_numpy())
    lat = np.array([snapshot.degrees(p.x, p.y)[0] for p in spots])
    north = version.members["social_space"].isin(pairs[0]).to_numpy()
    workspace.close()
    clear = np.abs(lat - LATITUDE) > 0.0005
    assert ((lat > LATITUDE) == north)[clear].all()
    done(sro("plan", "adopt", plan, "--from", "2031-01-01"))


def test_flensburg_41_wards_in_13_districts_redrawn(tmp_path, capsys):
    """A ward changes its district, and two districts are joined: 12 of 41 wards."""
    wards = gpd.read_file(REAL / "flensburg" / "stadtbezirke.zip").to_crs(25832)
    clean = shapely.coverage_clean(shapely.make_valid(wards.geometry.to_numpy()))
    blocks = gpd.GeoDataFrame(
        {"block_id": wards["AREA_ID"], "social_space_id": wards["PARENT_ARE"]},
        geometry=clean,
        crs=25832,
    )
    town = Town(tmp_path / "flensburg", FLENSBURG)
    town.take_in("blocks", write_blocks(blocks, tmp_path / "wards.geojson"))
    sro = CommandLine(town.workspace, capsys)
    plan = done(sro("plan", "new", "Neuer Zuschnitt"))["plan_id"]
    before = done(sro("plan", "show", plan))
    spaces = [a["id"] for a in before["areas"] if a["level"] == "social_space"]
    assert (41, 13) == (before["blocks"], len(spaces))
    ward = blocks.loc[blocks["social_space_id"] == spaces[0], "block_id"].iloc[0]
    assert 1 == done(sro("plan", "move", plan, spaces[1], "--blocks", ward))["moved_blocks"]
    done(sro("plan", "merge", plan, spaces[1], spaces[2]))
    found = done(sro("plan", "compare", "plan-1", plan))
    joined = int((blocks["social_space_id"] == spaces[2]).sum())
    assert 1 + joined == found["moved_blocks"]
    gone = next(a for a in found["areas"] if a["id"] == spaces[2])
    assert gone["area_km2"]["after"] is None
    assert found["moved_population"] is None  # nobody gave a population
    sizes = [sum(a["area_km2"][w] or 0 for a in found["areas"]) for w in ("before", "after")]
    assert sizes[0] == pytest.approx(sizes[1])
    assert all(fl.startswith("STG") for fl in spaces)


def test_dithmarschen_116_municipalities_in_five_spaces(tmp_path, capsys):
    """From one space to five even in area, ids with their zero, out and in as a file."""
    towns = gpd.read_file(REAL / "municipalities" / "dithmarschen.geojson").to_crs(25832)
    blocks = gpd.GeoDataFrame(
        {"block_id": towns["AGS"], "name": towns["GEN"], "social_space_id": "kreis"},
        geometry=shapely.coverage_clean(towns.geometry.to_numpy()),
        crs=25832,
    )
    town = Town(tmp_path / "dithmarschen", DITHMARSCHEN)
    town.take_in("blocks", write_blocks(blocks, tmp_path / "towns.geojson"))
    people = tmp_path / "people.csv"
    # Published areas, invented persons: ten for each square kilometre.
    count = (blocks.area / 1e6 * 10).round().astype(int)
    rows = [f"{b};{n}" for b, n in zip(blocks["block_id"], count, strict=True)]
    people.write_text("block_id;0+\n" + "\n".join(rows), encoding="utf-8")
    town.take_in("population", people, "--date", "2026-01-01")
    sro = CommandLine(town.workspace, capsys)
    found = done(sro("plan", "divide", "plan-1", "kreis", "--into", 5, "--by", "population"))
    shown = done(sro("plan", "show", found["plan_id"]))
    spaces = [a for a in shown["areas"] if a["level"] == "social_space"]
    assert (116, 5) == (shown["blocks"], len(spaces))
    assert max(abs(a["population_deviation"]) for a in spaces) < 0.25
    file = tmp_path / "plan.csv"
    done(sro("plan", "export", found["plan_id"], file))
    text = file.read_text("utf-8-sig")
    assert 116 == text.count("\n01051") == len(blocks)
    file.write_text(text.replace("\n0", "\n"), encoding="utf-8")
    assert {"assignment_zeros_lost"} == sro("plan", "import", file, "Zurück").codes
    back = done(sro("plan", "import", file, "Zurück", "--repair"))["plan_id"]
    assert 0 == done(sro("plan", "compare", found["plan_id"], back))["moved_blocks"]
