"""The cases page without a browser: the address, the sentence, every tab, two people, outsiders."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from babel.numbers import format_decimal
from streamlit.testing.v1 import AppTest

from sro_geo.actions.cases import CaseTable, case_table, load_released
from sro_geo.i18n import t
from sro_geo.ui.cases_inputs import matching

from .conftest import ROOT
from .test_pages import words

TABS = ("table", "years", "compare", "places", "indicators", "why", "release")
HIDDEN = "nicht ausgewiesen"


def ran(app: AppTest) -> AppTest:
    """Expect no traceback and no error box."""
    assert [str(e.value) for e in app.exception] == []
    assert [e.value for e in app.error] == []
    return app


def sentence(app: AppTest) -> str:
    """The finding of the page, as a reader sees it."""
    found = re.search(r'<p class="sro-finding"[^>]*>(.*?)</p>', words(app), re.DOTALL)
    assert found is not None
    return unescape(found[1])


def table(folder: Path, year: int = 2025, per: int = 1000) -> CaseTable:
    """What was released for a year."""
    return case_table(load_released(folder), year, per=per)


def cell(found: CaseTable, area: str, help_type: str | None = None) -> Any:
    """One released cell."""
    cells = matching(found.cells, help_type, None)
    return next(cells[cells["area_id"] == area].itertuples(index=False))


def number(value: float, language: str = "de") -> str:
    """A whole number as people write it."""
    return str(format_decimal(round(value), locale=language))


def decimal(value: float, language: str = "de") -> str:
    """A number with one decimal."""
    return str(format_decimal(round(value, 1), format="#,##0.0", locale=language))


@pytest.fixture
def open_tab(workspace: Path) -> Callable[..., AppTest]:
    """``open_tab("years", lang="en", year="2022")`` opens the page on one of its tabs."""

    def run(tab: str, **address: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
        app.session_state["view"] = t(f"cases.tab_{tab}", address.get("lang", "de"))
        app.query_params.update(address)
        app.run()
        app.switch_page("pages/cases.py")
        app.query_params.update(address)
        return app.run()

    return run


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_page_says_what_was_released_for_the_city(
    open_page, workspace: Path, language: str
) -> None:
    """The newest year, all helps, and the space with the highest rate among those shown."""
    app = ran(open_page("cases", lang=language))
    found = table(workspace)
    city = cell(found, "norderstedt")
    said = sentence(app)
    for part in ("2025", "Norderstedt", number(city.count, language), decimal(city.rate, language)):
        assert part in said
    spaces = matching(found.cells, None, None)
    spaces = spaces[spaces["level"] == "social_space"]
    assert spaces.loc[spaces["rate"].idxmax(), "name"] in said
    assert len(app.title) == 1
    assert {"de": "Beispieldaten", "en": "Sample data"}[language] in words(app)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("tab", TABS)
def test_every_tab_runs(open_tab, tab: str, language: str) -> None:
    """In both languages, each with something to read and every phrase in words."""
    app = ran(open_tab(tab, lang=language))
    assert not re.search(r"\b(cases|releases)\.[a-z_]+", words(app))
    assert tab == "table" or words(app) != words(open_tab("table", lang=language))


ADDRESSES = [
    ("table", {"year": "2021"}),
    ("years", {"year": "2023", "help": "31"}),
    ("compare", {"year": "2024", "help": "outpatient"}),
    ("places", {"level": "region", "help": "34"}),
    ("compare", {"level": "statistical_district"}),
    ("years", {"per": "10000", "level": "city"}),
    ("table", {"shown": "count", "help": "35a"}),
    ("why", {"help": "42"}),
]


@pytest.mark.parametrize(("tab", "address"), ADDRESSES, ids=str)
def test_what_is_asked_stands_in_the_address(
    open_tab, workspace: Path, tab: str, address: dict[str, str]
) -> None:
    """Year, help, level, scale and kind of map can be kept and sent."""
    app = ran(open_tab(tab, **address))
    per = int(address.get("per", 1000))
    city = cell(table(workspace, int(address.get("year", 2025)), per), "norderstedt",
                address.get("help"))  # fmt: skip
    assert address.get("year", "2025") in sentence(app)
    if city.status == "released":
        assert decimal(city.rate) in sentence(app)
        assert f"je {number(per)}" in sentence(app)
    else:
        assert HIDDEN in sentence(app)


@pytest.mark.parametrize(
    "nonsense",
    [
        {"year": "2019"},
        {"year": "x"},
        {"help": "magic"},
        {"level": "street"},
        {"per": "7"},
        {"shown": "tell"},
        {"age": "old"},
        {"version": "plan-9"},
    ],
    ids=str,
)
def test_nonsense_in_the_address_is_passed_over(open_page, nonsense: dict[str, str]) -> None:
    """An old or mistyped address shows the page as if it were not there."""
    assert sentence(ran(open_page("cases", **nonsense))) == sentence(open_page("cases"))


def test_a_hidden_cell_is_said_and_not_drawn(open_tab, workspace: Path) -> None:
    """Its words stand in the table; nothing of the page holds a number for it."""
    found = table(workspace)
    kinds = found.cells[found.cells["level"] == "social_space"]
    kinds = kinds[kinds["help_type"].notna() & (kinds["status"] == "suppressed")]
    code = str(kinds["help_type"].iloc[0])
    app = ran(open_tab("table", help=code))
    for area in kinds.loc[kinds["help_type"] == code, "name"]:
        row = re.search(rf'<tr><th scope="row"[^>]*>{area}</th>(.*?)</tr>', words(app), re.DOTALL)
        assert row is not None
        cells = [unescape(c) for c in re.findall(r"<td[^>]*>(.*?)</td>", row[1])]
        assert cells[0] == HIDDEN
        assert ["–"] * 5 == cells[2:]
    assert "Schraffiert heißt" in words(app)


def test_a_chosen_space_is_the_subject(open_page, workspace: Path) -> None:
    """Its figures, the range of chance, its region and the city beside it; or that it is hidden."""
    found = table(workspace)
    app = open_page("cases")
    app.selectbox(key="cases_area").select("sued-ost").run()
    ran(app)
    own = cell(found, "sued-ost")
    said = sentence(app)
    for part in (own.name, number(own.count), decimal(own.rate)):
        assert part in said
    for above in ("sued", "norderstedt"):
        assert decimal(cell(found, above).rate) in said
    assert decimal(own.rate_low) in words(app) and decimal(own.rate_high) in words(app)

    parts = found.cells[(found.cells["area_id"] == "sued-ost") & found.cells["help_type"].notna()]
    hidden = parts[parts["status"] == "suppressed"]["help_type"].iloc[0]
    app.selectbox(key="cases_help").select(hidden).run()
    assert "Für 2025 wird diese Zahl nicht ausgewiesen" in sentence(ran(app))


def test_the_year_before_is_there_for_every_level(open_tab) -> None:
    """City and districts have a change too, not only the level of the map."""
    html = words(ran(open_tab("table")))
    for area in ("Norderstedt", "Nord", "Nord-West", "Friedrichsgabe Süd"):
        row = re.search(rf'<tr><th scope="row"[^>]*>{area}</th>(.*?)</tr>', html, re.DOTALL)
        assert row is not None
        assert re.findall(r"<td[^>]*>(.*?)</td>", row[1])[-1] != "–", area


def test_places_of_help_are_shown_for_levels_that_have_them(open_tab) -> None:
    """Districts have no places; they are left out instead of being called hidden."""
    html = words(ran(open_tab("places")))
    own = html[html.index("Wo die Hilfe stattfindet") :]
    assert "Nord-West" in own and "im Sozialraum" in own
    assert "Friedrichsgabe" not in own


def test_no_tab_but_the_release_opens_the_protected_store(
    open_tab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not released is not even read."""
    from sro_geo.store.protected import ProtectedStore

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("the protected store was opened")

    monkeypatch.setattr(ProtectedStore, "__init__", refuse)
    for tab in TABS[:-1]:
        ran(open_tab(tab))


