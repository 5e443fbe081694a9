"""The ledger: every table ever proposed, what became of it, and on which areas it stood."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from sro_geo.disclosure.rules import Cut, Rules
from sro_geo.disclosure.versions import Version
from sro_geo.errors import SroError

CASES = "cases"
CELL_COLUMNS = (
    "area_id",
    "level",
    "name",
    "help_type",
    "age_group",
    "place",
    "status",
    "count",
    "denominator",
)
RELEASED, SUPPRESSED, MISSING = "released", "suppressed", "missing"
_TEXTS = ("area_id", "level", "name", "help_type", "age_group", "place", "status")
_STATUS_AFTER = {"approved": "approved", "rejected": "rejected", "withdrawn": "withdrawn"}


@dataclass(frozen=True, eq=False)
class Release:
    """One table as it was proposed: what is hidden in it is nowhere in it.

    Parameters
    ----------
    subject
        ``cases``, or ``indicator:`` and the indicator's id.
    cells
        area_id, level, name, help_type (missing: the total), age_group, place, status,
        count (Int64, missing unless released), denominator.
    vintage
        Digest of the raw data the table was made from.
    help_types
        Helps that were recorded; the others are missing.
    small_areas
        Areas with fewer people than the rules ask for (a public fact).
    """

    release_id: str
    year: int
    counting_rule: str
    unit: str
    version: str
    cut: Cut
    rules: Rules
    cells: pd.DataFrame = field(repr=False)
    vintage: str
    proposed_at: str
    proposed_by: str
    reason: str = ""
    subject: str = CASES
    help_types: tuple[str, ...] = ()
    small_areas: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, int]:
        """What tables about the same numbers share: subject and year."""
        return self.subject, self.year

    def to_json(self) -> str:
        """Return the release as text; the same release gives the same text."""
        document = {
            "release_id": self.release_id,
            "subject": self.subject,
            "year": self.year,
            "counting_rule": self.counting_rule,
            "unit": self.unit,
            "version": self.version,
            "cut": self.cut.to_dict(),
            "rules": asdict(self.rules),
            "vintage": self.vintage,
            "proposed_at": self.proposed_at,
            "proposed_by": self.proposed_by,
            "reason": self.reason,
            "help_types": list(self.help_types),
            "small_areas": list(self.small_areas),
            "cells": {
                column: [None if pd.isna(v) else _plain(v) for v in self.cells[column]]
                for column in CELL_COLUMNS
            },
        }
        return json.dumps(document, ensure_ascii=False, sort_keys=True, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Release:
        """Return the release that :meth:`to_json` wrote.

        Raises ``SroError("ledger_damaged")`` for anything else.
        """
        try:
            held = json.loads(text)
            return cls(
                release_id=held["release_id"],
                year=int(held["year"]),
                counting_rule=held["counting_rule"],
                unit=held["unit"],
                version=held["version"],
                cut=Cut.from_dict(held["cut"]),
                rules=Rules(**held["rules"]),
                cells=cell_frame(held["cells"]),
                vintage=held["vintage"],
                proposed_at=held["proposed_at"],
                proposed_by=held["proposed_by"],
                reason=held["reason"],
                subject=held["subject"],
                help_types=tuple(held["help_types"]),
                small_areas=tuple(held["small_areas"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise SroError("ledger_damaged") from error

    def to_row(self) -> tuple[str, str, str]:
        """Return (release_id, JSON, time), as the ledger stores it."""
        return self.release_id, self.to_json(), self.proposed_at


@dataclass(frozen=True)
class Event:
    """What became of a release: ``approved``, ``rejected`` or ``withdrawn``."""

    release_id: str
    event: str
    at: str
    by: str
    note: str = ""

    def __post_init__(self) -> None:
        if self.event not in _STATUS_AFTER:
            raise ValueError(f"event: one of {', '.join(_STATUS_AFTER)}")

    def to_json(self) -> str:
        """Return the event as text."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Event:
        """Return the event that :meth:`to_json` wrote."""
        return cls(**json.loads(text))

    def to_row(self) -> tuple[str, str, str, str, str]:
        """Return (release_id, event, time, name, note), as the ledger stores it."""
        return self.release_id, self.event, self.at, self.by, self.note


