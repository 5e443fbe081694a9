"""The committee's page without a browser: stories, slides, words, files, what is refused."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from sro_geo.actions import stories
from sro_geo.actions.access import Actor
from sro_geo.actions.workspace import Workspace, open_workspace
from sro_geo.i18n import t
from sro_geo.reports.views import View
from sro_geo.settings import Settings

from .conftest import ROOT
from .test_pages import words

ME = Actor("Test")


def ran(app: AppTest) -> AppTest:
    """Expect no traceback and no error box."""
    assert [str(e.value) for e in app.exception] == []
    assert [e.value for e in app.error] == []
    return app


def component(app: AppTest, name: str) -> dict[str, Any]:
    """Return what a component of the page was given."""
    for found in app.get("bidi_component"):
        if found.proto.component_name == f"sro_{name}":
            data: dict[str, Any] = json.loads(found.proto.json)
            return data
    raise AssertionError(f"no {name} on the page")


def titles(app: AppTest) -> list[str]:
    """The titles in the list of slides."""
    return [slide["title"] for slide in component(app, "slide_list")["slides"]]


def preview(app: AppTest) -> str:
    """The slide that is shown."""
    html: str = component(app, "slide_preview")["html"]
    return html


def press(app: AppTest, label: str) -> AppTest:
    """Press a button by its words."""
    next(b for b in app.button if b.label == label).click()
    return app.run(timeout=60)


def asked(app: AppTest, name: str) -> str:
    """What the address of the page says."""
    value = app.query_params[name]
    return str(value if isinstance(value, str) else value[0])


def field(app: AppTest, name: str, language: str = "de") -> Any:
    """The field for one of the words of a slide."""
    label = t(f"committee.field_{name}", language)
    return next(f for f in app.text_area if f.label == label)


@pytest.fixture
def held(workspace: Path) -> Workspace:
    """The same workspace from beside."""
    return open_workspace(Settings(workspace=workspace))


@pytest.fixture
def story(held: Workspace) -> str:
    """A presentation with words of one's own and the profile of a space."""
    made = stories.new_story(held, "Abend", actor=ME)
    stories.add_slides(held, made, View("own_words"), title="Worum es geht", actor=ME)
    stories.add_slides(held, made, View("profile", {"area_id": "sued-ost"}), actor=ME)
    return made


@pytest.fixture
def open_story(open_page: Callable[..., AppTest]) -> Callable[..., AppTest]:
    """``open_story(story, slide=…, lang="en")`` opens the page on a presentation."""
    return lambda story_id, **address: ran(open_page("committee", story=story_id, **address))


# --- the shipped report ------------------------------------------------------------------


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_page_opens_on_the_yearly_report_which_is_read_only(
    open_page: Callable[..., AppTest], language: str
) -> None:
    """All its slides are there, nothing can be edited, every phrase is in words."""
    app = ran(open_page("committee", lang=language))
    assert not component(app, "slide_list")["editable"]
    assert len(titles(app)) > 10
    assert titles(app)[0] in preview(app)
    assert list(app.text_area) == []
    assert t("committee.copy_and_edit", language) in [b.label for b in app.button]
    assert not re.search(r"\bcommittee\.[a-z_]+", words(app))
    assert len(app.title) == 1
    assert {"de": "Beispieldaten", "en": "Sample data"}[language] in words(app)


def test_a_copy_of_the_report_can_be_edited(
    open_page: Callable[..., AppTest], held: Workspace
) -> None:
    """It is opened, and its slides are those of the report."""
    app = ran(open_page("committee"))
    before = titles(app)
    ran(press(app, t("committee.copy_and_edit")))
    head = next(h for h in stories.story_list(held.snapshot()) if h.own)
    assert head.story_id == asked(app, "story")
    assert before == titles(app)
    built = stories.build_story(held, "yearly", actor=ME)
    assert before == [slide.title for slide in built.story.slides]
    assert component(app, "slide_list")["editable"]


# --- presentations -----------------------------------------------------------------------


def test_a_presentation_is_begun_and_filled(
    open_page: Callable[..., AppTest], held: Workspace
) -> None:
    """Name, then slides: words of one's own and a page of the report."""
    app = ran(open_page("committee"))
    app.text_input(key="committee_new_name").set_value("Ausschuss im März")
    ran(press(app, t("committee.begin")))
    assert t("committee.empty") in [i.value for i in app.info]
    ran(press(app, t("committee.add")))
    app.selectbox(key="committee_add").select("page:people").run()
    ran(press(app, t("committee.add")))
    head = next(h for h in stories.story_list(held.snapshot()) if h.own)
    assert ("Ausschuss im März", 2) == (head.name, head.slides)
    kinds = [s.view.kind for s in stories.stored_slides(held.snapshot(), head.story_id)]
    assert ["own_words", "page"] == kinds
    assert titles(app)[1] in preview(app)


