"""Tables without a place on the map as rows of a file, and back.

Nothing in here puts a value into an error: these rows may be counts nobody may see.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sro_geo.errors import SroError
from sro_geo.store.rows import Row, storable
from sro_geo.store.schema import quote
from sro_geo.tables import Column, Table

_OPTIONAL = {"integer": "Int64", "number": "float64", "boolean": "boolean"}
_REQUIRED = {"integer": "int64", "number": "float64", "boolean": "bool"}


def names_of(table: Table) -> list[str]:
    """Return the names of the columns without the geometry."""
    return [column.name for column in table.columns]


def insert_into(table: Table, more: Sequence[str] = ()) -> str:
    """Return the SQL that adds one row; ``more`` names columns after the table's own."""
    names = [*names_of(table), *more]
    return (
        f"INSERT INTO {quote(table.name)} ({', '.join(map(quote, names))})"
        f" VALUES ({', '.join('?' * len(names))})"
    )


def rows_of(table: Table, frame: pd.DataFrame) -> list[Row]:
    """Return the rows of ``frame`` in the order of the table's columns; others are left out.

    Raises
    ------
    SroError
        ``value_not_storable``, ``text_not_storable``, ``id_doubled``. None holds a value but
        the first part of a doubled key.
    """
    columns = [_values(table, column, frame) for column in table.columns]
    rows = list(zip(*columns, strict=True))
    where = [names_of(table).index(name) for name in table.key]
    seen = set()
    for row in rows:
        key = tuple(row[position] for position in where)
        if key in seen:
            raise SroError("id_doubled", table=table.name, id=str(key[0]))
        seen.add(key)
    return rows


def _values(table: Table, column: Column, frame: pd.DataFrame) -> list[Any]:
    def refuse() -> SroError:
        return SroError("value_not_storable", table=table.name, detail=column.name)

    if column.name not in frame:
        if column.required:
            raise refuse()
        return [None] * len(frame)
    values = frame[column.name]
    # "from None": what pandas complains of is the value itself.
    try:
        if column.kind in _OPTIONAL:
            cast = values.astype(pd.api.types.pandas_dtype(_OPTIONAL[column.kind]))
        else:
            cast = values.astype(pd.StringDtype(na_value=np.nan))
    except UnicodeError:
        raise SroError("text_not_storable", table=table.name, column=column.name) from None
    except (TypeError, ValueError, OverflowError):
        raise refuse() from None
    missing = cast.isna().to_numpy()
    if column.required and missing.any():
        raise refuse()
    if column.kind in ("integer", "number"):
        numbers = cast.dropna().to_numpy(float)
        if not np.isfinite(numbers).all() or (
            column.minimum is not None and (numbers < column.minimum).any()
        ):
            raise refuse()
    out: list[Any] = cast.astype(object).where(~missing, None).tolist()
    if column.choices and not set(out) <= {*column.choices, None}:
        raise refuse()
    if column.kind == "boolean":
        return [None if value is None else int(value) for value in out]
    if column.kind not in _OPTIONAL and not all(map(storable, out)):
        raise SroError("text_not_storable", table=table.name, column=column.name)
    return out


def frame_of(table: Table, rows: Iterable[Sequence[Any]]) -> pd.DataFrame:
    """Return rows in the order of the table's columns as a frame; empty ones are missing."""
    found = list(rows)
    columns = zip(*found, strict=True) if found else [()] * len(table.columns)
    frame: pd.DataFrame = pd.DataFrame(
        {
            column.name: pd.Series(list(values), dtype=_dtype(column))
            for column, values in zip(table.columns, columns, strict=True)
        }
    )
    return frame


def _dtype(column: Column) -> str:
    return (_REQUIRED if column.required else _OPTIONAL).get(column.kind, "str")
