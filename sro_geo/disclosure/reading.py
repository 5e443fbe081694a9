"""What an attacker has read: releases of one year as facts about the same atoms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from sro_geo.disclosure.cells import (
    Told,
    Universe,
    combined,
    denominators,
    factors,
    grid,
    line_matrix,
)
from sro_geo.disclosure.ledger import CASES, MISSING, SUPPRESSED, Ledger, Release
from sro_geo.disclosure.protecting import Facts, joined, signs
from sro_geo.disclosure.versions import Partition, Version, nested, partitions, pieces_between


@dataclass(frozen=True)
class Violation:
    """Why the gate stays shut; the words are ``violations.<code>``. Never a count."""

    release_id: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


def read(atoms: Universe, releases: Sequence[Release]) -> Facts:
    """Return all that the releases say, in their order.

    A number is hidden because it is small or because it would give another one away, and
    zeros are published: so whoever knows the rules knows that a hidden number is at least 1.
    It may be 0 only where the area or its denominator is small, where places of help are
    shown (there 0 % is hidden), and where it was hidden before the raw data were revised.
    """
    hidden_in: dict[tuple[int, int], set[str]] = {}
    parts = [_links(atoms)]
    for number, release in enumerate(releases):
        cells = release.cells
        told = np.flatnonzero((cells["status"] != MISSING).to_numpy())
        own = grid(atoms, Told.of(release))
        matrix = sparse.csr_array(own.matrix[own.rows(cells.iloc[told])])
        frame = cells.iloc[told]
        hidden = (frame["status"] == SUPPRESSED).to_numpy()
        marks = [(int(a), int(b)) for a, b in signs(matrix)]
        stays = np.array(
            [bool(hidden_in.get(mark, set()) - {release.vintage}) for mark in marks], dtype=bool
        )
        least = np.where(stays, 0.0, least_hidden(release, frame))
        value = frame["count"].astype("Float64").to_numpy(float, na_value=np.nan)
        room = matrix @ atoms.high.reshape(-1)
        most = np.full(len(told), np.inf)
        if release.subject != CASES:
            # Of so many people it counts some.
            most = frame["denominator"].to_numpy(float)
            room = np.minimum(room, most)
        parts.append(
            Facts(
                matrix,
                np.where(hidden, least, value),
                np.where(hidden, most, value),
                hidden,
                np.clip(np.minimum(release.rules.width, room - least), 0, None),
                np.full(len(told), number),
                told,
            )
        )
        for mark, is_hidden in zip(marks, hidden, strict=True):
            if is_hidden:
                hidden_in.setdefault(mark, set()).add(release.vintage)
    return joined(parts)


def _links(atoms: Universe) -> Facts:
    matrix, value = atoms.links()
    none = np.zeros(len(value))
    nobody = np.full(len(value), -1)
    return Facts(matrix, value, value, none.astype(bool), none, nobody, nobody)


def least_hidden(release: Release, cells: pd.DataFrame) -> np.ndarray:
    """Return how much a cell is at least if it is hidden, as the rules tell everybody."""
    small = (
        cells["place"].notna()
        | cells["area_id"].isin(list(release.small_areas))
        | ~(cells["denominator"] >= release.rules.min_denominator)
    )
    return np.where(small, 0.0, 1.0)


def held_against(facts: Facts, truth: np.ndarray, width: float) -> tuple[Facts, np.ndarray]:
    """Return what of the facts holds for the raw data of today, and the small differences.

    Returns
    -------
    The facts without published sums that are far from today's, and the positions of those
    that are near but not the same: whoever subtracts one from the other reads a few cases.
    """
    now = facts.matrix @ truth
    published = ~facts.hidden
    apart = np.where(published, np.abs(now - np.where(published, facts.low, 0)), 0)
    kept = apart == 0
    low = np.where(facts.hidden, np.minimum(facts.low, now), facts.low)
    held = Facts(
        facts.matrix, low, facts.high, facts.hidden, facts.required, facts.owner, facts.cell
    ).kept(kept)
    return held, np.flatnonzero((apart > 0) & (apart < width))


def watched(
    atoms: Universe, told: Sequence[Told], small_to: int, width: float
) -> tuple[sparse.csr_array, np.ndarray]:
    """Return sums of few cases that are no cells but could be had by subtraction.

    What lies between borders (of versions, and of levels beside one another), and in areas
    what lies between helps, ages and places of help.
    """
    assert atoms.truth is not None
    truth = atoms.truth.reshape(atoms.places, -1)
    size = truth.shape[1]
    pieces = np.unique(np.vstack([np.eye(atoms.places, dtype=bool), _differences(atoms)]), axis=0)
    areas = np.unique(np.vstack([_areas(part) for part in atoms.parts]), axis=0)
    parts, rooms = [sparse.csr_array((0, atoms.high.size))], [np.zeros(0)]
    for one in dict.fromkeys(told):
        kinds, ages = map(_single, factors(atoms, one))
        inner = np.zeros((len(kinds) * len(ages), size), dtype=bool)
        inner[:, : kinds.shape[1] * ages.shape[1]] = np.kron(kinds, ages)
        for place, lines in ((pieces, line_matrix(atoms, one)), (areas, inner)):
            values = place.astype(float) @ truth @ lines.T.astype(float)
            few = np.argwhere((values >= 1) & (values <= small_to))
            parts.append(combined([place, lines], few))
            rooms.append(parts[-1] @ atoms.high.reshape(-1))
    matrix = sparse.csr_array(sparse.vstack(parts, format="csr"))
    return matrix, np.minimum(width, np.concatenate(rooms))


def _single(rows: np.ndarray) -> np.ndarray:
    """Return the smallest groups that these rows tell apart."""
    columns, group = np.unique(rows, axis=1, return_inverse=True)
    own: np.ndarray = group.reshape(-1)[None, :] == np.arange(columns.shape[1])[:, None]
    return own[columns.any(axis=0)]


def _areas(part: Partition) -> np.ndarray:
    own: np.ndarray = part.codes[None, :] == np.arange(len(part.areas))[:, None]
    return own


def _differences(atoms: Universe) -> np.ndarray:
    """Return what is left of an area without another that overlaps it."""
    out = [np.zeros((0, atoms.places), dtype=bool)]
    for one, other in combinations(atoms.parts, 2):
        if one.version == other.version and nested(one, other):
            continue
        mine, theirs = _areas(one), _areas(other)
        common = np.argwhere(mine.astype(float) @ theirs.T.astype(float) > 0)
        a, b = mine[common[:, 0]], theirs[common[:, 1]]
        out += [a & ~b, b & ~a]
    found = np.unique(np.vstack(out), axis=0)
    kept: np.ndarray = found[found.any(axis=1)]
    return kept


def standing(
    release_id: str,
    told: Sequence[Told],
    versions: Mapping[str, Version],
    persons: pd.DataFrame,
    min_population: float,
    min_denominator: float,
) -> list[Violation]:
    """Return what stands against tables of one year on these versions, counts aside.

    What a new border cuts off from an area that was published before is either empty or as
    large as an area must be to be published.
    """
    used = [(one.version, level) for one in told for level in one.cut.levels]
    if len({version for version, _ in used}) < 2:
        return []
    names = dict.fromkeys(one.version for one in told)
    first = versions[told[0].version].members.index
    if any(set(versions[name].members.index) != set(first) for name in names):
        return [
            Violation(release_id, "release_blocks_changed", {"blocks": _apart(versions, names)})
        ]
    parts = partitions(versions, used, first)
    block = first.get_indexer(pd.Index(persons["block_id"]))
    known = block >= 0
    number = persons["persons"].to_numpy(float)[known]
    everybody = np.bincount(block[known], number, minlength=len(first))
    young = denominators([(None, None, None)], persons, first)[:, 0]
    out: dict[tuple[str, str, str], Violation] = {}
    for one, other, piece in pieces_between(parts):
        inside = piece >= 0
        size = int(piece.max(initial=-1)) + 1
        people = np.bincount(piece[inside], everybody[inside], minlength=size)
        youth = np.bincount(piece[inside], young[inside], minlength=size)
        small = (people > 0) & ((people < min_population) | (youth < min_denominator))
        for number_of in np.flatnonzero(small):
            at = int(np.flatnonzero(piece == number_of)[0])
            part = one if one.codes[at] >= 0 else other
            if part.codes[at] < 0:
                continue
            area = part.areas[part.codes[at]]
            name = versions[part.version].names.get(area, area)
            params = {"area": name, "version": one.version, "other": other.version}
            out.setdefault(
                (name, *sorted((one.version, other.version))),
                Violation(release_id, "differencing_atom", params),
            )
    return list(out.values())


def _apart(versions: Mapping[str, Version], names: Iterable[str]) -> int:
    sets = [set(versions[name].members.index) for name in names]
    return len(set.union(*sets) - set.intersection(*sets))


def same_numbers(ledger: Ledger, release: Release) -> list[Release]:
    """Return what was ever released about the same numbers, in the order of approval."""
    return [r for r in ledger.ever_released() if r.key == release.key]
