"""Variants carried over to another block version: every block becomes those that follow it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from sro_geo.actions.lineage import blocks_of_today, pairs_of_today
from sro_geo.actions.workspace import Snapshot
from sro_geo.errors import SroError
from sro_geo.plans import UNASSIGNED
from sro_geo.plans.document import from_document, to_document
from sro_geo.tables import TABLES, conform


def carried_variants(
    snapshot: Snapshot, new_ids: np.ndarray, origin: np.ndarray, *, exact: bool
) -> pd.DataFrame:
    """Return the table ``variants`` on other blocks.

    Parameters
    ----------
    new_ids, origin
        The new blocks, and for each the position of the old one it follows, -1 for none.
    exact
        True where the new blocks are parts of the old ones: the log still fits, through the
        lineage. Otherwise the variant stays as drawn and its earlier steps cannot be undone.
    """
    held = snapshot.tables["variants"].drop(columns="row_version", errors="ignore")
    plans = snapshot.tables["plans"].set_index("plan_id", drop=False)
    old_ids = snapshot.tables["blocks"]["block_id"].to_numpy(object)
    # The store keeps blocks in the order of their ids, and codes follow that order.
    order = np.argsort(np.array(new_ids, str), kind="stable")
    ids, origin = new_ids[order], origin[order]
    parts: dict[str, list[str]] = {str(block): [] for block in old_ids}
    for block, at in zip(ids, origin, strict=True):
        if at >= 0:
            parts[str(old_ids[at])].append(str(block))
    lineage = {old: tuple(new) for old, new in parts.items() if new != [old]}
    rows: list[dict[Any, Any]] = []
    for row in held.to_dict("records"):
        plan_row = plans.loc[row["plan_id"]].to_dict()
        try:
            plan, log = from_document(row["content"], plan_row, old_ids, plan_row["block_set"])
        except SroError:
            rows.append(row)  # it was unreadable before and stays what it is
            continue
        codes = np.append(plan.codes, UNASSIGNED)[origin]
        marks: dict[str, Any] = {
            "locked_blocks": frozenset(blocks_of_today(plan.locked_blocks, lineage)),
            "bridges": frozenset(pairs_of_today(plan.bridges, lineage)),
            "barriers": frozenset(pairs_of_today(plan.barriers, lineage)),
        }
        moved = replace(plan, codes=codes, block_ids=ids, index=None, **marks)
        if not exact:
            log, row["steps"] = replace(log, since=log.last, redo=()), 0
        rows.append({**row, "content": to_document(moved, log)})
    table = pd.DataFrame(rows, columns=[c.name for c in TABLES["variants"].columns])
    return conform(TABLES["variants"], table)
