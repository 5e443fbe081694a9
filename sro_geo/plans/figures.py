"""Figures of a plan, and of one plan beside another: old, new, difference.

Everything is a sum over blocks; rates are formed from sums at the very end. A full count
at 40,000 blocks takes milliseconds, so nothing is kept up to date by halves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import sparse

from sro_geo.errors import SroError
from sro_geo.plans.compactness import roundness
from sro_geo.plans.edges import Edges, components, piece_labels
from sro_geo.plans.plan import Plan

SHAPE_FIGURES = ("area_km2", "border_m", "polsby_popper", "pieces")


@dataclass(frozen=True, eq=False)
class Columns:
    """Additive figures per block, side by side: ``values`` is blocks × names.

    Put together once per block version (:meth:`of`); counting is several times faster
    than column by column.
    """

    names: tuple[str, ...]
    values: np.ndarray

    @classmethod
    def of(cls, columns: Mapping[str, np.ndarray]) -> Columns:
        """Put columns side by side; NaN (suppressed, unknown) makes sums over it NaN."""
        values = [np.asarray(column, float) for column in columns.values()]
        side = np.column_stack(values) if values else np.empty((0, 0))
        return cls(tuple(columns), np.ascontiguousarray(side))


@dataclass(frozen=True)
class Rate:
    """A figure formed from two sums: ``numerator`` per ``per`` of ``denominator``."""

    name: str
    numerator: str
    denominator: str
    per: float = 100.0


@dataclass(frozen=True, eq=False)
class Figures:
    """Figures of all areas of a plan that are not gone: ``values`` is areas × ``figures``.

    ``estimated`` names the figures that are estimates and must be marked as such.
    """

    area_ids: tuple[str, ...]
    names: tuple[str, ...]
    levels: tuple[str, ...]
    figures: tuple[str, ...]
    values: np.ndarray
    estimated: frozenset[str] = frozenset()

    def table(self) -> pd.DataFrame:
        """Return one row per area, indexed by ``area_id``: level, name, and every figure."""
        said = pd.DataFrame(
            {"level": self.levels, "name": self.names},
            index=pd.Index(self.area_ids, name="area_id"),
        )
        return said.join(pd.DataFrame(self.values, said.index, list(self.figures)))

    def of(self, figure: str) -> dict[str, float]:
        """Return one figure by area id."""
        column = self.values[:, self.figures.index(figure)]
        return dict(zip(self.area_ids, column.tolist(), strict=True))

    def joined(self, figure: str, by_area: Mapping[str, float]) -> Figures:
        """Return the figures with one more, NaN where ``by_area`` has none (e.g. Reock)."""
        column = np.array([by_area.get(area, np.nan) for area in self.area_ids], float)
        values = np.column_stack([self.values, column])
        return replace(self, figures=(*self.figures, figure), values=values)


def figures(
    codes: np.ndarray, area_count: int, columns: Mapping[str, np.ndarray] | Columns
) -> dict[str, np.ndarray]:
    """Return the sum of each column over each area, unassigned blocks left out."""
    columns = columns if isinstance(columns, Columns) else Columns.of(columns)
    return dict(zip(columns.names, _sums(codes, area_count, columns.values).T, strict=True))


def _sums(codes: np.ndarray, area_count: int, values: np.ndarray) -> np.ndarray:
    """Return areas × columns; one pass over the blocks for all columns."""
    n = len(codes)
    if not values.size:
        return np.zeros((area_count, values.shape[1]))
    places = sparse.csc_array(
        (np.ones(n), codes + 1, np.arange(n + 1, dtype=np.int32)), shape=(area_count + 1, n)
    )
    found: np.ndarray = (places @ values)[1:]
    return found


def measure(
    plan: Plan,
    columns: Mapping[str, np.ndarray] | Columns,
    *,
    edges: Edges | None = None,
    rates: Sequence[Rate] = (),
    balance: Iterable[str] = (),
    estimated: Iterable[str] = (),
) -> Figures:
    """Return all figures of all areas of a plan, on every level it draws.

    Parameters
    ----------
    columns
        Additive figures per block, in the order of the plan's blocks.
    edges
        For the figures of shape: ``area_km2``, ``border_m`` (with other areas),
        ``polsby_popper`` and ``pieces`` (bridges and barriers of the plan respected).
    rates
        Figures formed from sums; NaN where the denominator is 0.
    balance
        Columns whose deviation from the mean of the level is given as
        ``<name>_deviation``: 0.05 is five per cent more than the mean.
    estimated
        Columns that are estimates; rates with one of them are too.
    """
    columns = columns if isinstance(columns, Columns) else Columns.of(columns)
    lowest = _sums(plan.codes, len(plan.areas), columns.values)
    tiers = [(plan.level, np.arange(len(plan.areas)), plan.areas)]
    # A level above is made of whole areas: their sums are summed, not the blocks again.
    every = replace(plan, codes=np.arange(len(plan.areas), dtype=np.int32))
    for level in reversed(plan.levels[:-1]):
        tiers.append((level, *every.codes_at(level)))
    shape = _Shape(plan, edges) if edges is not None else None
    rows, areas, names = [], [], list(columns.names)
    for _, up, members in tiers:
        stands = [k for k, area in enumerate(members) if area.area_id not in plan.gone]
        sums = lowest if members is plan.areas else _sums(up, len(members), lowest)
        parts = [sums]
        if shape is not None:
            parts.append(shape.figures(up, len(members)))
        rows.append(np.hstack(parts)[stands])
        areas += [members[k] for k in stands]
    if shape is not None:
        names += SHAPE_FIGURES
    levels = tuple(area.level for area in areas)
    values, names, guessed = _derived(np.vstack(rows), names, levels, rates, balance, estimated)
    return Figures(
        tuple(area.area_id for area in areas),
        tuple(area.name for area in areas),
        levels,
        tuple(names),
        values,
        guessed,
    )


def _derived(
    values: np.ndarray,
    names: list[str],
    levels: tuple[str, ...],
    rates: Sequence[Rate],
    balance: Iterable[str],
    estimated: Iterable[str],
) -> tuple[np.ndarray, list[str], frozenset[str]]:
    more, guessed = [values], set(estimated)
    place = {name: k for k, name in enumerate(names)}
    for rate in rates:
        above, below = values[:, place[rate.numerator]], values[:, place[rate.denominator]]
        quotient = np.full(len(values), np.nan)
        np.divide(above * rate.per, below, out=quotient, where=below != 0)
        more.append(quotient[:, None])
        names = [*names, rate.name]
        if guessed & {rate.numerator, rate.denominator}:
            guessed.add(rate.name)
    where = np.array(levels, object)
    for column in balance:
        value, deviation = values[:, place[column]], np.full(len(values), np.nan)
        for level in dict.fromkeys(levels):
            own = where == level
            mean = value[own].mean()
            if mean:
                deviation[own] = value[own] / mean - 1
        more.append(deviation[:, None])
        names = [*names, f"{column}_deviation"]
        if column in guessed:
            guessed.add(f"{column}_deviation")
    return np.hstack(more), names, frozenset(guessed)


class _Shape:
    """Size, borders and pieces of a plan's areas; levels above follow from the lowest."""

    def __init__(self, plan: Plan, edges: Edges) -> None:
        codes, count = plan.codes, len(plan.areas)
        start, end = codes[edges.i], codes[edges.j]
        cut = start != end
        self._start, self._end, self._length = start[cut], end[cut], edges.shared_m[cut]
        own = [np.bincount(codes + 1, v, count + 1)[1:] for v in (edges.size_m2, edges.exterior_m)]
        self._own = np.column_stack(own)
        bridges, barriers = plan.pairs(plan.bridges), plan.pairs(plan.barriers)
        self._count, labels = piece_labels(codes, edges, bridges=bridges, barriers=barriers)
        self._area = np.full(self._count, -1, np.int64)
        self._area[labels] = codes
        # Between pieces: the cut edges and the bridges, less the barriers.
        links = np.column_stack([edges.i[cut], edges.j[cut]])
        if len(barriers):
            n = len(codes)
            shut = barriers.min(axis=1) * n + barriers.max(axis=1)
            links = links[~np.isin(links[:, 0].astype(np.int64) * n + links[:, 1], shut)]
        links = labels[np.vstack([links, bridges])].astype(np.int64)
        pairs = np.unique(links[:, 0] * max(self._count, 1) + links[:, 1])
        self._links = np.column_stack(np.divmod(pairs, max(self._count, 1)))

    def figures(self, up: np.ndarray, count: int) -> np.ndarray:
        """Return ``SHAPE_FIGURES`` of the areas that the lowest ones make up."""
        lift = np.append(up, -1)  # -1, unassigned, stays so
        start, end = lift[self._start], lift[self._end]
        cut = start != end
        length = self._length[cut]
        border = (
            np.bincount(start[cut] + 1, length, count + 1)
            + np.bincount(end[cut] + 1, length, count + 1)
        )[1:]
        size, rim = _sums(up, count, self._own).T
        area = lift[self._area]
        links = self._links[area[self._links[:, 0]] == area[self._links[:, 1]]]
        joined, labels = components(links[:, 0], links[:, 1], self._count)
        owner = np.full(joined, -1, np.int64)
        owner[labels] = area
        pieces = np.bincount(owner[owner >= 0], minlength=count)
        return np.column_stack([size / 1e6, border, roundness(size, border + rim), pieces])


