"""Figures of earlier blocks on the blocks of today: cut blocks know what they became.

Where the parts of a cut block lie in the same areas, the whole count goes to the first part:
every sum stays what it was. Where they do not, a count cannot be parted, and stays with the
block that is gone: the gate then says that the blocks have changed.
"""

from __future__ import annotations

import pandas as pd

from sro_geo.actions.lineage import Lineage
from sro_geo.disclosure import Ledger, Version


def ledger_of_today(ledger: Ledger, parts: Lineage) -> Ledger:
    """Return the ledger with its area versions on the blocks of today: the same areas."""
    if not parts:
        return ledger
    versions = {name: _on_parts(version, parts) for name, version in ledger.versions.items()}
    return Ledger(ledger.releases, ledger.events, versions)


def _on_parts(version: Version, parts: Lineage) -> Version:
    members = version.members
    if not set(members.index) & set(parts):
        return version
    rows = [(part, old) for old in members.index for part in parts.get(str(old), (str(old),))]
    carried = members.loc[[old for _, old in rows]].copy()
    carried.index = pd.Index([part for part, _ in rows], name=members.index.name)
    carried = carried[~carried.index.duplicated()]
    return Version(version.version, carried, version.parents, version.names)


def counts_of_today(rows: pd.DataFrame, parts: Lineage, versions: list[Version]) -> pd.DataFrame:
    """Return raw counts with the blocks of today where every version allows it."""
    block = rows["place_kind"] == "block"
    gone = block & rows["place_id"].isin(list(parts))
    if not gone.any():
        return rows
    heir = {
        old: parts[old][0]
        for old in set(rows.loc[gone, "place_id"])
        if all(_together(parts[old], version.members) for version in versions)
    }
    return rows.assign(place_id=rows["place_id"].where(~gone, rows["place_id"].replace(heir)))


def _together(parts: tuple[str, ...], members: pd.DataFrame) -> bool:
    known = members.reindex(list(parts))
    return bool((known.fillna("").nunique() <= 1).all())
