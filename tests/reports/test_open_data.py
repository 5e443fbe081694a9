"""CSV and GeoPackage of the released figures: every number that may be known, and no other."""

from __future__ import annotations

import csv
import io
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest

from sro_geo.errors import SroError
from sro_geo.reports.content import Slide, Story, freeze
from sro_geo.reports.data_tables import rates_by_year
from sro_geo.reports.material import Material
from sro_geo.reports.open_data import csv_bytes, geopackage_bytes, tidy

from .conftest import FROZEN
from .test_office import hidden_city


@pytest.fixture(scope="module")
def short() -> Story:
    """A story of one slide: these formats do not depend on the slides."""
    return freeze(Story("s", "Kurz", "=Kurz", "de", (Slide("a", "A"),)), FROZEN)


@pytest.fixture(scope="module")
def hidden(material: Material) -> Material:
    """The shipped city with one area hidden."""
    return hidden_city(material, float("nan"))


@pytest.fixture(scope="module")
def package(hidden: Material, short: Story, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The GeoPackage of the city with one area hidden."""
    file = tmp_path_factory.mktemp("package") / "bericht.gpkg"
    file.write_bytes(geopackage_bytes(hidden, short))
    return file


def rows(data: bytes) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))


def layer(file: Path, name: str) -> gpd.GeoDataFrame:
    """One layer of the GeoPackage."""
    return pyogrio.read_dataframe(file, layer=name)


@contextmanager
def little_room(most: int) -> Iterator[None]:
    """No file may grow beyond so many bytes, whoever writes it."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_the_rows_are_all_cells_with_numbers_where_they_were_released(
    hidden: Material, short: Story
) -> None:
    """A hidden one has its status, its persons, and neither count nor rate."""
    assert hidden.cells is not None
    found = rows(csv_bytes(hidden, short))
    assert len(hidden.cells) == len(found)
    assert {"released", "suppressed"} <= {row["status"] for row in found}
    for row in found:
        shown = row["status"] == "released"
        assert (shown, shown) == (bool(row["cases"]), bool(row["rate_per_1000"]))
    area = str(hidden.spaces["area_id"].iloc[0])
    own = [r for r in found if r["area_id"] == area and not r["help_type"]]
    assert {"suppressed"} == {row["status"] for row in own}
    total = [r for r in found if not r["help_type"] and not r["place_of_help"]]
    printed = hidden.total_of(hidden.whole)
    assert printed is not None
    (city,) = (r for r in total if r["area_id"] == hidden.whole and r["year"] == str(hidden.year))
    assert int(printed["count"]) == int(city["cases"])
    assert "Hilfen insgesamt" in city["help"]
    assert {FROZEN} == {row["frozen_at"] for row in found}
    assert {"Beispieldaten"} == {row["data_note"].split(",")[0] for row in found}


def test_neither_rank_nor_order_tells_of_a_hidden_figure(hidden: Material, short: Story) -> None:
    """The same bytes whatever order the cells come in; no column but those of the gate."""
    assert hidden.cells is not None
    mixed = hidden.cells.sample(frac=1, random_state=7).reset_index(drop=True)
    assert csv_bytes(hidden, short) == csv_bytes(replace(hidden, cells=mixed), short)
    told = hidden.cells.assign(rank=range(len(hidden.cells)), raw_count=99, low=1, high=2)
    assert list(tidy(hidden, short)) == list(tidy(replace(hidden, cells=told), short))


def test_areas_have_the_figures_that_are_printed(hidden: Material, package: Path) -> None:
    """As in the table of the report; in the city's order; nothing where it is hidden."""
    found = layer(package, "areas")
    assert list(hidden.spaces["area_id"]) == list(found["area_id"])
    assert found.crs == hidden.spaces.crs
    assert {"MultiPolygon"} == set(found.geom_type)
    printed = rates_by_year(hidden, 20)
    years = [field.name for field in printed.fields[1:]]
    for row, (name, *rates) in zip(found.to_dict("records"), printed.rows, strict=True):
        assert name == row["name"]
        assert hidden.persons(row["area_id"], "under_21") == row["persons_under_21"]
        for year, rate in zip(years, rates, strict=True):
            shown = row[f"cases_status_{year}"] == "released"
            assert shown == (row[f"cases_{year}"] == row[f"cases_{year}"])
            assert rate == row[f"rate_{year}"] if shown else np.isnan(row[f"rate_{year}"])
    counted = hidden.open_offers["area"].value_counts()
    assert [counted[area] for area in found["area_id"]] == list(found["offers"])
    first = found[f"cases_status_{hidden.year}"]
    assert ["suppressed", *["released"] * (len(found) - 1)] == list(first)


