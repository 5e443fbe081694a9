"""One result seen from several sides: other thresholds, all ways, other areas."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sro_geo.coverage.demand import Demand
from sro_geo.coverage.measures import Result, figures, overall, share_of


def sensitivity(
    result: Result, thresholds: Sequence[float] | None = None, *, area_id: str | None = None
) -> pd.DataFrame:
    """Return ``minutes``, ``covered``, ``uncovered``, ``share`` for a range of thresholds.

    Parameters
    ----------
    thresholds
        Minutes; default 41 steps from 0 to twice the threshold.
    area_id
        Only the people of one area; default all inside the city.
    """
    limits = np.linspace(0, 2 * result.threshold, 41) if thresholds is None else thresholds
    minutes, persons = _people(result, area_id)
    order = np.argsort(minutes, kind="stable")
    running = np.append(0.0, np.cumsum(persons[order]))
    covered = running[np.searchsorted(minutes[order], limits, "right")]
    everybody = np.full(len(covered), running[-1])
    return pd.DataFrame(
        {
            "minutes": np.asarray(limits, float),
            "covered": covered,
            "uncovered": everybody - covered,
            "share": share_of(covered, everybody),
        }
    )


def distribution(
    result: Result, *, step: float = 5.0, up_to: float | None = None, area_id: str | None = None
) -> pd.DataFrame:
    """Return how many persons have ways of which length.

    Returns
    -------
    Columns ``minutes_from``, ``minutes_to`` (a way belongs to the class whose end it does
    not exceed; the first holds 0), ``persons``. The last but one row is open (``minutes_to``
    NaN); the last, both NaN, are those who reach nothing. All rows together are everybody.
    """
    minutes, persons = _people(result, area_id)
    last = 3 * result.threshold if up_to is None else up_to
    count = max(int(np.ceil(last / step - 1e-9)), 1)
    edges = step * np.arange(count + 1)
    within = np.searchsorted(edges[1:], minutes, "left")
    within[np.isinf(minutes)] = count + 1
    return pd.DataFrame(
        {
            "minutes_from": np.append(edges, np.nan),
            "minutes_to": np.append(edges[1:], [np.nan, np.nan]),
            "persons": np.bincount(within, persons, minlength=count + 2),
        }
    )


def _people(result: Result, area_id: str | None) -> tuple[np.ndarray, np.ndarray]:
    demand = result.demand
    mask = demand.inside
    if area_id is not None:
        catalogue = demand.catalogue.set_index("area_id")["level"]
        level = catalogue.get(area_id)
        mask = mask & (
            (demand.areas[level] == area_id).to_numpy(bool) if level else np.zeros(len(mask), bool)
        )
    return result.minutes[mask], demand.persons[mask]


def comparison(result: Result, demand: Demand, level: str) -> pd.DataFrame:
    """Return the share of every area of a level beside those of the areas above it.

    Returns
    -------
    ``area_id``, ``name``, ``population``, ``uncovered``, ``share``, and for each level above
    ``<above>_id``, ``<above>_share`` and ``<above>_difference`` (own share minus that of the
    area above); ``overall_share`` and ``overall_difference`` against all inside the city.
    """
    table = figures(result, demand, level)
    out = table[["area_id", "name", "population", "uncovered", "share"]].copy()
    areas = demand.catalogue.set_index("area_id")
    current = out["area_id"].map(areas["parent_id"])
    above = level
    while current.notna().any():
        levels = current.map(areas["level"]).dropna().unique()
        if len(levels) == 0 or levels[0] == above:
            break
        above = str(levels[0])
        shares = figures(result, demand, above).set_index("area_id")["share"]
        out[f"{above}_id"] = current
        out[f"{above}_share"] = current.map(shares).astype(float)
        out[f"{above}_difference"] = out["share"] - out[f"{above}_share"]
        current = current.map(areas["parent_id"])
        if len(out.columns) > 5 + 3 * areas["level"].nunique():
            break  # a cycle in the parents must not hang the app
    out["overall_share"] = overall(result, demand)["share"]
    out["overall_difference"] = out["share"] - out["overall_share"]
    return out
