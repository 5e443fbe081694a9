"""Nobody is found: an attacker who keeps everything ever released, and knows the rules.

The attacker below is written anew: blocks × helps × ages × places of help as whole numbers,
every published cell as an equation read from the table and the list of blocks, scipy's
solver. It shares no line with the gate.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import product
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, event, given, settings
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from sro_geo.disclosure import Cut, Release
from tests.disclosure.towns import BANDS, PLACES, TYPES, Case, Town, four_spaces

GROUPS = {
    "total_without_28": set(TYPES) - {"42", "8a", "28"},
    "counselling": {"28"},
    "outpatient": {"29", "30", "31"},
    "part_residential": {"32"},
    "residential": {"33", "34"},
    "individual": {"27(2)", "35"},
    "integration": {"35a"},
    "young_adults": {"41"},
    "protection": {"42", "8a"},
}
MINORS = {"42", "8a"}
AGE_GROUPS = {"under_18": (0, 17), "0-5": (0, 5), "6-17": (6, 17), "18-20": (18, 20)}
WIDE = 5


class Attacker:
    """Knows the released tables of one year, the borders, the people and the rules."""

    def __init__(self, town: Town, releases: list[Release]) -> None:
        self.town = town
        self.releases = releases
        self.blocks = list(town.people)
        self.members = {name: town.version(name).members.to_dict() for name in town.spaces}
        self.divided = any(release.cut.by_place for release in releases)
        self.aged = any(release.cut.ages for release in releases)
        places = PLACES if self.divided else (None,)
        bands = BANDS if self.aged else (None,)
        self.atoms = list(product(self.blocks, TYPES, bands, places))
        self.most = np.array([self.people(*atom[:3]) for atom in self.atoms])
        rows, low, high = [], [], []
        self.hidden: list[tuple[str, np.ndarray]] = []
        for release in releases:
            for cell in release.cells.to_dict("records"):
                if cell["status"] == "missing":
                    continue
                row = self.row(release, cell)
                rows.append(row)
                if cell["status"] == "released":
                    low.append(int(cell["count"]))
                    high.append(int(cell["count"]))
                else:
                    low.append(self.least(release, cell))
                    high.append(np.inf)
                    inhabited = self.most[row > 0].sum() > 0
                    if inhabited:
                        self.hidden.append((f"{release.release_id} {cell['area_id']}", row))
        self.statements = LinearConstraint(csr_array(np.array(rows)), low, high)

    def people(self, block: str, help_type: str, band: Any) -> int:
        """Count who may get a help by law: the band's people as far as they may."""
        total = 0
        for (first, last), number in zip(BANDS, self.town.people[block], strict=True):
            if band not in (None, (first, last)) or first > 26:
                continue
            if help_type in MINORS and first >= 18:
                continue
            if help_type == "41" and last is not None and last < 18:
                continue
            total += number
        return total

    def blocks_of(self, version: str, level: str, area: str) -> set[str]:
        """Look an area up in the list of blocks."""
        members = self.members[version][level]
        return {block for block, label in members.items() if label == area}

    def row(self, release: Release, cell: dict[str, Any]) -> np.ndarray:
        """Write a cell as a sum of atoms."""
        blocks = self.blocks_of(release.version, cell["level"], cell["area_id"])
        return self.sum(blocks, cell["help_type"], cell["age_group"], cell["place"])

    def sum(self, blocks: set[str], code: Any, age: Any, place: Any) -> np.ndarray:
        """Write a sum over blocks, helps, ages and places of help."""
        whole = code is None or pd.isna(code)
        helps = set(TYPES) - MINORS if whole else GROUPS.get(code, {code})
        ages = None if age is None or pd.isna(age) else AGE_GROUPS[age]
        spot = None if place is None or pd.isna(place) else place
        return np.array(
            [
                block in blocks
                and help_type in helps
                and (ages is None or (ages[0] <= band[0] and (band[1] or 99) <= ages[1]))
                and (spot is None or spot == where)
                for block, help_type, band, where in self.atoms
            ],
            dtype=float,
        )

    def least(self, release: Release, cell: dict[str, Any]) -> int:
        """Read off the rules how small a hidden cell can be."""
        blocks = self.blocks_of(release.version, cell["level"], cell["area_id"])
        population = sum(sum(self.town.people[b]) for b in blocks)
        rules = release.rules
        small = cell["denominator"] < rules.min_denominator or population < rules.min_population
        return 0 if small or not pd.isna(cell["place"]) else 1

    def truth(self, year: int) -> np.ndarray:
        """Return the atoms as they are, which the attacker does not know."""
        at = {atom: i for i, atom in enumerate(self.atoms)}
        out = np.zeros(len(self.atoms))
        for case in self.town.cases[year]:
            band = case.ages if self.aged else None
            where = case.place if self.divided else None
            out[at[case.block, case.help_type, band, where]] += case.number
        return out

    def found(self, targets: list[tuple[str, np.ndarray]], year: int) -> list[str]:
        """Return the targets whose interval is narrower than it must be."""
        if not targets:
            return []
        matrix = np.array([row for _, row in targets])
        values = matrix @ self.truth(year)
        low, high = values.copy(), values.copy()
        out = []
        for i, (name, row) in enumerate(targets):
            for sign in (-1, 1):
                if high[i] - low[i] >= WIDE:
                    break
                world = self.extreme(sign * row)
                seen = matrix @ world
                low, high = np.minimum(low, seen), np.maximum(high, seen)
            if high[i] - low[i] < WIDE:
                out.append(f"{name}: {low[i]:.0f} to {high[i]:.0f}")
        return out

    def extreme(self, direction: np.ndarray) -> np.ndarray:
        """Return the possible world in which a sum is smallest, in whole numbers."""
        answer = milp(
            direction,
            constraints=self.statements,
            bounds=Bounds(0, self.most),
            integrality=np.ones(len(self.atoms)),
            options={"mip_rel_gap": 0},
        )
        assert answer.x is not None, "the tables contradict one another"
        return np.asarray(np.rint(answer.x))

    def between(self, year: int) -> list[tuple[str, np.ndarray]]:
        """Return what lies between borders and holds one to four."""
        areas = {
            (release.version, level, area): frozenset(self.blocks_of(release.version, level, area))
            for release in self.releases
            for level in release.cut.levels
            for area in set(self.members[release.version][level].values())
        }
        versions = {version for version, _, _ in areas}
        pieces: set[frozenset[str]] = set()
        for (one, a), (other, b) in product(areas.items(), repeat=2):
            if one[0] != other[0] and a & b:
                pieces |= {a & b, a - b}
        pieces -= {frozenset(), *areas.values()}
        truth = self.truth(year)
        out = []
        for piece in pieces if len(versions) > 1 else ():
            for code in dict.fromkeys(c for r in self.releases for c in r.cut.types):
                row = self.sum(set(piece), code, None, None)
                if 1 <= row @ truth <= 4:
                    out.append((f"{sorted(piece)} {code}", row))
        return out


