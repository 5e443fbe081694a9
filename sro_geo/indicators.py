"""Indicators of areas: a catalogue, index formulas side by side, how far ranks depend on them.

Numerator and denominator are stored, rates are computed. A *table* has one row for each area
and one column for each indicator; NaN where a figure is hidden or missing. An area without
all the figures has no index and no rank, and takes no part in those of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

GIVEN = frozenset(["given", "released"])
#: Standard deviations from the mean at which classes end, as in Hamburg and Berlin.
CLASS_BOUNDS = (-1.0, 1.0, 1.5)
CLASSES = ("low", "middle", "high", "very_high")
DYNAMICS_BOUNDS = (-1.0, 1.0)
DYNAMICS = ("easing", "steady", "growing")


@dataclass(frozen=True)
class Indicator:
    """One indicator of the catalogue; its names and the words for its numerator are in i18n.

    Parameters
    ----------
    denominator
        Age group the numerator is set against.
    sign
        +1: more of it means more need of support; -1: less of it does; 0: it describes an
        area and says nothing of need, so that no index uses it unless told to.
    per
        Persons its rate refers to by custom (100: per cent).
    """

    id: str
    numerator: str
    denominator: str
    sign: int
    per: int = 100


_CATALOGUE = (
    Indicator("sgb2_rate", "sgb2_recipients", "0-64", 1),
    Indicator("child_poverty", "sgb2_recipients_under_15", "0-14", 1),
    Indicator("unemployment_share", "unemployed", "18-64", 1),
    Indicator("employment_rate", "insured_employees", "15-64", -1),
    Indicator("single_parent_children", "children_of_single_parents", "under_18", 1),
    Indicator("migration_background_under_18", "minors_with_migration_background", "under_18", 0),
    Indicator("hze_rate", "cases_of_help", "under_21", 1, 1000),
    Indicator("youth_quotient", "minors", "18-64", 0),
    Indicator("taking_into_care", "cases_42", "under_18", 1, 10_000),
    Indicator("endangerment_reports", "cases_8a", "under_18", 1, 10_000),
    Indicator("day_care_places", "day_care_places", "0-5", -1),
)
INDICATORS: Mapping[str, Indicator] = MappingProxyType({one.id: one for one in _CATALOGUE})
#: Those that count cases of help: their numbers are those of the releases of cases.
OF_CASES = frozenset(one.id for one in _CATALOGUE if one.numerator.startswith("cases_"))


def indicator_table(rows: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return the table of a year: areas × indicators, as rates by their custom.

    ``rows`` has area_id, year, indicator, numerator, denominator, status and perhaps value (a
    rate given without its parts, in the unit of the catalogue). Only figures given or
    released count; one suppressed at its source is NaN as one that is missing.
    """
    own = rows[rows["year"] == year]
    shown = own["status"].isin(GIVEN).to_numpy(bool)
    whole = own["denominator"].to_numpy(float, na_value=np.nan)
    part = own["numerator"].to_numpy(float, na_value=np.nan)
    per = np.array([INDICATORS[i].per if i in INDICATORS else 100 for i in own["indicator"]], float)
    value = np.where(whole > 0, per * part / np.where(whole > 0, whole, np.nan), np.nan)
    if "value" in own.columns:
        told = own["value"].to_numpy(float, na_value=np.nan)
        value = np.where(np.isnan(value), told, value)
    long = own[["area_id", "indicator"]].assign(value=np.where(shown, value, np.nan))
    table = long.set_index(["area_id", "indicator"])["value"].unstack("indicator")
    return table.rename_axis(columns=None)


def index_z(
    table: pd.DataFrame,
    *,
    signs: Mapping[str, int] | None = None,
    weights: Mapping[str, float] | None = None,
) -> pd.Series:
    """Return the weighted sum of sign-aligned z-scores, as Hamburg's social monitoring does.

    With the standard deviation of all areas (not of a sample of them). An indicator that is
    the same everywhere adds nothing.

    Parameters
    ----------
    signs
        By indicator; by default those of the catalogue, +1 for others.
    weights
        By indicator, 1 by default.
    """
    values, weight = _aligned(table, signs, weights)
    return _back(_z(values) @ weight, values, table, "index_z")


def index_rank(
    table: pd.DataFrame,
    *,
    signs: Mapping[str, int] | None = None,
    weights: Mapping[str, float] | None = None,
) -> pd.Series:
    """Return the weighted sum of ranks (Ulm): n for the most need among n areas, ties share."""
    values, weight = _aligned(table, signs, weights)
    return _back(values.rank(method="average").to_numpy() @ weight, values, table, "index_rank")


def index_points(
    table: pd.DataFrame,
    *,
    signs: Mapping[str, int] | None = None,
    weights: Mapping[str, float] | None = None,
) -> pd.Series:
    """Return points whose mean over the areas is 100 (SAGS): weighted mean of value ÷ mean.

    Where less means more need, points are mirrored about 100. An indicator that is 0
    everywhere is 100 everywhere. NaN everywhere if no indicator has weight.
    """
    values, weight = _aligned(table, signs, weights)
    turn = _turn(values.columns, signs)
    plain = values.to_numpy() * turn
    mean = plain.mean(axis=0) if len(plain) else np.ones(plain.shape[1])
    points = 100 * np.divide(plain, mean, out=np.ones_like(plain), where=mean != 0)
    points = 100 + turn * (points - 100)
    whole = weight.sum()
    index = points @ weight / whole if whole > 0 else np.full(len(values), np.nan)
    return _back(index, values, table, "index_points")


