"""Releases: proposed by one, approved by another, kept in the ledger, shown from a snapshot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from sro_geo.actions.access import APPROVE, PROPOSE, READ, Actor, authorise
from sro_geo.actions.crosswalk import counts_of_today, ledger_of_today
from sro_geo.actions.indicators import draft_of_indicator, released_indicators
from sro_geo.actions.lineage import descendants
from sro_geo.actions.moment import now
from sro_geo.actions.protected_import import persons_on
from sro_geo.actions.workspace import Snapshot, Workspace
from sro_geo.cases import Counts
from sro_geo.disclosure import (
    Audit,
    Cut,
    Draft,
    Event,
    Ledger,
    Rules,
    Version,
    Violation,
    approve,
    audit,
    coarser,
    draft,
    recheck,
    recheck_indicator,
    released_tables,
)
from sro_geo.disclosure.ledger import CASES, CELL_COLUMNS
from sro_geo.errors import SroError
from sro_geo.store.protected import ProtectedStore, ProtectedTransaction
from sro_geo.store.released import write_released

_Progress = Callable[[float], None] | None
_Stop = Callable[[], bool] | None


class ReleaseBlocked(SroError):
    """A release the gate does not let through; ``violations`` says why, without a number."""

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        self.violations = violations
        super().__init__("release_blocked", count=len(violations))


@dataclass(frozen=True)
class ReleaseInfo:
    """One entry of the ledger without any figure: what, when, by whom, how much is hidden."""

    release_id: str
    subject: str
    year: int
    version: str
    counting_rule: str
    unit: str
    levels: tuple[str, ...]
    by_type: str
    ages: tuple[str, ...]
    by_place: bool
    status: str
    proposed_by: str
    proposed_at: str
    decided_by: str
    decided_at: str
    reason: str
    cells: int
    hidden: int


def rules_of(snapshot: Snapshot) -> Rules:
    """Return the rules of the gate: the defaults, or what the city's settings make stricter."""
    try:
        return Rules(**dict(snapshot.city.disclosure))
    except TypeError:
        wrong = ", ".join(sorted(map(str, snapshot.city.disclosure)))
        raise SroError("rules_unknown", keys=wrong) from None


def persons_of_year(snapshot: Snapshot, year: int) -> tuple[pd.DataFrame, str]:
    """Return persons by block and age band, and the reference date nearest the year's end.

    Raises ``SroError("release_no_population")``: without people there is no denominator.
    """
    population = snapshot.tables["population"]
    if population.empty:
        raise SroError("release_no_population")
    end = dt.date(year, 12, 31)
    dates = sorted(population["reference_date"].dropna().unique())
    nearest = min(dates, key=lambda d: abs((dt.date.fromisoformat(str(d)[:10]) - end).days))
    return persons_on(snapshot, str(nearest)), str(nearest)


def version_of(snapshot: Snapshot, plan_id: str | None = None) -> Version:
    """Return the partition figures are released for: a plan's, by default the one in force."""
    areas = snapshot.current if plan_id is None else snapshot.version(plan_id=plan_id)
    table = areas.areas
    parents = {
        str(area): parent if isinstance(parent, str) else None
        for area, parent in zip(table["area_id"], table["parent_id"], strict=True)
    }
    names = {str(a): str(n) for a, n in zip(table["area_id"], table["name"], strict=True)}
    return Version(areas.version, areas.members, parents, names)


def counts_of(store: ProtectedStore, year: int, ledger: Ledger, snapshot: Snapshot) -> Counts:
    """Return the raw counts of a year, for the gate alone.

    Of several ways of counting the one that was released already, else cases before young
    people and the year before the day.

    Raises
    ------
    SroError
        ``cases_none_stored``: nothing was imported for the year.
    """
    rows = store.read_counts(year)
    if rows.empty:
        known = ", ".join(str(y) for y in store.years()) or "–"
        raise SroError("cases_none_stored", year=year, known=known)
    ways = sorted(set(zip(rows["counting_rule"], rows["unit"], strict=True)))
    known_ways = [
        (r.counting_rule, r.unit) for r in ledger.ever_released() if r.key == ("cases", year)
    ]
    rule, unit = next((w for w in known_ways if w in ways), ways[0])
    own = rows[(rows["counting_rule"] == rule) & (rows["unit"] == unit)]
    own = counts_of_today(
        own, descendants(snapshot), [*ledger.versions.values(), version_of(snapshot)]
    )
    return Counts(year, rule, unit, own, tuple(sorted(own["help_type"].unique())))


def read_ledger(
    store: ProtectedStore | ProtectedTransaction, snapshot: Snapshot | None = None
) -> Ledger:
    """Return the ledger of everything ever proposed, approved, rejected and withdrawn.

    With ``snapshot`` its area versions stand on the blocks of today: where some were cut, on
    their parts.
    """
    held = Ledger.from_rows(*store.read_ledger())
    return held if snapshot is None else ledger_of_today(held, descendants(snapshot))


