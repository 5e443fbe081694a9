"""What the committee takes along holds released counts alone, ranks and orders included."""

from __future__ import annotations

import io
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pikepdf
import pytest

from sro_geo.actions.access import Actor
from sro_geo.actions.planning import new_plan
from sro_geo.actions.reporting import FORMATS, publish_folder, write_report
from sro_geo.actions.stories import Built, add_slides, build_story, new_story
from sro_geo.actions.workspace import Workspace, open_workspace
from sro_geo.reports.content import freeze
from sro_geo.reports.open_data import csv_bytes, sources, tidy
from sro_geo.reports.views import View
from sro_geo.settings import Settings
from tests.privacy.counts import CHANGED, Canary, files_below, plant
from tests.reports.pdf_words import copied

ANNA = Actor("Anna")
MOMENT = "2026-03-12T18:00:00"


@dataclass(frozen=True)
class Shown:
    """Two reports of the shipped city, before and after counts were put in unreleased."""

    before: tuple[Built, ...]
    after: tuple[Built, ...]
    canary: Canary
    workspace: Path


def views(workspace: Workspace) -> list[View]:
    """Every kind of view, those of case figures in every way they are shown."""
    plan = new_plan(workspace, "Variante", actor=ANNA)
    cases = [
        View("cases", {"year": CHANGED, "level": level, "show": show})
        for level in ("social_space", "region")
        for show in ("rates", "circles", "years", "change")
    ]
    return [
        *cases,
        View("cases", {"year": CHANGED, "level": "social_space", "help_type": "outpatient"}),
        View("profile", {"area_id": "nord-ost"}),
        View("gap", {"category": "playground", "age_group": "6-9"}),
        View("coverage", {"category": "playground", "age_group": "6-9"}),
        View("offers", {}),
        View("plan", {"plan_id": plan, "against": None}),
        View("data", {}),
    ]


@pytest.fixture(scope="module")
def shown(shipped_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """The yearly report and a presentation of every kind of view, before and after."""
    folder = tmp_path_factory.mktemp("told") / "workspace"
    shutil.copytree(shipped_workspace, folder)
    workspace = open_workspace(Settings(workspace=folder))
    story = new_story(workspace, "Alles", actor=ANNA)
    for view in views(workspace):
        add_slides(workspace, story, view, actor=ANNA)
    before = tuple(built(workspace, one) for one in ("yearly", story))
    canary = plant(workspace)
    workspace.close()
    again = open_workspace(Settings(workspace=folder))
    after = tuple(built(again, one) for one in ("yearly", story))
    again.close()
    return Shown(before, after, canary, folder)


def built(workspace: Workspace, story: str) -> Built:
    """A presentation, as of one and the same moment."""
    found = build_story(workspace, story, actor=ANNA)
    assert () == found.missing
    # Ids of slides and plans are made up anew for each workspace, not for each look.
    return replace(found, story=freeze(found.story, MOMENT))


def words_of(data: bytes, form: str) -> bytes:
    """The bytes of a file with everything in it unpacked; of a PDF its words as well."""
    if form != "pdf":
        return data
    with pikepdf.open(io.BytesIO(data)) as paper:
        streams = [one.read_bytes() for one in paper.objects if isinstance(one, pikepdf.Stream)]
    streams.append(copied(data).encode())
    return b"\n".join([data, *streams])


def test_no_letter_of_a_report_depends_on_what_was_not_released(shown: Shown) -> None:
    """Neither words, nor maps, nor the order of rows: the content has the same hash."""
    for before, after in zip(shown.before, shown.after, strict=True):
        assert before.material is not None
        assert after.material is not None
        assert [s.title for s in before.story.slides] == [s.title for s in after.story.slides]
        assert before.story.content_hash == after.story.content_hash
        assert csv_bytes(before.material, before.story) == csv_bytes(after.material, after.story)
        assert sources(before.material, before.story).equals(sources(after.material, after.story))


def test_what_is_computed_with_is_what_was_released(shown: Shown) -> None:
    """A number stands beside the status released and beside no other."""
    material = shown.after[0].material
    assert material is not None
    table = tidy(material, shown.after[0].story)
    assert list(table["cases"].notna()) == list(table["status"] == "released")


@pytest.mark.parametrize("form", FORMATS)
def test_no_file_holds_an_unreleased_count(shown: Shown, tmp_path: Path, form: str) -> None:
    """Unpacked, decompressed, spelt out, as text or as a number."""
    for number, one in enumerate(shown.after):
        file = tmp_path / f"{number}.{form}"
        write_report(one.story, form, file, material=one.material)
        assert set() == shown.canary.found(words_of(file.read_bytes(), form))


def test_no_file_of_the_public_folder_holds_one(shown: Shown, tmp_path: Path) -> None:
    """Nor does its name."""
    workspace = open_workspace(Settings(workspace=shown.workspace))
    publish_folder(workspace, tmp_path / "public", actor=ANNA, story=shown.after[1])
    workspace.close()
    files = files_below(tmp_path)
    assert len(files) > 3
    for file in files:
        assert set() == shown.canary.found(file.read_bytes()), file.name
        assert set() == shown.canary.found(file.name)


def test_stored_presentations_hold_none(shown: Shown) -> None:
    """What is kept of a slide are its settings and people's words."""
    data = (shown.workspace / "sro.gpkg").read_bytes()
    assert set() == shown.canary.found(data)
