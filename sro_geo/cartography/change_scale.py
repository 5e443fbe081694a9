"""Changes in five classes around zero: less, about the same, more."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sro_geo.cartography.rates import MISSING, Floats, State, number, round_half_up
from sro_geo.i18n import t

# Less to more; told apart in every common colour blindness, and none is the accent.
DIVERGING = ("#1f5c99", "#9cc3e0", "#f2efe9", "#e6c27a", "#8f5f0e")


@dataclass(frozen=True)
class ChangeScale:
    """Below ``near`` a change counts as none; from ``far`` on it is a large one."""

    near: float
    far: float
    decimals: int

    @property
    def colours(self) -> tuple[str, ...]:
        """The fill of each class, less to more."""
        return DIVERGING

    def rounded(self, changes: npt.ArrayLike) -> Floats:
        """Return changes as they are printed; half away from zero, NaN stays."""
        values = np.asarray(changes, float)
        return np.asarray(np.sign(values) * round_half_up(np.abs(values), self.decimals) + 0.0)

    def states(self, values: npt.ArrayLike, states: Sequence[State]) -> tuple[State, ...]:
        """Return the class of each change, or why there is none."""
        limits = np.array([-self.far, -self.near, self.near, self.far])
        out: list[State] = []
        for value, state in zip(self.rounded(values), states, strict=True):
            if isinstance(state, str):
                out.append(state)
            elif not math.isfinite(value):
                out.append(MISSING)
            else:
                # −far belongs to the largest fall as +far does to the largest rise.
                out.append(
                    int(np.searchsorted(limits, value, side="right" if value > 0 else "left"))
                )
        return tuple(out)

    def signed(self, value: float, language: str = "de") -> str:
        """Return a change with its sign: +3, −2, ±0."""
        words = number(abs(value), self.decimals, language)
        return f"±{words}" if value == 0 else f"{'+' if value > 0 else '−'}{words}"

    def words(self, language: str = "de") -> tuple[str, ...]:
        """Return what each class is called, less to more."""
        near, far = (number(v, self.decimals, language) for v in (self.near, self.far))
        return (
            t("sheets.fall_from", language, low=far),
            t("sheets.fall_between", language, low=near, high=far),
            t("sheets.about_same", language, limit=near),
            t("sheets.rise_between", language, low=near, high=far),
            t("sheets.rise_from", language, low=far),
        )


def change_scale(changes: npt.ArrayLike, *, decimals: int = 0) -> ChangeScale:
    """Return one scale for all released changes handed in, with round limits."""
    values = np.abs(np.asarray(changes, float).ravel())
    values = values[np.isfinite(values)]
    least = 10.0**-decimals
    top = float(values.max()) if len(values) else 0.0
    near = max(_round_number(top * 0.2), least)
    far = max(_round_number(top * 0.6), near + least)
    return ChangeScale(round(near, decimals), round(far, decimals), decimals)


def _round_number(value: float) -> float:
    """Return the largest of 1, 2, 5, 10 … that is not above ``value``."""
    if value <= 0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(value))
    return float(next(m * power for m in (5, 2, 1) if m * power <= value * (1 + 1e-9)))
