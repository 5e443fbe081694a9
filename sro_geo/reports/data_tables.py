"""Tables of the reports, made of the frames in :class:`Material`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from sro_geo.cases import GROUPS, HELP_TYPES
from sro_geo.i18n import name_of, t
from sro_geo.population import AGE_GROUPS
from sro_geo.reports.material import PER, Material
from sro_geo.reports.tables import DataTable, Field, Mark, figure, table
from sro_geo.reports.words import ages, largest_gaps, offer_name, short_date


def key_figures(material: Material, area_ids: Sequence[str] | None = None) -> DataTable:
    """Return people, offers, cases, rate and its change of areas and the whole city."""
    language = material.language
    rows, offers = material.totals(), material.open_offers["area"].value_counts()
    chosen = rows if area_ids is None else rows.loc[list(area_ids)]
    out = [
        _key_row(material, r["name"], str(a), int(offers.get(a, 0)), r, r["status"])
        for a, r in chosen.iterrows()
    ]
    city = material.total_of(material.whole)
    out.append(
        _key_row(
            material, material.city_name, material.whole, len(material.open_offers),
            pd.Series(dtype=object) if city is None else city,
            "missing" if city is None else "released",
        )
    )  # fmt: skip
    decimals, before = material.scale.decimals, material.year - 1
    fields = (
        Field(material.one, "text"), Field(ages("under_21", language)),
        Field(t("reports.offers", language)), Field(t("reports.offers_per", language)),
        Field(t("reports.cases_of", language, year=material.year)),
        Field(t("reports.rate_short", language), decimals=decimals),
        Field(t("reports.change_since", language, before=before), "signed", decimals),
    )  # fmt: skip
    return _with_changes(table(t("reports.key_figures", language), fields, out), language)


def _with_changes(shown: DataTable, language: str) -> DataTable:
    """Return the table with a note: two printed rates may differ by another printed change."""
    last = [row[-1] for row in shown.rows]
    if all(isinstance(value, Mark) for value in last):
        return shown
    return replace(shown, note=t("reports.change_exact", language))


def _key_row(
    material: Material, name: str, area_id: str, offers: int, row: pd.Series, status: str
) -> tuple[Any, ...]:
    persons = material.persons(area_id, "under_21")
    moved = row.get("rate_change")
    return (
        name, persons, offers, PER * offers / persons if persons > 0 else np.nan,
        figure(row.get("count"), status), figure(row.get("rate"), status),
        # What one year hides, the difference hides; a break of the series has none.
        figure(moved if pd.notna(moved) else None, status),
    )  # fmt: skip


def rates_by_year(material: Material, most: int = 6) -> DataTable:
    """Return the rate of every area in the last years."""
    language, years = material.language, material.years[-most:]
    held = {year: material.totals(year) for year in years}
    out = [
        (name, *(figure(held[y]["rate"].iloc[i], held[y]["status"].iloc[i]) for y in years))
        for i, name in enumerate(material.spaces["name"])
    ]
    decimals = material.scale.decimals
    fields = (Field(material.one, "text"), *(Field(str(y), decimals=decimals) for y in years))
    return table(t("reports.rates_by_year", language), fields, out)


def changes(material: Material) -> DataTable:
    """Return the rate of this year and the last, and the difference."""
    language, before = material.language, material.totals(material.year - 1)
    now = material.totals()
    out = []
    for i in range(len(now)):
        old, new = before.iloc[i], now.iloc[i]
        moved = new["rate_change"] if "rate_change" in now else np.nan
        both = old["status"] == new["status"] == "released"
        why = old["status"] if old["status"] != "released" else new["status"]
        # What one year hides, the difference hides; a break of the series has none.
        said = moved if both and pd.notna(moved) else Mark.NONE if both else figure(None, why)
        out.append(
            (material.spaces["name"].iloc[i], figure(old["rate"], old["status"]),
             figure(new["rate"], new["status"]), said)
        )  # fmt: skip
    decimals = material.scale.decimals
    fields = (
        Field(material.one, "text"), Field(str(material.year - 1), decimals=decimals),
        Field(str(material.year), decimals=decimals),
        Field(t("reports.change", language), "signed", decimals),
    )  # fmt: skip
    caption = t("reports.changes", language, year=material.year)
    return _with_changes(table(caption, fields, out), language)


def people(material: Material, area_ids: Sequence[str] | None = None) -> DataTable:
    """Return persons by age group of the areas, those reported on by default."""
    language = material.language
    held = set(material.population["age_group"])
    groups = [g for g in (*AGE_GROUPS, "under_21", "all") if g in held]
    spaces = material.spaces
    chosen = spaces if area_ids is None else spaces[spaces["area_id"].isin(area_ids)]
    columns = [*zip(chosen["area_id"], chosen["name"], strict=True)]
    columns.append((material.whole, material.city_name))
    out = [(ages(g, language), *(material.persons(a, g) for a, _ in columns)) for g in groups]
    fields = (Field(t("reports.age", language), "text"), *(Field(str(n)) for _, n in columns))
    return table(t("reports.people_table", language), fields, out)


def offers_by_group(material: Material) -> DataTable:
    """Return how many offers of each group stand in each area."""
    language, offers = material.language, material.open_offers
    count = offers.groupby(["group", "area"]).size()
    spaces = material.spaces
    out = []
    for key, group in material.city.groups.items():
        own = [int(count.get((key, a), 0)) for a in spaces["area_id"]]
        total = int((offers["group"] == key).sum())
        if total:
            out.append((name_of(group.names, language), *own, total - sum(own), total))
    sums = [int((offers["area"] == a).sum()) for a in spaces["area_id"]]
    out.append((t("reports.together", language), *sums, len(offers) - sum(sums), len(offers)))
    fields = (
        Field(t("reports.kind", language), "text"), *(Field(str(n)) for n in spaces["name"]),
        Field(t("reports.elsewhere", language)), Field(material.city_name),
    )  # fmt: skip
    return table(t("reports.offers_table", language), fields, out)


def offers_in(material: Material, area_id: str, most: int = 60) -> DataTable:
    """Return the offers of an area; those at protected places are in none."""
    language, offers = material.language, material.open_offers
    own = offers[offers["area"] == area_id].assign(
        kind=[
            offer_name(material, str(c)) for c in offers.loc[offers["area"] == area_id, "category"]
        ]
    )
    own = own.sort_values(["kind", "name"]).head(most)
    out = [
        (r["name"], r["kind"], r["provider"] if pd.notna(r["provider"]) else "",
         short_date(r["verified_on"], language))
        for _, r in own.iterrows()
    ]  # fmt: skip
    fields = tuple(
        Field(t(f"reports.{key}", language), "text")
        for key in ("offer", "kind", "provider", "verified")
    )
    return table(t("reports.offers_listed", language), fields, out)


def helps_in(material: Material, area_ids: Sequence[str], *, single: bool = False) -> DataTable:
    """Return released cases by group of helps, one column for each area.

    ``single`` asks for the single helps; without groups they stand in for them.
    """
    language, rows = material.language, material.rated
    rows = rows[
        (rows["year"] == material.year) & rows["area_id"].isin(area_ids)
        & rows["help_type"].notna() & rows["age_group"].isna() & rows["place"].isna()
    ]  # fmt: skip
    held = {
        (a, h): figure(c, s)
        for a, h, c, s in zip(
            rows["area_id"], rows["help_type"], rows["count"], rows["status"], strict=True
        )
    }
    known = set(rows["help_type"])
    kinds = [h for h in GROUPS if h in known and not single]
    kinds += [h for h in HELP_TYPES if h in known and (single or not kinds)]
    names = dict(zip(material.spaces["area_id"], material.spaces["name"], strict=True))
    names[material.whole] = material.city_name
    out = [
        (_help(kind, language), *(held.get((a, kind), Mark.MISSING) for a in area_ids))
        for kind in kinds
    ]
    fields = (
        Field(t("reports.help", language), "text"),
        *(Field(str(names.get(a, a))) for a in area_ids),
    )
    return table(t("reports.helps", language, year=material.year), fields, out)


def helps_changed(material: Material) -> DataTable:
    """Return the city's cases by group of helps, this year and the year before."""
    language, rows, before = material.language, material.rated, material.year - 1
    rows = rows[
        (rows["area_id"] == material.whole) & rows["help_type"].notna()
        & rows["age_group"].isna() & rows["place"].isna()
    ]  # fmt: skip
    years = [
        rows[rows["year"] == year].drop_duplicates("help_type").set_index("help_type")
        for year in (before, material.year)
    ]
    known = set(years[0].index) & set(years[1].index)
    out = []
    for kind in [h for h in GROUPS if h in known] or [h for h in HELP_TYPES if h in known]:
        old, new = years[0].loc[kind], years[1].loc[kind]
        both = old["status"] == new["status"] == "released"
        # Where the rate has no change, the series is broken: the counts have none either.
        same = both and pd.notna(new.get("rate_change"))
        moved = new["count"] - old["count"] if same else Mark.NONE
        out.append(
            (_help(kind, language), figure(old["count"], old["status"]),
             figure(new["count"], new["status"]), moved)
        )  # fmt: skip
    fields = (
        Field(t("reports.help", language), "text"), Field(str(before)), Field(str(material.year)),
        Field(t("reports.change", language), "signed"),
    )  # fmt: skip
    shown = table(t("reports.helps_change", language), fields, out)
    return replace(shown, note=t("reports.helps_change_note", language))


