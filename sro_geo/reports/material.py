"""What a report is made of: plain frames, none with a hidden number, and the maps drawn of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sro_geo.cartography.area_sheets import area_map, change_map, circle_map
from sro_geo.cartography.change_scale import change_scale
from sro_geo.cartography.map_view import SymbolGroup, symbol_groups
from sro_geo.cartography.offer_sheets import offer_sheet
from sro_geo.cartography.rates import CircleScale, Scale, rate_scale, rate_states
from sro_geo.cartography.sheet import MapSheet
from sro_geo.cartography.year_sheets import YearSheet, small_multiples
from sro_geo.cases import change, rates
from sro_geo.city import City
from sro_geo.errors import SroError
from sro_geo.i18n import date_in_words, name_of, t

PER = 1000
SLIDE, PAGE, HALF = "16:9", "a4", "a4-half"
_HIDING = ("count", "rate", "rate_low", "rate_high", "smoothed", "numerator", "value")
_CELLS = (
    "area_id", "level", "year", "help_type", "age_group", "place", "status", "count",
    "denominator", "version", "counting_rule", "unit",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Material:
    """Plain frames for the builders of stories.

    Parameters
    ----------
    areas
        ``area_id``, ``level``, ``name``, ``parent_id``, ``geometry`` of every level, metres.
    level
        The level reported on, the city's lowest as a rule.
    population
        ``area_id``, ``age_group``, ``persons``: the groups of the areas of ``level`` and above.
    offers
        Rows of the directory. Protected ones are counted for the city, without a place.
    cells
        Released cells of one or more years: ``area_id``, ``level``, ``year``, ``help_type``,
        ``age_group``, ``place``, ``status``, ``count``, ``denominator``, ``version``,
        ``counting_rule``, ``unit``.
    gaps
        As :func:`sro_geo.coverage.gap_matrix` returns it, for ``level``.
    releases
        What the figures were released under, for the page on methods.
    """

    city: City
    level: str
    year: int
    areas: gpd.GeoDataFrame
    population: pd.DataFrame
    population_date: str
    offers: pd.DataFrame
    offers_date: str
    cells: pd.DataFrame | None = None
    gaps: pd.DataFrame | None = None
    ground: gpd.GeoDataFrame | None = None
    releases: tuple[str, ...] = ()
    language: str = "de"
    successes: str = ""
    difficulties: str = ""

    def __post_init__(self) -> None:
        """Refuse a frame that holds a number where its status hides one."""
        if self.cells is None:
            return
        hidden = self.cells["status"] != "released"
        for column in _HIDING:
            if column in self.cells and self.cells.loc[hidden, column].notna().any():
                raise SroError("report_hidden_number", column=column)

    def with_gaps(self, gaps: pd.DataFrame | None) -> Material:
        """Return the same with other gaps; what was made of all else is kept."""
        other = replace(self, gaps=gaps)
        own = self.__dataclass_fields__
        other.__dict__.update({k: v for k, v in self.__dict__.items() if k not in own})
        return other

    @property
    def sample_note(self) -> str:
        """Words that mark invented data, empty for a real city."""
        if not self.city.sample_data:
            return ""
        return name_of(self.city.source_note, self.language) or t(
            "reports.sample_data", self.language
        )

    @property
    def city_name(self) -> str:
        """The city's name in the report's language."""
        return name_of(self.city.names, self.language)

    @cached_property
    def spaces(self) -> gpd.GeoDataFrame:
        """The areas reported on; one without a name is called by its id."""
        found = self.areas[self.areas["level"] == self.level].reset_index(drop=True)
        if found.empty:
            raise SroError("report_without_areas", level=self.level)
        named = found["name"].where(found["name"].fillna("").str.strip() != "", found["area_id"])
        return found.assign(name=named.astype(str), area_id=found["area_id"].astype(str))

    @cached_property
    def whole(self) -> str:
        """The id of the area on top, empty where there is none."""
        top = self.areas[self.areas["parent_id"].fillna("") == ""]
        top = top[top["level"] == self.city.levels[0].level]
        return str(top["area_id"].iloc[0]) if len(top) else ""

    @property
    def one(self) -> str:
        """What one area of the level is called."""
        return name_of(self._level.names, self.language)

    @property
    def many(self) -> str:
        """What several areas of the level are called."""
        return name_of(self._level.plurals, self.language)

    @property
    def _level(self) -> Any:
        return next(one for one in self.city.levels if one.level == self.level)

    @cached_property
    def open_offers(self) -> pd.DataFrame:
        """Offers that are not closed, with ``area`` (none for protected places)."""
        table = self.offers[self.offers["status"] != "closed"].reset_index(drop=True)
        return without_hidden_places(table, self.level)

    @cached_property
    def drawn_offers(self) -> gpd.GeoDataFrame:
        """The open offers with their points; what has no place has no point either."""
        return points_of(self.open_offers, self.spaces.crs)

    def persons(self, area_id: str, group: str) -> float:
        """Return the persons of a group in an area, NaN where they are not known."""
        return self._persons.get((area_id, group), float("nan"))

    @cached_property
    def _persons(self) -> dict[tuple[str, str], float]:
        rows = self.population
        keys = zip(rows["area_id"], rows["age_group"], strict=True)
        # The first row counts where a group is there twice.
        pairs = zip(keys, rows["persons"].astype(float).tolist(), strict=True)
        return dict(reversed(list(pairs)))

    @cached_property
    def rated(self) -> pd.DataFrame:
        """All cells with rates and the change against the year before."""
        if self.cells is None or self.cells.empty:
            empty = pd.DataFrame(columns=[*_CELLS, "rate", "rate_change", "broken"])
            return empty.astype({"year": "int64"})
        cells = rates(self.cells.reset_index(drop=True), per=PER)
        return cells.join(change(cells, per=PER))

    @cached_property
    def years(self) -> list[int]:
        """The years with cells of the level, up to the year of the report."""
        rows = self.rated[self.rated["level"] == self.level]
        return sorted({int(y) for y in rows["year"] if int(y) <= self.year})

    def totals(self, year: int | None = None) -> pd.DataFrame:
        """Return one row for each area reported on, in their order: status, rate and the like.

        An area that nothing was released for is missing.
        """
        chosen = self.year if year is None else year
        if chosen not in self._totals:
            rows = self.rated
            rows = rows[
                (rows["year"] == chosen) & rows["help_type"].isna() & rows["age_group"].isna()
                & rows["place"].isna()
            ]  # fmt: skip
            rows = rows.drop_duplicates("area_id").set_index("area_id")
            found = rows.reindex(self.spaces["area_id"])
            self._totals[chosen] = found.assign(
                status=found["status"].fillna("missing").astype(str), name=list(self.spaces["name"])
            )
        return self._totals[chosen].copy()

    @cached_property
    def _totals(self) -> dict[int, pd.DataFrame]:
        return {}

    def total_of(self, area_id: str, year: int | None = None) -> pd.Series | None:
        """Return the released total of one area of any level, None without one."""
        rows = self.rated
        found = rows[
            (rows["year"] == (self.year if year is None else year))
            & (rows["area_id"] == area_id) & rows["help_type"].isna()
            & rows["age_group"].isna() & rows["place"].isna() & (rows["status"] == "released")
        ]  # fmt: skip
        return found.iloc[0] if len(found) else None

    @cached_property
    def scale(self) -> Scale:
        """One scale of rates for all years of the story."""
        years = self.years or [self.year]
        return rate_scale(np.concatenate([self.totals(y)["rate"].to_numpy(float) for y in years]))

    def sources(self, key: str) -> str:
        """Return the source line of a map."""
        return t(f"reports.source_{key}", self.language)

    def foot(self, key: str, size: str, day: str = "") -> str:
        """Return the source line on a map itself; on paper it stands as text below.

        ``day`` is the ISO date of what is shown, by default that of the newest data.
        """
        if size != SLIDE:
            return ""
        source = t("reports.source", self.language, source=self.sources(key))
        date = day or {"cases": f"{self.year}-12-31", "population": self.population_date}.get(
            key, self.offers_date
        )
        if not date:
            return source
        said = t("reports.reference", self.language, date=date_in_words(date, self.language))
        return f"{source} {said}"

    @cached_property
    def symbols(self) -> dict[str, SymbolGroup]:
        """The symbol of each group of offers, with its name in the report's language."""
        return symbol_groups(self.city.groups, self.language)

    def ways(self, size: str) -> dict[str, Any]:
        """Return what every map of the story is drawn with."""
        return {
            "title": "", "ground": self.ground, "sample_note": self.sample_note,
            "language": self.language, "size": size, "unit": (self.one, self.many),
        }  # fmt: skip

    def rate_map(
        self, size: str, *, subtitle: str, year: int | None = None, highlighted: Sequence[str] = ()
    ) -> MapSheet:
        """Return the map of case rates."""
        rows = self.totals(year)
        values = rows["rate"].to_numpy(float)
        states = rate_states(values, list(rows["status"]), self.scale)
        offers = self.open_offers["area"].value_counts()
        return area_map(
            self.spaces, values, states, self.scale, subtitle=subtitle,
            legend_title=t("reports.rate_unit", self.language), source=self.foot("cases", size),
            highlighted=highlighted, beside=[str(int(offers.get(a, 0))) for a in rows.index],
            beside_title=t("reports.offers", self.language), **self.ways(size),
        )  # fmt: skip

    @cached_property
    def summary_map(self) -> MapSheet | None:
        """The map of case rates for half a page; none without a released figure."""
        if not (self.totals()["status"] == "released").any():
            return None
        return self.rate_map(HALF, subtitle="")

    def changed_map(self, size: str, *, subtitle: str) -> MapSheet:
        """Return the map of the change of case rates against the year before."""
        rows = self.totals()
        values = rows["rate_change"].to_numpy(float)
        hidden = [
            0 if np.isfinite(v) else ("suppressed" if s == "suppressed" else "missing")
            for v, s in zip(values, rows["status"], strict=True)
        ]
        scale = change_scale(values, decimals=self.scale.decimals)
        return change_map(
            self.spaces, values, hidden, scale, subtitle=subtitle,
            legend_title=t("reports.change_unit", self.language), source=self.foot("cases", size),
            **self.ways(size),
        )  # fmt: skip

    def people_map(self, size: str, group: str, *, subtitle: str, legend: str) -> MapSheet:
        """Return the map of persons as circles."""
        values = np.array([self.persons(a, group) for a in self.spaces["area_id"]])
        states: list[Any] = [0 if np.isfinite(v) else "missing" for v in values]
        largest = float(np.nanmax(values)) if np.isfinite(values).any() else 0.0
        return circle_map(
            self.spaces, values, states, CircleScale(largest), subtitle=subtitle,
            legend_title=legend, source=self.foot("population", size), **self.ways(size),
        )  # fmt: skip

    def offers_map(
        self,
        size: str,
        *,
        subtitle: str,
        highlighted: Sequence[str] = (),
        near: Sequence[str] = (),
    ) -> MapSheet:
        """Return the map of the offers: how many stand in each area, and where."""
        return offer_sheet(
            self.spaces, self.drawn_offers, self.symbols,
            subtitle=subtitle, source=self.foot("offers", size), highlighted=highlighted,
            near=near, about=t("reports.offers_subtitle", self.language, many=self.many),
            **self.ways(size),
        )  # fmt: skip

    def years_map(self, size: str, most: int = 6) -> MapSheet:
        """Return one small map of case rates for each year, all in the same classes."""
        years = []
        for year in self.years[-most:]:
            rows = self.totals(year)
            values = rows["rate"].to_numpy(float)
            states = rate_states(values, list(rows["status"]), self.scale)
            years.append(YearSheet(str(year), self.spaces, values, states))
        return small_multiples(
            years, self.scale, subtitle="", legend_title=t("reports.rate_unit", self.language),
            source=self.foot("cases", size), **self.ways(size),
        )  # fmt: skip

    def gap_map(self, size: str, category: str, group: str, *, subtitle: str) -> MapSheet:
        """Return the map of the share of a group that reaches an offer."""
        rows = self.gap_rows(category, group).set_index("area_id").reindex(self.spaces["area_id"])
        values = 100 * rows["share"].to_numpy(float)
        states = ["released" if np.isfinite(v) else "missing" for v in values]
        scale = rate_scale(values, decimals=0)
        name = name_of(self.city.categories[category].names, self.language)
        own = self.drawn_offers[self.drawn_offers["category"] == category]
        # The symbol stands for this kind alone here, not for its whole group.
        kinds = {key: replace(self.symbols[key], name=name) for key in set(own["group"])}
        return area_map(
            self.spaces, values, rate_states(values, states, scale), scale, subtitle=subtitle,
            legend_title=t("reports.share_unit", self.language, offer=name),
            source=self.foot("coverage", size), offers=own, groups=kinds,
            **self.ways(size),
        )  # fmt: skip

    def gap_rows(self, category: str, group: str) -> pd.DataFrame:
        """Return the rows of one kind of offer and age group."""
        if self.gaps is None:
            return pd.DataFrame(columns=["area_id", "share"])
        rows = self.gaps
        return rows[(rows["category"] == category) & (rows["age_group"] == group)]


