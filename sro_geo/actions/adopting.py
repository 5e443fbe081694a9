"""A plan comes into force: from a day on, with everything that was in force before it kept."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sro_geo.actions.access import ADOPT, Actor, authorise
from sro_geo.actions.comparing import as_stored
from sro_geo.actions.planning_changes import team_by_area
from sro_geo.actions.planning_figures import ground_of
from sro_geo.actions.planning_relations import other_reason
from sro_geo.actions.variants import load_plan, plan_row
from sro_geo.actions.workspace import Snapshot, Workspace
from sro_geo.areas import derive_areas, membership, plan_in_force
from sro_geo.errors import Finding, SroError
from sro_geo.plans import Plan, tables_of
from sro_geo.plans.checks import adoption_blockers
from sro_geo.plans.steps import refuse_adopted
from sro_geo.tables import TABLES, conform


class AdoptionRefused(SroError):
    """A plan that cannot come into force yet; ``findings`` lists every reason."""

    def __init__(self, plan: str, findings: list[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("plan_not_adoptable", plan=plan, count=len(self.findings))


@dataclass(frozen=True)
class Adoption:
    """What an adoption did.

    ``ended`` is the plan in force until the day before, ``valid_to`` the day on which a
    plan adopted earlier takes over (None: open). ``without_team`` and ``areas_ended`` are
    (id, name): areas nobody is responsible for on that day, and areas there are no more.
    """

    plan_id: str
    valid_from: str
    valid_to: str | None
    ended: str | None
    without_team: tuple[tuple[str, str], ...]
    areas_ended: tuple[tuple[str, str], ...]


def adoption_findings(snapshot: Snapshot, plan: str | Plan) -> list[Finding]:
    """Return what stands in the way of adopting a plan, empty when nothing does."""
    drawn = plan if isinstance(plan, Plan) else load_plan(snapshot, plan)
    return adoption_blockers(drawn, ground_of(snapshot).edges)


def adopt(
    workspace: Workspace,
    plan: str,
    valid_from: str,
    *,
    actor: Actor,
    reason: str = "",
) -> Adoption:
    """Bring a plan into force from an ISO date on; from then on it is never changed.

    The plan in force on that date ends the day before. Areas whose id goes on keep their
    team. The whole is one transaction.

    Raises
    ------
    AdoptionRefused
        With every reason: unassigned blocks, pieces without a bridge, empty areas.
    SroError
        ``plan_adopted``, ``plan_withdrawn``, ``plan_date_malformed``, ``plan_date_taken``,
        ``changed_meanwhile``.
    """
    authorise(actor, ADOPT)
    snapshot = workspace.snapshot()
    row = plan_row(snapshot, plan)
    drawn = load_plan(snapshot, str(row["plan_id"]))
    refuse_adopted(drawn)
    if drawn.status == "withdrawn":
        raise SroError("plan_withdrawn", plan=drawn.name)
    day = _date(valid_from)
    if found := adoption_findings(snapshot, drawn):
        raise AdoptionRefused(drawn.name, found)
    plans = snapshot.tables["plans"]
    adopted = plans[plans["status"] == "adopted"]
    if (adopted["valid_from"] == day).any():
        taken = adopted.loc[adopted["valid_from"] == day, "name"].iloc[0]
        raise SroError("plan_date_taken", plan=str(taken), date=day)
    before = plan_in_force(plans, day)
    later = adopted.loc[adopted["valid_from"].fillna("") > day, "valid_from"]
    until = str(later.min()) if len(later) else None
    said = {
        "status": "adopted",
        "valid_from": day,
        "valid_to": until,
        "reason": other_reason(reason or drawn.reason, drawn.reason) or None,
    }
    plan_id = drawn.plan_id
    _, areas, assigned = tables_of(drawn)
    with workspace.writing(actor, "adopt plan", reason=reason) as tx:
        if workspace.store.revision() != snapshot.revision:
            raise SroError("changed_meanwhile", workspace=str(workspace.settings.workspace))
        tx.update("plans", plan_id, said, expected_version=int(row["row_version"]))
        tx.insert("plan_areas", conform(TABLES["plan_areas"], areas))
        tx.insert("assignments", conform(TABLES["assignments"], assigned))
        if before is not None:
            seen = int(plan_row(snapshot, before)["row_version"])
            tx.update("plans", before, {"valid_to": day}, expected_version=seen)
        today = snapshot.today.isoformat()
        if day <= today and (until is None or today < until):
            tx.replace("areas", _areas(snapshot, {**row, **said}, areas, assigned))
    return _report(snapshot, drawn, day, until, before)


def _areas(
    snapshot: Snapshot, row: dict[Any, Any], areas: pd.DataFrame, assigned: pd.DataFrame
) -> pd.DataFrame:
    """Return the table ``areas`` with the plan in force."""
    blocks, city = snapshot.tables["blocks"], snapshot.city
    members = membership(city, blocks, areas, assigned)
    parallel = snapshot.tables["parallel_areas"]
    found = derive_areas(city, blocks, row, areas, parallel, members)
    return as_stored("areas", conform(TABLES["areas"], found))


def _report(
    snapshot: Snapshot, plan: Plan, day: str, until: str | None, before: str | None
) -> Adoption:
    teams = team_by_area(snapshot, plan, day)
    lost = [(a.area_id, a.name) for a in plan.standing if a.area_id not in teams]
    ended: list[tuple[str, str]] = []
    if before is not None:
        stays = {area.area_id for area in (*plan.standing, *plan.standing_above)}
        old = load_plan(snapshot, before)
        ended = [
            (a.area_id, a.name)
            for a in (*old.standing_above, *old.standing)
            if a.area_id not in stays
        ]
    return Adoption(plan.plan_id, day, until, before, tuple(lost), tuple(ended))


def _date(text: str) -> str:
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        raise SroError("plan_date_malformed", value=text) from None
