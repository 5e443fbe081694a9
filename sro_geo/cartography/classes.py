"""Minutes in fixed classes: the same on the map, in the legend and in a table.

A way is first written as it is said, in whole minutes, and then put into its class, so a
cell never stands in another class than the number beside it. Minutes are rounded up: a
way of 15.2 minutes is not done in 15, so a class that ends at the threshold holds nobody
who is beyond it.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise
from urllib.parse import quote

import numpy as np
import numpy.typing as npt

from sro_geo.cartography import palette
from sro_geo.i18n import t

# Upper ends in minutes, each part of its class; then over the last, then unreachable.
MINUTES = (5, 10, 15, 20, 30)
UNREACHABLE = len(MINUTES) + 1
NO_VALUE = 255
# The further, the darker; what nothing reaches is no step of the ramp but another colour.
COLOURS: tuple[str, ...] = (*palette.ramp(len(MINUTES) + 1), "#6b5f55")

_LIST = "list-style:none;margin:0;padding:0;display:flex;flex-direction:column;gap:.3rem"
_ITEM = "display:flex;align-items:center;gap:.55rem;margin:0;padding:0"


def whole_minutes(minutes: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return minutes rounded up to whole ones; infinite and unknown ones stay as they are."""
    # What is 15 but for the last digits of a float is 15.
    return np.ceil(np.round(np.asarray(minutes, float), 9))


def class_of(minutes: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """Return the class of each way: 0 is the nearest, ``UNREACHABLE``, ``NO_VALUE`` for NaN."""
    whole = whole_minutes(minutes)
    classes = np.searchsorted(MINUTES, whole, side="left").astype(np.uint8)
    classes[np.isposinf(whole)] = UNREACHABLE
    classes[np.isnan(whole)] = NO_VALUE
    return classes


def class_words(language: str = "de") -> tuple[str, ...]:
    """Return what each class is called, with its unit; no number is in two classes."""
    first, last = MINUTES[0], MINUTES[-1]
    between = (
        t("classes.between", language, low=low + 1, high=high) for low, high in pairwise(MINUTES)
    )
    return (
        t("classes.up_to", language, high=first),
        *between,
        t("classes.over", language, low=last),
        t("classes.unreachable", language),
    )


def class_legend(
    counts: Sequence[str] | None = None,
    *,
    title: str = "",
    uncertain: bool = False,
    outlined: str = "",
    language: str = "de",
) -> str:
    """Return the legend as escaped HTML: swatch, words and, if given, the count of each class.

    Parameters
    ----------
    counts
        One for each class, already written as text with its unit; an empty one leaves the
        class without a number.
    title
        Heading, default "Way to the nearest offer".
    uncertain
        Whether hatched cells are on the map.
    outlined
        Words for the outlined gap, empty where there is none.
    """
    words = class_words(language)
    numbers = list(counts) if counts is not None else [""] * len(words)
    rows = [
        _row(_swatch(f'fill="{colour}" stroke="#1b2733" stroke-width=".8"'), word, number)
        for colour, word, number in zip(COLOURS, words, numbers, strict=True)
    ]
    if uncertain:
        rows.append(_row(_hatched(), t("classes.uncertain", language), ""))
    if outlined:
        border = f'fill="#fff" stroke="{palette.ACCENT}" stroke-width="3"'
        rows.append(_row(_swatch(border), outlined, "", strong=True))
    heading = title or t("classes.title", language)
    return (
        f'<div class="sro-classes"><p style="font-weight:700;margin:0 0 .4rem 0;'
        f'color:{palette.INK}">{escape(heading)}</p>'
        f'<ul aria-label="{escape(heading)}" style="{_LIST}">{"".join(rows)}</ul></div>'
    )


def _row(picture: str, word: str, number: str, *, strong: bool = False) -> str:
    weight = 600 if strong else 400
    count = (
        f'<span style="color:{palette.INK_SOFT};margin-left:auto;'
        f'font-variant-numeric:tabular-nums">{escape(number)}</span>'
        if number
        else ""
    )
    return (
        f'<li style="{_ITEM}">{picture}'
        f'<span style="color:{palette.INK};font-weight:{weight}">{escape(word)}</span>{count}</li>'
    )


def _swatch(look: str, inside: str = "") -> str:
    return _image(f'<rect x="2" y="2" width="26" height="14" {look}/>{inside}')


def _hatched() -> str:
    lines = "".join(f"M{x} 16L{x + 14} 2" for x in range(-10, 30, 5))
    clip = '<clipPath id="a"><rect x="2" y="2" width="26" height="14"/></clipPath>'
    return _swatch(
        f'fill="{COLOURS[2]}" stroke="#1b2733" stroke-width=".8"',
        f'{clip}<path clip-path="url(#a)" d="{lines}" stroke="#fff" stroke-width="1.6"/>',
    )


def _image(drawing: str) -> str:
    """Return the drawing as an ``<img>``: Streamlit strips SVG elements from HTML."""
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="30" height="18" viewBox="0 0 30 18">'
        f"{drawing}</svg>"
    )
    return f'<img src="data:image/svg+xml,{quote(svg, safe="/:=")}" width="30" height="18" alt="">'
