"""Where the next offers help most: the exact maximal covering location problem.

Church and ReVelle (1974): choose a few sites so that the most persons not yet covered
come within reach of one. ``problem`` makes the question small (persons reached by the
same candidates are one), ``improving`` finds a good answer, ``solving`` proves the best
with HiGHS, ``sites`` puts them together.
"""

from sro_geo.siting.sites import MOST_SITES, Pairs, Sites, best_sites

__all__ = ["MOST_SITES", "Pairs", "Sites", "best_sites"]
