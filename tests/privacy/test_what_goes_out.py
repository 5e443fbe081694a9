"""Nothing that leaves the program tells of a protected place."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from sro_geo.actions.asking import find_offers
from sro_geo.actions.exporting import offers_as_bytes
from sro_geo.actions.workspace import Workspace
from sro_geo.errors import InputRefused
from sro_geo.maps.offer_layer import offer_layer
from sro_geo.offers import OfferFilter
from tests.conftest import CommandLine
from tests.privacy import canary

SIGNS = ("Kanarienvogelweg", "53.7001", "10.0103")


@pytest.fixture
def shelter(opened: Workspace) -> str:
    """A place that was open and is protected now."""
    offer = canary.add(opened)
    canary.protect(opened, offer)
    return offer


def content(data: bytes) -> str:
    """Return the text of a file, of a packed one the text of all its parts."""
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            data = b"".join(archive.read(name) for name in archive.namelist())
    return data.decode("utf-8", "replace")


def telling(words: str) -> list[str]:
    """Return the signs of the canary in some words."""
    return [sign for sign in SIGNS if sign in words]


@pytest.mark.parametrize("ending", ["csv", "xlsx", "geojson"])
def test_a_download_names_the_offer_and_not_its_place(
    opened: Workspace, shelter: str, ending: str
) -> None:
    """Unpacked, too."""
    found = find_offers(opened.snapshot(), OfferFilter())
    words = content(offers_as_bytes(opened.snapshot(), found, ending))
    assert shelter in words
    assert telling(words) == []


def test_the_map_does_not_know_a_protected_place(opened: Workspace, shelter: str) -> None:
    """Neither its point nor its name."""
    found = find_offers(opened.snapshot(), OfferFilter())
    columns = ["offer_id", "lat", "lon", "group", "name", "protected"]
    layer = offer_layer(found[columns], opened.city.groups)
    words = "".join(child.data for child in layer._children.values())
    assert str(found["offer_id"].iloc[0])[:3] in words
    assert shelter not in words
    assert telling(words) == []


@pytest.mark.parametrize(
    "verb",
    [
        ("offers",),
        ("offers", "--near", canary.LAT, canary.LON, "--minutes", 45),
        ("offers", "--text", "Kanarienvogelweg"),
        ("check",),
        ("export", "offers", "out.geojson"),
        ("backup", "out.zip"),
    ],
    ids=lambda verb: " ".join(map(str, verb[:2])),
)
def test_the_command_line_says_nothing_of_it(
    sro: CommandLine, opened: Workspace, shelter: str, tmp_path: Path, verb: tuple[object, ...]
) -> None:
    """Neither on standard output nor on standard error nor in a file."""
    words = [tmp_path / word if str(word).startswith("out.") else word for word in verb]
    said = sro(*words)
    written = "".join(content(file.read_bytes()) for file in tmp_path.glob("out.*"))
    assert said.status == 0
    if "--near" in verb:
        assert shelter not in said.out  # it takes part in no distance
    assert telling(said.out + said.err + written) == []


def test_a_refused_list_does_not_repeat_the_address(
    sro: CommandLine, opened: Workspace, shelter: str, tmp_path: Path
) -> None:
    """The messages of an import may end up in a log."""
    category = next(iter(opened.city.categories))
    file = tmp_path / "liste.csv"
    file.write_text(
        "offer_id,name,category,status,address,lat,lon,description\n"
        f"{shelter},Haus K,{category},active,{canary.ADDRESS},53.7001,999,{canary.ADDRESS}\n",
        encoding="utf-8",
    )
    said = sro("import", "offers", file)
    assert (said.status, said.codes) == (1, {"protected_with_place", "protected_text_tells"})
    assert telling(said.out + said.err) == []


def test_a_text_that_repeats_the_address_is_refused_in_the_form(opened: Workspace) -> None:
    """The description would keep what is forgotten."""
    offer = canary.add(opened, description=f"Eingang {canary.ADDRESS.upper()}, hinten")
    with pytest.raises(InputRefused) as refused:
        canary.protect(opened, offer)
    assert [f.code for f in refused.value.faults] == ["protected_text_tells"]
    assert telling(str(refused.value) + repr(refused.value.faults)) == []


def test_the_page_of_the_offer_shows_its_area_alone(
    opened: Workspace, shelter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Card and history."""
    import streamlit as st

    app_file = Path(__file__).resolve().parents[2] / "app.py"
    monkeypatch.setenv("SRO_WORKSPACE", str(opened.settings.workspace))
    st.cache_resource.clear()
    app = AppTest.from_file(str(app_file), default_timeout=120).run()
    app.switch_page("pages/offers.py")
    app.query_params["offer"] = shelter
    app.run()
    st.cache_resource.clear()
    words = repr([element.proto for element in app.main])
    assert "Haus K" in words
    assert telling(words) == []
