"""1.27 million census cells × 500 offers, part after part, with bounded memory.

Real cells (children under 10, census 2011, found through ``SRO_REALDATA``), invented offers.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.side_by_side import keep
from sro_geo.coverage.parts import Part, cover_in_parts
from sro_geo.reach import StraightLine

REAL = Path(os.environ.get("SRO_REALDATA") or Path(__file__).parents[2] / "shared" / "realdata")
FILE = REAL / "germany" / "census2011_under10_100m.parquet"
GOAL_MB = 2_000


def cells(size: int = 100_000) -> Iterator[Part]:
    """Yield the cells of Germany in parts, from the grid's CRS to that of the offers."""
    import pyarrow.parquet as pq
    import pyproj

    into = pyproj.Transformer.from_crs(3035, 25832, always_xy=True)
    for batch in pq.ParquetFile(FILE).iter_batches(size, columns=["x", "y", "value"]):
        x, y, persons = (batch.column(name).to_numpy() for name in ("x", "y", "value"))
        east, north = into.transform(x.astype(float), y.astype(float))
        yield Part(east, north, np.clip(persons, 0, None).astype(float))


def main() -> None:
    """Measure and write the result."""
    if not FILE.is_file():
        raise SystemExit(f"no real data at {FILE} (set SRO_REALDATA)")
    rng = np.random.default_rng(7)
    xs, ys = rng.uniform(300_000, 900_000, 500), rng.uniform(5_250_000, 6_080_000, 500)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.perf_counter()
    found = cover_in_parts(cells(), xs, ys, StraightLine(250.0), 60)
    taken = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    everybody = found.areas.iloc[-1]
    if peak > GOAL_MB:
        raise SystemExit(f"{peak:.0f} MB")
    keep(
        "large",
        {
            "what": f"{found.places:,} cells × 500 offers, nearest, in parts of 100,000",
            "seconds": round(taken, 2),
            "peak_mb": round(peak),
            "peak_mb_before": round(before),
            "goal_mb": GOAL_MB,
            "persons": int(everybody["population"]),
            "covered": int(everybody["covered"]),
        },
    )


if __name__ == "__main__":
    main()
