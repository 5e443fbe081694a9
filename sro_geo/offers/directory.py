"""The directory: one row per offer with everything a reader asks for, joined once."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from sro_geo.areas import AreaVersion
from sro_geo.city import City
from sro_geo.errors import SroError


def freshness(verified_on: pd.Series, today: dt.date, stale_after_days: int) -> pd.Series:
    """Return ``fresh``, ``stale`` or ``never`` for each date an entry was last confirmed."""
    limit = (today - dt.timedelta(days=stale_after_days)).isoformat()
    state = np.where(verified_on.fillna("") >= limit, "fresh", "stale")
    return pd.Series(np.where(verified_on.isna(), "never", state), index=verified_on.index)


def service_area_ids(text: object) -> list[str]:
    """Return the area ids in a ``service_area`` value (separated by blanks)."""
    return text.split() if isinstance(text, str) else []


def build_directory(
    city: City,
    offers: pd.DataFrame,
    providers: pd.DataFrame,
    locations: gpd.GeoDataFrame,
    version: AreaVersion,
) -> pd.DataFrame:
    """Join offers with provider, place, category group and areas.

    Returns
    -------
    The rows of ``offers`` in their order, index 0…n-1, with ``provider`` (name),
    ``address``, ``postal_code``, ``city``, ``x``, ``y`` (metres, NaN where protected,
    mobile or not placed), ``lon``, ``lat`` (degrees), ``group``, ``mobile``, one column
    ``<level>_id`` per level with the area id (of the point; for an offer with a service
    area only where the whole of it lies in one area), and ``status_of_place``:
    ``inside``, ``outside``, ``unplaced``, ``mobile`` or ``protected``.
    """
    table = offers.reset_index(drop=True).copy()
    names = providers.set_index("provider_id")["name"] if len(providers) else pd.Series(dtype=str)
    table["provider"] = table["provider_id"].map(names)
    place = locations.drop(columns="geometry").set_index("location_id")
    geometry = locations.set_index("location_id").geometry
    protected = table["protected"].fillna(False).astype(bool).to_numpy()
    # A protected place has no point: not even one left over by mistake is passed on.
    location = table["location_id"].where(~protected)
    for column in ("address", "postal_code", "city"):
        table[column] = location.map(place[column])
    points = geometry.reindex(location)
    has_point = points.notna().to_numpy() & ~points.is_empty.to_numpy()
    x = np.full(len(table), np.nan)
    y = np.full(len(table), np.nan)
    x[has_point] = points[has_point].x.to_numpy()
    y[has_point] = points[has_point].y.to_numpy()
    table["x"], table["y"] = x, y
    to_degrees = pyproj.Transformer.from_crs(city.crs, 4326, always_xy=True)
    lon, lat = to_degrees.transform(x, y)
    table["lon"] = np.where(has_point, lon, np.nan)
    table["lat"] = np.where(has_point, lat, np.nan)
    table["group"] = table["category"].map({c.category: c.group for c in city.categories.values()})
    levels = version.locate(x, y)
    areas_served = table["service_area"].map(service_area_ids)
    mobile = areas_served.map(bool).to_numpy(bool) & ~has_point & ~protected
    table["mobile"] = mobile
    for level in city.levels:
        table[f"{level.level}_id"] = levels[level.level].to_numpy()
    for position in np.flatnonzero(areas_served.map(bool).to_numpy(bool) & ~has_point):
        try:
            inside = version.members[version.blocks_of(areas_served.iloc[position])]
        except SroError:
            continue
        for level in city.levels:
            values = pd.unique(inside[level.level].dropna())
            if len(values) == 1:
                table.loc[position, f"{level.level}_id"] = values[0]
    table["block_id"] = levels["block_id"].to_numpy()
    table["status_of_place"] = np.select(
        [protected, mobile, ~has_point, levels["block_id"].notna().to_numpy()],
        ["protected", "mobile", "unplaced", "inside"],
        "outside",
    )
    return table
