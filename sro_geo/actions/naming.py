"""Names that nobody has yet."""

from __future__ import annotations

from collections.abc import Iterable


def free_name(wanted: str, taken: Iterable[str], *, longest: int | None = None) -> str:
    """Return a name nobody has, upper and lower case alike, numbered where it is taken.

    A numbered name is shortened in front of its number to be no longer than ``longest``.
    """
    known = {name.casefold() for name in taken}
    free, number = wanted, 1
    while free.casefold() in known:
        number += 1
        end = f" ({number})"
        free = (wanted if longest is None else wanted[: longest - len(end)]) + end
    return free
