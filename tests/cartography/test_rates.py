"""Classes of rates and circles of counts: what is printed decides, hidden figures never do."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from itertools import combinations
from urllib.parse import unquote

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from sro_geo.cartography import palette, rate_charts
from sro_geo.cartography.rate_legend import circle_legend, rate_legend
from sro_geo.cartography.rates import (
    MISSING,
    SUPPRESSED,
    circle_scale,
    class_colours,
    class_words,
    number,
    rate_labels,
    rate_scale,
    rate_states,
    readable_ink,
    round_half_up,
)
from sro_geo.cartography.small_maps import YearMap, small_maps, small_maps_svg

NAN = math.nan
REFERENCE = [44, 43, 39, 38, 38, 35, 34, 24, 22, 21, 19, 17]


def drawing(html: str) -> str:
    """Return the (first) SVG that an image carries."""
    found = re.search(r'src="data:image/svg\+xml,([^"]*)"', html)
    assert found is not None
    svg = unquote(found[1])
    ET.fromstring(svg)
    return svg


@pytest.mark.parametrize(
    ("breaks", "rates"),
    [
        ((20, 26, 36, 40), REFERENCE),
        ((), []),
        ((), [NAN, NAN]),
        ((), [0, 0, 0]),
        ((), [7.2]),
        ((5,), [0, 5, 0]),
        ((2,), [1, 2]),
        ((2, 4), [1, 2, 4]),
        ((20, 40, 60, 80), [12.4, 18, 22, 29, 31, 33.3, 41.2, 44.1, 51, 60, 75, 120]),
    ],
)
def test_breaks_are_round_and_as_many_as_the_values_bear(
    breaks: tuple[float, ...], rates: list[float]
) -> None:
    """Worked out by hand for few values; none at all without a rate."""
    assert rate_scale(rates).breaks == breaks


@given(
    st.lists(st.floats(0, 3000) | st.just(NAN), max_size=60), st.integers(1, 5), st.integers(0, 2)
)
def test_classes_are_inhabited_ascending_and_follow_the_printed_number(
    rates: list[float], most: int, decimals: int
) -> None:
    """At most as many as asked for; the class of what is printed is the class of the rate."""
    scale = rate_scale(rates, most=most, decimals=decimals)
    classes = scale.class_of(rates)
    known = np.isfinite(rates) if rates else np.array([], bool)
    assert list(scale.breaks) == sorted(set(scale.breaks))
    assert scale.count <= most
    assert set(classes[known].tolist()) == set(range(scale.count))
    assert (classes[~known] == -1).all()
    printed = [float(number(r, decimals, "en").replace(",", "")) for r in np.array(rates)[known]]
    assert scale.class_of(printed).tolist() == classes[known].tolist()
    assert len(class_words(scale)) == len(scale.colours) == scale.count


def test_half_is_rounded_up_as_on_paper() -> None:
    """Not to the even number, nor down for the last digit of a float."""
    assert round_half_up([0.5, 2.5, 3.4999999999999996, 35.96], 0).tolist() == [1, 3, 4, 36]
    assert round_half_up([0.15, 1.005], 2).tolist() == [0.15, 1.01]
    assert rate_scale([35.6, 10, 20, 30], decimals=0).high == 36


def test_one_scale_serves_every_year() -> None:
    """The same rate has the same class in each, whatever stands beside it."""
    years = [[10, 20, 30, NAN], [30, 44, 52, 61]]
    scale = rate_scale(years)
    assert scale.class_of([30]) == scale.class_of(years[0])[2] == scale.class_of(years[1])[0]


def test_a_hidden_rate_changes_nothing() -> None:
    """Neither breaks nor states nor pictures depend on what stands where nothing is released."""
    status = ["released", "suppressed", "released", "missing", "released"]
    drawn = []
    for hidden in (NAN, 999.0):
        rates = [20.0, hidden, 31.0, hidden, NAN]
        scale = rate_scale([20.0, NAN, 31.0, NAN, NAN])
        states = rate_states(rates, status, scale)
        assert states == (0, SUPPRESSED, 1, MISSING, MISSING)
        assert rate_labels(rates, states, scale) == ("20", "n. a.", "31", "k. D.", "k. D.")
        names = ["d", "c", "b", "ä", "a"]
        drawn.append(
            rate_charts.ranking_bars(names, rates, states, scale, label="x")
            + rate_charts.interval_plot(names, rates, rates, rates, states, scale, label="x")
            + rate_charts.sparkline(rates, states, series=[1] * 5, top=31, label="x")
            + rate_charts.year_bars(range(5), rates, states, scale, series=[1] * 5, label="x")
        )
    assert drawn[0] == drawn[1]


def test_classes_are_said_without_overlap() -> None:
    """With the comma of the language; in both languages as many."""
    assert class_words(rate_scale([1, 2.5, 4])) == (
        "unter 2,0",
        "2,0 bis unter 4,0",
        "4,0 und mehr",
    )
    assert class_words(rate_scale([1, 2.5, 4]), "en")[1] == "2.0 to under 4.0"
    assert class_words(rate_scale([7.25])) == ("7,3",)
    assert number(12345.65, 1) == "12.345,7"


def test_classes_and_what_has_none_are_told_apart_with_every_colour_blindness() -> None:
    """Classes by colour; hidden and missing by colour from the class they might be taken for."""
    for count in range(2, 6):
        for one, other in combinations(class_colours(count), 2):
            assert palette.worst_difference(one, other) >= 8
    # Texture apart: the ground of missing figures beside every class, and the two textures.
    for colour in palette.SEQUENTIAL:
        assert palette.worst_difference(colour, palette.MISSING) >= 5
        assert palette.contrast(palette.HATCH, palette.NO_FIGURE) >= 2.5
        assert palette.worst_difference(colour, palette.ACCENT) >= 15
        assert palette.contrast(readable_ink(colour), colour) >= 4.5
    assert palette.worst_difference(palette.MISSING, palette.NO_FIGURE) >= 5
    assert palette.contrast(palette.MISSING_DOTS, palette.MISSING) >= 2.5
    assert palette.contrast(palette.CIRCLE, palette.CASING) >= 4.5
    assert palette.contrast(palette.CIRCLE, palette.PLAIN) >= 4.5


def test_circles_are_in_proportion_by_area() -> None:
    """Four times the count is twice the radius; none for 0 and for what is not released."""
    scale = circle_scale([[400, 100], [NAN, 0]], radius=20)
    assert scale.radii([400, 100, NAN, 0, 25]) == (20, 10, None, None, 5)
    assert scale.sizes() == (
        (200, pytest.approx(20 / math.sqrt(2))),
        (100, 10),
        (20, scale.radii([20])[0]),
    )
    assert circle_scale([]).sizes() == () == circle_scale([0]).sizes()
    assert circle_scale([]).radii([NAN]) == (None,)
    assert [count for count, _ in circle_scale([7]).sizes()] == [5]


def test_the_legend_counts_areas_and_names_what_is_hidden_and_missing() -> None:
    """Highest class first; hidden and missing only where they are; words are escaped."""
    scale = rate_scale(REFERENCE)
    states = [*scale.class_of(REFERENCE).tolist(), SUPPRESSED, SUPPRESSED, MISSING]
    html = rate_legend(scale, states, title="<b>", outlined="<i>", unit=("Raum", "Räume"))
    words = re.findall(r"<span[^>]*>([^<]*)</span>", html)
    assert words[:2] == ["40 und mehr", "2 Räume"]
    assert words[10:] == [
        *("n. a.: nicht ausgewiesen (Geheimhaltung)", "2 Räume", "k. D.: keine Daten", "1 Raum"),
        "&lt;i&gt;",
    ]
    assert "<b>" not in html
    assert "keine Daten" not in rate_legend(scale, states[:3], title="x")
    assert "<li" not in rate_legend(rate_scale([]), [], title="x")
    circles = circle_legend(circle_scale([230, 31]), title="Fälle")
    assert re.findall(r">(\d+)</text>", drawing(circles)) == ["200", "50", "10"]


def test_hidden_areas_stand_below_in_alphabetical_order_without_a_bar() -> None:
    """Equal printed rates too are in alphabetical order; umlauts count as their letter."""
    names = ["Zaun", "Äcker", "Bach", "Öde", "Nord", "Ähre"]
    rates = [20.4, 19.6, 31, NAN, NAN, NAN]
    scale = rate_scale(rates, decimals=0)
    states = rate_states(rates, ["released"] * 3 + ["suppressed"] * 2 + ["missing"], scale)
    html = rate_charts.ranking_bars(
        names, rates, states, scale, label="<Rangfolge>", beside=["1"] * 6, beside_title="<b>"
    )
    svg = drawing(html)
    shown = re.findall(r">([^<]+)</text>", svg)
    assert [w for w in shown if w in names] == ["Bach", "Äcker", "Zaun", "Nord", "Öde", "Ähre"]
    assert svg.count("<rect") == 3
    assert 'alt="&lt;Rangfolge&gt;"' in html


def test_a_break_in_the_series_is_seen() -> None:
    """A dashed line and no line of the curve across it; a hidden year ends the curve too."""
    scale = rate_scale([20, 24, 30])
    rates, states = [20, 24, NAN, 30, 30], [0, 1, SUPPRESSED, 2, 2]
    series = ["a", "a", "b", "b", "b"]
    bars = drawing(
        rate_charts.year_bars(
            range(2021, 2026), rates, states, scale, series=series, label="x", break_words="Grenzen"
        )
    )
    assert bars.count('stroke-dasharray="4 4"') == 1
    assert "Grenzen" in bars
    assert bars.count("url(#hidden)") == 1
    line = drawing(rate_charts.sparkline(rates, states, series=series, top=30, label="x"))
    assert line.count('fill="none"') == 2
    assert line.count("<circle") == 4


def test_an_interval_plot_shows_region_and_city() -> None:
    """The city as one line, the region in each row; an area without a rate has no interval."""
    scale = rate_scale([20, 30])
    svg = drawing(
        rate_charts.interval_plot(
            ["a", "b", "c"], [20, 30, NAN], [15, 22, NAN], [26, 40, NAN], [0, 1, SUPPRESSED], scale,
            label="x", city=24.0, city_name="Stadt", region=[25.0, 25.0, NAN], region_name="Region",
        )
    )  # fmt: skip
    assert svg.count("<circle") == 2
    assert "Stadt 24" in svg
    assert svg.count('stroke-dasharray="5 3"') == 3
    nothing = rate_charts.interval_plot([], [], [], [], [], rate_scale([]), label="x")
    assert drawing(nothing)


def test_small_maps_share_classes_and_frame() -> None:
    """One picture for each year; hidden areas hatched, a missing shape passed over."""
    shapes = gpd.GeoSeries(
        [shapely.box(0, 0, 900, 900), shapely.box(900, 0, 2000, 900), None], crs=25832
    )
    scale = rate_scale([10, 20])
    maps = [
        YearMap("2024", shapes, (0, SUPPRESSED, 1)),
        YearMap("2025", shapes[:2], (1, MISSING), note="<neu>"),
    ]
    html = small_maps(maps, scale, descriptions=["erstes", "<zweites>"])
    assert html.count("<figure") == 2
    assert "&lt;neu&gt;" in html
    assert 'alt="&lt;zweites&gt;"' in html
    first = drawing(html)
    assert first.count("url(#hidden)") == 1
    assert scale.colours[0] in first
    row = small_maps_svg(maps, scale, title="Titel <", description="Beschreibung")
    root = ET.fromstring(row)
    assert [e.text for e in root[:2]] == ["Titel <", "Beschreibung"]
    assert row.count("url(#missing)") == 1
    assert small_maps([], scale, descriptions=[]).count("<img") == 0
    with pytest.raises(ValueError, match="areas"):
        small_maps([YearMap("x", shapes, (0,))], scale, descriptions=["x"])
