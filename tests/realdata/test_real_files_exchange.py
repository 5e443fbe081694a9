"""Open data as offices publish it: every quirk reported, repaired with consent, or kept aloud."""

import os
from pathlib import Path

import pandas as pd
import pytest

from sro_geo.city import load_city
from sro_geo.exchange import Known, prepare
from sro_geo.exchange.write import write_table
from sro_geo.i18n import describe
from tests.toy import DATA, ROOT, shipped_city

REAL = Path(os.environ.get("SRO_REALDATA") or ROOT.parent / "shared" / "realdata")
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not REAL.is_dir(), reason=f"no real data at {REAL} (set SRO_REALDATA)"),
]

FLENSBURG = """
[city]
id = "flensburg"
name = { de = "Flensburg", en = "Flensburg" }
crs = "EPSG:25832"
bounds = [9.30, 54.72, 9.56, 54.87]

[[levels]]
level = "city"
name = { de = "Stadt", en = "City" }

[[levels]]
level = "district"
name = { de = "Stadtteil", en = "District" }
parent = "city"
"""


def by_code(prepared, code):
    """Return the faults of one code, each put into words once."""
    found = [fault for fault in prepared.faults if fault.code == code]
    for fault in found:
        assert all(describe(fault, "de")) and all(describe(fault, "en"))
    return found


# -- Norderstedt ------------------------------------------------------------------------

NORDERSTEDT = REAL / "norderstedt"


@pytest.fixture(scope="module")
def town():
    """The shipped configuration, and the real outline as its only block."""
    city = shipped_city()
    outline = NORDERSTEDT / "city_outline_simplified.geojson"
    mapping = {"block_id": "ARS", "name": "=Norderstedt"}
    prepared = prepare("blocks", outline, city, mapping=mapping)
    assert not prepared.refused
    return city, Known(blocks=prepared.frames["blocks"])


def test_the_outline_has_no_name_and_says_so(town):
    """The mapping gives it one; its area is the official one but for the simplification."""
    city, _ = town
    outline = NORDERSTEDT / "city_outline_simplified.geojson"
    bare = prepare("areas", outline, city)
    assert [f.column for f in by_code(bare, "column_missing")] == ["name"]
    named = prepare("areas", outline, city, mapping={"name": "=Norderstedt", "level": "=city"})
    (row,) = named.frames["areas"].to_dict("records")
    assert (row["area_id"], row["level"]) == ("010600063063", "city")
    assert row["geometry"].area / 1e6 == pytest.approx(58.17, abs=0.05)
    assert not named.refused


def test_all_sixty_eight_institutions_are_placed_or_listed(town):
    """44 Kitas and 24 schools; two have no point, two lie just outside."""
    city, known = town
    kitas = prepare("offers", NORDERSTEDT / "kitas.csv", city, known=known)
    mapping = {"category": "=school"}
    schools = prepare("offers", NORDERSTEDT / "schools.tsv", city, known=known, mapping=mapping)
    accounted, without, beyond = 0, set(), set()
    for prepared in (kitas, schools):
        assert not prepared.refused
        offers, locations = prepared.frames["offers"], prepared.frames["locations"]
        accounted += len(offers)
        assert offers["location_id"].isin(locations["location_id"]).all()
        bare = locations.loc[locations.geometry.isna(), "location_id"]
        without |= set(offers.loc[offers["location_id"].isin(bare), "name"])
        beyond |= {fault.params["value"] for fault in by_code(prepared, "outside_blocks")}
        said = [
            f for code in ("point_incomplete", "point_missing") for f in by_code(prepared, code)
        ]
        assert len(said) == 1
    assert accounted == 68
    assert without == {"Kita Fuchsbau", "Regenbogenschule - Ersatzschule -"}
    assert beyond == {"OGGS am Wittmoor", "Kindertagesstätte Sternschnuppe"}


