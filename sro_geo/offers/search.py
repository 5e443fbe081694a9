"""Text search that forgives typing: umlauts, ß, a wrong letter, the middle of a compound."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from rapidfuzz.distance import OSA

_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe"})
_WORD = re.compile(r"[a-z0-9]+")


def normalise(text: str) -> str:
    """Return ``text`` in lower case, umlauts and ß spelled out, accents gone, words by blanks.

    ``Straße``, ``STRASSE`` and ``strasse`` become the same.
    """
    lower = unicodedata.normalize("NFC", text).lower().translate(_GERMAN)
    plain = unicodedata.normalize("NFKD", lower)
    return " ".join(_WORD.findall("".join(c for c in plain if not unicodedata.combining(c))))


def allowed_typos(word: str) -> int:
    """Return how many wrong letters a search word of this length may have: 0, 1 or 2."""
    if len(word) < 4 or word.isdigit():
        return 0
    return 1 if len(word) < 8 else 2


class TextIndex:
    """An inverted index over short texts, built once per state of the directory.

    Parameters
    ----------
    fields
        For each record the texts to search, most telling first (name, category, …). A
        match in an earlier field scores higher.
    """

    def __init__(self, fields: Sequence[Sequence[str]]) -> None:
        self._size = len(fields)
        postings: dict[str, dict[int, float]] = {}
        for record, texts in enumerate(fields):
            for rank, text in enumerate(texts):
                weight = 1.0 / (1 + rank)
                for word in normalise(text or "").split():
                    at = postings.setdefault(word, {})
                    at[record] = max(at.get(record, 0.0), weight)
        self._words = sorted(postings)
        self._records = [np.fromiter(postings[w], np.int64) for w in self._words]
        self._weights = [np.fromiter(postings[w].values(), float) for w in self._words]

    def scores(self, query: str) -> np.ndarray:
        """Return a score per record, 0 where not every word of ``query`` was found.

        A word is found as a whole (1), as the beginning of one (0.9), inside one (0.6),
        or with few wrong letters (0.5 and less; optimal string alignment distance).
        """
        words = normalise(query).split()
        if not words:
            return np.ones(self._size)
        total = np.zeros(self._size)
        everywhere = np.ones(self._size, bool)
        for word in words:
            best = np.zeros(self._size)
            for position, closeness in self._similar(word):
                records = self._records[position]
                best[records] = np.maximum(best[records], closeness * self._weights[position])
            everywhere &= best > 0
            total += best
        return np.where(everywhere, total / len(words), 0.0)

    def _similar(self, word: str) -> list[tuple[int, float]]:
        found: list[tuple[int, float]] = []
        typos = allowed_typos(word)
        length = len(word)
        for position, known in enumerate(self._words):
            if known == word:
                found.append((position, 1.0))
            elif known.startswith(word):
                found.append((position, 0.9))
            elif length >= 3 and word in known:
                found.append((position, 0.6))
            elif typos:
                # The beginning of a longer word counts too: "Jugnedh" finds "Jugendhaus".
                reach = len(known) - length
                if reach < -typos:
                    continue
                head = known if reach <= typos else known[:length]
                wrong = OSA.distance(word, head, score_cutoff=typos)
                if wrong <= typos:
                    found.append((position, 0.5 / wrong if wrong else 0.5))
        return found
