"""Answers of the verb ``plan``: lists, figures, comparisons."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from sro_geo.cli.speaking import document, say
from sro_geo.i18n import t

if TYPE_CHECKING:
    from sro_geo.actions.access import Actor
    from sro_geo.actions.workspace import Workspace

SHOWN = ("population", "under_18", "offers", "area_km2", "pieces", "polsby_popper")


def answer(options: argparse.Namespace, language: str, key: str, content: dict[str, Any]) -> int:
    """Print the document, and say in a sentence what was done."""
    if options.json:
        document(content)
    said = {name: value for name, value in content.items() if isinstance(value, str | int | float)}
    say(t(f"cli.done_plan_{key}", language, **said))
    return 0


def list_all(options: argparse.Namespace, workspace: Workspace, actor: Actor, language: str) -> int:
    """Print all plans."""
    from sro_geo.actions.planning import list_plans

    plans = list_plans(workspace.snapshot(), withdrawn=options.withdrawn)
    records = [
        {
            "plan_id": plan.plan_id,
            "name": plan.name,
            "status": plan.status,
            "parent": plan.parent,
            "in_force": plan.in_force,
            "valid_from": plan.valid_from,
            "valid_to": plan.valid_to,
            "author": plan.author,
            "reason": plan.reason,
            "steps": plan.steps,
        }
        for plan in plans
    ]
    if options.json:
        document({"plans": records})
        return 0
    for record in records:
        mark = "*" if record["in_force"] else " "
        print(f"{mark} {record['plan_id']}  {record['name']}  [{record['status']}]")
    return 0


def show(options: argparse.Namespace, workspace: Workspace, actor: Actor, language: str) -> int:
    """Print the figures and warnings of a plan."""
    from sro_geo.actions.checking import finding_record
    from sro_geo.actions.planning_figures import plan_figures, plan_warnings
    from sro_geo.actions.variants import load_plan, plan_row

    snapshot = workspace.snapshot()
    plan = load_plan(snapshot, options.plan)
    row = plan_row(snapshot, plan.plan_id)
    figures = plan_figures(snapshot, plan, with_reock=True)
    parents = {a.area_id: a.parent_id for a in (*plan.standing, *plan.standing_above)}
    areas = []
    for area_id, level, name, values in zip(
        figures.area_ids, figures.levels, figures.names, figures.values, strict=True
    ):
        held = {figure: plain_number(v) for figure, v in zip(figures.figures, values, strict=True)}
        offers = {f.split(":", 1)[1]: held.pop(f) for f in list(held) if f.startswith("offers:")}
        head = {"id": area_id, "name": name, "level": level, "parent": parents.get(area_id)}
        areas.append({**head, **held, "offers_by_category": offers})
    found = [finding_record(finding, language) for finding in plan_warnings(snapshot, plan)]
    content = {
        "plan_id": plan.plan_id,
        "name": plan.name,
        "status": plan.status,
        "parent": plan.parent_plan_id,
        "valid_from": plain_number(row["valid_from"]),
        "valid_to": plain_number(row["valid_to"]),
        "author": plan.author,
        "reason": plan.reason,
        "block_set": plan.block_set,
        "blocks": len(plan.codes),
        "unassigned_blocks": int((plan.codes < 0).sum()),
        "areas": areas,
        "warnings": found,
    }
    if options.json:
        document(content)
        return 0
    for area in areas:
        print(f"{area['level']} {area['id']}  {area['name']}: {_number(area['population'])}")
    for record in found:
        say(f"{record['id']}: {record['message']}")
    return 0


def compare(options: argparse.Namespace, workspace: Workspace, actor: Actor, language: str) -> int:
    """Print two plans side by side."""
    from sro_geo.actions.planning_changes import compare_plans
    from sro_geo.actions.planning_words import summary

    found = compare_plans(workspace.snapshot(), options.before, options.after)
    words = summary(found, language)
    if not options.json:
        print("\n".join(words))
        return 0
    rows = found.figures
    held = rows[rows["figure"].isin(SHOWN)]
    levels: dict[str, list[dict[str, Any]]] = {}
    for (area, level), own in held.groupby(["area_id", "level"], sort=False):
        record: dict[str, Any] = {"id": area, "name": own["name"].iloc[0], "level": level}
        for row in own.itertuples(index=False):
            record[str(row.figure)] = {
                "before": plain_number(row.before),
                "after": plain_number(row.after),
            }
        levels.setdefault(str(level), []).append(record)
    lowest = found.after.level
    flows = found.retention.to_dict("records")
    matrix = [{str(k): plain_number(v) for k, v in row.items()} for row in flows]
    document(
        {
            "before": found.before.plan_id,
            "after": found.after.plan_id,
            "moved_blocks": found.moved_blocks,
            "moved_population": plain_number(found.moved_population),
            "kept_share": plain_number(found.kept),
            "cut_length_m": {"before": found.border_before_m, "after": found.border_after_m},
            "retention": matrix,
            "areas": levels.get(lowest, []),
            "above": [record for level in levels if level != lowest for record in levels[level]],
            "summary": words,
        }
    )
    return 0


def changes(options: argparse.Namespace, workspace: Workspace, actor: Actor, language: str) -> int:
    """Write what changes for families."""
    from sro_geo.actions.planning_changes import changes_as_bytes, family_changes
    from sro_geo.exchange.write import replace_file

    snapshot = workspace.snapshot()
    found = family_changes(snapshot, options.before, options.after)
    ending = options.file.suffix.lower().lstrip(".")
    replace_file(options.file, changes_as_bytes(snapshot, found, ending))
    moved = found.moved["population"].sum(skipna=False) if len(found.moved) else 0.0
    content = {
        "file": str(options.file),
        "team_changes": plain_number(float(moved)),
        "streets": int(found.streets["street"].nunique()),
        "offers": len(found.offers),
    }
    return answer(options, language, "changes", content)


def plain_number(value: Any) -> Any:
    """Return a value as JSON knows it: unknown is None."""
    from sro_geo.actions.asking import plain

    return plain(value)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"
