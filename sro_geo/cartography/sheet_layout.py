"""How a sheet is divided: a slide has its panel beside the map, a page below it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import shapely

from sro_geo.cartography.map_view import Shapes
from sro_geo.cartography.sheet import PANEL_BEGINS, PANEL_ENDS, SIZES, Box, MapSheet, Spot, Table
from sro_geo.cartography.sheet_parts import clean, foot, foot_text, head, path_data, sheet_svg

# Draws at (x, y, width, bottom) and returns (SVG, y below it).
Column = Callable[[float, float, float, float], tuple[str, float]]
_GAP = 26.0
_HALF_PANEL = 336.0


@dataclass
class Layout:
    """One sheet while it is drawn.

    Parameters
    ----------
    size
        A key of ``SIZES``.
    ratio
        Height by width of what the map shows; a page gives the map that height, in limits.
    panel
        Width of the panel of a slide.
    least
        Height the map of a page has at least.
    """

    size: str
    title: str
    subtitle: str
    source: str
    sample_note: str
    ratio: float = 0.7
    panel: float = 372.0
    least: float = 430.0
    parts: list[str] = field(default_factory=list)
    defs: list[str] = field(default_factory=list)
    spots: list[Spot] = field(default_factory=list)
    beside: tuple[float, float, float, float] | None = None

    def __post_init__(self) -> None:
        """Lay out head and foot, and find the frame of the map between them."""
        self.width, self.height = SIZES[self.size]
        self.paper = self.size == "a4"
        half = self.size == "a4-half"
        self.panel = min(self.panel, _HALF_PANEL) if half else self.panel
        self.left = 2.0 if self.paper or half else 38.0
        self.end = 8.0 if self.paper or half else 17.0
        self.wide = self.width - 2 * self.left
        words, top = head(self.title, self.subtitle, self.left, self.wide)
        self.parts.append(words)
        self.top = top or 6.0
        self.lines, self.below = foot(self.source, self.sample_note, self.wide)
        if half:
            # Room for what is only known once the map is drawn.
            self.below = max(self.below, 24.0)
        if self.paper:
            high = min(max(self.wide * self.ratio, self.least), 720.0)
            self.frame = (self.left, self.top, self.wide, high)
        else:
            high = self.height - self.top - self.below - (2 if half else 10)
            across = self.wide - self.panel - _GAP if self.panel else self.wide
            self.frame = (self.left, self.top, across, high)

    def say(self, source: str) -> None:
        """Write another source at the foot, as far as there is room for it."""
        self.source = source
        lines, below = foot(source, self.sample_note, self.wide)
        if self.paper or below <= self.below:
            self.lines, self.below = lines, below

    def pointed(
        self, ids: Iterable[object], names: Iterable[str], figures: Iterable[str], shapes: Shapes
    ) -> None:
        """Remember areas to be pointed at; their outlines need not be exact."""
        outlines = shapely.simplify(shapes, 0.8)
        self.spots += [
            Spot(str(area_id), clean(name), clean(figure), path_data(outline))
            for area_id, name, figure, outline in zip(ids, names, figures, outlines, strict=True)
            if not outline.is_empty
        ]

    def columns(self, *groups: Column) -> None:
        """Draw the panel: one below the other on a slide, side by side on a page."""
        x, y, wide, high = self.frame
        if self.paper:
            share = (self.wide - _GAP * (len(groups) - 1)) / max(len(groups), 1)
            end = y + high + 8
            for i, group in enumerate(groups):
                svg, below = group(x + i * (share + _GAP), y + high + 8, share, 1e4)
                self.parts.append(svg)
                end = max(end, below)
            self.height = end + self.below + 6
            return
        at, bottom = y - 4, y + high
        self.parts.append(PANEL_BEGINS if groups else "")
        for group in groups:
            svg, at = group(x + wide + _GAP, at, self.panel, bottom)
            self.parts.append(svg)
        if groups:
            self.parts.append(PANEL_ENDS)
            self.beside = (x + wide + _GAP, y - 4, self.panel, at - y + 4)

    def finished(self, *, alt: str, table: Table, boxes: tuple[Box, ...]) -> MapSheet:
        """Return the sheet with its foot."""
        at = self.height - self.end
        self.parts.append(foot_text(self.lines, self.left, at))
        svg = sheet_svg(
            "".join(self.parts), self.width, self.height, title=self.title or self.subtitle,
            alt=alt, defs="".join(self.defs),
        )  # fmt: skip
        return MapSheet(
            svg, self.width, self.height, alt, table, clean(self.title), clean(self.subtitle),
            " ".join(p for p in (clean(self.source), clean(self.sample_note)) if p), boxes,
            self.frame, self.beside, tuple(self.spots),
        )  # fmt: skip
