"""Tables going out: CSV, XLSX and GeoJSON that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd

from sro_geo.errors import SroError
from sro_geo.files import replace_file as replace_file

FORMATS = ("csv", "xlsx", "geojson")
NOTE_COLUMN = "data_note"
# A cell that begins so is a formula to Excel, LibreOffice or a database client (OWASP,
# "CSV injection"), the wide forms included. The apostrophe put before it is taken away
# again on reading; text that begins with apostrophes of its own gets one more.
_DANGEROUS = r"[=+\-@\t\r\n＝＋－＠]"
_AS_FORMULA = re.compile(rf"'*\s*{_DANGEROUS}")
NEUTRALISED = re.compile(rf"''*\s*{_DANGEROUS}")
_PLAIN_NEGATIVE = re.compile(r"-\d+(?:[.,]\d+)?")
_ILLEGAL_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CELL_LIMIT = 32_767
_DEGREES = 7  # about a centimetre


def safe_cell(text: str) -> str:
    """Return text that a spreadsheet shows as it is, with an apostrophe before a formula."""
    if _AS_FORMULA.match(text) and not _PLAIN_NEGATIVE.fullmatch(text):
        return "'" + text
    return text


def write_table(
    frame: pd.DataFrame,
    file: Path | str | BinaryIO,
    *,
    format: str,
    note: str = "",
    delimiter: str = ";",
) -> None:
    """Write a table; a file appears whole or not at all.

    Parameters
    ----------
    frame
        A table; shapes in its ``geometry`` and CRS. CSV and XLSX carry points as ``lon``
        and ``lat`` in degrees and leave out lines and polygons; GeoJSON is in WGS84.
    file
        Path, or an open binary stream.
    format
        ``csv`` (UTF-8 with byte order mark), ``xlsx`` or ``geojson``.
    note
        Words that mark the data, e.g. "Beispieldaten": a column ``data_note`` in every row.

    Raises
    ------
    SroError
        ``format_unknown``, ``file_not_writable``.
    """
    if format not in FORMATS:
        raise SroError("format_unknown", format=format, known=", ".join(FORMATS))
    if format == "geojson":
        data = _geojson(frame, note)
    else:
        table = _flat(frame)
        if note:
            table[NOTE_COLUMN] = note
        data = _csv(table, delimiter) if format == "csv" else _xlsx(table)
    if isinstance(file, str | Path):
        replace_file(Path(file), data)
    else:
        file.write(data)


def _in_degrees(frame: pd.DataFrame) -> np.ndarray | None:
    """Return the shapes in WGS84, None for a plain table."""
    if "geometry" not in frame:
        return None
    shapes = frame["geometry"]
    crs = getattr(frame, "crs", None)
    if crs is not None and hasattr(shapes, "to_crs"):
        shapes = shapes.to_crs(4326)
    return np.asarray(shapes.to_numpy(), object)


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    shapes = _in_degrees(frame)
    table = pd.DataFrame({name: frame[name] for name in frame.columns if name != "geometry"})
    if shapes is None or {"lon", "lat"} <= set(table.columns):
        return table
    if any(getattr(shape, "geom_type", "") == "Point" for shape in shapes):
        for name, axis in (("lon", "x"), ("lat", "y")):
            table[name] = [
                round(getattr(s, axis), _DEGREES)
                if getattr(s, "geom_type", "") == "Point" and not s.is_empty
                else None
                for s in shapes
            ]
    return table


def _value(value: Any) -> Any:
    """Return a plain Python value; missing and not finite are None."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return str(value)


def _cell(value: Any) -> Any:
    value = _value(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return safe_cell(value) if isinstance(value, str) else value


def _csv(table: pd.DataFrame, delimiter: str) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow([safe_cell(str(name)) for name in table.columns])
    for row in table.itertuples(index=False, name=None):
        writer.writerow(["" if (v := _cell(value)) is None else v for value in row])
    return buffer.getvalue().encode("utf-8-sig", "replace")


def _xlsx(table: pd.DataFrame) -> bytes:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Daten")
    sheet.freeze_panes = "A2"

    def cells(values: list[Any]) -> list[Any]:
        out = []
        for value in values:
            if not isinstance(value, str):
                out.append(value)
                continue
            cell = WriteOnlyCell(sheet, _ILLEGAL_IN_XML.sub("", value)[:_CELL_LIMIT])
            cell.data_type = "s"  # never a formula, whatever it begins with
            out.append(cell)
        return out

    sheet.append(cells([safe_cell(str(name)) for name in table.columns]))
    for row in table.itertuples(index=False, name=None):
        sheet.append(cells([_cell(value) for value in row]))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _geojson(frame: pd.DataFrame, note: str) -> bytes:
    import shapely

    shapes = _in_degrees(frame)
    names = [name for name in frame.columns if name != "geometry"]
    drawn = np.full(len(frame), None, object) if shapes is None else shapes
    if {"lon", "lat"} <= set(names) and shapes is None:
        drawn = _points(frame)
    held = np.array([s is not None and not s.is_empty for s in drawn], bool)
    if held.any():
        drawn[held] = shapely.set_precision(drawn[held], 10**-9, mode="pointwise")
    features: list[Mapping[str, Any]] = []
    rows = frame[names].itertuples(index=False, name=None)
    for row, shape, there in zip(rows, drawn, held, strict=True):
        properties = {name: _value(value) for name, value in zip(names, row, strict=True)}
        if note:
            properties[NOTE_COLUMN] = note
        geometry = _rounded(shapely.geometry.mapping(shape)) if there else None
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    document: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    if note:
        document["note"] = note
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def _points(frame: pd.DataFrame) -> np.ndarray:
    import shapely

    lon, lat = (
        pd.to_numeric(frame[name], errors="coerce").to_numpy(float) for name in ("lon", "lat")
    )
    full = np.isfinite(lon) & np.isfinite(lat)
    out = np.full(len(frame), None, object)
    out[full] = shapely.points(lon[full], lat[full])
    return out


def _rounded(node: Any) -> Any:
    """Return a GeoJSON geometry with lists for tuples and coordinates to the centimetre."""
    if isinstance(node, Mapping):
        return {key: _rounded(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [_rounded(value) for value in node]
    return round(node, 9) if isinstance(node, float) else node
