"""The coverage page without a browser: the address, the sentence, every tab, hard cases."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from babel.numbers import format_decimal, format_percent
from streamlit.testing.v1 import AppTest

from sro_geo import cli
from sro_geo.actions.access import Actor
from sro_geo.actions.editing import close_offer, save_offer
from sro_geo.actions.making import init_workspace
from sro_geo.actions.workspace import open_workspace
from sro_geo.i18n import t
from sro_geo.settings import Settings
from tests.actions.second_city import write_second_city

from .conftest import ROOT
from .test_pages import words

TABS = ("areas", "distribution", "sensitivity", "matrix", "sites", "local", "changes")
Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def ask(workspace: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    """``ask(category, group, minutes, mode)`` is the same question on the command line."""

    def run(category: str, group: str, minutes: float, mode: str = "walk", *more: str) -> Any:
        capsys.readouterr()
        question = ["--category", category, "--age-group", group, "--minutes", str(minutes)]
        folder = ["--workspace", str(workspace)]
        assert 0 == cli.main([*folder, "coverage", *question, "--mode", mode, *more, "--json"])
        return json.loads(capsys.readouterr().out)

    return run


def sentence(app: AppTest) -> str:
    """The finding of the page, as a reader sees it."""
    found = re.search(r'<p class="sro-finding"[^>]*>(.*?)</p>', words(app), re.DOTALL)
    assert found is not None
    return unescape(found[1])


@pytest.fixture
def open_tab(workspace: Path) -> Callable[..., AppTest]:
    """``open_tab("matrix", lang="en", group="10-13")`` opens the page on one of its tabs."""

    def run(tab: str, **address: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
        app.session_state["view"] = t(f"coverage.tab_{tab}", address.get("lang", "de"))
        app.query_params.update(address)
        app.run()
        app.switch_page("pages/coverage.py")
        app.query_params.update(address)
        return app.run()

    return run


def ran(app: AppTest) -> AppTest:
    """Expect no traceback and no error box."""
    assert [str(e.value) for e in app.exception] == []
    assert [e.value for e in app.error] == []
    return app


def number(value: float, language: str = "de") -> str:
    """A whole number as people write it."""
    return str(format_decimal(round(value), locale=language))


ADDRESSES = [
    ("youth_centre", "10-13", 15, "walk"),
    ("youth_centre", "14-17", 10, "bike"),
    ("playground", "6-9", 8, "walk"),
    ("day_care", "3-5", 5, "walk"),
    ("senior_centre", "75+", 20, "walk"),
]


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize(("category", "group", "minutes", "mode"), ADDRESSES)
def test_the_sentence_says_what_the_command_line_says(
    open_page, ask: Ask, category: str, group: str, minutes: int, mode: str, language: str
) -> None:
    """The question stands in the address; the area with most people in need is named."""
    address = {"category": category, "group": group, "minutes": str(minutes), "mode": mode}
    app = ran(open_page("coverage", lang=language, **address))
    answer = ask(category, group, minutes, mode)
    worst = max(answer["areas"], key=lambda area: area["uncovered"])
    said = sentence(app)
    assert worst["name"] in said
    for value in (worst["uncovered"], worst["population"], answer["uncovered"]):
        assert number(value, language) in said
    assert number(answer["population"], language) in said
    assert t(f"filters.mode_{mode}", language) in said
    assert f" {minutes} " in said
    for name in ("share", "share_low", "share_high"):
        percent = format_percent(answer[name], format="#,##0 %", locale=language)
        assert percent in words(app), name


def test_without_an_address_the_first_target_of_the_city_is_asked(open_page, ask: Ask) -> None:
    """Somebody who opens the page sees an answer, not an empty form."""
    app = ran(open_page("coverage"))
    answer = ask("youth_centre", "10-13", 15)
    worst = max(answer["areas"], key=lambda area: area["uncovered"])
    assert number(worst["uncovered"]) in sentence(app)
    assert "Ziel: 90 % in 15 Minuten" in words(app)


def test_the_way_of_measuring_is_honoured_and_said(open_page, ask: Ask) -> None:
    """The straight line is marked as a rough check, the streets are not."""
    address = {"category": "youth_centre", "group": "10-13", "minutes": "15"}
    rough = ran(open_page("coverage", **address))
    assert t("coverage.about_straight_line") in words(rough)
    network = ran(open_page("coverage", method="network", **address))
    assert t("coverage.about_straight_line") not in words(network)
    answer = ask("youth_centre", "10-13", 15, "walk", "--method", "network")
    assert number(answer["uncovered"]) in sentence(network)


def test_the_finer_filters_of_the_address_are_honoured(open_page, ask: Ask) -> None:
    """A moment and words narrow the offers that count."""
    address = {"category": "youth_centre", "group": "10-13", "minutes": "15"}
    then = ran(open_page("coverage", when="saturday_15", **address))
    answer = ask("youth_centre", "10-13", 15, "walk", "--when", "saturday_15")
    assert number(answer["uncovered"]) in sentence(then)
    named = ran(open_page("coverage", words="Harksheide", **address))
    answer = ask("youth_centre", "10-13", 15, "walk", "--text", "Harksheide")
    assert number(answer["uncovered"]) in sentence(named)


@pytest.mark.parametrize(
    "nonsense",
    [
        {"minutes": "7"},
        {"minutes": "0"},
        {"mode": "rocket"},
        {"category": "magic"},
        {"group": "x"},
        {"when": "never"},
        {"method": "by_air"},
        {"total": "-3"},
        {"total": "many"},
    ],
)
def test_nonsense_in_the_address_is_passed_over(open_page, nonsense: dict[str, str]) -> None:
    """An old or mistyped address shows the page as if it were not there."""
    app = ran(open_page("coverage", **nonsense))
    assert sentence(app) == sentence(open_page("coverage"))


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("tab", TABS)
def test_every_tab_runs(open_page, open_tab, tab: str, language: str) -> None:
    """In both languages, each with something to read and every phrase in words."""
    app = ran(open_tab(tab, lang=language))
    assert tab == "areas" or words(app) != words(open_page("coverage", lang=language))
    assert not re.search(r"\bcoverage\.[a-z_]+", words(app))


@pytest.mark.parametrize("tab", TABS)
def test_a_category_without_offers_is_said_on_every_tab(
    open_tab, workspace: Path, tab: str
) -> None:
    """No map of nothing, no division by it; nobody is reached."""
    opened = open_workspace(Settings(workspace=workspace))
    for offer in ("A-095", "A-096", "A-097"):
        close_offer(opened, offer, actor=Actor("Anna"), expected_version=1)
    opened.close()
    app = ran(open_tab(tab, category="library", group="10-13"))
    assert "gibt es kein laufendes Angebot „Bücherei“" in sentence(app)


def test_an_offer_that_does_not_run_is_named(open_page) -> None:
    """The paused youth centre is not lost, it is listed as left out."""
    app = ran(open_page("coverage", category="youth_centre", group="14-17"))
    assert "Jugendtreff am Südring" in words(app)


def test_the_protected_place_is_named_nowhere_on_the_map(open_page) -> None:
    """Neither its name nor its id goes to a map that shows where offers are."""
    app = ran(open_page("coverage", category="protection", group="10-13"))
    assert "A-060" not in str([e.proto for e in app.main.children.values()])


@pytest.fixture
def other_city(tmp_path: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files of the second city; ``SRO_WORKSPACE`` names a folder still to be made."""
    monkeypatch.setenv("SRO_WORKSPACE", str(tmp_path / "other"))
    return write_second_city(tmp_path / "source")


