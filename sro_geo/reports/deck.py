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
from sro_geo.reports.content import Slide, Story
from sro_geo.reports.json_data import data_json
from sro_geo.reports.markup import font_face, source_hash, svg_html, table_html, words_html
from sro_geo.reports.pdf import sources

_LONG_TITLE = 90
_OUTSIDE = re.compile(r"[^{};]*:\s*[^;{}]*url\([^)]*\)[^;{}]*;?")
_MAP_COMMENT = re.compile(r"//# sourceMappingURL=\S*")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_WORDS = ("where", "next", "end", "none", "in", "out", "map", "presenter")


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
    sections = "".join(_section(slide, n, story) for n, slide in enumerate(story.slides, 1))
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta name="referrer" content="no-referrer"><title>{escape(story.title)}</title>'
        f"<style>{style}</style></head><body>"
        f'<main><h1 class="said">{escape(story.title)}</h1>{sections}{_presenter(language)}</main>'
        f"{_bar(story)}"
        f'<script type="application/json" id="words">{data_json(said)}</script>'
        f"{''.join(f'<script>{code}</script>' for code in scripts)}</body></html>"
    )


def write_deck(story: Story, file: Path) -> None:
    """Write the deck; raises ``file_not_writable``."""
    replace_file(file, deck(story).encode("utf-8", "replace"))


def _section(slide: Slide, number: int, story: Story) -> str:
    language, sheet = story.language, slide.sheet
    kind = "cover" if slide.kind == "cover" else "mapped" if sheet is not None else "plain"
    long = ' class="long"' if len(slide.title) > _LONG_TITLE else ""
    parts = []
    if slide.text.strip():
        parts.append(f'<div class="text">{words_html(slide.text)}</div>')
    if sheet is not None:
        parts.append(f"<figure>{svg_html(slide, sheet)}</figure>")
    tables = "".join(table_html(table, language) for table in slide.tables())
    if tables and sheet is not None:
        summary = escape(t("deck.table", language))
        tables = f"<details><summary>{summary}</summary>{tables}</details>"
    parts.append(tables)
    if slide.kind == "cover":
        frozen = t("deck.frozen", language, label=story.label)
        parts.append(f'<p class="source">{escape(frozen)}</p>')
    source = sources(slide, language)
    if source:
        parts.append(f'<p class="source">{escape(source)}</p>')
    sub = f'<p class="sub" dir="auto">{escape(slide.subtitle)}</p>' if slide.subtitle else ""
    return (
        f'<section class="{kind}" id="slide-{number}" aria-labelledby="h-{number}" '
        f'data-note="{escape(slide.note)}"{"" if number == 1 else " hidden"}>'
        f'<h2 id="h-{number}" tabindex="-1" dir="auto"{long}>{escape(slide.title)}</h2>{sub}'
        f'<div class="body" tabindex="0" role="group" aria-labelledby="h-{number}">'
        f"{''.join(parts)}</div></section>"
    )


def _presenter(language: str) -> str:
    def say(key: str) -> str:
        return escape(t(f"deck.{key}", language))

    return (
        f'<div id="presenter" hidden><p class="clock" id="p-clock"></p><h2 id="p-title"></h2>'
        f'<p class="speech" id="p-note" tabindex="0" role="group" aria-label="{say("note")}"></p>'
        f'<p id="p-next"></p><div class="row"><button type="button" id="p-reset">{say("reset")}'
        "</button></div></div>"
    )


def _bar(story: Story) -> str:
    language = story.language

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
        f'<option value="{i}">{i + 1} · {escape(s.title[:70])}</option>'
        for i, s in enumerate(story.slides)
    )
    note = f'<span class="sample">{escape(story.sample_note)}</span>' if story.sample_note else ""
    return (
        f'<nav aria-label="{escape(t("deck.bar", language))}">'
        f"{button('back', 'back', 'ArrowLeft', more='‹')}"
        '<span id="where" role="status"></span>'
        f"{button('on', 'on', 'ArrowRight', more='›')}"
        f'<select id="jump" aria-label="{escape(t("deck.jump", language))}">{options}</select>'
        f"{button('zoom', 'zoom', 'z', pressed=True)}{button('notes', 'notes', 'p')}"
        f"{button('full', 'full', 'f')}{button('theme', 'theme', 'd', pressed=True)}{note}</nav>"
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