# --- two people --------------------------------------------------------------------------


@pytest.fixture
def fresh(
    unreleased_workspace: Path, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The shipped city with its counts, before any release."""
    folder = tmp_path / "fresh"
    shutil.copytree(unreleased_workspace, folder)
    monkeypatch.setenv("SRO_WORKSPACE", str(folder))
    return folder


def press(app: AppTest, label: str) -> AppTest:
    """Press a button by its words."""
    next(b for b in app.button if b.label == label).click()
    return app.run(timeout=60)


def named(app: AppTest, name: str) -> AppTest:
    """Write one's name."""
    app.text_input(key="editor_name").set_value(name).run()
    return app


def test_one_proposes_another_approves_a_third_withdraws(open_tab, fresh: Path) -> None:
    """Until the second person there is nothing to see; the ledger remembers everything."""
    app = open_tab("release")
    assert [t("errors.cases_nothing_released.message")] == [
        e.value.split("**")[1].replace("\\", "") for e in app.error
    ]
    app.selectbox(key="release_by").select("none").run()
    press(app, "Vorschlagen")
    assert "Wer handelt, hat keinen Namen" in "".join(e.value for e in app.error)
    press(named(app, "Anna"), "Vorschlagen")
    assert "Vorschlag 2025-1 wartet auf eine zweite Person." in words(app)
    press(app, "Freigeben")
    assert "2025-1" in words(app) and app.error
    assert "releases" not in str(load_released(fresh).releases)

    press(named(app, " ANNA "), "Freigeben")
    assert () == load_released(fresh).releases
    press(named(app, "Ben"), "Freigeben")
    ran(app)
    assert ["2025-1"] == [r["release_id"] for r in load_released(fresh).releases]
    assert "2025 wurden in Norderstedt" in sentence(app)

    press(named(app, "Cem"), "Zurückziehen")
    assert () == load_released(fresh).releases
    assert "zurückgezogen" in words(app)


def test_a_proposal_can_be_rejected(open_tab, fresh: Path) -> None:
    """It stays in the list as rejected and is offered for no decision any more."""
    app = open_tab("release")
    app.selectbox(key="release_by").select("none").run()
    press(named(app, "Anna"), "Vorschlagen")
    press(named(app, "Ben"), "Ablehnen")
    assert "Vorschlag 2025-1 ist abgelehnt." in words(app)
    assert "Freigeben" not in [b.label for b in app.button]


def test_the_gate_can_be_tried_without_a_trace(open_tab, fresh: Path) -> None:
    """It says how much would be hidden; nothing is proposed."""
    app = open_tab("release")
    app.selectbox(key="release_by").select("group").run()
    press(named(app, "Anna"), "Prüfen")
    assert any("Die Tabelle darf hinaus" in s.value for s in app.success)
    assert "Noch ist nichts vorgeschlagen." in [i.value for i in app.info]


def test_the_attack_is_made_on_request(open_tab, fresh: Path) -> None:
    """On a ledger with nothing in it nothing is found."""
    app = press(open_tab("release"), "Angreifen")
    assert any("Nichts gefunden: 0 Freigaben" in s.value for s in app.success)


# --- outsiders ---------------------------------------------------------------------------


def test_the_public_view_reads_the_snapshot_alone(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder with nothing else in it, on every tab but the release, which is not there."""
    folder = tmp_path / "public"
    folder.mkdir()
    shutil.copy(workspace / "released.sqlite", folder)
    monkeypatch.setenv("SRO_WORKSPACE", str(folder))
    monkeypatch.setenv("SRO_MODE", "public")
    for tab in TABS[:-1]:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
        app.session_state["view"] = t(f"cases.tab_{tab}")
        ran(app.run())
        assert "2025 wurden in Norderstedt" in sentence(app)
        assert t("cases.tab_release") not in [tab.label for tab in app.tabs]
    assert ["released.sqlite"] == [file.name for file in folder.iterdir()]


def test_the_public_view_without_a_snapshot_says_so(
    tmp_path: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sentence, no traceback, and no workspace is made."""
    monkeypatch.setenv("SRO_WORKSPACE", str(tmp_path / "nothing"))
    monkeypatch.setenv("SRO_MODE", "public")
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    assert [] == list(app.exception)
    assert 1 == len(app.error)
    assert not (tmp_path / "nothing").exists()


# --- counts come in ----------------------------------------------------------------------

COUNTS = "block_id;Hilfeart;Alter von;Alter bis;Anzahl\n0101;31;6;9;1\n0102;31;6;9;2\n"


def open_import(open_page, kind: str) -> AppTest:
    """Open the import with a kind chosen."""
    app = open_page("data")
    app.session_state["tab"] = "Datei einlesen"
    app.session_state["import_kind"] = kind
    return app.run()


def take_in(app: AppTest) -> AppTest:
    """Press the button that takes the file in."""
    next(b for b in app.button if "übernehmen" in b.label).click()
    return app.run()


def test_what_a_file_of_counts_leaves_unsaid_is_asked(open_page, workspace: Path) -> None:
    """Year, counting rule and unit; then the file goes in and nothing of it is shown."""
    app = open_import(open_page, "cases")
    app.file_uploader[0].set_value(("hilfen.csv", COUNTS.encode(), "text/csv")).run()
    assert [] == [b.label for b in app.button if "übernehmen" in b.label]
    app.text_input(key="import_year").set_value("2026").run()
    app.selectbox(key="import_rule").select("stock").run()
    app.selectbox(key="import_unit").select("cases").run()
    take_in(ran(app))
    assert "hilfen.csv eingelesen" in words(app)
    assert 2026 not in {r["year"] for r in load_released(workspace).releases}


def test_a_list_of_cases_is_taken_in_and_not_repeated(open_page, workspace: Path) -> None:
    """Refused without the tick, and explained; with it only sums are kept."""
    lines = [
        "Nachname;Straße;Hausnr;Hilfeart;Beginn;Ende;Geburtsdatum",
        "Kowalczyk;Buchenweg;131;31;01.03.2024;;05.06.2015",
    ]
    app = open_import(open_page, "cases")
    app.text_input(key="import_year").set_value("2026").run()
    app.selectbox(key="import_rule").select("stock").run()
    content = "\n".join(lines).encode()
    app.file_uploader[0].set_value(("liste.csv", content, "text/csv")).run()
    assert [] == [b.label for b in app.button if "übernehmen" in b.label]
    assert "Kowalczyk" not in words(app)
    app.checkbox(key="import_list").check().run()
    take_in(ran(app))
    assert "liste.csv eingelesen" in words(app)
    assert "Kowalczyk" not in words(app)
    held = b"".join(f.read_bytes() for f in workspace.rglob("*") if f.is_file())
    assert b"Kowalczyk" not in held


def test_published_indicators_are_seen_at_once(open_page, open_tab) -> None:
    """No release is needed for what its source has published."""
    rows = ["indicator,area_id,year,numerator,denominator,published,source"]
    spaces = ("nord-ost", "nord-west", "sued-ost", "sued-west")
    rows += [f"sgb2_rate,{area},2025,333,1000,ja,Neue Quelle" for area in spaces]
    app = open_import(open_page, "indicators")
    app.file_uploader[0].set_value(("i.csv", "\n".join(rows).encode(), "text/csv")).run()
    take_in(ran(app))
    assert "i.csv eingelesen" in words(app)
    assert "33,3" in words(ran(open_tab("indicators")))
