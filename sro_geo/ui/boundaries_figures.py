"""What the last gesture did, what to look at, and the figures: old, new, difference."""

from __future__ import annotations

import math
from html import escape

import numpy as np
import pandas as pd
import streamlit as st
from babel.numbers import format_decimal

from sro_geo.actions.coverage import CoverageQuestion
from sro_geo.actions.planning_figures import (
    block_columns,
    ground_of,
    plan_figures,
    plan_warnings,
)
from sro_geo.actions.variants import load_plan
from sro_geo.actions.workspace import Snapshot
from sro_geo.i18n import describe, name_of
from sro_geo.plans import Plan, compare, touched
from sro_geo.plans.compactness import cut_length
from sro_geo.plans.figures import moved_blocks
from sro_geo.ui import session
from sro_geo.ui.boundaries_asked import question_row
from sro_geo.ui.boundaries_map import numbers
from sro_geo.ui.boundaries_state import desk
from sro_geo.ui.markup import as_written, tag, text

# Figures in the order they are read, with their decimals; shares are shown in per cent.
SHOWN: dict[str, int] = {
    "population": 0,
    "under_18": 0,
    "cases": 0,
    "offers": 0,
    "uncovered": 0,
    "area_km2": 2,
    "polsby_popper": 2,
    "reock": 2,
    "pieces": 0,
    "population_deviation": 0,
    "cut_length": 1,
}
_SHARES = frozenset({"population_deviation", "under_18_deviation"})
_MAIN = ("population", "under_18", "offers", "uncovered", "population_deviation")
_MOST_WARNINGS = 5


def said_last(snapshot: Snapshot, plan: Plan) -> None:
    """Say in one sentence what the last gesture did; a screen reader reads it out."""
    own = desk()
    words = session.tr("boundaries.nothing_yet")
    if own.last is not None and own.last[1].plan_id == plan.plan_id:
        words = sentence(snapshot, *own.last)
    elif plan.status != "draft":
        words = session.tr("boundaries.only_look")
    elif (moved := _moved_so_far(snapshot, plan)).any():
        people = float(block_columns(snapshot)["population"][moved].sum())
        words = session.tr(
            "boundaries.so_far",
            blocks=session.number(int(moved.sum())),
            people=session.number(people) if np.isfinite(people) else "–",
        )
    st.html(tag("p", text(words), class_="sro-finding sro-last", role="status"))


def _moved_so_far(snapshot: Snapshot, plan: Plan) -> np.ndarray:
    """Return a mask of the blocks that a variant gives to other spaces than those in force."""
    in_force = load_plan(snapshot)
    if in_force.block_set != plan.block_set:
        return np.zeros(len(plan.codes), dtype=bool)
    return moved_blocks(in_force, plan)


def sentence(snapshot: Snapshot, before: Plan, after: Plan, kind: str) -> str:
    """Return what a step did in plain words: how many blocks and people, from where to where."""
    tr = session.tr
    moved = np.flatnonzero(moved_blocks(before, after))
    lead = tr(f"boundaries.step_{kind}") + " " if kind in ("undo", "redo") else ""
    stayed = ""
    if after.left_out:
        stayed = " " + tr("boundaries.left_out", count=session.number(len(after.left_out)))
    if not moved.size:
        return lead + tr("boundaries.no_block") + stayed
    people = float(block_columns(snapshot)["population"][moved].sum())
    start = before.area_ids_of_blocks()[moved]
    end = after.area_ids_of_blocks()[moved]
    names = {a.area_id: a.name for a in (*before.areas, *after.areas)}
    ways = pd.DataFrame({"from": start, "to": end}, dtype=object).value_counts(dropna=False)
    said = [
        tr("boundaries.way", start=_name(a, names), end=_name(b, names)) for a, b in ways.index[:3]
    ]
    if len(ways) > 3:
        said.append(tr("boundaries.further_ways", count=len(ways) - 3))
    key = "boundaries.moved" if math.isfinite(people) else "boundaries.moved_blocks"
    if len(moved) == 1:
        key += "_one"
    counted = tr(key, blocks=session.number(len(moved)), persons=_whole(people))
    return lead + counted + " " + "; ".join(said) + "." + stayed


