"""Every table of a workspace: its columns, units, keys and geometry.

Names of columns are the contract between the rooms. A table travels as a pandas
``DataFrame`` (or ``GeoDataFrame`` with the column ``geometry`` in the city's projected
CRS) with a plain ``RangeIndex``:

========  =============================  =====================
kind      dtype                          missing
========  =============================  =====================
text      ``str`` (ids keep their zeros)  ``None``/NaN
choice    ``str``                         ``None``/NaN
date      ``str``, ISO ``YYYY-MM-DD``     ``None``/NaN
integer   ``Int64``                       ``<NA>``
number    ``float64``                     NaN
boolean   ``boolean``                     ``<NA>``
========  =============================  =====================
"""

from sro_geo.tables.conforming import conform, validate
from sro_geo.tables.description import (
    GROUND_KINDS,
    OFFER_KINDS,
    OFFER_STATUS,
    PLAN_STATUS,
    PROVIDER_KINDS,
    REACH_LEVELS,
    SPATIAL,
    STREET_KINDS,
    TABLES,
    WORK_LEVELS,
    Column,
    Table,
)

__all__ = [
    "GROUND_KINDS",
    "OFFER_KINDS",
    "OFFER_STATUS",
    "PLAN_STATUS",
    "PROVIDER_KINDS",
    "REACH_LEVELS",
    "SPATIAL",
    "STREET_KINDS",
    "TABLES",
    "WORK_LEVELS",
    "Column",
    "Table",
    "conform",
    "validate",
]
