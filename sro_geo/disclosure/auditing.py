"""The audit: attack everything ever released, knowing the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from sro_geo.cases import Counts
from sro_geo.disclosure.cells import Told, places_only, universe
from sro_geo.disclosure.gate import found_out, keyed, unique
from sro_geo.disclosure.ledger import CASES, SUPPRESSED, Ledger, Release
from sro_geo.disclosure.protecting import Facts, signs, widths
from sro_geo.disclosure.reading import Violation, held_against, read, standing, watched
from sro_geo.errors import SroError

# The width most intervals have at least
_USUAL = 5


@dataclass(frozen=True)
class Audit:
    """What an attacker finds who has read everything ever released.

    Parameters
    ----------
    releases
        How many tables were ever released, withdrawn ones too.
    cells_hidden
        How many of their cells are hidden.
    narrowest_interval
        The width of the narrowest interval of a hidden cell, exactly; None where nothing is
        hidden. Cells that hold fewer people than the rules ask for width are left out:
        there the population alone says as much, and a violation is said all the same.
    """

    releases: int
    cells_hidden: int
    narrowest_interval: int | None
    violations: tuple[Violation, ...]


def audit(
    ledger: Ledger,
    persons_by_year: Mapping[int, pd.DataFrame],
    counts_by_key: Mapping[tuple[int, str, str], Counts] | None = None,
) -> Audit:
    """Return what can be found out.

    Parameters
    ----------
    persons_by_year
        Per year block_id, age_from, age_to, persons.
    counts_by_key
        Raw counts by (year, counting rule, unit). With them, sums that were never cells are
        searched too (what lies between two borders, two age groups).
    """
    ever = ledger.ever_released()
    hidden = sum(int((release.cells["status"] == SUPPRESSED).sum()) for release in ever)
    violations: list[Violation] = []
    narrowest: float | None = None
    for key in dict.fromkeys(release.key for release in ever):
        group = [release for release in ever if release.key == key]
        if key[0] != CASES:
            more, width = _indicator(group, ledger)
        else:
            persons = persons_by_year[key[1]]
            more, width = _year(group, ledger, persons, keyed(counts_by_key, group[0]))
        violations += more
        if width is not None:
            narrowest = width if narrowest is None else min(narrowest, width)
    return Audit(
        len(ever),
        hidden,
        None if narrowest is None or np.isinf(narrowest) else int(narrowest),
        tuple(unique(violations)),
    )


def _year(
    group: Sequence[Release], ledger: Ledger, persons: pd.DataFrame, counts: Counts | None
) -> tuple[list[Violation], float | None]:
    last = group[-1]
    told = [Told.of(release) for release in group]
    violations: list[Violation] = []
    if len({(release.counting_rule, release.unit) for release in group}) > 1:
        violations.append(Violation(last.release_id, "release_other_rule", {"year": last.year}))
    population = min(release.rules.min_population for release in group)
    denominator = min(release.rules.min_denominator for release in group)
    found = standing(last.release_id, told, ledger.versions, persons, population, denominator)
    violations += found
    if any(v.code == "release_blocks_changed" for v in found):
        return violations, None
    atoms = universe(told, ledger.versions, persons, counts=counts, counted_on=last.version)
    high = atoms.high.reshape(-1)
    facts = read(atoms, group)
    narrowest: float | None = None
    for vintage in dict.fromkeys(release.vintage for release in group):
        own = np.array([release.vintage == vintage for release in group])[facts.owner]
        own |= facts.owner < 0
        view = as_seen(facts, own)
        try:
            more, width = search(view, high, group)
        except SroError as error:
            if error.code != "disclosure_inconsistent":
                raise
            # The raw data were revised: the older tables say nothing of these numbers.
            more, width = search(facts.kept(own), high, group)
        violations += more
        if width is not None:
            narrowest = width if narrowest is None else min(narrowest, width)
    if counts is not None and atoms.truth is not None:
        held, _ = held_against(facts, atoms.truth.reshape(-1), last.rules.width)
        sums, wide = watched(atoms, told, last.rules.small_to, last.rules.width)
        violations += found_out(held, sums, wide, high, group, ledger)
    return violations, narrowest


def _indicator(group: Sequence[Release], ledger: Ledger) -> tuple[list[Violation], float | None]:
    atoms = places_only([Told.of(release) for release in group], ledger.versions)
    return search(read(atoms, group), atoms.high.reshape(-1), group)


def as_seen(facts: Facts, own: np.ndarray) -> Facts:
    """Return the facts of one state of the raw data, with those of others that go with it."""
    marks = [(int(a), int(b)) for a, b in signs(facts.matrix)]
    published = {
        mark: facts.low[i] for i, mark in enumerate(marks) if own[i] and not facts.hidden[i]
    }
    kept = [
        bool(own[i]) or facts.hidden[i] or published.get(mark, facts.low[i]) == facts.low[i]
        for i, mark in enumerate(marks)
    ]
    chosen = np.array(kept, dtype=bool)
    view = facts.kept(chosen)
    # What was hidden in another state of the data may be 0 in this one.
    other = ~own[chosen] & view.hidden
    low = np.where(other, 0.0, view.low)
    return Facts(view.matrix, low, view.high, view.hidden, view.required, view.owner, view.cell)


def search(
    facts: Facts, high: np.ndarray, group: Sequence[Release]
) -> tuple[list[Violation], float | None]:
    """Return which hidden cells are found, and the width of the narrowest interval."""
    hidden = np.flatnonzero(facts.hidden)
    if not len(hidden):
        return [], None
    matrix, required = facts.matrix[hidden], facts.required[hidden]
    rules = np.array([release.rules.width for release in group], float)
    usual = required >= rules[facts.owner[hidden]]
    width = widths(facts, high, matrix, required)
    least = _narrowest(facts, high, sparse.csr_array(matrix[usual]), width[usual])
    out = []
    for position in hidden[width < required]:
        release = group[int(facts.owner[position])]
        name = release.cells.iloc[int(facts.cell[position])]["name"]
        out.append(Violation(release.release_id, "hidden_cell_found", {"area": name}))
    return out, least


def _narrowest(
    facts: Facts, high: np.ndarray, targets: sparse.csr_array, proven: np.ndarray
) -> float | None:
    """Return the width of the narrowest interval, exactly.

    ``proven`` are widths the intervals have at least. The narrowest is asked whether it is
    wider, until one is not: then none can be narrower.
    """
    if not len(proven):
        return None
    proven = proven.copy()
    exact = np.zeros(len(proven), dtype=bool)
    while True:
        at = int(proven.argmin())
        least = float(proven[at])
        if exact[at] or np.isinf(least):
            return least
        # Small steps where it matters: the last one has to be proven.
        enough = least + 1 if least < 2 * _USUAL else np.ceil(1.5 * least)
        proven[at] = widths(facts, high, sparse.csr_array(targets[[at]]), enough)[0]
        exact[at] = proven[at] < enough