def moved_blocks(before: Plan, after: Plan) -> np.ndarray:
    """Return a mask of the blocks that belong to another area than before."""
    refuse_other_blocks(before, after)
    place = {area.area_id: code for code, area in enumerate(before.areas)}
    lut = np.array([place.get(a.area_id, -2) for a in after.areas] + [-1])
    moved: np.ndarray = before.codes != lut[after.codes]
    return moved


def touched(before: Plan, after: Plan) -> frozenset[str]:
    """Return ids of the areas, of every level, whose blocks or parts differ.

    A region is touched when blocks move inside it, too: its parts changed.
    """
    found: set[str] = set()
    old, new = ({a.area_id: a for a in p.standing} for p in (before, after))
    found |= set(old) ^ set(new)
    changed = moved_blocks(before, after)
    for plan in (before, after):
        counts = np.bincount(plan.codes[changed] + 1, minlength=1)
        found |= {plan.areas[c].area_id for c in np.flatnonzero(counts[1:])}
    found |= {a for a in set(old) & set(new) if old[a].parent_id != new[a].parent_id}
    for plan in (before, after):
        parent = {a.area_id: a.parent_id for a in (*plan.standing, *plan.standing_above)}
        for area in list(found):
            current = parent.get(area)
            while current is not None and current not in found:
                found.add(current)
                current = parent.get(current)
    tops = [{a.area_id: a.parent_id for a in p.standing_above} for p in (before, after)]
    found |= {a for a in set(tops[0]) | set(tops[1]) if tops[0].get(a, 0) != tops[1].get(a, 0)}
    return frozenset(found)


