"""Coverage over open data: people and institutions of two towns as they were published."""

import numpy as np
import pandas as pd
import pytest
import shapely

from sro_geo.areas import AreaVersion, area_version
from sro_geo.coverage import (
    cover,
    demand_of,
    e2sfca,
    figures,
    overall,
    supply_of,
    surroundings,
    uniform,
)
from sro_geo.exchange import prepare
from sro_geo.offers import build_directory
from sro_geo.population import persons_of_group
from sro_geo.reach import reach_metres, straight_line
from sro_geo.tables import TABLES, conform
from tests.realdata.test_real_files_exchange import (  # noqa: F401
    FL,
    NORDERSTEDT,
    flensburg,
    pytestmark,
    town,
)

NO_PROVIDERS = pd.DataFrame({"provider_id": [], "name": []}, dtype=object)


def drawn(city, blocks, area_of_block) -> AreaVersion:
    """A version in which each block is in the area of ``area_of_block`` (id and name)."""
    chain = [level.level for level in city.plan_levels]
    rows = [{"area_id": "city", "level": chain[0], "name": "Stadt", "parent_id": None}]
    for level, above in zip(chain[1:-1], chain[:-2], strict=True):
        rows.append({"area_id": level, "level": level, "name": level, "parent_id": above})
    if len(rows) > 1:
        rows[1]["parent_id"] = "city"
    for area_id, name in dict.fromkeys(area_of_block):
        above = rows[len(chain) - 2]["area_id"]
        rows.append({"area_id": area_id, "level": chain[-1], "name": name, "parent_id": above})
    plans = pd.DataFrame([{"plan_id": "P", "name": "P", "status": "adopted", "block_set": "x"}])
    extra = [f"{level.level}_id" for level in city.parallel_levels]
    none = pd.DataFrame(columns=["area_id", "level", "name", "parent_id"])
    return area_version(
        city,
        conform(TABLES["blocks"], blocks, extra=extra),
        conform(TABLES["plans"], plans),
        conform(TABLES["plan_areas"], pd.DataFrame(rows).assign(plan_id="P")),
        pd.DataFrame(
            {
                "plan_id": "P",
                "block_id": blocks["block_id"],
                "area_id": [area_id for area_id, _ in area_of_block],
            }
        ),
        none,
        blocks.iloc[:0].assign(name=None),
        on="2026-01-01",
    )


def directory_of(city, version, prepared):
    """The directory of one imported file of offers."""
    frames = prepared.frames
    return build_directory(
        city, frames["offers"], frames.get("providers", NO_PROVIDERS), frames["locations"], version
    )


@pytest.fixture(scope="module")
def norderstedt(town):  # noqa: F811
    """The real outline, real census cells, real Kitas and schools."""
    city, known = town
    block = known.blocks
    version = drawn(city, block, [("alles", "Norderstedt")])
    census = prepare(
        "population",
        NORDERSTEDT / "census2011_age5_100m.csv",
        city,
        known=known,
        mapping={"reference_date": "=2011-05-09"},
    )
    kitas = prepare("offers", NORDERSTEDT / "kitas.csv", city, known=known)
    schools = prepare(
        "offers", NORDERSTEDT / "schools.tsv", city, known=known, mapping={"category": "=school"}
    )
    rows = {
        "day_care": directory_of(city, version, kitas),
        "school": directory_of(city, version, schools),
    }
    return city, version, census.frames, rows


def under_18(norderstedt, **options):
    """Demand of those under 18."""
    _, version, frames, _ = norderstedt
    return demand_of(frames["population"], frames["cells"], version, "under_18", **options)


def test_all_children_of_the_census_are_inside_or_outside(norderstedt):
    """11,116 under 18 in the outline, the others beyond; nobody unplaced."""
    _, _, frames, _ = norderstedt
    demand = under_18(norderstedt)
    everybody = persons_of_group(frames["population"], "under_18")[0].sum()
    assert (11_116, 0) == (demand.population, demand.unplaced)
    assert everybody == demand.population + demand.outside
    assert 1809 == np.count_nonzero(demand.inside)


def test_changed_cells_are_brought_to_the_official_number(norderstedt):
    """One factor for all inside; those beyond stay."""
    demand = under_18(norderstedt, rescale_to=12_345)
    assert 12_345 == pytest.approx(demand.population)
    assert under_18(norderstedt).outside == demand.outside


