"""Legend of a map of rates: classes, what is hidden, what is missing, circles, the outline."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from sro_geo.cartography import palette
from sro_geo.cartography.rates import (
    MISSING,
    SUPPRESSED,
    CircleScale,
    Scale,
    State,
    class_words,
    number,
    short_words,
    state_words,
)
from sro_geo.i18n import t

_LIST = "list-style:none;margin:0;padding:0;display:flex;flex-direction:column;gap:.3rem"
_ITEM = "display:flex;align-items:center;gap:.6rem;margin:0;padding:0"
_EDGE = f'stroke="{palette.INK}" stroke-width=".8"'


def rate_legend(
    scale: Scale,
    states: Sequence[State],
    *,
    title: str,
    unit: tuple[str, str] | None = None,
    hidden: str = "",
    outlined: str = "",
    circles: CircleScale | None = None,
    circles_title: str = "",
    language: str = "de",
) -> str:
    """Return the legend as escaped HTML: highest class first, then what has no figure.

    Parameters
    ----------
    scale
        Of the whole series.
    states
        Of the areas on this map: each class is followed by the number of its areas. What is
        hidden or missing stands in the legend where it is on the map.
    title
        What the rate is: "Cases per 1,000 under 21".
    unit
        One and many of what the areas are ("Sozialraum", "Sozialräume"), default "area".
    hidden
        Words for hatched areas, default "not shown (confidential)".
    outlined
        Words for outlined areas, empty where there are none.
    circles, circles_title
        The scale of the circles and what they count, if there are any.
    """
    one, many = unit or (t("rates.area", language), t("rates.areas", language))

    def areas(state: State) -> str:
        count = sum(1 for own in states if own == state)
        return f"{number(count, 0, language)} {one if count == 1 else many}"

    words, short, full = class_words(scale, language), short_words(language), state_words(language)
    rows = []
    for index in reversed(range(scale.count)):
        picture = swatch(f'fill="{scale.colours[index]}" {_EDGE}')
        rows.append(_row(picture, words[index], areas(index)))
    if SUPPRESSED in states:
        said = f"{short[SUPPRESSED]}: {hidden or full[SUPPRESSED]}"
        rows.append(_row(hatched_swatch(), said, areas(SUPPRESSED)))
    if MISSING in states:
        said = f"{short[MISSING]}: {full[MISSING]}"
        rows.append(_row(dotted_swatch(), said, areas(MISSING)))
    if outlined:
        border = f'fill="#fff" stroke="{palette.ACCENT}" stroke-width="3"'
        rows.append(_row(swatch(border), outlined, "", strong=True))
    html = (
        _heading(title) + f'<ul aria-label="{escape(title)}" style="{_LIST}">{"".join(rows)}</ul>'
    )
    if circles is not None and circles.sizes():
        html += circle_legend(circles, title=circles_title, language=language)
    return f'<div class="sro-classes">{html}</div>'


def circle_legend(circles: CircleScale, *, title: str = "", language: str = "de") -> str:
    """Return the circles of round counts, one within the other, each with its number."""
    sizes = circles.sizes()
    if not sizes:
        return ""
    largest = sizes[0][1]
    base, left = 2 * largest + 8, largest + 3
    wide = 2 * largest + 90
    parts: list[str] = []
    # Labels keep their distance; a short line leads from the top of each circle.
    label_at = 0.0
    for count, radius in sizes:
        top = base - 2 * radius
        label_at = max(top, label_at + 15) if parts else max(top, 8)
        parts.append(
            f'<circle cx="{left:.1f}" cy="{base - radius:.1f}" r="{radius:.1f}" '
            f'fill="{palette.CIRCLE}" stroke="#fff" stroke-width="1.5"/>'
            f'<path d="M{left:.1f} {top:.1f}L{2 * largest + 12:.1f} {label_at:.1f}h6" '
            f'fill="none" stroke="{palette.INK_SOFT}"/>'
            f'<text x="{2 * largest + 22:.1f}" y="{label_at + 4.5:.1f}" font-size="13" '
            f'font-family="sans-serif" fill="{palette.INK}">{number(count, 0, language)}</text>'
        )
    high = max(base, label_at) + 6
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide:.0f}" height="{high:.0f}" '
        f'viewBox="0 0 {wide:.0f} {high:.0f}">{"".join(parts)}</svg>'
    )
    said = ", ".join(number(count, 0, language) for count, _ in sizes)
    alt = t("rates.circles_label", language, counts=said)
    picture = (
        f'<img src="data:image/svg+xml,{quote(svg, safe="/:=")}" width="{wide:.0f}" '
        f'height="{high:.0f}" alt="{escape(alt)}">'
    )
    heading = title or t("rates.circles", language)
    return f'<div style="margin-top:.9rem">{_heading(heading)}{picture}</div>'


def _heading(words: str) -> str:
    return f'<p style="font-weight:700;margin:0 0 .4rem 0;color:{palette.INK}">{escape(words)}</p>'


def _row(picture: str, word: str, count: str, *, strong: bool = False) -> str:
    numbered = (
        f'<span style="color:{palette.INK_SOFT};margin-left:auto;white-space:nowrap;'
        f'font-variant-numeric:tabular-nums">{escape(count)}</span>'
        if count
        else ""
    )
    return (
        f'<li style="{_ITEM}">{picture}<span style="color:{palette.INK};'
        f'font-weight:{600 if strong else 400}">{escape(word)}</span>{numbered}</li>'
    )


def hatched_swatch() -> str:
    """Return the swatch of hidden figures as an ``<img>``."""
    lines = "".join(f"M{x} 18L{x + 16} 2" for x in range(-12, 34, 5))
    return swatch(
        f'fill="{palette.NO_FIGURE}" {_EDGE}',
        f'<path clip-path="url(#a)" d="{lines}" stroke="{palette.HATCH}" stroke-width="1.2"/>',
    )


def dotted_swatch() -> str:
    """Return the swatch of missing figures as an ``<img>``."""
    dots = "".join(
        f'<circle cx="{5 + 4 * i}" cy="{6 + 4 * (i % 2) + j}" r="1" fill="{palette.MISSING_DOTS}"/>'
        for i in range(7)
        for j in (0, 8)
        if 6 + 4 * (i % 2) + j < 18
    )
    return swatch(f'fill="{palette.MISSING}" {_EDGE}', dots)


def swatch(look: str, inside: str = "") -> str:
    """Return a small rectangle as an ``<img>``: Streamlit strips SVG elements from HTML."""
    clip = '<clipPath id="a"><rect x="2" y="2" width="32" height="16"/></clipPath>'
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="36" height="20" viewBox="0 0 36 20">'
        f'{clip}<rect x="2" y="2" width="32" height="16" {look}/>{inside}</svg>'
    )
    source = quote(svg, safe="/:=")
    return f'<img src="data:image/svg+xml,{source}" width="36" height="20" alt="">'
