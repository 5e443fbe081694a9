"""A good answer quickly: the largest gain first, then exchanges; also settles ties."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sro_geo.siting.problem import Floats, Problem

_SWEEPS = 100


class Search:
    """Gains of the sites of a problem, given some that are chosen."""

    def __init__(self, problem: Problem) -> None:
        from scipy import sparse  # late: most of the program never asks for a site

        self.problem = problem
        shape = (len(problem.persons), problem.sites)
        ones = np.ones(len(problem.covering))
        # Groups × sites and sites × groups: products with them count covers and gains.
        self.covers = sparse.csr_matrix((ones, problem.covering, problem.starts), shape=shape)
        self.reaches = self.covers.T.tocsr()

    def covered(self, chosen: list[int]) -> npt.NDArray[np.bool_]:
        """Return which groups the chosen sites cover."""
        mask = np.zeros(len(self.problem.persons), dtype=bool)
        starts, groups = self.reaches.indptr, self.reaches.indices
        for site in chosen:
            mask[groups[starts[site] : starts[site + 1]]] = True
        return mask

    def value(self, chosen: list[int]) -> float:
        """Return the persons the chosen sites cover."""
        return float(self.problem.persons[self.covered(chosen)].sum())

    def worth(self, chosen: list[int], least: float) -> float:
        """Return the persons the chosen sites cover, less ``least`` for each site."""
        return self.value(chosen) - least * len(chosen)

    def gains(self, chosen: list[int]) -> Floats:
        """Return what each site would add to the chosen ones."""
        gains: Floats = self.reaches @ np.where(self.covered(chosen), 0.0, self.problem.persons)
        return gains

    def best_next(self, chosen: list[int]) -> tuple[int, float]:
        """Return the first of the sites that add most, and what it adds."""
        gains = self.gains(chosen)
        best = int(np.flatnonzero(gains >= gains.max() - self.problem.tolerance)[0])
        return best, float(gains[best])

    def extended(self, chosen: list[int], count: int, least: float) -> list[int]:
        """Return the chosen sites with the best next ones, while each adds ``least``."""
        out = list(chosen)
        while len(out) < count and self.problem.sites:
            site, gain = self.best_next(out)
            if gain <= self.problem.tolerance or gain < least - self.problem.tolerance:
                break
            out.append(site)
        return out

    def settled(self, chosen: list[int], count: int, least: float) -> list[int]:
        """Return the chosen sites after exchanges of one site for a better or equal one.

        Equal means as many persons and an earlier site, so that ties fall to the same
        site every time. What adds too little is dropped, what fits is added.
        """
        out, tolerance = sorted(chosen), self.problem.tolerance
        for _ in range(_SWEEPS):
            before = list(out)
            for site in before:
                others = [s for s in out if s != site]
                better, gain = self.best_next(others)
                if gain <= tolerance or gain < least - tolerance:
                    out = others
                elif better != site:
                    out = sorted([*others, better])
            out = sorted(self.extended(out, count, least))
            if out == before:
                break
        return out
