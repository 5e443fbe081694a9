"""Population of larger areas, spread over the blocks with consent."""

from dataclasses import replace

import pandas as pd
import pytest

from sro_geo.areas import membership
from tests.exchange.files import KNOWN, TOY, codes, csv_bytes, geojson_bytes, point, take

MEMBERS = membership(
    TOY.city, TOY.tables["blocks"], TOY.tables["plan_areas"], TOY.tables["assignments"]
)
# The block of A is three times as large as that of B, its neighbour in the region.
BLOCKS = TOY.tables["blocks"].assign(area_km2=[0.03, 0.01, 0.01, 0.01])
AREAS = replace(KNOWN, members=MEMBERS, blocks=BLOCKS)  # type: ignore[arg-type]
HEADER = "{};reference_date;age_from;age_to;persons"


def by_area(column, *rows, **more):
    """Prepare a table whose places are areas."""
    more.setdefault("known", AREAS)
    return take("population", csv_bytes(HEADER.format(column), *rows), **more)


def test_numbers_of_areas_need_consent():
    """The refusal names the level and the way out."""
    (fault,) = by_area("social_space_id", "A;2024-12-31;0;;7").faults
    assert ("population_needs_estimate", "error") == (fault.code, fault.severity)
    assert ("social_space", "A", 1) == tuple(fault.params[k] for k in ("level", "areas", "count"))


def test_consent_spreads_by_area_and_keeps_the_sum():
    """Three to one, every row marked, every person still there."""
    rows = ("nord;2024-12-31;0;17;10,1", "nord;2024-12-31;18;;33", "sued;2024-12-31;0;17;0")
    prepared = by_area("Region_Nr", *rows, estimate=True)
    frame = prepared.frames["population"]
    assert ["population_spread"] == codes(prepared)
    young = frame[frame["age_from"] == 0].set_index("place_id")["persons"]
    assert [7.575, 2.525, 0, 0] == pytest.approx(young.to_list())
    assert 43.1 == pytest.approx(frame["persons"].sum(), abs=1e-9)
    assert frame["estimated"].all()
    (note,) = prepared.faults
    assert (43, 2, 4) == tuple(note.params[k] for k in ("persons", "areas", "blocks"))


def test_parallel_levels_and_their_lost_zeros_are_recognised():
    """Statistical districts hang on the blocks; a spreadsheet made 1 of 01."""
    names = {"a": "01", "b": "02", "c": "03", "d": "04"}
    areas = KNOWN.areas.replace({"area_id": names})  # type: ignore[union-attr]
    members = MEMBERS.replace({"statistical_district": names})
    known = replace(AREAS, areas=areas, members=members)
    prepared = by_area("statistical_district_id", "1;2024-12-31;0;;5", known=known, estimate=True)
    assert ["ids_by_number", "population_spread"] == codes(prepared)
    assert ["0000"] == prepared.frames["population"]["place_id"].to_list()


def test_an_unknown_area_among_known_ones_is_listed():
    """Nobody is dropped silently."""
    rows = ("A;2024-12-31;0;;5", "B;2024-12-31;0;;5", "Z;2024-12-31;0;;5")
    prepared = by_area("Sozialraum", *rows, estimate=True)
    assert [("area_unknown", 4)] == [(f.code, f.row) for f in prepared.faults]


def test_an_area_without_blocks_cannot_take_numbers():
    """There is no ground to spread them over."""
    members = MEMBERS.assign(social_space=["A", "B", "C", "C"])
    known = replace(AREAS, members=members)
    prepared = by_area("area_id", "A;2024-12-31;0;;5", "D;2024-12-31;0;;5", known=known)
    assert ["population_needs_estimate"] == codes(prepared)
    prepared = by_area(
        "area_id", "A;2024-12-31;0;;5", "D;2024-12-31;0;;5", known=known, estimate=True
    )
    assert ["estimate_without_blocks"] == codes(prepared)


def test_blocks_are_never_spread():
    """Consent changes nothing where nothing has to be estimated."""
    frame = by_area("block_id", "0000;2024-12-31;0;;5", estimate=True).frames["population"]
    assert [False] == frame["estimated"].to_list()


def test_a_file_that_says_it_is_estimated_stays_so():
    """The mark survives an export."""
    data = csv_bytes("block_id;reference_date;age_from;persons;estimated", "0000;2024-12-31;0;5;ja")
    frame = take("population", data).frames["population"]
    assert [True] == frame["estimated"].to_list()


def test_blocks_and_cells_may_share_a_file_that_tells_them_apart():
    """As an export of both does; each is checked as what it is."""
    rows = [
        ({"place_id": "0000", "place_kind": "block"}, None),
        ({"place_id": "c1", "place_kind": "Gitterzelle"}, point(50, 50)),
        ({"place_id": "zz", "place_kind": "block"}, None),
        ({"place_id": "c2", "place_kind": "Haus"}, None),
    ]
    said = {"reference_date": "2024-12-31", "age_from": 0, "persons": 4}
    prepared = take("population", geojson_bytes([(p | said, g) for p, g in rows]), "a.geojson")
    faults = [(f.code, f.row) for f in prepared.faults]
    assert [("place_unknown", 3), ("value_not_allowed", 4)] == faults
    assert ["0100"] == prepared.frames["cells"]["block_id"].to_list()
    whole = prepared.frames["population"]
    assert [("0000", "block"), ("c1", "cell")] == list(
        zip(whole["place_id"], whole["place_kind"], strict=True)
    )[:2]


def test_office_hours_that_cannot_be_read_are_noted():
    """They are kept as they are: a team is not an offer."""
    data = csv_bytes("team_id;name;office_hours", "1;eins;Mo-Fr 09:00-12:00", "2;zwei;morgens 8")
    prepared = take("teams", data)
    assert [("office_hours_unreadable", 3, "note")] == [
        (f.code, f.row, f.severity) for f in prepared.faults
    ]
    assert "morgens 8" == prepared.frames["teams"]["office_hours"].iloc[1]
    assert isinstance(prepared.frames["teams"], pd.DataFrame)
