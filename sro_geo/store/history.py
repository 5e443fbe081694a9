"""The audit of a workspace: who changed what, kept with the change, and forgetting by law."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sro_geo.store.protocol import AuditEntry

Values = dict[str, Any]


@dataclass(frozen=True)
class Occasion:
    """What the entries of one transaction have in common."""

    at: str
    actor: str
    action: str
    reason: str
    revision: int


def now() -> str:
    """Return the current time as ISO UTC with milliseconds."""
    moment = dt.datetime.now(dt.UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def write_entries(
    connection: sqlite3.Connection,
    occasion: Occasion,
    table: str,
    rows: Iterable[tuple[str, Values, Values]],
) -> None:
    """Add one entry for each (row id, before, after)."""
    connection.executemany(
        'INSERT INTO audit (at, actor, action, table_name, row_id, "before", "after", reason,'
        " revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                occasion.at,
                occasion.actor,
                occasion.action,
                table,
                row_id,
                _as_json(before),
                _as_json(after),
                occasion.reason,
                occasion.revision,
            )
            for row_id, before, after in rows
        ),
    )


def read_entries(
    connection: sqlite3.Connection, where: str, values: Sequence[Any], limit: int = -1
) -> list[AuditEntry]:
    """Return the entries that meet the SQL condition ``where``, newest first."""
    rows = connection.execute(
        'SELECT audit_id, at, actor, action, table_name, row_id, "before", "after", reason,'
        f" revision FROM audit WHERE {where} ORDER BY audit_id DESC LIMIT {int(limit)}",
        values,
    )
    names = ("audit_id", "at", "actor", "action", "table", "row_id")
    rest = ("before", "after", "reason", "revision")
    entries = (dict(zip((*names, *rest), row, strict=True)) for row in rows)
    return [
        AuditEntry(
            **{**entry, "before": json.loads(entry["before"]), "after": json.loads(entry["after"])}
        )
        for entry in entries
    ]


def scrub(
    connection: sqlite3.Connection,
    table: str,
    row_id: str,
    columns: Iterable[str],
    *,
    reasons: bool,
) -> None:
    """Empty ``columns`` in every entry of one row, and the reasons given if so wished.

    The one change that the triggers of the table ``audit`` let through.
    """
    entries = connection.execute(
        'SELECT audit_id, "before", "after", reason, scrubbed FROM audit'
        " WHERE table_name = ? AND row_id = ?",
        (table, row_id),
    ).fetchall()
    for audit_id, *states, reason, scrubbed in entries:
        new = [*(_without(values, columns) for values in states), "" if reasons else reason]
        if new == [*states, reason]:
            continue
        emptied = {*scrubbed.split(), *columns, *(["reason"] if new[2] != reason else [])}
        connection.execute(
            'UPDATE audit SET "before" = ?, "after" = ?, reason = ?, scrubbed = ?'
            " WHERE audit_id = ?",
            (*new, " ".join(sorted(emptied)), audit_id),
        )


def _as_json(values: Values) -> str:
    return json.dumps(values, ensure_ascii=False, sort_keys=True, allow_nan=False)


def _without(values: str, columns: Iterable[str]) -> str:
    kept = json.loads(values)
    return _as_json({**kept, **{name: None for name in columns if name in kept}})
