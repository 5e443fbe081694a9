"""Map and panel of a sheet apart: the map answers to pointer and keys, the panel grows."""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape

from sro_geo.cartography.sheet import PANEL_BEGINS, PANEL_ENDS, MapSheet
from sro_geo.reports.content import Slide
from sro_geo.reports.markup import svg_html

_VIEW = re.compile(r'viewBox="[^"]*"')
_SIZED = re.compile(r'viewBox="[^"]*" width="[^"]*" height="[^"]*"')


def drawing_html(slide: Slide, sheet: MapSheet) -> str:
    """Return the map as a picture with its words, without its panel where it has one."""
    whole = svg_html(slide, sheet)
    box = _box(sheet)
    if _apart(sheet):
        # The line at the foot goes too: the slide has its own.
        whole = _VIEW.sub(f'viewBox="{box}"', whole.partition(PANEL_BEGINS)[0], count=1) + "</svg>"
    return whole.replace("<svg ", '<svg preserveAspectRatio="xMinYMin" ', 1)


def map_html(slide: Slide, sheet: MapSheet) -> str:
    """Return the map as a figure: the drawing, and outlines that know their figures."""
    spots = "".join(
        f'<path d="{escape(spot.path)}" data-name="{escape(spot.name)}" '
        f'data-figure="{escape(spot.figure)}"/>'
        for spot in sheet.spots
    )
    held = f'<template><svg class="spots" viewBox="{_box(sheet)}">{spots}</svg></template>'
    return f"<figure>{drawing_html(slide, sheet)}{held}</figure>"


def panel_html(sheet: MapSheet) -> str:
    """Return legend and ranking as a drawing of their own, empty where they are in the map.

    What they say is in the words of the map and in its table: nobody reads it out again.
    """
    if not _apart(sheet):
        return ""
    drawing = sheet.svg.partition(PANEL_BEGINS)[2].rpartition(PANEL_ENDS)[0]
    x, y, wide, high = sheet.panel or (0.0, 0.0, 0.0, 0.0)
    return (
        f'<svg class="legend" viewBox="{x:g} {y:g} {wide:g} {high:.0f}" '
        f'preserveAspectRatio="xMinYMin" aria-hidden="true">'
        f"{drawing}</svg>"
    )


def cut(sheet: MapSheet) -> tuple[MapSheet, MapSheet | None]:
    """Return map and panel as two sheets; a sheet that cannot be parted stays whole."""
    if not _apart(sheet) or sheet.frame is None or sheet.panel is None:
        return sheet, None
    before, _, rest = sheet.svg.partition(PANEL_BEGINS)
    start, _, _ = before.partition("</defs>")
    panel = rest.rpartition(PANEL_ENDS)[0]
    return (
        _sized(sheet, f"{before}</svg>", sheet.frame),
        _sized(sheet, f"{start}</defs>{panel}</svg>", sheet.panel),
    )


def _sized(sheet: MapSheet, svg: str, box: tuple[float, float, float, float]) -> MapSheet:
    x, y, wide, high = box
    size = f'viewBox="{x:g} {y:g} {wide:g} {high:g}" width="{wide:g}" height="{high:g}"'
    return replace(sheet, svg=_SIZED.sub(size, svg, count=1), width=wide, height=high)


def _apart(sheet: MapSheet) -> bool:
    return None not in (sheet.frame, sheet.panel) and PANEL_ENDS in sheet.svg


def _box(sheet: MapSheet) -> str:
    """Return what is seen of the drawing: its map, or all of it."""
    if not _apart(sheet) or sheet.frame is None:
        return f"0 0 {sheet.width:g} {sheet.height:g}"
    return " ".join(f"{v:g}" for v in sheet.frame)
