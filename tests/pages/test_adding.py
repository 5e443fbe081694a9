"""Every page can put the view it shows into a presentation; outsiders are not asked to."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from sro_geo.actions.access import Actor
from sro_geo.actions.stories import new_story, stored_slides, story_list
from sro_geo.actions.workspace import open_workspace
from sro_geo.settings import Settings

from .test_pages import words


def added(folder: Path, name: str) -> list[tuple[str, dict[str, object], str | None]]:
    """The views of a presentation with what was written to them, read from the file."""
    snapshot = open_workspace(Settings(workspace=folder)).snapshot()
    story = next(head for head in story_list(snapshot) if head.own and head.name == name)
    return [
        (slide.view.kind, dict(slide.view.settings), slide.words.get("text"))
        for slide in stored_slides(snapshot, story.story_id)
    ]


@pytest.mark.parametrize(
    ("page", "address", "kind", "said"),
    [
        ("start", {}, "page", {"name": "summary"}),
        ("offers", {"age": "12", "q": "jugend"}, "offers", {"age": 12, "text": "jugend"}),
        ("coverage", {"minutes": "10", "mode": "bike"}, "coverage", {"minutes": 10}),
        ("cases", {"year": "2023", "shown": "count"}, "cases", {"year": 2023, "show": "circles"}),
        ("where", {"near": "Sensenkamp 20"}, "profile", {"area_id": "nord-west"}),
        ("boundaries", {}, "page", {"name": "people"}),
        ("data", {"tab": "Bestand"}, "data", {}),
    ],
)
def test_what_the_page_shows_is_what_the_presentation_keeps(
    open_page: Callable[..., AppTest],
    workspace: Path,
    page: str,
    address: dict[str, str],
    kind: str,
    said: dict[str, object],
) -> None:
    """The kind and the settings of the view, with the sentence written to it."""
    app = open_page(page, **address)
    app.text_input(f"adding_name_{kind}").input("Mein Abend")
    app.text_area(f"adding_words_{kind}").input("Ein Satz dazu.")
    app.button(f"adding_add_{kind}").click()
    app.run()
    assert [e.value for e in app.error] == []
    first = added(workspace, "Mein Abend")[0]
    assert first[0] == kind
    assert said.items() <= first[1].items(), json.dumps(first[1])
    assert first[2] == "Ein Satz dazu."


def test_the_place_somebody_asked_from_stays_behind(
    open_page: Callable[..., AppTest], workspace: Path
) -> None:
    """No point, no address: it may be where a family lives."""
    app = open_page("offers", near="Sensenkamp 20", age="12")
    app.button("adding_add_offers").click().run()
    (view,) = added(workspace, "Neue Präsentation")
    assert set(view[1]) == {"age"}


def test_the_last_presentation_is_the_first_choice(
    open_page: Callable[..., AppTest], workspace: Path
) -> None:
    """What was added to before is chosen again; nothing has to be named twice."""
    opened = open_workspace(Settings(workspace=workspace))
    for name in ("Abend A", "Abend B"):
        new_story(opened, name, actor=Actor("Probe"))
    opened.close()
    app = open_page("coverage")
    (choice,) = (box for box in app.selectbox if str(box.key).startswith("adding_story_"))
    choice.select_index(1).run()
    app.button("adding_add_coverage").click().run()
    (choice,) = (box for box in app.selectbox if str(box.key).startswith("adding_story_"))
    assert choice.value in {
        h.story_id
        for h in story_list(open_workspace(Settings(workspace=workspace)).snapshot())
        if h.name == "Abend B"
    }


def test_who_may_only_read_is_not_asked(
    open_page: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No button where nothing can be kept."""
    monkeypatch.setenv("SRO_READ_ONLY", "1")
    app = open_page("coverage")
    assert "adding_add_coverage" not in {str(b.key) for b in app.button}
    assert "Versorgung" in words(app)
