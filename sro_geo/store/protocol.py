"""What every workspace store can do, whichever database lies under it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pandas as pd


@dataclass(frozen=True)
class AuditEntry:
    """One change of one row: what it was, what it became, who did it and why.

    ``before`` and ``after`` hold the whole row for a new or deleted one and only the
    changed columns otherwise; geometry is well-known text in the city's CRS. A bulk
    import leaves one entry per table with an empty ``row_id`` and counts in ``after``.
    Entries of one transaction share their ``revision``.
    """

    audit_id: int
    at: str
    actor: str
    action: str
    table: str
    row_id: str
    before: dict[str, Any]
    after: dict[str, Any]
    reason: str
    revision: int = 0


class Transaction(Protocol):
    """Changes that become visible together or not at all."""

    @property
    def repeated(self) -> bool:
        """True if this idempotency key was committed before: every write is ignored."""

    def replace(self, table: str, frame: pd.DataFrame) -> None:
        """Make ``frame`` the whole content of ``table``; unchanged rows keep their version."""

    def insert(self, table: str, frame: pd.DataFrame) -> None:
        """Add rows; raises ``SroError("id_taken")`` where the key is already there."""

    def upsert(self, table: str, frame: pd.DataFrame) -> None:
        """Insert or update rows by key; columns that ``frame`` lacks stay as they are."""

    def update(
        self, table: str, row_id: str, values: Mapping[str, Any], *, expected_version: int
    ) -> None:
        """Change ``values`` of one row.

        Raises ``SroError``: ``edited_meanwhile`` if the row's version is no longer
        ``expected_version``, ``row_missing`` if it is gone.
        """

    def delete(self, table: str, row_ids: Iterable[str]) -> None:
        """Delete rows; raises ``SroError("row_missing")``."""

    def forget(
        self, table: str, row_id: str, columns: Iterable[str], *, reasons: bool = True
    ) -> None:
        """Scrub ``columns`` of one row from the history, this transaction's entries included.

        For places that become protected: afterwards no file of the workspace holds the old
        values. ``reasons`` also empties the free text of these entries, which may name them.
        """

    def set_meta(self, key: str, value: str) -> None:
        """Note a fact about the workspace as a whole, e.g. ``sample_digest``."""


class Store(Protocol):
    """Tables of one workspace (:data:`sro_geo.tables.TABLES`), with history."""

    @property
    def city_folder(self) -> Path:
        """Folder with ``city.toml`` and ``categories.toml``."""

    @property
    def read_only(self) -> bool:
        """True if every write would be refused."""

    def read(self, table: str, *, where: Mapping[str, str] | None = None) -> pd.DataFrame:
        """Return a table, ordered by key, with ``row_version``; spatial ones in the city's CRS.

        ``where`` keeps the rows that have these values in these columns.
        """

    def read_many(self, tables: Sequence[str]) -> dict[str, pd.DataFrame]:
        """Return several tables as they were at one moment."""

    def revision(self) -> int:
        """Return a number that grows with every committed change."""

    def changed_tables(self, since: int) -> frozenset[str]:
        """Return the tables with a change after the revision ``since``."""

    def meta(self, key: str) -> str | None:
        """Return a fact noted with :meth:`Transaction.set_meta`."""

    def transaction(
        self, *, actor: str, action: str, reason: str = "", idempotency_key: str | None = None
    ) -> AbstractContextManager[Transaction]:
        """Open a transaction: committed at the end of the block, undone by an exception."""

    def history(self, table: str, row_id: str) -> list[AuditEntry]:
        """Return the changes of one row, newest first."""

    def changes(
        self, since: str | None = None, *, table: str | None = None, limit: int = 100
    ) -> list[AuditEntry]:
        """Return changes of all rows since an ISO date or UTC time, newest first."""

    def backup(self, file: Path) -> None:
        """Write the whole workspace into one zip file."""

    def close(self) -> None:
        """Let go of every connection."""


def join_key(parts: Sequence[str]) -> str:
    r"""Return the row id of a composite key: parts joined by ``|`` (``\|`` inside a part)."""
    if len(parts) == 1:
        return parts[0]
    return "|".join(part.replace("\\", "\\\\").replace("|", "\\|") for part in parts)


def split_key(row_id: str, parts: int) -> tuple[str, ...]:
    """Return the ``parts`` of a row id made by :func:`join_key`; raises ``ValueError``."""
    if parts == 1:
        return (row_id,)
    out, current, escaped = [], "", False
    for letter in row_id:
        if escaped or letter not in "\\|":
            current, escaped = current + letter, False
        elif letter == "\\":
            escaped = True
        else:
            out.append(current)
            current = ""
    out.append(current)
    if len(out) != parts:
        raise ValueError(f"{row_id!r} has {len(out)} parts, not {parts}")
    return tuple(out)
