"""From text to numbers, dates and choices, in the ways people write them."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from sro_geo.exchange.recognise import plain
from sro_geo.exchange.records import FaultLog, filled, present, words

_BLANK = re.compile(r"(?<=\d)[\s\u00a0\u202f'’](?=\d{3}(?!\d))")
_THOUSANDS = re.compile(r"-?[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3})*")
_GROUPED = re.compile(r"-?[1-9]\d{0,2}([.,])\d{3}(?!\d)")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
_TRUE = words("ja yes true wahr j y x 1 t on")
_FALSE = words("nein no false falsch n 0 f off")
_LARGEST = 2**53

# What people write for the words of the tables; keys as `recognise.plain` gives them.
CHOICES: Mapping[str, Mapping[str, str]] = {
    "status": {
        "aktiv": "active",
        "laufend": "active",
        "inbetrieb": "active",
        "offen": "active",
        "geplant": "planned",
        "inplanung": "planned",
        "pausiert": "paused",
        "ruht": "paused",
        "ruhend": "paused",
        "geschlossen": "closed",
        "beendet": "closed",
        "eingestellt": "closed",
    },
    "work_level": {
        "fallspezifisch": "case_specific",
        "fallbezogen": "case_specific",
        "einzelfallbezogen": "case_specific",
        "falluebergreifend": "cross_case",
        "fallunspezifisch": "case_independent",
        "fallunabhaengig": "case_independent",
    },
    "kind": {
        "fachlich": "professional",
        "professionell": "professional",
        "fachangebot": "professional",
        "ressource": "resource",
        "sozialraumressource": "resource",
    },
    "reach_level": {
        "sozialraum": "social_space",
        "quartier": "social_space",
        "stadtteil": "social_space",
        "gesamtstadt": "city",
        "stadt": "city",
        "stadtweit": "city",
    },
    "provider_kind": {
        "oeffentlich": "statutory",
        "oeffentlichertraeger": "statutory",
        "kommunal": "statutory",
        "stadt": "statutory",
        "frei": "non_statutory",
        "freiertraeger": "non_statutory",
        "verein": "club",
        "kirche": "church",
        "kirchlich": "church",
        "initiative": "initiative",
        "elterninitiative": "initiative",
        "sonstige": "other",
        "sonstiges": "other",
    },
    "place_kind": {
        **dict.fromkeys(words("baublock blockseite"), "block"),
        **dict.fromkeys(words("zelle gitterzelle rasterzelle gitter"), "cell"),
    },
    "ground": {
        "wasser": "water",
        "gewaesser": "water",
        "river": "water",
        "lake": "water",
        "gruen": "green",
        "gruenflaeche": "green",
        "wald": "green",
        "park": "green",
        "forest": "green",
        "wood": "green",
        "meadow": "green",
        "grass": "green",
        "bahn": "rail",
        "schiene": "rail",
        "railway": "rail",
        "strasse": "road",
        "highway": "road",
        "nachbar": "neighbour",
        "nachbargemeinde": "neighbour",
        "neighbor": "neighbour",
    },
    "street": {
        **dict.fromkeys(words("motorway trunk primary secondary tertiary hauptstrasse"), "main"),
        **dict.fromkeys(
            words("motorwaylink trunklink primarylink secondarylink tertiarylink"), "main"
        ),
        **dict.fromkeys(
            words("livingstreet unclassified service road wohnstrasse nebenstrasse"), "residential"
        ),
        **dict.fromkeys(
            words(
                "footway cycleway pedestrian track steps bridleway corridor platform elevator"
                " accessramp ladder fussweg radweg weg"
            ),
            "path",
        ),
    },
}


def as_numbers(
    values: np.ndarray,
    rows: np.ndarray,
    column: str,
    log: FaultLog,
    *,
    kind: str = "number",
    decimal: str = "",
) -> np.ndarray:
    """Return floats (NaN where missing or faulty).

    Decimal comma or point is decided for the column as a whole; ``decimal`` (``,`` or
    ``.``, from the mapping) decides where ``1.234`` could be both.

    Parameters
    ----------
    kind
        ``integer`` (a fraction is a fault), ``number`` or ``coordinate`` (never thousands).
    """
    out = np.full(len(values), np.nan)
    full = present(values)
    if not full.any():
        return out
    texts = {v: _BLANK.sub("", v.replace("−", "-")).strip() for v in set(values[full])}
    if kind == "coordinate":
        texts = {v: _coordinate(text) for v, text in texts.items()}
    comma, grouped = _marks(list(texts.values()), kind, decimal)
    if comma is None:
        example = next(v for v, text in texts.items() if _THOUSANDS.fullmatch(text))
        log.add("number_ambiguous", column=column, value=example)
        comma = False
    parsed = {v: _number(text, comma) for v, text in texts.items()}
    out[full] = [parsed[v] for v in values[full]]
    bad = full & np.isnan(out)
    log.each("number_malformed", bad, rows, column=column, values=values)
    if kind == "integer":
        with np.errstate(invalid="ignore"):
            part = full & ~bad & (out != np.floor(out))
        log.each("number_not_whole", part, rows, column=column, values=values)
        out[part] = np.nan
    example = next((v for v, text in texts.items() if _GROUPED.match(text)), None)
    if grouped and example is not None:
        log.add("thousands_read", column=column, severity="note", value=example)
    return out


def _coordinate(text: str) -> str:
    """Return a coordinate with a decimal point: a single mark in it is never thousands."""
    marks = re.findall(r"[.,]", text)
    if len(marks) == 1:
        return text.replace(",", ".")
    if len(set(marks)) == 2 and marks.count(marks[-1]) == 1:
        return text.replace(marks[0], "").replace(marks[-1], ".")
    return text if len(marks) < 2 else text.replace(marks[0], "")


def _marks(texts: list[str], kind: str, decimal: str) -> tuple[bool | None, bool]:
    """Return (decimal comma?, are there thousands?); None where it could be both."""
    commas = [t for t in texts if "," in t]
    points = [t for t in texts if "." in t]
    if kind == "coordinate":
        return False, False
    if decimal in (",", "."):
        mark = "." if decimal == "," else ","
        return decimal == ",", any(mark in t for t in texts)
    both = [t for t in commas if "." in t]
    if both:
        comma = both[0].rfind(",") > both[0].rfind(".")
        return comma, True
    if commas and points:
        return True, True
    marked = commas or points
    if not marked or not all(_THOUSANDS.fullmatch(t) for t in marked):
        return bool(commas), False
    several = any(len(re.findall(r"[.,]", t)) > 1 for t in marked)
    if kind == "integer" or several:
        return bool(points), True
    return None, False


def _number(text: str, comma: bool) -> float:
    group, mark = (r"\.", ",") if comma else (",", r"\.")
    if group[-1] in text:
        if not re.fullmatch(rf"[+-]?\d{{1,3}}(?:{group}\d{{3}})+(?:{mark}\d*)?", text):
            return math.nan
        text = text.replace(group[-1], "")
    text = text.replace(",", ".")
    if not _NUMBER.fullmatch(text):
        return math.nan
    value = float(text)
    return value if math.isfinite(value) and abs(value) < _LARGEST else math.nan


def as_integers(
    values: np.ndarray, rows: np.ndarray, column: str, log: FaultLog, *, decimal: str = ""
) -> pd.Series:
    """Return whole numbers as ``Int64``."""
    numbers = as_numbers(values, rows, column, log, kind="integer", decimal=decimal)
    return pd.Series(numbers).astype("Int64")


def as_booleans(values: np.ndarray, rows: np.ndarray, column: str, log: FaultLog) -> pd.Series:
    """Return ja/nein, true/false, 1/0, x … as ``boolean``; anything else is a fault."""
    out = filled(None, len(values))
    bad = np.zeros(len(values), bool)
    for position, value in enumerate(values):
        if value is None:
            continue
        word = value.lower().removesuffix(".0")
        if word in _TRUE or word in _FALSE:
            out[position] = word in _TRUE
        else:
            bad[position] = True
    log.each("boolean_malformed", bad, rows, column=column, values=values)
    return pd.Series(out, dtype="boolean")


def as_dates(
    values: np.ndarray, rows: np.ndarray, column: str, log: FaultLog, *, years: bool = False
) -> np.ndarray:
    """Return ISO dates from ``2024-05-31``, ``31.05.2024`` and date cells.

    A bare number like 45292 is most likely a date Excel stored as a number; it is never
    guessed but said, with the date it would be. ``years``: a year means its last day.
    """
    out = filled(None, len(values))
    full = present(values)
    readings = {v: _date(v, years) for v in set(values[full])}
    forms: set[str] = set()
    for position in np.flatnonzero(full):
        value = values[position]
        iso, form = readings[value]
        out[position] = iso
        forms.add(form)
        if iso is None:
            row = int(rows[position])
            if form == "serial":
                would = dt.date(1899, 12, 30) + dt.timedelta(days=int(float(value)))
                log.add("date_serial", row=row, column=column, value=value, date=would.isoformat())
            else:
                log.add("date_malformed", row=row, column=column, value=value[:60])
    if {"iso", "german"} <= forms:
        log.add("dates_mixed", column=column, severity="note")
    return out


def read_date(text: str) -> str | None:
    """Return the ISO date of ``2024-05-31`` or ``31.05.2024``, None where it is neither."""
    return _date(text, years=False)[0]


def _date(text: str, years: bool) -> tuple[str | None, str]:
    if match := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ][\d:.+Z-]*)?", text):
        return _iso(match[1], match[2], match[3]), "iso"
    if match := re.fullmatch(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(?: [\d:]+)?", text):
        return _iso(match[3], match[2], match[1]), "german"
    if years and re.fullmatch(r"(?:19|20)\d\d(?:\.0)?", text):
        return f"{text[:4]}-12-31", "year"
    if re.fullmatch(r"[2-6]\d{4}(?:\.\d+)?", text):
        return None, "serial"
    return None, "?"


def _iso(year: str, month: str, day: str) -> str | None:
    try:
        return dt.date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def as_choices(
    values: np.ndarray, choices: tuple[str, ...], words: Mapping[str, str]
) -> np.ndarray:
    """Return values as the words of the tables where they are recognised, else unchanged."""
    by_plain = {plain(choice): choice for choice in choices}

    def read(value: Any) -> Any:
        if value is None:
            return None
        short = plain(value)
        return by_plain.get(short) or words.get(short) or value

    return _mapped(values, read)


def _mapped(values: np.ndarray, read: Callable[[Any], Any]) -> np.ndarray:
    out = np.empty(len(values), object)
    out[:] = [read(value) for value in values]
    return out
