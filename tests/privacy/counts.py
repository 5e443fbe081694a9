"""Counts that must be nowhere, and where they would be found: as words, numbers and bytes."""

from __future__ import annotations

import dataclasses
import io
import re
import sqlite3
import struct
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from sro_geo.actions.releasing import counts_of, publish_released, read_ledger, version_of
from sro_geo.actions.workspace import Workspace
from sro_geo.cases import GROUPS, HELP_TYPES, types_of
from sro_geo.disclosure import Event

# Ten digits: no coordinate, time or size comes near, and no page shows them by chance.
_FIRST, _STEP, _CHANGED = 7_393_913_301, 10_007, 1_000_003
RULE = {"counting_rule": "running_and_ended", "unit": "cases"}
UNRELEASED, CHANGED = 2026, 2025
INDICATOR = "canary_rate"

_RUN = re.compile(r"\d{10,}")
_GROUPED = re.compile(r"\d{1,3}(?:[.,'\u00a0\u202f ]\d{3}){2,}")
_RATE = re.compile(r"\d[\d.,'\u00a0\u202f]*[.,]\d")


class Canary:
    """Every number that tells of what was planted, in all the forms it could be written."""

    def __init__(self, counts: Iterable[int], rates: Iterable[float], bare: Iterable[int]) -> None:
        self.words = {str(count) for count in counts}
        self.rates = {f"{rate:.1f}".replace(".", "") for rate in rates}
        packed = []
        for count in bare:
            packed += [struct.pack(">q", count)[2:], struct.pack("<q", count)]
            packed += [struct.pack("<d", count), struct.pack(">d", count)]
        self.bytes = packed

    def found(self, data: bytes | str) -> set[str]:
        """Return which numbers are in some bytes; packed and stored tables are opened."""
        if isinstance(data, str):
            data = data.encode()
        if data.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                return set().union(*(self.found(archive.read(name)) for name in archive.namelist()))
        out = {sign.hex() for sign in self.bytes if sign in data}
        if data.startswith(b"SQLite format 3\0"):
            with sqlite3.connect(":memory:") as connection:
                # Bytes 18 and 19 ask for a log beside the file, which memory has none of.
                connection.deserialize(data[:18] + b"\1\1" + data[20:])
                names = [row[0] for row in connection.execute(_TABLES)]
                for name in names:
                    rows = connection.execute(f'SELECT * FROM "{name}"').fetchall()
                    # Shapes and the like are bytes, and were searched as such.
                    told = [v for row in rows for v in row if not isinstance(v, bytes)]
                    out |= self._written("\n".join(map(str, told)))
            connection.close()
        return out | self._written(data.decode("utf-8", "replace"))

    def _written(self, words: str) -> set[str]:
        out = self.words.intersection(_RUN.findall(words))
        grouped = (re.sub(r"\D", "", token) for token in _GROUPED.findall(words))
        out |= self.words.intersection(grouped)
        rates = (re.sub(r"\D", "", token) for token in _RATE.findall(words))
        return out | self.rates.intersection(rates)


# Virtual tables of an R-tree cannot be read without its functions; their nodes can.
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"


def plant(workspace: Workspace) -> Canary:
    """Put counts in that are not released: of a new year, and changed ones of a released year.

    Beside them a proposal that nobody has approved, one that was rejected, and an indicator
    of one's own, each with numbers of its own.
    """
    store, snapshot = workspace.protected, workspace.snapshot()
    held = store.read_counts(CHANGED)
    frames = {}
    for year, more in ((UNRELEASED, 0), (CHANGED, _CHANGED)):
        numbers = [_FIRST + more + _STEP * position for position in range(len(held))]
        frames[year] = held.assign(case_count=numbers, year=year)
        store.replace_counts(frames[year], year=year, **RULE)
    ledger = read_ledger(store)
    assert counts_of(store, UNRELEASED, ledger, snapshot).year == UNRELEASED
    model, version = ledger.release(f"{CHANGED}-2"), version_of(snapshot)
    sums = [cell for frame in frames.values() for cell in _sums(frame, version.members)]
    proposed = []
    with workspace.protecting() as tx:
        for position, release_id in enumerate((f"{UNRELEASED}-1", f"{UNRELEASED}-2")):
            first = 3 * _FIRST + position * _CHANGED
            numbers = pd.array([first + 7 * row for row in range(len(model.cells))], dtype="Int64")
            cells = model.cells.assign(status="released", count=numbers)
            made = dataclasses.replace(
                model, release_id=release_id, year=UNRELEASED, cells=cells, proposed_by="Anna"
            )
            tx.add_release(*made.to_row())
            proposed += [int(number) for number in numbers]
        tx.add_event(*Event(release_id, "rejected", "2026-11-01T10:00:00", "Bert").to_row())
    areas = version.members.iloc[:, 0].dropna().unique().tolist()
    own = [5 * _FIRST + position for position in range(len(areas))]
    store.upsert_indicators(
        pd.DataFrame(
            {
                "indicator": INDICATOR,
                "area_id": areas,
                "level": version.members.columns[0],
                "year": CHANGED,
                "numerator": [float(number) for number in own],
                "denominator": 6.0 * _FIRST,
                "status": "given",
                "published": False,
            }
        )
    )
    publish_released(workspace)
    bare = [int(number) for frame in frames.values() for number in frame["case_count"]]
    cells = model.cells.dropna(subset=["denominator"])
    persons = {area: set(own["denominator"]) for area, own in cells.groupby("area_id")}
    rates = [
        count / below * per
        for area, count in sums
        for below in persons.get(area, ())
        for per in (1000, 10000)
        if below > 0
    ]
    whole = [count for _, count in sums]
    return Canary([*bare, *whole, *proposed, *own], rates, [*bare[:5], *bare[-5:], *proposed[:5]])


def _sums(frame: pd.DataFrame, members: pd.DataFrame) -> list[tuple[str, int]]:
    """Return every sum of a table by area, help or group, and age."""
    codes: list[str | None] = [None, "total_without_28", *GROUPS, *HELP_TYPES]
    out = []
    for level in members.columns:
        placed = frame.assign(area=frame["place_id"].map(members[level]))
        for code in codes:
            own = placed[placed["help_type"].isin(list(types_of(code)))]
            for keys in (["area"], ["area", "age_from"], ["area", "place_of_help"]):
                found = own.groupby(keys)["case_count"].sum()
                areas = found.index.get_level_values(0)
                out += [(str(a), int(n)) for a, n in zip(areas, found, strict=True)]
    return out


def files_below(folder: Path) -> list[Path]:
    """Return every file of a folder."""
    return sorted(file for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
