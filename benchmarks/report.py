"""The yearly report of the shipped city: deck and PDF, cold and with unchanged maps.

Cold is the first of a process, maps drawn; the fonts lie in the user's cache, where the very
first report of a machine puts them (said apart).

    python -m benchmarks.report
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.side_by_side import keep
from sro_geo.reports.content import freeze
from sro_geo.reports.deck import deck
from sro_geo.reports.fonts import font_folder
from sro_geo.reports.pdf import pdf_bytes
from sro_geo.reports.yearly import yearly
from tests.reports.conftest import FROZEN, shipped_material


def main() -> None:
    """Measure once, in the order a person would wait for it."""
    with tempfile.TemporaryDirectory() as folder:
        material = shipped_material(Path(folder) / "workspace")
    start = time.perf_counter()
    font_folder()
    fonts = time.perf_counter()
    story = freeze(yearly(material), FROZEN)
    drawn = time.perf_counter()
    paper = pdf_bytes(story)
    cold = time.perf_counter()
    pdf_bytes(story)
    again = time.perf_counter()
    page = deck(story)
    end = time.perf_counter()
    maps = sum(slide.sheet is not None for slide in story.slides)
    goals = {"pdf_cold": 8.0, "pdf_unchanged": 3.0, "deck": 6.0}
    seconds = {
        "fonts": fonts - start,
        "pdf_cold": cold - fonts,
        "pdf_unchanged": again - cold,
        "deck": end - again + drawn - fonts,
    }
    keep(
        "report",
        {
            "what": f"yearly report, {len(story.slides)} slides, {maps} maps",
            "seconds": {name: round(value, 2) for name, value in seconds.items()},
            "goals": goals,
            "met": all(seconds[name] < goal for name, goal in goals.items()),
            "pdf_kb": len(paper) // 1000,
            "deck_kb": len(page.encode()) // 1000,
        },
    )


if __name__ == "__main__":
    main()
