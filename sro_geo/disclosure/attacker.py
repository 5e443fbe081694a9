"""What an attacker can work out from sums: the exact interval of each hidden one.

All counts are whole numbers, none is negative. Of each published sum the attacker knows the
value, of each hidden one how small or large it can be. The interval of a sum runs from the
least to the greatest value that **whole** numbers allow; over real numbers it can be wider,
which would feign safety. A width is therefore proven by witnesses only: two possible worlds,
checked exactly, in which the sum differs that much.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from sro_geo.disclosure.program import NEAR, Floats, Optimum, Program, heed
from sro_geo.errors import SroError

# Rounds that try to prove many widths at once go on while each proves this share of the rest.
_WORTH_ANOTHER = 0.1
_PROPAGATION_ROUNDS = 20


@dataclass(frozen=True)
class Knowledge:
    """What an attacker knows of whole numbers (atoms) of at least 0.

    Parameters
    ----------
    matrix
        Statements × atoms, 0 or 1: which atoms a statement sums up.
    low, high
        Per statement: a published sum has ``low == high``; of a hidden one the least and the
        greatest value known (``inf`` allowed).
    atom_high
        Per atom, ``inf`` allowed.
    """

    matrix: sparse.csr_array
    low: Floats
    high: Floats
    atom_high: Floats

    def allows(self, points: Floats) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Say of each row of ``points`` (worlds × atoms) whether it contradicts nothing."""
        sums = points @ self.matrix.T
        return np.asarray(
            (points == np.rint(points)).all(axis=1)
            & (points >= 0).all(axis=1)
            & (points <= self.atom_high).all(axis=1)
            & (sums >= self.low).all(axis=1)
            & (sums <= self.high).all(axis=1)
        )


def bounds(
    knowledge: Knowledge,
    targets: sparse.csr_array,
    *,
    enough: Floats | float | None = None,
    witnesses: Floats | None = None,
    stop: Callable[[], bool] | None = None,
) -> Floats:
    """Return the least and the greatest value of each target, exact for whole numbers.

    Parameters
    ----------
    knowledge
        What is known.
    targets
        Sums × atoms, 0 or 1.
    enough
        A width per target (or one for all). A target proven to be at least that wide is not
        solved to the end: the interval returned for it is then what is proven, not all.
    witnesses
        Worlds × atoms, possible worlds known already; others among them are left out.
    stop
        Asked now and then; True ends with ``SroError("disclosure_stopped")``.

    Returns
    -------
    ndarray
        Targets × 2; the greatest value may be ``inf``.

    Raises
    ------
    SroError
        ``disclosure_inconsistent``: no world fits what is known.
    """
    return Search(knowledge, targets, enough, witnesses, stop).intervals()


