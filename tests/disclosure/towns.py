"""Small towns with few cases, and their way through the gate: nothing of the gate in the making."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from sro_geo.cases import Counts
from sro_geo.disclosure import (
    Cut,
    Draft,
    Ledger,
    Rules,
    Version,
    approve,
    draft,
    recheck,
)

LEVELS = ("city", "region", "social_space", "district")
BANDS = ((0, 5), (6, 17), (18, 20), (21, 26), (27, None))
TYPES = ("28", "31", "34", "41", "8a")
PLACES = ("social_space", "region", "city", "outside", "unknown")


@dataclass(frozen=True)
class Case:
    """So many cases of one kind in one block."""

    block: str
    help_type: str
    ages: tuple[int, int]
    place: str
    number: int


@dataclass
class Town:
    """Blocks with people, borders by version, cases by year, and the ledger so far."""

    spaces: Mapping[str, Mapping[str, str]]
    regions: Mapping[str, str]
    people: Mapping[str, Sequence[int]]
    districts: Mapping[str, str] = field(default_factory=dict)
    cases: dict[int, list[Case]] = field(default_factory=dict)
    help_types: tuple[str, ...] = TYPES
    ledger: Ledger = field(default_factory=Ledger)
    rules: Rules = field(default_factory=Rules)

    def version(self, name: str) -> Version:
        """Return the borders of a version."""
        members = pd.DataFrame(
            {
                "city": "town",
                "region": {b: self.regions[s] for b, s in self.spaces[name].items()},
                "social_space": dict(self.spaces[name]),
            },
            dtype=object,
        )
        if self.districts:
            members["district"] = pd.Series(dict(self.districts), dtype=object)
        members.index.name = "block_id"
        areas = {a for level in members for a in members[level]}
        return Version(name, members, {}, {a: f"Name of {a}" for a in areas})

    @property
    def persons(self) -> pd.DataFrame:
        """Return persons by block and band."""
        rows = [
            (block, *band, number)
            for block, numbers in self.people.items()
            for band, number in zip(BANDS, numbers, strict=True)
        ]
        frame = pd.DataFrame(rows, columns=["block_id", "age_from", "age_to", "persons"])
        return frame.assign(age_to=frame["age_to"].astype("Int64"))

    def counts(self, year: int) -> Counts:
        """Return the raw counts of a year."""
        rows = [
            (c.block, "block", c.help_type, *c.ages, c.place, c.number) for c in self.cases[year]
        ]
        columns = [
            "place_id",
            "place_kind",
            "help_type",
            "age_from",
            "age_to",
            "place_of_help",
            "case_count",
        ]
        frame = pd.DataFrame(rows, columns=columns)
        frame["age_to"] = frame["age_to"].astype("Int64")
        return Counts(year, "stock", "cases", frame, self.help_types)

    def drafted(self, year: int, version: str, cut: Cut, **changes: Any) -> Draft:
        """Put a table through the gate; nothing is kept."""
        number = len(self.ledger.releases)
        return draft(
            changes.pop("counts", None) or self.counts(year),
            self.version(version),
            self.persons,
            cut,
            self.rules,
            self.ledger,
            release_id=f"r{number}",
            at=f"2026-01-{number + 1:02}",
            by="Anna",
            **changes,
        )

    def proposed(self, made: Draft) -> str:
        """Write a draft into the ledger."""
        version = self.version(made.release.version)
        self.ledger = self.ledger.adding(release=made.release, version=version)
        return made.release.release_id

    def approved(self, release_id: str) -> bool:
        """Approve a proposal as somebody else, if nothing stands against it now."""
        release = self.ledger.release(release_id)
        if recheck(release, self.counts(release.year), self.persons, self.ledger):
            return False
        event = approve(self.ledger, release_id, by="Bert", at="2026-02-01")
        self.ledger = self.ledger.adding(event=event)
        return True

    def released(self, year: int, version: str, cut: Cut, **changes: Any) -> Draft:
        """Propose and approve a table; it must go through."""
        made = self.drafted(year, version, cut, **changes)
        assert made.violations == ()
        assert self.approved(self.proposed(made))
        return made


def four_spaces(**changes: Any) -> Town:
    """Return a town of two regions with two spaces of two blocks each, all of them large."""
    blocks = [f"b{i}" for i in range(8)]
    town = Town(
        spaces={"v1": {b: f"s{i // 2}" for i, b in enumerate(blocks)}},
        regions={f"s{i}": f"r{i // 2}" for i in range(4)},
        people=dict.fromkeys(blocks, (100, 200, 120, 80, 400)),
        cases={2021: []},
    )
    return replace(town, **changes)
