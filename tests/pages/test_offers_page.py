"""The offers page without a browser: filters from the address, refusals, hostile names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sro_geo.actions.access import Actor
from sro_geo.actions.asking import find_offers
from sro_geo.actions.editing import save_offer
from sro_geo.actions.workspace import open_workspace
from sro_geo.offers import OfferFilter
from sro_geo.settings import Settings

from .test_pages import words

HOSTILE = "<img src=x onerror=alert(1)> ${7*7} [hier](https://example.org) **fett** :red[rot]"


def count(app) -> int:
    """The number in the line that says what was found."""
    return int(re.search(r'class="sro-count"[^>]*>(\d+) ', words(app))[1])


def entries(app) -> str:
    """What the lists of the page are given, as text."""
    return "".join(str(e.proto) for e in app.get("bidi_component"))


def wanted(snapshot, **filters) -> int:
    """How many offers fit, asked without a page."""
    return len(find_offers(snapshot, OfferFilter(**filters)))


@pytest.mark.parametrize(
    ("address", "filters"),
    [
        ({"age": "12"}, {"age": 12}),
        ({"q": "Jugendhaus"}, {"text": "Jugendhaus"}),
        ({"area": "nord-west"}, {"area_id": "nord-west"}),
        ({"low": "true"}, {"low_threshold": True}),
        ({"category": "youth_centre"}, {"categories": ("youth_centre",)}),
        ({"work": "case_specific", "age": "3"}, {"work_level": "case_specific", "age": 3}),
        ({"status": "paused"}, {"statuses": ("paused",)}),
    ],
)
def test_filters_in_the_address_reach_the_result(open_page, workspace, address, filters) -> None:
    """Each name in the address means the same as the filter it names; both languages agree."""
    snapshot = open_workspace(Settings(workspace=workspace)).snapshot()
    expected = wanted(snapshot, **filters)
    assert 0 < expected < wanted(snapshot)
    assert expected == count(open_page("offers", **address))
    assert expected == count(open_page("offers", lang="en", **address))


@pytest.mark.parametrize("nonsense", [{"minutes": "7"}, {"mode": "rocket"}, {"category": "x"}])
def test_nonsense_in_the_address_is_passed_over(open_page, nonsense) -> None:
    """An old or mistyped address shows the page as if it were not there."""
    app = open_page("offers", **nonsense)
    assert [] == list(app.exception)
    assert count(app) == count(open_page("offers"))


@pytest.mark.parametrize(("language", "word"), [("de", "gibt es nicht"), ("en", "does not exist")])
def test_an_unknown_offer_in_the_address_gets_a_friendly_word(open_page, language, word) -> None:
    """No traceback, a sentence and the way back to the list."""
    app = open_page("offers", offer="gibt-es-nicht", lang=language)
    assert [] == list(app.exception)
    assert any(word in e.value for e in app.warning)


def test_a_workspace_for_reading_refuses_a_change(open_page, workspace, monkeypatch) -> None:
    """The button says why nothing happened; the entry is as before."""
    monkeypatch.setenv("SRO_READ_ONLY", "1")
    app = open_page("offers", offer="A-004")
    next(b for b in app.button if b.label == "Heute geprüft").click().run()
    assert [] == list(app.exception)
    assert ["nur zum Lesen gestartet" in e.value for e in app.error] == [True]
    opened = open_workspace(Settings(workspace=workspace))
    assert [] == [e for e in opened.store.history("offers", "A-004") if "confirm" in e.action]


def test_a_damaged_workspace_is_said_with_a_remedy(workspace: Path, open_page) -> None:
    """The file is no workspace any more: what happened and what helps, on every page."""
    (workspace / "sro.gpkg").write_bytes(b"nothing of a GeoPackage" * 100)
    app = open_page("start")
    assert [] == list(app.exception)
    assert 1 == len(app.error)
    message, remedy = app.error[0].value.split("  \n")
    assert message.startswith("**")
    assert 10 < len(remedy)


def test_hostile_names_are_text_on_list_card_history_and_findings(open_page, workspace) -> None:
    """Markup, templates and Markdown in a name reach no page as anything but text."""
    opened = open_workspace(Settings(workspace=workspace))
    values = {"name": HOSTILE, "description": HOSTILE, "category": "youth_centre"}
    offer_id = save_offer(opened, values | {"contact": HOSTILE}, actor=Actor("<b>x</b>"))
    opened.close()
    card = open_page("offers", offer=offer_id)
    assert [] == list(card.exception)
    html = "\n".join(e.body for e in card.get("html"))
    assert "&lt;img src=x onerror=alert(1)&gt; ${7*7} [hier]" in html
    assert "<img src=x" not in html
    assert "<b>x</b>" not in html
    for app in (card, open_page("offers", q="onerror"), open_page("data")):
        assert [] == list(app.exception)
        for kind in ("markdown", "caption", "info", "warning", "error", "toast"):
            assert not [e.value for e in app.get(kind) if "](https://example.org)" in e.value]
    assert "onerror" in entries(open_page("offers", q="onerror"))
