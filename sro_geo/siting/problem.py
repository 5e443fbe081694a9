"""The question made small: what is still open, and persons reached alike counted as one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Problem:
    """Groups of persons and the sites that cover each.

    Parameters
    ----------
    persons
        Shape (g,): persons of a group, all reached by the same sites.
    starts, covering
        Sites of group i are ``covering[starts[i]:starts[i + 1]]``, ascending.
    sites
        Number of sites; a smaller number is the one to prefer among equals.
    """

    persons: Floats
    starts: Ints
    covering: Ints
    sites: int

    @property
    def group_of(self) -> Ints:
        """Group of each entry of ``covering``."""
        return np.repeat(np.arange(len(self.persons)), np.diff(self.starts))

    @property
    def step(self) -> float:
        """Least difference in persons there can be between two answers."""
        return 1.0 if bool((self.persons == np.rint(self.persons)).all()) else self.tolerance

    @property
    def tolerance(self) -> float:
        """Difference in persons that is rounding, not people."""
        return 1e-9 * max(1.0, float(self.persons.sum()))


def merged(demand: Ints, site: Ints, persons: Floats, sites: int) -> Problem:
    """Return the problem with places of the same covering sites merged.

    Neither the order of the places nor that of the pairs changes anything in the result.

    Parameters
    ----------
    demand, site
        Pairs: place ``demand[k]`` is reached from ``site[k]``; a pair may come twice.
    persons
        Shape (n,): persons at each place, not negative; places without any are left out.
    """
    used = persons[demand] > 0
    # One number for a pair sorts places and within them sites, and shows twins.
    pairs = np.unique(demand[used] * sites + site[used])
    demand, site = np.divmod(pairs, max(sites, 1))
    starts = np.flatnonzero(np.diff(demand, prepend=-1))
    ends = np.append(starts, len(demand))[1:]
    places: dict[bytes, list[int]] = {}
    for first, last in zip(starts.tolist(), ends.tolist(), strict=True):
        places.setdefault(site[first:last].tobytes(), []).append(first)
    keys = sorted(places)
    weights = [math.fsum(persons[demand[places[key]]]) for key in keys]
    rows = [np.frombuffer(key, np.int64) for key in keys]
    return Problem(
        persons=np.array(weights, float),
        starts=np.cumsum([0, *(len(row) for row in rows)]),
        covering=np.concatenate(rows) if rows else np.empty(0, np.int64),
        sites=sites,
    )


def restricted(problem: Problem, keep: Ints) -> Problem:
    """Return the problem with only the sites ``keep`` (ascending), which become 0, 1, …"""
    number = np.full(problem.sites, -1, np.int64)
    number[keep] = np.arange(len(keep))
    site = number[problem.covering]
    kept = site >= 0
    return merged(problem.group_of[kept], site[kept], problem.persons, len(keep))
