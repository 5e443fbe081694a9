"""The workspace's own ground: address points, streets, water, green, rail."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from sro_geo.exchange.casting import CHOICES, as_choices
from sro_geo.exchange.intake import Intake
from sro_geo.exchange.osm import unbuilt, ways_open
from sro_geo.exchange.places import parted_addresses, points_of
from sro_geo.exchange.placing import WGS84, transformer
from sro_geo.exchange.records import filled, present
from sro_geo.tables import GROUND_KINDS, STREET_KINDS, TABLES

_FAR_M = 25_000.0  # streets further than this from every block are those of another town


def addresses_of(intake: Intake) -> dict[str, pd.DataFrame]:
    """Return the frame ``addresses``; ``Waldstraße 42`` in one column is parted."""
    import geopandas as gpd

    street, number, post, town = parted_addresses(intake)
    suffix = intake.text("house_suffix")
    both = present(number) & present(suffix)
    number[both] = number[both] + suffix[both]
    points = points_of(intake)
    ids = intake.derived_ids("address_id", "a", street, number, post, town)
    frame = pd.DataFrame(
        {
            "address_id": ids,
            "street": street,
            "house_number": number,
            "postal_code": post,
            "city": town,
        }
    )
    drawn = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(points, crs=intake.city.crs))
    return {"addresses": intake.checked("addresses", drawn)}


def streets_of(intake: Intake) -> dict[str, pd.DataFrame]:
    """Return the frame ``streets``; OSM's ``highway`` becomes main, residential or path."""
    import geopandas as gpd

    shapes = _drawn(intake, outside="unsaid")
    _check_place(intake, shapes)
    name = intake.text("name")
    raw = intake.text("kind")
    kinds = as_choices(raw, STREET_KINDS, CHOICES["street"])
    odd = present(kinds) & ~np.isin(kinds.astype(str), STREET_KINDS)
    where = intake.column("kind")
    if tagged := where.lower() == "highway":
        kinds[unbuilt(raw)] = None
        odd &= ~unbuilt(raw)
    intake.log.each(
        "street_kind_unknown", odd, intake.rows, column=where, values=raw, severity="note"
    )
    kinds[odd] = None
    frame = pd.DataFrame(
        {
            "street_id": intake.text("street_id")
            if intake.has("street_id")
            else intake.derived_ids("street_id", "s", name, _marks(shapes)),
            "name": name,
            "kind": kinds,
            **_open(intake, tagged),
        }
    )
    drawn = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=intake.city.crs))
    return {"streets": intake.checked("streets", drawn)}


def _open(intake: Intake, tagged: bool) -> dict[str, pd.Series]:
    """Return the columns walk and bike: as the file says, or by the tags of OpenStreetMap."""
    said = {mode: intake.cast(TABLES["streets"], mode) for mode in ("walk", "bike")}
    if tagged:
        tags = [intake.text(tag) for tag in ("kind", "foot", "bicycle", "access")]
        walk, bike = ways_open(*tags)
        for mode, known in (("walk", walk), ("bike", bike)):
            said[mode] = said[mode].fillna(pd.Series(known, dtype="boolean"))
    return said


def _check_place(intake: Intake, shapes: np.ndarray) -> None:
    """Refuse streets of another town, and say how many lie beyond the bounds of this one."""
    held = present(shapes)
    if not held.any():
        return
    corners = shapely.bounds(shapes[held])
    x, y = (corners[:, 0] + corners[:, 2]) / 2, (corners[:, 1] + corners[:, 3]) / 2
    lon, lat = transformer(intake.city.crs, WGS84).transform(x, y)
    bounds = intake.city.bounds
    if bounds is not None:
        near = (lon >= bounds[0]) & (lon <= bounds[2]) & (lat >= bounds[1]) & (lat <= bounds[3])
    elif (blocks := intake.known.held("blocks")) is not None:
        box = shapely.total_bounds(blocks["geometry"].to_numpy())
        near = (x >= box[0] - _FAR_M) & (x <= box[2] + _FAR_M)
        near &= (y >= box[1] - _FAR_M) & (y <= box[3] + _FAR_M)
    else:
        return
    if not near.any():
        east, north = (round(float(np.median(values)), 4) for values in (lon, lat))
        intake.log.add("streets_elsewhere", column="geometry", lon=east, lat=north)
        return
    beyond = np.zeros(len(shapes), bool)
    beyond[np.flatnonzero(held)[~near]] = True
    intake.log.counted("streets_beyond", beyond, intake.rows, column="geometry")


def basemap_of(intake: Intake) -> dict[str, pd.DataFrame]:
    """Return the frame ``basemap``: water, green, rail, road, neighbour."""
    import geopandas as gpd

    from sro_geo.exchange.shapes import mended

    shapes = _drawn(intake)
    polygons = np.array(
        [s if s is not None and "Polygon" in s.geom_type else None for s in shapes], object
    )
    valid = mended(polygons, intake.rows, intake.log)
    shapes = np.where(present(polygons), valid, shapes)
    name = intake.text("name")
    frame = pd.DataFrame(
        {
            "feature_id": intake.derived_ids("feature_id", "g", name, _marks(shapes)),
            "kind": as_choices(intake.text("kind"), GROUND_KINDS, CHOICES["ground"]),
            "name": name,
        }
    )
    drawn = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=intake.city.crs))
    return {"basemap": intake.checked("basemap", drawn)}


def _drawn(intake: Intake, *, outside: str = "note") -> np.ndarray:
    # The ground goes on beyond the city: far shapes are listed, not refused.
    shapes = intake.shapes(outside=outside)
    if shapes is None:
        intake.log.add("geometry_missing_in_file", column="geometry")
        return filled(None, intake.size)
    return shapes


def _marks(shapes: np.ndarray) -> np.ndarray:
    """Return each shape as text, to the decimetre, for an id that is the same next time."""
    out = filled(None, len(shapes))
    for position, shape in enumerate(shapes):
        if shape is not None:
            out[position] = str(shapely.to_wkt(shape, rounding_precision=1))
    return out
