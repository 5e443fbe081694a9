"""HTML and Markdown from data: what comes from a table is escaped here, in one place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def tag(name: str, *inner: str, **attributes: str) -> str:
    """Return an element; ``inner`` is HTML already, attribute values are escaped."""
    shown = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
    )
    return f"<{name}{shown}>{''.join(inner)}</{name}>"


def text(value: object) -> str:
    """Return a value as escaped text, an empty string for a missing one."""
    return escape(value) if isinstance(value, str) else "" if value is None else escape(str(value))


def as_written(words: str) -> str:
    """Return words for a place that reads Markdown, with every mark of it taken literally.

    A name must not become a link, a directive or a picture, which the browser would fetch
    from wherever it says.
    """
    for sign in "\\`*_[]<>$#~|:!":
        words = words.replace(sign, "\\" + sign)
    return words


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Return a definition list; values are HTML already, pairs without a value are left out."""
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{value}</dd>" for name, value in pairs if value)
    return f'<dl class="sro-facts">{rows}</dl>'


def table(
    caption: str,
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    numeric: Sequence[int] = (),
) -> str:
    """Return an accessible table; cells are escaped here; ``numeric`` columns align right."""
    kind = ["num" if position in numeric else "" for position in range(len(header))]
    head = "".join(
        f'<th scope="col" class="{c}">{escape(h)}</th>' for h, c in zip(header, kind, strict=True)
    )
    body = "".join("<tr>" + "".join(_cells(row, kind)) + "</tr>" for row in rows)
    return (
        f'<div class="sro-scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table class="sro-table"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cells(row: Sequence[str], kind: Sequence[str]) -> Iterable[str]:
    """Yield the cells of a row; the first names it, so that every figure is read with a name."""
    for position, (cell, look) in enumerate(zip(row, kind, strict=True)):
        name, scope = ("td", "") if position else ("th", ' scope="row"')
        yield f'<{name}{scope} class="{look}">{escape(cell)}</{name}>'
