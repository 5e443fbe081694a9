"""Stories of the shipped city, made once for all tests of reports."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from sro_geo.actions.cases import case_table, load_released, years_of
from sro_geo.actions.coverage import gaps
from sro_geo.actions.figures import persons_per_area
from sro_geo.actions.workspace import open_workspace
from sro_geo.population import AGE_GROUPS
from sro_geo.reports.content import Story, freeze
from sro_geo.reports.material import Material
from sro_geo.reports.yearly import yearly
from sro_geo.settings import Settings

FROZEN = "2026-03-12T18:00:00"


def shipped_material(folder, language: str = "de") -> Material:
    """Return what the shipped city has to report, from its workspace."""
    workspace = open_workspace(Settings(workspace=folder))
    snapshot = workspace.snapshot()
    released = load_released(folder)
    groups = [*AGE_GROUPS, "under_18", "under_21", "all"]
    figures = persons_per_area(snapshot, groups)
    population = pd.DataFrame(
        [
            (f.area_id, g, float("nan") if n is None else n)
            for f in figures
            for g, n in zip(groups, f.persons, strict=True)
        ],
        columns=["area_id", "age_group", "persons"],
    )
    held = [case_table(released, year) for year in years_of(released)]
    cells = pd.concat(
        [
            one.cells.assign(
                year=one.year, version=one.version, counting_rule=one.counting_rule, unit=one.unit
            ).drop(columns=["rate", "rate_low", "rate_high"])
            for one in held
        ],
        ignore_index=True,
    )
    return Material(
        city=snapshot.city,
        level=snapshot.city.lowest.level,
        year=years_of(released)[-1],
        areas=snapshot.current.areas,
        population=population,
        population_date="2025-12-31",
        offers=snapshot.directory,
        offers_date="2026-03-01",
        cells=cells,
        gaps=gaps(snapshot),
        ground=snapshot.tables["basemap"],
        releases=held[-1].release_ids,
        language=language,
        successes="Das Elterncafé trägt sich selbst.\n\n- Kochgruppe\n- Trauergruppe",
    )


@pytest.fixture(scope="session")
def material(shipped_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Material:
    """The shipped city in German."""
    folder = tmp_path_factory.mktemp("city") / "workspace"
    shutil.copytree(shipped_workspace, folder)
    return shipped_material(folder)


@pytest.fixture(scope="session")
def story(material: Material) -> Story:
    """The yearly report of the shipped city, frozen."""
    return freeze(yearly(material), FROZEN)
