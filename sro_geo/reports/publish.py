"""The public folder: a page of offers and released figures that any web server can host.

No Python, no request to another host, nothing to install. Every file is written whole, the
page last, so a visitor never finds a page whose files are not there yet.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from html import escape
from importlib.resources import files
from pathlib import Path

import pandas as pd

from sro_geo.city import City
from sro_geo.errors import SroError
from sro_geo.files import replace_file
from sro_geo.i18n import date_in_words, name_of, t
from sro_geo.offers.hours import hours_in_words
from sro_geo.reports.content import Slide, Story, all_tables
from sro_geo.reports.deck_map import drawing_html, panel_html
from sro_geo.reports.markup import font_face, source_hash, table_html, words_html
from sro_geo.reports.pdf import sources
from sro_geo.reports.workbook import csv_bytes, safe_text, xlsx_bytes

# What everybody may know of an offer, in the order it is shown.
SHOWN = (
    "description", "provider", "target_group", "address", "schedule", "languages",
    "accessibility", "cost", "contact", "verified_on",
)  # fmt: skip
_TABLE = re.compile(r"figures-\d+\.csv")
_OF_PLACE = ("address", "postal_code", "city", "lon", "lat")
_COLUMNS = ("offer_id", "name", "category", *SHOWN, "postal_code", "city", "lon", "lat")


def publish(folder: Path, story: Story, offers: pd.DataFrame, city: City) -> tuple[Path, ...]:
    """Write the public folder and return its files.

    Parameters
    ----------
    folder
        Made where it is missing; tables of an earlier publication are taken away, for what
        they say may have been withdrawn; files of other names are left alone.
    story
        Its maps and tables are shown as released figures; speaker notes are left out.
    offers
        Rows of the directory: closed and planned ones are left out, a protected one has no
        place.

    Raises
    ------
    SroError
        ``file_not_writable``.
    """
    listed = public_offers(offers)
    tables = all_tables(story.slides)
    content = {
        "figures.xlsx": xlsx_bytes(story),
        "offers.csv": _offers_csv(listed, story),
        **{f"figures-{n}.csv": csv_bytes(table, story) for n, (_, table) in enumerate(tables, 1)},
        "index.html": page(story, listed, city).encode("utf-8", "replace"),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as why:
        reason = why.strerror or type(why).__name__
        raise SroError("file_not_writable", file=str(folder), reason=reason) from None
    for name, data in content.items():
        replace_file(folder / name, data)
    _take_away(f for f in folder.iterdir() if _TABLE.fullmatch(f.name) and f.name not in content)
    return tuple(folder / name for name in content)


def _take_away(files: Iterable[Path]) -> None:
    """Remove tables of an earlier publication, which the page leads to no more."""
    for file in list(files):
        try:
            file.unlink(missing_ok=True)
        except OSError as why:
            reason = why.strerror or type(why).__name__
            raise SroError("file_not_writable", file=str(file), reason=reason) from None


def public_offers(offers: pd.DataFrame) -> pd.DataFrame:
    """Return what may be published: offers that run or pause, protected ones without a place."""
    table = offers[offers["status"].isin(["active", "paused"])].reset_index(drop=True)
    protected = table["protected"].fillna(False).astype(bool)
    for column in _OF_PLACE:
        if column in table:
            table[column] = table[column].where(~protected)
    columns = [column for column in _COLUMNS if column in table]
    for column in ("lon", "lat"):
        if column in table:
            table[column] = table[column].round(6)
    return table[columns].assign(status=table["status"]).sort_values("name", kind="stable")


def page(story: Story, offers: pd.DataFrame, city: City) -> str:
    """Return the page as HTML; the script only filters what is there without it."""
    language = story.language
    script, style = _own("publish.js"), font_face() + _own("publish.css")
    policy = (
        f"default-src 'none'; img-src data:; font-src data:; style-src {source_hash(style)}; "
        f"script-src {source_hash(script)}; base-uri 'none'; form-action 'none'"
    )
    title = t("publish.title", language, city=story.city)
    note = f'<p class="sample">{escape(story.sample_note)}</p>' if story.sample_note else ""
    frozen = t("reports.stand", language, date=date_in_words(story.frozen_at, language))
    shown = [s for s in story.slides if s.kind != "cover" and (s.text.strip() or s.tables())]
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}</style></head><body>"
        f'<a class="skip" href="#offers">{escape(t("publish.skip", language))}</a>'
        f"<header><h1>{escape(title)}</h1>{note}<p>{escape(frozen)}</p>"
        f"{_contents(shown, language)}</header><main>"
        f"{_offers(offers, city, language)}{_figures(shown, story)}{_downloads(story)}</main>"
        f"<script>{script}</script></body></html>"
    )


def _contents(shown: list[Slide], language: str) -> str:
    """Return the links to the parts of the page."""
    parts = ["offers", *(["figures"] if shown else []), "files"]
    links = "".join(
        f'<a href="#{part}">{escape(t(f"publish.{part}", language))}</a>' for part in parts
    )
    return f'<nav aria-label="{escape(t("publish.contents", language))}">{links}</nav>'


def _offers(offers: pd.DataFrame, city: City, language: str) -> str:
    def say(key: str) -> str:
        return escape(t(f"publish.{key}", language))

    known = [c for c in city.categories if c in set(offers["category"])]
    options = "".join(
        f'<option value="{escape(c)}">{escape(name_of(city.categories[c].names, language))}'
        "</option>"
        for c in known
    )
    cards = "".join(_card(row, city, language) for row in offers.to_dict("records"))
    return (
        f'<section id="offers" aria-labelledby="offers-title"><h2 id="offers-title">'
        f'{say("offers")}</h2><form id="filter" hidden><label>{say("search")} '
        f'<input id="text" type="search" autocomplete="off"></label><label>{say("kind")} '
        f'<select id="kind"><option value="">{say("all")}</option>{options}</select></label>'
        f'<p id="count" role="status" data-words="{say("count")}"></p></form>'
        f'<ul class="cards">{cards}</ul></section>'
    )


def _card(row: dict[object, object], city: City, language: str) -> str:
    """Return an offer; what is not known is not named."""
    category = str(row["category"])
    known = city.categories.get(category)
    kind = name_of(known.names, language) if known else category
    if row["status"] == "paused":
        kind = f"{kind} · {t('publish.paused', language)}"
    said = []
    for column in SHOWN:
        value = row.get(column)
        if not isinstance(value, str) or not value.strip() or column == "description":
            continue
        words = date_in_words(value, language) if column == "verified_on" else value
        if column == "schedule":
            words = "; ".join(hours_in_words(value, language)) or value
        if column == "address":
            rest = [str(row[c]) for c in ("postal_code", "city") if isinstance(row.get(c), str)]
            words = ", ".join(part for part in (value, " ".join(rest)) if part)
        said.append(
            f"<dt>{escape(t(f'publish.{column}', language))}</dt>"
            f'<dd dir="auto">{escape(words)}</dd>'
        )
    about = row.get("description")
    text = f'<p dir="auto">{escape(about)}</p>' if isinstance(about, str) else ""
    name = escape(str(row["name"]))
    return (
        f'<li data-kind="{escape(category)}"><h3 dir="auto">{name}</h3>'
        f'<p class="kind">{escape(kind)}</p>{text}<details><summary>'
        f'{escape(t("publish.more", language))}<span class="said"> {name}</span></summary>'
        f"<dl>{''.join(said)}</dl></details></li>"
    )


def _figures(slides: list[Slide], story: Story) -> str:
    language, out = story.language, []
    for number, slide in enumerate(slides, 1):
        tables = "".join(table_html(table, language) for table in slide.tables())
        held = (
            f'<div class="scroll" tabindex="0" role="group" aria-labelledby="f-{number}">'
            f"{tables}</div>"
        )
        source = " ".join(p for p in (sources(slide, language), story.sample_note) if p)
        out.append(
            f'<section aria-labelledby="f-{number}"><h3 id="f-{number}" dir="auto">'
            f"{escape(slide.title)}</h3>{words_html(slide.text)}{_map(slide, number)}"
            f'{held if tables else ""}<p class="note">{escape(source)}</p></section>'
        )
    title = escape(t("publish.figures", language))
    return f'<h2 id="figures">{title}</h2>{"".join(out)}' if out else ""


def _map(slide: Slide, number: int) -> str:
    """Return the map and its legend; on a narrow screen the map can be moved sideways."""
    if slide.sheet is None:
        return ""
    return (
        f'<figure><div class="scroll" tabindex="0" role="group" aria-labelledby="f-{number}">'
        f"{drawing_html(slide, slide.sheet)}</div>{panel_html(slide.sheet)}</figure>"
    )


def _downloads(story: Story) -> str:
    language = story.language
    links = [("figures.xlsx", t("publish.workbook", language)),
             ("offers.csv", t("publish.offers_csv", language))]  # fmt: skip
    for number, (slide, table) in enumerate(all_tables(story.slides), 1):
        words = table.caption if slide.title in table.caption else f"{slide.title}: {table.caption}"
        links.append((f"figures-{number}.csv", f"{words} (CSV)"))
    items = "".join(
        f'<li><a href="{name}" dir="auto">{escape(words)}</a></li>' for name, words in links
    )
    label = t("deck.frozen", language, label=story.label)
    return (
        f'<section aria-labelledby="files"><h2 id="files">'
        f"{escape(t('publish.files', language))}</h2><ul>{items}</ul>"
        f'<p class="note">{escape(label)}</p></section>'
    )


def _offers_csv(offers: pd.DataFrame, story: Story) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    note = [safe_text(story.sample_note)] if story.sample_note else []
    writer.writerow([*offers.columns, *(["data_note"] if note else [])])
    for row in offers.itertuples(index=False, name=None):
        writer.writerow([*("" if pd.isna(v) else safe_text(str(v)) for v in row), *note])
    return buffer.getvalue().encode("utf-8-sig", "replace")


def _own(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
