"""The gate: raw counts go in, a table that gives nobody away comes out, or the reasons why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pandas as pd
from scipy import sparse

from sro_geo.cases import Counts, types_of
from sro_geo.disclosure.cells import (
    Grid,
    Told,
    Universe,
    area_blocks,
    denominators,
    digest,
    grid,
    universe,
)
from sro_geo.disclosure.ledger import (
    CELL_COLUMNS,
    MISSING,
    RELEASED,
    SUPPRESSED,
    Ledger,
    Release,
    cell_frame,
    person,
)
from sro_geo.disclosure.protecting import Facts, Task, signs, solve, widths
from sro_geo.disclosure.reading import (
    Violation,
    held_against,
    least_hidden,
    read,
    same_numbers,
    standing,
    watched,
)
from sro_geo.disclosure.rules import Cut, Rules
from sro_geo.disclosure.versions import Version
from sro_geo.errors import SroError

Progress = Callable[[float], None] | None
Stop = Callable[[], bool] | None


@dataclass(frozen=True)
class Draft:
    """A table as it would be proposed.

    Parameters
    ----------
    violations
        Why it must not be released; empty where it may be.
    exact
        No other choice of hidden cells loses less.
    hidden_share
        The share of the cells that is hidden.
    """

    release: Release
    violations: tuple[Violation, ...]
    exact: bool
    hidden_share: float


def draft(
    counts: Counts,
    version: Version,
    persons: pd.DataFrame,
    cut: Cut,
    rules: Rules,
    ledger: Ledger,
    *,
    release_id: str,
    at: str,
    by: str,
    reason: str = "",
    progress: Progress = None,
    stop: Stop = None,
) -> Draft:
    """Return a table of raw counts in which nobody is found, beside all that was released.

    Parameters
    ----------
    persons
        block_id, age_from, age_to, persons, of the reference date nearest the year.
    progress, stop
        Told the share done; asked now and then whether to go on.

    Raises
    ------
    SroError
        ``release_name_missing``, ``cut_unknown``, ``release_nothing_recorded``,
        ``release_ages_not_counted``, ``release_counts_of_other_version``,
        ``disclosure_stopped``.
    """
    if not person(by):
        raise SroError("release_name_missing")
    if not counts.help_types:
        raise SroError("release_nothing_recorded", year=counts.year)
    _of_this_version(counts, version)
    told = Told(version.version, cut, tuple(counts.help_types))
    blank = Release(
        release_id=release_id,
        year=counts.year,
        counting_rule=counts.counting_rule,
        unit=counts.unit,
        version=version.version,
        cut=cut,
        rules=rules,
        cells=cell_frame({column: [] for column in CELL_COLUMNS}),
        vintage=digest(counts),
        proposed_at=at,
        proposed_by=by,
        reason=reason,
        help_types=told.help_types,
    )
    earlier = same_numbers(ledger, blank)
    versions = {**ledger.versions, version.version: version}
    against = _against(blank, earlier, counts, version, ledger, persons)
    if any(v.code != "differencing_atom" for v in against):
        return Draft(blank, tuple(against), True, 1.0)
    atoms = universe(
        [told, *map(Told.of, earlier)],
        versions,
        persons,
        counts=counts,
        counted_on=version.version,
    )
    own = grid(atoms, told)
    release, few = _table(blank, own, atoms, counts, version, persons)
    facts, near = held_against(read(atoms, earlier), _truth(atoms), rules.width)
    against += _revised(release_id, near)
    release, exact, more = _protected(
        release, few, own, atoms, facts, earlier, told, progress, stop
    )
    shown = release.cells["status"] != MISSING
    share = float((release.cells.loc[shown, "status"] == SUPPRESSED).mean()) if shown.any() else 0.0
    return Draft(release, (*against, *more), exact, share)


def coarser(
    counts: Counts,
    version: Version,
    persons: pd.DataFrame,
    cut: Cut,
    rules: Rules,
    ledger: Ledger,
    *,
    stop: Stop = None,
) -> list[tuple[Cut, float]]:
    """Return cuts that may be released and hide a smaller share, the finest first.

    Helps are put together in groups, then in the total; age groups and places of help are
    left out.
    """
    by_type = {"help_type": ("help_type", "group", "none"), "group": ("group", "none")}
    ages = [cut.ages, tuple(age for age in ("under_18", "18-20") if age in cut.ages), ()]
    options = [
        Cut(cut.levels, kind, age, place)
        for place, age, kind in product(
            dict.fromkeys((cut.by_place, False)),
            dict.fromkeys(ages),
            by_type.get(cut.by_type, ("none",)),
        )
    ]
    shares: list[tuple[Cut, float, bool]] = []
    for option in dict.fromkeys([cut, *options]):
        made = draft(
            counts, version, persons, option, rules, ledger,
            release_id="", at="", by="coarser", stop=stop,
        )  # fmt: skip
        shares.append((option, made.hidden_share, not made.violations))
    limit = shares[0][1] if shares[0][2] else 1.1
    return [(option, share) for option, share, fine in shares[1:] if fine and share < limit]


def recheck(
    release: Release, counts: Counts, persons: pd.DataFrame, ledger: Ledger
) -> tuple[Violation, ...]:
    """Return what stands against a proposal now, after all that was released meanwhile."""
    earlier = [r for r in same_numbers(ledger, release) if r.release_id != release.release_id]
    version = ledger.versions[release.version]
    against = _against(release, earlier, counts, version, ledger, persons)
    if release.vintage != digest(counts):
        against.append(Violation(release.release_id, "release_outdated"))
    if any(v.code != "differencing_atom" for v in against):
        return tuple(against)
    both = [*earlier, release]
    told = [Told.of(one) for one in both]
    atoms = universe(told, ledger.versions, persons, counts=counts, counted_on=release.version)
    truth = _truth(atoms)
    facts, near = held_against(read(atoms, both), truth, release.rules.width)
    against += _revised(release.release_id, near)
    sums, wide = watched(atoms, told, release.rules.small_to, release.rules.width)
    against += found_out(facts, sums, wide, atoms.high.reshape(-1), both, ledger)
    return tuple(against)


def found_out(
    facts: Facts,
    sums: sparse.csr_array,
    wide: np.ndarray,
    high: np.ndarray,
    releases: Sequence[Release],
    ledger: Ledger,
) -> list[Violation]:
    """Return which hidden cells and which other sums of few cases an attacker finds."""
    hidden = np.flatnonzero(facts.hidden)
    width = widths(facts, high, facts.matrix[hidden], facts.required[hidden])
    out = []
    for position in hidden[width < facts.required[hidden]]:
        release = releases[int(facts.owner[position])]
        cell = release.cells.iloc[int(facts.cell[position])]
        out.append(Violation(release.release_id, "hidden_cell_found", {"area": cell["name"]}))
    if (widths(facts, high, sums, wide) < wide).any():
        out.append(Violation(releases[-1].release_id, "difference_found"))
    return unique(out)


def unique(violations: Sequence[Violation]) -> list[Violation]:
    """Return the violations, each once."""
    kept = {(v.release_id, v.code, tuple(sorted(v.params.items()))): v for v in violations}
    return list(kept.values())


def _truth(atoms: Universe) -> np.ndarray:
    if atoms.truth is None:
        raise ValueError("the atoms are not known")
    return atoms.truth.reshape(-1)


def _of_this_version(counts: Counts, version: Version) -> None:
    frame = counts.frame
    if "version" not in frame:
        return
    given = frame.loc[frame["place_kind"] == "area", "version"].dropna()
    others = sorted(set(map(str, given)) - {version.version, ""})
    if others:
        raise SroError(
            "release_counts_of_other_version", version=version.version, other=", ".join(others)
        )


def _against(
    release: Release,
    earlier: Sequence[Release],
    counts: Counts,
    version: Version,
    ledger: Ledger,
    persons: pd.DataFrame,
) -> list[Violation]:
    """Return what stands against a release whatever its cells."""
    name = release.release_id
    other = [
        r for r in earlier if (r.counting_rule, r.unit) != (release.counting_rule, release.unit)
    ]
    if other:
        return [Violation(name, "release_other_rule", {"year": release.year})]
    stored = ledger.versions.get(version.version)
    levels = [
        level
        for one in (release, *earlier)
        if one.version == version.version
        for level in one.cut.levels
    ]
    if stored is not None and not version.same_as(stored, levels):
        return [Violation(name, "version_changed", {"version": version.version})]
    frame = counts.frame
    whole = (frame["place_kind"] == "area").to_numpy()
    areas = set(version.members.to_numpy().reshape(-1).tolist())
    known = np.where(
        whole, frame["place_id"].isin(areas), frame["place_id"].isin(version.members.index)
    )
    strange = set(frame.loc[~known & (frame["case_count"] > 0).to_numpy(), "place_id"])
    if strange:
        return [Violation(name, "release_blocks_changed", {"blocks": len(strange)})]
    versions = {**ledger.versions, version.version: version}
    return standing(
        name,
        [Told.of(release), *map(Told.of, earlier)],
        versions,
        persons,
        release.rules.min_population,
        release.rules.min_denominator,
    )


def _revised(release_id: str, near: np.ndarray) -> list[Violation]:
    return [Violation(release_id, "revision_small_difference")] if len(near) else []


def _table(
    blank: Release,
    own: Grid,
    atoms: Universe,
    counts: Counts,
    version: Version,
    persons: pd.DataFrame,
) -> tuple[Release, np.ndarray]:
    """Return the table with every number in it, and the cells the rules hide for themselves."""
    rules = blank.rules
    frame = own.frame()
    shape = (len(own.areas), len(own.lines))
    value = (own.matrix @ _truth(atoms)).reshape(shape)
    inside = _areas_of_blocks(own, version, atoms.blocks)
    below = inside @ denominators(own.lines, persons, atoms.blocks)
    small_area = inside @ _people(persons, atoms.blocks) < rules.min_population

    # Counts given for a whole area are in no sum over a part of it.
    unknown = np.zeros(shape, dtype=bool)
    helps = [set(types_of(code)) for code, _, _ in own.lines]
    unknown[:, [not (one & set(counts.help_types)) for one in helps]] = True
    for whole, given in area_blocks(counts, version).values():
        common, size = inside @ whole.astype(float), whole.sum()
        part = (common > 0) & (common < size)
        unknown[np.ix_(part, [bool(one & given) for one in helps])] = True

    few = (value >= 1) & (value <= rules.small_to)
    few |= ~(below >= rules.min_denominator) | small_area[:, None]
    few |= (value > 0) & (value >= below)
    # All or nobody of those who get help: a share tells as much as a small number.
    spots = np.array([spot is not None for _, _, spot in own.lines])
    total = value[:, [own.lines.index((None, None, None))]]
    few |= spots & (total > 0) & ((value == 0) | (value == total))
    status = np.where(unknown, MISSING, RELEASED).reshape(-1)
    named = [version.names.get(area, area) for area in frame["area_id"]]
    cells = cell_frame(
        {
            **frame,
            "name": named,
            "status": status,
            "count": pd.array(np.rint(value.reshape(-1)), dtype="Int64"),
            "denominator": below.reshape(-1),
        }
    )
    cells.loc[status == MISSING, "count"] = pd.NA
    small = tuple(
        area for (_, area), is_small in zip(own.areas, small_area, strict=True) if is_small
    )
    return replace(blank, cells=cells, small_areas=small), few.reshape(-1) & ~unknown.reshape(-1)


def _areas_of_blocks(own: Grid, version: Version, blocks: pd.Index) -> np.ndarray:
    """Return areas × blocks."""
    out = np.zeros((len(own.areas), len(blocks)))
    number = {area: i for i, area in enumerate(own.areas)}
    for level in dict.fromkeys(level for level, _ in own.areas):
        codes, areas = version.codes(level, blocks)
        row = np.array([number[level, area] for area in areas], dtype=np.int64)
        known = np.flatnonzero(codes >= 0)
        out[row[codes[known]], known] = 1
    return out


def _people(persons: pd.DataFrame, blocks: pd.Index) -> np.ndarray:
    block = blocks.get_indexer(pd.Index(persons["block_id"]))
    known = block >= 0
    number = persons["persons"].to_numpy(float)[known]
    return np.bincount(block[known], number, minlength=len(blocks))


def _protected(
    release: Release,
    few: np.ndarray,
    own: Grid,
    atoms: Universe,
    facts: Facts,
    earlier: Sequence[Release],
    told: Told,
    progress: Progress,
    stop: Stop,
) -> tuple[Release, bool, list[Violation]]:
    """Return the table with everything hidden that has to be."""
    rules = release.rules
    cells = release.cells
    there = np.flatnonzero((cells["status"] != MISSING).to_numpy())
    matrix = own.matrix[there]
    marks = [(int(a), int(b)) for a, b in signs(matrix)]
    said: dict[tuple[int, int], bool] = {}
    vintages: dict[tuple[int, int], set[str]] = {}
    for i, (a, b) in enumerate(signs(facts.matrix)):
        mark = (int(a), int(b))
        said[mark] = said.get(mark, False) or not facts.hidden[i]
        if facts.hidden[i]:
            vintages.setdefault(mark, set()).add(earlier[int(facts.owner[i])].vintage)
    before = np.array([said.get(mark, False) for mark in marks], dtype=bool)
    once_hidden = np.array([mark in vintages for mark in marks], dtype=bool) & ~before
    stays = np.array(
        [bool(vintages.get(mark, set()) - {release.vintage}) for mark in marks], dtype=bool
    )
    frame = cells.iloc[there]
    low = np.where(stays, 0.0, least_hidden(release, frame))
    high = atoms.high.reshape(-1)
    room = matrix @ high
    sums, wide = watched(atoms, [told, *map(Told.of, earlier)], rules.small_to, rules.width)
    task = Task(
        matrix=matrix,
        truth=_truth(atoms),
        high=high,
        # What everybody has read already is not hidden by hiding it.
        primary=(few[there] | once_hidden) & ~before,
        open=before,
        low=low,
        required=np.clip(np.minimum(rules.width, room - low), 0, None),
        cost=_cost(own)[there],
        earlier=facts,
        watched=sums,
        watched_required=wide,
    )
    done = solve(task, progress=progress, stop=stop)
    status = cells["status"].to_numpy(object, copy=True)
    status[there[done.hidden]] = SUPPRESSED
    hidden = status == SUPPRESSED
    shown = cells.assign(status=status, count=cells["count"].mask(hidden))
    against = [
        Violation(release.release_id, "cell_unprotectable", {"area": name})
        for name in dict.fromkeys(frame["name"][done.failed])
    ]
    if done.before_failed:
        against.append(Violation(release.release_id, "hidden_before_found"))
    if done.watched_failed:
        against.append(Violation(release.release_id, "difference_found"))
    return replace(release, cells=shown), done.exact, against


def _cost(own: Grid) -> np.ndarray:
    """Return what is lost by hiding a cell: totals and large areas are asked for most."""
    levels = pd.Series([level for level, _ in own.areas])
    in_level = levels.map(levels.value_counts()).to_numpy(float)
    area = 1 + np.log2(max(in_level.max(initial=1), 1) / in_level)
    line = [1.5 ** sum(value is None for value in key[:2]) for key in own.lines]
    out: np.ndarray = np.outer(area, line).reshape(-1)
    return out


def keyed(counts: Mapping[tuple[int, str, str], Counts] | None, release: Release) -> Counts | None:
    """Return the raw counts a release was made from, where they are at hand."""
    return (counts or {}).get((release.year, release.counting_rule, release.unit))
