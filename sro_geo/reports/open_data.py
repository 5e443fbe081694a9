"""Released figures to calculate with: one tidy CSV file, and a GeoPackage for a map program.

Rows stand in the order of years, areas and kinds of help and never in that of a figure, and no
column holds anything computed of a hidden one.
"""

from __future__ import annotations

import csv
import io
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from sro_geo.cartography.rates import round_half_up
from sro_geo.cases import GROUPS
from sro_geo.errors import SroError
from sro_geo.i18n import name_of, t
from sro_geo.reports.content import Story
from sro_geo.reports.material import PER, Material
from sro_geo.reports.publish import public_offers
from sro_geo.reports.workbook import safe_text

#: Groups of persons that stand beside the figures of an area.
PERSONS = ("under_18", "under_21", "all")
_ORDER = ["year", "level", "area_id", "help_type", "age_group", "place"]
_SOURCES = ("cases", "population", "offers")
# Kinds of help are rarer than help as a whole: their rates need a decimal more than a map.
_DECIMALS = 2


def csv_bytes(material: Material, story: Story) -> bytes:
    """Return every released and every hidden cell as CSV: a number only where one was released.

    UTF-8 with byte order mark, semicolons, decimal points. Raises ``report_no_figures``.
    """
    table = tidy(material, story)
    if table.empty:
        raise SroError("report_no_figures", format="csv")
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow(table.columns)
    for row in table.itertuples(index=False):
        writer.writerow([_cell(value) for value in row])
    return buffer.getvalue().encode("utf-8-sig", "replace")


def tidy(material: Material, story: Story) -> pd.DataFrame:
    """Return the cells of all years up to that of the report, one row each."""
    cells, language = material.rated, material.language
    cells = cells[cells["year"] <= material.year]
    cells = cells.sort_values(_ORDER, na_position="first", kind="stable").reset_index(drop=True)
    shown = cells["status"] == "released"
    names = dict(zip(material.areas["area_id"], material.areas["name"], strict=True))
    # A cell is called as its area was when it was released.
    called = cells["name"] if "name" in cells else cells["area_id"].map(names)
    out = pd.DataFrame(
        {
            "year": cells["year"],
            "level": cells["level"],
            "area_id": cells["area_id"],
            "area_name": called.where(called.fillna("").str.strip() != "", cells["area_id"]),
            "help_type": cells["help_type"],
            "help": [_help(value, language) for value in cells["help_type"]],
            "age_group": cells["age_group"],
            "place_of_help": cells["place"],
            "status": cells["status"],
            "cases": _whole(cells["count"].where(shown)),
            "persons": cells["denominator"].astype(float).round(1),
            f"rate_per_{PER}": _rounded(cells["rate"].where(shown), _DECIMALS),
            "unit": cells["unit"],
            "counting_rule": cells["counting_rule"],
            "area_version": cells["version"],
        }
    )
    return out.assign(**_about(material, story))


def write_geopackage(material: Material, story: Story, file: Path) -> None:
    """Write layers ``areas``, ``offers``, ``cases`` and ``sources`` into a new GeoPackage.

    ``areas`` are those of the level reported on, with persons, offers and each year's figures
    as columns; ``cases`` is the table of :func:`tidy`, left out where nothing was released.
    Raises ``geopackage_not_made``.
    """
    layers: list[tuple[str, pd.DataFrame]] = [
        ("areas", areas(material)),
        ("offers", offers(material)),
        ("cases", tidy(material, story)),
        ("sources", sources(material, story)),
    ]
    try:
        for name, table in layers:
            if len(table) or name != "cases":
                _write(file, name, table, material.sample_note)
        _check(file, [name for name, table in layers if len(table) or name != "cases"])
    except (OSError, RuntimeError, ValueError, sqlite3.Error) as why:
        # GDAL's own errors are RuntimeErrors; a full disk is one of them.
        reason = getattr(why, "strerror", None) or str(why) or type(why).__name__
        raise SroError("geopackage_not_made", reason=str(reason)[:300]) from None


def geopackage_bytes(material: Material, story: Story) -> bytes:
    """Return the GeoPackage; raises ``geopackage_not_made``."""
    try:
        with tempfile.TemporaryDirectory(prefix="sro-report-") as folder:
            file = Path(folder) / "report.gpkg"
            write_geopackage(material, story, file)
            return file.read_bytes()
    except OSError as why:
        reason = why.strerror or type(why).__name__
        raise SroError("geopackage_not_made", reason=reason) from None


