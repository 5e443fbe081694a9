"""Names stay names on their way through folium and streamlit-folium."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit_folium import _replace_folium_vars, _resolve_element_refs, generate_js_hash

from sro_geo.maps.escaping import script_json

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(anything)
def test_what_goes_in_comes_out(value: object) -> None:
    """Whatever the text: the escapes are undone by any JSON parser."""
    assert json.loads(script_json(value)) == value


@given(st.lists(st.text()))
def test_nothing_that_others_take_for_code_is_left(names: list[str]) -> None:
    """No tag, template mark, folium variable or line end; it can be sent as UTF-8."""
    text = script_json(names)
    assert not re.search("[<>&$`'_\u2028\u2029\n\r]|\\{\\{", text)
    text.encode("utf-8")


@pytest.mark.parametrize(
    "name", ["map_12ab", "marker_0", "_div", "x_0_1", "{{'map_div'}}", "maps/a/"]
)
def test_streamlit_folium_changes_no_name(name: str) -> None:
    """Its rewriting of variables passes names by, even those that are a variable's."""
    mappings = {"12ab": "div", "0": "div", "div": "div2"}
    text = _resolve_element_refs(_replace_folium_vars(script_json([name]), mappings))
    assert json.loads(text) == [name]


def test_two_names_that_differ_after_an_underscore_give_two_hashes() -> None:
    """streamlit-folium strips ``_abc`` before hashing; ours are written otherwise."""
    assert generate_js_hash(script_json("map_1")) != generate_js_hash(script_json("map_2"))


def test_not_a_number_is_refused() -> None:
    """JSON knows no NaN."""
    with pytest.raises(ValueError, match="JSON"):
        script_json(float("nan"))
