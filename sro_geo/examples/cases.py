"""Invent how much help is given where: counts of a year by block, and figures of the spaces.

Orders of magnitude are those of a town of 80,000; every number is drawn, none was counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sro_geo.cases import HELP_TYPES, PLACES_OF_HELP
from sro_geo.examples.files import Folder
from sro_geo.examples.people import BANDS

YEARS = (2021, 2022, 2023, 2024, 2025)
CASE_COLUMNS = (
    "block_id", "year", "help_type", "age_from", "age_to", "counting_rule", "unit",
    "place_of_help", "case_count",
)  # fmt: skip
INDICATOR_COLUMNS = (
    "indicator", "area_id", "year", "numerator", "denominator", "published", "source",
)  # fmt: skip

# The bands under 21; nobody older is counted, so that nobody is missing in the denominator.
_YOUNG = 6

# help: cases expected in the first and the last year; how often by age band; where in per cent
# (in the space, elsewhere in the region, in the city, outside, unknown)
_HELPS: dict[str, tuple[float, float, tuple[float, ...], tuple[float, ...]]] = {
    "27(2)": (13, 18, (2, 2, 2, 2, 2, 0), (60, 20, 10, 7, 3)),
    "28": (172, 206, (1, 2, 4, 4, 3, 1), (35, 35, 28, 0, 2)),
    "29": (9, 12, (0, 0, 2, 5, 3, 0), (70, 20, 10, 0, 0)),
    "30": (48, 57, (0, 0, 1, 4, 6, 2), (85, 10, 3, 0, 2)),
    "31": (72, 90, (5, 5, 4, 3, 2, 0), (92, 5, 2, 0, 1)),
    "32": (14, 13, (0, 0, 5, 4, 0, 0), (30, 40, 25, 5, 0)),
    "33": (44, 43, (4, 4, 3, 3, 2, 0), (12, 13, 20, 52, 3)),
    "34": (46, 54, (0, 1, 2, 4, 6, 1), (5, 8, 17, 68, 2)),
    "35": (4, 5, (0, 0, 0, 1, 5, 1), (10, 10, 20, 55, 5)),
    "35a": (42, 63, (0, 0, 4, 5, 4, 1), (45, 25, 20, 8, 2)),
    "41": (30, 40, (0, 0, 0, 0, 0, 1), (15, 15, 25, 42, 3)),
    "42": (24, 32, (2, 1, 1, 3, 6, 0), (5, 15, 45, 35, 0)),
    "8a": (96, 130, (5, 4, 4, 3, 3, 0), (97, 0, 0, 0, 3)),
}
# Help moves nearer to home, by so many per cent of what was given outside, a year.
_NEARER = 3.0

# indicator: rate of a space where life is average, how steeply it follows the leaning of the
# space, age group of its denominator
_FIGURES: dict[str, tuple[float, float, str]] = {
    "sgb2_rate": (0.082, 1.0, "0-64"),
    "child_poverty": (0.132, 1.1, "0-14"),
    "unemployment_share": (0.049, 0.8, "18-64"),
    "employment_rate": (0.634, -0.12, "15-64"),
    "single_parent_children": (0.178, 0.4, "under_18"),
}
# how each year differs from the first, all over the town
_YEARLY = (1.0, 1.06, 1.05, 1.04, 1.02)


def leanings(areas: Sequence[str], rng: np.random.Generator) -> dict[str, float]:
    """Return how much more help and support than on average a space sees (0.2: a fifth)."""
    spread = np.linspace(-0.18, 0.22, len(areas))
    return {a: float(s) for a, s in zip(areas, rng.permutation(spread), strict=True)}


def case_rows(
    ids: Sequence[str],
    spaces: Sequence[str],
    persons: NDArray[np.int64],
    leaning: dict[str, float],
    rng: np.random.Generator,
) -> list[dict[str, Any]]:
    """Return counts by year, block, help, age band and place; what is 0 has no row.

    Nobody is counted twice in one help and year, so no count exceeds the persons there are.
    A year shares much of its luck with the one before: help goes on.
    """
    order = sorted(range(len(ids)), key=lambda n: ids[n])
    young = persons[order, :_YOUNG]
    of_block, of_band = np.nonzero(young)
    times = young[of_block, of_band]
    block, band = np.repeat(of_block, times), np.repeat(of_band, times)
    factor = np.exp(rng.normal(0, 0.4, len(ids))) * [1 + leaning[spaces[n]] for n in order]
    rows = []
    luck = {code: rng.gumbel(size=len(block)) for code in HELP_TYPES}
    for year in YEARS:
        late = (year - YEARS[0]) / (YEARS[-1] - YEARS[0])
        for code in HELP_TYPES:
            first, last, ages, places = _HELPS[code]
            expected = first + (last - first) * late
            number = max(1, round(rng.normal(expected, 0.4 * expected**0.5)))
            fresh = rng.random(len(block)) < 0.4
            luck[code] = np.where(fresh, rng.gumbel(size=len(block)), luck[code])
            weight = np.array(ages, float)[band] * factor[block]
            with np.errstate(divide="ignore"):
                chosen = np.argsort(-(np.log(weight) + luck[code]), kind="stable")[:number]
            share = np.array(places, float)
            nearer = share[3] * _NEARER / 100 * (year - YEARS[0])
            share += (nearer, 0, 0, -nearer, 0)
            where = rng.choice(len(PLACES_OF_HELP), number, p=share / share.sum())
            found = Counter(zip(block[chosen], band[chosen], where, strict=True))
            for (b, a, w), count in sorted(found.items()):
                rows.append(
                    {
                        "block_id": ids[order[b]],
                        "year": year,
                        "help_type": code,
                        "age_from": BANDS[a][0],
                        "age_to": BANDS[a][1],
                        "counting_rule": "running_and_ended",
                        "unit": "cases",
                        "place_of_help": PLACES_OF_HELP[w],
                        "case_count": count,
                    }
                )
    return rows


def indicator_rows(
    spaces: Sequence[str],
    persons: NDArray[np.int64],
    leaning: dict[str, float],
    rng: np.random.Generator,
) -> list[dict[str, Any]]:
    """Return numerator and denominator of a few indicators by space and year."""
    rows = []
    for name, (usual, slope, group) in _FIGURES.items():
        for area in sorted(leaning):
            own = persons[[n for n, space in enumerate(spaces) if space == area]].sum(axis=0)
            for number, year in enumerate(YEARS):
                # the town grew by half a per cent a year
                people = _among(own, group) * 1.005 ** (year - YEARS[-1])
                swing = 1 + (_YEARLY[number] - 1) * slope
                rate = usual * (1 + slope * leaning[area]) * swing * rng.normal(1, 0.012)
                rows.append(
                    {
                        "indicator": name,
                        "area_id": area,
                        "year": year,
                        "numerator": round(people * rate),
                        "denominator": round(people),
                        # As if an atlas of the state had published them, masked there already.
                        "published": "ja",
                        "source": "Beispieldaten",
                    }
                )
    return rows


def _among(own: NDArray[np.int64], group: str) -> float:
    """Return the persons of an age group; three quarters of the 14 to 17 are over 14."""
    teens, grown = own[4], own[5:8].sum()
    children = own[:4].sum()
    return float(
        {
            "0-14": children + teens / 4,
            "under_18": children + teens,
            "0-64": children + teens + grown,
            "15-64": 3 * teens / 4 + grown,
            "18-64": grown,
        }[group]
    )


def write_cases(
    folder: Folder,
    ids: Sequence[str],
    spaces: Sequence[str],
    persons: NDArray[np.int64],
    rng: np.random.Generator,
) -> None:
    """Write ``cases/cases.csv`` and ``cases/indicators.csv``."""
    leaning = leanings(sorted(set(spaces)), rng)
    folder.csv("cases/cases.csv", CASE_COLUMNS, case_rows(ids, spaces, persons, leaning, rng))
    figures = indicator_rows(spaces, persons, leaning, rng)
    folder.csv("cases/indicators.csv", INDICATOR_COLUMNS, figures)
