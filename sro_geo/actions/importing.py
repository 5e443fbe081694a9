"""Bring files in: prepared and checked as a whole, then written in one transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from sro_geo.actions.access import IMPORT, Actor, authorise
from sro_geo.actions.categories import CategoriesFile, differences
from sro_geo.actions.comparing import Difference, difference, steadied
from sro_geo.actions.moment import now
from sro_geo.actions.partition import Partition, with_areas, with_blocks
from sro_geo.actions.protected_import import (
    PROTECTED_KINDS,
    persons_by_place,
    write_protected,
)
from sro_geo.actions.protecting import addresses_given_up, forget_places, telling_slides
from sro_geo.actions.workspace import Snapshot, Workspace
from sro_geo.areas import membership
from sro_geo.errors import Fault, InputRefused, SroError
from sro_geo.exchange import Known, Prepared, prepare
from sro_geo.tables import TABLES, conform

_TRIES = 3
# Columns that tell of which day a table speaks, where the file gives no date of its own.
_DATED = {"offers": "verified_on", "responsibilities": "valid_from"}


@dataclass(frozen=True)
class ImportReport:
    """What an import did: rows per table added, changed, left as they were and removed."""

    kind: str
    file: str
    rows_read: int
    added: Mapping[str, int]
    changed: Mapping[str, int]
    notes: tuple[Fault, ...]
    written: bool
    unchanged: Mapping[str, int] = field(default_factory=dict)
    removed: Mapping[str, int] = field(default_factory=dict)


def known_tables(snapshot: Snapshot, *, protected: bool = False) -> Known:
    """Return what a file is checked against: the workspace as it is.

    With ``protected`` also persons by block, for files whose counts cannot be above them.
    """
    t = snapshot.tables
    plan_id = _current_plan(snapshot)
    own = t["plan_areas"][t["plan_areas"]["plan_id"] == plan_id]
    columns = ["area_id", "level", "name", "parent_id"]
    shown = [frame[columns] for frame in (own, t["parallel_areas"])]
    city = snapshot.city
    if not (own["level"] == city.plan_levels[0].level).any():
        # The whole is there before anybody describes it: areas may name it as their parent.
        whole = [city.city_id, city.plan_levels[0].level, city.names.get("de"), None]
        shown.insert(0, pd.DataFrame([whole], columns=columns))
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
        members=_members(snapshot, own, plan_id),
        persons=persons_by_place(snapshot) if protected else None,
    )


def _members(snapshot: Snapshot, own: pd.DataFrame, plan_id: str | None) -> pd.DataFrame:
    """Return the area of each block on each level, without drawing the areas."""
    links = snapshot.tables["assignments"]
    links = links[links["plan_id"] == plan_id]
    return membership(snapshot.city, snapshot.tables["blocks"], own, links)


def prepare_import(
    workspace: Workspace,
    kind: str,
    source: Path | bytes,
    *,
    name: str | None = None,
    mapping: Mapping[str, str] | None = None,
    repair: bool = False,
    estimate: bool = False,
) -> Prepared:
    """Read and check a file against the workspace; nothing is written."""
    snapshot = workspace.snapshot()
    return prepare(
        kind,
        source,
        snapshot.city,
        name=name,
        mapping=dict(mapping or {}),
        repair=repair,
        estimate=estimate,
        known=known_tables(snapshot, protected=kind in PROTECTED_KINDS),
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
    estimate: bool = False,
    dry_run: bool = False,
    date: str | None = None,
) -> ImportReport:
    """Import a file, all or nothing; ``date`` is the day the file speaks of, if known.

    ``repair`` consents to the repairs its faults propose, ``estimate`` to spreading
    population of larger areas over their blocks.

    Raises
    ------
    InputRefused
        With every fault (row, column, cause, remedy), when anything is wrong.
    """
    authorise(actor, IMPORT)
    for attempt in range(_TRIES):
        prepared = prepare_import(
            workspace,
            kind,
            source,
            name=name,
            mapping=mapping,
            repair=repair,
            estimate=estimate,
        )
        if date is not None and any(f.code == "reference_date_missing" for f in prepared.faults):
            said = {**(mapping or {}), "reference_date": f"={date}"}
            prepared = prepare_import(
                workspace,
                kind,
                source,
                name=name,
                mapping=said,
                repair=repair,
                estimate=estimate,
            )
        try:
            return run_import(workspace, prepared, actor=actor, dry_run=dry_run, date=date)
        except SroError as error:
            # Somebody wrote between reading and writing: read again, so nothing is lost.
            if error.code != "changed_meanwhile" or attempt == _TRIES - 1:
                raise
    raise AssertionError("unreachable")


def run_import(
    workspace: Workspace,
    prepared: Prepared,
    *,
    actor: Actor,
    dry_run: bool = False,
    date: str | None = None,
) -> ImportReport:
    """Write what :func:`prepare_import` prepared; see :func:`import_file`.

    Raises
    ------
    SroError
        ``changed_meanwhile`` where somebody else wrote to the workspace just now.
    """
    authorise(actor, IMPORT)
    if prepared.refused:
        raise InputRefused(prepared.file, prepared.faults)
    if prepared.kind in PROTECTED_KINDS:
        added, changed, unchanged = write_protected(workspace, prepared, dry_run=dry_run)
        if prepared.kind == "indicators" and not dry_run:
            from sro_geo.actions.releasing import publish_released  # the gate: rarely needed

            publish_released(workspace)  # what a source has published is there to be seen
        return ImportReport(
            prepared.kind,
            prepared.file,
            prepared.rows_read,
            {prepared.kind: added},
            {prepared.kind: changed},
            prepared.faults,
            not dry_run,
            {prepared.kind: unchanged},
            {prepared.kind: 0},
        )
    snapshot = workspace.snapshot()
    partition, faults = _partition(snapshot, prepared)
    if errors := [fault for fault in faults if fault.severity == "error"]:
        # Notes on what would have become of the plan say nothing where nothing becomes.
        raise InputRefused(prepared.file, (*errors, *prepared.faults))
    notes = (*prepared.faults, *faults)
    frames = {
        table: steadied(table, snapshot.tables[table], frame)
        for table, frame in prepared.frames.items()
        if table in TABLES and table not in ("areas", "blocks")
    }
    if "offers" in frames:
        addresses = addresses_given_up(snapshot, frames["offers"])
        if telling := telling_slides(snapshot, addresses):
            raise InputRefused(prepared.file, (*telling, *prepared.faults))
    if "population" in frames:
        held = snapshot.tables["population"]
        frames["population"] = _replaced_dates(held, frames["population"])
    counts = _differences(snapshot, prepared.kind, frames, partition)
    if prepared.kind == "categories":
        counts = differences(snapshot.city, prepared.frames)
    report = ImportReport(
        prepared.kind,
        prepared.file,
        prepared.rows_read,
        {table: count.added for table, count in counts.items()},
        {table: count.changed for table, count in counts.items()},
        notes,
        not dry_run,
        {table: count.unchanged for table, count in counts.items()},
        {table: count.removed for table, count in counts.items()},
    )
    if dry_run:
        return report
    action = f"import {prepared.kind}"
    categories = CategoriesFile(workspace.store.city_folder)
    with categories, workspace.writing(actor, action, reason=prepared.file) as tx:
        if workspace.store.revision() != snapshot.revision:
            raise SroError("changed_meanwhile", workspace=str(workspace.settings.workspace))
        for table, frame in (partition.tables if partition else {}).items():
            tx.replace(table, frame)
        for table, frame in frames.items():
            if not counts[table].anything:
                continue
            if table == "population" or _network_for_drawn(snapshot, table, frame):
                tx.replace(table, frame)
            else:
                tx.upsert(table, frame)
        if "offers" in frames:
            forget_places(tx, snapshot, frames["offers"], workspace.store)
        tx.upsert("sources", _sources(prepared, [*counts], date))
        if prepared.kind == "categories":
            categories.put(snapshot.city, prepared.frames)  # last: nothing may fail after it
    return report


def _partition(snapshot: Snapshot, prepared: Prepared) -> tuple[Partition | None, list[Fault]]:
    if prepared.kind == "areas":
        return with_areas(snapshot, prepared.frames["areas"], prepared.file)
    if prepared.kind == "blocks":
        blocks: gpd.GeoDataFrame = prepared.frames["blocks"]
        return with_blocks(snapshot, blocks, prepared.file)
    return None, []


def _differences(
    snapshot: Snapshot,
    kind: str,
    frames: Mapping[str, pd.DataFrame],
    partition: Partition | None,
) -> dict[str, Difference]:
    replaced = dict(partition.tables) if partition is not None else {}
    out = {}
    for table, frame in {**replaced, **frames}.items():
        whole = table in replaced or table == "population"
        out[table] = difference(table, snapshot.tables[table], frame, whole=whole)
    if partition is not None:
        out.setdefault(kind, Difference(unchanged=len(snapshot.tables[kind])))
    return out


def _network_for_drawn(snapshot: Snapshot, table: str, frame: pd.DataFrame) -> bool:
    """Tell whether streets that know who may use them come in for drawn ones that do not.

    Both together would be two networks on top of each other.
    """
    if table != "streets" or snapshot.tables["streets"].empty:
        return False
    held = snapshot.tables["streets"]
    return bool(held["walk"].isna().all() and frame["walk"].notna().any())


def _replaced_dates(held: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """A population file speaks for its reference dates and kind of place as a whole."""
    table = TABLES["population"]
    stamp = ["reference_date", "place_kind"]
    spoken = pd.MultiIndex.from_frame(new[stamp])
    rest = held[~pd.MultiIndex.from_frame(held[stamp]).isin(spoken)]
    return conform(table, pd.concat([rest, new], ignore_index=True))


def _sources(prepared: Prepared, written: list[str], date: str | None) -> pd.DataFrame:
    """One row for each table the file says something of, with the day it speaks of."""
    moment = now()
    tables = dict.fromkeys([prepared.kind, *prepared.frames, *written])
    rows: list[dict[str, Any]] = []
    for table in tables:
        frame = prepared.frames.get(table)
        rows.append(
            {
                "table_name": table,
                "file": prepared.file,
                "reference_date": date or _date_of(prepared, table, moment[:10]),
                "imported_at": moment,
                "rows": prepared.rows_read if frame is None else len(frame),
            }
        )
    return conform(TABLES["sources"], pd.DataFrame(rows))


def _date_of(prepared: Prepared, table: str, today: str) -> str | None:
    if prepared.reference_date is not None:
        return prepared.reference_date
    frame = prepared.frames.get(prepared.kind)
    column = _DATED.get(prepared.kind)
    if frame is None or column is None:
        return None
    # A date to come is an intention, not the state of the table.
    past = frame[column].dropna()
    past = past[past <= today]
    return str(past.max()) if len(past) else None


def _current_plan(snapshot: Snapshot) -> str | None:
    from sro_geo.areas import plan_in_force

    return plan_in_force(snapshot.tables["plans"], snapshot.today.isoformat())


def read_mapping(file: Path) -> dict[str, str]:
    """Read a mapping file (JSON object, field → column of the file)."""
    try:
        raw = json.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise SroError("file_missing", file=str(file)) from None
    except (OSError, ValueError, RecursionError) as why:
        raise SroError("mapping_malformed", file=str(file), reason=str(why)) from None
    if not isinstance(raw, dict) or not all(isinstance(v, str) for v in raw.values()):
        raise SroError("mapping_malformed", file=str(file), reason="field → column expected")
    return {str(key): value for key, value in raw.items()}
