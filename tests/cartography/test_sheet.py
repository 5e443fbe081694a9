"""Static maps: labels hold their rule, words and table say what is shown, nothing hidden leaks."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import combinations

import numpy as np
import pytest
import shapely

from sro_geo.cartography import palette
from sro_geo.cartography.area_sheets import area_map, change_map, circle_map
from sro_geo.cartography.change_scale import DIVERGING, ChangeScale, change_scale
from sro_geo.cartography.change_sheets import Comparison, before_after
from sro_geo.cartography.drawn_map import ratio_of, view_of
from sro_geo.cartography.map_view import area_shapes, moved_symbols
from sro_geo.cartography.offer_sheets import coverage_sheet, offer_sheet
from sro_geo.cartography.rates import MISSING, SUPPRESSED, circle_scale, rate_scale, rate_states
from sro_geo.cartography.sheet_layout import Layout
from sro_geo.cartography.sheet_panel import Bar, ranking
from sro_geo.cartography.year_sheets import YearSheet, small_multiples
from tests.cartography import sheet_towns as towns
from tests.cartography.sheet_kinds import GROUPS, WORDS, offers_of

CANARY = 7313.0


def figures(town, hidden=(1,)):
    """Rates from 15 up, the hidden ones a canary."""
    count = len(town.areas)
    rates = 15 + np.arange(count, dtype=float)
    rates[list(hidden)] = CANARY
    status = ["suppressed" if i in hidden else "released" for i in range(count)]
    scale = rate_scale([r for r, s in zip(rates, status, strict=True) if s == "released"])
    return rates, rate_states(rates, status, scale), scale


def drawn(town, **more):
    """The map of rates of a town with its offers."""
    rates, states, scale = figures(town)
    asked = {
        **WORDS, "legend_title": "Fälle je 1.000", "ground": town.ground,
        "offers": offers_of(town), "groups": GROUPS,
        "highlighted": [town.areas["area_id"].iloc[-1]], "gap_rule": "Lücke: ab 25 Fälle",
    }  # fmt: skip
    return area_map(town.areas, rates, states, scale, **{**asked, **more})


def text_of(sheet):
    """Everything a sheet says: picture, words, table."""
    ET.fromstring(sheet.svg)
    rows = " ".join(" ".join(row) for row in (sheet.table.header, *sheet.table.rows))
    spots = " ".join(f"{spot.name} {spot.figure}" for spot in sheet.spots)
    return f"{sheet.svg} {sheet.alt} {rows} {spots}"


def check_labels(sheet, areas, size="16:9"):
    """Each label inside its area as drawn, or with a line; none on another."""
    layout = Layout(size, sheet.title, sheet.subtitle, WORDS["source"], WORDS["sample_note"],
                    ratio_of(areas))  # fmt: skip
    shapes = area_shapes(view_of(areas, layout), areas.geometry)
    shape_of = dict(zip(areas["area_id"].astype(str), shapes, strict=True))
    boxes = {b.area_id: shapely.box(b.x0, b.y0, b.x1, b.y1) for b in sheet.label_boxes}
    assert len(boxes) == len(sheet.label_boxes) == len(areas)
    for b in sheet.label_boxes:
        assert b.leader or shape_of[b.area_id].contains(boxes[b.area_id]), b.area_id
    assert not any(a.intersects(b) for a, b in combinations(boxes.values(), 2))


def test_a_hidden_figure_is_nowhere():
    """The canary is in no picture, sentence or table; its area is hatched and named."""
    town = towns.shipped()
    rates, states, scale = figures(town, hidden=(1, 3))
    changes = change_map(
        town.areas, np.where(rates == CANARY, CANARY, rates - 20),
        [SUPPRESSED if r == CANARY else 0 for r in rates], change_scale(rates[4:] - 20),
        legend_title="Veränderung", **WORDS,
    )  # fmt: skip
    circles = circle_map(
        town.areas,
        rates,
        states,
        circle_scale(rates[rates < CANARY]),
        legend_title="Fälle",
        **WORDS,
    )
    shares = coverage_sheet(town.areas, rates / 100, [
        s if isinstance(s, str) else 0 for s in states], **WORDS)  # fmt: skip
    years = small_multiples(
        [YearSheet("2025", town.areas, rates, states)], scale, legend_title="Fälle", **WORDS
    )
    for sheet in (drawn(town), changes, circles, shares, years):
        said = text_of(sheet)
        assert not re.search(r"7\.?313|73\.?13", said)
        assert town.areas["name"].iloc[1] in sheet.alt
        assert "n. a." in {row[1] for row in sheet.table.rows}
        assert "-hidden)" in sheet.svg


def test_picture_words_and_table_say_the_same():
    """Highest first, the hidden one last; German and English."""
    town = towns.shipped()
    sheet = drawn(town)
    names = town.areas["name"].tolist()
    assert sheet.table.rows[0] == (names[-1], "30")
    assert sheet.table.rows[-1] == (names[1], "n. a.")
    assert f"Am höchsten: {names[-1]} (30)." in sheet.alt
    assert f"Am niedrigsten: {names[0]} (15)." in sheet.alt
    assert f"Nicht ausgewiesen: {names[1]}." in sheet.alt
    assert f"Highest: {names[-1]} (30)." in drawn(town, language="en").alt
    assert "Beispieldaten." in sheet.svg and sheet.source.endswith("Beispieldaten.")
    for row in sheet.table.rows[:-1]:
        assert f">{row[1]}<" in sheet.svg


def test_areas_to_be_pointed_at_say_what_the_table_says():
    """Each with its name and figure, its outline inside the map, the panel beside it."""
    sheet = drawn(towns.shipped())
    assert dict(sheet.table.rows) == {spot.name: spot.figure for spot in sheet.spots}
    left, top, wide, high = sheet.frame
    for spot in sheet.spots:
        xy = np.array([float(n) for n in re.findall(r"-?[\d.]+", spot.path)]).reshape(-1, 2)
        assert (xy >= (left, top)).all()
        assert (xy <= (left + wide, top + high)).all()
    assert sheet.panel[0] > left + wide
    assert sheet.panel[0] + sheet.panel[2] <= sheet.width
    assert drawn(towns.shipped(), size="a4").panel is None


def test_two_sheets_share_no_id():
    """They may stand in one document."""
    one, other = drawn(towns.shipped()), drawn(towns.shipped(), title="Andere")
    ids = [set(re.findall(r' id="([^"]+)"', s.svg)) for s in (one, other)]
    assert ids[0] and not ids[0] & ids[1]
    assert set(re.findall(r"url\(#([^)]+)\)", one.svg)) <= ids[0]


@pytest.mark.parametrize(
    "title",
    ["<script>alert(1)</script> & Co.", "x" * 500, "Wort " * 100, "עברית ومرحبا", "🙂" * 40, "",
     "\x00\ue000\x1b"],
)  # fmt: skip
def test_any_title_is_written_or_cut(title):
    """Well-formed, escaped, within the sheet; an empty one leaves its room to the map."""
    sheet = drawn(towns.shipped("social_space"), title=title)
    ET.fromstring(sheet.svg)
    assert "<script" not in sheet.svg


def test_without_any_figure_the_sheet_says_so():
    """All hidden: no class, no bar, every area hatched."""
    town = towns.shipped("social_space")
    scale = rate_scale([])
    sheet = area_map(
        town.areas, [np.nan] * 4, [SUPPRESSED] * 3 + [MISSING], scale, legend_title="Fälle", **WORDS
    )
    assert "Für keines dieser Gebiete ist eine Zahl freigegeben." in sheet.alt
    assert "Rangfolge" not in sheet.svg
    check_labels(sheet, town.areas)


def test_symbols_stay_in_their_area_and_off_labels():
    """Twelve at one place in a square with a label: apart, inside, off the label."""
    square = np.array([shapely.box(0, 0, 200, 200)], object)
    label = (60.0, 80.0, 140.0, 120.0)
    points = moved_symbols(np.full((12, 2), 100.0), square, [label], (0, 0, 200, 200))
    away = [np.hypot(*(a - b)) for a, b in combinations(points, 2)]
    assert min(away) > 17
    assert shapely.contains_xy(square[0], *points.T).all()
    assert not shapely.contains_xy(shapely.box(*label), *points.T).any()


def test_changes_are_printed_with_their_sign_and_classed_evenly():
    """±0 and +1 about the same, −2 and +2 the next class, −6 and +6 the last."""
    scale = ChangeScale(2, 6, 0)
    values = [-6.2, -2, -1, 0.4, 1, 2, 5.6, np.nan, 3]
    states = scale.states(values, [0, 0, 0, 0, 0, 0, 0, 0, SUPPRESSED])
    assert states == (0, 1, 2, 2, 2, 3, 4, MISSING, SUPPRESSED)
    assert [scale.signed(v) for v in scale.rounded(values[:7])] == [
        "−6", "−2", "−1", "±0", "+1", "+2", "+6"
    ]  # fmt: skip
    assert scale.words("de")[0] == "−6 und weniger"


def test_diverging_colours_are_told_apart_by_every_eye():
    """At least 10 for neighbours, and the ends more than that."""
    for one, other in combinations(DIVERGING, 2):
        assert palette.worst_difference(one, other) >= 10


def proposal():
    """Half of the first district goes to the second: (before, after, ids)."""
    areas = towns.shipped().areas.reset_index(drop=True)
    first = areas.geometry[0]
    other = max(range(1, len(areas)), key=lambda i: first.intersection(areas.geometry[i]).length)
    strip = first.intersection(areas.geometry[other].buffer(400))
    shapes = areas.geometry.to_list()
    shapes[0], shapes[other] = first.difference(strip), shapes[other].union(strip)
    after = areas.set_geometry(shapes, crs=areas.crs)
    return areas, after, [areas["area_id"][0], areas["area_id"][other]]


def test_before_and_after_show_what_moves():
    """Hatched strip, dashed old border, arrow note, both figures; two labels on each map."""
    before, after, ids = proposal()
    sheet = before_after(
        before, after, concerned=ids, note="610 junge Menschen wechseln",
        figures=({ids[0]: "2.821"}, {ids[0]: "2.211"}),
        comparisons=[Comparison("Am Hof", "Budget im Jahr", "21.840 €", "18.710 €", "−3.130 €")],
        ground=towns.shipped().ground, **WORDS,
    )  # fmt: skip
    said = text_of(sheet)
    assert "-moved)" in sheet.svg and 'stroke-dasharray="9 6"' in sheet.svg
    for words in ("2.821", "2.211", "18.710 €", "610 junge", "alte Grenze"):
        assert words in said
    assert sorted(b.area_id for b in sheet.label_boxes) == sorted(ids * 2)
    assert re.search(r"wechselt eine Fläche von [\d,]+ Hektar", sheet.alt)
    assert sheet.table.rows == (("Am Hof", "Budget im Jahr", "21.840 €", "18.710 €", "−3.130 €"),)


def test_offers_are_counted_by_area_and_those_without_a_place_are_said():
    """Sixty with a place, two without: sums agree, no place is made up."""
    town = towns.shipped("social_space")
    offers = offers_of(town)
    offers.loc[[0, 1], "geometry"] = None
    sheet = offer_sheet(town.areas, offers, GROUPS, **WORDS)
    assert "2 Angebote ohne Ort auf der Karte." in sheet.alt
    assert sum(int(row[1]) for row in sheet.table.rows) == len(offers) - 2
    assert sheet.table.header[2:] == ("Offener Treff", "Beratung", "Sport & Bewegung")
    assert "Sport &amp; Bewegung" in sheet.svg


def test_what_is_marked_stays_in_a_shortened_ranking():
    """The lowest of sixty is highlighted: it is the last bar before the others are counted."""
    bars = [Bar(f"R{i:02d}", 60.0 - i, f"{60 - i}", "#000", "", i == 59) for i in range(60)]
    svg, _ = ranking(0, 0, 300, 300, "Rangfolge", bars)
    names = re.findall(r">(R\d\d)<", svg)
    assert "R00" == names[0] and "R59" == names[-1]
    assert f"und {60 - len(names)} weitere" in svg
