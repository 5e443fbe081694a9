"""How a sheet is divided: a slide has its panel beside the map, a page below it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sro_geo.cartography.sheet import SIZES, Box, MapSheet, Table
from sro_geo.cartography.sheet_parts import clean, foot, foot_text, head, sheet_svg

# Draws at (x, y, width, bottom) and returns (SVG, y below it).
Column = Callable[[float, float, float, float], tuple[str, float]]
_GAP = 26.0


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
    """

    size: str
    title: str
    subtitle: str
    source: str
    sample_note: str
    ratio: float = 0.7
    panel: float = 372.0
    parts: list[str] = field(default_factory=list)
    defs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Lay out head and foot, and find the frame of the map between them."""
        self.width, self.height = SIZES[self.size]
        self.paper = self.size == "a4"
        self.left = 2.0 if self.paper else 38.0
        self.wide = self.width - 2 * self.left
        words, top = head(self.title, self.subtitle, self.left, self.wide)
        self.parts.append(words)
        self.top = top or 6.0
        self.lines, self.below = foot(self.source, self.sample_note, self.wide)
        if self.paper:
            high = min(max(self.wide * self.ratio, 430.0), 720.0)
            self.frame = (self.left, self.top, self.wide, high)
        else:
            high = self.height - self.top - self.below - 10
            across = self.wide - self.panel - _GAP if self.panel else self.wide
            self.frame = (self.left, self.top, across, high)

    def say(self, source: str) -> None:
        """Write another source at the foot, as far as there is room for it."""
        self.source = source
        lines, below = foot(source, self.sample_note, self.wide)
        if self.paper or below <= self.below:
            self.lines, self.below = lines, below

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
        for group in groups:
            svg, at = group(x + wide + _GAP, at, self.panel, bottom)
            self.parts.append(svg)

    def finished(self, *, alt: str, table: Table, boxes: tuple[Box, ...]) -> MapSheet:
        """Return the sheet with its foot."""
        at = self.height - (8 if self.paper else 17)
        self.parts.append(foot_text(self.lines, self.left, at))
        svg = sheet_svg(
            "".join(self.parts), self.width, self.height, title=self.title or self.subtitle,
            alt=alt, defs="".join(self.defs),
        )  # fmt: skip
        return MapSheet(
            svg, self.width, self.height, alt, table, clean(self.title), clean(self.subtitle),
            " ".join(p for p in (clean(self.source), clean(self.sample_note)) if p), boxes,
        )  # fmt: skip
