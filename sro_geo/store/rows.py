"""Frames to rows of the file and back, a column at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely

from sro_geo.errors import SroError
from sro_geo.store import geometry as blobs
from sro_geo.store.protocol import join_key
from sro_geo.store.schema import GEOMETRY, Layout, quote
from sro_geo.tables import conform

Row = tuple[Any, ...]
#: Columns the audit does not repeat: every gesture in a variant is a row of ``moves``.
LOGGED = {"variants": ("content",), "moves": ("content",)}


def encode(
    layout: Layout, frame: pd.DataFrame, *, crs: str, srs_id: int
) -> tuple[list[str], list[Row]]:
    """Return (names, rows) of the columns that ``frame`` has, as the file keeps them.

    Raises
    ------
    SroError
        ``id_missing``, ``id_doubled``, ``geometry_kind_wrong``, ``crs_differs``,
        ``text_not_storable`` or ``value_not_storable``.
    """
    table = layout.table
    names = [name for name in layout.names if name in frame]
    try:
        cast = conform(table, frame, extra=layout.extra)
    except UnicodeError:
        column = next(name for name in names if _unreadable(frame[name]))
        raise SroError("text_not_storable", table=table.name, column=column) from None
    except (TypeError, ValueError) as why:
        raise SroError("value_not_storable", table=table.name, detail=str(why)) from None
    columns: list[list[Any]] = []
    for name in names:
        if name == GEOMETRY:
            columns.append(_geometries(layout, frame, crs, srs_id))
        else:
            columns.append(_values(layout, cast[name], name))
    rows = list(zip(*columns, strict=True)) if names else []
    _check_keys(layout, names, rows)
    return names, rows


def _geometries(layout: Layout, frame: pd.DataFrame, crs: str, srs_id: int) -> list[bytes | None]:
    table = layout.table
    found = getattr(frame, "crs", None)
    if found is not None and found != crs:
        raise SroError("crs_differs", table=table.name, found=found.to_string(), expected=crs)
    values = frame[GEOMETRY]
    shapes = np.empty(len(values), dtype=object)
    shapes[:] = np.asarray(values, dtype=object)
    shapes[pd.isna(shapes)] = None
    try:
        kept = blobs.promote(shapes, table.geometry or "any")
        if not np.isfinite(shapely.get_coordinates(kept)).all():
            raise SroError("value_not_storable", table=table.name, detail="geometry: not finite")
        return blobs.encode(kept, srs_id)
    except blobs.WrongKind as why:
        where = [frame[key].iloc[why.position] for key in table.key if key in frame]
        raise SroError(
            "geometry_kind_wrong",
            table=table.name,
            id=join_key([str(part) for part in where]),
            found=why.found,
        ) from None


def _values(layout: Layout, values: pd.Series, name: str) -> list[Any]:
    kind = layout.kind(name)
    missing = values.isna().to_numpy()
    out: list[Any] = values.astype(object).where(~missing, None).tolist()
    if kind == "boolean":
        return [None if value is None else int(value) for value in out]
    if kind == "number" and np.isinf(values.to_numpy(float)).any():
        raise SroError("value_not_storable", table=layout.table.name, detail=f"{name}: inf")
    if kind in ("text", "choice", "date") and not all(map(storable, out)):
        raise SroError("text_not_storable", table=layout.table.name, column=name)
    return out


def storable(text: str | None) -> bool:
    """Tell whether every reader of the file sees the whole text: no NUL, no half character."""
    if text is None or text.isascii():
        return text is None or "\0" not in text
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def _unreadable(values: pd.Series) -> bool:
    return not all(storable(text) for text in values if isinstance(text, str))


def _check_keys(layout: Layout, names: list[str], rows: list[Row]) -> None:
    table = layout.table
    if not rows:
        return
    if absent := [key for key in table.key if key not in names]:
        raise SroError("id_missing", table=table.name, column=absent[0])
    where = key_positions(layout, names)
    seen: set[Row] = set()
    for row in rows:
        key = tuple(row[position] for position in where)
        if None in key:
            raise SroError("id_missing", table=table.name, column=table.key[key.index(None)])
        if key in seen:
            raise SroError("id_doubled", table=table.name, id=join_key([str(k) for k in key]))
        seen.add(key)


def key_positions(layout: Layout, names: Sequence[str]) -> list[int]:
    """Return where the parts of the key stand among ``names``."""
    return [names.index(key) for key in layout.table.key]


def read_frame(
    connection: sqlite3.Connection,
    layout: Layout,
    present: Sequence[str],
    crs: str,
    where: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Return a table as a conforming frame, ordered by key, with ``row_version`` last.

    ``present`` names the columns the file has; a parallel level it lacks comes out empty.
    ``where`` keeps the rows with these values.
    """
    table = layout.table
    names = [*(name for name in layout.names if name in present), "row_version"]
    order = ", ".join(map(quote, table.key))
    wanted = dict(where or {})
    if unknown := set(wanted) - set(names):
        raise KeyError(f"{table.name}: {', '.join(sorted(unknown))}")
    only = " AND ".join(f"{quote(name)} = ?" for name in wanted)
    found = connection.execute(
        f"SELECT {', '.join(map(quote, names))} FROM {quote(table.name)}"
        f"{' WHERE ' + only if only else ''} ORDER BY {order}",
        tuple(wanted.values()),
    ).fetchall()
    columns = list(zip(*found, strict=True)) if found else [()] * len(names)
    plain: dict[str, Any] = {
        name: _series(layout.kind(name) if name != "row_version" else "integer", values)
        for name, values in zip(names, columns, strict=True)
        if name != GEOMETRY
    }
    version = plain.pop("row_version")
    frame: pd.DataFrame = pd.DataFrame(plain)
    if table.geometry:
        # Imported late: a command that only reads plain tables starts half a second sooner.
        import geopandas as gpd

        shapes = blobs.decode(columns[names.index(GEOMETRY)])
        frame = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=crs), crs=crs)
    frame = conform(table, frame, extra=layout.extra)
    frame["row_version"] = version
    return frame


def _series(kind: str, values: Sequence[Any]) -> pd.Series:
    match kind:
        case "integer":
            return pd.Series(list(values), dtype="Int64")
        case "number":
            return pd.Series(list(values), dtype="float64")
        case "boolean":
            flags = [None if value is None else bool(value) for value in values]
            return pd.Series(flags, dtype="boolean")
    return pd.Series(list(values), dtype="str")


def for_audit(layout: Layout, names: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    """Return stored values as the audit keeps them: booleans and geometry readable.

    What a log of its own keeps (:data:`LOGGED`) is left out.
    """
    out: dict[str, Any] = {}
    left_out = LOGGED.get(layout.table.name, ())
    for name, value in zip(names, row, strict=True):
        if name in left_out:
            continue
        kind = layout.kind(name)
        if value is not None and kind == GEOMETRY:
            value = shapely.to_wkt(blobs.decode([value])[0], rounding_precision=-1)
        elif value is not None and kind == "boolean":
            value = bool(value)
        out[name] = value
    return out
