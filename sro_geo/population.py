"""Persons by block and age: named age groups, exact where bands allow, refused otherwise."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from sro_geo.errors import SroError

AGE_GROUPS = (
    "0-2",
    "3-5",
    "6-9",
    "10-13",
    "14-17",
    "18-20",
    "21-26",
    "27-64",
    "65-74",
    "75+",
)
AGE_SUMS = {"under_18": (0, 17), "under_21": (0, 20), "all": (0, None)}
_OLDEST = 200
_GROUP = re.compile(r"(\d+)(?:-(\d+)|\+)")


def age_range(group: str) -> tuple[int, int | None]:
    """Return (from, to) in years, both inclusive, ``to`` None where open, of an age group.

    Accepts ``10-13``, ``75+``, ``under_18``, ``under_21`` and ``all``. Raises
    ``SroError("age_group_unknown")``.
    """
    if group in AGE_SUMS:
        return AGE_SUMS[group]
    match = _GROUP.fullmatch(group.strip())
    if not match or (match[2] and int(match[2]) < int(match[1])):
        known = " ".join((*AGE_GROUPS, *AGE_SUMS))
        raise SroError("age_group_unknown", group=group, known=known)
    return int(match[1]), int(match[2]) if match[2] else None


def middle_age(group: str) -> int | None:
    """Return the age in years that stands for a group's speed: its (lower) middle.

    An open group is taken to end at 94; ``all`` has none (the city's default age).
    """
    start, end = age_range(group)
    if group == "all":
        return None
    return (start + (max(94, start) if end is None else end)) // 2


def persons_of_group(
    population: pd.DataFrame, group: str, *, estimate: bool = False
) -> tuple[pd.Series, bool]:
    """Return persons of an age group by ``place_id``, and whether they were estimated.

    Parameters
    ----------
    population
        Table ``population`` of one reference date.
    estimate
        Allow a band to be cut, its persons spread evenly over its years (an open band is
        taken to end at 94).

    Raises
    ------
    SroError
        ``age_group_not_stored`` with the bands there are, when the group is not a union
        of stored bands and ``estimate`` is False.
    """
    start, end = age_range(group)
    last = _OLDEST if end is None else end
    low = population["age_from"].astype("int64").to_numpy()
    high = population["age_to"].fillna(_OLDEST).astype("int64").to_numpy()
    inside = (low >= start) & (high <= last)
    touched = (low <= last) & (high >= start)
    exact = (inside == touched).all() and _contiguous(low[inside], high[inside], start, last)
    share = inside.astype(float)
    if not exact and group != "all":
        if not estimate or not touched.any():
            stored = sorted(set(zip(low.tolist(), high.tolist(), strict=True)))
            names = [f"{a}+" if b == _OLDEST else f"{a}-{b}" for a, b in stored]
            raise SroError("age_group_not_stored", group=group, bands=" ".join(names))
        # Persons are spread evenly over the years of a band; an open one is taken to end at 94.
        top = np.where(high == _OLDEST, np.maximum(94, low), high)
        years = np.minimum(top, last) - np.maximum(low, start) + 1
        share = np.where(touched, np.clip(years / (top - low + 1), 0, 1), 0.0)
    persons = population["persons"].to_numpy(float) * share
    sums = pd.Series(persons, index=population["place_id"].to_numpy(object)).groupby(level=0).sum()
    return sums, not exact and group != "all"


def _contiguous(low: np.ndarray, high: np.ndarray, start: int, last: int) -> bool:
    """Tell whether bands cover ``start``..``last`` without a gap."""
    reached = start - 1
    for first, end in sorted(set(zip(low.tolist(), high.tolist(), strict=True))):
        if first != reached + 1:
            return False
        reached = end
    return reached == last


def latest(population: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the newest reference date."""
    if population.empty:
        return population
    newest = population["reference_date"].max()
    rows: pd.DataFrame = population[population["reference_date"] == newest]
    return rows


def persons_by_block(persons: pd.Series, cells: pd.DataFrame) -> pd.Series:
    """Return persons by block: census cells count where their centre lies.

    ``persons`` is indexed by place id (block or cell); cells outside every block are left
    out (they are people beyond the city limits).
    """
    block_of_cell = cells.set_index("cell_id")["block_id"]
    is_cell = persons.index.isin(block_of_cell.index)
    ids = np.where(is_cell, block_of_cell.reindex(persons.index).to_numpy(object), persons.index)
    known = pd.notna(ids)
    return persons[known].groupby(ids[known]).sum()
