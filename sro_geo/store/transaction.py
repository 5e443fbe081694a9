"""One transaction on a workspace file: rows, their versions and their history together."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from sro_geo.errors import SroError
from sro_geo.store.history import Occasion, now, read_entries, scrub, write_entries
from sro_geo.store.protocol import join_key, split_key
from sro_geo.store.rows import Row, encode, for_audit, key_positions
from sro_geo.store.schema import GEOMETRY, Layout, quote, rtree

#: Imports of more rows than this leave one audit entry with counts …
BULK = 1000
#: … except in the tables people edit, whose history is asked for row by row.
ALWAYS_AUDITED = ("offers", "providers", "locations")
#: Below this many rows each is looked up by its key, above the table is read once.
_LOOK_UP = 200
#: Nobody repeats a click after so long.
_KEYS_KEPT_DAYS = 90


class GeoPackageTransaction:
    """See :class:`sro_geo.store.Transaction`; made by ``GeoPackageStore.transaction``."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        layouts: Mapping[str, Layout],
        *,
        crs: str,
        srs_id: int,
        actor: str,
        action: str,
        reason: str,
        idempotency_key: str | None,
    ) -> None:
        self._sql = connection
        self._layouts = layouts
        self._crs = crs
        self._srs_id = srs_id
        self._key = idempotency_key
        row = connection.execute("SELECT value FROM sro_meta WHERE key = 'revision'").fetchone()
        self._occasion = Occasion(now(), actor, action, reason, int(row[0]) + 1)
        self._changed = False
        self._touched: dict[str, bool] = {}
        self._forgotten: dict[tuple[str, str], tuple[set[str], bool]] = {}
        self.repeated = bool(
            idempotency_key is not None
            and connection.execute(
                "SELECT 1 FROM sro_idempotency WHERE key = ?", (idempotency_key,)
            ).fetchone()
        )

    # -- what callers do ---------------------------------------------------------------

    def replace(self, table: str, frame: pd.DataFrame) -> None:
        """Make ``frame`` the whole content of ``table``; unchanged rows keep their version."""
        layout = self._layouts[table]
        names, rows = self._encode(layout, frame)
        # A column the frame lacks is empty from now on: the frame is the whole content.
        absent = [name for name in layout.names if name not in names]
        names, rows = [*names, *absent], [(*row, *[None] * len(absent)) for row in rows]
        if self.repeated:
            return
        if self._is_bulk(table, max(len(rows), self._count(table))):
            self._replace_bulk(layout, names, rows)
        else:
            self._merge(layout, names, rows, remove_others=True)

    def insert(self, table: str, frame: pd.DataFrame) -> None:
        """Add rows; raises ``SroError("id_taken")`` where the key is already there."""
        layout = self._layouts[table]
        names, rows = self._encode(layout, frame)
        if self.repeated or not rows:
            return
        where = key_positions(layout, names)
        taken = self._existing(layout, [], [tuple(row[p] for p in where) for row in rows])
        for key in taken:
            raise SroError("id_taken", table=table, id=_row_id(key))
        if self._is_bulk(table, len(rows)):
            self._insert(layout, names, rows, version=1)
            self._audit_bulk(table, {"inserted": len(rows)})
        else:
            self._merge(layout, names, rows, remove_others=False)

    def upsert(self, table: str, frame: pd.DataFrame) -> None:
        """Insert or update rows by key; columns that ``frame`` lacks stay as they are."""
        layout = self._layouts[table]
        names, rows = self._encode(layout, frame)
        if self.repeated or not rows:
            return
        if self._is_bulk(table, len(rows)):
            self._upsert_bulk(layout, names, rows)
        else:
            self._merge(layout, names, rows, remove_others=False)

    def update(
        self, table: str, row_id: str, values: Mapping[str, Any], *, expected_version: int
    ) -> None:
        """Change ``values`` of one row; raises ``edited_meanwhile`` or ``row_missing``."""
        layout = self._layouts[table]
        if unknown := set(values) - set(layout.names) | set(values) & set(layout.table.key):
            raise ValueError(f"{table}: cannot set {', '.join(sorted(unknown))}")
        key = split_key(row_id, len(layout.table.key))
        # The key is there only to encode a whole row; it does not change.
        one = pd.DataFrame([{**dict(zip(layout.table.key, key, strict=True)), **values}])
        names, rows = self._encode(layout, one)
        if self.repeated:
            return
        wanted = [name for name in names if name not in layout.table.key]
        found = self._existing(layout, wanted, [key])
        if not found:
            raise SroError("row_missing", table=table, id=row_id)
        fid, version, old = next(iter(found.values()))
        if version != expected_version:
            raise self._edited_meanwhile(table, row_id)
        new = tuple(rows[0][names.index(name)] for name in wanted)
        self._update(layout, wanted, [(fid, row_id, old, new)])

    def delete(self, table: str, row_ids: Iterable[str]) -> None:
        """Delete rows; raises ``SroError("row_missing")``."""
        layout = self._layouts[table]
        keys = [split_key(row_id, len(layout.table.key)) for row_id in dict.fromkeys(row_ids)]
        if self.repeated or not keys:
            return
        found = self._existing(layout, layout.names, keys)
        if len(found) < len(keys):
            there = {_row_id(key) for key in found}
            gone = next(join_key(key) for key in keys if join_key(key) not in there)
            raise SroError("row_missing", table=table, id=gone)
        gone_rows = {_row_id(key): (fid, old) for key, (fid, _, old) in found.items()}
        self._delete(layout, gone_rows, per_row=not self._is_bulk(table, len(keys)))

    def forget(
        self, table: str, row_id: str, columns: Iterable[str], *, reasons: bool = True
    ) -> None:
        """Scrub ``columns`` of one row from the history, this transaction's entries included."""
        known, also = self._forgotten.get((table, row_id), (set(), False))
        # Done at the end, so that what this transaction writes later is scrubbed too.
        self._forgotten[table, row_id] = (known | set(columns), also or reasons)

    def set_meta(self, key: str, value: str) -> None:
        """Note a fact about the workspace as a whole."""
        if not self.repeated:
            self._sql.execute("INSERT OR REPLACE INTO sro_meta VALUES (?, ?)", (key, value))
            self._changed = True

    # -- what the store does at the end ------------------------------------------------

    def finish(self) -> None:
        """Write what belongs to the transaction as a whole, just before the commit."""
        if self.repeated:
            return
        for (table, row_id), (columns, reasons) in self._forgotten.items():
            scrub(self._sql, table, row_id, columns, reasons=reasons)
            if GEOMETRY in columns:
                self._lay_out_rtree_anew(table)
            # Until the store has seen to it that the bytes are gone as well.
            self.set_meta("scrub_pending", "1")
        for table, moved in self._touched.items():
            self._describe(table, moved)
        if self._changed:
            self._sql.execute(
                "UPDATE sro_meta SET value = ? WHERE key = 'revision'",
                (str(self._occasion.revision),),
            )
        if self._key is not None:
            oldest = dt.datetime.now(dt.UTC) - dt.timedelta(days=_KEYS_KEPT_DAYS)
            self._sql.execute("DELETE FROM sro_idempotency WHERE at < ?", (oldest.isoformat(),))
            self._sql.execute(
                "INSERT INTO sro_idempotency VALUES (?, ?, ?)",
                (self._key, self._occasion.at, self._occasion.action),
            )

    def _describe(self, table: str, moved: bool) -> None:
        self._sql.execute(
            "UPDATE gpkg_contents SET last_change = ? WHERE table_name = ?",
            (self._occasion.at, table),
        )
        if moved:
            # The R-tree would be quicker but rounds to about half a metre.
            g = quote(GEOMETRY)
            self._sql.execute(
                "UPDATE gpkg_contents SET (min_x, min_y, max_x, max_y) ="
                f" (SELECT min(ST_MinX({g})), min(ST_MinY({g})), max(ST_MaxX({g})),"
                f" max(ST_MaxY({g})) FROM {quote(table)}) WHERE table_name = ?",
                (table,),
            )

    def _lay_out_rtree_anew(self, table: str) -> None:
        """Build the R-tree again: its nodes keep the boxes of rows that are gone."""
        g, name = quote(GEOMETRY), quote(f"rtree_{table}_{GEOMETRY}")
        self._sql.execute(f"DROP TABLE {name}")
        self._sql.execute(rtree(table)[0])
        self._sql.execute(
            f"INSERT INTO {name} SELECT fid, ST_MinX({g}), ST_MaxX({g}), ST_MinY({g}),"
            f" ST_MaxY({g}) FROM {quote(table)} WHERE {g} NOTNULL AND NOT ST_IsEmpty({g})"
        )

    # -- rows --------------------------------------------------------------------------

    def _encode(self, layout: Layout, frame: pd.DataFrame) -> tuple[list[str], list[Row]]:
        return encode(layout, frame, crs=self._crs, srs_id=self._srs_id)

    def _count(self, table: str) -> int:
        return int(self._sql.execute(f"SELECT count(*) FROM {quote(table)}").fetchone()[0])

    def _is_bulk(self, table: str, rows: int) -> bool:
        return rows > BULK and table not in ALWAYS_AUDITED

    def _touch(self, table: str, moved: bool) -> None:
        self._touched[table] = self._touched.get(table, False) or moved
        self._changed = True

    def _existing(
        self, layout: Layout, names: Sequence[str], keys: Sequence[Row] | None
    ) -> dict[Row, tuple[int, int, Row]]:
        """Return {key: (fid, version, values of ``names``)} of ``keys`` (None: of all rows)."""
        own = layout.table.key
        columns = ["fid", "row_version", *own, *names]
        query = f"SELECT {', '.join(map(quote, columns))} FROM {quote(layout.table.name)}"
        found: list[Row]
        if keys is not None and len(keys) <= _LOOK_UP:
            query += " WHERE " + " AND ".join(f"{quote(key)} = ?" for key in own)
            found = [row for key in keys for row in self._sql.execute(query, key)]
        else:
            found = self._sql.execute(query).fetchall()
        rest = 2 + len(own)
        out = {row[2:rest]: (row[0], row[1], row[rest:]) for row in found}
        if keys is not None and len(keys) > _LOOK_UP:
            wanted = {_row_id(key) for key in keys}
            out = {key: row for key, row in out.items() if _row_id(key) in wanted}
        return out

    def _merge(
        self, layout: Layout, names: list[str], rows: list[Row], *, remove_others: bool
    ) -> None:
        where = key_positions(layout, names)
        keys = [tuple(row[position] for position in where) for row in rows]
        found = self._existing(layout, names, None if remove_others else keys)
        fresh, changed = [], []
        for key, row in zip(keys, rows, strict=True):
            if key not in found:
                fresh.append(row)
            else:
                fid, _, old = found.pop(key)
                changed.append((fid, _row_id(key), old, row))
        if remove_others and found:
            gone = {_row_id(key): (fid, old) for key, (fid, _, old) in found.items()}
            self._delete(layout, gone, names=names)
        self._update(layout, names, changed)
        if fresh:
            self._insert(layout, names, fresh, version=1)
            self._audit(
                layout.table.name,
                (
                    (_row_id([row[p] for p in where]), {}, for_audit(layout, names, row))
                    for row in fresh
                ),
            )

    def _insert(
        self, layout: Layout, names: Sequence[str], rows: Iterable[Row], *, version: int
    ) -> None:
        columns = [*map(quote, names), "row_version"]
        marks = ["?"] * len(names) + [str(version)]
        self._sql.executemany(
            f"INSERT INTO {quote(layout.table.name)} ({', '.join(columns)})"
            f" VALUES ({', '.join(marks)})",
            rows,
        )
        self._touch(layout.table.name, GEOMETRY in names)

    def _update(
        self,
        layout: Layout,
        names: Sequence[str],
        changes: Iterable[tuple[int, str, Row, Row]],
    ) -> None:
        """Write (fid, row id, old values, new values) where they differ."""
        audit = []
        table = layout.table.name
        for fid, row_id, old, new in changes:
            if old == new:
                continue
            at = [position for position in range(len(names)) if old[position] != new[position]]
            changed = [names[position] for position in at]
            sets = ", ".join(f"{quote(name)} = ?" for name in changed)
            self._sql.execute(
                f"UPDATE {quote(table)} SET {sets}, row_version = row_version + 1 WHERE fid = ?",
                (*(new[position] for position in at), fid),
            )
            self._touch(table, GEOMETRY in changed)
            before = for_audit(layout, changed, [old[position] for position in at])
            after = for_audit(layout, changed, [new[position] for position in at])
            audit.append((row_id, before, after))
        self._audit(table, audit)

    def _delete(
        self,
        layout: Layout,
        gone: Mapping[str, tuple[int, Row]],
        *,
        names: Sequence[str] | None = None,
        per_row: bool = True,
    ) -> None:
        table = layout.table.name
        columns = layout.names if names is None else names
        self._sql.executemany(
            f"DELETE FROM {quote(table)} WHERE fid = ?", ((fid,) for fid, _ in gone.values())
        )
        self._touch(table, layout.table.geometry is not None)
        if per_row:
            rows = ((row_id, for_audit(layout, columns, old)) for row_id, (_, old) in gone.items())
            self._audit(table, ((row_id, before, {}) for row_id, before in rows))
        else:
            self._audit_bulk(table, {"deleted": len(gone)})

    # -- many rows at once -------------------------------------------------------------

    def _replace_bulk(self, layout: Layout, names: list[str], rows: list[Row]) -> None:
        table = layout.table.name
        before, newest = self._sql.execute(
            f"SELECT count(*), max(row_version) FROM {quote(table)}"
        ).fetchone()
        self._sql.execute(f"DELETE FROM {quote(table)}")
        # Above every old version: an editor who still sees the old table must not match.
        self._insert(layout, names, rows, version=(newest or 0) + 1)
        self._touch(table, layout.table.geometry is not None)
        self._audit_bulk(table, {"deleted": before, "inserted": len(rows)})

    def _upsert_bulk(self, layout: Layout, names: list[str], rows: list[Row]) -> None:
        table, key = layout.table.name, layout.table.key
        before = self._count(table)
        rest = [quote(name) for name in names if name not in key]
        action = "NOTHING"
        if rest:
            sets = ", ".join(f"{name} = excluded.{name}" for name in rest)
            differ = " OR ".join(f"{name} IS NOT excluded.{name}" for name in rest)
            action = f"UPDATE SET {sets}, row_version = row_version + 1 WHERE {differ}"
        written = self._sql.executemany(
            f"INSERT INTO {quote(table)} ({', '.join(map(quote, names))})"
            f" VALUES ({', '.join('?' * len(names))})"
            f" ON CONFLICT ({', '.join(map(quote, key))}) DO {action}",
            rows,
        ).rowcount
        if written:
            inserted = self._count(table) - before
            self._touch(table, GEOMETRY in names)
            self._audit_bulk(table, {"inserted": inserted, "changed": written - inserted})

    # -- history -----------------------------------------------------------------------

    def _audit(
        self, table: str, rows: Iterable[tuple[str, dict[str, Any], dict[str, Any]]]
    ) -> None:
        write_entries(self._sql, self._occasion, table, rows)

    def _audit_bulk(self, table: str, counts: dict[str, int]) -> None:
        self._audit(table, [("", {}, {**counts, "rows": self._count(table)})])

    def _edited_meanwhile(self, table: str, row_id: str) -> SroError:
        last = read_entries(self._sql, "table_name = ? AND row_id = ?", (table, row_id), 1)
        actor, at = (last[0].actor, last[0].at) if last else ("", "")
        return SroError("edited_meanwhile", table=table, id=row_id, actor=actor, at=at)


def _row_id(key: Sequence[Any]) -> str:
    return join_key([str(part) for part in key])