def _name(area: object, names: dict[str, str]) -> str:
    return names[area] if isinstance(area, str) else session.tr("boundaries.no_space")


def _whole(value: float) -> str:
    return session.number(value) if math.isfinite(value) else "–"


def figures_panel(snapshot: Snapshot, plan: Plan, base: Plan | None) -> None:
    """Show warnings, and the figures of what changed."""
    tr, own = session.tr, desk()
    _warnings(snapshot, plan)
    last = own.last if own.last is not None and own.last[1].plan_id == plan.plan_id else None
    options = ["all"]
    if base is not None:
        options.insert(0, "base")
    if last is not None:
        options.insert(0, "step")
    if st.session_state.get("boundaries_since") not in options:
        st.session_state["boundaries_since"] = options[0]
    since = st.segmented_control(
        tr("boundaries.since"),
        options,
        key="boundaries_since",
        required=True,
        format_func=lambda o: tr(f"boundaries.since_{o}"),
    )
    question = question_row(snapshot)
    if since == "all":
        st.html(overview(snapshot, plan, question=question))
        return
    before = last[0] if since == "step" and last is not None else base
    assert before is not None
    st.html(differences(snapshot, before, plan, question=question))


def _warnings(snapshot: Snapshot, plan: Plan) -> None:
    found = plan_warnings(snapshot, plan)
    if not found:
        return
    lines = [f"- {as_written(describe(f, session.language())[0])}" for f in found[:_MOST_WARNINGS]]
    rest = found[_MOST_WARNINGS:]
    if rest:
        with st.warning("\n".join(lines), icon=":material/info:"):
            pass
        with st.expander(session.tr("boundaries.more_warnings", count=len(rest))):
            st.write("\n".join(f"- {as_written(describe(f, session.language())[0])}" for f in rest))
    else:
        st.warning("\n".join(lines), icon=":material/info:")


def overview(snapshot: Snapshot, plan: Plan, *, question: CoverageQuestion | None = None) -> str:
    """Return all spaces with their main figures; ``question`` says who is not reached."""
    table = plan_figures(snapshot, plan, question=question).table()
    mark = numbers(plan)
    shown = [f for f in _MAIN if f in table]
    head = [session.tr("boundaries.space"), *(label(f) for f in shown)]
    rows = []
    for area_id, row in table[table["level"] == plan.level].iterrows():
        cells = "".join(f'<td class="num">{escape(figure(f, float(row[f])))}</td>' for f in shown)
        rows.append(
            f'<tr><th scope="row">{mark[str(area_id)]} {escape(str(row["name"]))}</th>{cells}</tr>'
        )
    return _table(session.tr("boundaries.all_spaces"), head, "".join(rows))


def differences(
    snapshot: Snapshot,
    before: Plan,
    after: Plan,
    *,
    with_shape: bool = False,
    question: CoverageQuestion | None = None,
) -> str:
    """Return old, new and difference of every figure of the spaces and regions touched.

    ``with_shape`` adds Reock to each space, and the length of all borders inside the city;
    ``question`` who reaches nothing.
    """
    tr = session.tr
    concerned = touched(before, after)
    if not concerned:
        return tag("p", text(tr("boundaries.same")))
    table = compare(
        plan_figures(snapshot, before, question=question, with_reock=with_shape),
        plan_figures(snapshot, after, question=question, with_reock=with_shape),
        concerned,
    )
    levels = [level for level in reversed(after.levels) if level != after.levels[0]]
    names = {
        level.level: name_of(level.names, session.language()) for level in snapshot.city.levels
    }
    body = [_whole_plan(snapshot, before, after)] if with_shape else []
    for level in levels or list(after.levels):
        for _, rows in table[table["level"] == level].groupby("area_id", sort=False):
            body.append(_area(rows, names[level], lowest=level == after.level))
    head = [
        tr("boundaries.figure"),
        *(tr(f"boundaries.{c}") for c in ("old", "new_value", "difference")),
    ]
    return _table(tr("boundaries.differences"), head, "".join(body))