def test_the_kitas_quirks_are_noted(town):
    """Months, everyday words, a shared point with two districts, one point far too south."""
    city, known = town
    kitas = prepare("offers", NORDERSTEDT / "kitas.csv", city, known=known)
    assert kitas.encoding == "utf-8"
    (shared,) = by_code(kitas, "point_shared")
    assert shared.params["rows"] == "3, 4, 5"
    (districts,) = by_code(kitas, "districts_differ")
    assert districts.params["districts"] == "Norderstedt - Friedrichsgabe, Norderstedt - Garstedt"
    (far,) = by_code(kitas, "point_far_from_neighbours")
    assert far.params["address"] == "Friedrichsgaber Weg 286"
    assert far.params["metres"] > 1000
    assert [f.column for f in by_code(kitas, "months_turned")] == ["careFrom", "careTo"]
    (read,) = by_code(kitas, "category_read")
    assert (read.params["value"], read.params["category"]) == ("KITA", "day_care")
    offers = kitas.frames["offers"].set_index("offer_id")
    assert offers.loc["6383", ["age_min", "age_max"]].to_list() == [1, 5]
    assert offers.loc["3350", ["age_min", "age_max"]].to_list() == [0, 13]
    providers = kitas.frames["providers"]
    assert len(by_code(kitas, "provider_new") + by_code(kitas, "provider_new_similar")) == len(
        providers
    )
    assert offers["provider_id"].isin(providers["provider_id"]).all()


def test_the_schools_quirks_are_noted(town):
    """A shared point, one address with two points, no category."""
    city, known = town
    bare = prepare("offers", NORDERSTEDT / "schools.tsv", city, known=known)
    assert [f.column for f in by_code(bare, "column_missing")] == ["category"]
    schools = prepare(
        "offers", NORDERSTEDT / "schools.tsv", city, known=known, mapping={"category": "=school"}
    )
    assert schools.delimiter == "\t"
    (shared,) = by_code(schools, "point_shared")
    assert "Lise-Meitner-Gymnasium" in shared.params["names"]
    (apart,) = by_code(schools, "address_two_points")
    assert apart.params["address"] == "Moorbekstraße 15"
    assert schools.frames["offers"]["contact"].str.startswith("+49 40").sum() == 23


def test_trailing_blanks_are_trimmed_aloud(town):
    """As some editions of the file have them in the streets."""
    city, known = town
    text = (
        (NORDERSTEDT / "kitas.csv")
        .read_text(encoding="utf-8")
        .replace("Waldstraße,", "Waldstraße ,")
    )
    kitas = prepare("offers", text.encode(), city, name="kitas.csv", known=known)
    (trimmed,) = by_code(kitas, "text_trimmed")
    assert (trimmed.column, trimmed.params["count"]) == ("address.street", 3)


def test_taking_the_kitas_in_twice_finds_the_same_rows(town):
    """Ids of offers, places and providers hold; nothing is new the second time."""
    city, known = town
    first = prepare("offers", NORDERSTEDT / "kitas.csv", city, known=known)
    held = Known(
        blocks=known.blocks, **{k: first.frames[k] for k in ("offers", "locations", "providers")}
    )
    second = prepare("offers", NORDERSTEDT / "kitas.csv", city, known=held)
    assert "providers" not in second.frames
    pd.testing.assert_frame_equal(first.frames["offers"], second.frames["offers"])


def test_census_cells_are_people_at_places(town):
    """1,809 cells inside the outline: 73,937 persons, 11,116 of them under 18."""
    city, known = town
    file = NORDERSTEDT / "census2011_age5_100m.csv"
    assert by_code(prepare("population", file, city, known=known), "reference_date_missing")
    mapping = {"reference_date": "=2011-05-09"}
    census = prepare("population", file, city, known=known, mapping=mapping)
    cells, people = census.frames["cells"], census.frames["population"]
    assert (census.refused, census.crs, census.reference_date) == (False, "EPSG:3035", "2011-05-09")
    assert len(cells) == 1948
    inside = set(cells.loc[cells["block_id"].notna(), "cell_id"])
    within = people[people["place_id"].isin(inside)]
    assert len(inside) == 1809
    # Five age classes were protected one by one, so they do not add up to the total.
    assert within["persons"].sum() == pytest.approx(73_937, rel=0.02)
    assert within.loc[within["age_from"] == 0, "persons"].sum() == 11_116
    assert by_code(census, "small_values_absent")
    assert by_code(census, "cells_outside")[0].params["count"] == 139
    assert by_code(census, "total_ignored")


