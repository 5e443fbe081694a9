"""Files going out: exactly what was asked for, marked as sample data where it is."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sro_geo.actions.access import READ, Actor, authorise
from sro_geo.actions.categories import category_table
from sro_geo.actions.coverage import CoverageAnswer, floating_figures
from sro_geo.actions.workspace import Snapshot
from sro_geo.errors import SroError
from sro_geo.exchange.write import FORMATS, write_table
from sro_geo.i18n import name_of
from sro_geo.tables import TABLES

EXPORTABLE = [
    "areas",
    "blocks",
    "population",
    "offers",
    "providers",
    "addresses",
    "streets",
    "basemap",
    "teams",
    "responsibilities",
    "categories",
]
_OFFER_COLUMNS = (
    *(c.name for c in TABLES["offers"].columns if c.name not in ("host_location_id",)),
    "provider",
    "address",
    "postal_code",
    "city",
    "lon",
    "lat",
)


def offers_for_export(snapshot: Snapshot, found: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return found offers as a table to hand out: contract columns, areas, point in degrees."""
    table = found.reindex(columns=list(_OFFER_COLUMNS)).reset_index(drop=True)
    for level in snapshot.city.levels:
        table[f"{level.level}_id"] = found[f"{level.level}_id"].to_numpy(object)
    if "minutes" in found and found["minutes"].notna().any():
        table["minutes"] = found["minutes"].to_numpy(float)
    points = shapely.points(found["lon"].to_numpy(float), found["lat"].to_numpy(float))
    points = np.where(found["lon"].notna().to_numpy(), points, None)
    return gpd.GeoDataFrame(table, geometry=points, crs=4326)


def table_for_export(snapshot: Snapshot, kind: str) -> Any:
    """Return a table of the workspace as it is exported; raises ``SroError("kind_unknown")``."""
    if kind not in EXPORTABLE:
        raise SroError("kind_unknown", kind=kind, known=", ".join(EXPORTABLE))
    if kind == "offers":
        return offers_for_export(snapshot, snapshot.directory)
    if kind == "categories":
        return category_table(snapshot.city)
    if kind == "areas":
        table = snapshot.current.areas
        columns = ["area_id", "level", "name", "parent_id", "version", "geometry"]
        return gpd.GeoDataFrame(table[columns], geometry="geometry", crs=snapshot.city.crs)
    frame = snapshot.tables[kind].drop(columns="row_version", errors="ignore")
    if kind == "blocks":
        lowest = snapshot.city.lowest.level
        ids = snapshot.current.members[lowest].reindex(frame["block_id"]).to_numpy(object)
        frame = frame.assign(**{f"{lowest}_id": ids})
    if kind == "population" and (frame["place_kind"] == "cell").any():
        return _with_centres(snapshot, frame)
    return frame


def _with_centres(snapshot: Snapshot, frame: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return population with the centres of its cells: elsewhere nobody knows where they are."""
    cells = snapshot.tables["cells"].set_index("cell_id")["geometry"]
    points = cells.reindex(frame["place_id"]).to_numpy(object)
    points[(frame["place_kind"] != "cell").to_numpy(bool)] = None
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(points, frame.index), crs=cells.crs)


def export_file(snapshot: Snapshot, kind: str, file: Path, *, actor: Actor) -> int:
    """Write a table to ``file`` (format by its ending) and return the number of rows.

    Raises
    ------
    SroError
        ``format_unknown``, ``kind_unknown``, ``file_not_writable``.
    """
    authorise(actor, READ)
    ending = file.suffix.lower().lstrip(".")
    if ending not in FORMATS:
        raise SroError("format_unknown", format=ending, known=", ".join(FORMATS))
    frame = table_for_export(snapshot, kind)
    write_table(frame, file, format=ending, note=sample_note(snapshot))
    return len(frame)


def offers_as_bytes(snapshot: Snapshot, found: pd.DataFrame, ending: str) -> bytes:
    """Return exactly the found offers as the bytes of a csv, xlsx or geojson file."""
    buffer = BytesIO()
    frame = offers_for_export(snapshot, found)
    write_table(frame, buffer, format=ending, note=sample_note(snapshot))
    return buffer.getvalue()


def coverage_as_bytes(snapshot: Snapshot, answer: CoverageAnswer, ending: str) -> bytes:
    """Return the figures of every area of every level, unrounded, with the question asked."""
    question, shapes = answer.question, answer.version.areas.set_index("area_id")["geometry"]
    frames = [
        answer.areas(level.level)
        .merge(floating_figures(answer, level.level), on=["area_id", "name"])
        .assign(level=level.level)
        for level in snapshot.city.levels
    ]
    table = pd.concat(frames, ignore_index=True).assign(
        category=" ".join(question.categories),
        age_group=question.group,
        minutes=question.minutes,
        mode=question.mode,
        method=answer.result.method,
        supposed=question.supposed,
        open_at=question.moment.isoformat() if question.moment else None,
        words=question.offers.text if question.offers else None,
        low_threshold=question.offers.low_threshold if question.offers else None,
        work_level=question.offers.work_level if question.offers else None,
        rescaled_to=question.rescale_to,
    )
    geometry = table["area_id"].map(shapes)
    frame = gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(geometry), crs=snapshot.city.crs)
    buffer = BytesIO()
    write_table(frame, buffer, format=ending, note=sample_note(snapshot))
    return buffer.getvalue()


def sample_note(snapshot: Snapshot, language: str = "de") -> str:
    """Return the words that mark invented data, empty for a real city."""
    if not snapshot.city.sample_data:
        return ""
    return name_of(snapshot.city.source_note, language) or "Beispieldaten"
