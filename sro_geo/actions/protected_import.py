"""Counts of cases and indicators on their way into the protected store, and nowhere else.

Neither the history nor the list of sources learns of them: a number of rows is a number of
cases where a file has one row for each.
"""

from __future__ import annotations

from collections.abc import Mapping

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


def write_protected(
    workspace: Workspace, prepared: Prepared, *, dry_run: bool
) -> Mapping[str, int]:
    """Write counts or indicators; return how many rows each of them has.

    Counts of a year, counting rule and unit replace those held of the same helps.
    """
    frame = prepared.frames[prepared.kind]
    written = {prepared.kind: len(frame)}
    if dry_run:
        return written
    snapshot = workspace.snapshot()
    with workspace.protecting() as tx:
        if prepared.kind == "indicators":
            tx.upsert_indicators(frame)
        else:
            plan = plan_in_force(snapshot.tables["plans"], snapshot.today.isoformat()) or ""
            of_area = frame["place_kind"] == "area"
            told = frame.assign(version=frame["version"].mask(of_area, plan))
            keys = list(zip(told["year"], told["counting_rule"], told["unit"], strict=True))
            for year, rule, unit in dict.fromkeys(keys):
                own = told[[key == (year, rule, unit) for key in keys]]
                tx.replace_counts(own, year=int(year), counting_rule=rule, unit=unit)
    return written
