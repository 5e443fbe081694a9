"""What a slide shows: a kind of view and its settings, as they are stored and put on again.

A stored slide is a recipe and no frozen figure. Its settings are plain values with text ids;
no count, no name of a person and no address is among them: what a page was asked about one
family's street is not carried into a presentation.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sro_geo.errors import SroError

TEXT, NUMBER, FLAG, LIST, ROWS = "text", "number", "flag", "list", "rows"
_WHAT_IF = {"off": LIST, "added": ROWS, "capacity": ROWS, "schedule": ROWS, "moved": ROWS}

#: The settings of each kind of view. A list holds ids, rows are lists of values; whatever is
#: not said, or null, does not restrict.
SETTINGS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        # One of templates.PAGES.
        "page": {"name": TEXT},
        "profile": {"area_id": TEXT},
        "gaps": {"age_group": TEXT},
        "gap": {"category": TEXT, "age_group": TEXT, "mode": TEXT},
        # As offers.OfferFilter, without the place somebody asked from.
        "offers": {
            "text": TEXT, "categories": LIST, "groups": LIST, "age": NUMBER, "area_id": TEXT,
            "work_level": TEXT, "low_threshold": FLAG, "freshness": TEXT, "statuses": LIST,
            "level": TEXT,
        },
        # As coverage.CoverageQuestion with its what-if; ``when`` is a key of MOMENTS.
        "coverage": {
            "category": TEXT, "age_group": TEXT, "mode": TEXT, "minutes": NUMBER,
            "level": TEXT, "plan_id": TEXT, "method": TEXT, "when": TEXT, "text": TEXT,
            "low_threshold": FLAG, "work_level": TEXT, "total": NUMBER, **_WHAT_IF,
        },
        # ``show`` is one of SHOWS; without a year it is the newest released.
        "cases": {
            "year": NUMBER, "level": TEXT, "help_type": TEXT, "age_group": TEXT, "show": TEXT,
            "per": NUMBER, "version": TEXT, "area_id": TEXT,
        },
        # ``against``: the plan it stands beside, today's without.
        "plan": {"plan_id": TEXT, "against": TEXT},
        "data": {},
        "own_words": {},
    }
)  # fmt: skip
KINDS = tuple(SETTINGS)
#: What a view of cases may show.
SHOWS = ("rates", "circles", "years", "change", "places")
_NEEDED = MappingProxyType(
    {
        "page": ("name",),
        "profile": ("area_id",),
        "gap": ("category", "age_group"),
        "coverage": ("category", "age_group"),
        "plan": ("plan_id",),
    }
)
_LIMIT, _LONGEST = 20_000, 500


@dataclass(frozen=True)
class View:
    """A kind of view and its settings: plain JSON values, ids as text."""

    kind: str
    settings: Mapping[str, Any] = field(default_factory=dict)


def view_text(view: View) -> str:
    """Return the settings as canonical JSON: the same settings are the same text.

    Raises
    ------
    SroError
        ``view_kind_unknown``, ``view_unreadable`` as :func:`read_view` does.
    """
    said = {key: value for key, value in view.settings.items() if value is not None}
    text = json.dumps(
        _checked(view.kind, said), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    if len(text) > _LIMIT:
        raise SroError("view_unreadable", kind=view.kind, setting="JSON")
    return text


def read_view(kind: str, text: str) -> View:
    """Return the view of a kind and the JSON text of its settings.

    Raises
    ------
    SroError
        ``view_kind_unknown``; ``view_unreadable`` for what is no JSON object, lacks a setting,
        or holds one that the kind does not have or of another type.
    """
    try:
        if len(text) > _LIMIT:
            raise ValueError("…")
        said = json.loads(text, parse_constant=_refused)
    except (ValueError, TypeError, RecursionError):
        said = None
    return View(kind, _checked(kind, said))


def _refused(word: str) -> float:
    raise ValueError(word)


def _checked(kind: str, settings: object) -> dict[str, Any]:
    if kind not in SETTINGS:
        raise SroError("view_kind_unknown", kind=str(kind)[:80], known=", ".join(KINDS))
    if not isinstance(settings, dict):
        raise SroError("view_unreadable", kind=kind, setting="JSON")
    for key, value in settings.items():
        wanted = SETTINGS[kind].get(key)
        if wanted is None or not (value is None or _fits(value, wanted)):
            raise SroError("view_unreadable", kind=kind, setting=_shown(key))
    for key in _NEEDED.get(kind, ()):
        if settings.get(key) in (None, ""):
            raise SroError("view_unreadable", kind=kind, setting=key)
    return settings


def _fits(value: object, wanted: str) -> bool:
    if wanted == TEXT:
        return _is_text(value)
    if wanted == NUMBER:
        return _is_number(value)
    if wanted == FLAG:
        return isinstance(value, bool)
    if not isinstance(value, (list, tuple)):
        return False
    if wanted == LIST:
        return all(map(_is_text, value))
    return all(
        isinstance(row, (list, tuple)) and all(_is_text(v) or _is_number(v) for v in row)
        for row in value
    )


def _is_text(value: object) -> bool:
    if not isinstance(value, str) or len(value) > _LONGEST:
        return False
    # Halves of surrogate pairs cannot be stored.
    return not any("\ud800" <= letter <= "\udfff" for letter in value)


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return abs(value) < 1e15 and math.isfinite(value)


def _shown(key: object) -> str:
    return str(key)[:80].encode("utf-8", "replace").decode()
