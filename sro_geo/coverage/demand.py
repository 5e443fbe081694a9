"""Who needs it, and where they live: persons of one age group at places.

A place is a block (persons stand at a point inside it) or a census cell (at its centre).
Places beyond the city are kept and marked: their people use the same offers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sro_geo.areas import AreaVersion
from sro_geo.errors import SroError
from sro_geo.population import persons_of_group


@dataclass(frozen=True)
class Demand:
    """Persons of one age group at n places.

    ``x``, ``y`` are metres in the city's CRS; ``areas`` has one row per place (index
    0…n-1) and one column per level, None where a place lies in no area of it; ``catalogue``
    lists every area of the version (area_id, level, name, parent_id), also those where
    nobody lives. ``estimated`` tells that a stored age band was cut; ``factor`` is what
    persons inside the city were multiplied with to reach a given total; ``unplaced`` counts
    persons at places nobody knows the position of: they take part in nothing and are said.
    """

    place_ids: np.ndarray
    x: np.ndarray
    y: np.ndarray
    persons: np.ndarray
    areas: pd.DataFrame
    inside: np.ndarray
    catalogue: pd.DataFrame
    group: str = "all"
    estimated: bool = False
    factor: float = 1.0
    unplaced: float = 0.0

    def __len__(self) -> int:
        return len(self.persons)

    @property
    def population(self) -> float:
        """Persons inside the city."""
        return float(self.persons[self.inside].sum())

    @property
    def outside(self) -> float:
        """Persons at places beyond the city limits."""
        return float(self.persons[~self.inside].sum())

    def areas_of_level(self, level: str) -> pd.DataFrame:
        """Return the areas of one level in the order of the version, empty ones included."""
        rows: pd.DataFrame = self.catalogue[self.catalogue["level"] == level]
        return rows.reset_index(drop=True)

    def codes(self, level: str) -> np.ndarray:
        """Return for each place the position of its area in ``areas_of_level``, -1 where none.

        A place beyond the city belongs to no area.
        """
        return self._codes[level]

    @cached_property
    def _codes(self) -> dict[str, np.ndarray]:
        out = {}
        for level in self.areas.columns:
            ids = pd.Index(self.areas_of_level(level)["area_id"])
            found = ids.get_indexer(pd.Index(self.areas[level].to_numpy(object), dtype=object))
            out[level] = np.where(self.inside, found, -1)
        return out

    def without_area(self, level: str) -> float:
        """Return the persons inside the city who live in no area of a level."""
        return float(self.persons[self.inside & (self.codes(level) < 0)].sum())

    def with_persons(self, persons: np.ndarray, group: str) -> Demand:
        """Return the same places with other people."""
        return replace(self, persons=np.asarray(persons, float), group=group)


def demand_of(
    population: pd.DataFrame,
    cells: gpd.GeoDataFrame,
    version: AreaVersion,
    group: str,
    *,
    estimate: bool = False,
    rescale_to: float | None = None,
) -> Demand:
    """Return the persons of an age group at blocks and cells.

    Parameters
    ----------
    population
        Table ``population`` of one reference date.
    cells
        Table ``cells``; may be empty where population hangs on blocks.
    estimate
        Allow a stored age band to be cut (see ``sro_geo.population.persons_of_group``).
    rescale_to
        Known number of persons of the group in the city. Cells that a statistics office
        changed to protect people do not add up to it: all persons inside the city are
        multiplied with one factor. Those beyond stay as they are.

    Raises
    ------
    SroError
        ``age_group_unknown``, ``age_group_not_stored``, ``rescale_impossible``.
    """
    return demands_of(
        population, cells, version, (group,), estimate=estimate, rescale_to={group: rescale_to}
    )[group]


def demands_of(
    population: pd.DataFrame,
    cells: gpd.GeoDataFrame,
    version: AreaVersion,
    groups: Iterable[str],
    *,
    estimate: bool = False,
    rescale_to: dict[str, float | None] | None = None,
) -> dict[str, Demand]:
    """Return one :class:`Demand` per age group, all over the same places.

    See :func:`demand_of`; a gap matrix needs many groups, whose places are found once.
    """
    places, known = _places(population, cells, version)
    out = {}
    for group in groups:
        sums, estimated = persons_of_group(population, group, estimate=estimate)
        persons = sums.reindex(places.place_ids).fillna(0.0).to_numpy(float)
        unplaced = float(persons[~known].sum())
        demand = replace(
            places,
            place_ids=places.place_ids[known],
            x=places.x[known],
            y=places.y[known],
            persons=persons[known],
            areas=places.areas[known].reset_index(drop=True),
            inside=places.inside[known],
            group=group,
            estimated=estimated,
            unplaced=unplaced,
        )
        out[group] = _rescaled(demand, (rescale_to or {}).get(group))
    return out


def _places(
    population: pd.DataFrame, cells: gpd.GeoDataFrame, version: AreaVersion
) -> tuple[Demand, np.ndarray]:
    """Return the places of a population table, nobody there yet, and which have a position."""
    ids = np.asarray(pd.unique(population["place_id"]), object)
    cell_ids = pd.Index(cells["cell_id"].to_numpy(object), dtype=object)
    at_cell = cell_ids.get_indexer(pd.Index(ids, dtype=object))
    is_cell = at_cell >= 0
    block_of = (
        np.where(is_cell, cells["block_id"].to_numpy(object)[at_cell], ids) if len(cells) else ids
    )
    block_ids = pd.Index(version.members.index.to_numpy(object), dtype=object)
    at_block = block_ids.get_indexer(pd.Index(block_of, dtype=object))
    inside = at_block >= 0
    points = np.full(len(ids), None, object)
    if is_cell.any():
        points[is_cell] = cells.geometry.to_numpy()[at_cell[is_cell]]
    on_block = ~is_cell & inside
    if on_block.any():
        points[on_block] = interior_points(version.blocks.geometry.to_numpy()[at_block[on_block]])
    x, y = shapely.get_x(points), shapely.get_y(points)
    known = np.isfinite(x) & np.isfinite(y)
    levels = version.members.reset_index(drop=True).reindex(np.where(inside, at_block, -1))
    areas = levels.reset_index(drop=True).astype("object")
    areas = areas.where(areas.notna(), None)
    catalogue = pd.DataFrame(version.areas)[["area_id", "level", "name", "parent_id"]]
    nobody = np.zeros(len(ids))
    return Demand(ids, x, y, nobody, areas, inside, catalogue.reset_index(drop=True)), known


def interior_points(shapes: np.ndarray) -> np.ndarray:
    """Return a point inside each shape: its centre of mass, or another where that lies outside."""
    centres = shapely.centroid(shapes)
    outside = ~shapely.contains(shapes, centres)
    centres[outside] = shapely.point_on_surface(shapes[outside])
    return np.asarray(centres)


def _rescaled(demand: Demand, total: float | None) -> Demand:
    if total is None:
        return demand
    counted = demand.population
    if not np.isfinite(total) or total < 0 or (counted == 0 and total > 0):
        raise SroError("rescale_impossible", group=demand.group, total=total, counted=counted)
    factor = total / counted if counted else 1.0
    persons = np.where(demand.inside, demand.persons * factor, demand.persons)
    return replace(demand, persons=persons, factor=factor)
