"""A plan beside another for a presentation: figures, families, streets, offers, two maps."""

from __future__ import annotations

import math
from typing import Any

import geopandas as gpd

from sro_geo.actions.planning_changes import Comparison, compare_plans, family_changes
from sro_geo.actions.planning_relations import reason_alone, relations_of
from sro_geo.actions.variants import id_in_force
from sro_geo.actions.workspace import Snapshot
from sro_geo.cartography import change_sheets
from sro_geo.cartography.rates import number
from sro_geo.cartography.sheet import MapSheet
from sro_geo.errors import SroError
from sro_geo.i18n import t
from sro_geo.plans import Plan
from sro_geo.reports.material import PAGE, SLIDE, Material
from sro_geo.reports.templates import Proposal

#: Figures of a plan that a presentation shows: people and offers, no cases.
SHOWN = ("population", "under_18", "under_21", "offers")
_DRAWN = ("population", "under_21")


def plan_proposal(
    snapshot: Snapshot, material: Material, plan_id: str, against: str | None = None
) -> Proposal:
    """Return a plan as a proposal beside another, today's by default.

    Raises
    ------
    SroError
        ``view_plan_gone`` for one that is not there or was put aside, ``view_plan_alone``
        where there is nothing to set it beside, ``plans_of_different_blocks``.
    """
    row = _row(snapshot, plan_id)
    other = _other(snapshot, row) if against is None else str(_row(snapshot, against)["plan_id"])
    if other == plan_id:
        raise SroError("view_plan_alone", plan=str(row["name"]))
    # No released totals are handed on: what is estimated of cases stays on the page.
    found = compare_plans(snapshot, other, plan_id, released={}, with_reock=False)
    changes = family_changes(snapshot, other, plan_id, released={})
    figures = found.figures[found.figures["figure"].isin(SHOWN)]
    concerned = _concerned(found)
    sheets: list[MapSheet | None] = [None, None]
    if concerned:
        sheets = [_sheet(snapshot, material, found, concerned, size) for size in (SLIDE, PAGE)]
    reason = row["reason"] if isinstance(row["reason"], str) else ""
    return Proposal(
        str(row["name"]),
        _reasons(reason, material.language),
        found.after.level,
        figures,
        changes.spaces,
        changes.streets,
        changes.moved,
        changes.offers,
        changes.names,
        found.moved_population,
        found.kept,
        sheet=sheets[0],
        paper=sheets[1],
    )


def _reasons(reason: str, language: str) -> str:
    """Return the reason of a plan, and the note on relations that should last."""
    note = relations_of(reason)
    said = [reason_alone(reason)]
    if note:
        said.append(f"{t('boundaries.relations', language)}: {note}")
    return "\n\n".join(part for part in said if part)


def _row(snapshot: Snapshot, plan_id: str) -> dict[Any, Any]:
    plans = snapshot.tables["plans"]
    rows = plans[plans["plan_id"] == plan_id]
    if rows.empty or rows["status"].iloc[0] == "withdrawn":
        name = plan_id if rows.empty else str(rows["name"].iloc[0])
        raise SroError("view_plan_gone", plan=name)
    return rows.iloc[0].to_dict()


def _other(snapshot: Snapshot, row: dict[Any, Any]) -> str:
    """Return the plan in force; of the one in force the plan it began as."""
    today = id_in_force(snapshot)
    if row["plan_id"] != today:
        return today
    parent = row["parent_plan_id"]
    if not isinstance(parent, str) or parent not in set(snapshot.tables["plans"]["plan_id"]):
        raise SroError("view_plan_alone", plan=str(row["name"]))
    return parent


def _concerned(found: Comparison) -> list[str]:
    """Return the areas that lose or gain, the most people first."""
    rows = found.retention
    moves = rows[rows["from"].fillna("") != rows["to"].fillna("")]
    sums: dict[str, float] = {}
    for side in ("from", "to"):
        for area, persons in zip(moves[side], moves["population"], strict=True):
            if isinstance(area, str):
                held = 0.0 if math.isnan(persons) else float(persons)
                sums[area] = sums.get(area, 0.0) + held
    return sorted(sums, key=lambda area: (-sums[area], area))


def _areas(snapshot: Snapshot, plan_id: str, level: str) -> gpd.GeoDataFrame:
    areas = snapshot.version(plan_id=plan_id).of_level(level)
    areas = areas[areas.geometry.notna() & ~areas.geometry.is_empty].reset_index(drop=True)
    named = areas["name"].astype(object).where(areas["name"].notna(), areas["area_id"])
    shown = {"area_id": areas["area_id"].astype(str), "name": named.astype(str)}
    return gpd.GeoDataFrame(shown, geometry=areas.geometry.to_numpy(), crs=snapshot.city.crs)


def _sheet(
    snapshot: Snapshot, material: Material, found: Comparison, concerned: list[str], size: str
) -> MapSheet:
    language, level = material.language, found.after.level
    both = [_areas(snapshot, plan.plan_id, level) for plan in (found.before, found.after)]
    persons = number(found.moved_population, 0, language)
    note = ""
    if math.isfinite(found.moved_population) and found.moved_population >= 0.5:
        note = t("views.plan_note", language, persons=persons)
    return change_sheets.before_after(
        both[0],
        both[1],
        concerned=concerned,
        title="",
        subtitle="",
        source=material.foot("plan", size),
        headings=(_heading(snapshot, found.before, language), found.after.name),
        figures=(_people(found, "before", language), _people(found, "after", language)),
        note=note,
        comparisons=_comparisons(found, concerned, language),
        ground=material.ground,
        sample_note=material.sample_note,
        language=language,
        size=size,
    )


def _heading(snapshot: Snapshot, plan: Plan, language: str) -> str:
    """Return what a plan is called above its map: today, or its name."""
    today = plan.plan_id == id_in_force(snapshot)
    return t("sheets.today", language) if today else plan.name


def _people(found: Comparison, side: str, language: str) -> dict[str, str]:
    rows = found.figures[found.figures["figure"] == "population"]
    return {
        str(area): t("views.plan_people", language, persons=number(persons, 0, language))
        for area, persons in zip(rows["area_id"], rows[side], strict=True)
        if math.isfinite(persons)
    }


def _comparisons(
    found: Comparison, concerned: list[str], language: str
) -> list[change_sheets.Comparison]:
    """Return people before and after: two figures of two areas, else one of each."""
    level = found.after.level
    shown = _DRAWN if len(concerned) <= 2 else _DRAWN[:1]
    rows = found.figures[(found.figures["level"] == level) & found.figures["figure"].isin(shown)]
    out = []
    for area in concerned:
        for figure in shown:
            row = rows[(rows["area_id"] == area) & (rows["figure"] == figure)]
            if row.empty or not math.isfinite(row["before"].iloc[0] + row["after"].iloc[0]):
                continue
            old, new = float(row["before"].iloc[0]), float(row["after"].iloc[0])
            out.append(
                change_sheets.Comparison(
                    str(row["name"].iloc[0]),
                    t(f"reports.figure_{figure}", language),
                    number(old, 0, language),
                    number(new, 0, language),
                    _signed(new - old, language),
                )
            )
    return out


def _signed(value: float, language: str) -> str:
    words = number(abs(value), 0, language)
    if words == "0":
        return "±0"
    return f"{'+' if value > 0 else '−'}{words}"