def _whole_plan(snapshot: Snapshot, before: Plan, after: Plan) -> str:
    """Return what only a plan as a whole has: the kilometres of its borders, each once."""
    edges = ground_of(snapshot).edges
    old, new = (cut_length(plan.codes, edges) / 1000 for plan in (before, after))
    row = {"name": after.name, "figure": "cut_length", "before": old, "after": new}
    rows = pd.DataFrame([{**row, "difference": new - old, "estimated": False}])
    return _area(rows, session.tr("boundaries.whole_plan"), lowest=True)


def _area(rows: pd.DataFrame, level: str, *, lowest: bool) -> str:
    """Return the lines of one area; a region shows only what differs."""
    name = escape(str(rows["name"].iloc[0]))
    head = (
        f'<tr class="sro-area"><th colspan="4" scope="rowgroup">{name} '
        f"<span>{escape(level)}</span></th></tr>"
    )
    lines = []
    by_figure = {str(r["figure"]): r for r in rows.to_dict("records")}
    for wanted in SHOWN if lowest else _MAIN:
        row = by_figure.get(wanted)
        if row is None:
            continue
        old, new, difference = (float(row[c]) for c in ("before", "after", "difference"))
        same = math.isfinite(difference) and figure(wanted, difference) == figure(wanted, 0.0)
        if same and not lowest:
            continue
        shown = escape(label(wanted))
        if row["estimated"]:
            shown += f" <small>{escape(session.tr('boundaries.estimated'))}</small>"
        cells = (
            f'<td class="num">{escape(figure(wanted, old))}</td>'
            f'<td class="num"><strong>{escape(figure(wanted, new))}</strong></td>'
            f'<td class="{"num" if same else "num sro-changed"}">'
            f"{escape(signed(wanted, difference))}</td>"
        )
        lines.append(f'<tr><th scope="row">{shown}</th>{cells}</tr>')
    if not lines:
        same_words = escape(session.tr("boundaries.unchanged"))
        lines.append(f'<tr><td colspan="4">{same_words}</td></tr>')
    return "<tbody>" + head + "".join(lines) + "</tbody>"


def _table(caption: str, head: list[str], body: str) -> str:
    columns = "".join(
        f'<th scope="col" class="{"num" if k else ""}">{escape(h)}</th>' for k, h in enumerate(head)
    )
    body = body if body.startswith("<tbody>") else f"<tbody>{body}</tbody>"
    return (
        f'<div class="sro-scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table class="sro-table sro-plan"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{columns}</tr></thead>{body}</table></div>"
    )


def label(name: str) -> str:
    """Return the name of a figure."""
    return session.tr(f"boundaries.figure_{name}")


def figure(name: str, value: float) -> str:
    """Return a figure as it is written, a dash where it is not known."""
    if not math.isfinite(value):
        return "–"
    if name in _SHARES:
        return ("+" if round(100 * value) > 0 else "") + f"{_plain(100 * value, 0)} %"
    return _plain(value, SHOWN.get(name, 0))


def signed(name: str, value: float) -> str:
    """Return a difference with its sign, ±0 where there is none."""
    if not math.isfinite(value):
        return "–"
    words = figure(name, abs(value)).replace(" %", "").removeprefix("+")
    if words == figure(name, 0.0).replace(" %", ""):
        return "±0"
    return ("+" if value > 0 else "−") + words


def _plain(value: float, digits: int) -> str:
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    shown = round(value, digits) + 0.0  # no minus zero
    return str(format_decimal(shown, pattern, locale=session.language())).replace("-", "−")
