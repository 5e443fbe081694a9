"""Frames brought into the form of a table, and everything that is wrong in them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from sro_geo.errors import Fault
from sro_geo.tables.description import Table

_DTYPES = {"integer": "Int64", "number": "float64", "boolean": "boolean"}
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def conform(table: Table, frame: pd.DataFrame, *, extra: Iterable[str] = ()) -> pd.DataFrame:
    """Return ``frame`` with the columns and dtypes of ``table``, in order, missing ones empty.

    ``extra`` names further text columns to keep (the parallel levels of ``blocks``).
    Values are cast, not judged: call :func:`validate` for that.
    """
    out: dict[str, Any] = {}
    for column in table.columns:
        values = frame[column.name] if column.name in frame else pd.Series(None, frame.index)
        if dtype := _DTYPES.get(column.kind):
            out[column.name] = values.astype(pd.api.types.pandas_dtype(dtype))
        else:
            out[column.name] = _as_text(values)
    for name in extra:
        out[name] = _as_text(frame[name] if name in frame else pd.Series(None, frame.index))
    plain = pd.DataFrame(out, index=frame.index).reset_index(drop=True)
    if table.geometry and "geometry" in frame:
        import geopandas as gpd

        geometry = gpd.GeoSeries(frame["geometry"]).reset_index(drop=True)
        shapes: pd.DataFrame = gpd.GeoDataFrame(
            plain, geometry=geometry, crs=getattr(frame, "crs", None)
        )
        return shapes
    return plain


def _as_text(values: pd.Series) -> pd.Series:
    text: pd.Series = values.astype(pd.StringDtype(na_value=np.nan))
    return text.mask(values.isna() | (text == ""))


def validate(
    table: Table,
    frame: pd.DataFrame,
    *,
    file: str = "",
    rows: np.ndarray | None = None,
) -> list[Fault]:
    """Return *all* faults of ``frame``: missing, malformed or out of range values, doubled keys.

    Parameters
    ----------
    frame
        A table as described in the module, already cast by :func:`conform`.
    file
        Name put into each fault.
    rows
        Row number in the user's file for each record; default 2, 3, … (header is row 1).
    """
    rows = np.arange(2, len(frame) + 2) if rows is None else rows
    faults: list[Fault] = []

    def add(code: str, mask: np.ndarray, column: str, **params: Any) -> None:
        for position in np.flatnonzero(mask):
            value = frame[column].iloc[position] if column in frame else None
            shown = "" if value is None or value is pd.NA or pd.isna(value) else str(value)
            detail = {"value": shown, **params}
            faults.append(Fault(code, file, int(rows[position]), column, detail))

    for column in table.columns:
        if column.name not in frame:
            if column.required:
                faults.append(Fault("column_missing", file, None, column.name))
            continue
        values = frame[column.name]
        missing = values.isna().to_numpy()
        if column.required:
            add("value_missing", missing, column.name)
        if column.choices:
            wrong = ~missing & ~values.isin(column.choices).to_numpy(bool)
            add("value_not_allowed", wrong, column.name, allowed=", ".join(column.choices))
        if column.kind == "date":
            add("date_malformed", ~missing & ~values.map(_is_date).to_numpy(bool), column.name)
        if column.minimum is not None:
            low = values.lt(column.minimum).fillna(False).to_numpy(bool)
            add("value_too_small", low, column.name, minimum=column.minimum)
        if column.maximum is not None:
            high = values.gt(column.maximum).fillna(False).to_numpy(bool)
            add("value_too_large", high, column.name, maximum=column.maximum)
    keys = list(table.key)
    if set(keys) <= set(frame.columns):
        complete = frame[keys].notna().all(axis=1)
        doubled = (frame.duplicated(keys, keep="first") & complete).to_numpy(bool)
        add("id_doubled", doubled, keys[0])
    if table.geometry and table.geometry_required:
        if "geometry" not in frame:
            faults.append(Fault("geometry_missing", file, None, "geometry"))
        else:
            empty = frame["geometry"].isna() | frame["geometry"].map(
                lambda g: g is not None and g.is_empty
            )
            add("geometry_missing", empty.to_numpy(bool), "geometry")
    if {"age_min", "age_max"} <= set(frame.columns):
        crossed = frame["age_min"].gt(frame["age_max"]).fillna(False).to_numpy(bool)
        add("ages_crossed", crossed, "age_max")
    if {"age_from", "age_to"} <= set(frame.columns):
        crossed = frame["age_from"].gt(frame["age_to"]).fillna(False).to_numpy(bool)
        add("ages_crossed", crossed, "age_to")
    return faults


def _is_date(value: Any) -> bool:
    if not isinstance(value, str) or not _ISO_DATE.fullmatch(value):
        return False
    try:
        dt.date.fromisoformat(value)
    except ValueError:
        return False
    return True
