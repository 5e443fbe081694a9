"""What a file held, before anyone judged it: columns of text, row numbers, shapes, faults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from sro_geo.errors import Fault

FAULTS_LISTED = 2_000
_RANK = {"error": 0, "repair": 1, "note": 2}


@dataclass
class Records:
    """The rows of a file as text.

    ``columns`` maps each column's name to an object array of ``str`` or ``None`` (empty).
    ``rows`` holds the number a user would give each record (``errors.Fault``). ``geometry``
    is an object array of shapes in the CRS the file states (``crs``, empty: none stated),
    or ``None`` for a plain table. ``groups`` are the groups a ``categories.toml`` brings along.
    ``header`` is the heading line, empty places included: where in the file a column stands.
    """

    file: str
    columns: dict[str, np.ndarray]
    rows: np.ndarray
    geometry: np.ndarray | None = None
    crs: str = ""
    encoding: str = ""
    delimiter: str = ""
    groups: Records | None = None
    header: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def part(self, mask: np.ndarray) -> Records:
        """Return the records where ``mask`` is True, as records of their own."""
        own = replace(self)
        own.keep(mask)
        return own

    def keep(self, mask: np.ndarray) -> None:
        """Drop the records where ``mask`` is False."""
        self.columns = {name: values[mask] for name, values in self.columns.items()}
        self.rows = self.rows[mask]
        if self.geometry is not None:
            self.geometry = self.geometry[mask]


@dataclass
class FaultLog:
    """Collects every fault of one file; ``closed`` gives them, worst first, with a limit."""

    file: str
    faults: list[Fault] = field(default_factory=list)
    _seen: set[tuple[int | None, str]] = field(default_factory=set)

    def add(
        self,
        code: str,
        *,
        row: int | None = None,
        column: str = "",
        severity: str = "error",
        **params: Any,
    ) -> None:
        """Note one fault."""
        self.faults.append(Fault(code, self.file, row, column, params, severity))
        if severity == "error":
            self._seen.add((row, column))

    def each(
        self,
        code: str,
        mask: np.ndarray,
        rows: np.ndarray,
        *,
        column: str = "",
        severity: str = "error",
        values: np.ndarray | None = None,
        **params: Any,
    ) -> None:
        """Note one fault per record where ``mask`` is True, with its value where given."""
        for position in np.flatnonzero(mask):
            detail = dict(params)
            if values is not None:
                detail["value"] = shown(values[position])
            self.add(code, row=int(rows[position]), column=column, severity=severity, **detail)

    def counted(
        self,
        code: str,
        mask: np.ndarray,
        rows: np.ndarray,
        *,
        column: str = "",
        severity: str = "note",
        **params: Any,
    ) -> None:
        """Note one fault for all records where ``mask`` is True: how many, and which first."""
        count = int(np.count_nonzero(mask))
        if count:
            first = listed([str(row) for row in rows[mask][:6]], total=count, limit=5)
            self.add(code, column=column, severity=severity, count=count, rows=first, **params)

    def has_error(self, row: int | None, column: str) -> bool:
        """Tell whether an error at this place is already noted (``a, b``: at either)."""
        return any((row, part) in self._seen for part in (column, *column.split(", ")))

    def take(self, faults: Iterable[Fault]) -> None:
        """Add the faults of ``tables.validate`` unless the same place is already faulty."""
        for fault in faults:
            if fault.code in ("value_missing", "geometry_missing") and (
                self.has_error(fault.row, fault.column) or self.has_error(None, fault.column)
            ):
                continue
            self.faults.append(fault)
            self._seen.add((fault.row, fault.column))

    def closed(self) -> tuple[Fault, ...]:
        """Return the faults: errors, repairs, notes, each in the order of the file.

        Of more than ``FAULTS_LISTED`` the rest is replaced by one closing fault as severe
        as the worst of them, so that nothing is waved through unseen.
        """
        ordered = sorted(
            self.faults, key=lambda f: (_RANK[f.severity], -1 if f.row is None else f.row)
        )
        kept, rest = ordered[:FAULTS_LISTED], ordered[FAULTS_LISTED:]
        if rest:
            params: Mapping[str, Any] = {"count": len(rest)}
            kept.append(Fault("faults_unlisted", self.file, None, "", params, rest[0].severity))
        return tuple(kept)


def shown(value: object, limit: int = 80) -> str:
    """Return a value as it is shown in a message: nothing for missing, never a page long."""
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return ""
    text = " ".join(str(value).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def listed(values: Iterable[str], *, total: int | None = None, limit: int = 5) -> str:
    """Return the first values, separated by commas, and an ellipsis where there are more."""
    every = list(values)
    total = len(every) if total is None else total
    return ", ".join(shown(v, 40) for v in every[:limit]) + (", …" if total > limit else "")


def words(text: str) -> frozenset[str]:
    """Return the words of a line as a set."""
    return frozenset(text.split())


def filled(value: object, size: int) -> np.ndarray:
    """Return an object array of ``size`` times ``value``."""
    out = np.empty(size, object)
    out[:] = value
    return out


def present(values: np.ndarray) -> np.ndarray:
    """Return a mask: True where a value is not missing."""
    return np.asarray(pd.notna(values), bool)