def without_hidden_places(offers: pd.DataFrame, level: str) -> pd.DataFrame:
    """Return offers with their ``area`` of a level and ``hidden_place``; a protected place has
    neither area, point nor address.
    """
    protected = offers["protected"].fillna(False).astype(bool)
    area = offers.get(f"{level}_id")
    named = pd.Series("", offers.index) if area is None else area.fillna("").astype(str)
    table = offers.assign(area=named.where(~protected, ""), hidden_place=protected)
    for column in ("x", "y", "lon", "lat"):
        if column in table:
            table[column] = table[column].where(~protected)
    for column in ("address", "postal_code", "location_id"):
        if column in table:
            table[column] = table[column].where(~protected, None)
    return table


def points_of(offers: pd.DataFrame, crs: Any) -> gpd.GeoDataFrame:
    """Return offers of :func:`without_hidden_places` as points to draw."""
    x, y = (offers[c].to_numpy(float, na_value=np.nan) for c in ("x", "y"))
    known = np.isfinite(x) & np.isfinite(y)
    points = np.full(len(offers), None, object)
    points[known] = shapely.points(x[known], y[known])
    return gpd.GeoDataFrame(
        {"group": offers["group"], "category": offers["category"], "area_id": offers["area"]},
        geometry=gpd.GeoSeries(points, index=offers.index, crs=crs),
    )
