"""The gate: the only maker of a ``ReleasedTable``.

Raw counts and everything ever released go in; what comes out gives nobody away.
"""

from sro_geo.disclosure.auditing import Audit, audit
from sro_geo.disclosure.gate import Draft, coarser, draft, recheck
from sro_geo.disclosure.indicators import draft_indicator, recheck_indicator
from sro_geo.disclosure.ledger import Event, Ledger, Release, approve, person
from sro_geo.disclosure.reading import Violation
from sro_geo.disclosure.released import ReleasedTable, published_elsewhere, released_tables
from sro_geo.disclosure.rules import Cut, Rules
from sro_geo.disclosure.versions import Version

__all__ = [
    "Audit",
    "Cut",
    "Draft",
    "Event",
    "Ledger",
    "Release",
    "ReleasedTable",
    "Rules",
    "Version",
    "Violation",
    "approve",
    "audit",
    "coarser",
    "draft",
    "draft_indicator",
    "person",
    "published_elsewhere",
    "recheck",
    "recheck_indicator",
    "released_tables",
]
