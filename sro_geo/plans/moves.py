"""One gesture as the log keeps it: what changed, enough to do and to undo it exactly."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sro_geo.errors import SroError

MARKS = ("locked_areas", "locked_blocks", "bridges", "barriers")


@dataclass(frozen=True)
class PlanArea:
    """An area of a plan, of any level a plan draws."""

    area_id: str
    level: str
    name: str
    parent_id: str | None = None


@dataclass(frozen=True)
class Move:
    """One gesture: one step, one undo.

    ``blocks`` groups the changed blocks by the area they left and the one they entered
    (None: unassigned). ``areas`` holds new areas (None before) and changed ones, ``gone``
    those that were taken away, ``marks`` what was added to and removed from locks,
    bridges and barriers. Everything by id, so that a log can be read and kept.
    """

    kind: str
    blocks: tuple[tuple[str | None, str | None, tuple[str, ...]], ...] = ()
    areas: tuple[tuple[PlanArea | None, PlanArea], ...] = ()
    gone: tuple[PlanArea, ...] = ()
    marks: tuple[tuple[str, tuple[Any, ...], tuple[Any, ...]], ...] = ()

    @property
    def empty(self) -> bool:
        """True when nothing changed."""
        return not (self.blocks or self.areas or self.gone or self.marks)

    @property
    def block_count(self) -> int:
        """Number of blocks that changed."""
        return sum(len(blocks) for _, _, blocks in self.blocks)

    def to_json(self) -> str:
        """Return the move as one compact JSON document."""
        document: dict[str, Any] = {"kind": self.kind}
        if self.blocks:
            document["blocks"] = self.blocks
        if self.areas:
            document["areas"] = [[_row(old), _row(new)] for old, new in self.areas]
        if self.gone:
            document["gone"] = [_row(area) for area in self.gone]
        if self.marks:
            document["marks"] = self.marks
        return json.dumps(document, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Move:
        """Read what :meth:`to_json` wrote; raises ``SroError("move_unreadable")``."""
        try:
            document = json.loads(text)
            return cls(
                _text(document["kind"]),
                tuple((_maybe(a), _maybe(b), _texts(c)) for a, b, c in document.get("blocks", ())),
                tuple(
                    (None if old is None else _area(old), _area(new))
                    for old, new in document.get("areas", ())
                ),
                tuple(_area(row) for row in document.get("gone", ())),
                tuple(_mark(*mark) for mark in document.get("marks", ())),
            )
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise SroError("move_unreadable") from error


def _row(area: PlanArea | None) -> list[str | None] | None:
    return None if area is None else [area.area_id, area.level, area.name, area.parent_id]


def _area(row: Any) -> PlanArea:
    area_id, level, name, parent = row
    return PlanArea(_text(area_id), _text(level), _text(name), _maybe(parent))


def _mark(name: Any, added: Any, removed: Any) -> tuple[str, tuple[Any, ...], tuple[Any, ...]]:
    if name not in MARKS:
        raise ValueError(name)
    if name in ("locked_areas", "locked_blocks"):
        return name, _texts(added), _texts(removed)
    come, go = (tuple((_text(a), _text(b)) for a, b in pairs) for pairs in (added, removed))
    return name, come, go


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _maybe(value: Any) -> str | None:
    return None if value is None else _text(value)


def _texts(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list):
        raise TypeError
    return tuple(_text(value) for value in values)
