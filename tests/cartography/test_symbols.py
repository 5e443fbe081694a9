"""Shapes are the same in SVG, on canvas and in the legend."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from urllib.parse import unquote

import pytest

from sro_geo.cartography import symbols
from sro_geo.cartography.legend import legend
from sro_geo.city import CategoryGroup, load_city
from sro_geo.errors import SroError
from sro_geo.i18n import LANGUAGES, describe
from sro_geo.settings import SHIPPED_DATA


@pytest.mark.parametrize("shape", symbols.SHAPES)
def test_every_shape_is_a_closed_path_of_its_size(shape: str) -> None:
    """Begins with a move, ends closed, stays within the box that holds its casing."""
    outline = symbols.path(shape)
    assert re.fullmatch(r"M[-0-9. LAa]+Z", outline)
    assert max(abs(float(n)) for n in re.findall(r"-?\d+\.?\d*", outline)) < 10


def test_the_shipped_groups_use_known_shapes() -> None:
    """Every symbol of categories.toml can be drawn."""
    assert {g.symbol for g in load_city(SHIPPED_DATA).groups.values()} <= set(symbols.SHAPES)


def test_an_unknown_shape_is_refused_with_the_known_ones() -> None:
    """In both languages."""
    with pytest.raises(SroError) as caught:
        symbols.path("hexagon")
    assert caught.value.code == "symbol_unknown"
    for language in LANGUAGES:
        assert "triangle_down" in describe(caught.value, language)[1]


def test_the_picture_carries_well_formed_svg() -> None:
    """And asks no server for it."""
    source = re.search(r'src="data:image/svg\+xml,([^"]*)"', symbols.picture("star", "#335f12"))
    assert source is not None
    assert ET.fromstring(unquote(source[1])).tag == "{http://www.w3.org/2000/svg}svg"


def test_a_legend_escapes_names_and_shows_counts() -> None:
    """A group without offers says 0."""
    groups = [
        CategoryGroup("a", {"de": "<b>A & B</b>", "en": "x"}, "circle", "#11366b"),
        CategoryGroup("b", {"de": "Zwei"}, "star", "#335f12"),
    ]
    html = legend(groups, counts={"a": 1234})
    assert "&lt;b&gt;A &amp; B&lt;/b&gt;" in html
    assert "<b>" not in html
    assert re.findall(r">(\d+)</span>", html) == ["1234", "0"]
    assert "<span" in legend(groups, language="en")
    assert not re.findall(r">(\d+)</span>", legend(groups))
