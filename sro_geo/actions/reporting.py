"""Reports: what the workspace holds, put together for the builders of stories and written out.

Case figures come from the released snapshot and from nothing else.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd

from sro_geo.actions.access import READ, Actor, authorise
from sro_geo.actions.cases import case_table, load_released, years_of
from sro_geo.actions.coverage import gaps
from sro_geo.actions.figures import persons_per_area
from sro_geo.actions.workspace import Snapshot, Workspace
from sro_geo.errors import SroError
from sro_geo.population import AGE_GROUPS
from sro_geo.reports.content import Story, freeze
from sro_geo.reports.material import Material
from sro_geo.reports.yearly import yearly

FORMATS = ("html", "pdf", "pptx", "docx", "xlsx")
#: Stories that are there from the start.
STORIES = ("yearly",)
_RATES = ["rate", "rate_low", "rate_high", "smoothed"]


def material_of(
    workspace: Workspace,
    *,
    language: str = "de",
    snapshot: Snapshot | None = None,
    with_gaps: bool = True,
) -> Material:
    """Return what there is to report; without a release there are no case figures in it.

    ``with_gaps`` False leaves the matrix of gaps out, which most slides do not need.
    """
    snapshot = workspace.snapshot() if snapshot is None else snapshot
    groups = [*AGE_GROUPS, "under_18", "under_21", "all"]
    population = pd.DataFrame(
        [
            (figures.area_id, group, float("nan") if persons is None else persons)
            for figures in persons_per_area(snapshot, groups)
            for group, persons in zip(groups, figures.persons, strict=True)
        ],
        columns=["area_id", "age_group", "persons"],
    )
    cells, releases, year = _released(workspace, snapshot)
    return Material(
        city=snapshot.city,
        level=snapshot.city.lowest.level,
        year=year,
        areas=snapshot.current.areas,
        population=population,
        population_date=_newest(snapshot.tables["population"]["reference_date"]),
        offers=snapshot.directory,
        offers_date=_newest(snapshot.tables["offers"]["verified_on"]),
        cells=cells,
        gaps=gaps_known(snapshot) if with_gaps else None,
        ground=snapshot.tables["basemap"],
        releases=releases,
        language=language,
    )


def gaps_known(snapshot: Snapshot) -> pd.DataFrame | None:
    """Return the matrix of gaps, None where it is not known who lives in the city."""
    try:
        return gaps(snapshot)
    except SroError as error:
        if error.code != "no_population":
            raise
        return None


def _newest(dates: pd.Series) -> str:
    known = dates.dropna()
    return str(known.max())[:10] if len(known) else ""


def _released(
    workspace: Workspace, snapshot: Snapshot
) -> tuple[pd.DataFrame | None, tuple[str, ...], int]:
    """Return the released cells of all years, the newest releases, and the year reported on."""
    try:
        released = load_released(workspace.settings.workspace)
    except SroError as error:
        if error.code != "released_missing":
            raise
        return None, (), snapshot.today.year - 1
    tables = [case_table(released, year) for year in years_of(released)]
    if not tables:
        return None, (), snapshot.today.year - 1
    frames = [
        table.cells.assign(
            year=table.year,
            version=table.version,
            counting_rule=table.counting_rule,
            unit=table.unit,
        ).drop(columns=_RATES, errors="ignore")
        for table in tables
    ]
    return pd.concat(frames, ignore_index=True), tables[-1].release_ids, tables[-1].year


def story_of(workspace: Workspace, story: str, *, actor: Actor, language: str = "de") -> Story:
    """Return a story with the data of this moment, frozen.

    Raises ``SroError("story_unknown")``.
    """
    authorise(actor, READ)
    if story not in STORIES:
        raise SroError("story_unknown", story=story, known=", ".join(STORIES))
    moment = dt.datetime.now().isoformat(timespec="seconds")
    return freeze(yearly(material_of(workspace, language=language)), moment)


def write_report(story: Story, format: str, file: Path) -> None:
    """Write a frozen story as html, pdf, pptx, docx or xlsx; half a file is never left.

    Raises ``SroError("report_format_unknown")``.
    """
    # Late: each of the formats has a library of its own.
    if format == "pdf":
        from sro_geo.reports.pdf import pdf

        pdf(story, file)
    elif format == "html":
        from sro_geo.reports.deck import write_deck

        write_deck(story, file)
    elif format in ("pptx", "docx", "xlsx"):
        from sro_geo.reports import office

        {"pptx": office.pptx, "docx": office.docx, "xlsx": office.xlsx}[format](story, file)
    else:
        raise SroError("report_format_unknown", format=format, known=", ".join(FORMATS))


def publish_folder(workspace: Workspace, folder: Path, *, actor: Actor) -> tuple[Path, ...]:
    """Write the static page of offers and released figures that any web server can host."""
    from sro_geo.reports.publish import publish

    story = story_of(workspace, "yearly", actor=actor)
    snapshot = workspace.snapshot()
    return publish(folder, story, snapshot.directory, snapshot.city)
