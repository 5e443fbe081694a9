"""An attacker of our own: scipy's solver and plain enumeration, nothing from the gate."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from sro_geo.disclosure.attacker import Knowledge


def worlds(known: Knowledge, most: int) -> np.ndarray:
    """Return every table of atoms up to ``most`` that contradicts nothing, one by one."""
    high = np.minimum(known.atom_high, most).astype(int)
    every = np.array(list(product(*(range(h + 1) for h in high))), dtype=float)
    every = every.reshape(-1, len(high))
    sums = every @ known.matrix.toarray().T
    fits = ((sums >= known.low) & (sums <= known.high)).all(axis=1)
    return np.asarray(every[fits])


def enumerated(known: Knowledge, targets: Any, most: int) -> np.ndarray | None:
    """Return the interval of each target over all possible worlds, None without any."""
    values = worlds(known, most) @ sparse.csr_array(targets).toarray().T
    if not len(values):
        return None
    return np.column_stack([values.min(axis=0), values.max(axis=0)])


def solved(known: Knowledge, targets: Any) -> np.ndarray:
    """Return the interval of each target as scipy's integer solver finds it."""
    rows = sparse.csr_array(targets).toarray()
    out = np.empty((len(rows), 2))
    limits = LinearConstraint(known.matrix.toarray(), known.low, known.high)
    for i, row in enumerate(rows):
        for side, sign in ((0, 1.0), (1, -1.0)):
            found = milp(
                sign * row,
                constraints=limits,
                bounds=Bounds(0, known.atom_high),
                integrality=np.ones(len(row)),
            )
            endless = side == 1 and found.status in (3, 4)
            assert endless or found.status == 0, found.message
            out[i, side] = np.inf if endless else round(sign * found.fun)
    return out


def crossed(tree: list[tuple[int, ...]], types: list[tuple[int, ...]]) -> sparse.csr_array:
    """Return the sums of areas × help types; each is a tuple of its atoms' positions."""
    left = np.zeros((len(tree), 1 + max(max(a) for a in tree)))
    right = np.zeros((len(types), 1 + max(max(b) for b in types)))
    for i, members in enumerate(tree):
        left[i, list(members)] = 1
    for i, members in enumerate(types):
        right[i, list(members)] = 1
    return sparse.csr_array(np.kron(left, right))
