"""Blocks cut along a line: one coverage afterwards, nothing lost, nothing doubled."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from sro_geo.errors import SroError
from sro_geo.plans import edge_table
from sro_geo.plans.cleaning import loose_corners
from sro_geo.plans.refining import Refined, refine, shared_out
from tests.plans.drawing import squares

TOWN = "aaaa aaaa aaaa"


def sound(blocks: gpd.GeoDataFrame, refined: Refined) -> None:
    """Check that the new blocks are one valid coverage of the same ground."""
    new, old = refined.blocks.geometry.to_numpy(), blocks.geometry.to_numpy()
    assert shapely.is_valid(new).all()
    assert shapely.coverage_is_valid(new)
    assert not loose_corners(new).size
    assert refined.blocks["block_id"].is_unique
    of_old = np.bincount(refined.origin, shapely.area(new), len(old))
    assert of_old == pytest.approx(shapely.area(old), rel=1e-9)
    ids = blocks["block_id"].to_numpy()[refined.origin]
    assert (refined.lineage["old_block_id"].to_numpy() == ids).all()
    shares = refined.lineage.groupby("old_block_id")["share"].sum()
    assert shares.to_numpy() == pytest.approx(1)


def line(*spots: tuple[float, float]) -> shapely.LineString:
    """Return a line along spots."""
    return shapely.LineString(spots)


def test_a_line_cuts_the_blocks_it_crosses() -> None:
    """Four blocks of the middle row become eight, named from north to south."""
    blocks = squares(TOWN)
    refined = refine(blocks, line((-50, 130), (450, 130)))
    sound(blocks, refined)
    assert refined.cut == ("0100", "0101", "0102", "0103")
    assert len(refined.blocks) == 16
    by_id = refined.blocks.set_index("block_id")
    assert by_id.loc["0101~1"].geometry.area == pytest.approx(7000)
    assert by_id.loc["0101~2"].geometry.area == pytest.approx(3000)
    assert set(refined.lineage.loc[refined.lineage["how"] == "area", "estimated"]) == {True}
    assert len(blocks) == 12


def test_neighbours_get_the_new_corners() -> None:
    """No T-junctions: the edge table finds every border again."""
    blocks = squares(TOWN)
    refined = refine(blocks, line((150, 120), (150, 180), (450, 180)))
    sound(blocks, refined)
    rim = edge_table(refined.blocks.geometry.to_numpy()).exterior_m.sum()
    assert rim == pytest.approx(1400)


def test_a_dead_end_leaves_its_last_block_whole() -> None:
    """The street ends in the second block: only the first is cut."""
    blocks = squares(TOWN)
    refined = refine(blocks, line((-50, 150), (150, 150)))
    sound(blocks, refined)
    assert refined.cut == ("0100",)


def test_a_line_clipped_to_one_area_leaves_the_others_whole() -> None:
    """Blocks outside keep their ids and get the corner on the border alone."""
    blocks = squares(TOWN)
    only = blocks["block_id"].str.endswith(("00", "01")).to_numpy()
    refined = refine(blocks, line((-50, 150), (450, 150)), only=only)
    sound(blocks, refined)
    assert refined.cut == ("0100", "0101")
    assert len(refined.blocks) == 14


@pytest.mark.parametrize(
    "way",
    [
        line((0, 100), (400, 100)),
        line((-50, 100.02), (450, 99.98)),
        line((-100, 100), (100, -100)),
        line((120, 120), (180, 180)),
        line((900, 900), (950, 950)),
    ],
)
def test_a_line_that_cuts_nothing_is_refused(way) -> None:
    """Along an edge, nearly along it, touching a corner, inside a block, outside."""
    with pytest.raises(SroError, match="line_cuts_nothing"):
        refine(squares(TOWN), way)


def test_a_line_through_corners_makes_triangles() -> None:
    """Drawn a centimetre beside the corners, it runs through them."""
    blocks = squares(TOWN)
    refined = refine(blocks, line((-10, -10), (100.01, 100), (199.99, 200), (310, 310)))
    sound(blocks, refined)
    assert refined.cut == ("0002", "0101", "0200")
    parts = refined.blocks[refined.blocks["block_id"].str.contains("~")]
    assert parts.area.to_numpy() == pytest.approx(5000, rel=1e-3)


def test_a_line_that_crosses_a_block_twice_makes_three_parts() -> None:
    """In, out, and in again."""
    blocks = squares("a")
    refined = refine(blocks, line((-10, 30), (110, 30), (110, 60), (-10, 60)))
    sound(blocks, refined)
    assert refined.blocks["block_id"].tolist() == ["0000~1", "0000~2", "0000~3"]


def test_a_block_can_be_cut_again() -> None:
    """Parts of parts have names of their own."""
    first = refine(squares("a"), line((-10, 50), (110, 50))).blocks
    again = refine(first, line((50, -10), (50, 110)))
    sound(first, again)
    assert again.blocks["block_id"].tolist() == ["0000~1~1", "0000~1~2", "0000~2~1", "0000~2~2"]


def test_parts_of_a_block_that_lay_apart_are_no_cut() -> None:
    """A block of two pieces, one of them cut: the other stays with the larger part."""
    shape = shapely.MultiPolygon([shapely.box(0, 0, 100, 100), shapely.box(300, 0, 310, 10)])
    blocks = gpd.GeoDataFrame({"block_id": ["a"]}, geometry=[shape], crs="EPSG:25832")
    refined = refine(blocks, line((-10, 40), (110, 40)))
    sound(blocks, refined)
    assert refined.blocks.area.tolist() == pytest.approx([6100, 4000])


def test_addresses_tell_where_people_live() -> None:
    """Three of four addresses lie north; the block without any is shared by area."""
    blocks = squares("aa")
    at = shapely.points([(20, 90), (30, 90), (40, 90), (20, 10)])
    addresses = gpd.GeoDataFrame(geometry=at, crs=blocks.crs)
    refined = refine(blocks, line((-10, 50), (210, 50)), addresses=addresses)
    assert refined.lineage["share"].tolist() == pytest.approx([0.75, 0.25, 0.5, 0.5])
    assert refined.lineage["how"].tolist() == ["address", "address", "area", "area"]
    counted = addresses.assign(persons=[0, 0, 0, 8])
    refined = refine(blocks, line((-10, 50), (210, 50)), addresses=counted)
    assert refined.lineage["share"].tolist() == pytest.approx([0, 1, 0.5, 0.5])


def population(persons: list[float]) -> pd.DataFrame:
    """Return age bands of one block and of a cell."""
    return pd.DataFrame(
        {
            "place_id": ["0000"] * len(persons) + ["cell"],
            "reference_date": "2025-12-31",
            "age_from": [*range(len(persons)), 0],
            "persons": [*persons, 3.0],
            "estimated": pd.Series([pd.NA] * (len(persons) + 1), dtype="boolean"),
        }
    )


def test_ones_in_ten_age_bands_do_not_all_fall_to_one_part() -> None:
    """Five each; parts are marked as an estimate, the cell is left alone."""
    lineage = refine(squares("aa"), line((-10, 50), (110, 50))).lineage
    out = shared_out(population([1.0] * 10), lineage, place="place_id", together=["reference_date"])
    sums = out.groupby("place_id")["persons"].sum()
    assert sums.to_dict() == {"0000~1": 5, "0000~2": 5, "cell": 3}
    assert out.loc[out["place_id"] != "cell", "estimated"].all()
    assert out.loc[out["place_id"] == "cell", "estimated"].isna().all()


@given(
    st.lists(st.integers(0, 400) | st.floats(0, 400), min_size=1, max_size=12),
    st.floats(1, 99),
)
def test_sums_are_kept_exactly(persons, height) -> None:
    """Law: the parts of every row sum to the row; whole numbers stay whole."""
    lineage = refine(squares("a"), line((-10, height), (110, 100 - height))).lineage
    table = population([float(p) for p in persons])
    out = shared_out(table, lineage, place="place_id", together=["reference_date"])
    inside = out[out["place_id"] != "cell"]
    sums = inside.groupby("age_from")["persons"].sum().reindex(range(len(persons)))
    whole = np.array([float(p).is_integer() for p in persons])
    assert (sums.to_numpy()[whole] == np.array(persons, float)[whole]).all()
    assert sums.to_numpy() == pytest.approx(persons, rel=1e-12, abs=1e-12)
    assert (inside["persons"] >= 0).all()
    kept = inside[inside["age_from"].isin(np.flatnonzero(whole))]["persons"]
    assert (kept == kept.round()).all()
    if whole.all():
        total = inside.groupby("place_id")["persons"].sum().reindex(lineage["block_id"])
        assert total.to_numpy() == pytest.approx(lineage["share"] * sum(persons), abs=1 + 1e-6)


def test_counts_of_whole_number_columns_keep_their_type() -> None:
    """Missing stays missing, integers stay integers."""
    lineage = refine(squares("a"), line((-10, 50), (110, 50))).lineage
    table = pd.DataFrame(
        {"block_id": ["0000", "0000"], "count": pd.array([3, pd.NA], dtype="Int64")}
    )
    out = shared_out(table, lineage, value="count")
    assert str(out["count"].dtype) == "Int64"
    assert out["count"].isna().sum() == 2
    assert out["count"].sum() == 3


spot = st.tuples(st.floats(-30, 430), st.floats(-30, 330))


@settings(max_examples=150)
@given(st.lists(spot, min_size=2, max_size=6), st.integers(0, 3))
def test_any_line_leaves_one_coverage(spots, seed) -> None:
    """Law: whatever is drawn, the blocks tile the same ground, corner to corner."""
    corners = np.stack(np.meshgrid(np.arange(5) * 100.0, np.arange(4) * 100.0), -1)
    if seed:
        corners = corners + np.random.default_rng(seed).uniform(-30, 30, corners.shape)
    shapes = [
        shapely.Polygon([corners[r + v, c + h] for v, h in ((0, 0), (0, 1), (1, 1), (1, 0))])
        for r in range(3)
        for c in range(4)
    ]
    ids = [f"{k:02d}" for k in range(12)]
    blocks = gpd.GeoDataFrame({"block_id": ids}, geometry=shapes, crs="EPSG:25832")
    try:
        refined = refine(blocks, shapely.LineString(spots))
    except SroError as refused:
        assert refused.code in ("line_cuts_nothing", "line_empty")
        return
    sound(blocks, refined)