FORMULAS: Mapping[str, Callable[..., pd.Series]] = MappingProxyType(
    {"z": index_z, "rank": index_rank, "points": index_points}
)


def ranks(index: pd.Series) -> pd.Series:
    """Return places by an index: 1 has the most need, ties share the better one, NA without."""
    # Rounded, so that areas alike but for the order of additions share a place.
    return index.round(9).rank(ascending=False, method="min").astype("Int64")


def classes(
    index: pd.Series,
    *,
    bounds: Sequence[float] = CLASS_BOUNDS,
    names: Sequence[str] = CLASSES,
) -> pd.Series:
    """Return the class of each area by standard deviations from the mean; None without index."""
    known = index.dropna()
    z = _z(known.to_frame())[:, 0].round(9)
    number = np.searchsorted(np.asarray(bounds, float), z, side="left")
    out = np.full(len(index), None, dtype=object)
    out[index.notna().to_numpy()] = np.array(names, dtype=object)[number]
    return pd.Series(out, index=index.index, dtype=object, name=index.name)


def status_dynamics(
    now: pd.DataFrame,
    before: pd.DataFrame,
    *,
    signs: Mapping[str, int] | None = None,
    weights: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Return status and dynamics side by side, as in Berlin's monitoring, never one number.

    Status is the z-sum of ``now``; dynamics is the z-sum of what changed since ``before`` in
    the indicators both have. An area needs all figures of a table to be in it.

    Returns
    -------
    pandas.DataFrame
        status, status_class, dynamics, dynamics_class, on the index of ``now``.
    """
    both = [column for column in now.columns if column in before.columns]
    status = index_z(now, signs=signs, weights=weights)
    moved = now[both] - before[both].reindex(now.index)
    dynamics = index_z(moved, signs=signs, weights=weights)
    return pd.DataFrame(
        {
            "status": status,
            "status_class": classes(status),
            "dynamics": dynamics,
            "dynamics_class": classes(dynamics, bounds=DYNAMICS_BOUNDS, names=DYNAMICS),
        }
    )


def sensitivity(
    table: pd.DataFrame,
    weights: Mapping[str, float] | None = None,
    *,
    signs: Mapping[str, int] | None = None,
) -> pd.DataFrame:
    """Return the ranks of each area under every formula and with other weights.

    Returns
    -------
    pandas.DataFrame
        Columns (formula, z | rank | points); (without, indicator) and (doubled, indicator)
        for the z-sum with one indicator left out or counted twice; (range, best) and
        (range, worst): the lowest and highest place over all of these. Int64, NA for an area
        without index. The areas compared are the same throughout: those with all figures.
    """
    signs = _signs(table.columns, signs)
    used = {c: float((weights or {}).get(c, 1.0)) for c in table.columns if signs[c]}
    found: dict[tuple[str, str], pd.Series] = {}
    for name, formula in FORMULAS.items():
        found["formula", name] = ranks(formula(table, signs=signs, weights=weights))
    for column, weight in used.items():
        if weight == 0:
            continue
        for kind, factor in (("without", 0.0), ("doubled", 2.0)):
            if kind == "without" and sum(w > 0 for w in used.values()) == 1:
                continue  # nothing would be left
            changed = used | {column: weight * factor}
            found[kind, column] = ranks(index_z(table, signs=signs, weights=changed))
    out = pd.DataFrame(found, index=table.index)
    lowest, highest = out.min(axis=1), out.max(axis=1)
    out["range", "best"] = lowest.astype("Int64")
    out["range", "worst"] = highest.astype("Int64")
    return out


def _signs(columns: pd.Index, signs: Mapping[str, int] | None) -> dict[str, int]:
    usual = {c: INDICATORS[c].sign if c in INDICATORS else 1 for c in map(str, columns)}
    return usual | {c: int(s) for c, s in (signs or {}).items() if c in usual}


def _turn(columns: pd.Index, signs: Mapping[str, int] | None) -> np.ndarray:
    """Return -1 for indicators where less means more need, else 1."""
    known = _signs(columns, signs)
    return np.array([-1.0 if known[str(c)] < 0 else 1.0 for c in columns])


def _aligned(
    table: pd.DataFrame, signs: Mapping[str, int] | None, weights: Mapping[str, float] | None
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the complete rows of indicators with a sign, turned so that more is more need."""
    known = _signs(table.columns, signs)
    used = [c for c in table.columns if known[str(c)]]
    weight = np.array([float((weights or {}).get(str(c), 1.0)) for c in used])
    if (weight < 0).any() or not np.isfinite(weight).all():
        raise ValueError("weights are 0 or more; a sign turns an indicator")
    values = table[used].astype(float).dropna()
    return values * _turn(values.columns, signs), weight


def _z(values: pd.DataFrame) -> np.ndarray:
    """Return z-scores by column, 0 where a column is the same everywhere."""
    plain = values.to_numpy(float)
    if not len(plain):
        return plain
    spread = plain.std(axis=0)
    # A spread that is only the rounding of equal numbers is none.
    flat = spread <= 1e-12 * np.abs(plain).max(axis=0)
    return np.where(flat, 0.0, (plain - plain.mean(axis=0)) / np.where(flat, 1.0, spread))


def _back(index: np.ndarray, values: pd.DataFrame, table: pd.DataFrame, name: str) -> pd.Series:
    """Return an index on all areas of the table, NaN where a figure was lacking."""
    known = pd.Series(index, index=values.index, dtype=float)
    if not values.shape[1]:
        known[:] = np.nan
    return known.reindex(table.index).rename(name)
