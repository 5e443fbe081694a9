"""Ages in the names of columns and in cells: ``u18``, ``18 bis unter 30``, ``65+``."""

from __future__ import annotations

import re

from sro_geo.exchange.recognise import plain
from sro_geo.exchange.records import words

OLDEST = 130
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "–": "-", "—": "-"})
_NOISE = r"(?:alter|age|ages|aged|einwohner|ew|personen|bev|a|jahre|jahren|jaehrige|years|yrs|j)"
_TOTALS = words(
    "insgesamt gesamt summe total totals alle all einwohner einwohnersumme"
    " einwohnerinsgesamt einwohnersummeklassen bevoelkerung bevoelkerunginsgesamt"
    " population residents personen persons einwohnergesamt"
)
_UNDER = re.compile(r"(?:unter|under|u|<|bis unter|juenger als|below)(\d{1,3})")
_RANGE = re.compile(r"(\d{1,3})(?:-|bis|to)(\d{1,3})")
_RANGE_UNDER = re.compile(r"(\d{1,3})(?:-|bis|to)?(?:unter|under|<|u)(\d{1,3})")
_FROM = re.compile(
    r"(?:ab|from|>=|over|mindestens)?(\d{1,3})"
    r"(?:\+|plus|undaelter|undmehr|undueber|undhoeher|andabove|andover|andolder|uae|ua|oraelter|orolder)"
)
_FROM_BARE = re.compile(r"(?:ab|from|>=)(\d{1,3})")
_SINGLE = re.compile(r"(\d{1,3})")


def read_band(text: str) -> tuple[int, int | None] | None:
    """Return (age from, age to inclusive; None: open end), or None where it is no age.

    ``unter 18`` is 0–17, ``18 bis unter 30`` 18–29, ``18-29`` 18–29, ``65+`` 65 and over,
    a bare number one year of age. ``über 65`` is left to the user: it is written for 65
    and for 66.
    """
    short = text.strip().lower().translate(_GERMAN)
    short = re.sub(r"[\s_.]+", " ", short).strip()
    short = re.sub(rf"(?<![a-z]){_NOISE}(?=[\s\d]|$)", " ", short)
    short = re.sub(rf"(?<=\d)\s*{_NOISE}(?![a-z])", " ", short)
    tight = re.sub(r"(?<=\d) (?=\d)", "-", " ".join(short.split()))
    tight = tight.replace(" ", "").removeprefix("von")
    band: tuple[int, int | None] | None = None
    if match := _UNDER.fullmatch(tight):
        band = 0, int(match[1]) - 1
    elif match := _RANGE_UNDER.fullmatch(tight):
        band = int(match[1]), int(match[2]) - 1
    elif match := _RANGE.fullmatch(tight):
        band = int(match[1]), int(match[2])
    elif match := _FROM.fullmatch(tight) or _FROM_BARE.fullmatch(tight):
        band = int(match[1]), None
    elif match := _SINGLE.fullmatch(tight):
        band = int(match[1]), int(match[1])
    if band is None or band[0] > 120 or (band[1] is not None and not band[0] <= band[1] <= OLDEST):
        return None
    return band


def is_total(column: str) -> bool:
    """Tell whether a column's name says that it is the sum over all ages."""
    return plain(column) in _TOTALS


def shown_band(band: tuple[int, int | None]) -> str:
    """Return a band as it is written in messages: ``0-17``, ``65+``."""
    return f"{band[0]}+" if band[1] is None else f"{band[0]}-{band[1]}"


def overlapping(bands: dict[str, tuple[int, int | None]]) -> list[tuple[str, str]]:
    """Return pairs of columns whose ages overlap, in the order of their ages."""
    ends = {c: OLDEST if b[1] is None else b[1] for c, b in bands.items()}
    names = sorted(bands, key=lambda c: (bands[c][0], ends[c]))
    return [
        (one, other)
        for i, one in enumerate(names)
        for other in names[i + 1 :]
        if bands[other][0] <= ends[one]
    ]


def gaps(bands: dict[str, tuple[int, int | None]]) -> list[str]:
    """Return the ages between 0 and the oldest band that no column covers."""
    missing: list[str] = []
    expected = 0
    for low, high in sorted(bands.values(), key=lambda b: (b[0], OLDEST if b[1] is None else b[1])):
        if low > expected:
            missing.append(shown_band((expected, low - 1)))
        expected = max(expected, (OLDEST if high is None else high) + 1)
    if expected <= 100:
        missing.append(f"{expected}+")
    return missing