@pytest.mark.parametrize("template", ["gap_report", "space_profile"])
def test_every_template_can_be_chosen(
    open_page: Callable[..., AppTest], held: Workspace, template: str
) -> None:
    """With what it needs to be told; without a name it is called as the template."""
    app = ran(open_page("committee"))
    app.selectbox(key="committee_template").select(template).run()
    ran(press(app, t("committee.begin")))
    head = next(h for h in stories.story_list(held.snapshot()) if h.own)
    assert t(f"stories.template_{template}") == head.name
    assert head.slides and len(titles(app)) == head.slides


def test_a_proposal_needs_a_variant(open_page: Callable[..., AppTest]) -> None:
    """Without one the page says where to draw it."""
    app = ran(open_page("committee"))
    app.selectbox(key="committee_template").select("boundary_proposal").run()
    assert t("committee.no_variant") in [i.value for i in app.info]
    begin = next(b for b in app.button if b.label == t("committee.begin"))
    assert begin.disabled


def test_a_presentation_is_renamed_copied_deleted_and_brought_back(
    open_story: Callable[..., AppTest], held: Workspace, story: str
) -> None:
    """Nothing is lost by a deletion."""

    def own() -> dict[str, str]:
        return {h.story_id: h.name for h in stories.story_list(held.snapshot()) if h.own}

    app = open_story(story)
    app.text_input(key=f"committee_name:{story}:Abend").set_value("Morgen").run()
    ran(press(app, t("committee.rename")))
    assert {story: "Morgen"} == own()
    ran(press(app, t("committee.copy")))
    assert 2 == len(own()) and story in own()
    copy = asked(app, "story")
    assert copy != story
    ran(press(app, t("committee.delete")))
    assert {story: "Morgen"} == own()
    assert "ist gelöscht" in words(app)
    ran(press(app, t("committee.undo")))
    assert 2 == len(own())
    assert copy == asked(app, "story")


def test_an_unknown_presentation_in_the_address_is_said(open_page: Callable[..., AppTest]) -> None:
    """Another one is shown instead."""
    app = ran(open_page("committee", story="x<script>", slide="y"))
    assert t("committee.story_gone") in [w.value for w in app.warning]
    assert titles(app)


# --- words -------------------------------------------------------------------------------


def test_words_are_saved_as_the_field_is_left(
    open_story: Callable[..., AppTest], held: Workspace, story: str
) -> None:
    """And given back to the software by a button, by emptying, or by its own words."""
    slide = stories.stored_slides(held.snapshot(), story)[1]

    def title() -> str | None:
        return stories.slide_of(held.snapshot(), slide.slide_id).title

    app = open_story(story, slide=slide.slide_id)
    usual = str(field(app, "title").value)
    assert title() is None and usual in preview(app)
    field(app, "title").set_value("Süd-Ost braucht mehr").run()
    assert "Süd-Ost braucht mehr" == title()
    assert "Süd-Ost braucht mehr" in preview(app)
    assert "Süd-Ost braucht mehr" == titles(ran(app))[1]
    assert t("committee.saved") in words(app)
    ran(press(app, t("committee.reset")))
    assert title() is None and usual == field(app, "title").value
    field(app, "title").set_value("anders").run()
    field(app, "title").set_value("").run()
    assert title() is None and usual == field(app, "title").value
    field(app, "title").set_value(f" {usual} ").run()
    assert title() is None


def test_every_field_is_kept_apart(
    open_story: Callable[..., AppTest], held: Workspace, story: str
) -> None:
    """Title, subtitle, text, note, alternative text; all go back at once."""
    slide = stories.stored_slides(held.snapshot(), story)[1].slide_id
    app = open_story(story, slide=slide)
    for name in ("title", "subtitle", "text", "note", "alt"):
        field(app, name).set_value(f"mein {name}").run()
    stored = stories.slide_of(held.snapshot(), slide)
    assert {n: f"mein {n}" for n in stories.WORDS} == stored.words
    ran(press(app, t("committee.reset_all")))
    assert {} == stories.slide_of(held.snapshot(), slide).words


@pytest.mark.parametrize(
    "said",
    [
        "<img src=x onerror=alert(1)>",
        "a" * 500,
        "שלום עולם",
        "🧒🏽 **fett** [x](http://x)",
        "\u202ex",
    ],
)
def test_any_title_is_shown_and_runs_nowhere(
    open_story: Callable[..., AppTest], held: Workspace, story: str, said: str
) -> None:
    """Markup, 500 characters, right to left, emoji."""
    slide = stories.stored_slides(held.snapshot(), story)[0].slide_id
    app = open_story(story, slide=slide)
    field(app, "title").set_value(said).run()
    ran(app)
    assert "<img src=x" not in preview(app)
    assert titles(app)[0] == stories.slide_of(held.snapshot(), slide).title


