"""Travel time by age and mode over the straight line times a detour factor.

A screening measure: railways, rivers and closed gates are not known to a straight line.
Speeds by age are a property of the target group (DOMAIN: a social space is not static,
young people are more mobile than seniors), read from ``city.toml``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sro_geo.city import City
from sro_geo.reach.near import pairs_within
from sro_geo.reach.travel import Reached, metres_per_minute

#: Up to so many offers, measuring all of them is faster than a search tree
#: (``benchmarks/nearest_offers.py``).
BRUTE_UP_TO = 64
_CHUNK = 4096


def straight_line_minutes(
    x: float,
    y: float,
    xs: np.ndarray,
    ys: np.ndarray,
    city: City,
    *,
    mode: str = "walk",
    age: int | None = None,
) -> np.ndarray:
    """Return minutes from a point to each of many points, ``inf`` where one has no place.

    Parameters
    ----------
    x, y
        Start, metres in the city's projected CRS.
    xs, ys
        Ends, shape (n,), metres; NaN for an offer without a point.
    mode
        ``walk`` or ``bike``.
    age
        Age in years of the person on the way; None for the city's default age.
    """
    metres = np.hypot(np.asarray(xs, float) - x, np.asarray(ys, float) - y) * city.detour_factor
    minutes = metres / metres_per_minute(city.speed_kmh(mode, age))
    return np.where(np.isnan(minutes), np.inf, minutes)


def reach_metres(
    minutes: float, city: City, *, mode: str = "walk", age: int | None = None
) -> float:
    """Return the radius in metres (straight line) that ``minutes`` reach."""
    return minutes * metres_per_minute(city.speed_kmh(mode, age)) / city.detour_factor


@dataclass(frozen=True)
class StraightLine:
    """Travel over the straight line; ``metres_a_minute`` has the detour taken off already."""

    metres_a_minute: float
    method: str = "straight_line"

    def nearest(
        self, x: np.ndarray, y: np.ndarray, xs: np.ndarray, ys: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return minutes to the nearest offer and its position; see :class:`Travel`.

        Of offers equally far the one listed first counts, as long as they are few.
        """
        x, y = np.asarray(x, float), np.asarray(y, float)
        xs, ys = np.asarray(xs, float), np.asarray(ys, float)
        minutes = np.full(len(x), np.inf)
        index = np.full(len(x), -1, np.int64)
        people, offers = np.isfinite(x) & np.isfinite(y), np.isfinite(xs) & np.isfinite(ys)
        positions = np.flatnonzero(offers)
        if not len(positions) or not people.any():
            return minutes, index
        every = bool(people.all())
        px, py = (x, y) if every else (x[people], y[people])
        if len(positions) <= BRUTE_UP_TO:
            squared, found = _nearest_of_few(px, py, xs[positions], ys[positions])
            metres = np.sqrt(squared)
        else:
            metres, found = _nearest_of_many(px, py, xs[positions], ys[positions])
        minutes[people] = metres / self.metres_a_minute
        index[people] = positions[found]
        return minutes, index

    def within(
        self, x: np.ndarray, y: np.ndarray, xs: np.ndarray, ys: np.ndarray, minutes: float
    ) -> Reached:
        """Return every pair at most ``minutes`` apart; see :class:`Travel`."""
        x, y = np.asarray(x, float), np.asarray(y, float)
        xs, ys = np.asarray(xs, float), np.asarray(ys, float)
        people = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        offers = np.flatnonzero(np.isfinite(xs) & np.isfinite(ys))
        if not len(people) or not len(offers) or not minutes >= 0:
            none = np.empty(0, np.int64)
            return Reached(none, none, np.empty(0))
        # A hair more than asked, then cut by the same division that `nearest` uses, so that
        # both agree about somebody who lives exactly on the threshold.
        radius = minutes * self.metres_a_minute * (1 + 1e-9) + 1e-9
        demand, offer, metres = pairs_within(x[people], y[people], xs[offers], ys[offers], radius)
        took = metres / self.metres_a_minute
        kept = took <= minutes
        return Reached(people[demand[kept]], offers[offer[kept]], took[kept])


def straight_line(city: City, *, mode: str = "walk", age: int | None = None) -> StraightLine:
    """Return travel over the straight line times the city's detour factor.

    Raises ``SroError("mode_unknown")``.
    """
    return StraightLine(metres_per_minute(city.speed_kmh(mode, age)) / city.detour_factor)


def _nearest_of_few(
    x: np.ndarray, y: np.ndarray, xs: np.ndarray, ys: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return squared metres and position of the nearest, measuring every pair.

    In slices that stay in the processor's cache, one offer after the other.
    """
    squared = np.full(len(x), np.inf)
    found = np.zeros(len(x), np.int64)
    for start in range(0, len(x), _CHUNK):
        part = slice(start, start + _CHUNK)
        east, north, best, which = x[part], y[part], squared[part], found[part]
        for position in range(len(xs)):
            away = east - xs[position]
            away *= away
            up = north - ys[position]
            up *= up
            away += up
            which[away < best] = position
            np.minimum(best, away, out=best)
    return squared, found


def _nearest_of_many(
    x: np.ndarray, y: np.ndarray, xs: np.ndarray, ys: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    from scipy.spatial import cKDTree

    metres, found = cKDTree(np.column_stack((xs, ys))).query(np.column_stack((x, y)), workers=-1)
    return metres, found
