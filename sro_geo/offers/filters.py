"""Filters of the offer map: every one combinable with every other."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sro_geo.areas import AreaVersion
from sro_geo.city import City
from sro_geo.errors import SroError
from sro_geo.offers.directory import freshness, service_area_ids
from sro_geo.offers.search import TextIndex
from sro_geo.reach import straight_line_minutes

OPEN_STATUS = ("active", "planned", "paused")
SORTINGS = ("relevance", "distance", "name", "provider", "verified_on")


@dataclass(frozen=True)
class OfferFilter:
    """What somebody is looking for; an empty field does not restrict.

    ``near`` is (x, y) in the city's projected CRS. ``minutes`` without ``near`` means
    nothing. ``statuses`` leaves closed offers out by default.
    """

    text: str = ""
    categories: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    age: int | None = None
    area_id: str | None = None
    work_level: str | None = None
    kind: str | None = None
    low_threshold: bool = False
    freshness: str | None = None
    provider_id: str | None = None
    statuses: tuple[str, ...] = OPEN_STATUS
    near: tuple[float, float] | None = None
    minutes: float | None = None
    mode: str = "walk"
    sort: str = "relevance"


def filter_offers(
    directory: pd.DataFrame,
    wanted: OfferFilter,
    city: City,
    version: AreaVersion,
    today: dt.date,
    text_index: TextIndex,
) -> pd.DataFrame:
    """Return the offers that fit, with ``minutes`` (NaN where there is none), sorted.

    Near a place: offers with a point by their minutes at the wanted age; a mobile offer
    when the place lies in its service area (without minutes: it comes to you); protected
    and unplaced offers never. Without ``near`` nothing is left out for want of a point.

    Parameters
    ----------
    directory
        As :func:`sro_geo.offers.build_directory` makes it; ``text_index`` over the same rows.

    Raises
    ------
    SroError
        ``category_unknown``, ``area_unknown``, ``mode_unknown``.
    """
    keep = np.ones(len(directory), bool)
    unknown = set(wanted.categories) - set(city.categories)
    if unknown:
        known = ", ".join(city.categories)
        raise SroError("category_unknown", category=", ".join(sorted(unknown)), known=known)
    scores = text_index.scores(wanted.text) if wanted.text.strip() else np.ones(len(directory))
    keep &= scores > 0
    if wanted.statuses:
        keep &= directory["status"].isin(wanted.statuses).to_numpy(bool)
    if wanted.categories:
        keep &= directory["category"].isin(wanted.categories).to_numpy(bool)
    if wanted.groups:
        keep &= directory["group"].isin(wanted.groups).to_numpy(bool)
    if wanted.age is not None:
        keep &= directory["age_min"].fillna(0).le(wanted.age).to_numpy(bool)
        keep &= directory["age_max"].fillna(200).ge(wanted.age).to_numpy(bool)
    for column in ("work_level", "kind", "provider_id"):
        if value := getattr(wanted, column):
            keep &= directory[column].eq(value).fillna(False).to_numpy(bool)
    if wanted.low_threshold:
        keep &= directory["low_threshold"].fillna(False).to_numpy(bool)
    if wanted.freshness:
        state = freshness(directory["verified_on"], today, city.stale_after_days)
        keep &= state.eq(wanted.freshness).to_numpy(bool)
    if wanted.area_id:
        keep &= in_area(directory, wanted.area_id, version)
    minutes = np.full(len(directory), np.nan)
    if wanted.near is not None:
        minutes, reachable = _near(directory, wanted, city, version)
        keep &= reachable
    found = directory.assign(minutes=minutes, score=scores)[keep]
    return _sorted(found, wanted)


def in_area(directory: pd.DataFrame, area_id: str, version: AreaVersion) -> np.ndarray:
    """Return a mask: offers placed in the area, or serving any part of it."""
    level = version.level_of.get(area_id)
    if level is None:
        raise SroError("area_unknown", area=area_id)
    mask = directory[f"{level}_id"].eq(area_id).fillna(False).to_numpy(bool, copy=True)
    blocks = (version.members[level] == area_id).to_numpy(bool)
    has_area = directory["service_area"].notna() & directory["x"].isna()
    for position in np.flatnonzero(has_area.to_numpy()):
        if not mask[position]:
            mask[position] = (
                _served(directory["service_area"].iloc[position], version) & blocks
            ).any()
    return mask


def _served(service_area: object, version: AreaVersion) -> np.ndarray:
    known = [a for a in service_area_ids(service_area) if a in version.level_of]
    return version.blocks_of(known)


def _near(
    directory: pd.DataFrame, wanted: OfferFilter, city: City, version: AreaVersion
) -> tuple[np.ndarray, np.ndarray]:
    assert wanted.near is not None
    x, y = wanted.near
    minutes = straight_line_minutes(
        x,
        y,
        directory["x"].to_numpy(float),
        directory["y"].to_numpy(float),
        city,
        mode=wanted.mode,
        age=wanted.age,
    )
    limit = np.inf if wanted.minutes is None else wanted.minutes
    reachable = np.isfinite(minutes) & (minutes <= limit)
    here = version.locate_blocks(np.array([x]), np.array([y]))[0]
    if here is not None:
        at = (version.blocks["block_id"] == here).to_numpy(bool)
        for position in np.flatnonzero(directory["mobile"].to_numpy(bool)):
            served = _served(directory["service_area"].iloc[position], version)
            reachable[position] |= bool((served & at).any())
    return np.where(np.isfinite(minutes), minutes, np.nan), reachable


def _sorted(found: pd.DataFrame, wanted: OfferFilter) -> pd.DataFrame:
    order = wanted.sort
    if order == "relevance":
        order = "distance" if wanted.near is not None and not wanted.text.strip() else order
    name = found["name"].str.casefold()
    if order == "distance":
        keys = found.assign(_name=name).sort_values(["minutes", "_name"], na_position="last")
    elif order == "relevance" and wanted.text.strip():
        keys = found.assign(_name=name).sort_values(["score", "_name"], ascending=[False, True])
    elif order == "provider":
        keys = found.assign(_name=name).sort_values(["provider", "_name"], na_position="last")
    elif order == "verified_on":
        keys = found.assign(_name=name).sort_values(["verified_on", "_name"], na_position="first")
    else:
        keys = found.assign(_name=name).sort_values(["_name", "offer_id"])
    return keys.drop(columns="_name")
