"""A finished sheet: one map with headline, legend and source, and what it says in words.

A sheet is pure SVG text: it stands on a slide, on paper and in a document alike. It holds
released figures only; what is hidden has no number in the picture, the words or the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

# Width and height in units of the SVG; one unit is a pixel of a 1,280 pixel wide slide.
# A4 is the type area of a page, so that letters keep their size on paper; a half one has
# its panel beside the map as a slide has.
SIZES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"16:9": (1280.0, 720.0), "a4": (1000.0, 1180.0), "a4-half": (1000.0, 490.0)}
)

# What stands around the panel in the drawing, for who shows map and panel apart.
PANEL_BEGINS, PANEL_ENDS = '<g data-part="panel">', '</g><g data-part="foot"/>'


@dataclass(frozen=True)
class Table:
    """What the map shows as text, ready to be printed: a header and its rows."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Box:
    """Where the label of an area stands, in units of the SVG; ``leader``: outside, with a line."""

    area_id: str
    x0: float
    y0: float
    x1: float
    y1: float
    leader: bool


@dataclass(frozen=True)
class Spot:
    """An area to be pointed at: its name, its figure as it is written, its outline as a path."""

    area_id: str
    name: str
    figure: str
    path: str


@dataclass(frozen=True)
class MapSheet:
    """One finished map.

    Parameters
    ----------
    svg
        The whole sheet, titled and described for screen readers.
    width, height
        In units of the SVG.
    alt
        Two or three sentences: what is shown, highest, lowest, what is hidden.
    table
        The same figures as text.
    title, subtitle, source
        As they are written on the sheet (whole, where the sheet has to shorten them).
    label_boxes
        One for every area named on the map.
    frame, panel
        Where on the sheet the map is and what belongs beside it: left, top, width, height;
        for who shows the two apart. None where they cannot be told apart.
    spots
        Areas with their figures, for maps that answer to pointer and keys.
    """

    svg: str
    width: float
    height: float
    alt: str
    table: Table
    title: str
    subtitle: str
    source: str
    label_boxes: tuple[Box, ...]
    frame: tuple[float, float, float, float] | None = None
    panel: tuple[float, float, float, float] | None = None
    spots: tuple[Spot, ...] = ()
