"""Blocks or cells of the census grid in classes: geometry once by address, classes each run.

The geometry is packed into one file, served under the hash of its content and kept by the
browser. It has no login, so nothing but open shapes may go in there: no id, no figure. A
rerun sends one byte for each cell. The base map knows nothing of all this, so it is never
loaded anew.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import folium
import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from folium.template import Template

from sro_geo.i18n import t
from sro_geo.maps.assets import publish
from sro_geo.maps.escaping import script_json
from sro_geo.maps.packing import pack

NO_VALUE = 255
_HATCHED, _OUTLINED = 64, 128
# The grid of the census and its projection.
_GRID_CRS = 3035
# Outlines of blocks are drawn thinner than this.
_SIMPLIFY_M = 0.8

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Cells:
    """Published cells: the file's name, where they lie, and how many there are.

    ``bounds`` is west, south, east, north in degrees.
    """

    file: str
    bounds: tuple[float, float, float, float]
    count: int


def publish_cells(folder: Path, blocks_or_cells: gpd.GeoDataFrame, *, side: float = 100.0) -> Cells:
    """Pack the shapes into ``folder``, in their order, and return what the layer needs.

    Parameters
    ----------
    folder
        Folder that is served; the same shapes are written once.
    blocks_or_cells
        Polygons, or the centres of cells, in a projected CRS in metres. Only the geometry
        leaves; a row without one is kept as a cell that is never seen.
    side
        Length of a cell's side in metres, for centres.
    """
    shapes = blocks_or_cells.geometry
    if len(shapes) and shapes.geom_type.dropna().eq("Point").all():
        shares, parts = _squares(shapes, side)
    else:
        rings = [rings_of(shape) for shape in thinned(shapes)]
        shares, parts = [len(own) for own in rings], [ring for own in rings for ring in own]
    corners = np.concatenate(parts) if parts else np.zeros((1, 2))
    west, south = (float(v) for v in corners.min(axis=0))
    east, north = (float(v) for v in corners.max(axis=0))
    header = {"bounds": [round(v, 6) for v in (west, south, east, north)], "shares": shares}
    file = publish(folder, "cells.bin", pack(header, parts))
    return Cells(file, (west, south, east, north), len(shapes))


def _squares(
    centres: gpd.GeoSeries, side: float
) -> tuple[list[int], list[npt.NDArray[np.float64]]]:
    """Return squares around the centres: along the census grid where they lie on it."""
    known = (centres.notna() & ~centres.is_empty).to_numpy()
    here = centres[known]
    on_grid = here.to_crs(_GRID_CRS)
    x, y = on_grid.x.to_numpy(), on_grid.y.to_numpy()
    column, row = np.floor(x / side), np.floor(y / side)
    off = np.hypot(x - (column + 0.5) * side, y - (row + 0.5) * side)
    if np.median(off) < side / 50:
        # Neighbours share their corners to the last digit.
        left, bottom, crs = column * side, row * side, on_grid.crs
        right, top = (column + 1) * side, (row + 1) * side
    else:
        x, y, crs = here.x.to_numpy(), here.y.to_numpy(), centres.crs
        left, right, bottom, top = x - side / 2, x + side / 2, y - side / 2, y + side / 2
    corners = gpd.GeoSeries.from_xy(
        np.stack([left, right, right, left], axis=1).ravel(),
        np.stack([bottom, bottom, top, top], axis=1).ravel(),
        crs=crs,
    ).to_crs(4326)
    degrees = np.stack([corners.x, corners.y], axis=1).reshape(-1, 4, 2)
    return known.astype(int).tolist(), list(degrees)


def thinned(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return polygons in degrees with fewer corners; neighbours keep one border."""
    known = shapes.notna() & ~shapes.is_empty
    thin = shapes.copy()
    if shapely.coverage_is_valid(shapes[known].to_numpy()):
        thin[known] = shapely.coverage_simplify(shapes[known].to_numpy(), _SIMPLIFY_M)
    return thin.to_crs(4326)


def rings_of(shape: shapely.Geometry | None) -> list[npt.NDArray[np.float64]]:
    """Return every ring of the polygons in ``shape`` as (n, 2), without its last point."""
    return [
        shapely.get_coordinates(ring)[:-1]
        for part in shapely.get_parts(shape)
        if part is not None and part.geom_type == "Polygon" and not part.is_empty
        for ring in (part.exterior, *part.interiors)
    ]


class _CellClasses(folium.MacroElement):
    """The call of ``sro.showCells``: map, layer, data."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "sro.showCells({{ this._parent._parent.get_name() }}, {{ this._parent.get_name() }}, "
        "{{ this.data }});"
        "{% endmacro %}"
    )

    def __init__(self, data: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Cells"
        self.data = data


def cell_layer(
    cells: Cells,
    classes: npt.ArrayLike,
    *,
    served: str,
    colours: Sequence[str],
    words: Sequence[str],
    hatched: npt.ArrayLike | None = None,
    outlined: npt.ArrayLike | None = None,
    outlined_word: str = "",
    language: str = "de",
) -> folium.FeatureGroup:
    """Return the layer, for the list ``feature_group_to_add``; the offers stand above it.

    Parameters
    ----------
    cells
        What :func:`publish_cells` returned.
    classes
        Shape (count,): number of the class of each cell, ``NO_VALUE`` where there is none;
        those are not drawn.
    served
        Address of the folder the cells were published in, without a slash at the end.
    colours, words
        Of each class: fill, and the words shown when the pointer rests on a cell.
    hatched
        Shape (count,), boolean: too near the threshold to say.
    outlined
        Shape (count,), boolean: the gap. Its outer border is drawn in the accent colour.
    outlined_word
        Words for the gap below the class, default "not reached".
    """
    numbers = np.asarray(classes)
    drawn = numbers != NO_VALUE
    if numbers.shape != (cells.count,):
        raise ValueError(f"{cells.count} cells, but {numbers.shape} classes")
    if len(words) != len(colours) or len(colours) > _HATCHED:
        raise ValueError("each class needs its colour and its words, and there are at most 64")
    if drawn.any() and not 0 <= numbers[drawn].min() <= numbers[drawn].max() < len(colours):
        raise ValueError("a class has no colour")
    sent = numbers.astype(np.uint8)
    for mask, bit in ((hatched, _HATCHED), (outlined, _OUTLINED)):
        if mask is not None:
            sent[drawn & np.asarray(mask, bool)] |= np.uint8(bit)
    data = {
        "file": f"{served}/{cells.file}",
        "classes": base64.b64encode(sent.tobytes()).decode("ascii"),
        "colours": list(colours),
        "words": list(words),
        "uncertain": t("classes.uncertain", language),
        "outlined": outlined_word or t("classes.gap", language),
    }
    layer = folium.FeatureGroup(name="cells")
    _CellClasses(script_json(data)).add_to(layer)
    return layer
