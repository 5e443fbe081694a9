"""The kinds of files that can be taken in: their fields and the names columns go by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from sro_geo.city import City, Level


@dataclass(frozen=True)
class Field:
    """One thing a file can say of a record.

    ``synonyms`` are other names of its column, German and English, best first; case,
    umlauts, blanks and punctuation do not count.
    """

    name: str
    synonyms: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of file: its fields, and which shapes it draws (``""``: a plain table)."""

    name: str
    fields: tuple[Field, ...]
    geometry: str = ""


def _field(name: str, synonyms: str = "", *, required: bool = False) -> Field:
    return Field(name, tuple(synonyms.split()), required)


_ID = "id kennung nummer nr schluessel code key"
_X = _field("x", "rechtswert ostwert easting utm_e utm_x x_koordinate xcoord coord_x gk_x")
_Y = _field("y", "hochwert nordwert northing utm_n utm_y y_koordinate ycoord coord_y gk_y")
_LAT = _field("lat", "latitude breite breitengrad geo_lat address.latitude wgs84_lat")
_LON = _field("lon", "longitude lng laenge laengengrad geo_lon address.longitude wgs84_lon long")
_STREET = _field("street", "strasse strassenname address.street str")
_NUMBER = _field("house_number", "hausnummer hausnr hnr number address.number housenumber nr")
_POST = _field("postal_code", "plz postleitzahl zipcode zip postcode postalcode address.postalcode")
_TOWN = _field("city", "ort stadt town gemeinde wohnort address.town address.city")
_AREA = _field(
    "area_id",
    "gebiet gebiet_id gebietsnummer district_id stadtteil_id stadtteil_nr bezirk_id bezirk_nr"
    " stadtteil bezirk sozialraum social_space_id ags",
)
_YEAR = "jahr berichtsjahr stichtag reference_date datum"
_CONTACT = (
    _field("phone", "telefon telephone tel telefonnummer rufnummer fon"),
    _field("email", "e_mail mail emailadresse mailadresse"),
    _field("website", "webseite internet homepage url www web internetseite"),
)

