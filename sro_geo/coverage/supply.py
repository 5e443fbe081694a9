"""What there is, and for whom: offers as points, served areas, places and hours.

Protected places never take part. An offer without a point and without a service area
cannot be reached by anybody: it is listed as left out, not lost.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from sro_geo.areas import AreaVersion
from sro_geo.coverage.demand import Demand
from sro_geo.errors import SroError
from sro_geo.offers.directory import freshness, service_area_ids
from sro_geo.offers.hours import open_at
from sro_geo.population import age_range


@dataclass(frozen=True)
class LeftOut:
    """An offer that takes part in nothing, and why.

    ``reason`` is ``unplaced`` (neither a point nor a service area), ``area_unknown`` (its
    service area names no area of this version) or a status such as ``planned``.
    """

    offer_id: str
    name: str
    reason: str


@dataclass(frozen=True)
class Supply:
    """m offers that people can come to, or that come to people.

    ``capacity`` is NaN where unknown; 0 means that nobody is taken in, so such an offer
    covers nobody. ``service`` holds for each offer the positions in the demand of the
    places it comes to, or None. ``within_city`` is False for offers beyond the limits.
    ``stale`` marks entries not confirmed for longer than the city allows. ``areas`` has one
    column per level with the area an offer stands in.
    """

    offer_ids: np.ndarray
    names: np.ndarray
    category: np.ndarray
    x: np.ndarray
    y: np.ndarray
    capacity: np.ndarray
    provider_ids: np.ndarray
    service: tuple[np.ndarray | None, ...]
    within_city: np.ndarray
    reach_level: np.ndarray
    schedule: np.ndarray
    stale: np.ndarray
    age_min: np.ndarray
    age_max: np.ndarray
    areas: pd.DataFrame
    left_out: tuple[LeftOut, ...] = ()

    def __len__(self) -> int:
        return len(self.offer_ids)

    @property
    def placed(self) -> np.ndarray:
        """Mask of the offers with a point."""
        return np.asarray(np.isfinite(self.x) & np.isfinite(self.y))

    @property
    def usable(self) -> np.ndarray:
        """Mask of the offers that take anybody in."""
        return np.asarray(self.capacity != 0)

    @property
    def without_places(self) -> list[str]:
        """Ids of the offers whose capacity is 0: worth a question, it may be a slip."""
        return [str(value) for value in self.offer_ids[~self.usable]]

    def where(self, mask: np.ndarray) -> Supply:
        """Return the offers of a mask; what was left out before stays listed."""
        kept = np.flatnonzero(mask)
        columns: dict[str, Any] = {
            name: getattr(self, name)[kept]
            for name in self.__dataclass_fields__
            if isinstance(getattr(self, name), np.ndarray)
        }
        service = tuple(self.service[position] for position in kept)
        areas = self.areas.iloc[kept].reset_index(drop=True)
        return replace(self, **columns, service=service, areas=areas)


def supply_of(
    rows: pd.DataFrame,
    version: AreaVersion,
    demand: Demand,
    *,
    statuses: Sequence[str] = ("active",),
    group: str | None = None,
    today: dt.date | None = None,
) -> Supply:
    """Return the offers of directory rows as supply for ``demand``.

    Parameters
    ----------
    rows
        Rows of ``sro_geo.offers.build_directory``, filtered to what is asked for.
    statuses
        Which offers count; planned, paused and closed ones are left out unless named.
    group
        Age group; offers none of whose ages lie in it are not for these people and are
        dropped. An age that is not stated does not restrict.
    today
        Day on which freshness is judged; None: no entry counts as stale.
    """
    rows = rows[~rows["protected"].fillna(False).astype(bool).to_numpy()]
    if group is not None:
        rows = rows[_takes(_ages(rows, "age_min", 0), _ages(rows, "age_max", 200), group)]
    counted = rows["status"].isin(statuses).to_numpy(bool)
    x, y = rows["x"].to_numpy(float), rows["y"].to_numpy(float)
    service, unknown_area = _served(rows["service_area"], version, demand)
    placed = np.isfinite(x) & np.isfinite(y)
    serving = np.array([places is not None for places in service], bool)
    left_out = [
        LeftOut(str(offer_id), str(name), reason)
        for offer_id, name, reason, out in zip(
            rows["offer_id"],
            rows["name"],
            np.where(~counted, rows["status"], np.where(unknown_area, "area_unknown", "unplaced")),
            ~counted | ~(placed | serving),
            strict=True,
        )
        if out
    ]
    stale = np.zeros(len(rows), bool)
    if today is not None:
        state = freshness(rows["verified_on"], today, version.city.stale_after_days)
        stale = (state == "stale").to_numpy(bool)
    levels = [level.level for level in version.city.levels]
    areas = rows[[f"{level}_id" for level in levels]].set_axis(levels, axis=1)
    whole = Supply(
        offer_ids=rows["offer_id"].to_numpy(object),
        names=rows["name"].to_numpy(object),
        category=rows["category"].to_numpy(object),
        x=np.where(placed, x, np.nan),
        y=np.where(placed, y, np.nan),
        capacity=rows["capacity"].astype("Float64").to_numpy(float, na_value=np.nan),
        provider_ids=_objects(rows["provider_id"]),
        service=service,
        within_city=rows["status_of_place"].ne("outside").to_numpy(bool),
        reach_level=_objects(rows["reach_level"]),
        schedule=_objects(rows["schedule"]),
        stale=stale,
        age_min=_ages(rows, "age_min", 0),
        age_max=_ages(rows, "age_max", 200),
        areas=areas.astype("object").where(areas.notna(), None).reset_index(drop=True),
        left_out=tuple(left_out),
    )
    return whole.where(counted & (placed | serving))


def _objects(values: pd.Series) -> np.ndarray:
    plain = values.astype("object")
    return np.asarray(plain.where(plain.notna(), None).to_numpy(object))


def _ages(rows: pd.DataFrame, column: str, missing: int) -> np.ndarray:
    return np.asarray(rows[column].astype("Float64").to_numpy(float, na_value=missing))


def _takes(age_min: np.ndarray, age_max: np.ndarray, group: str) -> np.ndarray:
    start, end = age_range(group)
    return np.asarray((age_min <= (200 if end is None else end)) & (age_max >= start))


def _served(
    areas: pd.Series, version: AreaVersion, demand: Demand
) -> tuple[tuple[np.ndarray | None, ...], np.ndarray]:
    """Return for each offer the places it comes to, and whether it names unknown areas only."""
    out: list[np.ndarray | None] = []
    unknown = np.zeros(len(areas), bool)
    for position, text in enumerate(areas):
        ids = service_area_ids(text)
        known = [area for area in ids if area in version.level_of]
        unknown[position] = bool(ids) and not known
        if not known:
            out.append(None)
            continue
        mask = np.zeros(len(demand), bool)
        for area in known:
            mask |= (demand.areas[version.level_of[area]] == area).to_numpy(bool)
        out.append(np.flatnonzero(mask & demand.inside))
    return tuple(out), unknown


def for_group(supply: Supply, group: str) -> Supply:
    """Return the offers some of whose ages lie in an age group."""
    return supply.where(_takes(supply.age_min, supply.age_max, group))


def open_then(supply: Supply, moment: dt.datetime) -> np.ndarray:
    """Return a mask of the offers open at a moment; unknown hours count as open."""
    return np.array([open_at(text, moment).open is not False for text in supply.schedule], bool)


@dataclass(frozen=True)
class Draft:
    """An offer that does not exist yet, to see what it would change."""

    offer_id: str
    name: str
    x: float
    y: float
    category: str = ""
    capacity: float = np.nan
    provider_id: str | None = None
    reach_level: str | None = "social_space"
    schedule: str | None = None
    age_min: float = 0
    age_max: float = 200
    areas: Mapping[str, str | None] = field(default_factory=dict)
    within_city: bool = True


def with_changes(
    supply: Supply,
    *,
    off: Iterable[str] = (),
    added: Sequence[Draft] = (),
    capacity: Mapping[str, float] | None = None,
    schedule: Mapping[str, str | None] | None = None,
    moved: Mapping[str, tuple[float, float]] | None = None,
    version: AreaVersion | None = None,
) -> Supply:
    """Return a new supply as it would be; the stored data stay as they are.

    Parameters
    ----------
    off
        Ids of offers switched off.
    added
        Drafts; where ``version`` is given the areas they stand in are looked up.
    capacity, schedule, moved
        New places (NaN: unknown), hours and points by offer id.

    Raises
    ------
    SroError
        ``offer_unknown`` for an id that is not in the supply, ``capacity_wrong``.
    """
    off = set(off)
    capacity, schedule, moved = capacity or {}, schedule or {}, moved or {}
    position = {offer: at for at, offer in enumerate(supply.offer_ids)}
    for offer in (*off, *capacity, *schedule, *moved):
        if offer not in position:
            raise SroError("offer_unknown", offer=offer)
    for value in (*capacity.values(), *(draft.capacity for draft in added)):
        if value < 0 or np.isinf(value):
            raise SroError("capacity_wrong", value=value)
    places, hours = supply.capacity.copy(), supply.schedule.copy()
    x, y, areas = supply.x.copy(), supply.y.copy(), supply.areas.copy()
    within = supply.within_city.copy()
    for offer, number in capacity.items():
        places[position[offer]] = number
    for offer, text in schedule.items():
        hours[position[offer]] = text
    for offer, (to_x, to_y) in moved.items():
        at = position[offer]
        x[at], y[at] = to_x, to_y
        if version is not None:
            found = _located(version, to_x, to_y)
            within[at] = found["block_id"] is not None
            for level in areas.columns:
                areas.loc[at, level] = found[level]
    changed = replace(
        supply, capacity=places, schedule=hours, x=x, y=y, areas=areas, within_city=within
    )
    changed = changed.where(~np.isin(supply.offer_ids, list(off)))
    for draft in added:
        changed = _with_draft(changed, draft, version)
    return changed


def _located(version: AreaVersion, x: float, y: float) -> dict[str, str | None]:
    row = version.locate(np.array([x]), np.array([y])).iloc[0].to_dict()
    return {str(k): v if isinstance(v, str) else None for k, v in row.items()}


def _with_draft(supply: Supply, draft: Draft, version: AreaVersion | None) -> Supply:
    areas, within = dict(draft.areas), draft.within_city
    if version is not None:
        areas = _located(version, draft.x, draft.y)
        within = areas["block_id"] is not None
    values = {
        "offer_ids": draft.offer_id,
        "names": draft.name,
        "category": draft.category,
        "x": draft.x,
        "y": draft.y,
        "capacity": draft.capacity,
        "provider_ids": draft.provider_id,
        "within_city": within,
        "reach_level": draft.reach_level,
        "schedule": draft.schedule,
        "stale": False,
        "age_min": draft.age_min,
        "age_max": draft.age_max,
    }
    columns: dict[str, Any] = {}
    for name, value in values.items():
        old = getattr(supply, name)
        new = np.empty(1, old.dtype)
        new[0] = value
        columns[name] = np.concatenate([old, new])
    row = pd.DataFrame([{level: areas.get(level) for level in supply.areas.columns}], dtype=object)
    merged = pd.concat([supply.areas, row], ignore_index=True)
    return replace(supply, **columns, service=(*supply.service, None), areas=merged)