def test_streets_of_openstreetmap_are_taken_in(town):
    """Sixteen of them; the Buchenweg is not among them."""
    city, _ = town
    streets = prepare("streets", NORDERSTEDT / "streets_centre_16.geojson", city)
    frame = streets.frames["streets"]
    assert (streets.faults, len(frame)) == ((), 16)
    assert "27847413" in set(frame["street_id"])
    assert "Buchenweg" not in set(frame["name"])


def test_the_shipped_folder_is_taken_in_without_a_fault_that_stops():
    """What init loads, in its order."""
    city = load_city(DATA)
    held = {}
    for kind, path in (
        ("areas", "boundaries/areas.csv"),
        ("blocks", "boundaries/blocks.geojson"),
        ("basemap", "boundaries/basemap.geojson"),
        ("streets", "boundaries/streets.geojson"),
        ("addresses", "boundaries/addresses.csv"),
        ("population", "population/population.csv"),
        ("providers", "offers/providers.csv"),
        ("offers", "offers/offers.csv"),
        ("teams", "steering/teams.csv"),
        ("responsibilities", "steering/responsibilities.csv"),
    ):
        prepared = prepare(kind, DATA / path, city, known=Known(**held))
        assert [f for f in prepared.faults if f.severity != "note"] == []
        held |= {k: v for k, v in prepared.frames.items() if k in Known.__dataclass_fields__}


# -- Flensburg --------------------------------------------------------------------------

FL = REAL / "flensburg"


@pytest.fixture(scope="module")
def flensburg(tmp_path_factory):
    """A city of one level of districts, which are its blocks."""
    folder = tmp_path_factory.mktemp("flensburg")
    (folder / "city.toml").write_text(FLENSBURG, encoding="utf-8")
    kinds = (DATA / "categories.toml").read_text(encoding="utf-8")
    (folder / "categories.toml").write_text(kinds, encoding="utf-8")
    city = load_city(folder)
    districts = prepare("areas", FL / "stadtteile.geojson", city)
    areas = districts.frames["areas"]
    blocks = areas.rename(columns={"area_id": "block_id"})[["block_id", "name", "geometry"]]
    return city, Known(blocks=blocks, areas=areas), districts


def test_all_thirteen_districts_are_recognised(flensburg):
    """AREA_ID and AREA_NAME; names keep their numbers, the foreign parent is the city."""
    _, _, districts = flensburg
    areas = districts.frames["areas"]
    assert not districts.refused
    assert len(areas) == 13
    assert dict(zip(areas["area_id"], areas["name"], strict=True))["STGT03"] == "03 Nordstadt"
    assert set(areas["level"]) == {"district"}
    assert by_code(districts, "parent_is_city")[0].params["value"] == "STGM01001000"
    assert by_code(districts, "level_assumed")
    assert areas.geometry.is_valid.all()


def test_kitas_of_flensburg_need_days_for_their_hours(flensburg):
    """Times alone are proposed for weekdays; with consent all 70 are taken in."""
    city, known, _ = flensburg
    mapping = {"category": "=day_care"}
    kitas = prepare("offers", FL / "kitas.geojson", city, known=known, mapping=mapping)
    assert (kitas.refused, len(by_code(kitas, "schedule_without_days"))) == (True, 70)
    kitas = prepare("offers", FL / "kitas.geojson", city, known=known, mapping=mapping, repair=True)
    offers = kitas.frames["offers"]
    assert (kitas.refused, len(offers)) == (False, 70)
    assert set(offers["schedule"]) >= {"Mo-Fr 07:30-16:30", "Mo-Fr 07:00-17:00"}
    assert offers["capacity"].notna().all()
    (spelt,) = by_code(kitas, "provider_spelt")
    assert spelt.params["name"] == "Dansk Skoleforening for Sydslesvig e. V."
    assert len(kitas.frames["providers"]) == 21


def test_playgrounds_get_ids_and_parted_addresses(flensburg):
    """76 of them, without an id in the file."""
    city, known, _ = flensburg
    mapping = {"category": "=playground"}
    grounds = prepare("offers", FL / "spielplaetze.geojson", city, known=known, mapping=mapping)
    assert not grounds.refused
    assert (len(grounds.frames["offers"]), by_code(grounds, "id_derived") != []) == (76, True)
    assert by_code(grounds, "address_parted")[0].params["count"] == 73
    assert set(grounds.frames["locations"]["postal_code"].dropna()) <= {
        "24937", "24939", "24941", "24943", "24944",
    }  # fmt: skip