_KINDS = (
    Kind(
        "areas",
        (
            _field(
                "area_id",
                f"gebiet_id gebietsnummer ags ars stadtteil_nr bezirk_nr gebietskennung {_ID}",
                required=True,
            ),
            _field("level", "ebene gebietsebene gebietsart"),
            _field(
                "name",
                "area_name bezeichnung gen gebietsname gebiet stadtteil bezirk sozialraum"
                " gemeindename label titel",
                required=True,
            ),
            _field(
                "parent_id",
                "parent_area parent_are parent uebergeordnet uebergeordnetes_gebiet oberbereich"
                " teil_von gehoert_zu",
            ),
        ),
        "area",
    ),
    Kind(
        "blocks",
        (
            _field(
                "block_id",
                f"block baublock baublock_id baublocknummer blocknr block_nr blocknummer {_ID}",
                required=True,
            ),
            _field("name", "bezeichnung blockname label"),
        ),
        "area",
    ),
    Kind(
        "population",
        (
            _field(
                "block_id",
                "place_id block baublock baublock_id blocknr block_nr blocknummer area_id gebiet"
                " gebiet_id district_id stadtteil_id bezirk_id stadtteil bezirk sozialraum"
                f" social_space_id ags {_ID}",
            ),
            _field(
                "cell_id",
                "gitter_id_100m gitter_id_1km gitter_id_10km gitter_id grid_id zellen_id zelle"
                " cellcode inspire_id",
            ),
            _field("x", f"x_mp_100m x_mp_1km x_mp_10km x_mp {' '.join(_X.synonyms)}"),
            _field("y", f"y_mp_100m y_mp_1km y_mp_10km y_mp {' '.join(_Y.synonyms)}"),
            _LAT,
            _LON,
            _field("age", "alter altersgruppe altersklasse age_group altersstufe"),
            _field("age_from", "alter_von von_alter ab_alter"),
            _field("age_to", "alter_bis bis_alter"),
            _field(
                "persons",
                "personen einwohner anzahl einwohnerzahl bevoelkerung residents population count"
                " insgesamt",
            ),
            _field("reference_date", "stichtag datum date jahr year berichtsjahr stand"),
            _field("place_kind", "ortsart"),
            _field("estimated", "geschaetzt schaetzung"),
        ),
        "point",
    ),
    Kind(
        "offers",
        (
            _field("offer_id", f"angebot_id angebotsnummer einrichtung_id {_ID} slug"),
            _field(
                "name",
                "facility einrichtung angebot angebotsname bezeichnung name_der_einrichtung"
                " einrichtungsname place titel title",
                required=True,
            ),
            _field(
                "description",
                "beschreibung details comments bemerkung bemerkungen kommentar info erlaeuterung",
            ),
            _field("provider_id", "traeger_id anbieter_id"),
            _field("provider", "traeger anbieter institution organisation traegername operator"),
            _field("category", "kategorie angebotsart einrichtungsart art typ type", required=True),
            _field("work_level", "arbeitsebene fallbezug"),
            _field("kind", "angebotsform"),
            _field("low_threshold", "niedrigschwellig niederschwellig"),
            _field("reach_level", "reichweite wirkungskreis"),
            _field("age_min", "alter_von ab_alter mindestalter age_from alter_min von_alter"),
            _field("age_max", "alter_bis bis_alter hoechstalter age_to alter_max"),
            _field("age_min_months", "carefrom alter_von_monate ab_monate age_from_months"),
            _field("age_max_months", "careto alter_bis_monate bis_monate age_to_months"),
            _field("target_group", "zielgruppe zielgruppen"),
            _field("languages", "sprachen sprache language"),
            _field("accessibility", "barrierefrei barrierefreiheit wheelchair zugaenglichkeit"),
            _field("cost", "kosten gebuehr preis fee teilnahmebeitrag"),
            _field("capacity", "plaetze platzzahl kapazitaet places childcare_places platzanzahl"),
            _field("schedule", "opening_hours oeffnungszeiten oeffnungszeit zeiten hours"),
            _field("contact", "kontakt ansprechpartner ansprechperson"),
            *_CONTACT,
            _field("status", "zustand"),
            _field("verified_on", "geprueft_am zuletzt_geprueft stand aktualisiert_am verified"),
            _field("source", "quelle herkunft"),
            _field("protected", "geschuetzt schutzort"),
            _field("host_location_id", "gastort_id"),
            _field("location_id", "ort_id standort_id"),
            _field("service_area", "versorgungsgebiet einzugsgebiet einsatzgebiet"),
            _field("address", "adresse anschrift standort"),
            _STREET,
            _NUMBER,
            _POST,
            _TOWN,
            # Not kept: areas tell where an offer lies. Read to compare neighbours.
            _field("district", "address.district ortsteil stadtteil bezirk"),
            _LAT,
            _LON,
            _X,
            _Y,
        ),
        "point",
    ),
    Kind(
        "providers",
        (
            _field("provider_id", f"traeger_id anbieter_id {_ID}"),
            _field("name", "traeger anbieter provider bezeichnung organisation", required=True),
            _field("kind", "art typ type traegerart"),
            _field("contact", "kontakt ansprechpartner ansprechperson"),
            *_CONTACT,
        ),
    ),
    Kind(
        "addresses",
        (
            _field("address_id", "adresse_id id kennung oid gml_id"),
            _STREET,
            _NUMBER,
            _field("house_suffix", "hausnummernzusatz adresszusatz zusatz hnrzusatz adz"),
            _field("address", "adresse anschrift"),
            _POST,
            _TOWN,
            _LAT,
            _LON,
            _X,
            _Y,
        ),
        "point",
    ),
    Kind(
        "streets",
        (
            _field("street_id", f"osm_id strassenschluessel strasse_id {_ID}"),
            _field("name", "strassenname strasse street bezeichnung"),
            _field("kind", "highway strassenart art typ type fclass"),
            _field("walk", "zu_fuss fussgaenger"),
            _field("bike", "fahrrad rad"),
            _field("foot"),
            _field("bicycle"),
            _field("access"),
        ),
        "line",
    ),
    Kind(
        "basemap",
        (
            _field("feature_id", f"osm_id objekt_id {_ID}"),
            _field("kind", "art typ type klasse class fclass natural landuse", required=True),
            _field("name", "bezeichnung gen label"),
        ),
        "any",
    ),
    Kind(
        "teams",
        (
            _field("team_id", f"{_ID} team_nr", required=True),
            _field("name", "team teamname bezeichnung", required=True),
            _field("contact", "kontakt ansprechpartner ansprechperson"),
            *_CONTACT,
            _field("address", "adresse anschrift standort"),
            _field("office_hours", "sprechzeiten oeffnungszeiten opening_hours sprechstunde"),
        ),
    ),
    Kind(
        "responsibilities",
        (
            _field("area_id", "gebiet_id gebiet sozialraum_id sozialraum", required=True),
            _field("team_id", "team", required=True),
            _field("valid_from", "gueltig_ab gueltig_von ab von"),
            _field("valid_to", "gueltig_bis bis"),
        ),
    ),
    Kind(
        "categories",
        (
            _field("category", f"kuerzel kategorie angebotsart art {_ID}", required=True),
            _field("name_de", "bezeichnung name name_deutsch deutsch angebotsart titel label"),
            _field("name_en", "englisch english name_englisch bezeichnung_englisch"),
            _field("section", "paragraf paragraph rechtsgrundlage sgb_viii"),
            _field("group", "gruppe gruppen_id group_id gruppenkuerzel"),
            _field("group_name", "gruppenname gruppenbezeichnung name_der_gruppe"),
        ),
    ),
    Kind(
        "cases",
        (
            _field("block_id", "place_id block baublock baublock_id blocknr block_nr blocknummer"),
            _AREA,
            _field("year", _YEAR),
            _field("help_type", "hilfeart hilfe hilfetyp hilfeform art_der_hilfe type_of_help"),
            _field("age", "alter altersgruppe altersklasse age_group altersstufe"),
            _field("age_from", "alter_von von_alter ab_alter"),
            _field("age_to", "alter_bis bis_alter"),
            _field("counting_rule", "zaehlweise zaehlregel zaehlart"),
            _field("unit", "zaehleinheit einheit gezaehlt_werden"),
            _field("place_of_help", "ort_der_hilfe hilfeort durchfuehrungsort"),
            _field(
                "case_count",
                "anzahl faelle fallzahl fallzahlen hilfen anzahl_faelle anzahl_hilfen count cases"
                " zahl",
            ),
            # From here on the columns of a list of cases, one row each.
            _field(
                "begin", "beginn hilfebeginn beginn_der_hilfe begonnen_am start anfang begin_date"
            ),
            _field("end", "ende hilfeende ende_der_hilfe beendet_am ende_am end_date"),
            _field("birth_date", "geburtsdatum geburtstag geb_datum geb_am geboren_am geboren dob"),
            _field(
                "person",
                "nachname vorname familienname namen aktenzeichen az fallnummer fall_id fall_nr"
                " case_id surname last_name first_name",
            ),
            _field("address", "adresse anschrift wohnanschrift"),
            _STREET,
            _NUMBER,
            _field("house_suffix", "hausnummernzusatz adresszusatz zusatz hnrzusatz adz"),
            _POST,
            _TOWN,
            _LAT,
            _LON,
            _X,
            _Y,
        ),
    ),
    Kind(
        "indicators",
        (
            _field("indicator", "indikator indicator_id indikator_id merkmal kennzahl"),
            _AREA,
            _field("year", _YEAR),
            _field("numerator", "zaehler anzahl personen count"),
            _field("denominator", "nenner basis bezugsgroesse grundgesamtheit"),
            _field("value", "wert quote anteil rate quotient prozent percentage share"),
            _field("published", "veroeffentlicht oeffentlich"),
            _field("source", "quelle herkunft"),
        ),
    ),
)

KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _KINDS})


def fields_of(kind: Kind, city: City) -> tuple[Field, ...]:
    """Return the fields of a kind in this city: blocks name the areas they lie in, by level."""
    counted = {"population": "block_id", "cases": "area_id", "indicators": "area_id"}
    if place := counted.get(kind.name):
        return tuple(_with_levels(f, city) if f.name == place else f for f in kind.fields)
    if kind.name != "blocks":
        return kind.fields
    levels = (city.lowest, *city.parallel_levels)
    extra = []
    for level in levels:
        extra.append(Field(f"{level.level}_id", _names_of(level)))
    return (*kind.fields, *extra)


def _names_of(level: Level) -> tuple[str, ...]:
    words = [level.level, *level.names.values()]
    return (*words, *(f"{w}_{end}" for w in words for end in ("id", "nr", "nummer")))


def _with_levels(field: Field, city: City) -> Field:
    """Return the place of population with the names of the levels, the whole city apart."""
    levels = [level for level in reversed(city.levels) if level.parent is not None]
    names = [name for level in levels for name in _names_of(level)]
    return replace(field, synonyms=tuple(dict.fromkeys([*field.synonyms, *names])))