@pytest.mark.parametrize("language", ["de", "en"])
def test_without_population_the_page_says_so(
    open_page, other_city: Path, tmp_path: Path, language: str
) -> None:
    """A sentence and what to do, no traceback."""
    (other_city / "population/population.csv").unlink()
    init_workspace(Settings(workspace=tmp_path / "other"), other_city)
    app = open_page("coverage", lang=language)
    assert [] == list(app.exception)
    message, remedy = app.error[0].value.split("  \n")
    assert 10 < len(message) and 10 < len(remedy)


@pytest.mark.parametrize("tab", TABS)
def test_another_city_is_shown_with_its_own_names(
    open_tab, other_city: Path, tmp_path: Path, tab: str
) -> None:
    """Three spaces, other levels, no streets, two age bands."""
    init_workspace(Settings(workspace=tmp_path / "other"), other_city)
    app = open_tab(tab, category="dorftreff", group="under_18", minutes="5")
    assert [] == list(app.exception)
    assert "In Am See erreichen 70 von 70 Menschen" in sentence(app)


def test_only_age_groups_that_are_stored_can_be_chosen(
    open_page, other_city: Path, tmp_path: Path
) -> None:
    """A city that counts 0-17 offers that band and its sums; an address cannot ask for another."""
    init_workspace(Settings(workspace=tmp_path / "other"), other_city)
    app = ran(open_page("coverage", category="dorftreff", group="10-13"))
    box = next(box for box in app.selectbox if box.label == "Altersgruppe")
    assert "0 bis 17 Jahre" in box.options
    assert "10 bis 13 Jahre" not in box.options


def test_hostile_names_are_text_in_every_figure(open_tab, workspace: Path) -> None:
    """Markup and Markdown in the name of an offer reach no tab as anything but text."""
    hostile = "<img src=x onerror=alert(1)> [hier](https://example.org) **fett**"
    opened = open_workspace(Settings(workspace=workspace))
    place = {"lat": 53.6780, "lon": 10.0280}
    values = {"name": hostile, "category": "youth_centre", "provider_id": "T-01", **place}
    save_offer(opened, values, actor=Actor("Anna"))
    save_offer(opened, {**values, "status": "planned"}, actor=Actor("Anna"))
    opened.close()
    for tab in TABS:
        app = ran(open_tab(tab, category="youth_centre", group="10-13"))
        assert "<img src=x" not in "\n".join(e.body for e in app.get("html")), tab
        for kind in ("markdown", "caption", "info", "warning", "success"):
            assert not [e.value for e in app.get(kind) if "](https://example.org)" in e.value], tab
