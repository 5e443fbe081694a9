"""Presentations: kept as views and words, made anew each time, brought back when removed."""

from __future__ import annotations

import dataclasses
import sqlite3

import pytest

from sro_geo.actions.access import Actor
from sro_geo.actions.planning import new_plan, withdraw
from sro_geo.actions.reporting import material_of
from sro_geo.actions.stories import (
    WORDS,
    add_slides,
    build_story,
    copy_story,
    delete_story,
    duplicate_slide,
    edit_slide,
    find_story,
    move_slide,
    new_story,
    put_back_slide,
    remove_slide,
    rename_story,
    restore_story,
    slide_of,
    slide_preview,
    stored_slides,
    story_list,
)
from sro_geo.actions.story_templates import story_templates, template_faults
from sro_geo.actions.workspace import open_workspace
from sro_geo.errors import SroError
from sro_geo.reports.content import freeze
from sro_geo.reports.views import View
from sro_geo.reports.yearly import yearly

ANNA = Actor("Anna", "planner")
OWN, COVER, DATA = View("own_words"), View("page", {"name": "cover"}), View("data")
NAMES = {
    "markup": '<b onclick="x()">**Fett** & [Link](http://x)</b>',
    "emoji": "👩‍👩‍👧 Familien 🎉",
    "500 letters": "Ä" * 500,
    "right to left": "مرحبا بكم \u202eשלום",
    "control": "Zeile\x00\x1b[31m\nzwei",
}


def refused(code, deed, *arguments, **more):
    """The refusal of a deed, which has this code."""
    with pytest.raises(SroError) as caught:
        deed(*arguments, **more)
    assert code == caught.value.code
    return caught.value


def slides(town, story_id):
    """The stored slides of a presentation as they are now."""
    return stored_slides(town.snapshot(), story_id)


def parts(town, story_id):
    """The kinds of view of a presentation's slides, in order."""
    return [slide.view.kind for slide in slides(town, story_id)]


@pytest.fixture
def told(town):
    """A presentation of two slides: own words, then the first page of the report."""
    story_id = new_story(town, "Abend", actor=ANNA)
    add_slides(town, story_id, OWN, title="Was gelang", text="- Kochgruppe", actor=ANNA)
    add_slides(town, story_id, COVER, actor=ANNA)
    return story_id


def test_the_shipped_report_comes_first_then_own_ones_by_name(town, told):
    """Read only, without a number of slides; one's own with theirs."""
    new_story(town, "älter", actor=ANNA)
    heads = story_list(town.snapshot())
    assert ["yearly", "Abend", "älter"] == [
        heads[0].story_id,
        *(head.name for head in heads[1:]),
    ]
    assert [(False, None), (True, 2), (True, 0)] == [(head.own, head.slides) for head in heads]
    assert "Anna" == heads[1].author
    assert "Yearly report" in story_list(town.snapshot(), language="en")[0].name


def test_a_presentation_is_there_after_opening_the_workspace_again(town, told):
    """With its words and its order."""
    again = open_workspace(town.settings)
    first, second = slides(again, told)
    assert ("own_words", "Was gelang", "- Kochgruppe") == (
        first.view.kind,
        first.title,
        first.text,
    )
    assert (COVER, "cover", {}) == (second.view, second.part, second.words)
    again.close()


def test_a_new_one_after_the_report_shows_what_the_report_shows(town):
    """Slide by slide, word by word; then it can be edited."""
    told = copy_story(town, "yearly", "Unser Jahr", actor=ANNA)
    shipped = build_story(town, "yearly", actor=ANNA)
    own = build_story(town, told, actor=ANNA)
    bare = [dataclasses.replace(slide, slide_id="") for slide in own.story.slides]
    assert bare == [dataclasses.replace(slide, slide_id="") for slide in shipped.story.slides]
    said = freeze(yearly(material_of(town)), shipped.story.frozen_at)
    assert (said.slides, said.title) == (shipped.story.slides, shipped.story.title)
    assert ((), "Unser Jahr") == (own.missing, own.story.title)
    first = slides(town, told)[0]
    edit_slide(town, first.slide_id, {"title": "Ein gutes Jahr"}, actor=ANNA)
    assert "Ein gutes Jahr" == build_story(town, told, actor=ANNA).story.slides[0].title


