"""Counts of cases and indicators on their way into the protected store, and nowhere else.

Neither the history nor the list of sources learns of them: a number of rows is a number of
cases where a file has one row for each.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sro_geo.actions.workspace import Snapshot, Workspace
from sro_geo.areas import plan_in_force
from sro_geo.exchange import Prepared

PROTECTED_KINDS = ("cases", "indicators")


def persons_by_place(snapshot: Snapshot) -> pd.DataFrame:
    """Return persons by block and age band of the newest date; empty before any import.

    Columns block_id, age_from, age_to, persons.
    """
    population = snapshot.tables["population"]
    if population.empty:
        return pd.DataFrame(columns=["block_id", "age_from", "age_to", "persons"])
    return persons_on(snapshot, str(population["reference_date"].max()))


def persons_on(snapshot: Snapshot, date: str) -> pd.DataFrame:
    """Return persons by block and age band of one reference date; cells count by their block."""
    population = snapshot.tables["population"]
    rows = population[population["reference_date"] == date]
    cells = snapshot.tables["cells"].set_index("cell_id")["block_id"]
    place = rows["place_id"]
    block = place.astype(object).where(~place.isin(cells.index), place.map(cells))
    told = rows.assign(block_id=block)
    told = told[told["block_id"].notna()]
    keys = ["block_id", "age_from", "age_to"]
    sums: pd.DataFrame = told.groupby(keys, dropna=False)[["persons"]].sum().reset_index()
    return sums


_KEYS = {
    "cases": [
        *("place_id", "place_kind", "version", "year", "help_type", "age_from", "age_to"),
        *("counting_rule", "unit", "place_of_help"),
    ],
    "indicators": ["indicator", "area_id", "level", "year"],
}
_VALUES = {"cases": ["case_count"], "indicators": ["numerator", "denominator", "value", "status"]}


def write_protected(
    workspace: Workspace, prepared: Prepared, *, dry_run: bool
) -> tuple[int, int, int]:
    """Write counts or indicators; return how many rows are new, changed, and as they were.

    Counts of a year, counting rule and unit replace those held of the same helps.
    """
    kind, frame = prepared.kind, prepared.frames[prepared.kind]
    snapshot = workspace.snapshot()
    if kind == "cases":
        plan = plan_in_force(snapshot.tables["plans"], snapshot.today.isoformat()) or ""
        of_area = frame["place_kind"] == "area"
        frame = frame.assign(version=frame["version"].mask(of_area, plan))
    protected = workspace.protected
    held = protected.read_counts() if kind == "cases" else protected.read_indicators()
    before, after = _rows(held, kind), _rows(frame, kind)
    new = sum(key not in before for key in after)
    changed = sum(before.get(key, value) != value for key, value in after.items())
    counted = (new, changed, len(after) - new - changed)
    if dry_run:
        return counted
    with workspace.protecting() as tx:
        if kind == "indicators":
            tx.upsert_indicators(frame)
        else:
            keys = list(zip(frame["year"], frame["counting_rule"], frame["unit"], strict=True))
            for year, rule, unit in dict.fromkeys(keys):
                own = frame[[key == (year, rule, unit) for key in keys]]
                tx.replace_counts(own, year=int(year), counting_rule=rule, unit=unit)
    return counted


def _rows(frame: pd.DataFrame, kind: str) -> dict[tuple[object, ...], tuple[object, ...]]:
    """Return the values of each row by its key, alike however a number is kept."""

    def plain(value: object) -> object:
        if value is None or pd.isna(value):  # type: ignore[call-overload]
            return None
        return float(value) if isinstance(value, int | float | np.number) else str(value)

    columns = [[plain(v) for v in frame[c]] for c in (*_KEYS[kind], *_VALUES[kind])]
    size = len(_KEYS[kind])
    return {row[:size]: row[size:] for row in zip(*columns, strict=True)}
