"""Versions of areas as lists of blocks, and the pieces between them."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from sro_geo.errors import SroError


@dataclass(frozen=True, eq=False)
class Version:
    """Which block lay in which area when something was released.

    Parameters
    ----------
    members
        Indexed by ``block_id``, a text column for each level, missing where a block lies in
        no area of the level.
    parents
        The area above each area, None for the uppermost.
    """

    version: str
    members: pd.DataFrame
    parents: Mapping[str, str | None]
    names: Mapping[str, str]

    def to_json(self) -> str:
        """Return the version as text; lists of blocks are compressed."""
        levels: dict[str, Any] = {}
        for level in self.members.columns:
            codes, areas = pd.factorize(self.members[level], use_na_sentinel=True)
            levels[str(level)] = {"areas": [str(a) for a in areas], "codes": codes.tolist()}
        inside = {"blocks": [str(b) for b in self.members.index], "levels": levels}
        return json.dumps(
            {
                "version": self.version,
                "members": _packed(inside),
                "parents": dict(self.parents),
                "names": dict(self.names),
            },
            ensure_ascii=False,
            sort_keys=True,
        )

    @classmethod
    def from_json(cls, text: str) -> Version:
        """Return the version that :meth:`to_json` wrote."""
        document = json.loads(text)
        inside = _unpacked(document["members"])
        columns = {
            level: np.array([*stored["areas"], None], dtype=object)[stored["codes"]]
            for level, stored in inside["levels"].items()
        }
        index = pd.Index(inside["blocks"], name="block_id", dtype=object)
        members = pd.DataFrame(columns, index=index, dtype=object)
        return cls(document["version"], members, document["parents"], document["names"])

    def to_row(self) -> tuple[str, str]:
        """Return (version, JSON), as the ledger stores it."""
        return self.version, self.to_json()

    def codes(self, level: str, blocks: pd.Index) -> tuple[np.ndarray, list[str]]:
        """Return for each block the position of its area, -1 where none, and the areas.

        Raises ``SroError("cut_unknown")`` for a level the version does not have.
        """
        if level not in self.members:
            known = ", ".join(map(str, self.members.columns))
            raise SroError("cut_unknown", what="levels", value=level, known=known)
        labels = self.members[level].reindex(blocks)
        codes, areas = pd.factorize(labels, sort=True)
        return codes, [str(area) for area in areas]

    def same_as(self, other: Version, levels: Iterable[str]) -> bool:
        """Tell whether blocks and their areas on these levels are the same."""
        if set(self.members.index) != set(other.members.index):
            return False
        mine = self.members
        theirs = other.members.reindex(mine.index)
        return all(
            level in theirs
            and level in mine
            and mine[level].fillna("").astype(str).equals(theirs[level].fillna("").astype(str))
            for level in levels
        )


def _packed(document: Any) -> str:
    raw = json.dumps(document, separators=(",", ":")).encode()
    return base64.b64encode(zlib.compress(raw, 9)).decode("ascii")


def _unpacked(text: str) -> Any:
    return json.loads(zlib.decompress(base64.b64decode(text)))


@dataclass(frozen=True, eq=False)
class Partition:
    """One level of one version: the area of each block, -1 where none."""

    version: str
    level: str
    codes: np.ndarray
    areas: tuple[str, ...]


def partitions(
    versions: Mapping[str, Version], used: Iterable[tuple[str, str]], blocks: pd.Index
) -> list[Partition]:
    """Return the partitions of the (version, level) pairs, over ``blocks``."""
    out = []
    for version, level in dict.fromkeys(used):
        codes, areas = versions[version].codes(level, blocks)
        out.append(Partition(version, level, codes, tuple(areas)))
    return out


def refined(parts: Iterable[np.ndarray], size: int) -> np.ndarray:
    """Return for each block the number of its atom: blocks alike in all ``parts``."""
    atom = np.zeros(size, dtype=np.int64)
    for part in parts:
        both = atom * (int(part.max(initial=-1)) + 2) + part + 1
        atom = np.unique(both, return_inverse=True)[1].reshape(-1)
    return atom


def pieces_between(parts: list[Partition]) -> Iterator[tuple[Partition, Partition, np.ndarray]]:
    """Yield pairs of levels of different versions with the pieces their borders cut out.

    The pieces are given by block, -1 where a block lies in an area that both levels share
    whole. Levels that run beside one another within a version (statistical districts beside
    social spaces) are no pair: what their borders cut out was not redrawn.
    """
    for one, other in combinations(parts, 2):
        if one.version == other.version:
            continue
        if one.level != other.level and not any(
            nested(a, b)
            for a in parts
            for b in parts
            if a.version == b.version and (a.level, b.level) == (one.level, other.level)
        ):
            continue
        pair = np.column_stack([one.codes, other.codes])
        keys, piece, sizes = np.unique(pair, axis=0, return_inverse=True, return_counts=True)
        piece = piece.reshape(-1)
        first = np.bincount(one.codes + 1, minlength=len(one.areas) + 1)
        second = np.bincount(other.codes + 1, minlength=len(other.areas) + 1)
        whole = (first[keys[:, 0] + 1] == sizes) & (second[keys[:, 1] + 1] == sizes)
        if one.level != other.level:
            # A space of one version lies in a region of the other: cut out is what does not.
            whole |= (first[keys[:, 0] + 1] == sizes) | (second[keys[:, 1] + 1] == sizes)
        yield one, other, np.where(whole[piece], -1, piece)


def nested(one: Partition, other: Partition) -> bool:
    """Tell whether each area of one level lies in one area of the other."""
    pairs = np.unique(np.column_stack([one.codes, other.codes]), axis=0)
    return len(pairs) in (len(np.unique(one.codes)), len(np.unique(other.codes)))