def default_cut(snapshot: Snapshot) -> Cut:
    """Return what is proposed where nobody says otherwise: the plan's levels by help type."""
    levels = tuple(level.level for level in snapshot.city.plan_levels)
    return Cut(levels=levels, by_type="help_type")


def stored_years(workspace: Workspace) -> list[int]:
    """Return the years counts were imported for, without a figure."""
    return list(workspace.protected.years())


def draft_release(
    workspace: Workspace,
    year: int,
    *,
    actor: Actor,
    cut: Cut | None = None,
    reason: str = "",
    progress: _Progress = None,
    stop: _Stop = None,
) -> Draft:
    """Put a year's counts through the gate; nothing is written and nothing is shown."""
    authorise(actor, PROPOSE)
    snapshot = workspace.snapshot()
    store = workspace.protected
    ledger = read_ledger(store, snapshot)
    persons, _ = persons_of_year(snapshot, year)
    return draft(
        counts_of(store, year, ledger, snapshot),
        version_of(snapshot),
        persons,
        cut or default_cut(snapshot),
        rules_of(snapshot),
        ledger,
        release_id=_next_id(ledger, year),
        at=now(),
        by=actor.name,
        reason=reason,
        progress=progress,
        stop=stop,
    )


def coarser_cuts(
    workspace: Workspace, year: int, *, actor: Actor, cut: Cut
) -> list[tuple[Cut, float]]:
    """Return cuts that would hide less, each with the share of cells it hides."""
    authorise(actor, PROPOSE)
    snapshot, store = workspace.snapshot(), workspace.protected
    ledger = read_ledger(store, snapshot)
    persons, _ = persons_of_year(snapshot, year)
    counts = counts_of(store, year, ledger, snapshot)
    rules = rules_of(snapshot)
    return coarser(counts, version_of(snapshot), persons, cut, rules, ledger)


def propose_release(
    workspace: Workspace,
    year: int,
    *,
    actor: Actor,
    cut: Cut | None = None,
    reason: str = "",
    progress: _Progress = None,
    stop: _Stop = None,
) -> Draft:
    """Put a year through the gate and write the proposal into the ledger.

    Raises
    ------
    ReleaseBlocked
        With the reasons, when the gate does not let it through; nothing is written.
    SroError
        ``cases_none_stored``, ``release_no_population``, ``changed_meanwhile``,
        ``read_only_mode``.
    """
    authorise(actor, PROPOSE)
    workspace.refuse_read_only()  # before the gate works for half a minute
    made = draft_release(
        workspace, year, actor=actor, cut=cut, reason=reason, progress=progress, stop=stop
    )
    return _put_forward(workspace, made)


def propose_indicator(
    workspace: Workspace, indicator: str, year: int, *, actor: Actor, reason: str = ""
) -> Draft:
    """Put an indicator of one's own through the gate and write the proposal into the ledger.

    Raises what :func:`propose_release` raises, and ``indicator_none_stored``.
    """
    snapshot, ledger = workspace.snapshot(), read_ledger(workspace.protected, workspace.snapshot())
    made = draft_of_indicator(
        workspace,
        indicator,
        year,
        actor=actor,
        version=version_of(snapshot),
        rules=rules_of(snapshot),
        ledger=ledger,
        release_id=_next_id(ledger, year),
        reason=reason,
    )
    return _put_forward(workspace, made)


def _put_forward(workspace: Workspace, made: Draft) -> Draft:
    year = made.release.year
    if made.violations:
        raise ReleaseBlocked(made.violations)
    snapshot = workspace.snapshot()
    version = version_of(snapshot, made.release.version)
    with workspace.protecting() as tx:
        ledger = read_ledger(tx, snapshot)
        if _next_id(ledger, year) != made.release.release_id:
            raise SroError("changed_meanwhile", workspace=str(workspace.settings.workspace))
        if version.version not in ledger.versions:
            tx.add_version(*version.to_row())
        tx.add_release(*made.release.to_row())
    return made


def approve_release(
    workspace: Workspace, release_id: str, *, actor: Actor, note: str = "", publish: bool = True
) -> ReleaseInfo:
    """Approve a proposal as a second person: audited once more, then shown.

    With ``publish=False`` the snapshot is left to the caller, who approves several.

    Raises
    ------
    SroError
        ``release_unknown``, ``release_same_person``, ``release_not_proposed``.
    ReleaseBlocked
        When something released meanwhile makes a number findable.
    """
    authorise(actor, APPROVE)
    snapshot, store = workspace.snapshot(), workspace.protected
    with workspace.protecting() as tx:
        ledger = read_ledger(tx, snapshot)
        event = approve(ledger, release_id, by=actor.name, at=now(), note=note)
        release = ledger.release(release_id)
        if release.subject == CASES:
            persons, _ = persons_of_year(snapshot, release.year)
            violations = recheck(
                release, counts_of(store, release.year, ledger, snapshot), persons, ledger
            )
        else:
            violations = recheck_indicator(release, ledger)
        if violations:
            raise ReleaseBlocked(violations)
        tx.add_event(*event.to_row())
    if publish:
        publish_released(workspace)
    return release_info(read_ledger(store, snapshot), release_id)


