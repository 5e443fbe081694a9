"""Indicators: those a source has published as they are, those of one's own through the gate."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sro_geo.actions.access import PROPOSE, Actor, authorise
from sro_geo.actions.moment import now
from sro_geo.actions.protected_import import persons_on
from sro_geo.actions.workspace import Snapshot, Workspace
from sro_geo.disclosure import (
    Draft,
    Ledger,
    Rules,
    Version,
    draft_indicator,
    published_elsewhere,
    released_tables,
)
from sro_geo.errors import SroError
from sro_geo.indicators import OF_CASES

SUBJECT = "indicator:"
_COLUMNS = [
    "indicator",
    "area_id",
    "level",
    "year",
    "numerator",
    "denominator",
    "value",
    "status",
    "source",
    "reference_date",
]
_BACK = {"released": "given", "suppressed": "suppressed_at_source", "missing": "missing"}


def draft_of_indicator(
    workspace: Workspace,
    indicator: str,
    year: int,
    *,
    actor: Actor,
    version: Version,
    rules: Rules,
    ledger: Ledger,
    release_id: str,
    reason: str = "",
) -> Draft:
    """Put one indicator of a year through the gate; nothing is written and nothing is shown.

    Raises
    ------
    SroError
        ``indicator_none_stored`` where nothing of one's own was imported;
        ``indicator_of_cases``: beside the released cases, but apart from them, it would hide
        other cells of the same numbers, and a subtraction would find them.
    """
    authorise(actor, PROPOSE)
    if indicator in OF_CASES:
        raise SroError("indicator_of_cases", indicator=indicator)
    held = workspace.protected.read_indicators()
    own = held[
        (held["indicator"] == indicator)
        & (held["year"] == year)
        & (held["status"] == "given")
        & ~held["published"].fillna(False).astype(bool)
        & held["numerator"].notna()
    ]
    if own.empty:
        raise SroError("indicator_none_stored", indicator=indicator, year=year)
    return draft_indicator(
        own[["area_id", "level", "numerator", "denominator"]],
        version,
        rules,
        ledger,
        indicator=indicator,
        year=year,
        release_id=release_id,
        at=now(),
        by=actor.name,
        reason=reason,
        persons=_persons(workspace.snapshot()),
    )


def _persons(snapshot: Snapshot) -> pd.DataFrame | None:
    dates = snapshot.tables["population"]["reference_date"].dropna()
    return persons_on(snapshot, str(dates.max())) if len(dates) else None


def released_indicators(ledger: Ledger, held: pd.DataFrame) -> pd.DataFrame:
    """Return indicators as they may be shown: published by their source, or released here.

    ``held`` are the indicators of the protected store. One that is neither is not in it.
    """
    public = held[held["published"].fillna(False).astype(bool)]
    frames = []
    if len(public):
        table = published_elsewhere(public)
        cells = table.cells
        frames.append(cells.assign(status=cells["status"].map(_BACK)).reindex(columns=_COLUMNS))
    for release in released_tables(ledger):
        if not release.subject.startswith(SUBJECT):
            continue
        cells = release.cells
        status = cells["status"].where(cells["status"] != "released", "given")
        frames.append(
            cells.assign(
                indicator=release.subject.removeprefix(SUBJECT),
                year=release.year,
                numerator=cells["count"].astype("Float64").to_numpy(float, na_value=np.nan),
                status=status,
            ).reindex(columns=_COLUMNS)
        )
    if not frames:
        return pd.DataFrame(columns=_COLUMNS)
    key = ["indicator", "area_id", "level", "year"]
    # Of two releases of the same the later one is what holds.
    whole = pd.concat([frame.astype(object) for frame in frames], ignore_index=True)
    return whole.drop_duplicates(key, keep="last").assign(published=True)
