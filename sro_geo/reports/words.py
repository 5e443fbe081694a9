"""Sentences written from the figures: findings, comparisons, lists of names."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from sro_geo.cartography.rates import number, short_words
from sro_geo.i18n import name_of, t
from sro_geo.population import AGE_SUMS, age_range
from sro_geo.reports.material import Material
from sro_geo.reports.tables import NARROW


def ages(group: str, language: str) -> str:
    """Return an age group as it is said: "10 bis 13 Jahre", "unter 21 Jahre"."""
    if group in AGE_SUMS:
        return t(f"reports.group_{group}", language)
    low, high = age_range(group)
    if high is None:
        return t("reports.group_open", language, low=low)
    return t("reports.group_span", language, low=low, high=high)


def counted(key: str, how_many: float, language: str, **words: object) -> str:
    """Return a phrase of the reports, in the singular where its number is printed as 1."""
    one = "_one" if number(how_many, 0, language) == "1" else ""
    return t(f"reports.{key}{one}", language, **words)


def listed(names: Sequence[str], language: str) -> str:
    """Return names as a list in words: "A, B und C"."""
    if len(names) < 2:
        return "".join(names)
    last = t("reports.and", language, last=names[-1])
    return ", ".join(names[:-1]) + last


def per_cent(share: float, language: str) -> str:
    """Return a share in whole per cent; nearly all and nearly none are not rounded away."""
    whole = number(100 * share, 0, language)
    if 0 < share < 1 and whole in ("0", "100"):
        return t("reports.under_one" if whole == "0" else "reports.over_99", language)
    return f"{whole}{NARROW}%"


def short_date(iso: object, language: str) -> str:
    """Return an ISO date in figures: 12.03.2026 or 12/03/2026; a dash without one."""
    if not isinstance(iso, str) or not iso:
        return "–"
    parts = iso[:10].split("-")
    return ("." if language == "de" else "/").join(reversed(parts)) if len(parts) == 3 else iso


def offer_name(material: Material, category: str) -> str:
    """Return what a category is called; an unknown one by its id."""
    known = material.city.categories.get(category)
    return name_of(known.names, material.language) if known else category


def offers_finding(material: Material) -> str:
    """Return how many offers there are, as a headline."""
    count = number(len(material.open_offers), 0, material.language)
    spaces = number(len(material.spaces), 0, material.language)
    return counted(
        "offers_title", len(material.open_offers), material.language, count=count, spaces=spaces,
        many=material.many,
    )  # fmt: skip


def rate_text(value: float, material: Material) -> str:
    """Return a rate as it is printed on the maps."""
    return number(value, material.scale.decimals, material.language)


def released_rows(material: Material, year: int | None = None) -> pd.DataFrame:
    """Return the areas with a released rate, highest first, then by name."""
    rows = material.totals(year)
    rows = rows[(rows["status"] == "released") & rows["rate"].notna()].copy()
    rows["printed"] = material.scale.rounded(rows["rate"].to_numpy(float))
    return rows.sort_values(["printed", "name"], ascending=[False, True])


def cases_finding(material: Material) -> str:
    """Return where the rate of cases is highest, as a headline."""
    language, rows = material.language, released_rows(material)
    if rows.empty:
        return t("reports.cases_none_title", language, year=material.year)
    top = rows[rows["printed"] == rows["printed"].iloc[0]]
    if len(top) == len(rows) and len(rows) > 1:
        return t(
            "reports.cases_alike_title", language, rate=rate_text(top["rate"].iloc[0], material)
        )
    names = listed([str(n) for n in top["name"]], language)
    return t(
        "reports.cases_title", language, areas=names, rate=rate_text(top["rate"].iloc[0], material)
    )


def cases_text(material: Material) -> str:
    """Return what the rates say: city, highest and lowest, how many are hidden."""
    language, rows = material.language, released_rows(material)
    if rows.empty:
        return t("reports.cases_none", language, year=material.year)
    said = []
    city = material.total_of(material.whole)
    if city is not None:
        said.append(
            t("reports.cases_city", language, year=material.year,
              count=number(city["count"], 0, language), rate=rate_text(city["rate"], material))
        )  # fmt: skip
    if len(rows) > 1:
        first, last = rows.iloc[0], rows.iloc[-1]
        said.append(
            t("reports.cases_span", language, high_area=first["name"],
              high=rate_text(first["rate"], material), low_area=last["name"],
              low=rate_text(last["rate"], material))
        )  # fmt: skip
    said.append(hidden_text(material.totals(), language))
    return " ".join(part for part in said if part)


def hidden_text(rows: pd.DataFrame, language: str) -> str:
    """Return which areas show no figure, and that this is not a 0."""
    short = short_words(language)
    out = []
    for status in ("suppressed", "missing"):
        names = sorted(str(n) for n in rows.loc[rows["status"] == status, "name"])
        if names:
            out.append(
                t(f"reports.hidden_{status}", language, areas=listed(names, language),
                  word=short[status])
            )  # fmt: skip
    return " ".join(out)


def change_rows(material: Material) -> pd.DataFrame:
    """Return the areas whose rate can be compared with the year before, largest change first."""
    rows = material.totals()
    if "rate_change" not in rows:
        return rows[:0]
    rows = rows[rows["rate_change"].notna()].copy()
    sizes = rows["rate_change"].astype(float).abs()
    return rows.assign(_size=sizes).sort_values(["_size", "name"], ascending=[False, True])


def change_finding(material: Material) -> str:
    """Return what changed most against the year before, as a headline."""
    language, rows = material.language, change_rows(material)
    before = material.year - 1
    if rows.empty:
        return t("reports.change_none_title", language, before=before)
    top = rows.iloc[0]
    moved = signed(float(top["rate_change"]), material)
    if moved.startswith("±"):
        return t("reports.change_same_title", language, before=before)
    key = "reports.change_up_title" if moved.startswith("+") else "reports.change_down_title"
    return t(key, language, area=top["name"], change=moved.lstrip("+−"), before=before)


def signed(value: float, material: Material) -> str:
    """Return a change with its sign, in the decimals of the rates."""
    digits = number(abs(value), material.scale.decimals, material.language)
    if not any(c in "123456789" for c in digits):
        return f"±{digits}"
    return f"{'+' if value > 0 else '−'}{digits}"


def change_text(material: Material) -> str:
    """Return the changes against the year before, one sentence each way."""
    language, rows = material.language, change_rows(material)
    if rows.empty:
        key = "reports.change_broken" if _broken(material) else "reports.change_none"
        return t(key, language, before=material.year - 1, year=material.year)
    said = [t("reports.change_intro", language, before=material.year - 1, year=material.year)]
    parts = [f"{row['name']} {signed(float(row['rate_change']), material)}"
             for _, row in rows.iterrows()]  # fmt: skip
    said.append(t("reports.change_list", language, changes="; ".join(parts)))
    said.append(t("reports.change_chance", language))
    return " ".join(said)


def _broken(material: Material) -> bool:
    rows = material.totals()
    return "broken" in rows and bool((rows["broken"] == True).any())  # noqa: E712


def largest_gaps(material: Material, *, group: str | None = None, most: int = 12) -> pd.DataFrame:
    """Return the rows of the gap matrix with people short of the target, most first."""
    if material.gaps is None:
        return pd.DataFrame(columns=["missing", "uncovered", "reason"])
    rows = material.gaps[(material.gaps["reason"] != "") & (material.gaps["uncovered"] >= 0.5)]
    if group is not None:
        rows = rows[rows["age_group"] == group]
    order = ["target_set", "missing", "uncovered", "category", "name"]
    found = rows.sort_values(order, ascending=[False, False, False, True, True], kind="stable")
    return found.head(most).reset_index(drop=True)


def gap_sums(material: Material, *, group: str | None = None) -> pd.DataFrame:
    """Return the gaps of the whole city by kind of offer and age group, most people first.

    Kinds with a target of the council come first: nobody decided on the others.
    """
    if material.gaps is None or material.gaps.empty:
        return pd.DataFrame(columns=["category", "age_group", "uncovered", "population"])
    rows = material.gaps if group is None else material.gaps[material.gaps["age_group"] == group]
    sums = rows.groupby(["category", "age_group"], sort=False, as_index=False).agg(
        population=("population", "sum"), covered=("covered", "sum"),
        uncovered=("uncovered", "sum"), missing=("missing", "sum"), minutes=("minutes", "first"),
        target_set=("target_set", "first"), no_offer=("no_offer", "sum"),
    )  # fmt: skip
    sums = sums[sums["uncovered"] >= 0.5]
    return sums.sort_values(
        ["target_set", "missing", "uncovered"], ascending=False, kind="stable"
    ).reset_index(drop=True)


def gap_finding(material: Material, row: pd.Series) -> str:
    """Return a gap of the whole city as a headline."""
    language = material.language
    return counted(
        "gap_title", float(row["uncovered"]), language,
        persons=number(row["uncovered"], 0, language), offer=offer_name(material, row["category"]),
        group=ages(str(row["age_group"]), language),
    )  # fmt: skip


def gap_subject(material: Material, row: pd.Series) -> str:
    """Return what the map of a gap shows."""
    language = material.language
    return t(
        "reports.gap_subject", language, group=ages(str(row["age_group"]), language),
        offer=offer_name(material, row["category"]), minutes=number(row["minutes"], 0, language),
    )  # fmt: skip


def gap_text(material: Material, row: pd.Series) -> str:
    """Return a gap of the whole city in words: how many, within how long, where most."""
    language = material.language
    persons = float(row["population"])
    said = [
        t("reports.gap_text", language, group=ages(str(row["age_group"]), language),
          minutes=number(row["minutes"], 0, language),
          offer=offer_name(material, row["category"]),
          uncovered=number(row["uncovered"], 0, language), population=number(persons, 0, language),
          share=per_cent(float(row["uncovered"]) / persons, language) if persons else "–")
    ]  # fmt: skip
    parts = material.gap_rows(str(row["category"]), str(row["age_group"]))
    parts = parts[parts["uncovered"] >= 0.5].sort_values("uncovered", ascending=False)
    if len(parts):
        worst = parts.iloc[0]
        said.append(
            t("reports.gap_most", language, area=worst["name"],
              uncovered=number(worst["uncovered"], 0, language))
        )  # fmt: skip
    said.append(t("reports.gap_target" if row["target_set"] else "reports.gap_no_target", language))
    return " ".join(said)


def persons_text(value: float, language: str) -> str:
    """Return a number of persons, or that it is not known."""
    return number(value, 0, language) if math.isfinite(value) else t("reports.unknown", language)
