"""Cells as sums of atoms: places no border divides × help × age.

Everything an attacker can read about one year are sums over the same atoms, whatever
version of the areas and whatever cut a table had. Where help is given is said of the total
alone: a second count of the same cases, whose sum is the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from sro_geo.cases import HELP_TYPES, PLACES_OF_HELP, Counts, denominator_group, types_of
from sro_geo.disclosure.ledger import CASES, Release
from sro_geo.disclosure.rules import OLDEST, Cut, ages_of
from sro_geo.disclosure.versions import Partition, Version, partitions, refined
from sro_geo.errors import SroError
from sro_geo.population import persons_of_group

#: The law on helps for young people ends on the 27th birthday (§ 7 SGB VIII).
_LAST_AGE = 26
# Taking into care and reports concern minors, help for young adults those who are no minors.
_LEGAL_AGES = {"under_18": (0, 17), "18-20": (18, _LAST_AGE)}
# More than any place could hold beyond its people: see ``Universe.links``.
_SPARE = 1000


#: A help or a group of helps (None: the total), an age group (all), a place of help (all).
Line = tuple[str | None, str | None, str | None]


@dataclass(frozen=True)
class Told:
    """What a table is about: areas of which version, cut by what, which helps recorded."""

    version: str
    cut: Cut
    help_types: tuple[str, ...]

    @classmethod
    def of(cls, release: Release) -> Told:
        """Return what a release is about; an indicator knows no helps, so it has all of them."""
        helps = release.help_types if release.subject == CASES else tuple(HELP_TYPES)
        return cls(release.version, release.cut, helps)


@dataclass(frozen=True, eq=False)
class Universe:
    """The atoms of one year, over every table that is or will be known.

    Parameters
    ----------
    geo
        The atom of place of each block.
    parts
        The levels that were told of, with one code for each atom of place.
    types, ages
        Helps and spans of ages that no table tells apart, put together.
    divided
        Whether a table tells where help is given.
    high
        What an attacker knows each atom to be at most: (place, inner). Inner are helps ×
        ages; where ``divided``, then the places of help of the total, and at last what is
        missing from the total to ``size``.
    size
        A number above every total, by place.
    truth
        The atoms themselves, None where only what was published is known.
    """

    blocks: pd.Index
    geo: np.ndarray
    parts: tuple[Partition, ...]
    types: tuple[tuple[str, ...], ...]
    ages: tuple[tuple[tuple[int, int], ...], ...]
    divided: bool
    high: np.ndarray
    size: np.ndarray
    truth: np.ndarray | None = None

    @property
    def places(self) -> int:
        """The number of atoms of place."""
        return int(self.high.shape[0])

    @property
    def inner(self) -> int:
        """The number of atoms in each place."""
        return int(self.high.shape[1])

    def links(self) -> tuple[sparse.csr_array, np.ndarray]:
        """Return sums that everybody knows, and their values.

        In each place helps and ages make the same total as places of help do. As a sum of
        atoms that is: either of them, with what is missing to ``size``, is ``size``.
        """
        if not self.divided:
            return sparse.csr_array((0, self.high.size)), np.zeros(0)
        one = np.zeros((2, self.inner))
        total = _membership(self.types, [set(types_of(None))])[0]
        one[0, : total.size * len(self.ages)] = np.repeat(total, len(self.ages))
        one[1, -1 - len(PLACES_OF_HELP) : -1] = 1
        one[:, -1] = 1
        matrix = sparse.kron(sparse.eye_array(self.places), sparse.csr_array(one), "csr")
        return sparse.csr_array(matrix), self.size.repeat(2)

    def part(self, version: str, level: str) -> Partition:
        """Return a level of a version, with one code for each atom of place."""
        for part in self.parts:
            if (part.version, part.level) == (version, level):
                return part
        raise KeyError(level)


@dataclass(frozen=True, eq=False)
class Grid:
    """All cells of a table, area by area, and in each its lines: (help, age, place of help)."""

    areas: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    matrix: sparse.csr_array

    def rows(self, cells: pd.DataFrame) -> np.ndarray:
        """Return the row of each cell of a released table."""
        area = {pair: i * len(self.lines) for i, pair in enumerate(self.areas)}
        line = {key: i for i, key in enumerate(self.lines)}
        keys = cells[["help_type", "age_group", "place"]].astype(object)
        own = keys.where(keys.notna(), None).itertuples(index=False, name=None)
        places = zip(cells["level"], cells["area_id"], strict=True)
        found = [area[place] + line[key] for place, key in zip(places, own, strict=True)]
        return np.array(found, dtype=np.int64)

    def frame(self) -> dict[str, np.ndarray]:
        """Return the key columns of all cells."""
        columns: dict[str, np.ndarray] = {}
        for i, name in enumerate(("level", "area_id")):
            columns[name] = np.array([a[i] for a in self.areas], object).repeat(len(self.lines))
        for i, name in enumerate(("help_type", "age_group", "place")):
            one = np.array([line[i] for line in self.lines], object)
            columns[name] = np.tile(one, len(self.areas))
        return columns


def universe(
    told: Sequence[Told],
    versions: Mapping[str, Version],
    persons: pd.DataFrame,
    *,
    counts: Counts | None = None,
    counted_on: str = "",
) -> Universe:
    """Return the atoms over which all the tables in ``told`` are sums.

    Parameters
    ----------
    persons
        block_id, age_from, age_to, persons.
    counts
        The raw counts, where they are at hand.
    counted_on
        The version that counts given for whole areas belong to.

    Raises
    ------
    SroError
        ``release_ages_not_counted``: the counts' own ages do not fit a table's age groups.
    """
    used = [(one.version, level) for one in told for level in one.cut.levels]
    blocks = versions[told[0].version].members.index
    parts, geo, size = _divided(versions, used, blocks)
    types = _classes(
        [code for code in HELP_TYPES if any(code in one.help_types for one in told)],
        [
            {code for code in types_of(row) if code in one.help_types}
            for one in told
            for row in one.cut.types
        ],
    )
    spans = _spans(told)
    ages = _classes(
        spans,
        [
            {span for span in spans if low <= span[0] and span[1] <= high}
            for one in told
            for low, high in map(ages_of, one.cut.age_groups)
        ],
    )
    divided = any(one.cut.by_place for one in told)
    people = _persons(persons, blocks, geo, size, types, ages)
    main, spots = np.zeros(people.shape), np.zeros((size, len(PLACES_OF_HELP)))
    if counts is not None:
        shape = Universe(blocks, geo, parts, types, ages, divided, people, np.zeros(size))
        main, spots = _truth(shape, counts, versions.get(counted_on), persons)
        people = np.maximum(people, main)
    most = people[:, _membership(types, [set(types_of(None))])[0]]
    full = most.max(axis=1, initial=0).sum(axis=1) + main.sum(axis=(1, 2)) + _SPARE
    if not divided:
        high = people.reshape(size, -1)
        truth = main.reshape(size, -1)
    else:
        anywhere = most.sum(axis=(1, 2))[:, None].repeat(len(PLACES_OF_HELP), axis=1)
        high = np.hstack([people.reshape(size, -1), anywhere, full[:, None]])
        missing = full - spots.sum(axis=1)
        truth = np.hstack([main.reshape(size, -1), spots, missing[:, None]])
    known = None if counts is None else truth
    return Universe(blocks, geo, parts, types, ages, divided, high, full, known)


def places_only(told: Sequence[Told], versions: Mapping[str, Version]) -> Universe:
    """Return atoms of place alone, for figures that are not broken down by anything."""
    used = [(one.version, level) for one in told for level in one.cut.levels]
    blocks = versions[told[0].version].members.index
    parts, geo, size = _divided(versions, used, blocks)
    helps = (tuple(HELP_TYPES),)
    high = np.full((size, 1), np.inf)
    return Universe(blocks, geo, parts, helps, (((0, OLDEST),),), False, high, high[:, 0])


def _divided(
    versions: Mapping[str, Version], used: Iterable[tuple[str, str]], blocks: pd.Index
) -> tuple[tuple[Partition, ...], np.ndarray, int]:
    """Return the levels by atom of place, the atom of each block, and how many there are."""
    by_block = partitions(versions, used, blocks)
    geo = refined([part.codes for part in by_block], len(blocks))
    size = int(geo.max(initial=-1)) + 1
    first = np.zeros(size, dtype=np.int64)
    first[geo[::-1]] = np.arange(len(geo))[::-1]
    return tuple(replace(part, codes=part.codes[first]) for part in by_block), geo, size


def grid(atoms: Universe, told: Told) -> Grid:
    """Return all cells of a table as sums of atoms."""
    areas: list[tuple[str, str]] = []
    rows: list[np.ndarray] = []
    for level in told.cut.levels:
        part = atoms.part(told.version, level)
        areas += [(level, area) for area in part.areas]
        rows.append(part.codes[None, :] == np.arange(len(part.areas))[:, None])
    places = np.concatenate(rows) if rows else np.zeros((0, atoms.places))
    lines = lines_of(told.cut)
    inner = sparse.csr_array(line_matrix(atoms, told).astype(float))
    matrix = sparse.kron(sparse.csr_array(places.astype(float)), inner, "csr")
    return Grid(tuple(areas), lines, sparse.csr_array(matrix))


def lines_of(cut: Cut) -> tuple[Line, ...]:
    """Return the lines of a table: each help by each age group, then the places of help.

    Where the help is given is said of the total alone: by help and place next to everything
    would be hidden.
    """
    crossed = [(code, age, None) for code in cut.types for age in cut.age_groups]
    return (*crossed, *((None, None, place) for place in cut.places if place is not None))


def line_matrix(atoms: Universe, told: Told) -> np.ndarray:
    """Return lines × the atoms in a place."""
    kinds, ages = factors(atoms, told)
    at_kind = {value: i for i, value in enumerate(told.cut.types)}
    at_age = {value: i for i, value in enumerate(told.cut.age_groups)}
    out = np.zeros((len(lines_of(told.cut)), atoms.inner), dtype=bool)
    for row, (code, age, place) in zip(out, lines_of(told.cut), strict=True):
        if place is None:
            both = np.outer(kinds[at_kind[code]], ages[at_age[age]]).reshape(-1)
            row[: len(both)] = both
        else:
            row[PLACES_OF_HELP.index(place) - len(PLACES_OF_HELP) - 1] = True
    return out


def factors(atoms: Universe, told: Told) -> tuple[np.ndarray, np.ndarray]:
    """Return which helps and which ages are in each row of a cut."""
    recorded = set(told.help_types)
    ages = [
        [low <= span[0][0] and max(s[1] for s in span) <= high for span in atoms.ages]
        for low, high in map(ages_of, told.cut.age_groups)
    ]
    kinds = _membership(atoms.types, [set(types_of(row)) & recorded for row in told.cut.types])
    return kinds, np.array(ages)


def combined(factors: Sequence[np.ndarray], which: np.ndarray) -> sparse.csr_array:
    """Return the products of rows; ``which`` has a column of positions for each factor."""
    out = sparse.csr_array(np.asarray(factors[0], dtype=float)[which[:, 0]])
    for factor, position in zip(factors[1:], which.T[1:], strict=True):
        inner = sparse.csr_array(np.asarray(factor, dtype=float)[position])
        left, right = np.diff(out.indptr), np.diff(inner.indptr)
        # Each entry of a row on the left meets each entry of the same row on the right.
        times = right.repeat(left)
        begin = inner.indptr[:-1].repeat(left).repeat(times)
        step = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
        columns = out.indices.repeat(times) * factor.shape[1] + inner.indices[begin + step]
        pointer = np.concatenate([[0], np.cumsum(left * right)])
        shape = (len(which), out.shape[1] * factor.shape[1])
        out = sparse.csr_array((np.ones(len(columns)), columns, pointer), shape=shape)
    return out


def denominators(lines: Iterable[Line], persons: pd.DataFrame, blocks: pd.Index) -> np.ndarray:
    """Return the persons each line is set against, by block: (blocks, lines)."""
    renamed = persons.rename(columns={"block_id": "place_id"})
    known: dict[str, np.ndarray] = {}

    def of(group: str) -> np.ndarray:
        if group not in known:
            sums, _ = persons_of_group(renamed, group, estimate=True)
            known[group] = sums.reindex(blocks).fillna(0.0).to_numpy(float)
        return known[group]

    groups = [denominator_group(code) if age is None else age for code, age, _ in lines]
    return np.stack([of(group) for group in groups], axis=1)


def digest(counts: Counts) -> str:
    """Return a digest of the raw data, the same for the same data in any order."""
    columns = ["place_id", "place_kind", "help_type", "age_from", "age_to", "place_of_help"]
    frame = counts.frame.assign(age_to=counts.frame["age_to"].fillna(OLDEST))
    frame = frame[frame["case_count"] != 0].assign(
        place_of_help=frame["place_of_help"].fillna("unknown")
    )
    sums = frame.groupby(columns, dropna=False)["case_count"].sum().reset_index()
    lines = map("\x1f".join, zip(*(map(str, sums[c].tolist()) for c in sums), strict=True))
    # The help types recorded make zeros of what would else be missing.
    text = "\x1e".join([*sorted(lines), "|", *sorted(counts.help_types)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def area_blocks(counts: Counts, version: Version) -> dict[str, tuple[np.ndarray, set[str]]]:
    """Return the areas that counts were given for as a whole: their blocks and the helps."""
    frame = counts.frame
    given = frame[frame["place_kind"] == "area"]
    out: dict[str, tuple[np.ndarray, set[str]]] = {}
    for area, rows in given.groupby("place_id", sort=True):
        inside = np.asarray((version.members == area).to_numpy().any(axis=1))
        out[str(area)] = (inside, set(map(str, rows["help_type"])))
    return out


def _classes(items: Sequence[Any], sets: Iterable[set[Any]]) -> tuple[tuple[Any, ...], ...]:
    """Return the items, those together that every set has or has not; those in none left out."""
    by_signature: dict[tuple[bool, ...], list[Any]] = {}
    lists = list(sets)
    for item in items:
        signature = tuple(item in one for one in lists)
        if any(signature):
            by_signature.setdefault(signature, []).append(item)
    return tuple(tuple(group) for group in by_signature.values())


def _membership(classes: Sequence[tuple[str, ...]], rows: Sequence[set[str]]) -> np.ndarray:
    return np.array([[bool(set(group) & row) for group in classes] for row in rows])


def _spans(told: Sequence[Told]) -> list[tuple[int, int]]:
    starts = {0, _LAST_AGE + 1}
    for one in told:
        for low, high in map(ages_of, one.cut.ages):
            starts |= {low, high + 1}
    ordered = sorted(start for start in starts if start <= OLDEST)
    return [(a, b - 1) for a, b in zip(ordered, [*ordered[1:], OLDEST + 1], strict=True)]


def _persons(
    persons: pd.DataFrame,
    blocks: pd.Index,
    geo: np.ndarray,
    size: int,
    types: Sequence[tuple[str, ...]],
    ages: Sequence[tuple[tuple[int, int], ...]],
) -> np.ndarray:
    """Return how many could receive a help at most, by the bands that touch its ages."""
    block = blocks.get_indexer(pd.Index(persons["block_id"]))
    known = block >= 0
    bands = persons[["age_from", "age_to"]].copy()
    bands["age_to"] = bands["age_to"].fillna(OLDEST)
    low = bands["age_from"].to_numpy(float)[known]
    high = np.minimum(bands["age_to"].to_numpy(float)[known], OLDEST)
    ends, band = np.unique(low * (OLDEST + 1) + high, return_inverse=True)
    pairs = np.column_stack(np.divmod(ends, OLDEST + 1))
    cell = geo[block[known]] * len(pairs) + band.reshape(-1)
    number = persons["persons"].to_numpy(float)[known]
    table = np.bincount(cell, number, minlength=size * len(pairs)).reshape(size, -1)
    out = np.zeros((size, len(types), len(ages)))
    for t, group in enumerate(types):
        for a, spans in enumerate(ages):
            for code in group:
                least, most = _LEGAL_AGES.get(HELP_TYPES[code].denominator, (0, _LAST_AGE))
                for first, last in spans:
                    begin, end = max(first, least), min(last, most)
                    if begin <= end:
                        touched = (pairs[:, 0] <= end) & (pairs[:, 1] >= begin)
                        out[:, t, a] += np.ceil(table[:, touched].sum(axis=1) - 1e-9)
    return out


def _truth(
    atoms: Universe, counts: Counts, version: Version | None, persons: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray]:
    """Return the counts by place, help and age, and the total by place and place of help."""
    frame = counts.frame
    shape = atoms.high.shape
    block = atoms.blocks.get_indexer(pd.Index(frame["place_id"]))
    place = np.where(block >= 0, atoms.geo[block], -1)
    whole = (frame["place_kind"] == "area").to_numpy()
    if whole.any() and version is not None:
        # Where within its area such a count belongs nobody knows: any place will do.
        weight = pd.Series(persons["persons"].to_numpy(float)).groupby(
            persons["block_id"].to_numpy(object)
        )
        by_block = weight.sum().reindex(atoms.blocks).fillna(0.0).to_numpy(float)
        for area, (inside, _) in area_blocks(counts, version).items():
            sums = np.bincount(atoms.geo[inside], by_block[inside] + 1, minlength=shape[0])
            found = int(sums.argmax()) if inside.any() else -1
            place[whole & (frame["place_id"] == area).to_numpy()] = found
    at_type = {code: i for i, group in enumerate(atoms.types) for code in group}
    kind = np.array([at_type.get(code, -1) for code in frame["help_type"]], dtype=np.int64)
    age = _ages(atoms, frame)
    number = frame["case_count"].to_numpy(float)
    kept = (place >= 0) & (kind >= 0) & (age >= 0)
    flat = np.ravel_multi_index((place[kept], kind[kept], age[kept]), shape)
    main = np.bincount(flat, number[kept], minlength=int(np.prod(shape))).reshape(shape)
    at_spot = {name: i for i, name in enumerate(PLACES_OF_HELP)}
    unknown = at_spot["unknown"]
    spot = np.array([at_spot.get(name, unknown) for name in frame["place_of_help"]], np.int64)
    kept &= frame["help_type"].isin(types_of(None)).to_numpy()
    size = (shape[0], len(PLACES_OF_HELP))
    flat = np.ravel_multi_index((place[kept], spot[kept]), size)
    return main, np.bincount(flat, number[kept], minlength=int(np.prod(size))).reshape(size)


def _ages(atoms: Universe, frame: pd.DataFrame) -> np.ndarray:
    """Return the span of ages each count belongs to."""
    spans = sorted((span, i) for i, group in enumerate(atoms.ages) for span in group)
    low = frame["age_from"].to_numpy(float)
    high = frame["age_to"].astype("Float64").to_numpy(float, na_value=np.nan)
    # "18 and older" means as long as the law gives help.
    high = np.where(np.isnan(high), np.where(low <= _LAST_AGE, _LAST_AGE, OLDEST), high)
    out = np.full(len(frame), -1, dtype=np.int64)
    for start, end in {(a, b) for a, b in zip(low.tolist(), high.tolist(), strict=True)}:
        own = {i for span, i in spans if span[0] <= end and span[1] >= start}
        if len(own) > 1:
            raise SroError("release_ages_not_counted", band=f"{start:.0f}-{end:.0f}")
        out[(low == start) & (high == end)] = own.pop() if own else -1
    return out
