"""Which column says what."""

from sro_geo.exchange.kinds import KINDS
from sro_geo.exchange.recognise import recognise
from sro_geo.exchange.records import FaultLog
from sro_geo.i18n import phrases


def found(kind, columns, mapping=None):
    """Return field → (source, how) of what was found, and the codes of the faults."""
    log = FaultLog("f")
    entries = recognise(KINDS[kind].fields, columns, mapping or {}, log)
    return {e.field: (e.source, e.how) for e in entries if e.source}, [f.code for f in log.faults]


def test_names_come_before_synonyms():
    """A column that bears the field's own name is the field."""
    assert found("teams", ["id", "team_id", "name"])[0]["team_id"] == ("team_id", "name")


def test_case_umlauts_and_punctuation_do_not_count():
    """Spreadsheets are written by people."""
    columns = ["Träger", "Öffnungszeiten", "Straße", "Haus-Nr.", "PLZ", "NAME", "Art"]
    sources = {field: source for field, (source, _) in found("offers", columns)[0].items()}
    assert sources == {
        "provider": "Träger",
        "schedule": "Öffnungszeiten",
        "street": "Straße",
        "house_number": "Haus-Nr.",
        "postal_code": "PLZ",
        "name": "NAME",
        "category": "Art",
    }


def test_a_misspelt_column_is_recognised_and_said():
    """The user may correct it."""
    entries, faults = found("offers", ["name", "category", "Öffnungzeiten"])
    assert entries["schedule"] == ("Öffnungzeiten", "similar")
    assert faults == ["column_similar"]


def test_another_digit_is_another_column():
    """area_id_2 is not area_id."""
    assert "area_id" not in found("areas", ["area_id_2", "name"])[0]


def test_the_mapping_goes_first():
    """Also against a column that bears the name."""
    entries, _ = found("teams", ["team_id", "name", "label"], {"name": "label"})
    assert entries["name"] == ("label", "mapping")


def test_a_mapping_may_give_a_constant():
    """With an equals sign."""
    entries, faults = found("offers", ["name"], {"category": "=day_care"})
    assert (entries["category"], faults) == (("=day_care", "mapping"), [])


def test_an_empty_mapping_leaves_a_field_or_a_column_alone():
    """Both ways round."""
    assert "contact" not in found("teams", ["team_id", "name", "contact"], {"contact": ""})[0]
    assert "email" not in found("teams", ["team_id", "name", "E-Mail"], {"E-Mail": ""})[0]


def test_a_wrong_mapping_is_a_fault():
    """A field or a column that does not exist."""
    assert found("teams", ["team_id", "name"], {"contact": "Tel"})[1] == ["mapping_column_unknown"]
    assert found("teams", ["team_id", "name"], {"colour": "name"})[1] == ["mapping_field_unknown"]


def test_a_missing_required_column_is_said_once():
    """Not for every row again."""
    assert found("teams", ["team_id"])[1] == ["column_missing"]


def test_every_field_has_a_label_in_both_languages():
    """The page shows what was recognised."""
    wanted = {f"fields.{field.name}" for kind in KINDS.values() for field in kind.fields}
    for language in ("de", "en"):
        assert wanted - set(phrases(language)) == set()