class Search:
    """The search behind ``bounds``; ``worlds`` keeps the possible worlds it met."""

    def __init__(
        self,
        knowledge: Knowledge,
        targets: sparse.csr_array,
        enough: Floats | float | None = None,
        witnesses: Floats | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> None:
        self.knowledge, self.targets, self.stop = knowledge, sparse.csr_array(targets), stop
        count = self.targets.shape[0]
        self.enough = None if enough is None else np.broadcast_to(np.asarray(enough, float), count)
        heed(stop)
        low, high = limits(knowledge)
        self.worlds: list[Floats] = []
        # Proven from inside by worlds, from outside by arguments; equal when done.
        self.inner = np.column_stack([np.full(count, np.inf), np.full(count, -np.inf)])
        self.endless = self.targets @ np.isinf(high).astype(float) > 0
        # An atom without limit stands in no statement with one: beyond this nothing changes.
        reach = knowledge.low.max(initial=0.0) + (
            0 if enough is None else np.max(enough, initial=0)
        )
        self.outer = np.column_stack(
            [self.targets @ low, self.targets @ np.where(np.isinf(high), 0, high)]
        )
        self.outer[self.endless, 1] = np.inf
        self._low, self._high = low, np.where(np.isinf(high), low + np.ceil(reach) + 1, high)
        self._program = self._reduced()
        if witnesses is not None and len(witnesses):
            for world in witnesses[knowledge.allows(witnesses)]:
                self._met(world)

    def intervals(self) -> Floats:
        """Return the interval of each target."""
        if not self.worlds:
            self._one_world()
        if self.enough is not None:
            self._many_at_once()
        for target in range(self.targets.shape[0]):
            for side in (1, 0):
                if not self._done(target):
                    self._extreme(target, side)
        return self.inner.copy()

    def _done(self, target: int) -> bool:
        low, high = self.inner[target]
        wide = self.enough is not None and high - low >= self.enough[target]
        return wide or bool((self.inner[target] == self.outer[target]).all())

    def _left(self) -> np.ndarray:
        """Return the targets not proven to be wide enough and not known exactly."""
        open_ = (self.inner != self.outer).any(axis=1)
        if self.enough is not None:
            open_ &= self.inner[:, 1] - self.inner[:, 0] < self.enough
        return np.flatnonzero(open_)

    def _met(self, world: Floats) -> None:
        self.worlds.append(world)
        values = self.targets @ world
        self.inner[:, 0] = np.minimum(self.inner[:, 0], values)
        self.inner[:, 1] = np.where(self.endless, np.inf, np.maximum(self.inner[:, 1], values))

    def _take(self, optimum: Optimum) -> bool:
        """Keep the world at an optimum if it is one of whole numbers."""
        point = self._program.point(optimum)
        if point is None:
            return False
        world = self._low.copy()
        world[self._free] = point
        self._met(world)
        return True

    def _one_world(self) -> None:
        nothing = np.zeros(len(self._free))
        found = self._program.minimise(nothing)
        if found is not None and not self._take(found):
            found = self._program.minimise_whole(nothing)
            if found is not None and not self._take(found):
                raise RuntimeError("the solver's whole numbers do not fit")
        if found is None:
            raise SroError("disclosure_inconsistent")

    def _many_at_once(self) -> None:
        """Push all open targets at the same time, each up or down as a fixed draw says."""
        draw = np.random.default_rng(0)
        left = self._left()
        while len(left):
            push = draw.choice([-1.0, 1.0], len(left)) * draw.uniform(0.5, 1.0, len(left))
            cost = (push @ self.targets[left])[self._free]
            for direction in (cost, -cost):
                found = self._program.minimise(direction)
                if found is not None:
                    self._take(found)
            before, left = len(left), self._left()
            if before - len(left) < _WORTH_ANOTHER * before:
                break

    def _extreme(self, target: int, side: int) -> None:
        """Find the least (side 0) or the greatest (side 1) value of a target."""
        if self.inner[target, side] == self.outer[target, side]:
            return
        sign = 1.0 if side == 0 else -1.0
        cost = sign * self.targets[[target]].toarray()[0]
        fixed = cost @ np.where(self._is_free, 0.0, self._low)
        for solve in (self._program.minimise, self._program.minimise_whole):
            found = solve(cost[self._free])
            if found is None:
                raise SroError("disclosure_inconsistent")
            self._take(found)
            # Rounded towards the inside: over whole numbers no value lies between.
            proven = sign * float(np.ceil(found.value + fixed - NEAR))
            tighter = min if side == 1 else max
            self.outer[target, side] = tighter(self.outer[target, side], proven)
            if self._done(target) or self.inner[target, side] == self.outer[target, side]:
                return
        raise RuntimeError("the solver's whole numbers do not fit")

    def _reduced(self) -> Program:
        """Return the program without what is fixed or says nothing."""
        self._is_free = self._low < self._high
        self._free = np.flatnonzero(self._is_free)
        known = self.knowledge
        base = known.matrix @ np.where(self._is_free, 0.0, self._low)
        matrix = sparse.csr_array(known.matrix[:, self._free])
        low, high = known.low - base, known.high - base
        least = matrix @ self._low[self._free]
        most = matrix @ self._high[self._free]
        says = np.flatnonzero((least < low) | (most > high))
        # The same statement twice is one with the narrower limits.
        first: dict[bytes, int] = {}
        place = np.empty(len(says), dtype=np.int64)
        for i, row in enumerate(says.tolist()):
            atoms = np.sort(matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]])
            place[i] = first.setdefault(atoms.tobytes(), len(first))
        row_low, row_high = np.full(len(first), -np.inf), np.full(len(first), np.inf)
        np.maximum.at(row_low, place, low[says])
        np.minimum.at(row_high, place, high[says])
        if (row_low > row_high).any():
            raise SroError("disclosure_inconsistent")
        _, once = np.unique(place, return_index=True)
        return Program(
            sparse.csr_array(matrix[says[once]]),
            row_low,
            row_high,
            self._low[self._free],
            self._high[self._free],
            stop=self.stop,
        )


def limits(knowledge: Knowledge) -> tuple[Floats, Floats]:
    """Return what each atom is at least and at most, as far as single statements say."""
    matrix = sparse.csr_array(knowledge.matrix)
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    column = matrix.indices
    low = np.zeros(matrix.shape[1])
    high = np.floor(np.asarray(knowledge.atom_high, dtype=float))
    for _ in range(_PROPAGATION_ROUNDS):
        endless = np.isinf(high)
        least = matrix @ low
        most = matrix @ np.where(endless, 0.0, high)
        most[matrix @ endless.astype(float) > 0] = np.inf
        if (low > high).any() or (least > knowledge.high).any() or (most < knowledge.low).any():
            raise SroError("disclosure_inconsistent")
        # The others at their least leave this at most; the others at their most, at least.
        at_most = high.copy()
        np.minimum.at(at_most, column, np.floor(knowledge.high - least)[row] + low[column])
        known = np.isfinite(most)[row]
        at_least = low.copy()
        np.maximum.at(
            at_least,
            column[known],
            np.ceil((knowledge.low - np.where(np.isfinite(most), most, 0))[row[known]])
            + high[column[known]],
        )
        if (at_most == high).all() and (at_least == low).all():
            break
        low, high = at_least, at_most
    return low, high
