"""Figures of any plan, drawn or adopted: people, offers, shape, and who reaches nothing.

What hangs on blocks is put together once for each state of the workspace; a gesture only
counts it again. Protected and closed offers are left out, as on the other pages; so are
offers without a point, which belong to no block.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import shapely

from sro_geo.actions.coverage import CoverageQuestion, coverage, groups_available
from sro_geo.actions.variants import load_plan
from sro_geo.actions.workspace import Snapshot
from sro_geo.errors import Finding, SroError
from sro_geo.plans import (
    Columns,
    Edges,
    Figures,
    OutlineCache,
    Plan,
    Rate,
    edge_table,
    measure,
    outlines,
)
from sro_geo.plans.checks import warnings
from sro_geo.plans.compactness import reock
from sro_geo.plans.figures import estimated_cases
from sro_geo.plans.lines import interior_points
from sro_geo.population import latest, persons_by_block, persons_of_group

OFFERS_OF = "offers:"
Released = Mapping[str, float | None]
_PEOPLE = frozenset({"blocks", "population", "cells"})
_ALL = _PEOPLE | {"offers", "providers", "locations", "streets", "plan_areas", "assignments"}


@dataclass(frozen=True, eq=False)
class Ground:
    """What is found once for each block version, all in the order of the blocks."""

    geometry: np.ndarray
    points: np.ndarray
    edges: Edges
    cache: OutlineCache


def ground_of(snapshot: Snapshot) -> Ground:
    """Return shapes, interior points and neighbours of the blocks."""

    def make(of: Snapshot) -> Ground:
        geometry = of.tables["blocks"]["geometry"].to_numpy()
        return Ground(geometry, interior_points(geometry), edge_table(geometry), OutlineCache())

    found: Ground = snapshot.kept("ground", frozenset({"blocks"}), make)
    return found


def block_columns(snapshot: Snapshot) -> dict[str, np.ndarray]:
    """Return the additive figures of every block: persons by age, offers by category.

    ``population``, ``under_18``, ``under_21`` and the stored bands (NaN where the bands
    cannot tell), ``offers`` and ``offers:<category>``.
    """
    found: dict[str, np.ndarray] = snapshot.kept("block_columns", _ALL, _block_columns)
    return found


def _block_columns(snapshot: Snapshot) -> dict[str, np.ndarray]:
    ids = snapshot.tables["blocks"]["block_id"].to_numpy(object)
    out = {
        name: np.full(len(ids), np.nan) for name in ("population", "under_18", "under_21")
    } | _persons(snapshot, ids)
    directory = snapshot.directory
    counted = (directory["status"] != "closed") & ~directory["protected"].fillna(False).astype(bool)
    here = directory[counted & directory["block_id"].notna()]
    out["offers"] = _per_block(here["block_id"].to_numpy(object), ids)
    for category in snapshot.city.categories:
        own = here.loc[here["category"] == category, "block_id"]
        if len(own):
            out[f"{OFFERS_OF}{category}"] = _per_block(own.to_numpy(object), ids)
    return out


def _persons(snapshot: Snapshot, ids: np.ndarray) -> dict[str, np.ndarray]:
    population, cells = latest(snapshot.tables["population"]), snapshot.tables["cells"]
    if population.empty:
        return {}
    out = {}
    for group in ("all", *groups_available(snapshot)):
        persons, _ = persons_of_group(population, group)
        name = "population" if group == "all" else group
        held = persons_by_block(persons, cells).reindex(ids).fillna(0.0)
        out[name] = held.to_numpy(float)
    return out


def _per_block(blocks: np.ndarray, ids: np.ndarray) -> np.ndarray:
    place = {block: k for k, block in enumerate(ids)}
    at = [place[block] for block in blocks if block in place]
    return np.bincount(np.array(at, np.int64), minlength=len(ids)).astype(float)


def uncovered_per_block(snapshot: Snapshot, question: CoverageQuestion) -> np.ndarray:
    """Return the persons of each block who reach no offer that a question of coverage asks for."""
    answer = coverage(snapshot, question)
    demand, index = answer.demand, snapshot.tables["blocks"]["block_id"].to_numpy(object)
    place = {block: k for k, block in enumerate(index)}
    cells = snapshot.tables["cells"].set_index("cell_id")["block_id"].to_dict()
    out = np.zeros(len(index))
    lost = np.flatnonzero(demand.inside & ~answer.result.covered)
    for at in lost:
        block = place.get(cells.get(demand.place_ids[at], demand.place_ids[at]))
        if block is not None:
            out[block] += demand.persons[at]
    return out


def cases_per_block(
    snapshot: Snapshot, released: Released, *, group: str = "under_21"
) -> np.ndarray:
    """Return cases by block, estimated: totals released for the areas in force, by persons.

    ``group`` are the persons among whom they are spread; everybody where the stored bands
    cannot tell them.
    """
    columns = block_columns(snapshot)
    persons = columns[group] if group in columns else columns["population"]
    if np.isnan(persons).any():
        persons = columns["population"]
    plan = load_plan(snapshot)
    place = plan.area_ids_of_blocks()
    if not set(released) & {area.area_id for area in plan.areas}:
        # Nothing was released for the spaces of these boundaries, but for what they lie in.
        codes, areas = plan.codes_at(plan.levels[0])
        ids = np.array([*(area.area_id for area in areas), None], dtype=object)
        place = ids[codes]
    return estimated_cases(np.nan_to_num(persons), place, released)


def totals_released(snapshot: Snapshot) -> Released | None:
    """Return the released totals drafts are estimated from; None where there are none."""
    if snapshot.folder is None:
        return None
    from sro_geo.actions.cases import released_totals  # late: most answers need no cases

    return released_totals(snapshot.folder, load_plan(snapshot).plan_id) or None


def plan_figures(
    snapshot: Snapshot,
    plan: Plan,
    *,
    released: Released | None = None,
    question: CoverageQuestion | None = None,
    with_reock: bool = False,
) -> Figures:
    """Return every figure of every area of a plan, saved or just being drawn.

    Columns: those of :func:`block_columns`; ``cases`` (estimated from ``released``, the
    released totals by area in force, by default those of the newest release) and
    ``cases_per_1000`` young people; ``uncovered``
    (only with ``question``) ; ``under_18_share`` in per cent; ``area_km2``, ``border_m``,
    ``polsby_popper``, ``pieces``; ``population_deviation`` and ``under_18_deviation`` from
    the mean of the level; ``reock`` where asked for.
    """
    released = totals_released(snapshot) if released is None else released
    columns, rates = _columns(snapshot, released, question)
    found = measure(
        plan,
        columns,
        edges=ground_of(snapshot).edges,
        rates=rates,
        balance=("population", "under_18"),
        estimated=("cases",) if released is not None else (),
    )
    if not with_reock:
        return found
    drawn = outlines_of(snapshot, plan)
    return found.joined("reock", reock(drawn) if drawn else {})


def _columns(
    snapshot: Snapshot, released: Released | None, question: CoverageQuestion | None
) -> tuple[Columns, tuple[Rate, ...]]:
    """Return the columns to count, put side by side once for each question."""
    held: dict[object, Columns] = snapshot.kept("columns", _ALL, lambda _: {})
    said = None if released is None else tuple(sorted(released.items()))
    key = (said, question)
    if key not in held:
        every = dict(block_columns(snapshot))
        if released is not None:
            every["cases"] = cases_per_block(snapshot, released)
        if question is not None:
            every["uncovered"] = uncovered_per_block(snapshot, question)
        if len(held) > 8:
            held.clear()
        held[key] = Columns.of(every)
    rates = [Rate("under_18_share", "under_18", "population")]
    if released is not None:
        rates.append(Rate("cases_per_1000", "cases", "under_21", 1000.0))
    return held[key], tuple(rates)


def outlines_of(
    snapshot: Snapshot, plan: Plan, only: Iterable[str] | None = None
) -> dict[str, shapely.Geometry]:
    """Return the outlines of areas by id, of every level; those without blocks have none."""
    ground = ground_of(snapshot)
    wanted = None if only is None else set(only)
    out: dict[str, shapely.Geometry] = {}
    for level in plan.levels:
        codes, areas = plan.codes_at(level)
        asked = [
            k
            for k, area in enumerate(areas)
            if area.area_id not in plan.gone and (wanted is None or area.area_id in wanted)
        ]
        shapes = outlines(ground.geometry, codes, asked, cache=ground.cache)
        out |= {areas[k].area_id: shape for k, shape in shapes.items()}
    return out


def plan_warnings(snapshot: Snapshot, plan: Plan) -> list[Finding]:
    """Return what is worth a look in a plan; nothing of it blocks drawing."""
    persons = block_columns(snapshot)["population"]
    known = None if np.isnan(persons).any() else persons
    return warnings(plan, ground_of(snapshot).edges, persons=known)


def plan_or_saved(snapshot: Snapshot, plan: str | Plan | None) -> Plan:
    """Return a drawing as it is, or a plan by id or name; None is the one in force."""
    return plan if isinstance(plan, Plan) else load_plan(snapshot, plan)


def persons_known(snapshot: Snapshot, column: str) -> np.ndarray:
    """Return a column of persons for a computation; raises ``age_group_not_stored`` or so.

    Raises
    ------
    SroError
        ``no_population``, ``column_unknown``, ``age_group_not_stored``.
    """
    columns = block_columns(snapshot)
    if column not in columns:
        known = ", ".join(name for name in columns if not np.isnan(columns[name]).any())
        raise SroError("column_unknown", column=column, known=known)
    if np.isnan(columns[column]).any():
        if latest(snapshot.tables["population"]).empty:
            raise SroError("no_population")
        persons_of_group(latest(snapshot.tables["population"]), column)
    return columns[column]
