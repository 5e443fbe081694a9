"""Indicators through the gate: numerators and denominators of areas, nothing broken down."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import optimize, sparse

from sro_geo.disclosure.auditing import search
from sro_geo.disclosure.cells import Told, grid, places_only
from sro_geo.disclosure.gate import Draft, Progress, Stop
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
from sro_geo.disclosure.protecting import Facts, Task, joined, solve
from sro_geo.disclosure.reading import Violation, least_hidden, read, same_numbers
from sro_geo.disclosure.rules import Cut, Rules
from sro_geo.disclosure.versions import Version
from sro_geo.errors import SroError


def draft_indicator(
    frame: pd.DataFrame,
    version: Version,
    rules: Rules,
    ledger: Ledger,
    *,
    indicator: str,
    year: int,
    release_id: str,
    at: str,
    by: str,
    reason: str = "",
    persons: pd.DataFrame | None = None,
    progress: Progress = None,
    stop: Stop = None,
) -> Draft:
    """Return a table of an indicator in which nobody is found.

    Parameters
    ----------
    frame
        area_id, level, numerator (missing: a gap), denominator; whole numbers. A level that
        is not in it is not published.
    persons
        block_id, age_from, age_to, persons: for the smallest population an area must have.

    Raises
    ------
    SroError
        ``release_name_missing``, ``cut_unknown``, ``indicator_area_unknown``,
        ``indicator_not_whole``, ``indicator_above_denominator``, ``indicator_inconsistent``.
    """
    if not person(by):
        raise SroError("release_name_missing")
    _checked(frame, version, indicator)
    cut = Cut(tuple(str(level) for level in version.members if (frame["level"] == level).any()))
    blank = Release(
        release_id=release_id,
        subject=f"indicator:{indicator}",
        year=year,
        counting_rule="",
        unit="",
        version=version.version,
        cut=cut,
        rules=rules,
        cells=cell_frame({column: [] for column in CELL_COLUMNS}),
        vintage=_digest(frame),
        proposed_at=at,
        proposed_by=by,
        reason=reason,
    )
    earlier = same_numbers(ledger, blank)
    stored = ledger.versions.get(version.version, version)
    levels = [level for one in (blank, *earlier) for level in one.cut.levels]
    if any(one.version != version.version for one in earlier) or not version.same_as(
        stored, dict.fromkeys(levels)
    ):
        against = Violation(release_id, "version_changed", {"version": version.version})
        return Draft(blank, (against,), True, 1.0)
    told = Told.of(blank)
    atoms = places_only([told, *map(Told.of, earlier)], {version.version: version})
    own = grid(atoms, told)
    keys = pd.MultiIndex.from_arrays([frame["level"], frame["area_id"]])
    table = frame.set_index(keys)[["numerator", "denominator"]].reindex(own.areas)
    value = table["numerator"].to_numpy(float, na_value=np.nan)
    below = table["denominator"].to_numpy(float, na_value=np.nan)
    there = np.flatnonzero(~np.isnan(value))
    facts = read(atoms, earlier)
    matrix = sparse.csr_array(own.matrix[there])
    said = facts.kept(~facts.hidden)
    truth = _possible(matrix, value[there], said)
    if truth is None:
        if _possible(matrix, value[there], facts.kept(np.zeros(len(facts.low), bool))) is None:
            raise SroError("indicator_inconsistent", indicator=indicator)
        return Draft(blank, (Violation(release_id, "revision_small_difference"),), True, 1.0)
    small = _small(own.areas, version, persons, rules)
    cells = cell_frame(
        {
            **own.frame(),
            "name": [version.names.get(area, area) for _, area in own.areas],
            "status": np.where(np.isnan(value), MISSING, RELEASED),
            "count": pd.Series(value).round().astype("Int64"),
            "denominator": below,
        }
    )
    release = replace(blank, cells=cells, small_areas=small)
    shown = cells.iloc[there]
    few = (value[there] >= 1) & (value[there] <= rules.small_to)
    few |= ~(below[there] >= rules.min_denominator) | shown["area_id"].isin(small).to_numpy()
    few |= (value[there] > 0) & (value[there] >= below[there])
    low = least_hidden(release, shown)
    before = np.isin(_rows(matrix), _rows(said.matrix))
    none = np.zeros(len(there))
    # That no more are counted than there are is known of every area.
    limits = Facts(matrix, none, below[there], none.astype(bool), none, none.astype(int) - 1, there)
    done = solve(
        Task(
            matrix=matrix,
            truth=truth,
            high=np.minimum(atoms.high.reshape(-1), below[there].max(initial=0)),
            primary=few & ~before,
            open=before,
            low=low,
            required=np.clip(np.minimum(rules.width, below[there] - low), 0, None),
            cost=np.ones(len(there)),
            earlier=joined([_held(facts, truth), limits]),
            watched=sparse.csr_array((0, matrix.shape[1])),
            watched_required=np.zeros(0),
        ),
        progress=progress,
        stop=stop,
    )
    status = cells["status"].to_numpy(object, copy=True)
    status[there[done.hidden]] = SUPPRESSED
    hidden = status == SUPPRESSED
    cells = cells.assign(status=status, count=cells["count"].mask(hidden))
    against_cells = [
        Violation(release_id, "cell_unprotectable", {"area": name})
        for name in dict.fromkeys(shown["name"][done.failed])
    ]
    if done.before_failed:
        against_cells.append(Violation(release_id, "hidden_before_found"))
    share = float(hidden[there].mean()) if len(there) else 0.0
    return Draft(replace(release, cells=cells), tuple(against_cells), done.exact, share)


def recheck_indicator(release: Release, ledger: Ledger) -> tuple[Violation, ...]:
    """Return what stands against a proposed indicator after all that was released meanwhile."""
    earlier = [r for r in same_numbers(ledger, release) if r.release_id != release.release_id]
    if any(one.version != release.version for one in earlier):
        params = {"version": release.version}
        return (Violation(release.release_id, "version_changed", params),)
    both = [*earlier, release]
    atoms = places_only([Told.of(one) for one in both], ledger.versions)
    found, _ = search(read(atoms, both), atoms.high.reshape(-1), both)
    return tuple(found)


def _checked(frame: pd.DataFrame, version: Version, indicator: str) -> None:
    areas = {
        (level, area)
        for level in version.members
        for area in version.members[level].dropna().unique()
    }
    for level, area in zip(frame["level"], frame["area_id"], strict=True):
        if (level, area) not in areas:
            raise SroError("indicator_area_unknown", indicator=indicator, area=area, level=level)
    counted = frame[frame["numerator"].notna()]
    numbers = counted[["numerator", "denominator"]].astype("Float64").to_numpy(float, na_value=-1)
    if (numbers < 0).any() or (numbers[:, 0] % 1 != 0).any():
        raise SroError("indicator_not_whole", indicator=indicator)
    above = counted[numbers[:, 0] > numbers[:, 1]]
    if len(above):
        raise SroError(
            "indicator_above_denominator", indicator=indicator, area=above["area_id"].iloc[0]
        )


def _possible(matrix: sparse.csr_array, value: np.ndarray, said: Facts) -> np.ndarray | None:
    """Return whole numbers of the atoms that give these sums, None where there are none."""
    if not matrix.shape[1]:
        return np.zeros(0)
    both = sparse.vstack([matrix, said.matrix], format="csr")
    sums = np.concatenate([value, said.low])
    found = optimize.milp(
        np.zeros(matrix.shape[1]),
        integrality=np.ones(matrix.shape[1]),
        constraints=optimize.LinearConstraint(both, sums, sums),
    )
    return None if found.x is None else np.rint(found.x)


def _held(facts: Facts, truth: np.ndarray) -> Facts:
    now = facts.matrix @ truth
    return replace(facts, low=np.where(facts.hidden, np.minimum(facts.low, now), facts.low))


def _small(
    areas: tuple[tuple[str, str], ...],
    version: Version,
    persons: pd.DataFrame | None,
    rules: Rules,
) -> tuple[str, ...]:
    if persons is None:
        return ()
    people = persons.groupby("block_id")["persons"].sum()
    people = people.reindex(version.members.index).fillna(0.0)
    return tuple(
        area
        for level, area in areas
        if people[(version.members[level] == area).to_numpy()].sum() < rules.min_population
    )


def _rows(matrix: sparse.csr_array) -> np.ndarray:
    return np.array([row.tobytes() for row in matrix.toarray().astype(bool)], dtype=object)


def _digest(frame: pd.DataFrame) -> str:
    columns = ("level", "area_id", "numerator", "denominator")
    lines = map("\x1f".join, zip(*(map(str, frame[c].tolist()) for c in columns), strict=True))
    return hashlib.sha256("\x1e".join(sorted(lines)).encode()).hexdigest()[:16]
