"""The yearly report of the shipped city: deck and PDF, cold and with unchanged maps.

Cold is the first of a process, maps drawn; the fonts lie in the user's cache, where the very
first report of a machine puts them (said apart).

    python -m benchmarks.report
"""

from __future__ import annotations

import tempfile
import time
from itertools import pairwise
from pathlib import Path

from benchmarks.side_by_side import keep
from sro_geo.reports.content import freeze
from sro_geo.reports.deck import deck
from sro_geo.reports.fonts import font_folder
from sro_geo.reports.pdf import pdf_bytes
from sro_geo.reports.yearly import yearly
from tests.reports.conftest import FROZEN, shipped_material


def _now() -> tuple[float, float]:
    """Return the clock and the time of the processor: others may use the machine as well."""
    return time.perf_counter(), time.process_time()


def _parts(marks: list[float]) -> dict[str, float]:
    fonts, drawn, paper, again, page = (b - a for a, b in pairwise(marks))
    return {
        "fonts": fonts,
        "pdf_cold": drawn + paper,
        "pdf_unchanged": again,
        "deck": drawn + page,
    }


def main() -> None:
    """Measure once, in the order a person would wait for it."""
    with tempfile.TemporaryDirectory() as folder:
        material = shipped_material(Path(folder) / "workspace")
    marks = [_now()]
    font_folder()
    marks.append(_now())
    story = freeze(yearly(material), FROZEN)
    marks.append(_now())
    paper = pdf_bytes(story)
    marks.append(_now())
    pdf_bytes(story)
    marks.append(_now())
    page = deck(story)
    marks.append(_now())
    maps = sum(slide.sheet is not None for slide in story.slides)
    goals = {"pdf_cold": 8.0, "pdf_unchanged": 3.0, "deck": 6.0}
    seconds, processor = (_parts([mark[i] for mark in marks]) for i in (0, 1))
    keep(
        "report",
        {
            "what": f"yearly report, {len(story.slides)} slides, {maps} maps",
            "seconds": {name: round(value, 2) for name, value in seconds.items()},
            "processor_seconds": {name: round(value, 2) for name, value in processor.items()},
            "goals": goals,
            "met": all(seconds[name] < goal for name, goal in goals.items()),
            "pdf_kb": len(paper) // 1000,
            "deck_kb": len(page.encode()) // 1000,
        },
    )


if __name__ == "__main__":
    main()