@pytest.mark.parametrize(
    ("template", "given", "kinds"),
    [
        ("empty", {}, []),
        ("gap_report", {"age_group": "6-9"}, ["page", "gaps"]),
        ("space_profile", {"area": "nord-ost"}, ["page", "profile"]),
    ],
)
def test_templates_begin_with_views(town, template, given, kinds):
    """First page, what it is about, methods."""
    told = new_story(town, "Neu", template=template, actor=ANNA, **given)
    found = parts(town, told)
    assert kinds == list(dict.fromkeys(found))
    if found:
        assert ["page", "page"] == [found[0], found[-1]]
        assert "Norderstedt" in (slides(town, told)[0].title or "")
        assert () == build_story(town, told, actor=ANNA).missing


@pytest.mark.parametrize(
    ("code", "template", "given"),
    [
        ("template_unknown", "nothing", {}),
        ("template_unknown", "../city", {}),
        ("template_needs_plan", "boundary_proposal", {}),
        ("template_needs_age_group", "gap_report", {"age_group": ""}),
        ("template_needs_area", "space_profile", {}),
        ("plan_unknown", "boundary_proposal", {"plan": "nowhere"}),
        ("age_group_unknown", "gap_report", {"age_group": "old"}),
        ("view_area_gone", "space_profile", {"area": "nowhere"}),
    ],
)
def test_a_template_that_lacks_something_makes_nothing(town, code, template, given):
    """And says what."""
    refused(code, new_story, town, "Neu", template=template, actor=ANNA, **given)
    assert 1 == len(story_list(town.snapshot()))


def test_templates_are_data_and_a_wrong_file_is_named(town):
    """It does not keep the others from being used."""
    folder = town.settings.workspace / "templates"
    folder.mkdir()
    pages = 'name = { de = "Kurz <b>", en = "Short" }\npages = ["cover", "methods"]\n'
    (folder / "kurz.toml").write_text(pages, "utf-8")
    (folder / "falsch.toml").write_text('name = { de = "x" }\npages = ["nothing"]')
    (folder / "kaputt.toml").write_bytes(b"\xff\xfe\x00")
    (folder / "yearly.toml").write_text(pages, "utf-8")
    (folder / "riesig.toml").write_text("#" * 100_000)
    (folder / "ordner.toml").mkdir()
    own = [choice for choice in story_templates(town) if choice.template_id == "kurz"]
    assert [("Kurz <b>", None)] == [(choice.name, choice.needs) for choice in own]
    assert "Short" in [choice.name for choice in story_templates(town, "en")]
    told = new_story(town, "Kurz", template="kurz", actor=ANNA)
    assert ["cover", "methods"] == [slide.part for slide in slides(town, told)]
    faults = {fault.code: fault.params for fault in template_faults(town)}
    assert {"template_wrong", "template_unreadable", "template_name_taken"} == set(faults)
    assert 5 == len(template_faults(town))
    refused("template_wrong", new_story, town, "x", template="falsch", actor=ANNA)
    refused("template_unreadable", new_story, town, "x", template="kaputt", actor=ANNA)


def test_slides_are_put_in_order(town, told):
    """To a place, before the first, beyond the last; the same place writes nothing."""
    (words,) = add_slides(town, told, DATA, actor=ANNA)[:1]
    start = parts(town, told)
    move_slide(town, words, 0, actor=ANNA)
    assert "data" == parts(town, told)[0]
    move_slide(town, words, 99, actor=ANNA)
    assert "data" == parts(town, told)[-1]
    move_slide(town, words, -5, actor=ANNA)
    assert "data" == parts(town, told)[0]
    move_slide(town, words, 2, actor=ANNA)
    assert start == parts(town, told)
    before = town.store.revision()
    move_slide(town, words, 2, actor=ANNA)
    assert before == town.store.revision()


def test_a_duplicate_stands_behind_its_model_with_its_words(town, told):
    """And goes its own way."""
    first = slides(town, told)[0]
    copy = duplicate_slide(town, first.slide_id, actor=ANNA)
    edit_slide(town, copy, {"title": "Zweite"}, actor=ANNA)
    assert [("own_words", "Was gelang"), ("own_words", "Zweite"), ("page", None)] == [
        (slide.view.kind, slide.title) for slide in slides(town, told)
    ]
    made = build_story(town, told, actor=ANNA).story
    assert 3 == len({slide.slide_id for slide in made.slides})


def test_a_name_is_found_as_it_is_written_before_one_alike(town):
    """Capitals and accents count only where there is a choice."""
    first = new_story(town, "Maerkte", actor=ANNA)
    assert first == find_story(town.snapshot(), "märkte").story_id
    second = new_story(town, "Märkte", actor=ANNA)
    assert [first, second] == [
        find_story(town.snapshot(), name).story_id for name in ("Maerkte", " Märkte ")
    ]
    refused("story_unknown", find_story, town.snapshot(), "MÄRKTE")


