"""Kinds of offers, as tables and as TOML."""

import pytest

from sro_geo.errors import SroError
from tests.exchange.files import codes, csv_bytes, take

GROUP = """
[[groups]]
group = "{group}"
name = {{ de = "Kochen", en = "Cooking" }}
symbol = "{symbol}"
colour = "{colour}"
"""
CATEGORY = """
[[categories]]
category = "cooking_club"
name = { de = "Kochtreff", en = "Cooking club" }
group = "cooking"
"""


def toml(text, **more):
    """Prepare a TOML file."""
    return take("categories", text.encode(), "arten.toml", **more)


def group(name="cooking", symbol="star", colour="#335f12"):
    """A group as TOML."""
    return GROUP.format(group=name, symbol=symbol, colour=colour)


def test_a_table_names_group_and_section_as_people_do():
    """The group by its name, the section with its sign."""
    data = csv_bytes(
        "Angebotsart;Bezeichnung;Paragraf;Gruppe", "cooking_club;Kochtreff;§ 16 SGB VIII;Beratung"
    )
    prepared = take("categories", data)
    assert () == prepared.faults
    row = prepared.frames["categories"].iloc[0]
    assert ("cooking_club", "Kochtreff", "16", "counselling") == (
        row["category"],
        row["name_de"],
        row["section"],
        row["group"],
    )


def test_what_the_table_does_not_say_stays_as_it_is():
    """One more name for a kind there is."""
    row = take("categories", csv_bytes("category;name_en", "youth_centre;Youth club")).frames[
        "categories"
    ]
    assert ["Offene Kinder- und Jugendarbeit", "Youth club", "11", "youth"] == row.loc[
        0, ["name_de", "name_en", "section", "group"]
    ].to_list()


def test_every_fault_of_a_table_is_listed():
    """A name as id, no German name, a group there is not, the same id twice."""
    data = csv_bytes("category;name_de;group", "Kochen!;a;youth", "b;;youth", "c;c;xx", "c;d;youth")
    assert {
        ("category_id_malformed", 2),
        ("value_missing", 3),
        ("group_unknown", 4),
        ("id_doubled", 5),
    } == {(f.code, f.row) for f in take("categories", data).faults}


def test_a_toml_file_brings_groups_along():
    """Its categories may belong to them."""
    prepared = toml(group() + CATEGORY)
    assert ["symbol_shared"] == codes(prepared)
    assert not prepared.refused
    assert ["cooking"] == prepared.frames["category_groups"]["group"].to_list()
    assert ["cooking"] == prepared.frames["categories"]["group"].to_list()


def test_every_fault_of_a_group_is_listed():
    """What cannot be drawn, and what can hardly be seen."""
    bad = toml(group(symbol="heart", colour="red") + group(name="Kochen", colour="#ffff00"))
    assert {
        ("value_not_allowed", "groups.symbol", 1),
        ("colour_malformed", "groups.colour", 1),
        ("category_id_malformed", "groups.group", 2),
        ("colour_pale", "groups.colour", 2),
        ("symbol_shared", "groups.symbol", 2),
    } == {(f.code, f.column, f.row) for f in bad.faults}


def test_a_toml_value_that_is_no_text_is_a_fault():
    """A list is no name; a number is read as text."""
    text = '[[categories]]\ncategory = "a"\nname = { de = ["x"] }\nsection = 16\ngroup = "youth"'
    prepared = toml(text)
    assert ["toml_value_wrong"] == codes(prepared, "error")
    assert ["16"] == prepared.frames["categories"]["section"].to_list()


@pytest.mark.parametrize(
    "text", ["x = ", "x = 1", "categories = 1", "categories = [1]", "a = " + "[" * 5000, "a='\x00'"]
)
def test_what_is_no_categories_toml_is_refused_in_words(text):
    """Broken, empty of categories, or another thing altogether."""
    with pytest.raises(SroError, match=r"file_malformed|file_not_text"):
        toml(text)
