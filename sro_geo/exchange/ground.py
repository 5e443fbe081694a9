"""The workspace's own ground: address points, streets, water, green, rail."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from sro_geo.exchange.casting import CHOICES, as_choices
from sro_geo.exchange.intake import Intake
from sro_geo.exchange.places import parted_addresses, points_of
from sro_geo.exchange.records import filled, present
from sro_geo.tables import GROUND_KINDS, STREET_KINDS


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

    shapes = _drawn(intake)
    name = intake.text("name")
    raw = intake.text("kind")
    kinds = as_choices(raw, STREET_KINDS, CHOICES["street"])
    odd = present(kinds) & ~np.isin(kinds.astype(str), STREET_KINDS)
    where = intake.column("kind")
    intake.log.each(
        "street_kind_unknown", odd, intake.rows, column=where, values=raw, severity="note"
    )
    kinds[odd] = None
    frame = pd.DataFrame(
        {
            "street_id": intake.derived_ids("street_id", "s", name, _marks(shapes)),
            "name": name,
            "kind": kinds,
        }
    )
    drawn = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=intake.city.crs))
    return {"streets": intake.checked("streets", drawn)}


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


def _drawn(intake: Intake) -> np.ndarray:
    # The ground goes on beyond the city: far shapes are listed, not refused.
    shapes = intake.shapes(outside="note")
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
