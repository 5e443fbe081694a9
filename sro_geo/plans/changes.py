"""What a change of plan means for families: who moves where, along which streets.

Both plans rest on the same blocks; a block is unassigned where its area is None.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import shapely
from scipy.optimize import linear_sum_assignment

from sro_geo.plans.figures import moved_blocks, refuse_other_blocks
from sro_geo.plans.plan import Plan


def moved_total(before: Plan, after: Plan, persons: np.ndarray) -> float:
    """Return the sum of ``persons`` (per block) over the blocks that moved."""
    return float(np.asarray(persons, float)[moved_blocks(before, after)].sum())


def retention(
    before: Plan,
    after: Plan,
    columns: Mapping[str, np.ndarray],
    *,
    group: Mapping[str, str] | tuple[Mapping[str, str], Mapping[str, str]] | None = None,
) -> pd.DataFrame:
    """Return from → to, and the sum of each column that goes that way (the retention matrix).

    Rows where ``from`` and ``to`` agree are those who stay. ``blocks`` counts the blocks.

    Parameters
    ----------
    columns
        Additive figures per block: persons, estimated cases, offers.
    group
        What is compared instead of the area itself, by area id (a team, a lead provider),
        or one such mapping for each of the two plans; areas without one become None.
    """
    refuse_other_blocks(before, after)
    start, end = before.area_ids_of_blocks(), after.area_ids_of_blocks()
    if group is not None:
        old, new = group if isinstance(group, tuple) else (group, group)
        start, end = _renamed(start, old), _renamed(end, new)
    frame = pd.DataFrame({name: np.asarray(v, float) for name, v in columns.items()})
    frame.insert(0, "blocks", 1)
    keys = [pd.Series(start, dtype=object), pd.Series(end, dtype=object)]
    # NaN is "unknown": a sum over it is unknown too, not smaller.
    sums = frame.groupby(keys, dropna=False, sort=True).sum(skipna=False)
    table = sums.rename_axis(["from", "to"]).reset_index()
    for side in ("from", "to"):
        named = table[side].astype(object)
        table[side] = named.where(named.notna(), None)
    return table


def matrix(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return a table of :func:`retention` as a square of from (rows) × to (columns)."""
    label = {side: table[side].fillna("") for side in ("from", "to")}
    wide = table.assign(**label).pivot(index="from", columns="to", values=column)
    return wide.fillna(0.0) if not table[column].isna().any() else wide


def kept_share(table: pd.DataFrame, column: str) -> float:
    """Return the share of ``column`` that stays where it is, NaN where there is nothing."""
    stays = (table["from"] == table["to"]) & table["from"].notna()
    total = table[column].sum(skipna=False)
    return float(table.loc[stays, column].sum(skipna=False) / total) if total else float("nan")


def matching(before: Plan, after: Plan, persons: np.ndarray) -> dict[str, str]:
    """Return for areas of ``after`` the area of ``before`` they follow: most persons stay.

    Each area is used once (Kuhn, 1955: the Hungarian method); where nobody lives blocks
    decide. Areas that share nothing with a free one are not in the answer.
    """
    refuse_other_blocks(before, after)
    both = (before.codes >= 0) & (after.codes >= 0)
    rows, columns = len(before.areas), len(after.areas)
    # Blocks weigh less in all than half a person, so they only break ties.
    weight = np.asarray(persons, float) + 0.5 / max(len(before.codes), 1)
    flat = np.bincount(
        before.codes[both].astype(np.int64) * columns + after.codes[both],
        weight[both],
        rows * columns,
    )
    shared = flat.reshape(rows, columns)
    chosen = zip(*linear_sum_assignment(shared, maximize=True), strict=True)
    return {
        after.areas[new].area_id: before.areas[old].area_id
        for old, new in chosen
        if shared[old, new] > 0
    }


def streets_in_blocks(
    streets: np.ndarray, geometry: np.ndarray, *, least_m: float = 1.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which street runs through which block, and for how many metres.

    Made once per block version. A street on the border of two blocks runs along both; one
    that merely touches a block, for less than ``least_m``, does not run through it.

    Returns
    -------
    Positions of streets, positions of blocks, metres.
    """
    tree = shapely.STRtree(geometry)
    street, block = tree.query(streets, predicate="intersects")
    metres = shapely.length(shapely.intersection(streets[street], geometry[block]))
    # A short lane wholly inside a block is a street all the same.
    whole = metres >= 0.999 * shapely.length(streets)[street]
    keep = (metres >= least_m) | (whole & (metres > 0))
    return street[keep], block[keep], metres[keep]


def streets_concerned(
    before: Plan,
    after: Plan,
    names: np.ndarray,
    runs: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> pd.DataFrame:
    """Return the streets along which something changes: street, from, to, blocks, metres.

    ``names`` are the names of the streets that ``runs`` (:func:`streets_in_blocks`) counts;
    streets without a name are left out, sections of one name are one street.
    """
    street, block, metres = runs
    moved = moved_blocks(before, after)[block]
    table = pd.DataFrame(
        {
            "street": np.asarray(names, object)[street[moved]],
            "from": before.area_ids_of_blocks()[block[moved]],
            "to": after.area_ids_of_blocks()[block[moved]],
            "block": block[moved],
            "metres": metres[moved],
        }
    )
    table = table[table["street"].notna() & (table["street"] != "")]
    grouped = table.groupby(["street", "from", "to"], dropna=False, sort=True)
    out = grouped.agg(blocks=("block", "nunique"), metres=("metres", "sum")).reset_index()
    for side in ("from", "to"):
        named = out[side].astype(object)
        out[side] = named.where(named.notna(), None)
    return out


def offers_moved(
    before: Plan, after: Plan, offer_ids: np.ndarray, block: np.ndarray
) -> pd.DataFrame:
    """Return the offers that change space: offer_id, from, to.

    ``block`` is the position of the block an offer stands in, -1 for none (mobile, outside
    the city). A protected place has no block: it changes with its area, not by its address.
    """
    moved = moved_blocks(before, after)
    block = np.asarray(block)
    here = (block >= 0) & moved[block]
    return pd.DataFrame(
        {
            "offer_id": np.asarray(offer_ids, object)[here],
            "from": before.area_ids_of_blocks()[block[here]],
            "to": after.area_ids_of_blocks()[block[here]],
        },
        dtype=object,
    )


def _renamed(areas: np.ndarray, group: Mapping[str, str]) -> np.ndarray:
    return np.array([None if area is None else group.get(area) for area in areas], object)