def withdraw_release(
    workspace: Workspace, release_id: str, *, actor: Actor, note: str = ""
) -> ReleaseInfo:
    """Take a release back, or reject a proposal. What was shown once stays in the ledger."""
    authorise(actor, APPROVE)
    snapshot = workspace.snapshot()
    with workspace.protecting() as tx:
        ledger = read_ledger(tx, snapshot)
        standing = ledger.status(release_id)
        if standing not in ("proposed", "approved"):
            raise SroError("release_not_open", release=release_id, status=standing)
        what = "withdrawn" if standing == "approved" else "rejected"
        tx.add_event(*Event(release_id, what, now(), actor.name, note).to_row())
        # Within the transaction: a withdrawal that cannot be written out is none, and can
        # be tried again. An approval is kept first: nothing is shown the ledger misses.
        _publish(workspace, tx)
    return release_info(read_ledger(workspace.protected), release_id)


def list_releases(workspace: Workspace, *, actor: Actor) -> list[ReleaseInfo]:
    """Return every entry of the ledger, oldest first, without any figure."""
    authorise(actor, READ)
    ledger = read_ledger(workspace.protected, workspace.snapshot())
    return [release_info(ledger, release.release_id) for release in ledger.releases]


def release_info(ledger: Ledger, release_id: str) -> ReleaseInfo:
    """Return what the ledger says of one release."""
    release = ledger.release(release_id)
    decided = [event for event in ledger.events if event.release_id == release_id]
    last = decided[-1] if decided else None
    return ReleaseInfo(
        release_id=release.release_id,
        subject=release.subject,
        year=release.year,
        version=release.version,
        counting_rule=release.counting_rule,
        unit=release.unit,
        levels=tuple(release.cut.levels),
        by_type=release.cut.by_type,
        ages=tuple(release.cut.ages),
        by_place=release.cut.by_place,
        status=ledger.status(release_id),
        proposed_by=release.proposed_by,
        proposed_at=release.proposed_at,
        decided_by=last.by if last else "",
        decided_at=last.at if last else "",
        reason=release.reason,
        cells=len(release.cells),
        hidden=int((release.cells["status"] == "suppressed").sum()),
    )


def audit_releases(workspace: Workspace, *, actor: Actor) -> Audit:
    """Attack everything ever released, knowing the rules, and tell what could be found."""
    authorise(actor, READ)
    snapshot, store = workspace.snapshot(), workspace.protected
    ledger = read_ledger(store, snapshot)
    ways = {(r.year, r.counting_rule, r.unit) for r in ledger.ever_released() if r.subject == CASES}
    persons = {year: persons_of_year(snapshot, year)[0] for year, _, _ in ways}
    held = {
        year: counts_of(store, year, ledger, snapshot)
        for year, _, _ in ways
        if year in store.years()
    }
    counts = {(c.year, c.counting_rule, c.unit): c for c in held.values()}
    return audit(ledger, persons, counts)


def publish_released(workspace: Workspace) -> None:
    """Write the released snapshot anew: all that the public view, and every page, may read."""
    # Within the transaction: of two approvals at once the later one writes last.
    with workspace.protecting() as tx:
        _publish(workspace, tx)


def _publish(workspace: Workspace, tx: ProtectedTransaction) -> None:
    snapshot = workspace.snapshot()
    ledger = Ledger.from_rows(*tx.read_ledger())
    tables = [t for t in released_tables(ledger) if t.subject == CASES]
    versions = dict.fromkeys(table.version for table in tables)
    shapes = [snapshot.version(plan_id=version).areas for version in versions]
    areas = pd.concat(shapes, ignore_index=True) if shapes else snapshot.current.areas
    columns = ["release_id", *CELL_COLUMNS]
    frames = [table.cells.assign(release_id=table.release_id)[columns] for table in tables]
    write_released(
        workspace.settings.workspace,
        city=snapshot.city,
        areas=gpd.GeoDataFrame(areas, geometry="geometry", crs=snapshot.city.crs),
        basemap=snapshot.tables["basemap"],
        releases=[_meta(ledger, table.release_id, snapshot) for table in tables],
        cells=pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns),
        indicators=released_indicators(ledger, tx.read_indicators()),
        published_at=now(),
    )


def _meta(ledger: Ledger, release_id: str, snapshot: Snapshot) -> Mapping[str, object]:
    release, info = ledger.release(release_id), release_info(ledger, release_id)
    return {
        "release_id": release_id,
        "subject": release.subject,
        "year": release.year,
        "counting_rule": release.counting_rule,
        "unit": release.unit,
        "version": release.version,
        "cut": release.cut.to_dict(),
        "rules": {key: getattr(release.rules, key) for key in _PUBLIC_RULES},
        "population_date": persons_of_year(snapshot, release.year)[1],
        "approved_at": info.decided_at,
    }


# Who set stricter rules, and why, is nothing the public view has to know.
_PUBLIC_RULES = ("small_to", "width", "min_denominator", "min_population")


def _next_id(ledger: Ledger, year: int) -> str:
    return f"{year}-{1 + sum(release.year == year for release in ledger.releases)}"
