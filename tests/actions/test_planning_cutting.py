"""Blocks cut along a line: every plan goes on, persons add up, the log can still be undone."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from sro_geo.actions.access import Actor
from sro_geo.actions.cutting import cut_blocks
from sro_geo.actions.planning import load_plan, new_plan, redo, save, steps_of, undo
from sro_geo.actions.workspace import Workspace
from sro_geo.boundaries import block_set, check_coverage
from sro_geo.errors import SroError
from sro_geo.plans import gestures

ANNA = Actor("Anna")


@pytest.fixture
def across(town: Workspace) -> shapely.LineString:
    """A line from west to east through the middle of the city."""
    west, south, east, north = town.snapshot().tables["blocks"].total_bounds
    middle = (south + north) / 2 + 33
    return shapely.LineString([(west - 100, middle), (east + 100, middle)])


@pytest.fixture
def drawn(town: Workspace) -> str:
    """A variant with a stroke, a lock and a bridge, one step taken back."""
    plan_id = new_plan(town, "Entwurf", actor=ANNA)
    for gesture in (
        lambda p: gestures.paint(p, np.arange(0, len(p.codes), 3), "nord-ost"),
        lambda p: gestures.lock(p, blocks=p.block_ids[:200]),
        lambda p: gestures.bridge(p, p.block_ids[100], p.block_ids[300]),
        lambda p: gestures.paint(p, np.arange(200, 400), "sued-ost"),
    ):
        before = load_plan(town.snapshot(), plan_id)
        save(town, before, gesture(before), actor=ANNA)
    undo(town, plan_id, actor=ANNA)
    return plan_id


def sizes(town: Workspace, plan_id: str | None) -> dict[str | None, float]:
    """Square metres of each area of a plan."""
    snapshot = town.snapshot()
    plan = load_plan(snapshot, plan_id)
    size = snapshot.tables["blocks"].area.to_numpy()
    ids = plan.area_ids_of_blocks()
    return {a: round(float(size[ids == a].sum()), 1) for a in sorted(set(ids))}


def test_all_plans_go_on_on_the_parts(town, drawn, across):
    """Drafts and the plan in force draw the same areas as before; the coverage stays valid."""
    before = {plan: sizes(town, plan) for plan in (None, drawn)}
    old = town.snapshot()
    outline = {a.area_id: a.geometry.area for a in old.current.areas.itertuples()}

    done = cut_blocks(town, across, actor=ANNA)

    snapshot = town.snapshot()
    blocks = snapshot.tables["blocks"]
    assert done.blocks_before < done.blocks_after == len(blocks)
    assert before == {plan: sizes(town, plan) for plan in (None, drawn)}
    assert check_coverage(blocks.geometry.to_numpy()).valid
    stamp = block_set(blocks)
    assert {stamp} == set(snapshot.tables["plans"]["block_set"]) == {done.block_set}
    assert {a.area_id: pytest.approx(a.geometry.area) for a in snapshot.current.areas.itertuples()}
    areas = snapshot.tables["areas"]
    assert outline == {a.area_id: pytest.approx(a.geometry.area) for a in areas.itertuples()}
    locked = load_plan(snapshot, drawn).locked_blocks
    assert locked & set(done.parts) or not set(done.cut) & set(old.tables["blocks"].block_id[:200])


def test_persons_add_up_and_are_marked(town, across):
    """By reference date and age as many as before, on blocks that exist."""
    before = town.snapshot().tables["population"]
    cut_blocks(town, across, actor=ANNA)
    snapshot = town.snapshot()
    after = snapshot.tables["population"]
    keys = ["reference_date", "age_from"]
    assert before.groupby(keys)["persons"].sum().equals(after.groupby(keys)["persons"].sum())
    assert set(after["place_id"]) <= set(snapshot.tables["blocks"]["block_id"])
    assert (after["persons"] == after["persons"].round()).all()


def test_the_log_is_undone_across_the_cut(town, drawn, across):
    """Steps made before fit the parts: back to the beginning, and again to the end."""
    start = sizes(town, None)
    now = sizes(town, drawn)
    cut_blocks(town, across, actor=ANNA)
    assert (3, 1) == steps_of(town.snapshot(), drawn)
    last = redo(town, drawn, actor=ANNA)
    assert sizes(town, drawn) != now
    for _ in range(4):
        undo(town, drawn, actor=ANNA)
    assert start == sizes(town, drawn)
    assert not load_plan(town.snapshot(), drawn).locked_blocks
    assert not load_plan(town.snapshot(), drawn).bridges
    for _ in range(4):
        again = redo(town, drawn, actor=ANNA)
    assert again.same_as(last)


def test_a_block_cut_twice_is_still_known(town, drawn, across):
    """Lineage leads from the first id to the parts of today; the log follows it."""
    from sro_geo.actions.lineage import descendants

    start = sizes(town, None)
    first = cut_blocks(town, across, actor=ANNA)
    moved = shapely.affinity.rotate(across, 90)
    second = cut_blocks(town, moved, actor=ANNA)
    followed = descendants(town.snapshot())
    today = set(town.snapshot().tables["blocks"]["block_id"])
    assert set(first.cut) | set(second.cut) == set(followed)
    assert all(set(parts) <= today for parts in followed.values())
    for _ in range(3):
        undo(town, drawn, actor=ANNA)
    assert start == sizes(town, drawn)


def test_only_in_one_area(town, across):
    """Blocks of other areas stay whole."""
    plan = load_plan(town.snapshot())
    area = plan.area_ids_of_blocks()[0]
    own = set(plan.block_ids[plan.area_ids_of_blocks() == area])
    try:
        done = cut_blocks(town, across, actor=ANNA, area_id=area)
    except SroError as error:
        assert "line_cuts_nothing" == error.code
    else:
        assert set(done.cut) <= own


def test_a_line_outside_changes_nothing(town, across):
    """Said, and no new block version."""
    revision = town.store.revision()
    away = shapely.affinity.translate(across, 0, 1e6)
    with pytest.raises(SroError) as error:
        cut_blocks(town, away, actor=ANNA)
    assert "line_cuts_nothing" == error.value.code
    assert revision == town.store.revision()


def test_blocks_imported_anew_carry_variants_over(town, drawn, tmp_path):
    """The drawing stays; steps made on the old blocks can no longer be taken back."""
    import geopandas as gpd

    from sro_geo.actions.importing import import_file

    before = sizes(town, drawn)
    blocks: gpd.GeoDataFrame = town.snapshot().tables["blocks"]
    renamed = blocks.assign(block_id="n" + blocks["block_id"].astype(str))
    file = tmp_path / "blocks.geojson"
    people = town.snapshot().tables["population"]
    assert len(people)
    with town.writing(ANNA, "test") as tx:
        tx.replace("population", people.iloc[:0].drop(columns="row_version"))
    renamed.drop(columns="row_version").to_crs(4326).to_file(file, driver="GeoJSON")
    import_file(town, "blocks", file, actor=ANNA, repair=True)
    after = sizes(town, drawn)
    assert {a: pytest.approx(v, rel=1e-4) for a, v in before.items()} == after
    assert (0, 0) == steps_of(town.snapshot(), drawn)
    same = load_plan(town.snapshot(), drawn)
    assert undo(town, drawn, actor=ANNA).same_as(same)
