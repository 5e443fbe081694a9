"""Presentations on the command line: made, written in every format, never as half a file."""

from __future__ import annotations

import gc
import io
import shutil
import sqlite3
import zipfile
from pathlib import Path

import pikepdf
import pytest
from docx import Document
from openpyxl import load_workbook
from pptx import Presentation

from sro_geo.actions.access import Actor
from sro_geo.actions.planning import new_plan, withdraw
from sro_geo.actions.reporting import FORMATS, publish_folder, write_report
from sro_geo.actions.stories import Built, add_slides, build_story, new_story
from sro_geo.actions.workspace import open_workspace
from sro_geo.errors import SroError
from sro_geo.i18n import phrases
from sro_geo.reports.views import View
from sro_geo.settings import Settings
from sro_geo.store.schema import TABLES_SINCE
from tests.conftest import CommandLine
from tests.reports.pdf_tags import read
from tests.reports.test_open_data import little_room
from tests.reports.test_pdf import NASTY

ANNA = Actor("Anna")
# What nobody can write into a line of text is not asked for here.
TITLES = {name: words[:500] for name, words in NASTY.items()}


@pytest.fixture(scope="module")
def told(shipped_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a presentation of every awkward title, a map, and a plan that is gone."""
    folder = tmp_path_factory.mktemp("told") / "workspace"
    shutil.copytree(shipped_workspace, folder)
    workspace = open_workspace(Settings(workspace=folder))
    story = new_story(workspace, TITLES["markup"], actor=ANNA)
    for words in TITLES.values():
        add_slides(workspace, story, View("own_words"), title=words, text=words, note=words,
                   actor=ANNA)  # fmt: skip
    add_slides(workspace, story, View("page", {"name": "cases"}), actor=ANNA)
    plan = new_plan(workspace, "Gelöscht", actor=ANNA)
    gone = View("plan", {"plan_id": plan, "against": None})
    add_slides(workspace, story, gone, title="Neue Grenzen", actor=ANNA)
    withdraw(workspace, plan, actor=ANNA)
    workspace.close()
    return folder


@pytest.fixture
def speaking(told: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """The command line on that workspace; the tests with it write beside it only."""
    return CommandLine(told, capsys)


@pytest.fixture(scope="module")
def built(told: Path) -> Built:
    """That presentation, made once."""
    workspace = open_workspace(Settings(workspace=told))
    found = build_story(workspace, TITLES["markup"], actor=ANNA)
    workspace.close()
    return found


def whole(data: bytes, form: str) -> bool:
    """Whether a file can be read by a program for its format."""
    if form == "pdf":
        return read(data).faults == []
    if form == "html":
        return data.rstrip().endswith(b"</html>")
    if form == "csv":
        return len({line.count(";") for line in data.decode("utf-8-sig").splitlines()[1:3]}) == 1
    if form == "gpkg":
        with sqlite3.connect(":memory:") as connection:
            connection.deserialize(data)
            said = connection.execute("PRAGMA quick_check").fetchone()[0]
        connection.close()
        return said == "ok"
    opened = {"pptx": Presentation, "docx": Document, "xlsx": load_workbook}[form]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.testzip() is None and opened(io.BytesIO(data)) is not None


def test_presentations_are_made_shown_renamed_and_brought_back(sro: CommandLine) -> None:
    """By id or by name; the id is what ``new`` answers."""
    made = sro("story", "new", "Ausschuss im März", "--template", "space_profile", "--area",
               "nord-ost")  # fmt: skip
    assert (0, {"story_id"}) == (made.status, set(made.json))
    story = made.json["story_id"]
    listed = sro("story", "list").json
    assert ["yearly", story] == [one["story_id"] for one in listed["stories"]]
    assert [(False, None), (True, True)] == [
        (one["own"], one["slides"] and one["slides"] > 2) for one in listed["stories"]
    ]
    needs = {one["template"]: one["needs"] for one in listed["templates"]}
    assert {"empty": None, "yearly": None, "boundary_proposal": "plan",
            "gap_report": "age_group", "space_profile": "area"} == needs  # fmt: skip
    shown = sro("story", "show", "ausschuss im märz").json
    assert ("page", {"area_id": "nord-ost"}) == (
        shown["slides"][0]["kind"],
        shown["slides"][1]["settings"],
    )
    copied = sro("story", "copy", story, "Abschrift").json["story_id"]
    assert len(shown["slides"]) == len(sro("story", "show", copied).json["slides"])
    assert "Im April" == sro("story", "rename", copied, "Im April").json["name"]
    assert copied == sro("story", "delete", "Im April").json["story_id"]
    assert "story_unknown" == sro("story", "show", copied).json["error"]["code"]
    assert "Im April" == sro("story", "restore", copied).json["name"]
    said = sro("story", "list", json=False)
    assert f"{copied}  Im April" in said.out.splitlines()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("story_unknown", ("show", "nothing")),
        ("story_unknown", ("delete", "nothing")),
        ("story_unknown", ("restore", "nothing")),
        ("story_shipped", ("delete", "yearly")),
        ("story_shipped", ("rename", "yearly", "x")),
        ("story_name_empty", ("new", "  ")),
        ("story_name_too_long", ("new", "x" * 501)),
        ("template_unknown", ("new", "x", "--template", "y")),
        ("template_needs_plan", ("new", "x", "--template", "boundary_proposal")),
        ("usage", ("copy", "yearly")),
        ("usage", ("list", "--template", "x")),
    ],
)
def test_what_cannot_be_done_is_said(
    speaking: CommandLine, code: str, words: tuple[str, ...]
) -> None:
    """In words, with a status, and nothing is made."""
    said = speaking("story", *words)
    assert (code, 2 if code == "usage" else 1) == (said.json["error"]["code"], said.status)
    assert said.json["error"]["remedy"]
    assert 2 == len(speaking("story", "list").json["stories"])


def test_a_template_file_that_is_wrong_is_named_and_the_others_hold(sro: CommandLine) -> None:
    """On standard error, by its name."""
    folder = sro.workspace / "templates"
    folder.mkdir()
    (folder / "kurz.toml").write_text('name = { de = "Kurz" }\npages = ["methods"]')
    (folder / "falsch.toml").write_text("pages = [")
    said = sro("story", "list")
    assert "kurz" in [one["template"] for one in said.json["templates"]]
    assert "falsch" in said.err
    assert "falsch" not in said.out
    assert 0 == sro("story", "new", "Kurz", "--template", "kurz").status


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_takes_any_title(built: Built, tmp_path: Path, form: str) -> None:
    """Markup, pictograms, 500 letters, right to left, on a map and without one."""
    file = tmp_path / f"abend.{form}"
    write_report(built.story, form, file, material=built.material)
    assert whole(file.read_bytes(), form)
    assert [file.name] == [one.name for one in tmp_path.iterdir()]
    assert form != "html" or b"<script>alert" not in file.read_bytes()


def test_what_is_missing_is_said(speaking: CommandLine, tmp_path: Path) -> None:
    """A plan that was deleted: each of its slides with the reason; the others are written."""
    file = tmp_path / "abend.docx"
    said = speaking("report", "--story", TITLES["markup"], "--format", "docx", file)
    assert (0, True) == (said.status, whole(file.read_bytes(), "docx"))
    assert "Neue Grenzen" == said.json["missing"][0]["title"]
    assert {"view_plan_gone"} == {one["code"] for one in said.json["missing"]}
    assert said.json["slides"] > len(TITLES)
    assert ["Neue Grenzen" in said.err, "Zuschnitt" in said.err] == [True, True]


def test_titles_stay_what_people_wrote(built: Built) -> None:
    """Not cut, not taken for markup."""
    titles = [slide.title for slide in built.story.slides]
    assert TITLES["markup"] in titles
    assert TITLES["emoji"] in titles
    assert " ".join(TITLES["long"].split()) in titles
    assert all("\u202e" not in title for title in titles)


def test_the_public_folder_takes_any_presentation(speaking: CommandLine, tmp_path: Path) -> None:
    """In both languages, and what is missing is said."""
    said = speaking("publish", tmp_path / "p", "--story", TITLES["markup"], "--language", "en")
    assert (0, 1) == (said.status, len({one["code"] for one in said.json["missing"]}))
    page = (tmp_path / "p" / "index.html").read_text("utf-8")
    assert '<html lang="en"' in page
    assert "<script>alert" not in page
    assert set(said.json["files"]) == {
        str(file.relative_to(tmp_path / "p")) for file in (tmp_path / "p").rglob("*.*")
    }


# openpyxl lets go of the sheets it could not write when Python collects them.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("most", [0, 3_000])
def test_a_disk_without_room_leaves_the_old_file(
    built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, most: int
) -> None:
    """A clear message whoever was writing, and nothing unfinished anywhere."""
    drafts = tmp_path / "tmp"
    drafts.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(drafts))
    file = tmp_path / f"abend.{form}"
    file.write_bytes(b"old")
    with little_room(most), pytest.raises(SroError) as refused:
        write_report(built.story, form, file, material=built.material)
    assert refused.value.code in (
        "file_not_writable",
        "report_no_room",
        "pdf_not_made",
        "geopackage_not_made",
        "workbook_not_made",
    )
    assert f"errors.{refused.value.code}.message" in phrases("de")
    assert b"old" == file.read_bytes()
    assert [f"abend.{form}", "tmp"] == sorted(one.name for one in tmp_path.iterdir())
    gc.collect()
    # Those of openpyxl go at the end of the process.
    assert [] == [one.name for one in drafts.iterdir() if not one.name.startswith("openpyxl.")]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_public_folder_without_room_keeps_its_old_page(
    built: Built, told: Path, tmp_path: Path
) -> None:
    """What visitors find is whole."""
    workspace = open_workspace(Settings(workspace=told))
    publish_folder(workspace, tmp_path / "p", actor=ANNA, story=built)
    before = (tmp_path / "p" / "index.html").read_bytes()
    with little_room(5_000), pytest.raises(SroError, match=r"file_not_writable|workbook_not"):
        publish_folder(workspace, tmp_path / "p", actor=ANNA, story=built)
    workspace.close()
    gc.collect()
    assert before == (tmp_path / "p" / "index.html").read_bytes()
    assert [] == [one.name for one in (tmp_path / "p").iterdir() if one.name.startswith(".")]


def profile(folder: Path) -> Built:
    """The profile of an area, made from the template."""
    workspace = open_workspace(Settings(workspace=folder))
    story = new_story(workspace, "Profil", template="space_profile", area="nord-ost", actor=ANNA)
    found = build_story(workspace, story, actor=ANNA)
    workspace.close()
    return found


def test_without_released_figures_there_is_a_report_and_no_table_of_them(
    unreleased: CommandLine, tmp_path: Path
) -> None:
    """The words say so; a file of nothing but figures is refused."""
    found = profile(unreleased.workspace)
    for form in FORMATS:
        file = tmp_path / f"bericht.{form}"
        if form == "csv":
            with pytest.raises(SroError, match="report_no_figures"):
                write_report(found.story, form, file, material=found.material)
            assert not file.exists()
        else:
            write_report(found.story, form, file, material=found.material)
            assert whole(file.read_bytes(), form), form


def test_a_space_without_a_name_is_called_by_its_id(sro: CommandLine, tmp_path: Path) -> None:
    """As somebody else's program may have left it in the file."""
    with sqlite3.connect(sro.workspace / "sro.gpkg") as connection:
        for table in ("plan_areas", "areas"):
            for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
                connection.create_function(name, 1, lambda _: None)
            connection.execute(f"UPDATE {table} SET name = NULL WHERE area_id = 'nord-ost'")
    connection.close()
    found = profile(sro.workspace)
    assert () == found.missing
    assert "nord-ost" in found.story.slides[0].title
    for form in FORMATS:
        file = tmp_path / f"bericht.{form}"
        write_report(found.story, form, file, material=found.material)
        assert whole(file.read_bytes(), form), form


def test_an_earlier_workspace_gets_the_tables_quietly(sro: CommandLine) -> None:
    """One from before there were presentations, and without a word."""
    with sqlite3.connect(sro.workspace / "sro.gpkg") as connection:
        for name in ("slides", "stories"):
            connection.execute(f"DROP TABLE {name}")
            connection.execute("DELETE FROM gpkg_contents WHERE table_name = ?", (name,))
    connection.close()
    assert {"stories", "slides"} <= set(TABLES_SINCE)
    said = sro("story", "list")
    assert (0, "") == (said.status, said.err)
    assert 0 == sro("story", "new", "Neu").status
    assert 2 == len(sro("story", "list").json["stories"])


def test_a_workspace_for_reading_only_is_shown_and_not_written(
    told: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reports come out of it, presentations do not go in."""
    monkeypatch.setenv("SRO_READ_ONLY", "1")
    sro = CommandLine(told, capsys)
    assert "read_only_mode" == sro("story", "new", "Neu").json["error"]["code"]
    said = sro("report", "--story", TITLES["markup"], "--format", "csv", tmp_path / "x.csv")
    assert 0 == said.status


def test_an_outsiders_process_has_no_presentations(
    speaking: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Words that nobody released are none of its business."""
    monkeypatch.setenv("SRO_MODE", "public")
    for words in (("story", "list"), ("report", "--format", "csv", tmp_path / "x.csv")):
        assert "public_mode" == speaking(*words).json["error"]["code"]


def test_the_report_in_english(sro: CommandLine, tmp_path: Path) -> None:
    """The shipped one, without making it one's own."""
    file = tmp_path / "report.pdf"
    said = sro("report", "--language", "en", "--format", "pdf", file)
    assert ("yearly", []) == (said.json["story"], said.json["missing"])
    with pikepdf.open(file) as paper:
        assert str(paper.Root.Lang).startswith("en")
    assert file.stat().st_mode & 0o044