def test_a_removed_slide_comes_back_where_it_was(town, told):
    """With its words; twice does no harm."""
    first = slides(town, told)[0]
    remove_slide(town, first.slide_id, actor=ANNA)
    assert ["page"] == parts(town, told)
    refused("slide_unknown", edit_slide, town, first.slide_id, {"title": "x"}, actor=ANNA)
    put_back_slide(town, first.slide_id, actor=ANNA)
    put_back_slide(town, first.slide_id, actor=ANNA)
    assert ["own_words", "page"] == parts(town, told)
    assert "Was gelang" == slides(town, told)[0].title


def test_a_deleted_presentation_comes_back_as_it_was(town, told):
    """Numbered where its name was given away meanwhile."""
    delete_story(town, told, actor=ANNA)
    refused("story_unknown", stored_slides, town.snapshot(), told)
    other = new_story(town, "Abend", actor=ANNA)
    restore_story(town, told, actor=ANNA)
    assert {"Abend", "Abend (2)"} == {h.name for h in story_list(town.snapshot()) if h.own}
    assert (2, 0) == (len(slides(town, told)), len(slides(town, other)))
    refused("story_unknown", restore_story, town, "nothing", actor=ANNA)


def test_a_copy_has_the_words_and_is_independent(town, told):
    """Of one's own too."""
    copy = copy_story(town, told, "Abend", actor=ANNA)
    assert "Abend (2)" == find_story(town.snapshot(), copy).name
    remove_slide(town, slides(town, copy)[0].slide_id, actor=ANNA)
    assert (2, 1) == (len(slides(town, told)), len(slides(town, copy)))


def test_words_of_peoples_own_go_before_those_of_the_software(town, told):
    """Each field for itself; blank is as the software writes it."""
    slide = slides(town, told)[1]
    written = slide_preview(town, slide)
    words = {name: f"Eigenes: {name}" for name in WORDS}
    edit_slide(town, slide.slide_id, words, actor=ANNA)
    shown = slide_preview(town, slide_of(town.snapshot(), slide.slide_id))
    assert words == {name: getattr(shown, name) for name in WORDS}
    edit_slide(town, slide.slide_id, {"title": "  \n ", "text": None}, actor=ANNA)
    shown = slide_preview(town, slide_of(town.snapshot(), slide.slide_id))
    assert (written.title, written.text) == (shown.title, shown.text)
    assert "Eigenes: note" == shown.note


def test_who_was_slower_is_told(town, told):
    """Where the page says which version it saw."""
    slide = slides(town, told)[0]
    edit_slide(town, slide.slide_id, {"title": "A"}, actor=ANNA, expected_version=slide.version)
    refused(
        "edited_meanwhile", edit_slide, town, slide.slide_id, {"title": "B"}, actor=ANNA,
        expected_version=slide.version,
    )  # fmt: skip
    assert "A" == slides(town, told)[0].title


@pytest.mark.parametrize("name", NAMES)
def test_any_name_and_title_is_kept(town, name):
    """On one line, without what cannot be written; what it means stays text."""
    told = new_story(town, NAMES[name], actor=ANNA)
    (slide,) = add_slides(town, told, OWN, title=NAMES[name], text=NAMES[name], actor=ANNA)
    kept = slide_of(town.snapshot(), slide)
    assert kept.title
    assert not set("\x00\x1b\u202e\n") & set(kept.title)
    if name in ("markup", "emoji", "500 letters"):
        assert (NAMES[name], NAMES[name]) == (kept.title, find_story(town.snapshot(), told).name)
    assert told.isascii()
    again = new_story(town, NAMES[name], actor=ANNA)
    assert told != again
    assert find_story(town.snapshot(), again).name.endswith("(2)")
    assert 1 == len(build_story(town, told, actor=ANNA).story.slides)


@pytest.mark.parametrize(
    ("code", "name"), [("story_name_empty", " \n\u202e"), ("story_name_too_long", "x" * 501)]
)
def test_a_name_that_is_none_is_refused(town, told, code, name):
    """When made, copied, renamed."""
    refused(code, new_story, town, name, actor=ANNA)
    refused(code, copy_story, town, told, name, actor=ANNA)
    refused(code, rename_story, town, told, name, actor=ANNA)