def test_the_social_atlas_is_read_with_consent_and_a_choice_of_columns(flensburg):
    """Ids by number, the newest year, overlapping ages to be left out."""
    city, known, _ = flensburg
    file = FL / "sozialatlas" / "fl_age_groups_by_district.csv"
    bare = prepare("population", file, city, known=known)
    (overlap,) = by_code(bare, "age_columns_overlap")
    assert "age_0_to_under_7" in overlap.params["columns"]
    assert by_code(bare, "ids_by_number")[0].params["examples"].startswith("1 → STGT01")
    mapping = {"age_0_to_under_7": "", "age:age_60_and_above": ""}
    chosen = prepare("population", file, city, known=known, mapping=mapping, repair=True)
    people = chosen.frames["population"]
    assert (chosen.refused, chosen.reference_date) == (False, "2022-12-31")
    assert by_code(chosen, "year_chosen")[0].params["others"] == "2021"
    assert len(people) == 13 * 6
    first = people[people["place_id"] == "STGT01"].set_index("age_from")["persons"]
    assert first.to_dict() == {0: 403, 18: 1345, 30: 941, 45: 822, 65: 263, 80: 133}


@pytest.mark.parametrize("file", sorted(p.name for p in (FL / "sozialatlas").glob("*.csv")))
def test_no_table_of_the_social_atlas_crashes_or_slips_through(flensburg, file):
    """Only those with ages and places are people by age."""
    city, known, _ = flensburg
    prepared = prepare("population", FL / "sozialatlas" / file, city, known=known)
    assert prepared.refused
    for fault in prepared.faults:
        assert all(describe(fault, "de")) and all(describe(fault, "en"))


def test_zipped_shapefiles_are_refused_in_words(flensburg):
    """They come later; the message names what is accepted."""
    from sro_geo.errors import SroError

    city, _, _ = flensburg
    for name in ("stadtteile.zip", "stadtbezirke.zip"):
        with pytest.raises(SroError) as caught:
            prepare("areas", FL / name, city)
        assert caught.value.params["type"] == "Shapefile (ZIP)"


# -- municipalities and the rest --------------------------------------------------------


@pytest.mark.parametrize(
    ("county", "count"),
    [("verden", 11), ("dithmarschen", 116), ("nordfriesland", 133), ("segeberg", 96)],
)
def test_municipalities_keep_their_names_and_keys(county, count):
    """ "Norderstedt, Stadt" is a name; keys keep their zeros; shapes are as published."""
    city = shipped_city(bounds=None)
    file = REAL / "municipalities" / f"{county}.geojson"
    prepared = prepare("areas", file, city, mapping={"level": "=social_space"}, repair=True)
    areas = prepared.frames["areas"]
    assert len(areas) == count
    assert areas["area_id"].str.fullmatch(r"0\d{7}").all()
    assert areas["name"].str.contains(", Stadt").any() or county == "verden"
    assert [f.code for f in prepared.faults if f.severity == "error"] == []


def test_other_formats_are_refused_in_words():
    """Parquet and OSM extracts are not read here."""
    from sro_geo.errors import SroError

    for path in ("germany/census2011_population_1km.parquet", "osm/heidelberg.osm.pbf"):
        with pytest.raises(SroError) as caught:
            prepare("population", REAL / path, shipped_city())
        assert caught.value.code == "file_type_unsupported"


def test_what_was_taken_in_can_be_handed_out_and_taken_in_again(town, tmp_path):
    """The schools as CSV, XLSX and GeoJSON."""
    city, known = town
    schools = prepare(
        "offers", NORDERSTEDT / "schools.tsv", city, known=known, mapping={"category": "=school"}
    )
    places = schools.frames["locations"]
    table = places.merge(schools.frames["offers"], on="location_id")
    for format in ("csv", "xlsx", "geojson"):
        file = tmp_path / f"schulen.{format}"
        write_table(table, file, format=format)
        back = prepare("offers", file, city, known=known)
        assert not back.refused
        columns = ["offer_id", "name", "contact", "location_id"]
        one, other = (p.frames["offers"][columns].sort_values("offer_id") for p in (schools, back))
        pd.testing.assert_frame_equal(one.reset_index(drop=True), other.reset_index(drop=True))
