"""The map of coverage: where people live in classes of minutes, the gap outlined, offers on top."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from sro_geo.actions.coverage import CoverageAnswer
from sro_geo.actions.places import judged_alone, place_shapes
from sro_geo.actions.workspace import Snapshot
from sro_geo.cartography.classes import COLOURS, NO_VALUE, class_legend, class_of, class_words
from sro_geo.maps.cell_layer import cell_layer
from sro_geo.maps.offer_layer import offer_layer
from sro_geo.ui import coverage_inputs, session
from sro_geo.ui.map_view import SERVED_ROUTE, city_cells, show_map, town_map

_MAP_HEIGHT = 560


def coverage_map(snapshot: Snapshot, answer: CoverageAnswer) -> None:
    """Draw the map; a click on the ground is taken by the what-if."""
    demand, result = answer.demand, answer.result
    base = town_map(snapshot, settings=session.settings(), language=session.language())
    cells = city_cells(
        "places",
        lambda: place_shapes(snapshot, demand, cells_as_points=True),
        settings=session.settings(),
        revision=snapshot.revision,
    )
    lived_in = _lived_in(answer)
    judged = _judged(snapshot, answer)
    ground = cell_layer(
        cells,
        np.where(lived_in, class_of(result.minutes), NO_VALUE),
        served=SERVED_ROUTE,
        colours=COLOURS,
        words=class_words(session.language()),
        hatched=result.uncertain & judged,
        outlined=~result.covered & judged,
        outlined_word=session.tr("coverage.not_reached"),
        language=session.language(),
    )
    draft = coverage_inputs.draft_point()
    offers = offer_layer(
        _points(snapshot, answer),
        snapshot.city.groups,
        here=snapshot.degrees(*draft) if draft else None,
        language=session.language(),
    )
    show_map(base, [ground, offers], height=_MAP_HEIGHT, key="coverage_map", on_event=_on_map_event)


def coverage_legend(snapshot: Snapshot, answer: CoverageAnswer) -> None:
    """Show what the colours mean, with the people of each class, and the rule of the gap."""
    tr = session.tr
    classes = class_of(answer.result.minutes)
    persons = np.where(_lived_in(answer), answer.demand.persons, 0.0)
    sums = np.bincount(classes, persons, minlength=256)[: len(COLOURS)]
    judged = _judged(snapshot, answer)
    rule = tr("coverage.gap_rule", minutes=f"{answer.question.minutes:g}") if judged else ""
    st.html(
        class_legend(
            [tr("coverage.people", count=session.number(s)) for s in sums],
            uncertain=judged,
            outlined=rule,
            language=session.language(),
        )
    )
    if not judged:
        st.caption(tr("coverage.no_verdict"))


def _judged(snapshot: Snapshot, answer: CoverageAnswer) -> bool:
    return judged_alone(snapshot, answer.question)


def _lived_in(answer: CoverageAnswer) -> np.ndarray:
    return answer.demand.inside & (answer.demand.persons > 0)


def _points(snapshot: Snapshot, answer: CoverageAnswer) -> pd.DataFrame:
    """Offers that count, where the what-if puts them."""
    directory = snapshot.directory
    rows = directory[directory["offer_id"].isin(set(answer.supply.offer_ids))]
    points = rows[["offer_id", "lat", "lon", "group", "name", "protected"]].copy()
    for offer, x, y in answer.question.moved:
        points.loc[points["offer_id"] == offer, ["lat", "lon"]] = snapshot.degrees(x, y)
    return points


def _on_map_event(event: dict[str, Any]) -> None:
    if event["kind"] == "place":
        coverage_inputs.take_click(session.snapshot(), float(event["lat"]), float(event["lon"]))
