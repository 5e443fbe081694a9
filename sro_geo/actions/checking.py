"""Quality of what the workspace holds: the Data page and ``check`` say the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from sro_geo.actions.workspace import Snapshot
from sro_geo.boundaries import check_coverage
from sro_geo.errors import Finding
from sro_geo.i18n import describe
from sro_geo.offers import check_offers
from sro_geo.population import latest
from sro_geo.tables import SPATIAL


@dataclass(frozen=True)
class Holding:
    """What the workspace holds of one table: rows, source file, reference date."""

    table: str
    rows: int
    file: str
    reference_date: str
    imported_at: str


def check_workspace(snapshot: Snapshot) -> list[Finding]:
    """Return every finding on geometry, areas, population and offers."""
    if snapshot.empty:
        return [Finding("blocks", "", "no_areas")]
    found = _geometry(snapshot)
    found += _areas(snapshot)
    found += _population(snapshot)
    current = snapshot.current
    found += check_offers(snapshot.city, snapshot.directory, current, snapshot.today)
    found += _teams(snapshot)
    return found


def _geometry(snapshot: Snapshot) -> list[Finding]:
    found = []
    for table in SPATIAL:
        frame = snapshot.tables[table]
        if frame.empty or table == "areas":
            continue
        shapes = frame.geometry.to_numpy()
        present = ~shapely.is_missing(shapes)
        wrong = np.zeros(len(shapes), bool)
        wrong[present] = ~shapely.is_valid(shapes[present])
        ids = frame.iloc[:, 0].to_numpy(object)
        for position in np.flatnonzero(wrong):
            reason = shapely.is_valid_reason(shapes[position])
            params = {"reason": reason}
            found.append(Finding(table, str(ids[position]), "geometry_invalid", params))
    blocks = snapshot.tables["blocks"]
    flat = blocks.geometry.to_numpy()
    check = check_coverage(flat)
    for faulty in check.faulty_edges:
        block = str(blocks["block_id"].iloc[faulty])
        found.append(Finding("blocks", block, "blocks_overlap"))
    return found


def _areas(snapshot: Snapshot) -> list[Finding]:
    found = []
    members = snapshot.current.members
    lowest = snapshot.city.lowest.level
    for block in members.index[members[lowest].isna()]:
        found.append(Finding("blocks", str(block), "block_not_assigned"))
    for level in snapshot.city.levels:
        used = set(members[level.level].dropna())
        for area in snapshot.current.of_level(level.level).itertuples(index=False):
            if area.area_id not in used:
                params = {"name": area.name}
                found.append(Finding("areas", str(area.area_id), "area_without_blocks", params))
    return found


def _population(snapshot: Snapshot) -> list[Finding]:
    rows = latest(snapshot.tables["population"])
    if rows.empty:
        return [Finding("population", "", "no_population")]
    known = set(snapshot.tables["blocks"]["block_id"]) | set(snapshot.tables["cells"]["cell_id"])
    strangers = sorted(set(rows["place_id"]) - known)
    found = [Finding("population", place, "population_without_place") for place in strangers]
    if rows["place_kind"].nunique() > 1:
        date = str(rows["reference_date"].iloc[0])
        found.append(Finding("population", date, "population_counted_twice", {"date": date}))
    spread = rows[rows["estimated"].fillna(False)]
    if len(spread):
        date = str(rows["reference_date"].iloc[0])
        params = {
            "date": date,
            "persons": round(float(spread["persons"].sum())),
            "count": spread["place_id"].nunique(),
        }
        found.append(Finding("population", date, "population_estimated", params))
    return found


def _teams(snapshot: Snapshot) -> list[Finding]:
    rows = snapshot.tables["responsibilities"]
    today = snapshot.today.isoformat()
    current = rows[
        (rows["valid_from"].fillna("0000") <= today) & (today < rows["valid_to"].fillna("9999"))
    ]
    covered = set(current["area_id"])
    areas = snapshot.current.areas
    parent = areas.set_index("area_id")["parent_id"].to_dict()
    found = []
    lost = current[~current["area_id"].isin(areas["area_id"])]
    for area_id, team in zip(lost["area_id"], lost["team_id"], strict=True):
        params = {"team": str(team)}
        found.append(
            Finding("responsibilities", str(area_id), "responsibility_area_unknown", params)
        )
    for area in snapshot.current.of_level(snapshot.city.lowest.level).itertuples(index=False):
        chain = [area.area_id]
        while isinstance(up := parent.get(chain[-1]), str) and up not in chain:
            chain.append(up)
        if not covered & set(chain):
            params = {"name": area.name}
            found.append(Finding("areas", str(area.area_id), "area_without_team", params))
    return found


def holdings(snapshot: Snapshot) -> list[Holding]:
    """Return what is held of each table, with source and date."""
    shown = (
        "areas blocks population providers offers locations addresses streets basemap teams "
        "responsibilities"
    )
    sources = snapshot.tables["sources"].sort_values("imported_at", kind="stable")
    out = []
    for table in shown.split():
        own = sources[sources["table_name"] == table]
        last: Any = own.iloc[-1] if len(own) else {}
        date = last.get("reference_date") if len(own) else None
        out.append(
            Holding(
                table,
                len(snapshot.tables[table]),
                str(last.get("file", "")) if len(own) else "",
                date if isinstance(date, str) else "",
                str(last.get("imported_at", "")) if len(own) else "",
            )
        )
    return out


def finding_record(finding: Finding, language: str = "de") -> dict[str, str]:
    """Return a finding as ``check --json`` prints it."""
    message, remedy = describe(finding, language)
    return {
        "table": finding.table,
        "id": finding.id,
        "rule": finding.rule,
        "message": message,
        "remedy": remedy,
    }
