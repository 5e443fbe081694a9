"""A story's words, tables and maps as HTML: everything people typed is escaped."""

from __future__ import annotations

import base64
import hashlib
import re
from html import escape

from sro_geo.cartography.sheet import MapSheet
from sro_geo.reports.content import Slide, below, paragraphs
from sro_geo.reports.fonts import FAMILY, deck_font
from sro_geo.reports.tables import DataTable

_DESCRIPTION = re.compile(r"<title>[^<]*</title><desc>[^<]*</desc>")


def words_html(text: str) -> str:
    """Return paragraphs and lists."""
    out = []
    for block in paragraphs(text):
        if isinstance(block, str):
            out.append(f'<p dir="auto">{escape(block)}</p>')
        else:
            items = "".join(f'<li dir="auto">{escape(item)}</li>' for item in block)
            out.append(f"<ul>{items}</ul>")
    return "".join(out)


def table_html(table: DataTable, language: str) -> str:
    """Return a table with its caption and headers of columns and rows."""
    look = ["" if field.kind == "text" else ' class="n"' for field in table.fields]
    head = "".join(
        f'<th scope="col"{c}>{escape(name)}</th>'
        for name, c in zip(table.header(), look, strict=True)
    )
    rows = []
    for row in table.texts(language):
        first = f'<th scope="row" dir="auto">{escape(row[0])}</th>' if row else ""
        rest = "".join(
            f'<td{c} dir="auto">{escape(v)}</td>' for v, c in zip(row[1:], look[1:], strict=True)
        )
        rows.append(f"<tr>{first}{rest}</tr>")
    note = below(table, language)
    said = f'<p class="note">{escape(note)}</p>' if note else ""
    return (
        f"<table><caption>{escape(table.caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>{said}"
    )


def svg_html(slide: Slide, sheet: MapSheet) -> str:
    """Return a map as part of a page: it scales, and it is a picture with its words."""
    size = f'width="{sheet.width:g}" height="{sheet.height:g}" '
    label = f'aria-label="{escape(slide.words_for(sheet))}" '
    code = sheet.svg.replace(size, "", 1).replace("<svg ", f'<svg class="map" {label}', 1)
    # Said once, by the label: the drawing's own words would be read out a second time.
    return _DESCRIPTION.sub("", code, count=1)


def font_face() -> str:
    """Return the style rule with the font inside, empty where there is none."""
    font = deck_font()
    if not font:
        return ""
    data = base64.b64encode(font).decode("ascii")
    return (
        f"@font-face{{font-family:'{FAMILY}';font-weight:400 700;"
        f"src:url(data:font/woff2;base64,{data}) format('woff2')}}"
    )


def source_hash(code: str) -> str:
    """Return how a policy names a script or a style by its content."""
    digest = hashlib.sha256(code.encode("utf-8", "surrogatepass")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