def areas(material: Material) -> gpd.GeoDataFrame:
    """Return the areas reported on with their figures as columns, in the city's own order."""
    spaces = material.spaces
    counted = material.open_offers["area"].value_counts()
    columns: dict[str, Any] = {
        "area_id": spaces["area_id"],
        "name": spaces["name"],
        "level": spaces["level"],
        "parent_id": spaces["parent_id"],
    }
    for group in PERSONS:
        persons = [material.persons(area, group) for area in spaces["area_id"]]
        columns[f"persons_{group}"] = np.round(persons, 1)
    columns["offers"] = [int(counted.get(area, 0)) for area in spaces["area_id"]]
    decimals = material.scale.decimals
    for year in material.years:
        totals = material.totals(year)
        shown = (totals["status"] == "released").to_numpy(bool)
        columns[f"cases_status_{year}"] = totals["status"].to_numpy(object)
        columns[f"cases_{year}"] = _whole(totals["count"].where(shown)).to_numpy()
        columns[f"rate_{year}"] = _rounded(totals["rate"].where(shown), decimals).to_numpy()
    if material.sample_note:
        columns["data_note"] = material.sample_note
    table = pd.DataFrame(columns, index=spaces.index)
    return gpd.GeoDataFrame(table, geometry=spaces.geometry, crs=spaces.crs)


def offers(material: Material) -> gpd.GeoDataFrame:
    """Return the offers that run, those with a place as points; a protected one has none."""
    listed = public_offers(material.offers)
    kinds = material.city.categories
    called = [
        name_of(kinds[c].names, material.language) if c in kinds else c for c in listed["category"]
    ]
    area = material.open_offers.drop_duplicates("offer_id").set_index("offer_id")["area"]
    place = listed["offer_id"].map(area).fillna("").astype(str)
    table = listed.assign(category_name=called, area_id=place.where(place != "", None))
    if material.sample_note:
        table["data_note"] = material.sample_note
    points = gpd.points_from_xy(table["lon"].astype(float), table["lat"].astype(float), crs=4326)
    known = table["lon"].notna() & table["lat"].notna()
    shapes = gpd.GeoSeries(points, index=table.index).where(known, None)
    return gpd.GeoDataFrame(table, geometry=shapes.to_crs(material.spaces.crs))


def sources(material: Material, story: Story) -> pd.DataFrame:
    """Return what the file is, of when, and where its figures come from."""
    language = material.language
    rows: list[tuple[str, str]] = [
        ("title", story.title),
        ("city", material.city_name),
        ("frozen_at", story.frozen_at),
        ("content_hash", story.content_hash),
        ("population_date", material.population_date),
        ("offers_date", material.offers_date),
        ("releases", ", ".join(material.releases)),
        *((f"source_{key}", material.sources(key)) for key in _SOURCES),
        ("rate", t("reports.rate_unit", language)),
        ("suppressed", t("reports.mark_suppressed", language, word="suppressed")),
        ("missing", t("reports.mark_missing", language, word="missing")),
        ("data_note", material.sample_note),
    ]
    return pd.DataFrame([row for row in rows if row[1]], columns=["fact", "words"])


def _about(material: Material, story: Story) -> dict[str, str]:
    said = {"frozen_at": story.frozen_at, "content_hash": story.content_hash}
    return said | ({"data_note": material.sample_note} if material.sample_note else {})


def _help(value: object, language: str) -> str:
    if not isinstance(value, str):
        return t("help_types.total.name", language)
    return t(f"help_{'groups' if value in GROUPS else 'types'}.{value}.name", language)


def _whole(counts: pd.Series) -> pd.Series:
    return pd.to_numeric(counts, errors="coerce").astype("Int64")


def _rounded(rates: pd.Series, decimals: int) -> pd.Series:
    values = round_half_up(rates.to_numpy(float, na_value=np.nan), decimals)
    return pd.Series(values.round(decimals), index=rates.index)


def _cell(value: Any) -> str:
    if value is None or value is pd.NA or value != value:
        return ""
    if isinstance(value, float):
        return f"{value:.10g}"
    return safe_text(value) if isinstance(value, str) else str(value)


def _write(file: Path, name: str, table: pd.DataFrame, note: str) -> None:
    import pyogrio  # late: it loads GDAL, and no other format needs it

    options: dict[str, Any] = {"layer_options": {"DESCRIPTION": note}} if note else {}
    if isinstance(table, gpd.GeoDataFrame):
        kind = "Point" if name == "offers" else "MultiPolygon"
        options |= {"geometry_type": kind, "promote_to_multi": kind != "Point"}
    pyogrio.write_dataframe(table, file, layer=name, driver="GPKG", append=file.exists(), **options)


def _check(file: Path, names: Sequence[str]) -> None:
    """Refuse a file that is not whole: not every error of a full disk is told by GDAL."""
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as held:
        if held.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise RuntimeError("quick_check")
        there = {row[0] for row in held.execute("SELECT table_name FROM gpkg_contents")}
    if absent := [name for name in names if name not in there]:
        raise RuntimeError(", ".join(absent))
