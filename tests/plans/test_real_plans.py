"""Real municipalities and wards: neighbours, pieces and figures as the plain tools find them."""

from __future__ import annotations

import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from sro_geo.plans import (
    Plan,
    PlanArea,
    block_set_of,
    compare,
    edge_table,
    gestures,
    measure,
    outlines,
    pieces,
    touched,
)
from sro_geo.plans.changes import matching, retention
from sro_geo.plans.checks import adoption_blockers, areas_in_pieces
from tests.plans import test_edges as edges_test
from tests.plans.test_figures import check
from tests.toy import ROOT

REAL = Path(os.environ.get("SRO_REALDATA") or ROOT.parent / "shared" / "realdata")
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not REAL.is_dir(), reason=f"no real data at {REAL} (set SRO_REALDATA)"),
]


def plan_on(blocks: gpd.GeoDataFrame, space: np.ndarray) -> Plan:
    """Return a plan with the spaces named."""
    codes, names = pd.factorize(space)
    return Plan(
        "p",
        "P",
        "draft",
        None,
        block_set_of(blocks),
        ("city", "social_space"),
        blocks["block_id"].to_numpy(object),
        codes.astype(np.int32),
        tuple(PlanArea(str(n), "social_space", str(n), "city") for n in names),
        (PlanArea("city", "city", "City"),),
    )


@pytest.fixture(scope="module")
def dithmarschen() -> gpd.GeoDataFrame:
    """116 municipalities; ids keep their zero."""
    blocks = gpd.read_file(REAL / "municipalities" / "dithmarschen.geojson").to_crs("EPSG:25832")
    return blocks.rename(columns={"AGS": "block_id", "GEN": "name"})


@pytest.fixture(scope="module")
def flensburg() -> gpd.GeoDataFrame:
    """41 wards, two of them repaired, made one coverage."""
    blocks = gpd.read_file(REAL / "flensburg" / "stadtbezirke.zip").to_crs("EPSG:25832")
    clean = shapely.coverage_clean(shapely.make_valid(blocks.geometry.to_numpy()))
    return blocks.set_geometry(gpd.GeoSeries(clean, crs=blocks.crs)).rename(
        columns={"AREA_ID": "block_id"}
    )


@pytest.mark.parametrize("place", ["dithmarschen", "flensburg"])
def test_neighbours_are_those_libpysal_finds(place: str, request) -> None:
    """Pairs and lengths, islands included."""
    edges_test.check(request.getfixturevalue(place).geometry.to_numpy())


def test_five_spaces_of_116_municipalities(dithmarschen) -> None:
    """Strips from west to east, then redrawn: figures, pieces and outlines as plain tools say."""
    geometry = dithmarschen.geometry.to_numpy()
    x = shapely.get_x(shapely.point_on_surface(geometry))
    strip = np.array(list("ABCDE"), object)[np.argsort(np.argsort(x)) * 5 // len(x)]
    plan = plan_on(dithmarschen, strip)
    assert len(plan.block_ids) == 116
    assert plan.block_ids[0].startswith("01051")
    size = {"size": shapely.area(geometry)}
    check(plan, geometry, size, 1e-7)
    edges = edge_table(geometry)
    found = pieces(plan.codes, edges)
    assert found.tolist() == edges_test.by_networkx(plan.codes, edges, 5)
    assert {a.area_id for a, _ in areas_in_pieces(plan, edges)} == {
        plan.areas[k].area_id for k in np.flatnonzero(found > 1)
    }
    after = gestures.merge(gestures.paint(plan, np.argsort(x)[:30], "B"), ["D"], "E")
    check(after, geometry, size, 1e-7)
    codes = sorted({after.code(a.area_id) for a in after.standing} & set(after.codes.tolist()))
    for code, shape in outlines(geometry, after.codes, codes).items():
        assert shape.is_valid
        assert shape.area == pytest.approx(shapely.area(geometry[after.codes == code]).sum())
    table = retention(plan, after, size)
    assert table["size"].sum() == pytest.approx(size["size"].sum())
    assert touched(plan, after) == {"A", "B", "D", "E", "city"}


def test_wards_of_flensburg_make_its_13_districts(flensburg) -> None:
    """41 wards in 13 districts, each in one piece; a redraw tells who moves."""
    geometry = flensburg.geometry.to_numpy()
    plan = plan_on(flensburg, flensburg["PARENT_ARE"].to_numpy(object))
    assert (len(plan.block_ids), len(plan.areas)) == (41, 13)
    edges = edge_table(geometry)
    assert adoption_blockers(plan, edges) == []
    size = {"size": shapely.area(geometry)}
    check(plan, geometry, size, 1e-6)
    one = plan.areas[0].area_id
    near = edges.j[plan.codes[edges.i] == 0][0]
    after = gestures.paint(plan, np.array([near]), one)
    table = compare(measure(plan, size), measure(after, size), touched(plan, after))
    rows = table[table["level"] == "social_space"]
    assert rows["difference"].sum() == pytest.approx(0, abs=1e-6)
    assert matching(plan, after, np.ones(41)).items() >= {(one, one)}
