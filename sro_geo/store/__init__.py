"""The workspace: validated tables kept with their history.

>>> with open_store(Path("workspace"), load_city(Path("workspace"))) as store:
...     offers = store.read("offers")
...     with store.transaction(actor="A. Muster", action="offer_edit") as change:
...         change.update("offers", "o-1", {"name": "Neuer Name"}, expected_version=3)

``GeoPackageStore`` is the embedded default; whatever else keeps a workspace follows the
protocol :class:`Store` and passes the same suite (``tests/store``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sro_geo.store.backup import restore_backup
from sro_geo.store.geopackage import GeoPackageStore, create_store, open_store
from sro_geo.store.protected import ProtectedStore, ProtectedTransaction, RawLedger
from sro_geo.store.protocol import AuditEntry, Store, Transaction, join_key, split_key
from sro_geo.store.released import Released, read_released, write_released

__all__ = [
    "AuditEntry",
    "GeoPackageStore",
    "ProtectedStore",
    "ProtectedTransaction",
    "RawLedger",
    "Released",
    "Store",
    "Transaction",
    "create_store",
    "join_key",
    "open_store",
    "read_released",
    "restore_backup",
    "split_key",
    "write_released",
]

if TYPE_CHECKING:
    # The type checker's word that the default keeps the protocol.
    _default: type[Store] = GeoPackageStore
