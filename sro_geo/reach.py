"""Travel time by age and mode over the straight line times a detour factor.

A screening measure: railways, rivers and closed gates are not known to a straight line.
Speeds by age are a property of the target group (DOMAIN: a social space is not static,
young people are more mobile than seniors), read from ``city.toml``.
"""

from __future__ import annotations

import numpy as np

from sro_geo.city import City


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
    minutes = metres / (city.speed_kmh(mode, age) * 1000 / 60)
    return np.where(np.isnan(minutes), np.inf, minutes)


def reach_metres(
    minutes: float, city: City, *, mode: str = "walk", age: int | None = None
) -> float:
    """Return the radius in metres (straight line) that ``minutes`` reach."""
    return minutes * city.speed_kmh(mode, age) * 1000 / 60 / city.detour_factor
