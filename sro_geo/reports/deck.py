"""The deck: one HTML file for a hall without a network.

It holds its font, its maps and Leaflet, asks for nothing, and says so by its policy.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path

from sro_geo.cartography.leaflet import leaflet_folder
from sro_geo.files import replace_file
from sro_geo.i18n import t
from sro_geo.reports.content import Story
from sro_geo.reports.deck_map import map_html, panel_html
from sro_geo.reports.deck_pages import MANY_COLUMNS, Page, pages, title_class
from sro_geo.reports.json_data import data_json
from sro_geo.reports.markup import font_face, source_hash, table_html, words_html
from sro_geo.reports.pdf import sources
from sro_geo.reports.tables import DataTable

# Letters from which on the text beside a map, and a subtitle, are set smaller.
_MUCH, _MOST = 240, 450
_LONG = 110
# Names of rows up to so many letters stay on one line.
_SHORT = 24
_OUTSIDE = re.compile(r"[^{};]*:\s*[^;{}]*url\([^)]*\)[^;{}]*;?")
_MAP_COMMENT = re.compile(r"//# sourceMappingURL=\S*")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_WORDS = ("where", "next", "end", "none", "in", "out", "whole", "map", "presenter")


def deck(story: Story) -> str:
    """Return the deck as one self-contained page."""
    language = story.language
    own, leaflet, style = _own("deck.js"), _leaflet_script(), font_face() + _style()
    scripts = [leaflet, own] if any(s.sheet for s in story.slides) else [own]
    policy = "; ".join(
        (
            "default-src 'none'", "img-src data:", "font-src data:",
            f"style-src {source_hash(style)}",
            f"script-src {' '.join(source_hash(code) for code in scripts)}",
            "base-uri 'none'", "form-action 'none'",
        )
    )  # fmt: skip
    said = {key: t(f"deck.{key}", language) for key in _WORDS} | {"title": story.title}
    shown = pages(story)
    sections = "".join(_section(page, n, story) for n, page in enumerate(shown, 1))
    return (
        f'<!doctype html><html lang="{escape(language)}" class="stage"><head>'
        '<meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta name="referrer" content="no-referrer"><title>{escape(story.title)}</title>'
        f"<style>{style}</style></head><body>"
        f'<main><h1 class="said">{escape(story.title)}</h1>{sections}</main>'
        f'{_bar(shown, language)}<template id="second">{_presenter(language)}</template>'
        f'<script type="application/json" id="words">{data_json(said)}</script>'
        f"{''.join(f'<script>{code}</script>' for code in scripts)}</body></html>"
    )


def write_deck(story: Story, file: Path) -> None:
    """Write the deck; raises ``file_not_writable``."""
    replace_file(file, deck(story).encode("utf-8", "replace"))


def _section(page: Page, number: int, story: Story) -> str:
    slide = page.slide
    kind = "cover" if slide.kind == "cover" else "mapped" if page.mapped else "plain"
    subtitle = slide.subtitle
    if slide.sheet is not None and not subtitle and slide.sheet.subtitle != slide.title:
        subtitle = slide.sheet.subtitle
    long = " long" if len(subtitle) > _LONG else ""
    sub = f'<p class="sub{long}" dir="auto">{escape(subtitle)}</p>' if subtitle else ""
    return (
        f'<section class="{kind}" id="slide-{number}" data-key="{escape(slide.slide_id)}" '
        f'aria-labelledby="h-{number}" data-note="{escape(slide.note)}"'
        f"{'' if number == 1 else ' hidden'}><header>"
        f'<h2 id="h-{number}" tabindex="-1" dir="auto" class="{title_class(page.title)}">'
        f"{escape(page.title)}</h2>{sub}</header>"
        f'<div class="body" role="group" aria-labelledby="h-{number}">{_body(page, number, story)}'
        f"</div>{_foot(page, story)}</section>"
    )


def _body(page: Page, number: int, story: Story) -> str:
    language, sheet = story.language, page.slide.sheet
    text = ""
    if page.text.strip():
        many = len(page.text) if page.mapped else 0
        much = " most" if many > _MOST else " much" if many > _MUCH else ""
        text = f'<div class="text{much}">{words_html(page.text)}</div>'
    tables = "".join(_table(table, language) for table in page.tables)
    if sheet is None:
        return text + tables
    if tables:
        tables = f'<div class="tables">{tables}</div>'
    return (
        f'{map_html(page.slide, sheet)}<div class="panel" role="group" '
        f'aria-labelledby="h-{number}">{text}{panel_html(sheet)}{tables}</div>'
    )


def _table(table: DataTable, language: str) -> str:
    code = table_html(table, language)
    look = ["many"] if len(table.fields) >= MANY_COLUMNS else []
    if all(len(str(row[0])) <= _SHORT for row in table.rows if row):
        look.append("short")
    code = code.replace("<table>", f'<table class="{" ".join(look)}">', 1)
    return f'<div class="held">{code}</div>'


def _foot(page: Page, story: Story) -> str:
    """Return the source with the note on sample data: it stands on every slide, printed too."""
    language = story.language
    source = sources(page.slide, language)
    if page.slide.kind == "cover":
        source = t("deck.frozen", language, label=story.label)
    note = f'<span class="sample">{escape(story.sample_note)}</span>' if story.sample_note else ""
    return f'<p class="foot"><span class="source" dir="auto">{escape(source)}</span>{note}</p>'


def _presenter(language: str) -> str:
    def say(key: str) -> str:
        return escape(t(f"deck.{key}", language))

    def button(key: str, name: str) -> str:
        return f'<button type="button" id="{key}">{say(name)}</button>'

    return (
        f'<main id="presenter"><h1 class="said">{say("presenter")}</h1><div class="top">'
        f'<p class="clock" id="p-clock"></p><p class="gone" id="p-gone"></p>'
        f'<span id="p-where" role="status"></span></div>'
        '<div class="shows" tabindex="0" role="group" aria-labelledby="p-title">'
        '<h2 id="p-title"></h2><div class="thumb" id="p-now"></div>'
        '<p id="p-next"></p><div class="thumb later" id="p-later"></div></div>'
        f'<p class="speech" id="p-note" tabindex="0" role="group" aria-label="{say("note")}"></p>'
        f'<div class="row">{button("p-back", "back")}{button("p-on", "on")}'
        f"{button('p-reset', 'reset')}</div></main>"
    )


def _bar(shown: list[Page], language: str) -> str:
    def button(name: str, key: str, short: str, *, pressed: bool = False, more: str = "") -> str:
        state = ' aria-pressed="false"' if pressed else ""
        words = escape(t(f"deck.{name}", language))
        face = more or words
        label = f' aria-label="{words}"' if more else ""
        return (
            f'<button type="button" id="{key}" title="{words} ({short})"{label}{state} '
            f'aria-keyshortcuts="{short}">{face}</button>'
        )

    options = "".join(
        f'<option value="{i}">{i + 1} · {escape(page.title[:70])}</option>'
        for i, page in enumerate(shown)
    )
    return (
        f'<nav aria-label="{escape(t("deck.bar", language))}">'
        f"{button('back', 'back', 'ArrowLeft', more='‹')}"
        '<span id="where" role="status"></span>'
        f"{button('on', 'on', 'ArrowRight', more='›')}"
        f'<select id="jump" aria-label="{escape(t("deck.jump", language))}">{options}</select>'
        f'<span class="rest">{button("table", "table", "t", pressed=True)}'
        f"{button('notes', 'notes', 'p')}"
        f"{button('full', 'full', 'f')}{button('theme', 'theme', 'd', pressed=True)}</span></nav>"
    )


@cache
def _own(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


@cache
def _leaflet_script() -> str:
    code = (leaflet_folder() / "leaflet.js").read_text(encoding="utf-8")
    # The deck shows no attribution of Leaflet's; its address would only look like a way out.
    code = _MAP_COMMENT.sub("", code).replace("https://leafletjs.com", "#")
    return code.replace("</script", "<\\/script")


@cache
def _style() -> str:
    """Return our style and Leaflet's, without the pictures that it would load."""
    leaflet = (leaflet_folder() / "leaflet.css").read_text(encoding="utf-8")
    return _OUTSIDE.sub("", _COMMENT.sub("", leaflet)) + _own("deck.css")
