"""Released figures as somebody asked for them: years, scales, tables.

Every frame in here comes from the released snapshot; a hidden cell has no number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from sro_geo.cartography.rates import (
    CircleScale,
    Scale,
    State,
    circle_scale,
    number,
    rate_scale,
    rate_states,
)
from sro_geo.errors import SroError
from sro_geo.i18n import t
from sro_geo.reports.tables import DataTable, Field, Mark, figure, table


@dataclass(frozen=True, eq=False)
class CaseYear:
    """One year on one area version.

    Parameters
    ----------
    areas
        ``area_id``, ``name``, ``geometry`` of the level.
    cells
        By ``area_id``, in the order of ``areas``: ``name``, ``status``, ``count``,
        ``denominator``, ``rate``, ``rate_low``, ``rate_high``, ``rate_change``, ``broken``.
    whole
        The same of the city, None where nothing is known of it.
    note
        Why the series is broken here, empty where it is not.
    """

    year: int
    areas: gpd.GeoDataFrame
    cells: pd.DataFrame
    whole: pd.Series | None
    unit: str
    rule: str
    note: str = ""
    releases: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class CaseSeries:
    """What was asked: the years with an answer, ``year`` the one shown, and the words for it.

    ``ground`` lies below every map, ``foot`` is the source line on it; ``area_id`` is the area
    chosen, if any; ``of_all`` is False where one kind of help is shown.
    ``places``: ``name`` and the shares of :func:`sro_geo.cases.place_shares`.
    """

    years: tuple[CaseYear, ...]
    year: int
    help_name: str
    group: str
    per: int
    city_name: str
    one: str
    many: str
    language: str
    ground: gpd.GeoDataFrame | None = None
    sample_note: str = ""
    foot: str = ""
    area_id: str | None = None
    places: pd.DataFrame | None = None
    of_all: bool = True

    def __post_init__(self) -> None:
        """Refuse a number where the status hides one."""
        for year in self.years:
            hidden = year.cells["status"] != "released"
            for column in ("count", "rate", "rate_low", "rate_high", "rate_change"):
                if year.cells.loc[hidden, column].notna().any():
                    raise SroError("report_hidden_number", column=column)

    @cached_property
    def shown(self) -> CaseYear:
        """The year asked for."""
        return next(one for one in self.years if one.year == self.year)

    @cached_property
    def scale(self) -> Scale:
        """One scale for all years, so that a colour means the same in each."""
        return rate_scale(np.concatenate([one.cells["rate"].to_numpy(float) for one in self.years]))

    @cached_property
    def circles(self) -> CircleScale:
        """One scale for the counts of all years."""
        return circle_scale(np.concatenate([numbers(one.cells["count"]) for one in self.years]))

    def states(self, year: CaseYear) -> tuple[State, ...]:
        """Return the class of each area, or why it shows none."""
        rates = year.cells["rate"].to_numpy(float)
        return rate_states(rates, list(year.cells["status"]), self.scale)

    @property
    def level_name(self) -> str:
        """What the areas are called, one or several."""
        return self.one if len(self.shown.cells) == 1 else self.many

    @property
    def per_text(self) -> str:
        """1.000 or 10.000, as it is written."""
        return number(self.per, 0, self.language)

    @property
    def rate_title(self) -> str:
        """What the rate is: cases per 1,000 (under 21)."""
        return t("cases.rate_of", self.language, per=self.per_text, group=self.group)

    def rate(self, value: float) -> str:
        """Return a rate as it is printed."""
        return number(value, self.scale.decimals, self.language)


def row_of(year: CaseYear, area_id: str) -> pd.Series:
    """Return the cell of an area."""
    return year.cells.iloc[list(year.cells.index).index(area_id)]


def figures_table(series: CaseSeries, year: CaseYear) -> DataTable:
    """Return count, persons and rate of every area, and of the city."""
    language, decimals = series.language, series.scale.decimals
    rows = [(row["name"], row) for _, row in year.cells.iterrows()]
    if year.whole is not None and len(year.cells) > 1:
        rows.append((series.city_name, year.whole))
    out = [
        (name, figure(row["count"], row["status"]), row["denominator"],
         *(figure(row[c], row["status"]) for c in ("rate", "rate_low", "rate_high")))
        for name, row in rows
    ]  # fmt: skip
    fields = (
        Field(series.one, "text"), Field(t("cases.count_of", language)),
        Field(t("views.persons_of", language, group=series.group)),
        Field(t("cases.column_rate", language, per=series.per_text), decimals=decimals),
        Field(t("views.low", language), decimals=decimals),
        Field(t("views.high", language), decimals=decimals),
    )  # fmt: skip
    caption = t("cases.caption", language, help=series.help_name, year=year.year)
    return table(caption, fields, out)


def years_table(series: CaseSeries, years: Sequence[CaseYear]) -> DataTable:
    """Return the rate of every area in the years, and of the city."""
    names: dict[str, str] = {}
    for one in years:
        names |= {str(a): str(n) for a, n in one.cells["name"].items()}
    out = []
    for area, name in names.items():
        row: list[Any] = [name]
        for one in years:
            held = area in one.cells.index
            row.append(
                figure(one.cells.at[area, "rate"], one.cells.at[area, "status"])
                if held else Mark.NONE
            )  # fmt: skip
        out.append(row)
    if all(one.whole is not None for one in years) and len(names) > 1:
        whole = [one.whole for one in years if one.whole is not None]
        out.append([series.city_name, *(figure(w["rate"], w["status"]) for w in whole)])
    fields = [Field(series.one, "text")]
    fields += [Field(str(one.year), decimals=series.scale.decimals) for one in years]
    return table(series.rate_title, fields, out)


def change_table(series: CaseSeries, before: CaseYear, now: CaseYear) -> DataTable:
    """Return the rates of two years and their difference."""
    language, decimals = series.language, series.scale.decimals
    old = before.cells.reindex(now.cells.index)
    out = []
    for at in range(len(old)):
        row, past = now.cells.iloc[at], old.iloc[at]
        was = "missing" if pd.isna(past["status"]) else str(past["status"])
        both = was == row["status"] == "released"
        why = was if was != "released" else row["status"]
        # What one year hides, the difference hides; a break of the series has none.
        said = row["rate_change"] if both else figure(None, why)
        out.append(
            (row["name"], figure(past["rate"], was), figure(row["rate"], row["status"]), said)
        )
    fields = (
        Field(series.one, "text"), Field(str(before.year), decimals=decimals),
        Field(str(now.year), decimals=decimals),
        Field(t("reports.change", language), "signed", decimals),
    )  # fmt: skip
    return table(t("views.change_legend", language, rate=series.rate_title), fields, out)


def numbers(counts: pd.Series) -> Any:
    """Return counts as floats, NaN where there is none."""
    return counts.astype("Float64").to_numpy(float, na_value=np.nan)
