"""Opening hours as offices write them, and as OpenStreetMap writes them."""

from __future__ import annotations

import re
from functools import lru_cache

_DAYS = {
    "montags?": "Mo",
    "dienstags?": "Tu",
    "mittwochs?": "We",
    "donnerstags?": "Th",
    "freitags?": "Fr",
    "samstags?|sonnabends?": "Sa",
    "sonntags?": "Su",
    "feiertags?|feiertagen?": "PH",
    "monday": "Mo",
    "tuesday": "Tu",
    "wednesday": "We",
    "thursday": "Th",
    "friday": "Fr",
    "saturday": "Sa",
    "sunday": "Su",
}
_SHORT = {"di": "Tu", "mi": "We", "do": "Th", "so": "Su", "mo": "Mo", "fr": "Fr", "sa": "Sa"}
_TIMES = re.compile(r"\d{1,2}:\d{2}-\d{1,2}:\d{2}(?:\s*,\s*\d{1,2}:\d{2}-\d{1,2}:\d{2})*")


@lru_cache(maxsize=4096)
def read_schedule(text: str) -> tuple[str | None, str]:
    """Return (opening hours in OSM syntax, code of the fault or empty).

    ``schedule_without_days``: only times, read as Monday to Friday. ``schedule_rewritten``:
    German days and times put into OSM syntax. ``schedule_as_comment``: words without any
    number, kept as a comment. ``schedule_malformed``: nothing could be made of it (None).
    """
    times = _clock(text)
    if _TIMES.fullmatch(times):
        return f"Mo-Fr {_spaced(times)}", "schedule_without_days"
    if _parses(text):
        return text, ""
    rewritten = _rewritten(text)
    if _parses(rewritten):
        if _TIMES.fullmatch(rewritten):
            return f"Mo-Fr {_spaced(rewritten)}", "schedule_without_days"
        return rewritten, "schedule_rewritten"
    if not re.search(r"\d", text) and '"' not in text:
        return f'"{text}"', "schedule_as_comment"
    return None, "schedule_malformed"


def _parses(text: str) -> bool:
    from opening_hours import OpeningHours, ParserError  # type: ignore[attr-defined]

    try:
        OpeningHours(text)
    except (ParserError, ValueError, OverflowError):
        return False
    return True


def _clock(text: str) -> str:
    """Return the text with clock times as 08:30 and plain hyphens between them."""
    out = re.sub(r"\s*[–—]\s*", "-", text)
    out = re.sub(r"\b(?:uhr|h)\b\.?", "", out, flags=re.IGNORECASE)
    out = re.sub(r"\b(\d{1,2})[.](\d{2})\b", r"\1:\2", out)
    out = re.sub(r"\s*\bbis\b\s*", "-", out, flags=re.IGNORECASE)
    out = re.sub(r"(\d)\s*-\s*(\d)", r"\1-\2", out)
    out = re.sub(r"(?<![\d:])(\d{1,2})-(\d{1,2}(?::\d{2})?)(?![\d:])", r"\1:00-\2", out)
    out = re.sub(r"(:\d{2}-\d{1,2})(?![\d:])", r"\1:00", out)
    return " ".join(out.split())


def _spaced(times: str) -> str:
    return re.sub(r"(?<![\d])(\d):", r"0\1:", re.sub(r"\s*,\s*", ",", times))


def _rewritten(text: str) -> str:
    out = text
    for pattern, day in _DAYS.items():
        out = re.sub(rf"\b(?:{pattern})\b", day, out, flags=re.IGNORECASE)
    out = re.sub(
        r"\b(di|mi|do|so|mo|fr|sa)\b\.?", lambda m: _SHORT[m[1].lower()], out, flags=re.IGNORECASE
    )
    out = _clock(out)
    out = re.sub(r"\b(?:geschlossen|closed)\b", "off", out, flags=re.IGNORECASE)
    out = re.sub(r"\s*(?:\bund\b|&|\band\b|\bu\.)\s*", ",", out, flags=re.IGNORECASE)
    days = "Mo|Tu|We|Th|Fr|Sa|Su|PH"
    out = re.sub(rf"({days})\s*-\s*({days})", r"\1-\2", out)
    out = re.sub(rf"({days})\s*,\s*(?={days})", r"\1,", out)
    out = re.sub(rf"({days})\s*:?\s+(?=\d)", r"\1 ", out)
    # "Mo-Do 8:00-16:00, Fr 8:00-14:00" are two rules.
    out = re.sub(rf"(:\d{{2}})\s*[,\n]\s*(?={days})", r"\1; ", out)
    return re.sub(r"(?<!\d)(\d):(?=\d{2})", r"0\1:", out).strip(" .;,")