def test_the_rows_in_the_geopackage_are_those_of_the_csv_file(
    hidden: Material, short: Story, package: Path
) -> None:
    """Number by number."""
    found, said = layer(package, "cases"), rows(csv_bytes(hidden, short))
    assert [r["status"] for r in said] == list(found["status"])
    assert [r["cases"] for r in said] == ["" if n != n else f"{n:.0f}" for n in found["cases"]]
    facts = layer(package, "sources").set_index("fact")["words"]
    assert (short.content_hash, FROZEN) == (facts["content_hash"], facts["frozen_at"])
    assert ", ".join(hidden.releases) == facts["releases"]


def test_offers_stand_at_their_place_and_protected_ones_nowhere(
    material: Material, short: Story, tmp_path: Path
) -> None:
    """Neither as a point, nor as an address, nor as the area it lies in."""
    offers = material.offers.copy()
    place = offers.index[(offers["status"] == "active") & offers["lon"].notna()][0]
    offers.loc[place, "protected"] = True
    file = tmp_path / "o.gpkg"
    file.write_bytes(geopackage_bytes(replace(material, offers=offers), short))
    found = layer(file, "offers").set_index("offer_id")
    own = found.loc[offers.loc[place, "offer_id"]]
    assert own.geometry is None
    told = ("address", "postal_code", "city", "lon", "lat", "area_id")
    assert [True] * len(told) == [bool(pd.isna(own[name])) for name in told]
    shown = found[found.geometry.notna()]
    assert len(shown) > 50
    assert set(offers["status"]) > set(found["status"])
    inside = shown.iloc[0]
    here = material.spaces.set_index("area_id").geometry[inside["area_id"]]
    assert here.buffer(1).contains(inside.geometry)


def test_without_a_release_there_is_no_table_of_cases(
    material: Material, short: Story, tmp_path: Path
) -> None:
    """CSV says why; the GeoPackage has areas and offers."""
    bare = replace(material, cells=None)
    with pytest.raises(SroError, match="report_no_figures"):
        csv_bytes(bare, short)
    file = tmp_path / "b.gpkg"
    file.write_bytes(geopackage_bytes(bare, short))
    assert {"areas", "offers", "sources"} == {str(name) for name, _ in pyogrio.list_layers(file)}
    assert b"rate_20" not in file.read_bytes()


@pytest.mark.parametrize("name", [None, "", "=1+1", "<b>مرحبا</b> 🎉"])
def test_any_name_of_an_area_is_written(
    material: Material, short: Story, tmp_path: Path, name: str | None
) -> None:
    """One without a name is called by its id; a formula stays text."""
    areas = material.areas.copy()
    areas.loc[areas["area_id"] == "nord-ost", "name"] = name
    assert material.cells is not None
    cells = material.cells.copy()
    cells.loc[cells["area_id"] == "nord-ost", "name"] = name
    named = replace(material, areas=areas, cells=cells)
    file = tmp_path / "n.gpkg"
    file.write_bytes(geopackage_bytes(named, short))
    found = layer(file, "areas").set_index("area_id")
    assert (name or "nord-ost") == found.loc["nord-ost", "name"]
    said = {r["area_name"] for r in rows(csv_bytes(named, short)) if r["area_id"] == "nord-ost"}
    assert {"'=1+1" if name == "=1+1" else name or "nord-ost"} == said


@pytest.mark.parametrize("most", [0, 5_000, 60_000, 150_000])
def test_a_folder_for_drafts_without_room_is_said(
    material: Material, short: Story, most: int
) -> None:
    """Wherever GDAL was when it was full; half a GeoPackage is handed to nobody."""
    whole = geopackage_bytes(material, short)
    assert len(whole) > most
    with little_room(most), pytest.raises(SroError, match="geopackage_not_made"):
        geopackage_bytes(material, short)
