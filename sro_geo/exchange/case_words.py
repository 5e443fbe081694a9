"""Words for help under SGB VIII: types, counting rules, units, and where help is given."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sro_geo.cases.help_types import HELP_TYPES
from sro_geo.exchange.recognise import plain
from sro_geo.exchange.records import words

_NAMES: Mapping[str, str] = {
    "27(2)": "flexiblehilfe flexiblehilfen flexiblehilfezurerziehung flexiblehilfenzurerziehung"
    " sonstigehilfezurerziehung sonstigehilfenzurerziehung hilfezurerziehung27abs2 flexiblehelp"
    " flexiblesupport flexiblefamilysupport",
    "28": "erziehungsberatung erziehungsberatungen childguidance educationalcounselling"
    " educationalcounseling parentingcounselling",
    "29": "sozialegruppenarbeit socialgroupwork",
    "30": "erziehungsbeistand erziehungsbeistandschaft erziehungsbeistaende betreuungshelfer"
    " betreuungshilfe erziehungsbeistandbetreuungshelfer erziehungsbeistandbetreuungshilfe"
    " erziehungsbeistandschaftbetreuungshilfe childwelfareadvocate supervisedsupport",
    "31": "sozialpaedagogischefamilienhilfe spfh familienhilfe socialpedagogicalfamilysupport"
    " socialpedagogicalfamilyassistance socialpedagogicalfamilyhelp",
    "32": "tagesgruppe tagesgruppen erziehungineinertagesgruppe daygroup daygroups",
    "33": "vollzeitpflege pflegefamilie pflegefamilien pflegekinder fostercare fulltimefostercare",
    "34": "heimerziehung heimerziehungsonstigebetreutewohnform"
    " heimerziehungsonstigebetreutewohnformen heimerziehungbetreutewohnform"
    " heimerziehungundbetreuteswohnen heim heimunterbringung residentialcare",
    "35": "intensivesozialpaedagogischeeinzelbetreuung ise intensiveeinzelbetreuung"
    " intensiveindividualsupport intensivesocialpedagogicalindividualsupport",
    "35a": "eingliederungshilfe eingliederungshilfen seelischeeingliederungshilfe"
    " eingliederungshilfefuerseelischbehindertekinderundjugendliche integrationassistance"
    " integrationsupport",
    "41": "hilfefuerjungevolljaehrige hilfenfuerjungevolljaehrige jungevolljaehrige youngadults"
    " supportforyoungadults",
    "42": "inobhutnahme inobhutnahmen takingintocare takenintocare",
    "8a": "gefaehrdungseinschaetzung gefaehrdungseinschaetzungen kindeswohlgefaehrdung"
    " kindeswohlgefaehrdungen gefaehrdungsmeldung gefaehrdungsmeldungen riskassessment"
    " riskassessments",
}
_BY_NAME = {name: code for code, names in _NAMES.items() for name in names.split()}
_TWO = r"(?:\s*(?:\(\s*2\s*\)|[./]\s?2|abs(?:\.|atz)?\s*2|ii))?"
_LAW = r"(?:\s*,?\s*(?:sgb\s*(?:viii|8)|kjhg))?"
_PARAGRAPH = re.compile(
    rf"(?:§+|paragra(?:f|ph)|section|sec\.?)?\s*(27{_TWO}|[0-9]{{1,2}}\s?a?){_LAW}", re.IGNORECASE
)
_WITHIN = re.compile(
    rf"(?:§+|paragra(?:f|ph)|section)\s*(27{_TWO}|[0-9]{{1,2}}\s?a?)(?![0-9a-zäöü])", re.IGNORECASE
)
_BEFORE = re.compile(
    r"(?:anzahl|zahl|hilfeart|hilfen?|hze|help|type|par|p|faelle|fälle|cases)[\s_.:-]+",
    re.IGNORECASE,
)
_LONGEST = 200

RULE_WORDS: Mapping[str, str] = {
    **dict.fromkeys(
        words("bestand stichtag amstichtag bestand3112 am3112 bestandam3112 laufend laufende"),
        "stock",
    ),
    **dict.fromkeys(
        words(
            "laufendundbeendet laufendeundbeendete laufendbeendet laufendebeendete"
            " bestandundbeendet bestandbeendet bestandundbeendete jahressumme imjahr runningended"
        ),
        "running_and_ended",
    ),
}
UNIT_WORDS: Mapping[str, str] = {
    **dict.fromkeys(words("faelle fall hilfen hilfe case"), "cases"),
    **dict.fromkeys(
        words("jungemenschen kinder personen kinderundjugendliche youngpersons persons people"),
        "young_people",
    ),
}
PLACE_WORDS: Mapping[str, str] = {
    **dict.fromkeys(words("sozialraum imsozialraum quartier stadtteil imquartier"), "social_space"),
    **dict.fromkeys(words("region inderregion"), "region"),
    **dict.fromkeys(words("stadt inderstadt stadtgebiet gemeinde town"), "city"),
    **dict.fromkeys(words("ausserhalb ausserhalbderstadt auswaerts auswaertig"), "outside"),
    **dict.fromkeys(words("unbekannt keineangabe ka"), "unknown"),
}


def help_type_of(text: str) -> str | None:
    """Return the code of a type of help (``31``, ``27(2)``, ``35a``), None where unsure.

    Understands ``31``, ``§ 31``, ``§ 31 SGB VIII`` and the usual German and English names;
    a text that names two paragraphs is none. ``§ 27`` alone is § 27 (2): the others are
    named by their own paragraphs.
    """
    if len(text) > _LONGEST:
        return None
    short = " ".join(text.split()).removesuffix(".0")
    if match := _PARAGRAPH.fullmatch(short):
        return _code(match[1])
    if code := _BY_NAME.get(plain(short)):
        return code
    named = {_code(found) for found in _WITHIN.findall(short)}
    return named.pop() if len(named) == 1 else None


def _code(paragraph: str) -> str | None:
    number = re.sub(r"\s", "", paragraph).lower()
    number = "27(2)" if number.startswith("27") else number
    return number if number in HELP_TYPES else None


def help_type_of_heading(heading: str) -> str | None:
    """Return the type of help a column counts, by its heading (also ``HzE_31``), else None."""
    code = help_type_of(heading)
    if code is None and (before := _BEFORE.match(heading)):
        code = help_type_of(heading[before.end() :])
    return code


def is_help_name(heading: str) -> bool:
    """Tell whether a heading is the name of a type of help, and not a mere number."""
    return plain(heading) in _BY_NAME
