"""Slides of a view: the pages' own questions as findings with map, table and source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from sro_geo.cartography.offer_sheets import coverage_sheet
from sro_geo.cartography.rates import number
from sro_geo.i18n import name_of, t
from sro_geo.reports.content import Slide
from sro_geo.reports.material import (
    PAGE,
    SLIDE,
    Material,
)
from sro_geo.reports.tables import DataTable, Field, table
from sro_geo.reports.templates import Proposal, boundary_proposal, gap_report, space_profile
from sro_geo.reports.words import ages, offer_name, per_cent, short_date
from sro_geo.reports.yearly import gap_slide, gap_slides


@dataclass(frozen=True, eq=False)
class Coverage:
    """An answer on coverage in plain frames.

    Parameters
    ----------
    areas
        ``area_id``, ``name``, ``geometry``.
    figures
        In the order of ``areas``: ``population``, ``covered``, ``uncovered``, ``share``,
        ``median_minutes``.
    total
        ``population``, ``covered``, ``uncovered``, ``share``, ``share_low``, ``share_high``.
    blocks
        Shapes with ``reached``, None where the reach is too short to judge one of them.
    offers
        ``group`` and points of the offers that count; ``count`` with those without a point.
    cautions
        How sure it is, in sentences.
    """

    category: str
    group: str
    minutes: float
    mode: str
    areas: gpd.GeoDataFrame
    figures: pd.DataFrame
    total: Mapping[str, float]
    offers: gpd.GeoDataFrame
    count: int
    blocks: gpd.GeoDataFrame | None = None
    cautions: tuple[str, ...] = ()
    supposed: bool = False


@dataclass(frozen=True)
class Held:
    """What the workspace holds of one table: its name in words, rows, dates (ISO)."""

    name: str
    rows: int
    reference_date: str
    imported_at: str


def without_frame(slides: Sequence[Slide]) -> tuple[Slide, ...]:
    """Return the slides of a whole story without its cover and its page on methods."""
    return tuple(s for s in slides if s.kind != "cover" and s.slide_id != "methods")


def profile_view(material: Material, area_id: str) -> tuple[Slide, ...]:
    """Return the profile of one area; raises ``report_area_unknown``."""
    return without_frame(space_profile(material, area_id).slides)


def gaps_view(material: Material, group: str | None) -> tuple[Slide, ...]:
    """Return the list of gaps and maps of the largest, of one age group or of all."""
    if group is None:
        return tuple(gap_slides(material))
    return without_frame(gap_report(material, group).slides)


def gap_view(material: Material, category: str, group: str) -> tuple[Slide, ...]:
    """Return one gap as a map, also where nobody is left out."""
    rows = material.gap_rows(category, group)
    sums = {
        "category": category, "age_group": group, "minutes": rows["minutes"].iloc[0],
        "target_set": bool(rows["target_set"].iloc[0]),
        **{c: float(rows[c].sum()) for c in ("population", "covered", "uncovered")},
    }  # fmt: skip
    slide = gap_slide(material, pd.Series(sums, dtype=object), "gap")
    if sums["uncovered"] >= 0.5:
        return (slide,)
    language = material.language
    title = t("views.all_reach_title", language, offer=offer_name(material, category),
              group=ages(group, language))  # fmt: skip
    return (replace(slide, title=title),)


def plan_view(material: Material, proposal: Proposal) -> tuple[Slide, ...]:
    """Return before and after, families, streets, offers, budgets."""
    return without_frame(boundary_proposal(material, proposal).slides)


def own_words_view(language: str) -> tuple[Slide, ...]:
    """Return an empty slide for people's own words."""
    title = t("views.own_words_title", language)
    return (Slide("own_words", title, kind="own_words"),)