def test_words_beyond_the_room_of_a_slide_are_refused(town, told):
    """500 letters are a title, 501 are not; nothing of it is written."""
    slide = slides(town, told)[0]
    edit_slide(town, slide.slide_id, {"title": "Ä" * 500}, actor=ANNA)
    for words in ({"title": "Ä" * 501}, {"text": "x" * 20_001}, {"alt": "x" * 20_001}):
        refused("slide_words_too_long", edit_slide, town, slide.slide_id, words, actor=ANNA)
    with pytest.raises(ValueError, match="kind"):
        edit_slide(town, slide.slide_id, {"kind": "page"}, actor=ANNA)


def test_a_slide_whose_plan_was_deleted_is_left_out_and_named(town, told):
    """The others are there; a presentation of it alone says why it is none."""
    plan = new_plan(town, "Variante", actor=ANNA)
    view = View("plan", {"plan_id": plan, "against": None})
    added = add_slides(town, told, view, actor=ANNA)
    alone = new_story(town, "Grenzen", actor=ANNA)
    add_slides(town, alone, view, actor=ANNA)
    withdraw(town, plan, actor=ANNA)
    built = build_story(town, told, actor=ANNA)
    assert ["Was gelang"] == [slide.title for slide in built.story.slides[:1]]
    assert added == [one.slide_id for one in built.missing]
    assert {"view_plan_gone"} == {one.error.code for one in built.missing}
    assert "3" in built.missing[0].title
    refused("view_plan_gone", build_story, town, alone, actor=ANNA)
    refused("view_plan_gone", slide_preview, town, slides(town, alone)[0])


def test_a_slide_that_others_wrote_wrongly_does_not_spoil_the_rest(town, told):
    """In the file, with another program."""
    first = slides(town, told)[0]
    town.close()
    with sqlite3.connect(town.settings.workspace / "sro.gpkg") as connection:
        connection.execute("UPDATE slides SET kind = 'of tomorrow' WHERE slide_id = ?",
                           (first.slide_id,))  # fmt: skip
    connection.close()
    again = open_workspace(town.settings)
    built = build_story(again, told, actor=ANNA)
    assert [("Was gelang", "view_kind_unknown")] == [
        (one.title, one.error.code) for one in built.missing
    ]
    assert 1 == len(built.story.slides)
    refused("view_kind_unknown", slide_preview, again, slides(again, told)[0])
    again.close()


def test_a_presentation_without_slides_is_none(town):
    """But can be begun."""
    refused("story_empty", build_story, town, new_story(town, "Leer", actor=ANNA), actor=ANNA)


def test_the_shipped_report_is_read_only(town):
    """A copy is not."""
    for deed in (delete_story, lambda *a, **k: rename_story(*a, "x", **k),
                 lambda *a, **k: add_slides(*a, OWN, **k)):  # fmt: skip
        refused("story_shipped", deed, town, "yearly", actor=ANNA)
    assert [] == slides(town, "yearly")


def test_progress_counts_to_the_end(town, told):
    """From none to all."""
    seen = []
    build_story(town, told, actor=ANNA, progress=lambda done, every: seen.append((done, every)))
    assert [(0, 2), (1, 2), (2, 2)] == seen


def test_who_may_only_read_may_look(town, told):
    """And change nothing."""
    reader = Actor("Gast", "reader")
    assert 2 == len(build_story(town, told, actor=reader).story.slides)
    refused("not_allowed", new_story, town, "x", actor=reader)
    refused("not_allowed", delete_story, town, told, actor=reader)
    refused("not_allowed", edit_slide, town, slides(town, told)[0].slide_id, {}, actor=reader)


def test_a_word_on_a_slide_makes_nothing_else_anew(town, told):
    """The directory, the areas and the drawn slides are those of before."""
    before = town.snapshot()
    directory, areas = before.directory, before.current.areas
    shown = slide_preview(town, slides(town, told)[1])
    edit_slide(town, slides(town, told)[0].slide_id, {"title": "Neu"}, actor=ANNA)
    after = town.snapshot()
    assert after is not before
    assert directory is after.directory
    assert areas is after.current.areas
    again = slide_preview(town, slides(town, told)[1])
    assert shown == again


def test_a_plan_drawn_on_is_shown_as_it_is_now(town, told):
    """Slides kept since the last look are not used where a variant changed."""
    from sro_geo.actions.story_building import maker_of

    plan = new_plan(town, "Variante", actor=ANNA)
    first = maker_of(town, town.snapshot(), "de")
    assert first is maker_of(town, town.snapshot(), "de")
    withdraw(town, plan, actor=ANNA)
    assert first is not maker_of(town, town.snapshot(), "de")
