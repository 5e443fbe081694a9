"""The moment a row is written."""

from __future__ import annotations

import datetime as dt


def now() -> str:
    """Return this moment in UTC, to the second, as tables and ledger hold it."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
