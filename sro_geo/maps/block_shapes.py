"""Blocks for the editor: shapes, inner points and districts once, by an address.

The file is served under the hash of its content, without a login: open shapes only, in the
order of the blocks; no id and no figure. Which space a block belongs to is sent apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from sro_geo.maps.assets import STYLE, publish
from sro_geo.maps.cell_layer import rings_of, thinned
from sro_geo.maps.packing import pack

# What is drawn with, in the order it is read.
_SCRIPTS = ("canvas.js", "cells.js", "ground.js", "frame.js", "blocks.js")


@dataclass(frozen=True)
class BlockShapes:
    """Published blocks: the file's name and how many there are.

    ``bounds`` is west, south, east, north in degrees.
    """

    file: str
    bounds: tuple[float, float, float, float]
    count: int


def publish_blocks(
    folder: Path,
    blocks: gpd.GeoDataFrame,
    points: np.ndarray,
    districts: Sequence[object] | None = None,
) -> BlockShapes:
    """Pack blocks into ``folder``, in their order, and return what the editor needs.

    Parameters
    ----------
    points
        A point inside each block, by which lasso and brush judge it.
    districts
        Area of a parallel level of each block, None where it lies in none.
    """
    rings = [rings_of(shape) for shape in thinned(blocks.geometry)]
    spots = gpd.GeoSeries(points, crs=blocks.crs).to_crs(4326)
    parts = [ring for own in rings for ring in own]
    corners = np.concatenate(parts) if parts else np.zeros((1, 2))
    west, south = (float(v) for v in corners.min(axis=0))
    east, north = (float(v) for v in corners.max(axis=0))
    header: dict[str, object] = {
        "bounds": [round(v, 6) for v in (west, south, east, north)],
        "shares": [len(own) for own in rings],
    }
    if districts is not None:
        known = {d: k for k, d in enumerate(dict.fromkeys(d for d in districts if d is not None))}
        header["districts"] = [known.get(d, -1) for d in districts]
    data = pack(header, [*parts, shapely.get_coordinates(spots.to_numpy())])
    return BlockShapes(publish(folder, "blocks.bin", data), (west, south, east, north), len(blocks))


def publish_drawing(folder: Path) -> tuple[str, str]:
    """Publish what draws blocks as one module, and the style; return their names.

    The module's default export takes Leaflet and an empty object, and fills it.
    """
    here = files("sro_geo.maps")
    scripts = "\n".join(here.joinpath(name).read_text(encoding="utf-8") for name in _SCRIPTS)
    module = f"export default function (L, sro) {{\n{scripts}\nreturn sro;\n}}\n"
    style = here.joinpath(STYLE).read_bytes()
    return publish(folder, "blocks.js", module.encode()), publish(folder, STYLE, style)