def compare(before: Figures, after: Figures, only: Collection[str] | None = None) -> pd.DataFrame:
    """Return old, new and difference of each figure, one row per area and figure.

    Columns: level, area_id, name, figure, before, after, difference, estimated. An area
    that one of the plans lacks has NaN there; names are those of ``after`` where it has
    the area. ``only`` keeps the areas named (e.g. :func:`touched`).
    """
    if before.figures != after.figures:
        raise ValueError("figures of two plans are compared one by one")
    rows = {area: k for k, area in enumerate(after.area_ids)}
    old = {area: k for k, area in enumerate(before.area_ids)}
    ids = [*after.area_ids, *(area for area in before.area_ids if area not in rows)]
    if only is not None:
        ids = [area for area in ids if area in only]
    width, blank = len(after.figures), np.full(len(after.figures), np.nan)
    was = np.array([before.values[old[a]] if a in old else blank for a in ids]).reshape(-1, width)
    now = np.array([after.values[rows[a]] if a in rows else blank for a in ids]).reshape(-1, width)

    def said(field: str) -> np.ndarray:
        new, past = getattr(after, field), getattr(before, field)
        words = [new[rows[a]] if a in rows else past[old[a]] for a in ids]
        return np.repeat(np.array(words, object), width)

    guessed = [figure in before.estimated | after.estimated for figure in after.figures]
    return pd.DataFrame(
        {
            "level": said("levels"),
            "area_id": np.repeat(np.array(ids, object), width),
            "name": said("names"),
            "figure": np.tile(np.array(after.figures, object), len(ids)),
            "before": was.ravel(),
            "after": now.ravel(),
            "difference": (now - was).ravel(),
            "estimated": np.tile(np.array(guessed, bool), len(ids)),
        }
    )


def estimated_cases(
    persons: np.ndarray, place: np.ndarray, released: Mapping[str, float | None]
) -> np.ndarray:
    """Return cases per block, estimated: released totals spread by persons.

    Parameters
    ----------
    persons
        Persons per block, of the age the cases are counted for.
    place
        Released area (or city) each block lies in, None where in none.
    released
        Released total by area; None or NaN where it was suppressed. Never raw counts.

    Returns
    -------
    NaN, unknown, where the total was suppressed or there is none. Where nobody lives in an
    area its total is spread evenly, so that sums stay what was released.
    """
    labels, at = np.unique(
        pd.Series(place, dtype=object).fillna("").astype(str), return_inverse=True
    )
    total = np.array([_number(released.get(label)) if label else np.nan for label in labels])
    weight = np.asarray(persons, float)
    inhabited = np.bincount(at, weight, len(labels)) > 0
    weight = np.where(inhabited[at], weight, 1.0)
    share: np.ndarray = weight / np.bincount(at, weight, len(labels))[at]
    found: np.ndarray = total[at] * share
    return found


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)


def refuse_other_blocks(before: Plan, after: Plan) -> None:
    """Raise ``SroError("plans_of_different_blocks")`` unless both rest on the same blocks."""
    same = before.block_ids is after.block_ids or np.array_equal(before.block_ids, after.block_ids)
    if before.block_set != after.block_set or not same:
        raise SroError("plans_of_different_blocks", before=before.name, after=after.name)
