"""Areas of one level in classes: geometry once by address; classes, labels, words each run.

The served file has no login, so it holds shapes and places for names in them, in an order
that only the layer can name: no id, no name, no figure. What a rerun sends is what was
handed in here, and that has passed the gate before.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import shapely
from folium.template import Template

from sro_geo.cartography import palette
from sro_geo.cartography.rates import MISSING, SUPPRESSED, State, readable_ink, state_words
from sro_geo.maps.assets import publish
from sro_geo.maps.escaping import script_json
from sro_geo.maps.ground import label_places, polygons, rings
from sro_geo.maps.packing import pack


@dataclass(frozen=True)
class Areas:
    """Published areas: the file's name, the ids in its order, and where they lie.

    ``bounds`` is west, south, east, north in degrees.
    """

    file: str
    ids: tuple[str, ...]
    bounds: tuple[float, float, float, float]


def publish_areas(
    folder: Path, areas: gpd.GeoDataFrame, *, upper: gpd.GeoDataFrame | None = None
) -> Areas:
    """Pack the shapes into ``folder``, in their order, and return what the layer needs.

    Parameters
    ----------
    folder
        Folder that is served; the same shapes are written once.
    areas
        Columns ``area_id`` and ``geometry``, in a projected CRS in metres. A row without a
        shape keeps its place and is never seen.
    upper
        Areas of the level above, whose borders are drawn stronger.
    """
    shapes = [shapely.MultiPolygon(polygons(s)) if s else None for s in areas.geometry]
    above = list(upper.geometry) if upper is not None else []
    drawn = gpd.GeoSeries([*shapes, *above], crs=areas.crs).to_crs(4326)
    lines = [rings(shape) if shape is not None else [] for shape in drawn]
    known = drawn[: len(shapes)].dropna()
    known = known[~known.is_empty]
    bounds = [round(float(v), 6) for v in known.total_bounds] if len(known) else [0.0] * 4
    west, south, east, north = bounds
    header = {
        "bounds": bounds,
        "count": len(shapes),
        "shares": [len(own) for own in lines],
        "places": [
            label_places(s, areas.crs) if s is not None and not s.is_empty else [] for s in shapes
        ],
    }
    file = publish(folder, "areas.bin", pack(header, [ring for own in lines for ring in own]))
    ids = tuple(str(area_id) for area_id in areas["area_id"])
    return Areas(file, ids, (west, south, east, north))


class _AreaClasses(folium.MacroElement):
    """The call of ``sro.showAreas``: map, layer, data."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "sro.showAreas({{ this._parent._parent.get_name() }}, {{ this._parent.get_name() }}, "
        "{{ this.data }});"
        "{% endmacro %}"
    )

    def __init__(self, data: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Areas"
        self.data = data


def area_layer(
    areas: Areas,
    *,
    served: str,
    states: Sequence[State],
    colours: Sequence[str],
    labels: Sequence[tuple[str, str]],
    tips: Sequence[Sequence[str]] | None = None,
    circles: Sequence[float | None] | None = None,
    highlight: str | Collection[str] | None = None,
    language: str = "de",
) -> folium.FeatureGroup:
    """Return the layer, for the list ``feature_group_to_add``; the offers stand above it.

    A click on an area gives the event ``{"kind": "area", "id": …}``. While the layer is on
    the map, its names stand in place of those of the ground.

    Parameters
    ----------
    areas
        What :func:`publish_areas` returned. Everything given by area is in its order.
    served
        Address of the folder the areas were published in, without a slash at the end.
    states
        Number of the class, or ``"suppressed"`` (hatched) or ``"missing"`` (dotted grey).
    colours
        Fill of each class.
    labels
        Name and value of each area, written inside it where there is room; at least the
        value is kept as long as possible. Either may be empty.
    tips
        Lines of text shown when the pointer rests on an area, the first of them bold.
        Default: the name, and the value or why there is none.
    circles
        Radius in pixels of a circle for each area; None and 0 draw none. A suppressed or
        missing area never has one.
    highlight
        Id or ids of areas outlined in the accent colour; unknown ones are passed over.
    """
    count = len(areas.ids)
    given: list[tuple[str, Sequence[Any] | None]] = [
        *(("states", states), ("labels", labels), ("tips", tips), ("circles", circles))
    ]
    for name, values in given:
        if values is not None and len(values) != count:
            raise ValueError(f"{count} areas, but {len(values)} {name}")
    for state in states:
        if isinstance(state, str):
            if state not in (SUPPRESSED, MISSING):
                raise ValueError(f"no such state: {state}")
        elif not 0 <= state < len(colours):
            raise ValueError("a class has no colour")
    radii = [float(r) if r else 0.0 for r in circles or [0.0] * count]
    if any(not math.isfinite(r) or r < 0 for r in radii):
        raise ValueError("a radius is no length")
    if any(r and isinstance(s, str) for r, s in zip(radii, states, strict=True)):
        raise ValueError("an area without a figure has no circle")
    if tips is None:
        words = state_words(language)
        tips = [
            [n, words[s] if isinstance(s, str) else value]
            for (n, value), s in zip(labels, states, strict=True)
        ]
    wanted = {highlight} if isinstance(highlight, str) else set(highlight or ())
    data = {
        "file": f"{served}/{areas.file}",
        "ids": list(areas.ids),
        "states": [s if isinstance(s, str) else int(s) for s in states],
        "colours": list(colours),
        "inks": [readable_ink(colour) for colour in colours],
        "none": {
            "ground": palette.NO_FIGURE,
            "hatch": palette.HATCH,
            "missing": palette.MISSING,
            "dots": palette.MISSING_DOTS,
            "ink": palette.INK,
        },
        "circle": {"fill": palette.CIRCLE, "ink": palette.CASING},
        "labels": [[str(n), str(value)] for n, value in labels],
        "tips": [[str(line) for line in lines] for lines in tips],
        "circles": [round(r, 2) for r in radii],
        "highlight": [i for i, area_id in enumerate(areas.ids) if area_id in wanted],
    }
    layer = folium.FeatureGroup(name="areas")
    _AreaClasses(script_json(data)).add_to(layer)
    return layer
