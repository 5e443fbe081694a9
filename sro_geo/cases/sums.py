"""Raw counts rolled up from blocks to areas, fast enough to follow a boundary being drawn.

What comes out is as secret as what goes in: only the gate may look at it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sro_geo.cases.counts import Counts
from sro_geo.errors import SroError


@dataclass(frozen=True, repr=False, eq=False)
class Coded:
    """Counts of blocks with their texts turned into numbers, once for many sums.

    ``block``, ``slot`` and ``cases`` have one entry for each row: the position in
    ``blocks``, the position in year × help type, and how many.
    """

    blocks: pd.Index
    years: tuple[int, ...]
    help_types: tuple[str, ...]
    recorded: NDArray[np.bool_]
    block: NDArray[np.intp]
    slot: NDArray[np.intp]
    cases: NDArray[np.float64]

    def __repr__(self) -> str:
        return f"Coded({len(self.blocks)} blocks, {self.years})"


def coded(counts: Iterable[Counts], blocks: pd.Index) -> Coded:
    """Return the counts of several years (one rule and unit) ready to be summed.

    Raises
    ------
    SroError
        ``cases_block_unknown`` for a row at a block that is not in ``blocks``.
    ValueError
        For counts of whole areas, or one year twice: neither is a sum over blocks.
    """
    given = sorted(counts, key=lambda one: one.year)
    years = tuple(one.year for one in given)
    if len(set(years)) < len(years) or len({(c.counting_rule, c.unit) for c in given}) > 1:
        raise ValueError("one year, one rule, one unit")
    kinds = tuple(dict.fromkeys(kind for one in given for kind in one.help_types))
    columns = pd.Index(kinds, dtype=object)
    block, slot, cases = [], [], []
    recorded = np.zeros((len(years), len(kinds)), dtype=bool)
    for number, one in enumerate(given):
        if (one.frame["place_kind"] != "block").any():
            raise ValueError("counts of blocks alone")
        recorded[number, columns.get_indexer(pd.Index(one.help_types, dtype=object))] = True
        at = _positions(one.frame["place_id"], blocks)
        kind = _positions(one.frame["help_type"], columns)
        if (at < 0).any():
            lost = str(one.frame["place_id"].iloc[int(np.argmax(at < 0))])
            raise SroError("cases_block_unknown", block=lost)
        if (kind < 0).any():
            raise ValueError("a help type that was not recorded")
        block.append(at)
        slot.append(number * len(kinds) + kind)
        cases.append(one.frame["case_count"].to_numpy(float))
    none = [np.zeros(0, dtype=np.intp)]
    return Coded(
        blocks,
        years,
        kinds,
        recorded,
        np.concatenate(block or none),
        np.concatenate(slot or none),
        np.concatenate(cases or [np.zeros(0)]),
    )


def sums(counts: Coded, members: pd.DataFrame, levels: Sequence[str]) -> pd.DataFrame:
    """Return the cases of every area of the levels, by year and help type.

    Parameters
    ----------
    members
        Index block_id, one text column for each level; a block without an area of a level
        counts nowhere on it.

    Returns
    -------
    pandas.DataFrame
        Rows (level, area_id) in the order of ``levels``, then of the ids; columns
        (year, help_type); 0 where there was none, NaN where a help was not recorded.
    """
    slots = len(counts.years) * len(counts.help_types)
    of_block = members.index.get_indexer(counts.blocks)
    unrecorded = ~counts.recorded.reshape(-1)
    names: list[tuple[str, str]] = []
    parts = []
    for level in levels:
        codes, areas = pd.factorize(members[level], sort=True)
        # One area more than there are takes what belongs to none.
        area = np.where(of_block >= 0, codes[of_block], -1) if len(codes) else of_block * 0 - 1
        area = np.where(area < 0, len(areas), area).astype(np.intp)
        cell = area[counts.block] * slots + counts.slot
        found = np.bincount(cell, counts.cases, minlength=(len(areas) + 1) * slots)
        parts.append(found.astype(float).reshape(len(areas) + 1, slots)[:-1])
        names += [(level, str(name)) for name in areas]
    table = np.concatenate(parts) if parts else np.zeros((0, slots))
    table[:, unrecorded] = np.nan
    return pd.DataFrame(
        table,
        index=pd.MultiIndex.from_tuples(names, names=["level", "area_id"])
        if names
        else pd.MultiIndex.from_arrays([[], []], names=["level", "area_id"]),
        columns=pd.MultiIndex.from_product(
            [counts.years, counts.help_types], names=["year", "help_type"]
        ),
    )


def _positions(values: pd.Series, known: pd.Index) -> NDArray[np.intp]:
    """Return where each value stands in ``known``, -1 where nowhere."""
    codes, texts = pd.factorize(values)
    where = np.append(known.get_indexer(pd.Index(texts)), -1)
    return where[codes].astype(np.intp)
