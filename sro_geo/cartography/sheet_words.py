"""What a map says in sentences and in its table, made from the released figures alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sro_geo.cartography.rate_charts import alphabetical, ranked
from sro_geo.cartography.rates import MISSING, SUPPRESSED, State
from sro_geo.cartography.sheet import Table
from sro_geo.cartography.sheet_parts import clean
from sro_geo.i18n import t

_MOST_NAMES = 8


def listed(names: Sequence[str], language: str) -> str:
    """Return names as a list in a sentence: A, B und C."""
    said = [clean(name) for name in names]
    if len(said) > _MOST_NAMES:
        rest = len(said) - _MOST_NAMES + 1
        said = [*said[: _MOST_NAMES - 1], t("sheets.others", language, count=rest)]
    if len(said) < 2:
        return "".join(said)
    return t("sheets.list", language, first=", ".join(said[:-1]), last=said[-1])


def described(
    names: Sequence[str],
    values: npt.ArrayLike,
    shown: Sequence[str],
    states: Sequence[State],
    *,
    about: str,
    highlighted: Sequence[bool],
    gap_rule: str = "",
    more: Sequence[str] = (),
    language: str = "de",
    introduced: bool = True,
) -> str:
    """Return two to five sentences: what, highest, lowest, what is marked, what is hidden.

    ``values`` are the printed ones; areas of one printed figure are named together.
    """
    numbers = np.asarray(values, float)
    own = [i for i, s in enumerate(states) if not isinstance(s, str)]
    says = []
    if introduced:
        says.append(t("sheets.about", language, what=clean(about), count=len(names)))
    if not own:
        says.append(t("rates.no_figures", language))
    elif len({shown[i] for i in own}) == 1:
        says.append(t("sheets.all_equal", language, value=shown[own[0]]))
    else:
        for word, pick in (("highest", np.max), ("lowest", np.min)):
            end = pick(numbers[own])
            at = [i for i in own if numbers[i] == end]
            who = sorted((names[i] for i in at), key=alphabetical)
            said = listed(who, language)
            says.append(t(f"sheets.{word}", language, names=said, value=shown[at[0]]))
    chosen = sorted(
        (n for n, mark in zip(names, highlighted, strict=True) if mark), key=alphabetical
    )
    if chosen:
        rule = f" ({clean(gap_rule)})" if gap_rule else ""
        says.append(t("sheets.marked", language, names=listed(chosen, language), rule=rule))
    for state in (SUPPRESSED, MISSING):
        who = sorted(
            (n for n, s in zip(names, states, strict=True) if s == state), key=alphabetical
        )
        if who:
            says.append(t(f"sheets.{state}", language, names=listed(who, language)))
    return " ".join([*says, *more])


def tabled(
    names: Sequence[str],
    values: npt.ArrayLike,
    shown: Sequence[str],
    states: Sequence[State],
    *,
    header: Sequence[str],
    columns: Sequence[Sequence[str]] = (),
) -> Table:
    """Return areas from high to low, then those without a figure by name."""
    order = ranked(names, values, states)
    rows = tuple((clean(names[i]), shown[i], *(column[i] for column in columns)) for i in order)
    return Table(tuple(clean(h) for h in header), rows)
