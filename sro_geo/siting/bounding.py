"""How good can it get: a bound by Lagrange multipliers, and the sites that cannot be best.

Galvão and ReVelle (1996): give each group a price that its sites share; the best sites at
those prices bound the answer from above. The prices follow a smoothed subgradient. On the
way good answers are found, and at the end every site is dropped with which even the bound
is no better than what was found. Often nothing is left for the solver to prove.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sro_geo.siting.improving import Search
from sro_geo.siting.problem import Ints
from sro_geo.siting.watching import Watch

_ROUNDS = 1000
# Rounds without a better bound before the steps become shorter, and by how much.
_PATIENCE, _SHORTER, _SHORTEST = 20, 0.7, 1e-4
# How much of the last direction is kept.
_SMOOTH = 0.7
_TRY_EVERY = 20


@dataclass(frozen=True)
class Bounded:
    """Sites found, what no answer exceeds, and the sites that may be part of a better one.

    ``bound`` is in persons less the minimum gain for each site.
    """

    chosen: list[int]
    bound: float
    keep: Ints


def bounded(search: Search, start: list[int], count: int, least: float, watch: Watch) -> Bounded:
    """Return a bound for up to ``count`` sites; better sites than ``start`` where it met any."""
    problem = search.problem
    persons, sites = problem.persons, problem.sites
    count = min(count, sites)
    # Two answers differ by whole persons only if the minimum gain is whole as well.
    step = problem.step if float(least).is_integer() else problem.tolerance

    chosen = start
    value = search.worth(start, least)
    price = persons / np.maximum(np.diff(problem.starts), 1)
    bound, best_price = np.inf, price
    length, waited = 1.0, 0
    direction = np.zeros(len(persons))
    tried = {tuple(start)}
    for turn in range(_ROUNDS):
        worth = search.reaches @ price - least
        top = np.sort(np.argpartition(-worth, count - 1)[:count]) if sites else np.empty(0, int)
        top = top[worth[top] > 0]
        found = float(persons.sum() - price.sum() + worth[top].sum())
        if found < bound * (1 - 1e-6):
            waited = 0
        else:
            waited += 1
            if waited == _PATIENCE:
                length, waited = length * _SHORTER, 0
        if found < bound:
            bound, best_price = found, price
        if turn % _TRY_EVERY == 0 and (key := tuple(top.tolist())) not in tried:
            tried.add(key)
            other = search.settled(list(key), count, least)
            if search.worth(other, least) > value + problem.tolerance:
                chosen, value = other, search.worth(other, least)
        if bound < value + step - problem.tolerance:
            return Bounded(chosen, value, np.empty(0, np.int64))
        if length < _SHORTEST or watch(value, bound):
            break
        taken = np.zeros(sites)
        taken[top] = 1.0
        direction = (1 - _SMOOTH) * (search.covers @ taken - 1.0) + _SMOOTH * direction
        # A price stays between nothing and the persons of its group.
        free = ~(((price <= 0) & (direction > 0)) | ((price >= persons) & (direction < 0)))
        size = float(direction[free] @ direction[free])
        if size == 0:
            break
        move = np.where(free, direction, 0.0) * (length * (found - value) / size)
        price = np.clip(price - move, 0.0, persons)

    worth = search.reaches @ best_price - least
    ranked = np.sort(np.maximum(worth, 0.0))[::-1]
    # The bound if a site had to be among the chosen: it takes the place of the last of them.
    last = ranked[count - 1]
    with_it = np.where(worth >= last, bound, bound - last + worth)
    keep = np.flatnonzero(with_it >= value + step - problem.tolerance)
    return Bounded(chosen, bound, np.union1d(keep, chosen).astype(np.int64))
