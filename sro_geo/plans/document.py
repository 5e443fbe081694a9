"""A variant as one compact document: what it draws, so that a gesture writes one row.

Codes are packed (zlib, base64) in the order of the blocks; everything else is plain JSON.
The gestures themselves lie in a log of their own; :class:`Log` says which of them hold.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sro_geo.errors import SroError
from sro_geo.plans.moves import MARKS, PlanArea
from sro_geo.plans.plan import UNASSIGNED, Plan, marks_of

FORM = 1
_LARGEST = 64 * 1024 * 1024
_MALFORMED = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    OverflowError,
    RecursionError,
    zlib.error,
)


@dataclass(frozen=True)
class Log:
    """Which rows of a plan's log hold.

    ``last`` is the number of the newest row; steps up to ``since`` were made on an earlier
    block version and cannot be taken back; ``redo`` are the rows that can be done again,
    the next one last. A gesture after a step back leaves the rows undone and empties it.
    """

    last: int = 0
    since: int = 0
    redo: tuple[int, ...] = ()


def to_document(plan: Plan, log: Log | None = None) -> str:
    """Return what a plan draws as one JSON document; its moves are not part of it."""
    log = log or Log()
    packed = zlib.compress(np.ascontiguousarray(plan.codes, "<i4").tobytes(), 9)
    content = {
        "form": FORM,
        "levels": plan.levels,
        "areas": [_row(area) for area in plan.areas],
        "above": [_row(area) for area in plan.above],
        "gone": sorted(plan.gone),
        "marks": {mark: values for mark, values in marks_of(plan).items() if values},
        "log": [log.last, log.since, log.redo],
        "count": len(plan.codes),
        "codes": base64.b64encode(packed).decode("ascii"),
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def from_document(
    text: str,
    plan_row: Mapping[Any, Any],
    block_ids: np.ndarray,
    fingerprint: str,
    *,
    index: pd.Index | None = None,
) -> tuple[Plan, Log]:
    """Return the plan a document draws, and its log.

    Parameters
    ----------
    plan_row
        Its row of ``plans``.
    block_ids, fingerprint
        The blocks in their order, and ``block_set_of`` them; ``index`` over the ids where
        there is one, to be shared.

    Raises
    ------
    SroError
        ``plan_unreadable``, or ``plan_other_blocks`` where it was drawn on other blocks.
    """
    name = str(plan_row["name"])
    try:
        content = json.loads(text)
        count = int(content["count"])
        areas = tuple(_area(row) for row in content["areas"])
        codes = _codes(content["codes"], count, len(areas))
        last, since, redo = content["log"]
        log = Log(int(last), int(since), tuple(int(n) for n in redo))
        marks = content["marks"]
        parts: dict[str, Any] = {
            "levels": tuple(str(level) for level in content["levels"]),
            "above": tuple(_area(row) for row in content["above"]),
            "gone": frozenset(str(area) for area in content["gone"]),
            **{mark: _mark(mark, marks[mark]) for mark in MARKS if mark in marks},
        }
    except _MALFORMED as why:
        raise SroError("plan_unreadable", plan=name) from why
    if plan_row["block_set"] != fingerprint or count != len(block_ids):
        raise SroError("plan_other_blocks", plan=name)
    for key in ("author", "reason"):
        parts[key] = value if isinstance(value := plan_row.get(key), str) else ""
    parent = plan_row.get("parent_plan_id")
    plan = Plan(
        plan_id=str(plan_row["plan_id"]),
        name=name,
        status=str(plan_row["status"]),
        parent_plan_id=parent if isinstance(parent, str) else None,
        block_set=fingerprint,
        block_ids=block_ids,
        codes=codes,
        areas=areas,
        index=index,
        **parts,
    )
    return plan, log


def _row(area: PlanArea) -> list[str | None]:
    return [area.area_id, area.level, area.name, area.parent_id]


def _area(row: Any) -> PlanArea:
    area_id, level, name, parent = row
    if parent is not None and not isinstance(parent, str):
        raise TypeError
    return PlanArea(str(area_id), str(level), str(name), parent)


def _mark(mark: str, values: Any) -> frozenset[Any]:
    if mark in ("bridges", "barriers"):
        return frozenset((str(a), str(b)) for a, b in values)
    return frozenset(str(value) for value in values)


def _codes(text: str, count: int, areas: int) -> np.ndarray:
    if not 0 <= count * 4 <= _LARGEST:
        raise ValueError
    # Never more than was promised: a small document must not unpack into a huge one.
    raw = zlib.decompressobj().decompress(base64.b64decode(text, validate=True), count * 4 + 1)
    codes = np.frombuffer(raw, "<i4").astype(np.int32)
    if len(codes) != count or (
        count and (int(codes.min()) < UNASSIGNED or int(codes.max()) >= areas)
    ):
        raise ValueError
    return codes
