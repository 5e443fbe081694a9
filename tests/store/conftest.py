"""A workspace to try things on, and rows to put into it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from sro_geo.city import City, load_city
from sro_geo.store import Store, create_store

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data"


@pytest.fixture(scope="session")
def city() -> City:
    """The shipped illustrative city."""
    return load_city(SAMPLE)


@pytest.fixture(scope="session")
def sample() -> Path:
    """The shipped data folder."""
    return SAMPLE


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A folder whose name would trip a careless URI."""
    return tmp_path / "Büro #1 100%?"


# A server database will be a second parameter here and pass the same suite.
@pytest.fixture(params=["geopackage"])
def store(request: pytest.FixtureRequest, workspace: Path, city: City) -> Iterator[Store]:
    """An empty store of each make."""
    with create_store(workspace, city, settings_from=SAMPLE) as made:
        yield made


@pytest.fixture
def put(store: Store) -> Callable[..., None]:
    """Write a frame in a transaction of its own: ``put("offers", frame, how="upsert")``."""

    def write(table: str, frame: pd.DataFrame, how: str = "upsert", **said: Any) -> None:
        with store.transaction(actor="Test", action=how, **said) as change:
            getattr(change, how)(table, frame)

    return write


@pytest.fixture(scope="session")
def blocks(city: City) -> gpd.GeoDataFrame:
    """Two blocks side by side, each 100 m square, in two statistical districts."""
    squares = [shapely.box(565000 + x, 5950000, 565100 + x, 5950100) for x in (0, 100)]
    return gpd.GeoDataFrame(
        {
            "block_id": ["0101", "0201"],
            "name": ["Am Markt", None],
            "area_km2": [0.01, 0.01],
            "statistical_district_id": ["01", "02"],
        },
        geometry=squares,
        crs=city.crs,
    )


@pytest.fixture(scope="session")
def locations(city: City) -> gpd.GeoDataFrame:
    """One place with a point and one without."""
    return gpd.GeoDataFrame(
        {"location_id": ["l-1", "l-2"], "address": ["Buchenweg 1", None]},
        geometry=[shapely.Point(565010, 5950010), None],
        crs=city.crs,
    )


@pytest.fixture(scope="session")
def offers() -> pd.DataFrame:
    """Two offers without provider or place."""
    return pd.DataFrame(
        {
            "offer_id": ["o-1", "o-2"],
            "name": ["Jugendhaus „Süd“", "Straßensozialarbeit"],
            "category": ["youth_centre", "street_work"],
            "status": ["active", "planned"],
            "low_threshold": [True, None],
            "age_min": [6, None],
            "verified_on": ["2026-05-01", None],
        }
    )


@pytest.fixture(scope="session")
def elsewhere() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run Python code in another process: ``elsewhere(code, argument, …)``."""

    def run(code: str, *arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", code, *map(str, arguments)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            **options,
        )

    return run