# --- what is gone ------------------------------------------------------------------------


def spoil(folder: Path, slide_id: str) -> None:
    """Let a stored slide show an area that is not there any more."""
    with sqlite3.connect(folder / "sro.gpkg") as db:
        db.execute(
            "UPDATE slides SET settings = ? WHERE slide_id = ?",
            (json.dumps({"area_id": "atlantis"}), slide_id),
        )
    db.close()


def test_a_slide_that_cannot_be_made_is_said(
    open_story: Callable[..., AppTest], held: Workspace, workspace: Path, story: str
) -> None:
    """In the list and in its place; the file is made without it and says so."""
    slide = stories.stored_slides(held.snapshot(), story)[1].slide_id
    spoil(workspace, slide)
    st.cache_resource.clear()
    app = open_story(story, slide=slide)
    entries = {e["id"]: e for e in component(app, "slide_list")["slides"]}
    assert t("committee.gone") == entries[slide]["warning"]
    assert any(t("committee.left_out") in w.value for w in app.warning)
    ran(press(app, t("committee.make")))
    assert any(t("committee.missing") in w.value for w in app.warning)


def test_what_was_removed_comes_back(
    open_story: Callable[..., AppTest], held: Workspace, story: str
) -> None:
    """The list tells what to do; one click undoes it."""
    from sro_geo.ui import committee_state

    first, *_ = stories.stored_slides(held.snapshot(), story)
    app = open_story(story)
    stories.remove_slide(held, first.slide_id, actor=ME)
    app.session_state["committee_undo"] = committee_state.Removed(
        "slide", first.slide_id, "Worum es geht", story
    )
    app.run()
    assert "Worum es geht" not in titles(app)
    ran(press(app, t("committee.undo")))
    assert "Worum es geht" == titles(app)[0]


# --- files and the wall ------------------------------------------------------------------


@pytest.mark.parametrize("format", ["html", "xlsx", "csv", "folder"])
def test_a_file_is_made_and_handed_over(
    open_story: Callable[..., AppTest], story: str, format: str
) -> None:
    """Under a name that says what it is; until something changes it is there."""
    app = open_story(story)
    app.radio(key="committee_format").set_value(format).run()
    ran(press(app, t("committee.make")))
    (taken,) = app.get("download_button")
    ending = "zip" if format == "folder" else format
    assert re.search(rf"Abend-\d{{4}}-\d\d-\d\d\.{ending}", taken.proto.label)
    field(app, "title").set_value("Neu").run()
    assert [] == list(app.get("download_button"))


def test_the_presentation_mode_shows_the_deck_and_nothing_to_edit(
    open_story: Callable[..., AppTest], story: str
) -> None:
    """By its address alone."""
    app = open_story(story, present="1")
    html = component(app, "deck_frame")["html"]
    assert "Worum es geht" in html and "default-src 'none'" in html.replace("&#x27;", "'")
    assert [] == list(app.text_area)
    ran(press(app, t("committee.present_end")))
    assert "present" not in app.query_params
    assert "Worum es geht" in titles(app)


def test_a_story_without_slides_cannot_be_shown(
    open_page: Callable[..., AppTest], held: Workspace
) -> None:
    """The address says so in words, and leads back."""
    made = stories.new_story(held, "Leer", actor=ME)
    app = open_page("committee", story=made, present="1")
    assert [] == [str(e.value) for e in app.exception]
    assert "Leer" in app.error[0].value
    ran(press(app, t("committee.present_end")))


# --- who may -----------------------------------------------------------------------------


def test_a_server_that_only_reads_edits_nothing(
    open_page: Callable[..., AppTest], story: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It shows and hands out."""
    monkeypatch.setenv("SRO_READ_ONLY", "1")
    st.cache_resource.clear()
    app = ran(open_page("committee", story=story))
    assert [] == list(app.text_area)
    assert not component(app, "slide_list")["editable"]
    labels = [b.label for b in app.button]
    assert t("committee.present") in labels and t("committee.make") in labels
    for name in ("begin", "copy", "delete", "add"):
        assert t(f"committee.{name}") not in labels


def test_outsiders_have_no_such_page(
    workspace: Path, story: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The public view knows nothing of presentations."""
    monkeypatch.setenv("SRO_MODE", "public")
    st.cache_resource.clear()
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.query_params["story"] = story
    ran(app.run())
    assert [] == [c for c in app.get("bidi_component") if "slide" in c.proto.component_name]
    assert "Worum es geht" not in words(app)


def test_no_page_of_a_presentation_opens_the_protected_store(
    open_story: Callable[..., AppTest], story: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not released is not even read."""
    from sro_geo.store.protected import ProtectedStore

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("the protected store was opened")

    monkeypatch.setattr(ProtectedStore, "__init__", refuse)
    open_story(story)
    open_story(story, present="1")