@pytest.mark.parametrize(("kind", "placed", "unplaced"), [("day_care", 43, 1), ("school", 23, 1)])
def test_every_institution_takes_part_or_is_listed(norderstedt, kind, placed, unplaced):
    """44 Kitas and 24 schools; one of each has no point."""
    _, version, _, rows = norderstedt
    supply = supply_of(rows[kind], version, under_18(norderstedt))
    assert (placed, unplaced) == (len(supply), len(supply.left_out))
    assert {"unplaced"} == {out.reason for out in supply.left_out}


@pytest.mark.parametrize("kind", ["day_care", "school"])
def test_coverage_of_norderstedt_agrees_with_measuring_every_pair(norderstedt, kind):
    """11,116 = covered + uncovered; every cell measured against every institution."""
    city, version, _, rows = norderstedt
    demand = under_18(norderstedt)
    supply = supply_of(rows[kind], version, demand)
    travel = straight_line(city, mode="walk", age=8)
    result = cover(demand, supply, travel, 15)
    found = overall(result, demand)
    metres = np.hypot(demand.x[:, None] - supply.x, demand.y[:, None] - supply.y).min(axis=1)
    near = metres <= reach_metres(15, city, mode="walk", age=8)
    assert found["covered"] == demand.persons[near & demand.inside].sum()
    assert 11_116 == found["covered"] + found["uncovered"]
    assert 0.5 < found["share_low"] < found["share"] < found["share_high"] < 1
    (row,) = figures(result, demand, "social_space").to_dict("records")
    assert found["covered"] == row["covered"]


def test_the_two_institutions_just_outside_are_no_surroundings_to_rely_on(norderstedt):
    """Offers and people beyond the outline are few; both are counted and shown."""
    city, version, _, rows = norderstedt
    demand = under_18(norderstedt)
    supply = supply_of(
        pd.concat([rows["day_care"], rows["school"]], ignore_index=True), version, demand
    )
    result = cover(demand, supply, straight_line(city, age=8), 15)
    outline = shapely.union_all(version.blocks.geometry.to_numpy())
    around = surroundings(result, demand, outline, reach_metres(15, city, age=8))
    assert 2 == around.offers_beyond
    assert around.persons_beyond > 0
    assert around.covered_by_own <= around.covered


def test_places_of_kitas_are_unknown_and_stay_so(norderstedt):
    """The file states none: at least 0 places for a hundred, at most nobody knows."""
    city, version, _, rows = norderstedt
    demand = under_18(norderstedt)
    supply = supply_of(rows["day_care"], version, demand)
    found = overall(cover(demand, supply, straight_line(city, age=4), 15), demand)
    assert (0.0, True) == (found["places_low"], np.isnan(found["places_high"]))


# -- Flensburg --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def districts(flensburg):  # noqa: F811
    """Thirteen districts as areas, each its own block, with the people of the social atlas."""
    city, known, prepared = flensburg
    areas = prepared.frames["areas"]
    names = list(zip(areas["area_id"], areas["name"], strict=True))
    version = drawn(city, known.blocks, names)
    people = prepare(
        "population",
        FL / "sozialatlas" / "fl_age_groups_by_district.csv",
        city,
        known=known,
        mapping={"age_0_to_under_7": "", "age:age_60_and_above": ""},
        repair=True,
    )
    return city, version, known, people.frames["population"]


@pytest.mark.parametrize(
    ("file", "kind"), [("spielplaetze.geojson", "playground"), ("kitas.geojson", "day_care")]
)
def test_flensburg_by_district_keeps_every_district_and_every_child(districts, file, kind):
    """Thirteen rows, and the under-18s of the social atlas add up."""
    city, version, known, population = districts
    offers = prepare(
        "offers", FL / file, city, known=known, mapping={"category": f"={kind}"}, repair=True
    )
    cells = known.blocks.iloc[:0].rename(columns={"block_id": "cell_id"}).assign(block_id=None)
    demand = demand_of(population, cells, version, "under_18")
    supply = supply_of(directory_of(city, version, offers), version, demand)
    result = cover(demand, supply, straight_line(city, age=8), 15)
    table = figures(result, demand, "district")
    children = population.loc[population["age_from"] == 0, "persons"].sum()
    assert (13, children) == (len(table), table["population"].sum())
    assert (table["covered"] + table["uncovered"] == table["population"]).all()
    assert 0 < overall(result, demand)["covered"] <= children
    if kind == "day_care":  # these state their places
        assert (table["places_low"] <= table["places_high"]).all()
        handed = e2sfca(demand, supply, result.reached, uniform)
        total = (handed.access * demand.persons).sum() + handed.unreached
        assert total == pytest.approx(np.nansum(supply.capacity))
