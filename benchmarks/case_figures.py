"""Figures of all spaces and years from the blocks of a large city, beside pandas groupby.

40,000 blocks in 60 spaces, 6 regions and a city; 12 helps, 5 years, a row for every third
block, help and year (800,000 rows). Both ways end with sums of every level and with rates and
exact intervals of the spaces; warm: texts were turned into numbers once (pandas gets
categories, which is its own fast way).
"""

from __future__ import annotations

import statistics

import numpy as np
import pandas as pd

from benchmarks.side_by_side import compare, milliseconds
from sro_geo.cases import HELP_TYPES, Counts, coded, poisson_interval, sums

YEARS = range(2021, 2026)
KINDS = tuple(HELP_TYPES)[:12]
LEVELS = ["social_space", "region", "city"]
GOAL_MS = 50.0


def invented(blocks: int = 40_000, spaces: int = 60) -> tuple[list[Counts], pd.DataFrame]:
    """Return counts by year, and which areas each block lies in."""
    rng = np.random.default_rng(4)
    ids = pd.Index([f"{n:06d}" for n in range(blocks)], name="block_id")
    space = rng.integers(0, spaces, blocks)
    members = pd.DataFrame(
        {
            "social_space": [f"space-{n:02d}" for n in space],
            "region": [f"region-{n % 6}" for n in space],
            "city": "city",
        },
        index=ids,
    )
    years = []
    for year in YEARS:
        block, kind = np.nonzero(rng.random((blocks, len(KINDS))) < 1 / 3)
        frame = pd.DataFrame(
            {
                "place_id": ids.to_numpy()[block],
                "place_kind": "block",
                "help_type": np.array(KINDS, dtype=object)[kind],
                "case_count": rng.integers(1, 4, len(block)),
            }
        )
        years.append(Counts(year, "stock", "cases", frame, KINDS))
    return years, members


def main() -> None:
    """Measure and write the result."""
    years, members = invented()
    persons = 4_000.0
    ready = coded(years, members.index)

    def ours() -> tuple[np.ndarray, ...]:
        table = sums(ready, members, LEVELS)
        counted = table.loc["social_space"].to_numpy()
        low, high = poisson_interval(counted)
        return table.to_numpy(), counted / persons, low / persons, high / persons

    frame = pd.concat([one.frame.assign(year=one.year) for one in years], ignore_index=True)
    for level in LEVELS:
        frame[level] = frame["place_id"].map(members[level]).astype("category")
    frame["help_type"] = pd.Categorical(frame["help_type"], categories=KINDS)

    def theirs() -> tuple[np.ndarray, ...]:
        parts = [
            frame.groupby([level, "year", "help_type"], observed=False)["case_count"]
            .sum()
            .unstack(["year", "help_type"])
            for level in LEVELS
        ]
        counted = parts[0].to_numpy(float)
        low, high = poisson_interval(counted)
        table = np.concatenate([part.to_numpy(float) for part in parts])
        return table, counted / persons, low / persons, high / persons

    if not all(np.allclose(a, b) for a, b in zip(ours(), theirs(), strict=True)):
        raise SystemExit("the two ways differ")
    taken = statistics.median(milliseconds(ours) for _ in range(9))
    if taken > GOAL_MS:
        raise SystemExit(f"{taken:.0f} ms")
    what = f"{len(frame):,} rows, 40,000 blocks: 67 areas × 5 years × 12 helps, rates, intervals"
    compare("case_figures", what, ours, theirs, "pandas groupby of categories", goal=1)


if __name__ == "__main__":
    main()
