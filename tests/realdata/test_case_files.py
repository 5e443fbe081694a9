"""Real figures of a city: helps by type, and indicators of thirteen districts."""

import json

import pandas as pd
import pytest

from sro_geo.exchange import prepare
from sro_geo.i18n import LANGUAGES, describe
from tests.realdata.test_real_files_exchange import (  # noqa: F401
    FL,
    by_code,
    flensburg,
    pytestmark,
)
from tests.toy import ROOT

ATLAS = FL / "sozialatlas"
BOTH = {
    "fl_unemployed_residents_by_district.csv": {"indicator": "=unemployed", "value": "residents"},
    "fl_children_age_under_18_by_district.csv": {"indicator": "=under_18", "value": "residents"},
    "fl_age_ratio_by_district.csv": {"indicator": "=youth_quotient", "value": "quotient"},
}


def atlas(flensburg, file, mapping, **more):  # noqa: F811
    """Prepare a table of the social atlas as indicators."""
    city, known, _ = flensburg
    return prepare("indicators", ATLAS / file, city, known=known, mapping=mapping, **more)


def help_mapping():
    """The mapping that is shipped for the table of helps."""
    return json.loads((ROOT / "docs" / "mappings" / "flensburg-help.json").read_text("utf-8"))


def test_helps_of_the_whole_city_are_read(flensburg):  # noqa: F811
    """Seven helps, six years; the help without a number in 2021 and 2022 is not recorded there."""
    city, known, _ = flensburg
    file = ATLAS / "fl_child_education_support.csv"
    prepared = prepare("cases", file, city, known=known, mapping=help_mapping())
    frame = prepared.frames["cases"]
    assert not prepared.refused
    assert set(frame["place_id"]) == {"flensburg"}
    assert set(frame["place_kind"]) == {"area"}
    by_type = frame.pivot_table(index="year", columns="help_type", values="case_count")
    assert by_type.shape == (6, 7)
    assert by_type.loc[2020, ["31", "34", "35a"]].to_list() == [144, 145, 152]
    assert by_type["27(2)"].isna().to_list() == [False] * 4 + [True] * 2
    (gap,) = by_code(prepared, "help_type_not_recorded")
    assert gap.params == {"type": "27(2)", "years": "2021, 2022"}


def test_without_a_mapping_the_table_of_helps_is_refused_in_words(flensburg):  # noqa: F811
    """The headings are other words; what is missing is said, and no number."""
    city, known, _ = flensburg
    file = ATLAS / "fl_child_education_support.csv"
    prepared = prepare("cases", file, city, known=known)
    said = " ".join(w for f in prepared.faults for lang in LANGUAGES for w in describe(f, lang))
    found = {f.code for f in prepared.faults if f.severity == "error"}
    assert {"count_place_missing", "counting_rule_missing", "unit_missing"} <= found
    assert "144" not in said and "parenting" not in said


@pytest.mark.parametrize("file", sorted(BOTH))
def test_thirteen_districts_are_matched_by_number(flensburg, file):  # noqa: F811
    """1 is STGT01, with consent; every year there is, and no year that is not."""
    prepared = atlas(flensburg, file, BOTH[file])
    assert prepared.refused and by_code(prepared, "area_ids_by_number")
    prepared = atlas(flensburg, file, BOTH[file], repair=True)
    frame = prepared.frames["indicators"]
    assert not prepared.refused
    assert frame["area_id"].nunique() == 13
    assert set(frame["level"]) == {"district"}
    raw = pd.read_csv(ATLAS / file)
    assert set(frame["year"]) == set(raw["year"])
    assert 2013 not in set(frame["year"])
    shown = frame[frame["area_id"] == "STGT01"].set_index("year")["value"].dropna()
    first = raw[raw["district_id"] == 1].set_index("year").iloc[:, -1].dropna()
    assert shown.to_dict() == first.to_dict()


def test_numbers_masked_at_the_source_are_neither_missing_nor_zero(flensburg):  # noqa: F811
    """The atlas leaves numbers under 4 empty; the mapping says what an empty cell means."""
    file = "fl_housing_assistance_cases_by_district.csv"
    mapping = {
        "indicator:eviction_notice": "eviction_notices",
        "indicator:general_consulting": "housing_advice",
    }
    status = {}
    for empty in ("", "=suppressed_at_source"):
        said = {**mapping, **({"empty": empty} if empty else {})}
        prepared = atlas(flensburg, file, said, repair=True)
        assert not prepared.refused
        frame = prepared.frames["indicators"]
        status[empty] = frame["status"].value_counts().to_dict()
        assert (len(frame), int((frame["value"] == 0).sum())) == (52, 0)
        assert frame["value"].min() >= 4
    hidden = status[""].pop("missing")
    assert hidden > 0
    assert status["=suppressed_at_source"].pop("suppressed_at_source") == hidden
    assert status[""] == status["=suppressed_at_source"]


def test_several_indicators_come_from_one_table(flensburg):  # noqa: F811
    """Rows that name no district are left out with consent."""
    mapping = {
        "indicator:employable_with_benefits": "employable",
        "indicator:percentage_of_total_residents": "benefits_share",
    }
    file = "fl_beneficiaries_age_15_to_under_65_by_district.csv"
    assert by_code(atlas(flensburg, file, mapping), "indicator_rows_without_area")
    prepared = atlas(flensburg, file, mapping, repair=True)
    frame = prepared.frames["indicators"]
    assert (prepared.refused, len(frame)) == (False, 2 * 2 * 13)
    row = frame[(frame["area_id"] == "STGT02") & (frame["year"] == 2022)].set_index("indicator")
    assert row["value"].to_dict() == {"employable": 735, "benefits_share": 23.8}


@pytest.mark.parametrize("file", sorted(p.name for p in ATLAS.glob("*.csv")))
@pytest.mark.parametrize("kind", ["cases", "indicators"])
def test_no_table_of_the_atlas_crashes_or_slips_through(flensburg, file, kind):  # noqa: F811
    """What is not said by the file is asked for, in words."""
    city, known, _ = flensburg
    prepared = prepare(kind, ATLAS / file, city, known=known)
    assert prepared.refused
    for fault in prepared.faults:
        assert all(describe(fault, "de")) and all(describe(fault, "en"))
