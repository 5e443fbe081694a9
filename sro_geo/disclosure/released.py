"""What may be shown: the one kind of table that maps, reports and pages accept."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from sro_geo.disclosure.ledger import MISSING, RELEASED, SUPPRESSED, Ledger, Release
from sro_geo.disclosure.rules import Cut
from sro_geo.errors import SroError

_KEY = object()
ELSEWHERE = "elsewhere"


class ReleasedTable:
    """Figures that came through the gate; nothing else can make one.

    ``cells`` is a copy each time: what is hidden is in none of them.
    """

    __slots__ = ("_cells", "meta", "release_id", "subject", "version", "year")

    def __init__(self, key: object, meta: Mapping[str, Any], cells: pd.DataFrame) -> None:
        if key is not _KEY:
            raise TypeError("a ReleasedTable comes out of the gate, it is not made by hand")
        numbers = cells[[c for c in ("count", "numerator", "value", "rate") if c in cells]]
        if numbers[cells["status"] != RELEASED].notna().to_numpy().any():
            raise TypeError("a hidden number in a ReleasedTable")
        self._cells = cells.copy()
        self.meta: Mapping[str, Any] = MappingProxyType(dict(meta))
        self.release_id = str(meta["release_id"])
        self.subject = str(meta["subject"])
        self.year = None if meta.get("year") is None else int(meta["year"])
        self.version = str(meta["version"])

    @property
    def cells(self) -> pd.DataFrame:
        """The cells, with the status of each."""
        return self._cells.copy()

    def __repr__(self) -> str:
        return f"ReleasedTable({self.release_id}, {self.subject})"


def released_tables(ledger: Ledger) -> tuple[ReleasedTable, ...]:
    """Return what is approved and not withdrawn, in the order of approval."""
    return tuple(_table(ledger, release) for release in ledger.current())


def _table(ledger: Ledger, release: Release) -> ReleasedTable:
    approved = [
        event
        for event in ledger.events
        if event.release_id == release.release_id and event.event == "approved"
    ]
    cut: Cut = release.cut
    meta = {
        "release_id": release.release_id,
        "subject": release.subject,
        "year": release.year,
        "counting_rule": release.counting_rule,
        "unit": release.unit,
        "version": release.version,
        "levels": cut.levels,
        "by_type": cut.by_type,
        "ages": cut.ages,
        "by_place": cut.by_place,
        "small_to": release.rules.small_to,
        "min_denominator": release.rules.min_denominator,
        "min_population": release.rules.min_population,
        "proposed_at": release.proposed_at,
        "approved_at": approved[-1].at,
    }
    return ReleasedTable(_KEY, meta, release.cells)


def published_elsewhere(
    frame: pd.DataFrame, *, source: str = "", version: str = ""
) -> ReleasedTable:
    """Return figures that somebody else has published, masked as their source masked them.

    Parameters
    ----------
    frame
        One row a figure, with ``area_id``, ``level``, ``indicator``, ``year``, any of
        ``numerator``, ``denominator``, ``value``, and ``status``: ``given``,
        ``suppressed_at_source`` or ``missing``.

    Returns
    -------
    A table with status ``released``, ``suppressed`` (the source hides it) or ``missing``
    (a gap in the source). Neither is 0.

    Raises
    ------
    SroError
        ``published_masked_value`` where a number stands in a hidden or missing row,
        ``published_status_unknown``, ``published_not_marked`` for rows that the source did
        not publish (column ``published``).
    """
    words = {"given": RELEASED, "suppressed_at_source": SUPPRESSED, "missing": MISSING}
    unknown = sorted(set(map(str, frame["status"])) - set(words))
    if unknown:
        raise SroError("published_status_unknown", status=unknown[0])
    if "published" in frame and not frame["published"].astype(bool).all():
        raise SroError("published_not_marked")
    cells = frame.assign(status=frame["status"].map(words)).drop(
        columns=["published"], errors="ignore"
    )
    hidden = cells["status"] != RELEASED
    for column in ("numerator", "value", "count", "rate"):
        if column in cells and cells.loc[hidden, column].notna().any():
            raise SroError("published_masked_value", column=column)
    figures = [c for c in ("numerator", "value", "count") if c in cells]
    empty = ~hidden & cells[figures].isna().all(axis=1)
    # A row that says nothing is a gap, whatever the source calls it.
    cells["status"] = np.where(empty, MISSING, cells["status"])
    meta = {
        "release_id": ELSEWHERE,
        "subject": "indicators",
        "year": None,
        "version": version,
        "source": source,
    }
    return ReleasedTable(_KEY, meta, cells.reset_index(drop=True))
