"""Opening hours (OpenStreetMap syntax) in words, and whether a place is open now."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from opening_hours import OpeningHours, State, validate

from sro_geo.i18n import t

_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY = "(?:Mo|Tu|We|Th|Fr|Sa|Su)"
_MONTH = f"(?:{'|'.join(_MONTHS)})"
_DAY_PART = rf"(?:{_DAY}(?:-{_DAY}|\[-?\d(?:,-?\d)*\])?|PH|SH)"
_RULE = re.compile(
    rf"""^\s*
    (?P<months>{_MONTH}(?:-{_MONTH})?(?:,{_MONTH}(?:-{_MONTH})?)*)?\s*:?\s*
    (?P<days>{_DAY_PART}(?:\s*,\s*{_DAY_PART})*)?\s*
    (?P<times>\d{{1,2}}:\d{{2}}(?:-\d{{1,2}}:\d{{2}}\+?|\+)(?:\s*,\s*\d{{1,2}}:\d{{2}}(?:-\d{{1,2}}:\d{{2}}\+?|\+))*)?\s*
    (?P<state>off|closed|open|unknown)?\s*
    (?:"(?P<comment>[^"]*)")?\s*$""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class OpenState:
    """``open`` is True, False or None (unknown); ``until`` the next change, if there is one."""

    open: bool | None
    until: dt.datetime | None = None


def hours_in_words(schedule: object, language: str = "de") -> list[str]:
    """Return one sentence part per rule of an opening hours expression.

    Empty hours mean *unknown*, never closed: the list is then empty. An expression that is
    valid but rarer than the common forms is given as it is written, in quotation marks.
    """
    if not isinstance(schedule, str) or not schedule.strip():
        return []
    text = schedule.strip()
    if text == "24/7":
        return [t("hours.always", language)]
    out: list[str] = []
    for rule in _split_rules(text):
        match = _RULE.match(rule)
        if match is None or not any(match.groupdict().values()):
            return [t("hours.as_written", language, text=text)]
        out.append(_rule_in_words(match, language))
    return out


def is_schedule(text: str) -> bool:
    """Tell whether a text is an opening hours expression that can be read."""
    return bool(validate(text))


def _split_rules(text: str) -> list[str]:
    """Split at ``;`` and ``||`` outside quotation marks."""
    parts = re.findall(r'(?:[^;"|]|"[^"]*"|\|(?!\|))+', text)
    return [part.strip() for part in parts if part.strip()]


def _rule_in_words(match: re.Match[str], language: str) -> str:
    parts: list[str] = []
    if months := match["months"]:
        parts.append(_months_in_words(months, language))
    days = match["days"]
    if days:
        parts.append(_days_in_words(days, language))
    elif match["times"]:
        parts.append(t("hours.daily", language))
    if times := match["times"]:
        spans = [_span_in_words(s.strip(), language) for s in times.split(",")]
        parts.append(_listed(spans, language))
    state = match["state"]
    if state in ("off", "closed"):
        when = " ".join(part for part in parts if part)
        parts = [t("hours.closed", language, when=when).strip()]
    elif state == "unknown":
        parts.append(t("hours.unknown", language))
    words = " ".join(part for part in parts if part)
    comment = match["comment"]
    if comment:
        return f"{words} ({comment})" if words else comment
    return words


def _listed(parts: list[str], language: str) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {t('hours.and', language)} {parts[-1]}"


def _span_in_words(span: str, language: str) -> str:
    if span.endswith("+") and "-" not in span:
        return t("hours.from", language, start=_clock(span[:-1], language))
    start, end = span.rstrip("+").split("-")
    return t("hours.span", language, start=_clock(start, language), end=_clock(end, language))


def _clock(time: str, language: str) -> str:
    hour, minute = time.split(":")
    if language == "de":
        return str(int(hour)) if minute == "00" else f"{int(hour)}.{minute}"
    return f"{int(hour)}:{minute}"


def _days_in_words(days: str, language: str) -> str:
    out = []
    for part in (p.strip() for p in re.split(r",(?![^\[]*\])", days)):
        if part in ("PH", "SH"):
            out.append(t(f"hours.{part}", language))
        elif "[" in part:
            day, which = part.rstrip("]").split("[")
            nth = [t(f"hours.nth.{n}", language) for n in which.split(",")]
            name = t(f"hours.day.{day}", language)
            out.append(t("hours.nth_day", language, nth=_listed(nth, language), day=name))
        elif "-" in part:
            first, last = part.split("-")
            start, end = (t(f"hours.day.{d}", language) for d in (first, last))
            out.append(t("hours.days", language, start=start, end=end))
        else:
            out.append(t(f"hours.day.{part}", language))
    return _listed(out, language)


def _months_in_words(months: str, language: str) -> str:
    out = []
    for part in months.split(","):
        names = [t(f"hours.month.{m}", language) for m in part.split("-")]
        if len(names) == 2:
            out.append(t("hours.months", language, start=names[0], end=names[1]))
        else:
            out.append(names[0])
    return _listed(out, language) + ":"


def open_at(schedule: object, moment: dt.datetime) -> OpenState:
    """Tell whether a place is open at ``moment`` (local time), and until when that holds.

    Public holidays are the German ones known to the ``opening-hours-py`` library.
    """
    if not isinstance(schedule, str) or not schedule.strip():
        return OpenState(None)
    if not re.search(r"\d", schedule):
        # Words alone ("by appointment") say nothing about a moment.
        return OpenState(None)
    if not validate(schedule):
        return OpenState(None)
    hours = OpeningHours(schedule, country="DE", auto_timezone=False)
    state, _ = hours.state(moment)
    change = hours.next_change(moment)
    if state == State.UNKNOWN:
        return OpenState(None, change)
    return OpenState(state == State.OPEN, change)
