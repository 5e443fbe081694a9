"""What the other rooms ask of any way of travelling, straight line or street network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np


@dataclass(frozen=True)
class Reached:
    """Pairs of a demand and an offer within reach, sorted by demand, then offer.

    ``demand`` and ``offer`` are positions, ``minutes`` the time between them, each of shape
    (pairs,). Somebody who lives where the offer is has the entry 0.0: pairs that are not
    listed are out of reach, not at distance zero.
    """

    demand: np.ndarray
    offer: np.ndarray
    minutes: np.ndarray

    def __len__(self) -> int:
        return len(self.minutes)


class Travel(Protocol):
    """How long is the way, for one mode and one age of the traveller.

    Coordinates are metres in the city's projected CRS; NaN is a place nobody can reach or
    start from. Ways take as long there as back.
    """

    @property
    def method(self) -> str:
        """``straight_line`` or ``network``."""

    def nearest(
        self, x: np.ndarray, y: np.ndarray, xs: np.ndarray, ys: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return minutes to the nearest offer and its position, of shape (n,) each.

        Parameters
        ----------
        x, y
            Demand, shape (n,).
        xs, ys
            Offers, shape (m,).

        Returns
        -------
        ``inf`` and -1 where no offer can be reached.
        """

    def within(
        self, x: np.ndarray, y: np.ndarray, xs: np.ndarray, ys: np.ndarray, minutes: float
    ) -> Reached:
        """Return every pair of demand and offer at most ``minutes`` apart."""


def reached(demand: np.ndarray, offer: np.ndarray, minutes: np.ndarray) -> Reached:
    """Return pairs in the order :class:`Reached` promises."""
    order = np.lexsort((offer, demand))
    return Reached(
        demand[order].astype(np.int64), offer[order].astype(np.int64), minutes[order].astype(float)
    )


def metres_per_minute(speed_kmh: float) -> float:
    """Return a speed in metres per minute."""
    return speed_kmh * 1000 / 60
