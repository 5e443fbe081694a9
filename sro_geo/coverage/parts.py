"""Coverage of more people than fit in memory: part after part, with totals that add up.

For a state or a country. Nothing is kept of a part but its sums by area and the number of
persons by length of way, so memory does not grow with the number of cells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sro_geo.coverage.measures import BAND, share_of
from sro_geo.errors import SroError
from sro_geo.reach import Travel


@dataclass(frozen=True)
class Part:
    """Some of the people: metres in the city's CRS, persons, and the number of their area.

    ``area`` is -1 for people who are in none; None where no areas are asked for.
    """

    x: np.ndarray
    y: np.ndarray
    persons: np.ndarray
    area: np.ndarray | None = None


@dataclass(frozen=True)
class InParts:
    """Sums over all parts.

    ``areas`` has one row per area (the last is everybody, area or not) with ``population``,
    ``covered``, ``uncovered``, ``share``, ``share_low``, ``share_high``; ``classes`` counts
    persons of all areas by minutes (``minutes_from``, ``minutes_to``, ``persons``; the last
    row, without an end, holds longer and infinite ways). ``complete`` is False when it was
    cancelled: the sums are then those of the parts done.
    """

    areas: pd.DataFrame
    classes: pd.DataFrame
    places: int
    complete: bool

    def quantile_minutes(self, quantile: float) -> tuple[float, float]:
        """Return the class of minutes (from, to) that a quantile of the persons lies in.

        The end is ``inf`` where the quantile lies beyond the last class; NaN for nobody.
        """
        running = self.classes["persons"].cumsum().to_numpy()
        if not len(running) or running[-1] <= 0:
            return np.nan, np.nan
        row = int(np.searchsorted(running, quantile * running[-1] * (1 - 1e-12), "left"))
        end = self.classes["minutes_to"].iloc[row]
        return float(self.classes["minutes_from"].iloc[row]), float(np.nan_to_num(end, nan=np.inf))


def cover_in_parts(
    parts: Iterable[Part],
    xs: np.ndarray,
    ys: np.ndarray,
    travel: Travel,
    minutes: float,
    *,
    areas: int = 0,
    class_width: float = 1.0,
    progress: Callable[[int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> InParts:
    """Return coverage by offers at ``xs``, ``ys`` of people who come in parts.

    Parameters
    ----------
    areas
        Number of areas that ``Part.area`` counts.
    class_width
        Width of the classes of minutes, which end at four times the threshold.
    progress
        Called with the number of places done after each part.
    cancelled
        Asked before each part; True ends with what is done.

    Raises
    ------
    SroError
        ``minutes_wrong``.
    """
    if not (np.isfinite(minutes) and minutes > 0):
        raise SroError("minutes_wrong", minutes=minutes)
    limits = (minutes, minutes * (1 - BAND), minutes * (1 + BAND), np.inf)
    sums = np.zeros((len(limits), areas + 1))
    count = int(np.ceil(4 * minutes / class_width))
    by_class = np.zeros(count + 1)
    places, complete = 0, True
    for part in parts:
        if cancelled is not None and cancelled():
            complete = False
            break
        ways, _ = travel.nearest(part.x, part.y, xs, ys)
        for row, limit in zip(sums, limits, strict=True):
            persons = np.where(ways <= limit, part.persons, 0.0)
            if part.area is not None and areas:
                known = part.area >= 0
                row[:-1] += np.bincount(part.area[known], persons[known], minlength=areas)
            row[-1] += persons.sum()
        finite = np.where(np.isfinite(ways), ways, np.float64(count) * class_width)
        which = np.clip(np.ceil(finite / class_width).astype(np.int64) - 1, 0, None)
        which[~np.isfinite(ways) | (which > count)] = count
        by_class += np.bincount(which, part.persons, minlength=count + 1)
        places += len(ways)
        if progress is not None:
            progress(places)
    covered, low, high, everybody = sums
    edges = class_width * np.arange(count + 1)
    return InParts(
        pd.DataFrame(
            {
                "population": everybody,
                "covered": covered,
                "uncovered": everybody - covered,
                "share": share_of(covered, everybody),
                "share_low": share_of(low, everybody),
                "share_high": share_of(high, everybody),
            }
        ),
        pd.DataFrame(
            {
                "minutes_from": edges,
                "minutes_to": np.append(edges[1:], np.nan),
                "persons": by_class,
            }
        ),
        places,
        complete,
    )
