"""Blocks that were cut: which blocks of today an earlier one became."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import product
from typing import Any

from sro_geo.actions.workspace import Snapshot
from sro_geo.plans import Move

Lineage = Mapping[str, tuple[str, ...]]


def descendants(snapshot: Snapshot) -> Lineage:
    """Return for each block that was cut the blocks it became, those cut again followed."""
    found: Lineage = snapshot.kept("lineage", frozenset({"block_lineage", "blocks"}), _followed)
    return found


def _followed(snapshot: Snapshot) -> Lineage:
    rows = snapshot.tables["block_lineage"]
    parts: dict[str, list[str]] = {}
    today = set(snapshot.tables["blocks"]["block_id"])
    for old, new in zip(rows["old_block_id"], rows["block_id"], strict=True):
        if old not in today:  # else the blocks were imported anew since
            parts.setdefault(str(old), []).append(str(new))
    out: dict[str, tuple[str, ...]] = {}
    for old in parts:
        front, ends, seen = [old], [], {old}
        while front:
            at = front.pop(0)
            if at in parts:
                front += [part for part in parts[at] if part not in seen]
                seen.update(parts[at])
            else:
                ends.append(at)
        out[old] = tuple(ends)
    return out


def blocks_of_today(blocks: Iterable[str], lineage: Lineage) -> tuple[str, ...]:
    """Return blocks with what they became in the place of those that were cut."""
    return tuple(part for block in blocks for part in lineage.get(block, (block,)))


def pairs_of_today(pairs: Iterable[tuple[str, str]], lineage: Lineage) -> set[tuple[str, str]]:
    """Return pairs of blocks (bridges, barriers) with every pair of their parts."""
    found = set()
    for a, b in pairs:
        for one, other in product(lineage.get(a, (a,)), lineage.get(b, (b,))):
            found.add((min(one, other), max(one, other)))
    return found


def in_todays_blocks(move: Move, lineage: Lineage) -> Move:
    """Return a step made before blocks were cut as a step on their parts."""
    if not lineage:
        return move
    blocks = tuple((a, b, blocks_of_today(ids, lineage)) for a, b, ids in move.blocks)
    marks: list[tuple[str, tuple[Any, ...], tuple[Any, ...]]] = []
    for name, added, removed in move.marks:
        if name == "locked_blocks":
            added, removed = (blocks_of_today(ids, lineage) for ids in (added, removed))
        elif name in ("bridges", "barriers"):
            added, removed = (
                tuple(sorted(pairs_of_today(pairs, lineage))) for pairs in (added, removed)
            )
        marks.append((name, added, removed))
    return replace(move, blocks=blocks, marks=tuple(marks))
