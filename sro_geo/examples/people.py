"""Invent how many persons of which age live in each block."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

# first and last year of each band; the last one is open
BANDS: tuple[tuple[int, int | None], ...] = (
    (0, 2), (3, 5), (6, 9), (10, 13), (14, 17), (18, 20), (21, 26), (27, 64), (65, 74), (75, None),
)  # fmt: skip

# Shares in per mille, three kinds of quarter: new estates with families, mixed, long settled.
_PROFILES = np.array(
    [
        [38, 40, 52, 50, 44, 30, 58, 530, 80, 78],
        [27, 29, 38, 38, 37, 30, 68, 510, 103, 120],
        [17, 19, 26, 29, 31, 25, 50, 455, 148, 200],
    ],
    float,
)

POPULATION_COLUMNS = ("block_id", "reference_date", "age_from", "age_to", "persons")


def settle(
    weights: Sequence[float], spots: NDArray[np.float64], total: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return persons by block and age band, ``total`` in all.

    Parameters
    ----------
    weights
        Relative number of persons of each block; 0: nobody lives there.
    spots
        Centre of each block in metres; quarters near each other have similar ages.
    """
    share = np.asarray(weights, float) * np.exp(rng.normal(0, 0.35, len(weights)))
    persons = rng.multinomial(total, share / share.sum())
    reach = np.ptp(spots, axis=0).max() / 4
    poles = rng.uniform(spots.min(axis=0), spots.max(axis=0), (9, 2))
    leaning = rng.dirichlet((0.7, 1.2, 0.7), 9)
    near = np.exp(-((spots[:, None] - poles[None]) ** 2).sum(axis=2) / reach**2) + 1e-6
    mixture = near @ leaning + rng.dirichlet((1.0, 1.6, 1.0), len(spots)) * 0.35
    ages = (mixture / mixture.sum(axis=1, keepdims=True)) @ _PROFILES
    ages /= ages.sum(axis=1, keepdims=True)
    return np.array([rng.multinomial(n, p) for n, p in zip(persons, ages, strict=True)])


def population_rows(
    block_ids: Sequence[str], persons: NDArray[np.int64], reference_date: str
) -> list[dict[str, Any]]:
    """Return the long table: a row for each block and band, zeros included."""
    return [
        {
            "block_id": block_id,
            "reference_date": reference_date,
            "age_from": first,
            "age_to": "" if last is None else last,
            "persons": int(count),
        }
        for block_id, counts in zip(block_ids, persons, strict=True)
        for (first, last), count in zip(BANDS, counts, strict=True)
    ]
