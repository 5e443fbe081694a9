"""A view is a recipe: read back as it was written, and refused where it is none."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sro_geo.errors import SroError
from sro_geo.reports.views import KINDS, SETTINGS, View, read_view, view_text

_VALUES = {
    "text": st.text(max_size=40).filter(lambda s: s.isprintable()),
    "number": st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6),
    "flag": st.booleans(),
    "list": st.lists(st.sampled_from(["a", "007", "Ü"]), max_size=3),
    "rows": st.lists(st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 9)).map(list)),
}


@st.composite
def views(draw: st.DrawFn) -> View:
    """Any view with the settings it needs, and some of the others."""
    kind = draw(st.sampled_from(KINDS))
    known = SETTINGS[kind]
    chosen = draw(st.lists(st.sampled_from(sorted(known)), unique=True)) if known else []
    said = {key: draw(_VALUES[known[key]]) for key in chosen}
    must = {"name", "area_id", "category", "age_group", "plan_id"} & set(known)
    if kind in ("page", "profile", "gap", "coverage", "plan"):
        said |= dict.fromkeys(must, "x")
    return View(kind, said)


@given(views())
def test_a_view_comes_back_as_it_was(view: View) -> None:
    """Its text is the same however the settings were ordered."""
    text = view_text(view)
    back = read_view(view.kind, text)
    assert back == View(view.kind, json.loads(text))
    turned = dict(reversed(list(view.settings.items())))
    assert text == view_text(View(view.kind, turned))


def test_what_does_not_restrict_is_not_said() -> None:
    """Null is the same as nothing."""
    assert "{}" == view_text(View("cases", {"help_type": None}))


def test_zeros_of_ids_stay() -> None:
    """``007`` is text."""
    assert '{"area_id":"007"}' == view_text(View("profile", {"area_id": "007"}))


@pytest.mark.parametrize(
    ("kind", "text", "setting"),
    [
        ("gaps", "", "JSON"),
        ("gaps", "[]", "JSON"),
        ("gaps", "null", "JSON"),
        ("gaps", '{"age_group": NaN}', "JSON"),
        ("gaps", "[" * 30_000, "JSON"),
        ("gaps", '{"age_group": 5}', "age_group"),
        ("gaps", '{"age_group": "\\ud800"}', "age_group"),
        ("gaps", '{"age_group": "' + "x" * 501 + '"}', "age_group"),
        ("gaps", '{"other": "x"}', "other"),
        ("gap", '{"category": "x"}', "age_group"),
        ("gap", '{"category": "", "age_group": "6-9"}', "category"),
        ("profile", '{"area_id": null}', "area_id"),
        ("cases", '{"year": "2025"}', "year"),
        ("cases", '{"year": true}', "year"),
        ("cases", '{"year": 1e999}', "year"),
        ("offers", '{"categories": "x"}', "categories"),
        ("offers", '{"categories": [1]}', "categories"),
        ("offers", '{"near": "Buchenweg 10"}', "near"),
        ("coverage", '{"category":"a","age_group":"6-9","moved":[{"x":1}]}', "moved"),
        ("coverage", '{"category":"a","age_group":"6-9","moved":["ab"]}', "moved"),
    ],
)
def test_what_is_no_view_is_refused(kind: str, text: str, setting: str) -> None:
    """With the setting that is wrong."""
    with pytest.raises(SroError, match="view_unreadable") as refused:
        read_view(kind, text)
    assert setting == refused.value.params["setting"]


def test_an_unknown_kind_is_refused() -> None:
    """With the kinds there are; so is one put together by hand."""
    for make in (lambda: read_view("film", "{}"), lambda: view_text(View("film"))):
        with pytest.raises(SroError, match="view_kind_unknown"):
            make()


def test_text_that_is_no_text_is_unreadable() -> None:
    """A damaged row has none."""
    with pytest.raises(SroError, match="view_unreadable"):
        read_view("gaps", None)  # type: ignore[arg-type]
