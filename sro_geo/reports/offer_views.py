"""Slides of the offer map: what was looked for, where it is, and as a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import pandas as pd

from sro_geo.cartography.area_sheets import circle_map
from sro_geo.cartography.offer_sheets import offer_sheet
from sro_geo.cartography.rates import circle_scale, number
from sro_geo.cartography.sheet import MapSheet
from sro_geo.i18n import t
from sro_geo.reports import data_tables as tables
from sro_geo.reports.content import Slide
from sro_geo.reports.material import (
    PAGE,
    SLIDE,
    Material,
    points_of,
    without_hidden_places,
)
from sro_geo.reports.tables import DataTable, Field, table
from sro_geo.reports.words import listed, offer_name, offers_finding, short_date

_LISTED = 60
# More symbols than these nobody tells apart on a map.
_SYMBOLS = 400
_WORDS = 3


@dataclass(frozen=True)
class Sought:
    """What was looked for on the offer map: ids, and ``words`` for the filters, first ones first.

    ``area_id`` is the area the offers are in, ``inside`` what of the level lies in it: the
    map shows these with a little around.
    """

    words: tuple[str, ...] = ()
    area_id: str | None = None
    inside: tuple[str, ...] = ()
    plain: bool = True


def offers_view(
    material: Material, found: pd.DataFrame, sought: Sought, everywhere: pd.DataFrame | None = None
) -> tuple[Slide, ...]:
    """Return the offers that were looked for, on the map and as a list.

    ``found`` has the columns of the directory. Offers at protected places are in no area:
    where one was asked for they are left out, else they are listed without a place.
    ``everywhere`` is what was found in all areas, for the ranking beside the map of one.
    """
    language = material.language
    shown = without_hidden_places(found.reset_index(drop=True), material.level)
    every = shown
    if sought.area_id is not None:
        shown = shown[~shown["hidden_place"]].reset_index(drop=True)
        if everywhere is not None:
            every = without_hidden_places(everywhere.reset_index(drop=True), material.level)
            every = every[~every["hidden_place"]].reset_index(drop=True)
    count = number(len(shown), 0, language)
    said = ", ".join(sought.words[:_WORDS])
    if sought.plain:
        title = offers_finding(replace(material, offers=found))
    elif shown.empty:
        title = t("views.offers_none_title", language, sought=said)
    else:
        key = "views.offers_one_title" if len(shown) == 1 else "views.offers_title"
        title = t(key, language, count=count, sought=said)
    subtitle = t("reports.offers_subtitle", language, many=material.many)
    if len(sought.words) > _WORDS:
        subtitle = ", ".join(sought.words)
    text = []
    providers = sorted({str(p) for p in shown["provider"].dropna()})
    if providers:
        key = "views.provider_one" if len(providers) == 1 else "reports.profile_providers"
        text.append(t(key, language, count=number(len(providers), 0, language)))
    if sought.area_id is not None:
        text += [_serving(shown, language), t("views.offers_area_protected", language)]
    else:
        text += [_by_area(material, shown), _protected(shown, language)]
    drawn = points_of(every, material.spaces.crs)
    near = [a for a in material.spaces["area_id"] if a in sought.inside]
    many = int(drawn["area_id"].isin(near).sum() if near else len(drawn)) > _SYMBOLS
    if many:
        text.append(t("views.offers_counted", language))
    draw = _offer_circles if many else _offer_symbols
    sheets = [draw(material, drawn, size, subtitle, near) for size in (SLIDE, PAGE)]
    listing = offer_listing(material, shown)
    return (
        Slide(
            "offers", title, subtitle, text=" ".join(part for part in text if part),
            sheet=sheets[0], paper=sheets[1], table=_counted(material, every),
            more=(listing,) if listing.rows else (), source=material.sources("offers"),
            reference_date=material.offers_date, kind="page",
        ),
    )  # fmt: skip


def _offer_symbols(
    material: Material, drawn: gpd.GeoDataFrame, size: str, about: str, near: Sequence[str]
) -> MapSheet:
    return offer_sheet(
        material.spaces, drawn, material.symbols, subtitle="",
        source=material.foot("offers", size), about=about,
        near=near if len(near) < len(material.spaces) else (), **material.ways(size),
    )  # fmt: skip


def _offer_circles(
    material: Material, drawn: gpd.GeoDataFrame, size: str, about: str, near: Sequence[str]
) -> MapSheet:
    """Return how many there are in each area: so many symbols nobody can tell apart."""
    counts = drawn["area_id"].value_counts().reindex(material.spaces["area_id"]).fillna(0)
    numbers = counts.to_numpy(float)
    return circle_map(
        material.spaces, numbers, [0] * len(numbers), circle_scale(numbers), subtitle="",
        legend_title=t("reports.offers", material.language),
        source=material.foot("offers", size), highlighted=near, **material.ways(size),
    )  # fmt: skip


def _by_area(material: Material, shown: pd.DataFrame) -> str:
    """Return in which areas most of them are, and which have none."""
    language = material.language
    counts = shown["area"].value_counts()
    names = dict(zip(material.spaces["area_id"], material.spaces["name"], strict=True))
    held = {str(names[a]): int(n) for a, n in counts.items() if a in names}
    without = sorted(str(n) for n in names.values() if str(n) not in held)
    if not held:
        return ""
    most = max(held.values())
    tops = sorted(name for name, n in held.items() if n == most)
    said = [
        t("views.offers_most", language, areas=listed(tops[:_WORDS], language),
          count=number(most, 0, language))
    ] if len(tops) < len(names) else []  # fmt: skip
    if without and len(without) <= 6:
        said.append(t("views.offers_nowhere", language, areas=listed(without, language)))
    return " ".join(said)


def _protected(shown: pd.DataFrame, language: str) -> str:
    count = int(shown["hidden_place"].sum())
    if count < 2:
        return t("views.offers_protected_one", language) if count else ""
    return t("reports.offers_protected", language, count=number(count, 0, language))


def _serving(shown: pd.DataFrame, language: str) -> str:
    """Return how many come to the area without having their place in it."""
    count = int((shown["area"] == "").sum())
    if count < 2:
        return t("views.serving_one", language) if count else ""
    return t("views.serving", language, count=number(count, 0, language))


def _counted(material: Material, shown: pd.DataFrame) -> DataTable:
    """Return how many of each group are in each area, whatever their status."""
    open_ones = shown.assign(status="active")
    return tables.offers_by_group(replace(material, offers=open_ones))


def offer_listing(material: Material, shown: pd.DataFrame) -> DataTable:
    """Return the offers by name, kind, area, provider, day of the last check."""
    language = material.language
    names = dict(zip(material.spaces["area_id"], material.spaces["name"], strict=True))
    rows = [
        (row["name"], offer_name(material, str(row["category"])), names.get(row["area"], ""),
         row["provider"] if isinstance(row["provider"], str) else "",
         short_date(row["verified_on"], language))
        for _, row in shown.head(_LISTED).iterrows()
    ]  # fmt: skip
    keys = ("reports.offer", "reports.kind", "", "reports.provider", "reports.verified")
    fields = [Field(t(key, language) if key else material.one, "text") for key in keys]
    made = table(t("reports.offers_listed", language), fields, rows)
    if len(shown) > _LISTED:
        rest = number(len(shown) - _LISTED, 0, language)
        made = replace(made, note=t("views.listed_more", language, count=rest))
    return made