def coverage_view(material: Material, found: Coverage) -> tuple[Slide, ...]:
    """Return who reaches an offer and who does not."""
    language, total = material.language, found.total
    offer, group = offer_name(material, found.category), ages(found.group, language)
    uncovered = number(total["uncovered"], 0, language)
    words: dict[str, Any] = {
        "offer": offer, "group": group, "minutes": f"{found.minutes:g}", "mode": found.mode,
    }  # fmt: skip
    if not total["population"] > 0:
        title, said = t("views.nobody_title", language, group=group), t(
            "coverage.nobody", language, **words
        )  # fmt: skip
    elif not found.count:
        title = t("views.no_offer_title", language, offer=offer, group=group)
        said = t("coverage.no_offer", language, **words)
    elif round(total["uncovered"]) == 0:
        title = t("views.all_reach_title", language, offer=offer, group=group)
        persons = number(total["population"], 0, language)
        said = t("coverage.all_reach", language, all_population=persons, **words)
    else:
        title = t("reports.gap_title", language, persons=uncovered, group=group, offer=offer)
        order = found.figures.sort_values(["uncovered", "name"], ascending=[False, True])
        worst = order.iloc[0]
        said = t(
            "coverage.finding", language, area=worst["name"],
            uncovered=number(worst["uncovered"], 0, language),
            population=number(worst["population"], 0, language), all_uncovered=uncovered,
            all_population=number(total["population"], 0, language), **words,
        )  # fmt: skip
    text = [said]
    if np.isfinite(total["share"]) and found.count:
        text.append(
            t("coverage.band", language,
              share=per_cent(total["share"], language), low=per_cent(total["share_low"], language),
              high=per_cent(total["share_high"], language), fewer=f"{found.minutes * 0.8:g}",
              more=f"{found.minutes * 1.2:g}")
        )  # fmt: skip
    if found.supposed:
        title = t("views.supposed_title", language, title=title)
        text.insert(0, t("views.supposed", language))
    subtitle = t("views.coverage_subtitle", language, many=material.many, **words)
    shares = found.figures["share"].to_numpy(float)
    rule = t("coverage.gap_rule", language, minutes=f"{found.minutes:g}")
    sheets = [
        coverage_sheet(
            found.areas, shares, ["missing" if np.isnan(s) else 0 for s in shares], subtitle="",
            source=material.foot("coverage", size), blocks=found.blocks, offers=found.offers,
            groups=material.symbols, reached=t("views.reached", language, **words),
            not_reached=rule, **material.ways(size),
        )
        for size in (SLIDE, PAGE)
    ]  # fmt: skip
    return (
        Slide(
            "coverage", title, subtitle, text=" ".join([*text, *found.cautions]),
            sheet=sheets[0], paper=sheets[1], table=_reached(material, found),
            source=material.sources("coverage"), reference_date=material.offers_date,
            kind="page",
        ),
    )  # fmt: skip


def _reached(material: Material, found: Coverage) -> DataTable:
    language = material.language
    columns = ("population", "covered", "uncovered", "share", "median_minutes")
    rows = [(r["name"], *(r[c] for c in columns)) for _, r in found.figures.iterrows()]
    total = found.total
    rows.append((material.city_name, *(total.get(c, np.nan) for c in columns)))
    fields = (
        Field(material.one, "text"), Field(ages(found.group, language)),
        Field(t("reports.covered", language)), Field(t("reports.uncovered", language)),
        Field(t("reports.reached", language), "percent"),
        Field(t("views.median", language), decimals=1),
    )  # fmt: skip
    offer = offer_name(material, found.category)
    return table(t("reports.gap_areas", language, offer=offer), fields, rows)


def data_view(
    material: Material,
    held: Sequence[Held],
    findings: Mapping[str, int],
    releases: Sequence[tuple[str, str, str]],
) -> tuple[Slide, ...]:
    """Return what the figures rest on: holdings with their dates, findings, releases.

    ``findings`` counts remarks by what they are called; ``releases`` are id, year and the
    day of the release.
    """
    language = material.language
    count = sum(findings.values())
    title = t("views.data_title", language)
    if findings:
        key = "views.data_finding" if count == 1 else "views.data_findings"
        title = t(key, language, count=number(count, 0, language))
    rows = [
        (h.name, h.rows, short_date(h.reference_date, language),
         short_date(h.imported_at, language))
        for h in held
    ]  # fmt: skip
    fields = (
        Field(t("data.column_table", language), "text"), Field(t("data.column_rows", language)),
        Field(t("data.column_date", language), "text"),
        Field(t("data.column_imported", language), "text"),
    )  # fmt: skip
    more = []
    if findings:
        order = sorted(findings.items(), key=lambda pair: (-pair[1], pair[0]))
        named = (Field(t("views.remark", language), "text"), Field(t("views.count", language)))
        more.append(table(t("data.findings", language), named, order))
    if releases:
        keys = ("views.release", "cases.year", "views.approved")
        three = [Field(t(key, language), "text") for key in keys]
        days = [(i, y, short_date(day, language)) for i, y, day in releases]
        more.append(table(t("views.releases", language), three, days))
    text = [t("views.data_text", language)]
    if material.sample_note:
        text.append(t("reports.methods_sample", language, note=material.sample_note))
    return (
        Slide(
            "data", title, name_of(material.city.names, language), text=" ".join(text),
            table=table(t("data.held_caption", language), fields, rows), more=tuple(more),
            reference_date=material.offers_date, kind="page",
        ),
    )  # fmt: skip