CUTS = st.builds(
    Cut,
    st.sampled_from(
        [
            ("city", "region", "social_space"),
            ("city", "region", "social_space", "district"),
            ("city", "region"),
            ("social_space",),
        ]
    ),
    st.sampled_from(["none", "group", "help_type"]),
    st.sampled_from([(), (), ("under_18",), ("0-5", "6-17"), ("under_18", "18-20")]),
    st.sampled_from([False, False, True]),
)


@st.composite
def towns(draw: st.DrawFn) -> tuple[Town, list[tuple[int, str, Cut]], bool]:
    """Draw a town, its cases, and one to three tables of it."""
    blocks = [f"b{i}" for i in range(draw(st.integers(3, 8)))]
    many = draw(st.integers(1, 4))
    spaces = {b: f"s{draw(st.integers(0, many - 1))}" for b in blocks}
    regions = {f"s{i}": f"r{draw(st.integers(0, 1))}" for i in range(many)}
    districts = {b: f"d{draw(st.integers(0, 2))}" for b in blocks}
    moved = {
        b: f"s{draw(st.integers(0, many - 1))}" if draw(st.integers(0, 3)) == 0 else spaces[b]
        for b in blocks
    }
    sizes = st.sampled_from([(90, 160, 100, 60, 300)] * 6 + [(15, 25, 10, 20, 40), (0,) * 5])
    people = {b: draw(sizes) for b in blocks}
    homes = [b for b in blocks if people[b][0]]
    cases: dict[int, list[Case]] = {}
    for year in (2021, 2022):
        cases[year] = []
        for _ in range(draw(st.integers(4, 24)) if homes else 0):
            help_type = draw(st.sampled_from(TYPES))
            bands = {"41": BANDS[2:4], "8a": BANDS[:2]}.get(help_type, BANDS[:3])
            ages = draw(st.sampled_from(bands))
            number = draw(st.sampled_from([1, 1, 1, 2, 3, 5, 7]))
            place = draw(st.sampled_from(PLACES))
            # No more than the smallest block has of any age, so that nobody is helped twice.
            held = sum(c.number for c in cases[year] if c.block in homes)
            block = draw(st.sampled_from(homes))
            if held < 60 and (people[block][0] > 20 or number < 3):
                cases[year].append(Case(block, help_type, ages, place, number))  # type: ignore[arg-type]
    for year, listed in cases.items():
        small = {b for b in homes if people[b][0] <= 20}
        kept = [c for i, c in enumerate(listed) if c.block not in small or i < 4]
        cases[year] = kept
    town = Town({"v1": spaces, "v2": moved}, regions, people, districts, cases)
    steps = draw(
        st.lists(
            st.tuples(st.sampled_from([2021, 2021, 2022]), st.sampled_from(["v1", "v2"]), CUTS),
            min_size=1,
            max_size=3,
        )
    )
    return town, steps, draw(st.booleans())


