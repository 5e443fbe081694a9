"""What somebody asks on a page, as a view for a presentation.

The place somebody asks from stays behind: it may be where one family lives.
"""

from __future__ import annotations

from typing import Any

from sro_geo.actions.coverage import MOMENTS, CoverageQuestion
from sro_geo.offers import OfferFilter
from sro_geo.offers.filters import OPEN_STATUS
from sro_geo.reports.views import View

_PLAIN = OfferFilter()
# More nobody reads in a headline, and no view holds.
_LONGEST = 200


def offers_view(wanted: OfferFilter, *, level: str | None = None) -> View:
    """Return the view of what was looked for on the offer map; near what is left out."""
    said: dict[str, Any] = {
        "text": wanted.text.strip()[:_LONGEST],
        "categories": list(wanted.categories),
        "groups": list(wanted.groups),
        "age": wanted.age,
        "area_id": wanted.area_id,
        "work_level": wanted.work_level,
        "low_threshold": wanted.low_threshold,
        "freshness": wanted.freshness,
        "statuses": [] if wanted.statuses == OPEN_STATUS else list(wanted.statuses),
        "level": level,
    }
    return View("offers", _said(said))


def coverage_view(question: CoverageQuestion, *, level: str | None = None) -> View:
    """Return the view of a question of coverage, its what-if included."""
    offers = question.offers or _PLAIN
    moment = question.moment
    when = {at: name for name, at in MOMENTS.items()}
    said: dict[str, Any] = {
        "category": question.categories[0],
        "age_group": question.group,
        "mode": question.mode,
        "minutes": question.minutes,
        "level": level,
        "plan_id": question.plan_id,
        "method": question.method,
        "when": None if moment is None else when.get((moment.weekday(), moment.hour)),
        "text": offers.text.strip()[:_LONGEST],
        "low_threshold": offers.low_threshold,
        "work_level": offers.work_level,
        "total": question.rescale_to,
        "off": list(question.off),
        "added": [[draft.x, draft.y] for draft in question.added],
        "capacity": [list(row) for row in question.capacity],
        "schedule": [list(row) for row in question.schedule],
        "moved": [list(row) for row in question.moved],
    }
    return View("coverage", _said(said))


def cases_view(
    *,
    year: int,
    level: str,
    help_type: str | None = None,
    age_group: str | None = None,
    show: str = "rates",
    per: int = 1000,
    version: str | None = None,
    area_id: str | None = None,
) -> View:
    """Return the view of released figures; ``show`` is one of ``reports.views.SHOWS``."""
    said = {
        "year": year,
        "level": level,
        "help_type": help_type,
        "age_group": age_group,
        "show": show,
        "per": per,
        "version": version,
        "area_id": area_id,
    }
    return View("cases", _said(said))


def _said(settings: dict[str, Any]) -> dict[str, Any]:
    """Return what restricts: the same question is the same view, however it was put."""
    return {k: v for k, v in settings.items() if not (v is None or v is False or v in ("", []))}
