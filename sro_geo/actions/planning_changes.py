"""One plan beside another, and what the change means for families."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
import pandas as pd

from sro_geo.actions.coverage import CoverageQuestion
from sro_geo.actions.exporting import sample_note
from sro_geo.actions.planning_figures import (
    Released,
    block_columns,
    cases_per_block,
    ground_of,
    plan_figures,
    plan_or_saved,
    totals_released,
)
from sro_geo.actions.planning_relations import relations_of
from sro_geo.actions.workspace import Snapshot
from sro_geo.exchange.write import write_table
from sro_geo.plans import Plan, compare, touched
from sro_geo.plans.changes import (
    kept_share,
    moved_total,
    offers_moved,
    retention,
    streets_concerned,
    streets_in_blocks,
)
from sro_geo.plans.compactness import cut_length
from sro_geo.plans.figures import moved_blocks

PEOPLE = ("population", "under_18", "under_21")


@dataclass(frozen=True, eq=False)
class Comparison:
    """One plan beside another on the same blocks.

    ``figures`` has the columns level, area_id, name, figure, before, after, difference,
    estimated; ``retention`` from, to, blocks and persons (area ids, None: unassigned).
    ``kept`` is the share of the population that stays in its space. Numbers of persons are
    NaN where they are not known.
    """

    before: Plan
    after: Plan
    figures: pd.DataFrame
    touched: frozenset[str]
    moved_blocks: int
    moved_population: float
    retention: pd.DataFrame
    kept: float
    border_before_m: float
    border_after_m: float

    def of(self, area_id: str, figure: str) -> tuple[float, float]:
        """Return a figure of an area before and after."""
        rows = self.figures
        row = rows[(rows["area_id"] == area_id) & (rows["figure"] == figure)].iloc[0]
        return float(row["before"]), float(row["after"])

    def areas(self, level: str) -> list[tuple[str, str]]:
        """Return (id, name) of the areas of a level that either plan has."""
        rows = self.figures[self.figures["level"] == level].drop_duplicates("area_id")
        return list(zip(rows["area_id"], rows["name"], strict=True))


def compare_plans(
    snapshot: Snapshot,
    before: str | Plan | None,
    after: str | Plan,
    *,
    released: Released | None = None,
    question: CoverageQuestion | None = None,
    with_reock: bool = True,
) -> Comparison:
    """Return any two plans side by side (``before`` None: the one in force).

    Plans are ids, names, or drawings not saved yet; ``released`` and ``question`` as for
    ``planning_figures.plan_figures``.

    Raises
    ------
    SroError
        ``plan_unknown``, ``plans_of_different_blocks``.
    """
    old, new = plan_or_saved(snapshot, before), plan_or_saved(snapshot, after)
    released = totals_released(snapshot) if released is None else released
    said: dict[str, Any] = {"released": released, "question": question, "with_reock": with_reock}
    concerned = touched(old, new)
    table = compare(plan_figures(snapshot, old, **said), plan_figures(snapshot, new, **said))
    columns = block_columns(snapshot)
    people = {name: columns[name] for name in PEOPLE}
    if released is not None:
        people["cases"] = cases_per_block(snapshot, released)
    flows = retention(old, new, {**people, "offers": columns["offers"]})
    edges = ground_of(snapshot).edges
    return Comparison(
        old,
        new,
        table,
        concerned,
        int(moved_blocks(old, new).sum()),
        moved_total(old, new, columns["population"]),
        flows,
        kept_share(flows, "population"),
        cut_length(old.codes, edges),
        cut_length(new.codes, edges),
    )


@dataclass(frozen=True, eq=False)
class FamilyChanges:
    """What a change of plan means for families.

    ``spaces``, ``teams``: from, to, blocks, population, under_18, under_21, offers (and
    ``cases``, estimated, where released totals were given); in ``teams`` by team id, None
    where nobody is responsible yet. ``streets``: street, from, to, blocks, metres.
    ``offers``: offer_id, name, from, to. ``names`` gives the name of areas and teams by id;
    ``relations`` is the note kept with the plan on relations that should last.
    """

    spaces: pd.DataFrame
    teams: pd.DataFrame
    streets: pd.DataFrame
    offers: pd.DataFrame
    names: Mapping[str, str]
    relations: str = ""

    @property
    def moved(self) -> pd.DataFrame:
        """Return the rows of ``teams`` whose team changes."""
        rows = self.teams
        stays = (rows["from"] == rows["to"]) | (rows["from"].isna() & rows["to"].isna())
        return rows[~stays].reset_index(drop=True)


def family_changes(
    snapshot: Snapshot,
    before: str | Plan | None,
    after: str | Plan,
    *,
    on: str | None = None,
    released: Released | None = None,
) -> FamilyChanges:
    """Return whose space and team changes, along which streets, and which offers move along.

    ``on`` is the ISO date whose responsibilities count (default today): an area id that
    goes on keeps its team, a new one has none until somebody is named.
    """
    old, new = plan_or_saved(snapshot, before), plan_or_saved(snapshot, after)
    released = totals_released(snapshot) if released is None else released
    columns = block_columns(snapshot)
    people = {name: columns[name] for name in PEOPLE}
    if released is not None:
        people["cases"] = cases_per_block(snapshot, released)
    sums = {**people, "offers": columns["offers"]}
    day = on or snapshot.today.isoformat()
    teams = team_by_area(snapshot, old, day), team_by_area(snapshot, new, day)
    streets = snapshot.tables["streets"]
    runs = _street_runs(snapshot)
    names = {a.area_id: a.name for p in (old, new) for a in (*p.areas, *p.above)}
    held = snapshot.tables["teams"]
    names |= dict(zip(held["team_id"], held["name"], strict=True))
    return FamilyChanges(
        retention(old, new, sums),
        retention(old, new, sums, group=teams),
        streets_concerned(old, new, streets["name"].to_numpy(object), runs),
        _offers(snapshot, old, new),
        names,
        relations_of(new.reason),
    )


def team_by_area(snapshot: Snapshot, plan: Plan, on: str) -> dict[str, str]:
    """Return the team of each area of the lowest level on an ISO date, its parents' else.

    Areas without any are not in the answer.
    """
    rows = snapshot.tables["responsibilities"]
    start = rows["valid_from"].fillna("0000-00-00")
    end = rows["valid_to"].fillna("9999-99-99")
    held = rows[(start <= on) & (on < end)].sort_values("valid_from", na_position="first")
    own = dict(zip(held["area_id"], held["team_id"], strict=True))
    parent = {a.area_id: a.parent_id for a in (*plan.standing, *plan.standing_above)}
    out: dict[str, str] = {}
    for area in plan.standing:
        current: str | None = area.area_id
        seen: set[str] = set()
        while current is not None and current not in seen:
            seen.add(current)
            if current in own:
                out[area.area_id] = str(own[current])
                break
            current = parent.get(current)
    return out


def _street_runs(snapshot: Snapshot) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    def make(of: Snapshot) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        lines = of.tables["streets"]["geometry"].to_numpy()
        return streets_in_blocks(lines, ground_of(of).geometry)

    found: tuple[np.ndarray, np.ndarray, np.ndarray] = snapshot.kept(
        "street_runs", frozenset({"streets", "blocks"}), make
    )
    return found


def _offers(snapshot: Snapshot, before: Plan, after: Plan) -> pd.DataFrame:
    directory = snapshot.directory
    shown = directory[
        (directory["status"] != "closed") & ~directory["protected"].fillna(False).astype(bool)
    ]
    assert before.index is not None
    at = before.index.get_indexer(pd.Index(shown["block_id"].to_numpy(object), dtype=object))
    moved = offers_moved(before, after, shown["offer_id"].to_numpy(object), at)
    names = shown.set_index("offer_id")["name"]
    moved.insert(1, "name", moved["offer_id"].map(names))
    return moved


def changes_as_bytes(snapshot: Snapshot, changes: FamilyChanges, ending: str) -> bytes:
    """Return the annex to a decision as csv or xlsx: spaces, teams, streets, offers.

    One table; ``part`` says which it is. The last row is the note on relations that should
    last, where there is one. Estimated cases are called so.
    """

    def named(ids: pd.Series) -> list[str]:
        return [changes.names.get(i, str(i)) if isinstance(i, str) else "" for i in ids]

    parts = []
    for part in ("spaces", "teams", "streets", "offers"):
        table: pd.DataFrame = getattr(changes, part)
        rows = pd.DataFrame({"part": part, "from": table["from"], "to": table["to"]})
        rows["from_name"], rows["to_name"] = named(table["from"]), named(table["to"])
        words = {"streets": "street", "offers": "name"}.get(part)
        rows["name"] = table[words] if words else None
        for column in ("blocks", "metres", *PEOPLE, "offers", "cases"):
            if column in table and part != "offers":
                target = "cases_estimated" if column == "cases" else column
                rows[target] = table[column].astype(float)
        parts.append(rows.astype(object).where(rows.notna(), None))
    if changes.relations:
        parts.append(pd.DataFrame({"part": ["relations"], "name": [changes.relations]}))
    # Columns that a part lacks are empty there.
    names = list(dict.fromkeys(name for rows in parts for name in rows.columns))
    filled = [rows.reindex(columns=names).astype(object) for rows in parts if len(rows)]
    whole = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=names)
    buffer = BytesIO()
    write_table(whole, buffer, format=ending, note=sample_note(snapshot))
    return buffer.getvalue()