def _help(kind: str, language: str) -> str:
    return t(f"help_{'groups' if kind in GROUPS else 'types'}.{kind}.name", language)


def gap_list(
    material: Material, *, group: str | None = None, area_id: str | None = None, most: int = 12
) -> DataTable:
    """Return the largest gaps, of everybody, of one age group or of one area."""
    language = material.language
    rows = largest_gaps(material, group=group, most=10**6)
    if area_id is not None and len(rows):
        rows = rows[rows["area_id"] == area_id]
    out: list[tuple[Any, ...]] = [
        (offer_name(material, r["category"]), ages(r["age_group"], language), r["name"],
         r["minutes"], r["uncovered"], r["share"], t(f"coverage.state.{r['reason']}", language))
        for _, r in rows.head(most).iterrows()
    ]  # fmt: skip
    fields = [
        Field(t("reports.kind", language), "text"), Field(t("reports.age", language), "text"),
        Field(material.one, "text"), Field(t("reports.minutes", language)),
        Field(t("reports.uncovered", language)), Field(t("reports.reached", language), "percent"),
        Field(t("reports.reason", language), "text"),
    ]  # fmt: skip
    if area_id is not None:
        # The caption names the area.
        fields, out = fields[:2] + fields[3:], [row[:2] + row[3:] for row in out]
    return table(t("reports.gap_table", language), fields, out)