@dataclass(frozen=True, eq=False)
class Ledger:
    """Everything ever proposed, in order; only ever added to."""

    releases: tuple[Release, ...] = ()
    events: tuple[Event, ...] = ()
    versions: Mapping[str, Version] = field(default_factory=dict)

    @classmethod
    def from_rows(
        cls,
        releases: Iterable[tuple[Any, ...]],
        events: Iterable[tuple[Any, ...]],
        versions: Iterable[tuple[Any, ...]],
    ) -> Ledger:
        """Return the ledger from its stored rows.

        Parameters
        ----------
        releases
            (release_id, JSON, time).
        events
            (number, release_id, event, time, name, note).
        versions
            (version, JSON).
        """
        held = [Release.from_json(row[1]) for row in releases]
        held.sort(key=lambda release: release.proposed_at)
        happened = [Event(*row[1:6]) for row in sorted(events, key=lambda row: int(row[0]))]
        return cls(
            tuple(held), tuple(happened), {row[0]: Version.from_json(row[1]) for row in versions}
        )

    def release(self, release_id: str) -> Release:
        """Return a release; raises ``SroError("release_unknown")``."""
        for release in self.releases:
            if release.release_id == release_id:
                return release
        raise SroError("release_unknown", release=release_id)

    def status(self, release_id: str) -> str:
        """Return ``proposed``, ``approved``, ``rejected`` or ``withdrawn``.

        Raises ``SroError("release_unknown")``.
        """
        self.release(release_id)
        status = "proposed"
        for event in self.events:
            if event.release_id == release_id:
                status = _STATUS_AFTER[event.event]
        return status

    def ever_released(self) -> tuple[Release, ...]:
        """Return what was approved once, in the order of approval, withdrawn or not.

        What people saw they may have kept.
        """
        approved = dict.fromkeys(e.release_id for e in self.events if e.event == "approved")
        return tuple(self.release(release_id) for release_id in approved)

    def current(self) -> tuple[Release, ...]:
        """Return what is approved and not withdrawn."""
        return tuple(r for r in self.ever_released() if self.status(r.release_id) == "approved")

    def adding(
        self,
        *,
        release: Release | None = None,
        event: Event | None = None,
        version: Version | None = None,
    ) -> Ledger:
        """Return the ledger with more in it."""
        known = dict(self.versions)
        if version is not None:
            known.setdefault(version.version, version)
        return Ledger(
            (*self.releases, release) if release is not None else self.releases,
            (*self.events, event) if event is not None else self.events,
            known,
        )


def approve(ledger: Ledger, release_id: str, *, by: str, at: str, note: str = "") -> Event:
    """Return the approval of a proposal by a second person.

    Nobody may count twice under another spelling: names are compared without regard to
    case, blanks and the way letters are encoded.

    Raises
    ------
    SroError
        ``release_unknown``, ``release_not_proposed``, ``release_name_missing``,
        ``release_same_person``.
    """
    release = ledger.release(release_id)
    status = ledger.status(release_id)
    if status != "proposed":
        raise SroError("release_not_proposed", release=release_id, status=status)
    if not person(by) or not person(release.proposed_by):
        raise SroError("release_name_missing")
    if person(by) == person(release.proposed_by):
        raise SroError("release_same_person", release=release_id)
    return Event(release_id, "approved", at, by, note)


def person(name: str) -> str:
    """Return a name as it is compared: signs that nobody sees do not make another person."""
    text = unicodedata.normalize("NFKC", name)
    seen = "".join(" " if c.isspace() else c for c in text if unicodedata.category(c) != "Cf")
    folded = unicodedata.normalize("NFKC", seen.casefold())
    return " ".join("".join(c for c in folded if unicodedata.category(c) != "Cc").split())


def cell_frame(columns: Mapping[str, Any]) -> pd.DataFrame:
    """Return cells in the columns and types of a release."""
    frame = pd.DataFrame({name: pd.Series(columns[name], dtype=object) for name in _TEXTS})
    frame = frame.where(frame.notna(), None)
    frame["count"] = pd.array(columns["count"], dtype="Int64")
    denominator = [np.nan if pd.isna(v) else v for v in columns["denominator"]]
    frame["denominator"] = np.array(denominator, dtype=float)
    return frame[list(CELL_COLUMNS)]


def _plain(value: Any) -> Any:
    if isinstance(value, np.integer):
        return int(value)
    return float(value) if isinstance(value, np.floating) else value
