"""What changed in an entry, when, and by whom: in words, not in codes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from babel.dates import format_datetime

from sro_geo.actions.asking import plain
from sro_geo.actions.workspace import Snapshot
from sro_geo.i18n import date_in_words, name_of, t
from sro_geo.offers.directory import service_area_ids
from sro_geo.offers.hours import hours_in_words
from sro_geo.store import AuditEntry
from sro_geo.ui.markup import tag, text
from sro_geo.ui.offer_card import ZONE

_LISTED = 20
# Of an entry's columns those a reader knows from the card; codes and places stay out.
_SHOWN = [
    "name",
    "category",
    "provider_id",
    "description",
    "status",
    "schedule",
    "contact",
    "cost",
    "languages",
    "accessibility",
    "capacity",
    "age_min",
    "age_max",
    "target_group",
    "work_level",
    "kind",
    "reach_level",
    "low_threshold",
    "protected",
    "verified_on",
    "service_area",
    "source",
]


def history_html(entries: Sequence[AuditEntry], snapshot: Snapshot, language: str) -> str:
    """Return what changed and when as an HTML list, newest first, everything escaped."""
    items = []
    for entry in entries[:_LISTED]:
        moment = dt.datetime.fromisoformat(entry.at).astimezone(ZONE)
        when = format_datetime(moment, "short", locale=language)
        words = t(f"history.{_kind(entry)}", language)
        who = "" if _kind(entry) == "init" else f", {entry.actor}"
        changes = [
            f"{t(f'form.{column}', language)}: "
            f"{_value(column, entry.before.get(column), snapshot, language)} → "
            f"{_value(column, entry.after[column], snapshot, language)}"
            for column in _SHOWN
            if entry.before and column in entry.after
        ]
        detail = f" – {'; '.join(changes)}" if changes else ""
        items.append(tag("li", text(f"{when}{who}: {words}{detail}")))
    return f'<ul class="sro-history">{"".join(items)}</ul>'


def _kind(entry: AuditEntry) -> str:
    return "init" if entry.actor == "init" else entry.action.split()[0]


def _value(column: str, value: Any, snapshot: Snapshot, language: str) -> str:
    """Return a stored value as the card says it."""
    value = plain(value)
    if value is None or value == "":
        return "–"
    if isinstance(value, bool) or column in ("low_threshold", "protected"):
        return t("card.yes" if value else "card.no", language)
    if column in ("status", "work_level", "kind", "reach_level"):
        return t(f"choices.{column}.{value}", language)
    if column == "verified_on":
        return date_in_words(str(value), language)
    if column == "category":
        known = snapshot.city.categories.get(str(value))
        return name_of(known.names, language) if known else str(value)
    if column == "provider_id":
        rows = snapshot.tables["providers"]
        names = rows.loc[rows["provider_id"] == value, "name"]
        return str(names.iloc[0]) if len(names) else str(value)
    if column == "service_area":
        return ", ".join(snapshot.current.names.get(a, a) for a in service_area_ids(value))
    if column == "schedule":
        return ", ".join(hours_in_words(value, language))
    return str(value)
