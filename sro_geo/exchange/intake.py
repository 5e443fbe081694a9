"""One file on its way in: its records, what was recognised, what is known, what is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sro_geo.city import City
from sro_geo.errors import Fault
from sro_geo.exchange.casting import (
    CHOICES,
    as_booleans,
    as_choices,
    as_dates,
    as_integers,
    as_numbers,
)
from sro_geo.exchange.kinds import Kind
from sro_geo.exchange.placing import placed
from sro_geo.exchange.recognise import Recognised
from sro_geo.exchange.records import FaultLog, Records, filled, present
from sro_geo.exchange.shapes import mended, of_kind
from sro_geo.tables import TABLES, Table, conform, validate

_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})

if TYPE_CHECKING:
    import geopandas as gpd


@dataclass(frozen=True)
class Known:
    """What the workspace already has; a file is checked against it. Empty or None: nothing."""

    blocks: gpd.GeoDataFrame | None = None
    areas: pd.DataFrame | None = None
    providers: pd.DataFrame | None = None
    locations: gpd.GeoDataFrame | None = None
    offers: pd.DataFrame | None = None
    addresses: gpd.GeoDataFrame | None = None
    streets: gpd.GeoDataFrame | None = None
    teams: pd.DataFrame | None = None
    cells: gpd.GeoDataFrame | None = None
    # Indexed by block_id, one column per level: the area each block lies in.
    members: pd.DataFrame | None = None
    # block_id, age_from, age_to (missing: open end), persons: no place has more cases than people.
    persons: pd.DataFrame | None = None

    def ids(self, table: str) -> list[str]:
        """Return the ids of a table, in order; empty where nothing is known of it."""
        frame: pd.DataFrame | None = getattr(self, table)
        if frame is None or frame.empty:
            return []
        key = "area_id" if table == "areas" else TABLES[table].key[0]
        return [str(value) for value in frame[key]]

    def held(self, table: str) -> pd.DataFrame | None:
        """Return a table, None where nothing is known of it."""
        frame: pd.DataFrame | None = getattr(self, table)
        return None if frame is None or frame.empty else frame


@dataclass
class Intake:
    """What the makers of the single kinds work with."""

    kind: Kind
    city: City
    known: Known
    records: Records
    recognised: Mapping[str, Recognised]
    mapping: Mapping[str, str]
    log: FaultLog
    estimate: bool = False  # consent to spread numbers of larger areas over their blocks
    crs: str = ""
    reference_date: str | None = None
    left_out: set[str] = field(default_factory=set)  # columns said to be left out, and why
    case_list: bool = False  # one row per case, and the caller knows it
    # Column → heading in the file, where columns go by other names (exchange.discreet).
    headings: Mapping[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Number of records."""
        return len(self.records)

    @property
    def rows(self) -> np.ndarray:
        """The row number of each record in the user's file."""
        return self.records.rows

    def has(self, field: str) -> bool:
        """Tell whether the file or the mapping says anything of a field."""
        entry = self.recognised.get(field)
        return entry is not None and entry.source is not None

    def column(self, field: str) -> str:
        """Return the name a field's column has in the file, else the field's own."""
        entry = self.recognised.get(field)
        if entry is None or not entry.source or entry.source.startswith("="):
            return field
        return entry.source

    def text(self, field: str) -> np.ndarray:
        """Return a field as text, all None where the file says nothing of it."""
        entry = self.recognised.get(field)
        if entry is None or entry.source is None:
            return filled(None, self.size)
        if entry.source.startswith("=") and entry.source not in self.records.columns:
            return filled(entry.source[1:] or None, self.size)
        return self.records.columns[entry.source].copy()

    def point_columns(self) -> str:
        """Return the columns points come from, as they are named in faults."""
        if self.records.geometry is not None:
            return "geometry"
        pair = ("lat", "lon") if self.has("lat") or self.has("lon") else ("x", "y")
        return ", ".join(self.column(field) for field in pair)

    def numbers(self, field: str, kind: str = "number") -> np.ndarray:
        """Return a field as floats; ``kind`` as in :func:`casting.as_numbers`."""
        decimal = self.mapping.get("decimal", "").removeprefix("=")
        where = self.column(field)
        return as_numbers(self.text(field), self.rows, where, self.log, kind=kind, decimal=decimal)

    def cast(self, table: Table, field: str, words: str = "") -> Any:
        """Return a field as the column of ``table`` wants it."""
        column = table.column(field)
        where = self.column(field)
        values = self.text(field)
        if column.kind == "integer":
            decimal = self.mapping.get("decimal", "").removeprefix("=")
            return as_integers(values, self.rows, where, self.log, decimal=decimal)
        if column.kind == "number":
            return self.numbers(field)
        if column.kind == "boolean":
            return as_booleans(values, self.rows, where, self.log)
        if column.kind == "date":
            return as_dates(values, self.rows, where, self.log)
        if column.kind == "choice":
            return as_choices(values, column.choices, CHOICES.get(words or field, {}))
        return values

    def shapes(self, *, outside: str = "error") -> np.ndarray | None:
        """Return the features' shapes in the city's CRS, of the kind wanted and valid."""
        if self.records.geometry is None:
            return None
        stated = self.mapping.get("crs", "").removeprefix("=") or self.records.crs
        found, self.crs = placed(
            self.records.geometry, stated, self.city, self.rows, self.log, outside=outside
        )
        found = of_kind(found, self.kind.geometry or "any", self.rows, self.log)
        return mended(found, self.rows, self.log) if self.kind.geometry == "area" else found

    def checked(
        self,
        table: str | Table,
        frame: pd.DataFrame,
        rows: np.ndarray | None = None,
        *,
        extra: tuple[str, ...] = (),
        names: Mapping[str, str] | None = None,
    ) -> pd.DataFrame:
        """Return the frame as the store wants it; what ``tables.validate`` finds is noted.

        Faults speak of the columns of the user's file. A required column the file lacks
        was said once already and is not said again for every row.
        """
        own = TABLES[table] if isinstance(table, str) else table
        whole = conform(own, frame, extra=extra)
        absent = {field for field in self.recognised if self.log.has_error(None, field)}
        faults = validate(own, whole, file=self.log.file, rows=self.rows if rows is None else rows)
        mine: list[Fault] = []
        for fault in faults:
            if fault.code in ("value_missing", "column_missing") and fault.column in absent:
                continue
            column = (names or {}).get(fault.column) or self.column(fault.column)
            if fault.column == "geometry" and self.records.geometry is None:
                column = self.point_columns()
            mine.append(
                Fault(fault.code, fault.file, fault.row, column, fault.params, fault.severity)
            )
        self.log.take(mine)
        return whole

    def keep_known(self, table: str, frame: pd.DataFrame, fields: tuple[str, ...]) -> None:
        """Fill columns the file does not have from the rows of the same id, in place.

        Taking a file in again updates what it says and leaves the rest alone.
        """
        held = self.known.held(table)
        key = TABLES[table].key[0]
        if held is None or key not in frame:
            return
        old = held.drop_duplicates(key).set_index(key)
        ids = pd.Index(frame[key])
        known = ids.isin(old.index)
        if not known.any():
            return
        for column in fields:
            if column not in old or self.has(column):
                continue
            before = old[column].reindex(ids).to_numpy(object)
            now = np.asarray(frame[column], object) if column in frame else filled(None, len(frame))
            kept = known & present(before)
            frame[column] = np.where(kept, before, now)

    def derived_ids(self, field: str, prefix: str, *parts: np.ndarray) -> np.ndarray:
        """Return the ids of the file, or ids made of ``parts`` that are the same next time.

        Records whose parts are all alike get ``-2``, ``-3`` … in the order of the file.
        """
        if self.has(field):
            return self.text(field)
        import hashlib

        out = np.empty(self.size, object)
        seen: dict[str, int] = {}
        for position in range(self.size):
            words = "|".join(_key(values[position]) for values in parts)
            count = seen[words] = seen.get(words, 0) + 1
            digest = hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:10]
            out[position] = f"{prefix}-{digest}" + (f"-{count}" if count > 1 else "")
        twins = sum(1 for count in seen.values() if count > 1)
        self.log.add(
            "id_derived", column=field, severity="note", example=out[0] if len(out) else ""
        )
        if twins:
            self.log.add("id_derived_twins", column=field, severity="note", count=twins)
        return out

    def joined_contact(self, fields: tuple[str, ...] = ("phone", "email", "website")) -> np.ndarray:
        """Return the contact, or telephone, e-mail and website in one where there is none."""
        contact = self.text("contact")
        parts = [self.text(field) for field in fields]
        used = [f for f in fields if self.has(f)]
        if not used:
            return contact
        for position in range(self.size):
            if contact[position] is None:
                said = [part[position] for part in parts if part[position]]
                contact[position] = ", ".join(said) or None
        columns = ", ".join(self.column(f) for f in used)
        self.log.add("contact_joined", column="contact", severity="note", columns=columns)
        return contact


def _key(value: object) -> str:
    from sro_geo.exchange.recognise import plain

    return plain(str(value)) if value is not None else ""


def slug(name: str) -> str:
    """Return an id made of a name: lower case, ASCII, words joined by hyphens."""
    import unicodedata

    text = name.lower().translate(_GERMAN)
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", text).strip("-")[:60]
