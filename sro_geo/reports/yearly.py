"""The yearly report on social space orientation, and the pages it shares with other stories."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from sro_geo.cartography.rates import number
from sro_geo.i18n import t
from sro_geo.reports import data_tables as tables
from sro_geo.reports.content import Slide, Story
from sro_geo.reports.material import HALF, PAGE, SLIDE, Material
from sro_geo.reports.words import (
    ages,
    cases_finding,
    cases_text,
    change_finding,
    change_rows,
    change_text,
    counted,
    gap_finding,
    gap_subject,
    gap_sums,
    gap_text,
    listed,
    offers_finding,
    persons_text,
    rate_text,
    signed,
)

_GAP_MAPS = 2
# Years on one page of small maps.
SHOWN_YEARS = 6


def yearly(material: Material, *, story_id: str = "yearly") -> Story:
    """Return the yearly report: summary, offers, people, cases, areas, gaps, methods, tables.

    What there is no data for is left out and said so, not made up.
    """
    language = material.language
    title = t("reports.yearly_title", language, year=material.year)
    slides = [
        cover(material, title),
        summary(material),
        offers_slide(material),
        people_slide(material),
        *case_slides(material),
        *(profile_slide(material, str(area)) for area in material.spaces["area_id"]),
        *gap_slides(material),
        network_work(material),
        methods(material),
        tables_slide(material),
        *offer_lists(material),
    ]
    return Story(
        story_id=story_id,
        name=t("reports.yearly_name", language),
        title=f"{title} – {material.city_name}",
        language=language,
        slides=tuple(slides),
        sample_note=material.sample_note,
        city=material.city_name,
    )


def cover(material: Material, title: str) -> Slide:
    """Return the first page."""
    language = material.language
    return Slide(
        "cover", f"{title} – {material.city_name}", t("reports.cover_subtitle", language),
        text=t("reports.cover_text", language), kind="cover",
        note=t("reports.cover_note", language),
    )  # fmt: skip


def summary(material: Material) -> Slide:
    """Return the page that says everything in short."""
    language = material.language
    persons = material.persons(material.whole, "under_21")
    said = [
        t("reports.summary_people", language, city=material.city_name,
          persons=persons_text(persons, language)),
        counted("summary_offers", len(material.open_offers), language,
                count=number(len(material.open_offers), 0, language)),
        cases_text(material),
        change_finding(material) + ".",
    ]  # fmt: skip
    sums = gap_sums(material)
    if len(sums):
        said.append(gap_text(material, sums.iloc[0]))
    lines = "\n".join(f"- {line}" for line in said if line)
    return Slide(
        "summary", t("reports.summary_title", language), text=lines,
        # One slide has no room for a map beside the table, one page of paper has.
        table=tables.key_figures(material), paper=material.summary_map,
        note=t("reports.summary_note", language),
        source=material.sources("all"), reference_date=material.offers_date,
    )  # fmt: skip


def offers_slide(material: Material) -> Slide:
    """Return the map of the offers."""
    language, offers = material.language, material.open_offers
    said = [t("reports.offers_text", language)]
    low = int(offers["low_threshold"].fillna(False).astype(bool).sum())
    said.append(counted("offers_low", low, language, count=number(low, 0, language)))
    protected = int(offers["hidden_place"].sum())
    if protected:
        count = number(protected, 0, language)
        said.append(counted("offers_protected", protected, language, count=count))
    subtitle = t("reports.offers_subtitle", language, many=material.many)
    return Slide(
        "offers", offers_finding(material), subtitle, text=" ".join(said),
        sheet=material.offers_map(SLIDE, subtitle=""),
        paper=material.offers_map(PAGE, subtitle=""),
        table=tables.offers_by_group(material), source=material.sources("offers"),
        reference_date=material.offers_date,
    )  # fmt: skip


def people_slide(material: Material) -> Slide:
    """Return the map of the young people."""
    language = material.language
    legend = ages("under_21", language)
    names = material.spaces.set_index("area_id")["name"]
    persons = {str(a): material.persons(str(a), "under_21") for a in names.index}
    persons = {a: n for a, n in persons.items() if n == n}
    title = t("reports.people_none_title", language)
    if persons:
        top = max(persons, key=lambda a: persons[a])
        title = t(
            "reports.people_title",
            language,
            area=names[top],
            persons=number(persons[top], 0, language),
        )
    subtitle = t("reports.people_subtitle", language)
    return Slide(
        "people", title, subtitle, text=t("reports.people_text", language),
        sheet=material.people_map(SLIDE, "under_21", subtitle="", legend=legend),
        paper=material.people_map(HALF, "under_21", subtitle="", legend=legend),
        table=tables.people(material), source=material.sources("population"),
        reference_date=material.population_date,
    )  # fmt: skip


def case_slides(material: Material) -> list[Slide]:
    """Return the rates of the year, their course, the change and the kinds of help."""
    language = material.language
    if not material.years or material.year not in material.years:
        none = Slide(
            "cases", t("reports.cases_none_title", language, year=material.year),
            text=t("reports.cases_none", language, year=material.year), kind="section",
        )  # fmt: skip
        return [none]
    day = f"{material.year}-12-31"
    about = t("reports.cases_subtitle", language, year=material.year)
    change = t("reports.change_subtitle", language, before=material.year - 1, year=material.year)
    slides = [
        Slide(
            "cases", cases_finding(material), about, text=cases_text(material),
            sheet=material.rate_map(SLIDE, subtitle=""),
            paper=material.summary_map,
            table=tables.key_figures(material), source=material.sources("cases"),
            reference_date=day, note=t("reports.cases_note", language),
        )
    ]  # fmt: skip
    helps = tables.helps_in(material, [*material.spaces["area_id"], material.whole])
    if helps.rows:
        slides.append(
            Slide(
                "helps", t("reports.helps_title", language, year=material.year),
                text=t("reports.helps_text", language), table=helps,
                source=material.sources("cases"), reference_date=day, kind="page",
            )
        )  # fmt: skip
    if len(material.years) > 1:
        slides.append(
            Slide(
                "years", t("reports.years_title", language, first=material.years[0],
                           last=material.years[-1]),
                t("reports.rate_unit", language), text=t("reports.years_text", language),
                sheet=material.years_map(SLIDE), paper=material.years_map(PAGE),
                table=tables.rates_by_year(material), source=material.sources("cases"),
                reference_date=day,
            )
        )  # fmt: skip
    shown = len(change_rows(material)) > 0
    changed = tables.helps_changed(material) if shown else None
    slides.append(
        Slide(
            "change", change_finding(material), change, text=change_text(material),
            sheet=material.changed_map(SLIDE, subtitle="") if shown else None,
            paper=material.changed_map(HALF, subtitle="") if shown else None,
            table=tables.changes(material) if shown else None,
            more=(changed,) if changed is not None and changed.rows else (),
            source=material.sources("cases"), reference_date=day,
        )
    )  # fmt: skip
    return slides


def profile_slides(material: Material, area_id: str) -> list[Slide]:
    """Return the profile of one area and the list of its offers."""
    return [profile_slide(material, area_id), *_offer_list(material, area_id)]


def _offer_list(material: Material, area_id: str) -> list[Slide]:
    language = material.language
    names = dict(zip(material.spaces["area_id"], material.spaces["name"], strict=True))
    listing = tables.offers_in(material, area_id)
    if not listing.rows:
        return []
    title = t("reports.offers_in", language, area=names[area_id])
    return [
        Slide(
            f"offers-{area_id}", title, kind="page", table=listing,
            source=material.sources("offers"), reference_date=material.offers_date,
        )
    ]  # fmt: skip


def offer_lists(material: Material) -> list[Slide]:
    """Return the offers of every area, one table for each."""
    language, lists = material.language, []
    for area, name in zip(material.spaces["area_id"], material.spaces["name"], strict=True):
        listing = tables.offers_in(material, str(area))
        if listing.rows:
            caption = t("reports.offers_in", language, area=name)
            lists.append(replace(listing, caption=caption))
    if not lists:
        return []
    return [
        Slide(
            "offer-lists", t("reports.lists_title", language),
            text=t("reports.lists_text", language), table=lists[0], more=tuple(lists[1:]),
            source=material.sources("offers"), reference_date=material.offers_date,
            kind="section",
        )
    ]  # fmt: skip


def profile_slide(material: Material, area_id: str) -> Slide:
    """Return the profile of one area: figures, offers, reach, released cases."""
    language = material.language
    names = dict(zip(material.spaces["area_id"], material.spaces["name"], strict=True))
    name, offers = names[area_id], material.open_offers
    own = offers[offers["area"] == area_id]
    rows = material.totals()
    row = rows.iloc[list(rows.index).index(area_id)]
    said = [
        counted("profile_people", len(own), language, area=name,
          persons=persons_text(material.persons(area_id, "under_21"), language),
          offers=number(len(own), 0, language))
    ]  # fmt: skip
    if len(own):
        providers = sorted({str(p) for p in own["provider"].dropna()})
        said.append(
            counted(
                "profile_providers",
                len(providers),
                language,
                count=number(len(providers), 0, language),
            )
        )
    if row["status"] == "released":
        said.append(
            t("reports.profile_cases", language, year=material.year,
              count=number(row["count"], 0, language), rate=rate_text(row["rate"], material))
        )  # fmt: skip
        if pd.notna(row.get("rate_change")):
            said.append(
                t("reports.profile_change", language, before=material.year - 1,
                  change=signed(float(row["rate_change"]), material))
            )  # fmt: skip
    else:
        said.append(t(f"reports.profile_{row['status']}", language, year=material.year))
    gaps = tables.gap_list(material, area_id=area_id, most=5)
    if gaps.rows:
        most = listed([str(r[0]) for r in gaps.rows[:3]], language)
        said.append(t("reports.profile_gaps", language, offers=most))
    helps = tables.helps_in(material, [area_id, material.whole])
    more = [one for one in (helps, gaps) if one.rows] or [tables.people(material, [area_id])]
    return Slide(
        f"profile-{area_id}", t("reports.profile_title", language, area=name),
        t("reports.profile_subtitle", language, one=material.one, area=name),
        text=" ".join(said),
        sheet=material.offers_map(SLIDE, subtitle="", near=[area_id]),
        paper=material.offers_map(HALF, subtitle="", near=[area_id]),
        table=tables.key_figures(material, [area_id]), more=tuple(more), kind="profile",
        source=material.sources("all"), reference_date=material.offers_date,
    )  # fmt: skip


def gap_slides(material: Material, *, group: str | None = None) -> list[Slide]:
    """Return what is missing most, on maps and as a list."""
    language, sums = material.language, gap_sums(material, group=group)
    if material.gaps is None or sums.empty:
        key = "reports.gaps_unknown" if material.gaps is None else "reports.gaps_none"
        return [Slide("gaps", t("reports.gaps_title", language), text=t(key, language))]
    listing = tables.gap_list(material, group=group, most=8)
    slides = [
        Slide(
            "gaps", t("reports.gaps_title", language), t("reports.gaps_subtitle", language),
            text=t("reports.gaps_text", language), table=listing,
            source=material.sources("coverage"), reference_date=material.offers_date,
        )
    ]  # fmt: skip
    for number_of, (_, row) in enumerate(sums.head(_GAP_MAPS).iterrows(), 1):
        slides.append(gap_slide(material, row, f"gap-{number_of}"))
    return slides


def gap_slide(material: Material, row: pd.Series, slide_id: str) -> Slide:
    """Return one gap: who reaches the kind of offer where."""
    category, group = str(row["category"]), str(row["age_group"])
    return Slide(
        slide_id, gap_finding(material, row), gap_subject(material, row),
        text=gap_text(material, row), sheet=material.gap_map(SLIDE, category, group, subtitle=""),
        paper=material.gap_map(HALF, category, group, subtitle=""),
        table=tables.gap_by_area(material, category, group),
        source=material.sources("coverage"), reference_date=material.offers_date, kind="page",
    )  # fmt: skip


def network_work(material: Material) -> Slide:
    """Return the page for successes and difficulties of the network work."""
    language, said = material.language, []
    for key, words in (("successes", material.successes), ("difficulties", material.difficulties)):
        if words.strip():
            said.append(f"{t(f'reports.{key}', language)}:\n\n{words.strip()}")
    return Slide(
        "network", t("reports.network_title", language), t("reports.network_subtitle", language),
        text="\n\n".join(said), kind="own_words", note=t("reports.network_note", language),
    )  # fmt: skip


def methods(material: Material) -> Slide:
    """Return how the figures came about, and how people are protected."""
    language = material.language
    said = [t("reports.methods_rates", language)]
    rows = material.rated
    now = rows[rows["year"] == material.year] if len(rows) else rows
    for rule in sorted({str(r) for r in now["counting_rule"].dropna()}) if len(now) else ():
        said.append(t(f"counting_rules.{rule}.sentence", language))
    for unit in sorted({str(u) for u in now["unit"].dropna()}) if len(now) else ():
        said.append(t(f"case_units.{unit}.sentence", language))
    parts = [" ".join(said)]
    parts += [t(f"reports.methods_{key}", language) for key in ("coverage", "protection", "offers")]
    if material.releases:
        parts.append(t("reports.methods_releases", language, releases=", ".join(material.releases)))
    if material.sample_note:
        parts.append(t("reports.methods_sample", language, note=material.sample_note))
    title = t("reports.methods_title", language)
    return Slide("methods", title, text="\n\n".join(parts), table=tables.holdings(material))


def tables_slide(material: Material) -> Slide:
    """Return the tables that no map before it has shown."""
    language = material.language
    # The page before it shows the last years only.
    every_year = len(material.years) > SHOWN_YEARS
    rest = [tables.rates_by_year(material, 20)] if every_year else []
    helps = tables.helps_in(material, [*material.spaces["area_id"], material.whole], single=True)
    rest += [helps] if helps.rows else []
    every = tables.gap_list(material, most=20)
    if every.rows:
        rest.append(replace(every, caption=t("reports.gap_all", language)))
    first = rest.pop(0) if rest else tables.people(material)
    return Slide(
        "tables", t("reports.tables_title", language), table=first, more=tuple(rest),
        source=material.sources("all"), reference_date=material.population_date,
        kind="section",
    )  # fmt: skip
