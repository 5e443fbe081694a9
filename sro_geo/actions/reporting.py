"""Reports: what the workspace holds, put together for the builders of stories and written out.

Case figures come from the released snapshot and from nothing else.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from sro_geo.actions.access import Actor
from sro_geo.actions.cases import CaseTable, case_table, load_released, years_of
from sro_geo.actions.coverage import gaps
from sro_geo.actions.figures import persons_per_area
from sro_geo.actions.story_building import Built, build_story
from sro_geo.actions.workspace import Snapshot, Workspace
from sro_geo.errors import SroError
from sro_geo.files import replace_file
from sro_geo.population import AGE_GROUPS
from sro_geo.reports.content import Story
from sro_geo.reports.material import Material
from sro_geo.store.released import Released

#: Formats of a report: to show, to print, to work on, to calculate with.
FORMATS = ("html", "pdf", "pptx", "docx", "xlsx", "csv", "gpkg")
# Share of an area that may differ: the slivers of a border that was cleaned.
_SAME = 0.001
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


def _on_areas_of_today(released: Released, table: CaseTable, snapshot: Snapshot) -> pd.DataFrame:
    """Return the cells of a year whose areas are drawn today as they were released.

    A figure belongs to its borders: under the same name with others it would say what nobody
    counted.
    """
    current = snapshot.current
    if table.version == current.version:
        return table.cells
    old = _shapes(released.areas[released.areas["version"] == table.version])
    new = _shapes(current.areas)
    same = {area for area in old.keys() & new.keys() if _alike(old[area], new[area])}
    keys = zip(table.cells["level"], table.cells["area_id"], strict=True)
    return table.cells[[key in same for key in keys]]


def _shapes(areas: pd.DataFrame) -> dict[tuple[str, str], Any]:
    keys = zip(areas["level"], areas["area_id"], strict=True)
    return dict(zip(keys, areas["geometry"], strict=True))


def _alike(one: Any, other: Any) -> bool:
    if one is None or other is None or one.is_empty:
        return False
    return bool(one.symmetric_difference(other).area <= _SAME * one.area)


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
        _on_areas_of_today(released, table, snapshot)
        .assign(
            year=table.year,
            version=table.version,
            counting_rule=table.counting_rule,
            unit=table.unit,
        )
        .drop(columns=_RATES, errors="ignore")
        for table in tables
    ]
    return pd.concat(frames, ignore_index=True), tables[-1].release_ids, tables[-1].year


def story_of(workspace: Workspace, story: str, *, actor: Actor, language: str = "de") -> Story:
    """Return a presentation with the data of this moment, frozen; shipped or people's own.

    What is missing in it is told by :func:`sro_geo.actions.stories.build_story`.
    Raises ``SroError("story_unknown")`` and what that raises.
    """
    return build_story(workspace, story, actor=actor, language=language).story


def write_report(
    story: Story, format: str, file: Path, *, material: Material | None = None
) -> None:
    """Write a frozen story as one of :data:`FORMATS`; half a file is never left.

    ``csv`` and ``gpkg`` hold every released figure, whichever slides the story has, and need
    the ``material`` it was made of (``Built.material``).

    Raises
    ------
    SroError
        ``report_format_unknown``, ``report_no_figures`` (csv without any release),
        ``file_not_writable``, ``report_no_room``, ``pdf_not_made``, ``geopackage_not_made``.
    """
    if format not in FORMATS:
        raise SroError("report_format_unknown", format=format, known=", ".join(FORMATS))
    try:
        _write(story, format, file, material)
    except OSError as why:
        # Drafts of office files lie in the system's own folder, which may be the full one.
        reason = why.strerror or type(why).__name__
        raise SroError("report_no_room", file=str(file), reason=reason) from None


def _write(story: Story, format: str, file: Path, material: Material | None) -> None:
    # Late: each of the formats has a library of its own.
    if format == "pdf":
        from sro_geo.reports.pdf import pdf

        pdf(story, file)
    elif format == "html":
        from sro_geo.reports.deck import write_deck

        write_deck(story, file)
    elif format in ("csv", "gpkg"):
        from sro_geo.reports import open_data

        if material is None:
            raise ValueError(f"{format} is made of the material of a story")
        make = {"csv": open_data.csv_bytes, "gpkg": open_data.geopackage_bytes}[format]
        replace_file(file, make(material, story))
    else:
        from sro_geo.reports import office

        {"pptx": office.pptx, "docx": office.docx, "xlsx": office.xlsx}[format](story, file)


def publish_folder(
    workspace: Workspace,
    folder: Path,
    *,
    actor: Actor,
    story: str | Built = "yearly",
    language: str = "de",
) -> tuple[Path, ...]:
    """Write the static page of offers and released figures that any web server can host.

    ``story`` is a presentation's id or name, or one that was built already.
    """
    from sro_geo.reports.publish import publish

    if not isinstance(story, Built):
        story = build_story(workspace, story, actor=actor, language=language)
    snapshot = workspace.snapshot()
    return publish(folder, story.story, snapshot.directory, snapshot.city)
