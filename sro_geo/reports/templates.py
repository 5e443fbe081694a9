"""Stories that exist from the start, and further ones as data.

A template of data is a list of names of pages (:data:`PAGES`) in a TOML file::

    name = { de = "Kurzbericht", en = "Short report" }
    pages = ["cover", "summary", "cases", "methods"]
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import pandas as pd

from sro_geo.cartography.rates import number
from sro_geo.cartography.sheet import MapSheet
from sro_geo.errors import SroError
from sro_geo.i18n import name_of, t
from sro_geo.reports import data_tables as tables
from sro_geo.reports.content import Slide, Story, one_line
from sro_geo.reports.material import Material
from sro_geo.reports.tables import DataTable, Field, table
from sro_geo.reports.words import ages, counted, gap_sums, listed, per_cent
from sro_geo.reports.yearly import (
    case_slides,
    cover,
    gap_slide,
    gap_slides,
    methods,
    network_work,
    offer_lists,
    offers_slide,
    people_slide,
    profile_slide,
    profile_slides,
    summary,
    tables_slide,
)

Page = Callable[[Material], Sequence[Slide]]

#: Every page a template of data may name.
PAGES: Mapping[str, Page] = MappingProxyType(
    {
        "cover": lambda m: [cover(m, t("reports.yearly_title", m.language, year=m.year))],
        "summary": lambda m: [summary(m)],
        "offers": lambda m: [offers_slide(m)],
        "people": lambda m: [people_slide(m)],
        "cases": case_slides,
        "profiles": lambda m: [profile_slide(m, str(a)) for a in m.spaces["area_id"]],
        "gaps": gap_slides,
        "network_work": lambda m: [network_work(m)],
        "methods": lambda m: [methods(m)],
        "tables": lambda m: [tables_slide(m), *offer_lists(m)],
    }
)


@dataclass(frozen=True)
class Template:
    """A story as a list of pages."""

    template_id: str
    names: Mapping[str, str]
    pages: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Proposal:
    """A proposal for new borders, in plain frames.

    Parameters
    ----------
    figures
        ``level``, ``area_id``, ``name``, ``figure``, ``before``, ``after``, ``difference``,
        ``estimated``, as :func:`sro_geo.plans.figures.compare` returns them.
    retention
        ``from``, ``to`` (area ids, None: unassigned) and ``population``; further columns of
        persons where they are known.
    streets
        ``street``, ``from``, ``to``, ``metres``.
    teams
        Rows whose team changes: ``from``, ``to``, ``population``.
    offers
        ``offer_id``, ``name``, ``from``, ``to``.
    names
        Name of areas and teams by id.
    budgets
        ``name``, ``before``, ``after`` in cents, None until there are budgets.
    """

    name: str
    reason: str
    level: str
    figures: pd.DataFrame
    retention: pd.DataFrame
    streets: pd.DataFrame
    teams: pd.DataFrame
    offers: pd.DataFrame
    names: Mapping[str, str]
    moved_population: float
    kept: float
    budgets: pd.DataFrame | None = None
    sheet: MapSheet | None = None
    paper: MapSheet | None = None
    shown: tuple[str, ...] = field(default=("population", "under_21", "offers"))


def read_template(template_id: str, content: str) -> Template:
    """Return a template written as TOML; raises ``template_wrong``."""
    try:
        said = tomllib.loads(content)
        names, pages = said["name"], tuple(map(str, said["pages"]))
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as why:
        raise SroError("template_wrong", template=template_id, reason=str(why)) from None
    unknown = [page for page in pages if page not in PAGES]
    if unknown or not pages or not isinstance(names, Mapping):
        reason = ", ".join(unknown) or "pages, name"
        raise SroError("template_wrong", template=template_id, reason=reason)
    return Template(template_id, {str(k): str(v) for k, v in names.items()}, pages)


def from_template(template: Template, material: Material) -> Story:
    """Return the story of a template of data."""
    name = name_of(template.names, material.language)
    slides = tuple(slide for page in template.pages for slide in PAGES[page](material))
    return _story(template.template_id, f"{name} – {material.city_name}", name, slides, material)


def gap_report(material: Material, group: str, *, most: int = 3) -> Story:
    """Return what one age group does not reach: list, maps of the largest gaps, method."""
    language = material.language
    title = t("reports.gap_report_title", language, group=ages(group, language))
    sums = gap_sums(material, group=group).head(most)
    listing = tables.gap_list(material, group=group, most=20)
    first = gap_slides(material, group=group)[0]
    slides = [
        _cover(material, title),
        Slide(
            "gaps", t("reports.gaps_title", language), ages(group, language), text=first.text,
            table=listing if listing.rows else None, source=material.sources("coverage"),
            reference_date=material.offers_date,
        ),
        *(gap_slide(material, row, f"gap-{i}") for i, (_, row) in enumerate(sums.iterrows(), 1)),
        _methods(material),
    ]  # fmt: skip
    return _story(f"gaps-{group}", title, title, slides, material)


def space_profile(material: Material, area_id: str) -> Story:
    """Return the profile of one area; raises ``report_area_unknown``."""
    names = dict(zip(material.spaces["area_id"], material.spaces["name"], strict=True))
    if area_id not in names:
        raise SroError("report_area_unknown", area=area_id)
    title = t("reports.profile_title", material.language, area=names[area_id])
    slides = [_cover(material, title), *profile_slides(material, area_id), _methods(material)]
    return _story(f"profile-{area_id}", title, title, slides, material)


def boundary_proposal(material: Material, proposal: Proposal) -> Story:
    """Return before and after: figures, families, streets, offers, budgets."""
    language = material.language
    name = one_line(proposal.name, 120)
    title = t("reports.proposal_title", language, name=name)
    persons = proposal.moved_population
    finding = counted("proposal_finding", persons, language, persons=number(persons, 0, language))
    if not persons > 0:
        finding = t("reports.proposal_nobody", language)
    said = [finding + ".", t("reports.proposal_kept", language,
                             share=per_cent(proposal.kept, language))]  # fmt: skip
    slides = [
        _cover(material, title),
        Slide(
            "proposal", finding, name, text=" ".join(said) + f"\n\n{proposal.reason.strip()}",
            sheet=proposal.sheet, paper=proposal.paper, table=_before_after(material, proposal),
            source=material.sources("plan"), reference_date=material.offers_date,
        ),
        _families(material, proposal),
        *(_streets(material, proposal)),
        *(_offers(material, proposal)),
        *(_budgets(material, proposal)),
        _methods(material),
    ]  # fmt: skip
    return _story("proposal", title, name, slides, material)


def _cover(material: Material, title: str) -> Slide:
    language = material.language
    return Slide(
        "cover", f"{title} – {material.city_name}", t("reports.cover_subtitle", language),
        text=t("reports.cover_text", language), kind="cover",
    )  # fmt: skip


def _methods(material: Material) -> Slide:
    """Return the methods below what stands before them: a short paper has no page for them."""
    return replace(methods(material), kind="section")


def _story(
    story_id: str, title: str, name: str, slides: Sequence[Slide], material: Material
) -> Story:
    return Story(
        story_id, name, title, material.language, tuple(slides),
        sample_note=material.sample_note, city=material.city_name,
    )  # fmt: skip


def _before_after(material: Material, proposal: Proposal) -> DataTable:
    language, rows = material.language, proposal.figures
    rows = rows[(rows["level"] == proposal.level) & rows["figure"].isin(proposal.shown)]
    out = [
        (r["name"], t(f"reports.figure_{r['figure']}", language), r["before"], r["after"],
         r["difference"])
        for _, r in rows.iterrows()
    ]  # fmt: skip
    fields = (
        Field(material.one, "text"), Field(t("reports.figure", language), "text"),
        Field(t("reports.before", language)), Field(t("reports.after", language)),
        Field(t("reports.change", language), "signed"),
    )  # fmt: skip
    return table(t("reports.before_after", language), fields, out)


def _called(proposal: Proposal, area: object, language: str) -> str:
    known = isinstance(area, str) and area
    return proposal.names.get(str(area), str(area)) if known else t("reports.nobody", language)


def _families(material: Material, proposal: Proposal) -> Slide:
    language, rows = material.language, proposal.retention
    moves = rows[rows["from"].fillna("") != rows["to"].fillna("")]
    moves = moves.sort_values("population", ascending=False)
    fields = (
        Field(t("reports.from", language), "text"), Field(t("reports.to", language), "text"),
        Field(t("reports.persons", language)),
    )  # fmt: skip

    def moved(frame: pd.DataFrame) -> list[tuple[object, ...]]:
        return [
            (_called(proposal, r["from"], language), _called(proposal, r["to"], language),
             r["population"])
            for _, r in frame.iterrows()
        ]  # fmt: skip

    teams = table(t("reports.teams_table", language), fields, moved(proposal.teams))
    return Slide(
        "families", t("reports.families_title", language),
        text=t("reports.families_text", language),
        table=table(t("reports.families_table", language), fields, moved(moves)),
        more=(teams,) if teams.rows else (), source=material.sources("plan"),
        reference_date=material.population_date, kind="section",
    )  # fmt: skip


def _streets(material: Material, proposal: Proposal) -> list[Slide]:
    language = material.language
    rows = proposal.streets[
        proposal.streets["from"].fillna("") != proposal.streets["to"].fillna("")
    ]
    if rows.empty:
        return []
    names = sorted({str(s) for s in rows["street"]})
    out = [
        (r["street"], _called(proposal, r["from"], language),
         _called(proposal, r["to"], language), r["metres"])
        for _, r in rows.sort_values(["street", "metres"]).iterrows()
    ]  # fmt: skip
    fields = (
        Field(t("reports.street", language), "text"), Field(t("reports.from", language), "text"),
        Field(t("reports.to", language), "text"), Field(t("reports.metres", language)),
    )  # fmt: skip
    count = number(len(names), 0, language)
    title = counted("streets_title", len(names), language, count=count)
    text = t("reports.streets_text", language, streets=listed(names[:6], language))
    return [Slide("streets", title, text=text,
                  table=table(t("reports.streets_table", language), fields, out),
                  source=material.sources("plan"), kind="section")]  # fmt: skip


def _offers(material: Material, proposal: Proposal) -> list[Slide]:
    language, rows = material.language, proposal.offers
    if rows.empty:
        return []
    protected = set(material.open_offers.loc[material.open_offers["hidden_place"], "offer_id"])
    # Which area a protected place lies in is nobody's business.
    rows = rows[~rows["offer_id"].isin(protected)]
    out = [
        (r["name"], _called(proposal, r["from"], language), _called(proposal, r["to"], language))
        for _, r in rows.iterrows()
    ]
    fields = tuple(Field(t(f"reports.{key}", language), "text") for key in ("offer", "from", "to"))
    if not out:
        return []
    count = number(len(out), 0, language)
    title = counted("moved_offers_title", len(out), language, count=count)
    moved = table(t("reports.moved_offers", language), fields, out)
    source = material.sources("offers")
    date = material.offers_date
    return [Slide("offers", title, table=moved, source=source, reference_date=date, kind="section")]


def _budgets(material: Material, proposal: Proposal) -> list[Slide]:
    if proposal.budgets is None or proposal.budgets.empty:
        return []
    language = material.language
    out = [
        (r["name"], r["before"] / 100, r["after"] / 100, (r["after"] - r["before"]) / 100)
        for _, r in proposal.budgets.iterrows()
    ]
    fields = (
        Field(material.one, "text"), Field(t("reports.before", language), "euro", 2),
        Field(t("reports.after", language), "euro", 2),
        Field(f"{t('reports.change', language)} (€)", "signed", 2),
    )  # fmt: skip
    shown = table(t("reports.budgets_table", language), fields, out)
    return [Slide("budgets", t("reports.budgets_title", language), table=shown, kind="section")]
