"""Figures of areas that are open to everybody: persons by age group, offers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from sro_geo.actions.workspace import Snapshot
from sro_geo.areas import roll_up
from sro_geo.errors import SroError
from sro_geo.population import latest, persons_by_block, persons_of_group


@dataclass(frozen=True)
class AreaFigures:
    """One area: persons per asked group (None where the stored bands cannot tell), offers."""

    area_id: str
    name: str
    level: str
    persons: tuple[float | None, ...]
    offers: int


def persons_per_area(snapshot: Snapshot, groups: Sequence[str]) -> list[AreaFigures]:
    """Return figures for every area of the plan levels, top first."""
    population = latest(snapshot.tables["population"])
    per_group: list[pd.Series | None] = []
    for group in groups:
        try:
            persons, _ = persons_of_group(population, group)
        except SroError:
            per_group.append(None)
            continue
        known = len(population) > 0
        per_group.append(persons_by_block(persons, snapshot.tables["cells"]) if known else None)
    members = snapshot.current.members
    current = snapshot.directory[snapshot.directory["status"] != "closed"]
    out = []
    for level in snapshot.city.plan_levels:
        areas = snapshot.current.of_level(level.level)
        ids = pd.Index(areas["area_id"])
        sums = [
            None if persons is None else roll_up(persons, members[level.level], ids)
            for persons in per_group
        ]
        offers = current[f"{level.level}_id"].value_counts()
        for area in areas.itertuples(index=False):
            out.append(
                AreaFigures(
                    str(area.area_id),
                    str(area.name),
                    level.level,
                    tuple(None if s is None else float(s[area.area_id]) for s in sums),
                    int(offers.get(area.area_id, 0)),
                )
            )
    return out
