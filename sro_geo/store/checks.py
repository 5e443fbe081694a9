"""Whether the files of a workspace are whole, ours, of this version and of this city."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sro_geo.city import City
from sro_geo.errors import SroError
from sro_geo.store import protected_schema, schema
from sro_geo.store.backup import GEOPACKAGE, PROTECTED
from sro_geo.store.connection import connect_reading


def check_workspace(connection: sqlite3.Connection, workspace: Path, city: City) -> None:
    """Look both databases over, before anything is written to them.

    Raises ``SroError``: ``workspace_damaged``, ``workspace_newer``, ``workspace_older``,
    ``workspace_other_city``, ``workspace_other_crs``.
    """
    check_version(connection, schema.APPLICATION_ID, workspace, GEOPACKAGE)
    _check_tables(connection, workspace, city)
    _check_pages(connection, workspace, GEOPACKAGE)
    _check_city(connection, workspace, city)
    protected, _ = connect_reading(workspace / PROTECTED)
    try:
        check_version(protected, schema.PROTECTED_ID, workspace, PROTECTED)
        _check_pages(protected, workspace, PROTECTED)
        check_protected_tables(protected, workspace)
    finally:
        protected.close()


def damaged(workspace: Path, detail: str) -> SroError:
    """Return the error of a workspace that cannot be used as it is."""
    return SroError("workspace_damaged", workspace=str(workspace), detail=detail)


def read_meta(connection: sqlite3.Connection, key: str) -> str | None:
    """Return a fact noted in ``sro_meta``."""
    row = connection.execute("SELECT value FROM sro_meta WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row[0])


def check_version(
    connection: sqlite3.Connection, application_id: int, workspace: Path, name: str
) -> None:
    """Refuse a database of another program or version."""
    found = connection.execute("PRAGMA application_id").fetchone()[0]
    if found != application_id or not schema.columns_of(connection, "sro_meta"):
        raise damaged(workspace, f"{name} is no workspace of this program")
    written = read_meta(connection, "schema_version") or ""
    if not written.isdecimal():
        raise damaged(workspace, f"{name}: schema_version {written!r}")
    if int(written) != schema.SCHEMA_VERSION:
        raise SroError(
            "workspace_newer" if int(written) > schema.SCHEMA_VERSION else "workspace_older",
            workspace=str(workspace),
            found=int(written),
            known=schema.SCHEMA_VERSION,
        )


def check_protected_tables(connection: sqlite3.Connection, workspace: Path) -> None:
    """Refuse a protected database that lost a table or what keeps its ledger append-only.

    One without any of them is of an earlier state and in order.
    """
    if absent := protected_schema.lost(connection):
        raise damaged(workspace, f"{PROTECTED}: {', '.join(absent)} missing")


def _check_tables(connection: sqlite3.Connection, workspace: Path, city: City) -> None:
    there = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    if absent := [name for name in schema.required_tables() if name not in there]:
        raise damaged(workspace, f"{GEOPACKAGE}: {', '.join(absent)} missing")
    for name, layout in schema.layouts(city).items():
        if name in schema.TABLES_SINCE and name not in there:
            continue
        # Columns of parallel levels may be new in city.toml; they are added on opening, as
        # are those that came after the version.
        wanted = {"fid", "row_version", *layout.names} - set(layout.addable)
        if absent := sorted(wanted - set(schema.columns_of(connection, name))):
            raise damaged(workspace, f"{name}: {', '.join(absent)} missing")


def _check_pages(connection: sqlite3.Connection, workspace: Path, name: str) -> None:
    said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if said != "ok":
        raise damaged(workspace, f"{name}: {said}")


def _check_city(connection: sqlite3.Connection, workspace: Path, city: City) -> None:
    owner = read_meta(connection, "city_id")
    if owner != city.city_id:
        raise SroError(
            "workspace_other_city",
            workspace=str(workspace),
            found=owner or "",
            expected=city.city_id,
        )
    number = schema.srs_id(city)
    used = connection.execute(
        "SELECT srs_id FROM gpkg_geometry_columns WHERE srs_id != ?", (number,)
    ).fetchone()
    if used:
        raise SroError(
            "workspace_other_crs",
            workspace=str(workspace),
            found=f"EPSG:{used[0]}",
            expected=city.crs,
        )