def publish(town: Town, steps: Iterable[tuple[int, str, Cut]], together: bool) -> None:
    """Put tables through the gate; ``together``: all are proposed before any is approved."""
    waiting = []
    for year, version, cut in steps:
        made = town.drafted(year, version, cut)
        if made.violations:
            event(f"kept inside: {made.violations[0].code}")
            continue
        waiting.append(town.proposed(made))
        if not together:
            assert town.approved(waiting.pop()), "a fresh draft must be approved"
    for release_id in waiting:
        event(f"approved later: {town.approved(release_id)}")


def nothing_is_found(example: tuple[Town, list[tuple[int, str, Cut]], bool]) -> None:
    """Publish, check each published number, and attack each year."""
    town, steps, together = example
    publish(town, steps, together)
    released = town.ledger.ever_released()
    event(f"released: {len(released)}")
    for year in {release.year for release in released}:
        tables = [release for release in released if release.year == year]
        attacker = Attacker(town, tables)
        truth = attacker.truth(year)
        for release in tables:
            for cell in release.cells.to_dict("records"):
                if cell["status"] == "released":
                    assert cell["count"] == attacker.row(release, cell) @ truth
                    assert cell["count"] == 0 or cell["count"] >= 5
                else:
                    assert pd.isna(cell["count"])
        event(f"hidden: {min(len(attacker.hidden) // 10 * 10, 50)}+")
        assert attacker.found(attacker.hidden, year) == []
        assert attacker.found(attacker.between(year), year) == []


def test_the_attacker_finds_what_is_hidden_alone() -> None:
    """A town where only the small numbers are hidden is read like an open book."""
    town = four_spaces()
    town.cases[2021] = [Case(f"b{i}", "28", (6, 17), "city", 9) for i in range(8)]
    cut = Cut(("city", "region", "social_space"))
    made = town.drafted(2021, "v1", cut)
    cells = made.release.cells
    assert (cells["status"] == "suppressed").sum() == 0
    alone = cells["area_id"] == "s1"
    cells = cells.assign(
        status=cells["status"].mask(alone, "suppressed"), count=cells["count"].mask(alone)
    )
    attacker = Attacker(town, [replace(made.release, cells=cells)])
    assert attacker.found(attacker.hidden, 2021) == ["r0 s1: 18 to 18"]


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(towns())
def test_no_number_is_found_in_anything_released(example: Any) -> None:
    """Each hidden number keeps an interval of 5 or more, over all tables, years and borders."""
    nothing_is_found(example)


@pytest.mark.long
@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(towns())
def test_no_number_is_found_in_many_more_towns(example: Any) -> None:
    """The same for five hundred towns."""
    nothing_is_found(example)
