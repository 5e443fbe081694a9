"""What a visitor draws in, what the last gesture did, and how gestures become steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pyproj
import shapely
import streamlit as st

from sro_geo.actions import planning
from sro_geo.actions.planning_figures import Ground, ground_of
from sro_geo.actions.variants import load_plan
from sro_geo.actions.workspace import Snapshot
from sro_geo.errors import SroError
from sro_geo.plans import UNASSIGNED, Plan, gestures
from sro_geo.plans.lines import shift_border, split
from sro_geo.ui import session
from sro_geo.ui.boundary_editor import Gesture, Message

_DESK = "boundaries_desk"
_SAMPLES = 400
NEW, NONE, ANY = "+", "", "*"


@dataclass
class Desk:
    """The state of one visitor.

    ``shown`` is the drawing the page was made of, ``last`` the plans before and after the
    last step with its kind; ``ack`` and ``held`` what the browser told last and holds now;
    ``unsaved`` a drawing that could not be saved because somebody else was faster.
    """

    plan_id: str = ""
    shown: Plan | None = None
    last: tuple[Plan, Plan, str] | None = None
    ack: int = 0
    held: int | None = None
    aim: str = ""
    unsaved: Plan | None = None


def desk() -> Desk:
    """Return the desk of this visitor."""
    held: Desk = st.session_state.setdefault(_DESK, Desk())
    return held


def put_on_desk(plan: Plan) -> Desk:
    """Note which plan is shown now; what belonged to another one, or
    to blocks that were cut since, goes.
    """
    own = desk()
    cut = own.shown is not None and own.shown.block_set != plan.block_set
    if own.plan_id != plan.plan_id or cut:
        st.session_state[_DESK] = own = Desk(plan.plan_id, ack=own.ack)
    own.shown = plan
    return own


def take(message: Message) -> None:
    """Do what the browser tells; the page then runs with what became of it."""
    own = desk()
    if (
        message.seq <= own.ack
        and message.plan == own.plan_id
        and message.gestures[0].kind != "codes"
    ):
        return  # told twice
    own.ack, own.held = message.seq, message.sum
    if message.plan != own.plan_id:
        own.held = None
        return
    for gesture in message.gestures:
        if gesture.kind == "codes":
            own.held = None
        elif gesture.kind in ("undo", "redo"):
            step_back(again=gesture.kind == "redo")
        elif not draw(partial(drawn, session.snapshot(), gesture), gesture.kind):
            break


def draw(make: Callable[[Plan], Plan], kind: str) -> bool:
    """Make one step of the shown plan and save it; a refusal is left for the page."""
    own = desk()
    before = own.shown
    if before is None:
        return False
    after = before
    try:
        after = make(before)
        if after.moves == before.moves:
            own.last = (before, after, kind)
            return True
        stored = planning.save(session.workspace(), before, after, actor=session.actor())
    except SroError as error:
        if error.code == "variant_saved_meanwhile":
            own.unsaved = after
        session.refuse(error)
        return False
    fresh = [a for a in after.standing if a.area_id not in {b.area_id for b in before.standing}]
    own.aim = fresh[0].area_id if fresh else ""
    own.last = (before, after, kind)
    own.shown = stored
    return True


def on_draw(make: Callable[[Plan], Plan], kind: str) -> None:
    """Make one step because a button was pressed."""
    draw(make, kind)


def step_back(*, again: bool = False) -> None:
    """Take the last step back, or do it again."""
    own = desk()
    before = own.shown
    if before is None:
        return
    try:
        make = planning.redo if again else planning.undo
        own.shown = make(session.workspace(), own.plan_id, actor=session.actor())
    except SroError as error:
        session.refuse(error)
        return
    own.last = (before, own.shown, "redo" if again else "undo")


def keep_unsaved(name: str) -> str | None:
    """Keep a drawing somebody else was faster than as a variant of its own; return its id."""
    own = desk()
    if own.unsaved is None:
        return None
    try:
        made = planning.new_plan(session.workspace(), name, own.unsaved, actor=session.actor())
    except SroError as error:
        session.refuse(error)
        return None
    own.unsaved = None
    return made


def drawn(snapshot: Snapshot, gesture: Gesture, plan: Plan) -> Plan:
    """Return the plan after a gesture with blocks or a line."""
    if gesture.kind == "line":
        return _along_line(snapshot, plan, gesture)
    blocks = gesture.blocks if gesture.blocks is not None else np.empty(0, np.int64)
    if gesture.to == NEW:
        return with_new_area(plan, blocks)
    return gestures.paint(plan, blocks, gesture.to or None, kind=gesture.kind)


def with_new_area(plan: Plan, blocks: np.ndarray, name: str = "") -> Plan:
    """Return the plan with one more space made of blocks, in the region most of them are in."""
    origin = np.bincount(plan.codes[blocks] + 1, minlength=1)
    parent = plan.areas[int(np.argmax(origin)) - 1].parent_id if origin[1:].any() else None
    if parent is None and len(plan.levels) > 1:
        parent = next((a.area_id for a in plan.standing_above if a.level == plan.levels[-2]), None)
    return gestures.create_area(
        plan,
        gestures.next_area_id(plan),
        name or free_name(plan, session.tr("boundaries.new_space")),
        parent_id=parent,
        blocks=blocks,
    )


def free_name(plan: Plan, wanted: str) -> str:
    """Return a name no space of the plan has, numbered from 2 where it is taken."""
    taken = {a.name.casefold() for a in plan.standing}
    name, number = wanted, 1
    while name.casefold() in taken:
        number += 1
        name = f"{wanted} {number}"
    return name


def _along_line(snapshot: Snapshot, plan: Plan, gesture: Gesture) -> Plan:
    lat, lon = np.array(gesture.line).T
    into = pyproj.Transformer.from_crs(4326, snapshot.city.crs, always_xy=True)
    line = shapely.LineString(np.column_stack(into.transform(lon, lat)))
    return by_line(plan, ground_of(snapshot), line, gesture.source, gesture.to)


def by_line(plan: Plan, ground: Ground, line: shapely.Geometry, source: str, to: str) -> Plan:
    """Divide a space by a line (``to`` is "+"), or lay the border of two on it.

    Where it is not said which one, it is the space most of the line runs through.
    """
    if source in (ANY, NONE):
        met = codes_along(plan, ground, line)
        if to not in (NEW, NONE):
            met = met[met != plan.code(to)]
        if not met.size:
            raise SroError("line_outside")
        source = plan.areas[int(np.bincount(met).argmax())].area_id
    if to == NEW:
        area = plan.area(source)
        return split(
            plan,
            source,
            line,
            ground.geometry,
            new_id=gestures.next_area_id(plan),
            name=free_name(plan, area.name),
            points=ground.points,
        )
    if to == NONE:
        raise SroError("line_needs_target")
    return shift_border(plan, source, to, line, ground.geometry, points=ground.points)


def codes_along(plan: Plan, ground: Ground, line: shapely.Geometry) -> np.ndarray:
    """Return the spaces met on the way along a line, at even distances."""
    spots = shapely.line_interpolate_point(line, np.linspace(0, 1, _SAMPLES), normalized=True)
    _, blocks = shapely.STRtree(ground.geometry).query(spots, predicate="intersects")
    met: np.ndarray = plan.codes[blocks]
    assigned: np.ndarray = met[met != UNASSIGNED]
    return assigned


def plan_to_show(snapshot: Snapshot, plan_id: str) -> Plan:
    """Return the stored plan and note that it is shown."""
    plan = load_plan(snapshot, plan_id)
    put_on_desk(plan)
    return plan
