"""The base map: what stays the same as long as the workspace does.

streamlit-folium makes a new frame, and loses the view, whenever the script of the base map
changes. So this script holds nothing but addresses, words and the symbols; whatever a
filter changes goes into a layer (:mod:`sro_geo.maps.offer_layer`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import folium
from folium.template import Template

from sro_geo.cartography import palette, symbols
from sro_geo.city import City
from sro_geo.i18n import name_of, t
from sro_geo.maps.assets import publish_scripts
from sro_geo.maps.escaping import script_json
from sro_geo.maps.ground import Ground

_WORDS = (
    *("zoom_in", "zoom_out", "whole_city", "north", "sample", "cluster", "cluster_hint"),
    *("same_place", "close", "moved", "wheel_hint", "touch_hint", "failed"),
)


@dataclass(frozen=True)
class Addresses:
    """Where the frame of the map finds its files, relative to the frame's own address.

    Parameters
    ----------
    leaflet
        Folder with ``leaflet.js``.
    served
        Folder with what was published (:func:`sro_geo.maps.assets.publish`).
    font
        A font file for the names on the map, or empty for the system's own.
    """

    leaflet: str
    served: str
    font: str = ""


class GroundMap(folium.Map):
    """A folium map whose ground and controls are drawn by our own scripts."""

    # No header: folium's would forbid zooming the page on a phone.
    _template = Template(
        "{% macro script(this, kwargs) %}"
        "var {{ this.get_name() }} = sro.createMap({{ this.get_name()|tojson }}, "
        "{{ this.parameters }});"
        "{% endmacro %}"
    )

    def __init__(self, parameters: str, js: list[str], css: list[str]) -> None:
        super().__init__(tiles=None)
        self.parameters = parameters
        self.default_js = [(address, address) for address in js]
        self.default_css = [(address, address) for address in css]


def base_map(
    ground: Ground,
    *,
    city: City,
    folder: Path,
    addresses: Addresses,
    language: str = "de",
    tiles_url: str = "",
    tiles_attribution: str = "",
) -> GroundMap:
    """Return a new base map; equal arguments give an equal script.

    Build one for each run: streamlit-folium writes into the map it is given.

    Parameters
    ----------
    ground
        What :func:`sro_geo.maps.ground.publish_ground` returned.
    folder
        The same folder as the ground's; scripts and style are published there.
    tiles_url, tiles_attribution
        A tile service for the ground instead of the workspace's own, if an administrator
        named one. Borders and names stay ours.
    """
    scripts, style = publish_scripts(folder)
    name = name_of(city.names, language)
    west, south, east, north = (round(v, 5) for v in ground.bounds)
    parameters = {
        "ground": f"{addresses.served}/{ground.file}",
        "bounds": [[south, west], [north, east]],
        "language": language,
        "title": t("maps.title", language, city=name),
        "label": t("maps.label", language, city=name),
        "words": {word: t(f"maps.{word}", language) for word in _WORDS},
        "source": name_of(city.source_note, language),
        "isSample": city.sample_data,
        "font": addresses.font,
        "shapes": {shape: symbols.path(shape) for shape in symbols.SHAPES},
        "colours": {
            "ink": palette.INK,
            "inkSoft": palette.INK_SOFT,
            "accent": palette.ACCENT,
            "casing": palette.CASING,
            "land": palette.LAND,
            "green": palette.GREEN,
            "water": palette.WATER,
            "road": palette.ROAD,
            "roadEdge": palette.ROAD_EDGE,
            "rail": palette.RAIL,
        },
        "tiles": {"url": tiles_url, "attribution": tiles_attribution} if tiles_url else None,
    }
    return GroundMap(
        script_json(parameters),
        js=[f"{addresses.leaflet}/leaflet.js", *(f"{addresses.served}/{s}" for s in scripts)],
        css=[f"{addresses.leaflet}/leaflet.css", f"{addresses.served}/{style}"],
    )
