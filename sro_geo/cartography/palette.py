"""Colours of the maps, and how far apart they stay for colour-blind eyes.

Contrast follows WCAG 2.1. Colour blindness is simulated at full severity with the
matrices of Machado, Oliveira and Fernandes (2009); differences are CIEDE2000 (Sharma, Wu
and Dalal 2005), where about 2 is just visible and 10 is told apart at a glance.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

# Ink and the one accent: the accent marks what the reader chose or should notice, nothing else.
INK = "#1b2733"
INK_SOFT = "#51606d"
ACCENT = "#c2410c"
CASING = "#ffffff"

# The ground, pale enough that symbols and borders stand before it.
LAND = "#f0ede5"
GREEN = "#dfe8d3"
WATER = "#c9deeb"
ROAD = "#ffffff"
ROAD_EDGE = "#d9d4c8"
RAIL = "#8b929a"

# Five classes from low to high, told apart in every common colour blindness.
SEQUENTIAL = ("#e6eef4", "#b9d3e4", "#7fb0d0", "#3376a8", "#134f80")

# What has no class: hidden figures are hatched on white, missing ones dotted on grey.
NO_FIGURE = "#ffffff"
HATCH = "#8d97a1"
MISSING = "#dcd8d0"
MISSING_DOTS = "#8a8377"

# Counts as circles; an area without classes below them.
CIRCLE = "#1c6a75"
PLAIN = "#f7f5f0"

# Areas that lie side by side: any two of the twelve differ by 10 and more in every common
# colour blindness, and ink can be read on each. A number stands beside them all the same.
SPACES = (
    *("#e0be51", "#aac6c5", "#e4bef9", "#bac69d", "#9991b8", "#c3feae"),
    *("#6593f9", "#f6eafb", "#50a76b", "#e5f1e0", "#999b28", "#859b91"),
)

_MACHADO: Mapping[str, tuple[tuple[float, float, float], ...]] = MappingProxyType(
    {
        "protanopia": (
            (0.152286, 1.052583, -0.204868),
            (0.114503, 0.786281, 0.099216),
            (-0.003882, -0.048116, 1.051998),
        ),
        "deuteranopia": (
            (0.367322, 0.860646, -0.227968),
            (0.280085, 0.672501, 0.047413),
            (-0.011820, 0.042940, 0.968881),
        ),
        "tritanopia": (
            (1.255528, -0.076749, -0.178779),
            (-0.078411, 0.930809, 0.147602),
            (0.004733, 0.691367, 0.303900),
        ),
    }
)
DEFICIENCIES: tuple[str, ...] = tuple(_MACHADO)


def ramp(steps: int) -> tuple[str, ...]:
    """Return ``SEQUENTIAL`` in another number of steps (2 or more), evenly along it."""
    out = []
    for step in range(steps):
        way = step * (len(SEQUENTIAL) - 1) / (steps - 1)
        low = min(int(way), len(SEQUENTIAL) - 2)
        pairs = zip(*(_channels(colour) for colour in SEQUENTIAL[low : low + 2]), strict=True)
        out.append("#" + "".join(f"{round(a + (b - a) * (way - low)):02x}" for a, b in pairs))
    return tuple(out)


def _channels(colour: str) -> tuple[int, ...]:
    """Return red, green and blue of a colour written ``#rrggbb``."""
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def _linear(colour: str) -> tuple[float, float, float]:
    """Return linear sRGB in 0–1 of a colour written ``#rrggbb``."""
    values = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values)
    return r, g, b


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours after WCAG 2.1, 1 (same) to 21."""
    bright, dark = sorted(
        (0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in (_linear(one), _linear(other))),
        reverse=True,
    )
    return (bright + 0.05) / (dark + 0.05)


def seen_with(colour: str, deficiency: str) -> str:
    """Return ``colour`` as somebody with ``deficiency`` sees it, written ``#rrggbb``."""
    linear = _linear(colour)
    out = []
    for row in _MACHADO[deficiency]:
        value = min(1.0, max(0.0, sum(a * b for a, b in zip(row, linear, strict=True))))
        gamma = 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
        out.append(round(gamma * 255))
    return "#" + "".join(f"{value:02x}" for value in out)


def lab(colour: str) -> tuple[float, float, float]:
    """Return CIE L*a*b* (white point D65) of a colour written ``#rrggbb``."""
    r, g, b = _linear(colour)
    xyz = (
        (0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047,
        0.2126729 * r + 0.7151522 * g + 0.0721750 * b,
        (0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / 1.08883,
    )
    x, y, z = (v ** (1 / 3) if v > 216 / 24389 else (24389 / 27 * v + 16) / 116 for v in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def difference(one: str, other: str) -> float:
    """Return the CIEDE2000 difference of two colours written ``#rrggbb``."""
    return ciede2000(lab(one), lab(other))


def ciede2000(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """Return the CIEDE2000 difference of two colours in CIE L*a*b*."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    chroma = (math.hypot(a1, b1) + math.hypot(a2, b2)) / 2
    stretch = 1 + 0.5 * (1 - math.sqrt(chroma**7 / (chroma**7 + 25.0**7)))
    c1, c2 = math.hypot(a1 * stretch, b1), math.hypot(a2 * stretch, b2)
    h1 = math.degrees(math.atan2(b1, a1 * stretch)) % 360 if c1 else 0.0
    h2 = math.degrees(math.atan2(b2, a2 * stretch)) % 360 if c2 else 0.0
    turn = h2 - h1 if c1 * c2 else 0.0
    turn = turn - 360 if turn > 180 else turn + 360 if turn < -180 else turn
    hue = h1 + h2
    if c1 * c2:
        if abs(h1 - h2) > 180:
            hue += 360 if hue < 360 else -360
        hue /= 2
    light, c = (l1 + l2) / 2, (c1 + c2) / 2
    weight = (
        1
        - 0.17 * math.cos(math.radians(hue - 30))
        + 0.24 * math.cos(math.radians(2 * hue))
        + 0.32 * math.cos(math.radians(3 * hue + 6))
        - 0.20 * math.cos(math.radians(4 * hue - 63))
    )
    d_light = (l2 - l1) / (1 + 0.015 * (light - 50) ** 2 / math.sqrt(20 + (light - 50) ** 2))
    d_chroma = (c2 - c1) / (1 + 0.045 * c)
    d_hue = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn) / 2) / (1 + 0.015 * c * weight)
    rotation = (
        -2
        * math.sqrt(c**7 / (c**7 + 25.0**7))
        * math.sin(math.radians(60 * math.exp(-(((hue - 275) / 25) ** 2))))
    )
    return math.sqrt(d_light**2 + d_chroma**2 + d_hue**2 + rotation * d_chroma * d_hue)


def worst_difference(one: str, other: str) -> float:
    """Return the smallest difference of two colours over normal and colour-blind sight."""
    seen = [(one, other)] + [(seen_with(one, d), seen_with(other, d)) for d in DEFICIENCIES]
    return min(difference(a, b) for a, b in seen)
