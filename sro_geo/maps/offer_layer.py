"""The offers on the map: one layer, one string, drawn on canvas by ``offers.js``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import folium
import numpy as np
import numpy.typing as npt
import pandas as pd
from folium.template import Template

from sro_geo.cartography import palette, symbols
from sro_geo.city import CategoryGroup
from sro_geo.i18n import name_of
from sro_geo.maps.escaping import script_json

# Coordinates travel as whole steps of a hundred-thousandth of a degree, about a metre.
_STEPS_PER_DEGREE = 1e5


class _Offers(folium.MacroElement):
    """The call of ``sro.showOffers``: map, layer, data."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "sro.showOffers({{ this._parent._parent.get_name() }}, {{ this._parent.get_name() }}, "
        "{{ this.data }});"
        "{% endmacro %}"
    )

    def __init__(self, data: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Offers"
        self.data = data


def offer_layer(
    points: pd.DataFrame,
    groups: Mapping[str, CategoryGroup],
    *,
    selected: str | None = None,
    here: tuple[float, float] | None = None,
    reach_m: float | None = None,
    area: str | None = None,
    level: str | None = None,
    focus: tuple[float, float] | None = None,
    around: float | None = None,
    placing: bool = False,
    language: str = "de",
) -> folium.FeatureGroup:
    """Return the layer with the offers to show, for ``feature_group_to_add``.

    Parameters
    ----------
    points
        Columns ``offer_id``, ``lat``, ``lon`` (degrees), ``group``, ``name`` and, if
        wanted, ``dimmed`` (boolean: shown as a small grey dot). Rows without a coordinate
        are left out, and so is any row with a true ``protected``.
    groups
        Symbol and colour of each group; an offer of an unknown group is a grey circle.
    selected
        ``offer_id`` drawn larger with a ring in the accent colour. When it changes and lies
        out of sight, the map moves there.
    here
        Latitude and longitude of the chosen place: a pin in the accent colour.
    reach_m
        Radius of the circle around ``here`` in metres, straight line.
    area
        ``area_id`` whose border is drawn in the accent colour.
    level
        Level whose borders and names are shown; default the lowest level of the plan.
    focus
        Latitude and longitude to move to when it changes and lies out of sight (a jump to
        an address); a place in sight never moves the map.
    around
        Metres around ``focus`` to show when it changes: the map zooms, no circle is drawn.
    placing
        A point is to be set: offers are dimmed, and every click is a click on a place.
    """
    known = list(groups.values())
    number = {group.group: index for index, group in enumerate(known)}
    usable = points["lat"].notna() & points["lon"].notna()
    if "protected" in points:
        usable &= ~points["protected"].fillna(False).astype(bool)
    shown = points[usable]
    dimmed = (
        np.flatnonzero(shown["dimmed"].fillna(False).to_numpy(bool)).tolist()
        if "dimmed" in shown
        else []
    )
    data: dict[str, Any] = {
        "id": shown["offer_id"].astype(str).tolist(),
        "name": shown["name"].fillna("").astype(str).tolist(),
        "lat": _steps(shown["lat"].to_numpy(float)),
        "lon": _steps(shown["lon"].to_numpy(float)),
        "group": [number.get(group, len(known)) for group in shown["group"]],
        "dimmed": dimmed,
        "groups": [
            *([g.symbol, g.colour, name_of(g.names, language)] for g in known),
            ["circle", palette.INK_SOFT, ""],
        ],
        "selected": selected,
        "here": [float(v) for v in here] if here else None,
        "reach": float(reach_m) if reach_m else None,
        "area": area,
        "level": level,
        "focus": [float(v) for v in focus] if focus else None,
        "around": float(around) if around else None,
        "placing": placing,
    }
    for group in known:
        symbols.path(group.symbol)  # an unknown symbol is refused here, not in the browser
    layer = folium.FeatureGroup(name="offers")
    _Offers(script_json(data)).add_to(layer)
    return layer


def _steps(degrees: npt.NDArray[np.float64]) -> list[int]:
    """Return differences to the value before, in whole steps."""
    whole = np.rint(degrees * _STEPS_PER_DEGREE).astype(np.int64)
    steps: list[int] = np.diff(whole, prepend=np.int64(0)).tolist()
    return steps