def holdings(material: Material) -> DataTable:
    """Return where the data come from and of which day they are."""
    language = material.language
    dates = {
        "population": material.population_date, "offers": material.offers_date,
        "cases": f"{material.year}-12-31" if material.years else "",
        "coverage": material.offers_date if material.gaps is not None else "",
    }  # fmt: skip
    out = [
        (t(f"reports.holding_{key}", language), material.sources(key).rstrip("."),
         short_date(date, language))
        for key, date in dates.items()
        if date
    ]  # fmt: skip
    names = ("holding", "holding_source", "holding_date")
    fields = tuple(Field(t(f"reports.{name}", language), "text") for name in names)
    return table(t("reports.holdings", language), fields, out)


def gap_by_area(material: Material, category: str, group: str) -> DataTable:
    """Return who reaches one kind of offer, area by area."""
    language = material.language
    rows = material.gap_rows(category, group)
    out = [
        (r["name"], r["population"], r["covered"], r["uncovered"], r["share"])
        for _, r in rows.iterrows()
    ]
    fields = (
        Field(material.one, "text"), Field(ages(group, language)),
        Field(t("reports.covered", language)), Field(t("reports.uncovered", language)),
        Field(t("reports.reached", language), "percent"),
    )  # fmt: skip
    caption = t("reports.gap_areas", language, offer=offer_name(material, category))
    return table(caption, fields, out)
