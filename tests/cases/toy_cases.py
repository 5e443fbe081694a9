"""Cells as the gate releases them, drawn by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd


def cells(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return released cells; what a row leaves out is the total of a social space in 2024."""
    usual = {
        "level": "social_space",
        "help_type": None,
        "age_group": None,
        "place": None,
        "status": "released",
        "denominator": 4000.0,
        "year": 2024,
        "version": "v1",
        "counting_rule": "running_and_ended",
        "unit": "cases",
    }
    frame = pd.DataFrame([usual | row for row in rows])
    return frame.astype({"count": "Int64", "denominator": float})


def column(counts: list[int | None], persons: list[float]) -> pd.DataFrame:
    """Return one cell for each area; a count of None is suppressed."""
    return cells(
        [
            {
                "area_id": f"a{n}",
                "count": count,
                "denominator": size,
                "status": "suppressed" if count is None else "released",
            }
            for n, (count, size) in enumerate(zip(counts, persons, strict=True))
        ]
    )
