"""Warnings while drawing, and what stands in the way of adoption."""

from __future__ import annotations

import numpy as np
import pytest

from sro_geo.errors import Finding
from sro_geo.i18n import describe
from sro_geo.plans import edge_table, gestures
from sro_geo.plans.checks import adoption_blockers, warnings
from tests.plans.drawing import drawn, squares


def blockers(picture: str, change=lambda plan: plan) -> set[tuple[str, str]]:
    """Return what blocks adoption, as area and rule."""
    plan = change(drawn(picture))
    found = adoption_blockers(plan, edge_table(squares(picture).geometry.to_numpy()))
    return {(f.id, f.rule) for f in found}


@pytest.mark.parametrize(
    ("picture", "change", "expected"),
    [
        ("aab", lambda p: p, set()),
        ("aa-b", lambda p: p, {("p1", "plan_blocks_unassigned")}),
        ("aba", lambda p: p, {("a", "plan_area_in_pieces")}),
        ("aba", lambda p: gestures.bridge(p, "0000", "0002"), set()),
        ("aab", lambda p: gestures.barrier(p, "0000", "0001"), {("a", "plan_area_in_pieces")}),
        ("aab", lambda p: gestures.create_area(p, "e", "E"), {("e", "plan_area_empty")}),
        ("aab", lambda p: gestures.merge(p, ["a"], "b"), set()),
        ("aab", lambda p: gestures.paint(p, "0002", "a"), {("b", "plan_area_empty")}),
    ],
)
def test_adoption_waits_for_blocks_pieces_and_empty_areas(picture, change, expected) -> None:
    """Nothing else stands in its way; an area that is gone does not count."""
    assert blockers(picture, change) == expected


def rules(picture: str, parents: dict[str, str], **options) -> set[tuple[str, str]]:
    """Return warnings as area and rule."""
    plan = drawn(picture, parents=parents)
    found = warnings(plan, edge_table(squares(picture).geometry.to_numpy()), **options)
    return {(f.id, f.rule) for f in found}


def test_warnings_name_what_is_uneven_ragged_enclosed_or_without_a_region() -> None:
    """Each by its own rule."""
    assert rules("ab", {"a": "n", "b": "n"}, persons=np.array([60, 100])) == set()
    assert rules("ab", {"a": "n"}) == {("b", "plan_area_without_parent")}
    assert rules("ab", {"a": "n", "b": "n"}, persons=np.array([20, 100])) == {
        ("a", "plan_area_uneven"),
        ("b", "plan_area_uneven"),
    }
    assert rules("aaa aba aaa", {"a": "n", "b": "n"}) == {("b", "plan_area_enclosed")}
    assert rules("a" * 30, {"a": "n"}) == {("a", "plan_area_ragged")}
    assert rules("ab", {"a": "n", "b": "n"}, persons=np.zeros(2)) == set()


def test_every_warning_has_words_in_both_languages() -> None:
    """The parameters fit the sentences."""
    plan = drawn("ab-a " + "c" * 4 + " cdcc cccc")
    plan = gestures.create_area(plan, "e", "E")
    blocks = squares("ab-a " + "c" * 4 + " cdcc cccc")
    edges = edge_table(blocks.geometry.to_numpy())
    found = warnings(plan, edges, persons=np.arange(16.0), compactness=0.99)
    assert {f.rule for f in found} == {
        "plan_blocks_unassigned",
        "plan_area_in_pieces",
        "plan_area_empty",
        "plan_area_uneven",
        "plan_area_ragged",
        "plan_area_enclosed",
        "plan_area_without_parent",
    }
    for finding in found:
        assert isinstance(finding, Finding)
        for language in ("de", "en"):
            assert all(describe(finding, language))
