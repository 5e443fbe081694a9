"""Legend of the offer map as HTML that stands beside the map, not inside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from sro_geo.cartography import palette, symbols
from sro_geo.city import CategoryGroup
from sro_geo.i18n import name_of, t

_LIST = "list-style:none;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:.25rem 1.1rem"
_ITEM = "display:flex;align-items:center;gap:.4rem;margin:0;padding:0"


def legend(
    groups: Iterable[CategoryGroup],
    *,
    counts: Mapping[str, int] | None = None,
    language: str = "de",
) -> str:
    """Return the legend as one escaped HTML list: symbol, name and, if given, the count.

    Parameters
    ----------
    groups
        Groups in the order they are to be listed.
    counts
        Offers on the map by group; a group missing from it shows 0 in a paler ink.
    """
    items = []
    for group in groups:
        number = ""
        ink = palette.INK
        if counts is not None:
            count = counts.get(group.group, 0)
            ink = palette.INK if count else palette.INK_SOFT
            number = (
                f'<span style="color:{palette.INK_SOFT};font-variant-numeric:tabular-nums">'
                f"{count}</span>"
            )
        items.append(
            f'<li style="{_ITEM}">{symbols.picture(group.symbol, group.colour)}'
            f'<span style="color:{ink}">{escape(name_of(group.names, language))}</span>'
            f"{number}</li>"
        )
    label = escape(t("maps.legend", language))
    return f'<ul class="sro-legend" aria-label="{label}" style="{_LIST}">{"".join(items)}</ul>'
