"""The best 8 of 200 sites for 4,000 cells: ours beside spopt with HiGHS, as its users run it.

Both begin with the table of distances and end with the chosen sites; both are exact, and
the run stops if they disagree. spopt and its solver come from ``requirements-bench.txt``.

    python -m benchmarks.siting
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from benchmarks.side_by_side import compare
from sro_geo.siting import Sites, best_sites

CELLS, CANDIDATES, COUNT = 4000, 200, 8
# Straight-line metres that 10, 15 and 20 minutes on foot reach at 4 km/h and detour 1.3.
RADII = {10: 513.0, 15: 769.0, 20: 1026.0}


def town(seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return metres (cells × candidates) and persons of a town of 100 m cells."""
    rng = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(CELLS)))
    x, y = (100.0 * a.ravel()[:CELLS] + 50 for a in np.meshgrid(*[np.arange(side)] * 2))
    at, up = rng.uniform(0, 100 * side, (2, CANDIDATES))
    return np.hypot(x[:, None] - at, y[:, None] - up), rng.integers(0, 30, CELLS).astype(float)


def ours(metres: np.ndarray, persons: np.ndarray, radius: float) -> Sites:
    """Return our answer."""
    demand, offer = np.nonzero(metres <= radius)
    ids = [f"{i:03d}" for i in range(CANDIDATES)]
    pairs = SimpleNamespace(demand=demand, offer=offer)
    return best_sites(ids, persons, np.zeros(CELLS, bool), pairs, COUNT)


def theirs(metres: np.ndarray, persons: np.ndarray, radius: float) -> Any:
    """Return spopt's solved model."""
    import pulp
    from spopt.locate import MCLP

    model = MCLP.from_cost_matrix(metres, persons, radius, p_facilities=COUNT)
    return model.solve(pulp.HiGHS(msg=False))


def main() -> None:
    """Compare for three thresholds and write the results."""
    metres, persons = town()
    for minutes, radius in RADII.items():
        mine = ours(metres, persons, radius)
        peers = theirs(metres, persons, radius).problem.objective.value()
        if not mine.complete or abs(mine.covered_after - peers) > 1e-6:
            raise SystemExit(f"the two differ: {mine.covered_after} and {peers}")
        name = "siting" if minutes == 15 else f"siting_{minutes}_minutes"
        compare(
            name,
            f"{COUNT} of {CANDIDATES} sites for {CELLS} cells, {minutes} minutes on foot",
            lambda radius=radius: ours(metres, persons, radius),
            lambda radius=radius: theirs(metres, persons, radius),
            "spopt MCLP with HiGHS through PuLP",
            goal=20,
            rounds=3,
        )


if __name__ == "__main__":
    main()
