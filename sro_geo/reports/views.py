"""What a slide shows: a kind of view and its settings, as they are stored and put on again.

A stored slide is a recipe and no frozen figure. Its settings are plain values with text ids;
no count, no name of a person and no address is among them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sro_geo.errors import SroError

#: What a view must say, by kind.
NEEDED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "page": ("name",),
        "profile": ("area_id",),
        "gaps": (),
        "gap": ("category", "age_group"),
        "offers": (),
        "coverage": ("category", "age_group"),
        "cases": (),
        "plan": ("plan_id",),
        "data": (),
        "own_words": (),
    }
)
KINDS = tuple(NEEDED)
LIMIT = 10_000


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
    return _text(_checked(view.kind, dict(view.settings)))


def read_view(kind: str, text: str) -> View:
    """Return the view of a kind and the JSON text of its settings.

    Raises
    ------
    SroError
        ``view_kind_unknown``; ``view_unreadable`` for what is no JSON object, lacks a setting,
        or holds one that no view of the kind has.
    """
    if kind not in KINDS:
        raise SroError("view_kind_unknown", kind=str(kind)[:80], known=", ".join(KINDS))
    try:
        if len(text) > LIMIT:
            raise ValueError("…")
        said = json.loads(text, parse_constant=_refused)
    except (ValueError, TypeError, RecursionError):
        raise SroError("view_unreadable", kind=kind, setting="JSON") from None
    return View(kind, _checked(kind, said))


def _refused(word: str) -> float:
    raise ValueError(word)


def _text(settings: Mapping[str, Any]) -> str:
    return json.dumps(
        settings, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )


def _checked(kind: str, settings: object) -> dict[str, Any]:
    if kind not in KINDS:
        raise SroError("view_kind_unknown", kind=str(kind)[:80], known=", ".join(KINDS))
    if not isinstance(settings, dict) or not all(isinstance(key, str) for key in settings):
        raise SroError("view_unreadable", kind=kind, setting="JSON")
    for key in NEEDED[kind]:
        if settings.get(key) in (None, ""):
            raise SroError("view_unreadable", kind=kind, setting=key)
    for key, value in settings.items():
        if not _plain(value):
            raise SroError("view_unreadable", kind=kind, setting=key[:80])
    return settings


def _plain(value: object) -> bool:
    """Whether a setting is text, a number, yes or no, nothing, or a list of these."""
    if isinstance(value, (list, tuple)):
        return all(not isinstance(item, (list, tuple)) and _plain(item) for item in value)
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, str):
        return not any("\ud800" <= letter <= "\udfff" for letter in value)
    return value is None or isinstance(value, (int, bool))
