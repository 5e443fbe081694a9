"""Bring files in: prepared and checked as a whole, then written in one transaction."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from sro_geo.actions.access import IMPORT, Actor, authorise
from sro_geo.actions.partition import Partition, with_areas, with_blocks
from sro_geo.actions.workspace import Snapshot, Workspace
from sro_geo.errors import Fault, InputRefused, SroError
from sro_geo.exchange import Known, Prepared, prepare
from sro_geo.store import Transaction
from sro_geo.tables import TABLES, conform


@dataclass(frozen=True)
class ImportReport:
    """What an import did: rows added and changed per table, and what is to be noted."""

    kind: str
    file: str
    rows_read: int
    added: Mapping[str, int]
    changed: Mapping[str, int]
    notes: tuple[Fault, ...]
    written: bool


def known_tables(snapshot: Snapshot) -> Known:
    """Return what a file is checked against: the workspace as it is."""
    t = snapshot.tables
    plan_id = _current_plan(snapshot)
    own = t["plan_areas"][t["plan_areas"]["plan_id"] == plan_id]
    shown = [
        frame[["area_id", "level", "name", "parent_id"]] for frame in (own, t["parallel_areas"])
    ]
    return Known(
        blocks=t["blocks"],
        areas=pd.concat(shown, ignore_index=True),
        providers=t["providers"],
        locations=t["locations"],
        offers=t["offers"],
        addresses=t["addresses"],
        streets=t["streets"],
        teams=t["teams"],
        cells=t["cells"],
    )


def prepare_import(
    workspace: Workspace,
    kind: str,
    source: Path | bytes,
    *,
    name: str | None = None,
    mapping: Mapping[str, str] | None = None,
    repair: bool = False,
) -> Prepared:
    """Read and check a file against the workspace; nothing is written."""
    return prepare(
        kind,
        source,
        workspace.city,
        name=name,
        mapping=dict(mapping or {}),
        repair=repair,
        known=known_tables(workspace.snapshot()),
    )


def import_file(
    workspace: Workspace,
    kind: str,
    source: Path | bytes,
    *,
    actor: Actor,
    name: str | None = None,
    mapping: Mapping[str, str] | None = None,
    repair: bool = False,
    dry_run: bool = False,
) -> ImportReport:
    """Import a file, all or nothing.

    Raises
    ------
    InputRefused
        With every fault (row, column, cause, remedy), when anything is wrong.
    """
    authorise(actor, IMPORT)
    prepared = prepare_import(workspace, kind, source, name=name, mapping=mapping, repair=repair)
    return run_import(workspace, prepared, actor=actor, dry_run=dry_run)


def run_import(
    workspace: Workspace, prepared: Prepared, *, actor: Actor, dry_run: bool = False
) -> ImportReport:
    """Write what :func:`prepare_import` prepared; see :func:`import_file`."""
    authorise(actor, IMPORT)
    if prepared.refused:
        raise InputRefused(prepared.file, prepared.faults)
    snapshot = workspace.snapshot()
    partition, faults = _partition(snapshot, prepared)
    if any(fault.severity == "error" for fault in faults):
        raise InputRefused(prepared.file, (*prepared.faults, *faults))
    frames = {
        table: frame
        for table, frame in prepared.frames.items()
        if table in TABLES and table not in ("areas", "blocks")
    }
    added, changed = _differences(snapshot, frames, partition)
    notes = (*prepared.faults, *faults)
    report = ImportReport(
        prepared.kind, prepared.file, prepared.rows_read, added, changed, notes, not dry_run
    )
    if dry_run:
        return report
    action = f"import {prepared.kind}"
    with workspace.store.transaction(actor=actor.name, action=action, reason=prepared.file) as tx:
        if partition is not None:
            _write_partition(tx, partition)
        for table, frame in frames.items():
            if table == "population":
                frame = _replaced_dates(snapshot.tables["population"], frame)
                tx.replace(table, frame)
            else:
                tx.upsert(table, frame)
        tx.upsert("sources", _source_row(prepared))
    return report


def _partition(snapshot: Snapshot, prepared: Prepared) -> tuple[Partition | None, list[Fault]]:
    if prepared.kind == "areas":
        return with_areas(snapshot, prepared.frames["areas"], prepared.file)
    if prepared.kind == "blocks":
        blocks: gpd.GeoDataFrame = prepared.frames["blocks"]
        return with_blocks(snapshot, blocks, prepared.file)
    return None, []


def _write_partition(tx: Transaction, partition: Partition) -> None:
    for table, frame in partition.tables.items():
        tx.replace(table, frame)


def _differences(
    snapshot: Snapshot, frames: Mapping[str, pd.DataFrame], partition: Partition | None
) -> tuple[dict[str, int], dict[str, int]]:
    added: dict[str, int] = {}
    changed: dict[str, int] = {}
    compared = dict(frames)
    if partition is not None:
        shown = ("blocks", "areas", "plan_areas", "parallel_areas")
        compared |= {name: partition.tables[name] for name in shown if name in partition.tables}
    for name, frame in compared.items():
        keys = list(TABLES[name].key)
        held = pd.MultiIndex.from_frame(snapshot.tables[name][keys].astype("object"))
        new = pd.MultiIndex.from_frame(frame[keys].astype("object"))
        is_known = new.isin(held)
        added[name] = int((~is_known).sum())
        changed[name] = int(is_known.sum())
    return added, changed


def _replaced_dates(held: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """A population file speaks for its reference dates and kind of place as a whole."""
    table = TABLES["population"]
    stamp = ["reference_date", "place_kind"]
    spoken = pd.MultiIndex.from_frame(new[stamp])
    rest = held[~pd.MultiIndex.from_frame(held[stamp]).isin(spoken)]
    return conform(table, pd.concat([rest, new], ignore_index=True))


def _source_row(prepared: Prepared) -> pd.DataFrame:
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    row = {
        "table_name": prepared.kind,
        "file": prepared.file,
        "reference_date": prepared.reference_date,
        "imported_at": now,
        "rows": prepared.rows_read,
    }
    return conform(TABLES["sources"], pd.DataFrame([row]))


def _current_plan(snapshot: Snapshot) -> str | None:
    from sro_geo.areas import plan_in_force

    return plan_in_force(snapshot.tables["plans"], snapshot.today.isoformat())


def read_mapping(file: Path) -> dict[str, str]:
    """Read a mapping file (JSON object, field → column of the file)."""
    try:
        raw = json.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise SroError("file_missing", file=str(file)) from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as why:
        raise SroError("mapping_malformed", file=str(file), reason=str(why)) from None
    if not isinstance(raw, dict) or not all(isinstance(v, str) for v in raw.values()):
        raise SroError("mapping_malformed", file=str(file), reason="field → column expected")
    return {str(key): value for key, value in raw.items()}
