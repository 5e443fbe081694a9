"""Where the next offer should stand: candidate places, and the best of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sro_geo.actions.coverage import CoverageAnswer, CoverageQuestion, coverage
from sro_geo.actions.workspace import Snapshot
from sro_geo.coverage import Demand
from sro_geo.siting import Sites, best_sites

# Where a new offer could be a guest: rooms that are there already come before an empty cell.
HOSTS = ("school", "day_care", "church", "family_centre", "library", "senior_centre")


@dataclass(frozen=True)
class Candidates:
    """Places where a new offer could stand: institutions first, then blocks or cells."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    x: np.ndarray
    y: np.ndarray
    rank: np.ndarray


def candidate_places(snapshot: Snapshot, demand: Demand, *, cells: bool = False) -> Candidates:
    """Return candidate places: institutions with a point, and with ``cells`` every place
    somebody lives at (blocks or cells), ranked behind them.
    """
    table = snapshot.directory
    hosts = table[
        table["category"].isin(HOSTS)
        & table["x"].notna()
        & (table["status"] == "active")
        & table["block_id"].notna()
    ].drop_duplicates(["x", "y"])
    ids = [str(i) for i in hosts["offer_id"]]
    names = [str(n) for n in hosts["name"]]
    x, y = hosts["x"].to_numpy(float), hosts["y"].to_numpy(float)
    rank = np.zeros(len(ids), np.int64)
    if cells or not ids:
        at = np.flatnonzero(demand.inside)
        ids += [str(i) for i in demand.place_ids[at]]
        names += [str(i) for i in demand.place_ids[at]]
        x, y = np.concatenate([x, demand.x[at]]), np.concatenate([y, demand.y[at]])
        rank = np.concatenate([rank, np.ones(len(at), np.int64)])
    return Candidates(tuple(ids), tuple(names), x, y, rank)


@dataclass(frozen=True)
class SiteAnswer:
    """The best sites with names and points, and the answer they start from."""

    sites: Sites
    rows: pd.DataFrame
    before: CoverageAnswer


def next_sites(
    snapshot: Snapshot,
    question: CoverageQuestion,
    count: int,
    *,
    cells: bool = False,
    minimum_gain: float = 0.0,
    locked: Sequence[str] = (),
    progress: Callable[[float, float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    time_limit: float | None = None,
) -> SiteAnswer:
    """Return where the next offers help most persons who reach none today.

    ``rows`` has ``id``, ``name``, ``lat``, ``lon`` and ``gain`` in order of the gain.
    """
    before = coverage(snapshot, question)
    demand = before.demand
    places = candidate_places(snapshot, demand, cells=cells)
    travel = before.result.travel
    pairs = travel.within(demand.x, demand.y, places.x, places.y, question.minutes)
    sites = best_sites(
        places.ids,
        np.where(demand.inside, demand.persons, 0.0),
        before.result.covered,
        pairs,
        count,
        rank=places.rank,
        minimum_gain=minimum_gain,
        locked=locked,
        progress=progress,
        cancelled=cancelled,
        time_limit=time_limit,
    )
    at = {candidate: position for position, candidate in enumerate(places.ids)}
    rows = []
    for site, gain in zip(sites.chosen, sites.gains, strict=True):
        position = at[site]
        lat, lon = snapshot.degrees(float(places.x[position]), float(places.y[position]))
        rows.append(
            {"id": site, "name": places.names[position], "lat": lat, "lon": lon, "gain": gain}
        )
    table = pd.DataFrame(rows, columns=["id", "name", "lat", "lon", "gain"])
    return SiteAnswer(sites, table, before)
