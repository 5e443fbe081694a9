"""Where is help out of reach? The question, its answer, and where the next offer should stand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sro_geo.actions.asking import find_offers
from sro_geo.actions.workspace import Snapshot
from sro_geo.areas import AreaVersion
from sro_geo.coverage import (
    Demand,
    Draft,
    LeftOut,
    Result,
    Supply,
    Surroundings,
    balanced,
    cover,
    demand_of,
    demands_of,
    e2sfca,
    figures,
    gaussian,
    open_then,
    overall,
    supply_of,
    surroundings,
    with_changes,
)
from sro_geo.coverage.matrix import gap_matrix
from sro_geo.coverage.targets import Target, target_of
from sro_geo.errors import SroError
from sro_geo.offers import OfferFilter
from sro_geo.offers.hours import is_schedule, open_at
from sro_geo.population import AGE_GROUPS, AGE_SUMS, latest, middle_age, persons_of_group
from sro_geo.reach import (
    Network,
    Travel,
    build_network,
    needs_crossings,
    over_network,
    reach_metres,
    straight_line,
)

METHODS = ("straight_line", "network")


@dataclass(frozen=True)
class CoverageQuestion:
    """Which people, which offers, how far.

    ``categories`` (or ``offers``, any filter of the offer map) say which offers count;
    ``off``, ``added``, ``capacity``, ``schedule`` and ``moved`` are the what-if: nothing
    stored is touched. ``moment`` is local time at which an offer must be open to count (hours
    that nobody knows count as open). ``rescale_to`` is the known number of persons of the
    group in the city, to which census cells changed for secrecy are brought. ``plan_id``
    names the plan whose areas the answer is told for (None: the one in force); who reaches
    what is the same on every plan, and mobile offers serve the areas they serve today.
    """

    categories: tuple[str, ...]
    group: str
    minutes: float
    mode: str = "walk"
    method: str = "straight_line"
    offers: OfferFilter | None = None
    off: tuple[str, ...] = ()
    added: tuple[Draft, ...] = ()
    capacity: tuple[tuple[str, float], ...] = ()
    schedule: tuple[tuple[str, str], ...] = ()
    moved: tuple[tuple[str, float, float], ...] = ()
    moment: dt.datetime | None = None
    rescale_to: float | None = None
    plan_id: str | None = None

    @property
    def supposed(self) -> bool:
        """True where something is assumed that is not so."""
        return bool(self.off or self.added or self.capacity or self.schedule or self.moved)


@dataclass(frozen=True)
class CoverageAnswer:
    """The answer with all it rests on; ``areas`` by level, ``total`` for the city."""

    question: CoverageQuestion
    demand: Demand
    supply: Supply
    result: Result
    version: AreaVersion
    total: dict[str, float]
    around: Surroundings
    left_out: tuple[LeftOut, ...] = ()
    _areas: dict[str, pd.DataFrame] = field(default_factory=dict)

    def areas(self, level: str) -> pd.DataFrame:
        """Return the figures of every area of a level."""
        if level not in self._areas:
            self._areas[level] = figures(self.result, self.demand, level)
        return self._areas[level]


def travel_for(snapshot: Snapshot, mode: str, group: str, method: str) -> Travel:
    """Return the way of travelling of an age group, by straight line or street network.

    Raises
    ------
    SroError
        ``method_unknown``, ``mode_unknown``, ``network_missing`` where no streets that can
        be walked or cycled are stored.
    """
    age = middle_age(group)
    if method == "straight_line":
        return straight_line(snapshot.city, mode=mode, age=age)
    if method != "network":
        raise SroError("method_unknown", method=method, known=", ".join(METHODS))
    return over_network(network_of(snapshot), snapshot.city, mode=mode, age=age)


def network_of(snapshot: Snapshot) -> Network:
    """Return the street network of the workspace, built once per state of its streets."""
    streets = snapshot.tables["streets"]
    if streets.empty:
        raise SroError("network_missing")
    held: Network | None = snapshot.__dict__.get("_network")
    if held is None:
        held = build_network(streets, node_crossings=needs_crossings(streets))
        snapshot.__dict__["_network"] = held
    return held


def coverage(snapshot: Snapshot, question: CoverageQuestion) -> CoverageAnswer:
    """Answer a question of coverage on the plan in force, or on the plan it names.

    Raises
    ------
    SroError
        ``plan_unknown``,
        ``category_unknown``, ``age_group_unknown``, ``age_group_not_stored``,
        ``no_population``, ``mode_unknown``, ``method_unknown``, ``minutes_wrong``.
    """
    version = snapshot.current
    demand = demand_for(snapshot, question.group, rescale_to=question.rescale_to)
    supply = supply_for(snapshot, question, demand)
    travel = travel_for(snapshot, question.mode, question.group, question.method)
    result = cover(demand, supply, travel, question.minutes)
    top = snapshot.city.plan_levels[0].level
    outline = version.of_level(top).geometry.union_all()
    metres = reach_of(snapshot, question)
    around = surroundings(result, demand, outline, metres)
    if question.plan_id is not None:
        version = snapshot.version(plan_id=question.plan_id)
        demand = demand_for(
            snapshot, question.group, rescale_to=question.rescale_to, version=version
        )
    return CoverageAnswer(
        question,
        demand,
        supply,
        result,
        version,
        overall(result, demand),
        around,
        supply.left_out,
    )


# Share of people in blocks larger than the reach from which it has to be said.
COARSE = 0.2


def coarse_share(snapshot: Snapshot, answer: CoverageAnswer) -> float:
    """Return the share of the persons whose block is larger than the reach.

    They stand at one point of it: reached all or none, which says little.
    """
    demand = answer.demand
    size = snapshot.tables["blocks"].set_index("block_id")["area_km2"]
    metres = np.sqrt(size.reindex(demand.place_ids).to_numpy(float)) * 1000
    coarse = np.nan_to_num(metres) > reach_of(snapshot, answer.question)
    total = demand.population
    persons = demand.persons * demand.inside
    return float(persons[coarse].sum() / total) if total > 0 else 0.0


def reach_of(snapshot: Snapshot, question: CoverageQuestion) -> float:
    """Return how far the minutes of a question reach, in metres of straight line."""
    age = middle_age(question.group)
    return reach_metres(question.minutes, snapshot.city, mode=question.mode, age=age)


def target_for(snapshot: Snapshot, question: CoverageQuestion) -> Target:
    """Return what the city wants for the offer and the people of a question."""
    today = snapshot.today.isoformat()
    return target_of(snapshot.city, question.categories[0], question.group, question.mode, today)


def demand_for(
    snapshot: Snapshot,
    group: str,
    *,
    rescale_to: float | None = None,
    version: AreaVersion | None = None,
) -> Demand:
    """Return the persons of a group at the workspace's blocks and cells, in the areas in force.

    ``version`` gives other areas.
    """
    population = latest(snapshot.tables["population"])
    if population.empty:
        raise SroError("no_population")
    cells = snapshot.tables["cells"]
    return demand_of(population, cells, version or snapshot.current, group, rescale_to=rescale_to)


def supply_for(snapshot: Snapshot, question: CoverageQuestion, demand: Demand) -> Supply:
    """Return the offers a question asks about, changed as its what-if says."""
    wanted = question.offers or OfferFilter(categories=question.categories)
    rows = find_offers(snapshot, wanted)
    supply = supply_of(rows, snapshot.current, demand, group=question.group, today=snapshot.today)
    for _, hours in question.schedule:
        if not is_schedule(hours):
            raise SroError("schedule_unreadable", schedule=hours)
    if question.supposed:
        known = set(supply.offer_ids)
        supply = with_changes(
            supply,
            off=[offer for offer in question.off if offer in known],
            added=question.added,
            capacity={offer: n for offer, n in question.capacity if offer in known},
            schedule={offer: hours for offer, hours in question.schedule if offer in known},
            moved={offer: (x, y) for offer, x, y in question.moved if offer in known},
            version=snapshot.current,
        )
    if question.moment is not None:
        supply = supply.where(open_then(supply, question.moment))
    return supply


# When somebody might want to come: day of the week (0 Monday) and hour.
MOMENTS = {
    "weekday_10": (2, 10),
    "weekday_15": (2, 15),
    "weekday_19": (2, 19),
    "saturday_15": (5, 15),
    "sunday_15": (6, 15),
}


def moment_of(name: str | None, today: dt.date) -> dt.datetime | None:
    """Return the next moment called ``name`` (a key of ``MOMENTS``), None for any time."""
    if not name:
        return None
    if name not in MOMENTS:
        raise SroError("moment_unknown", moment=name, known=", ".join(MOMENTS))
    weekday, hour = MOMENTS[name]
    day = today + dt.timedelta(days=(weekday - today.weekday()) % 7)
    # An ordinary day: what is closed on a holiday says nothing about the other weeks.
    while open_at("PH 00:00-24:00", dt.datetime(day.year, day.month, day.day, 12)).open:
        day += dt.timedelta(days=7)
    return dt.datetime(day.year, day.month, day.day, hour)


def floating_figures(answer: CoverageAnswer, level: str) -> pd.DataFrame:
    """Return places per 100 persons in floating catchments, for every area of a level.

    ``e2sfca`` (Luo & Qi 2009) and ``balanced`` (levels of service after Paez et al. 2019)
    with Gaussian weights over the threshold, weighted by persons; offers of unknown capacity
    count with no place, so both are lower ends. NaN where nobody lives, and everywhere where
    no capacity is known.
    """
    demand, result = answer.demand, answer.result
    weight = gaussian(answer.question.minutes)
    areas = demand.areas_of_level(level)
    codes = demand.codes(level)
    inside = codes >= 0
    people = np.bincount(codes[inside], demand.persons[inside], minlength=len(areas))
    if len(answer.supply) and not np.isfinite(answer.supply.capacity).any():
        people = people * 0  # no place is known: there is nothing to divide
    out = areas[["area_id", "name"]].copy()
    for name, measure in (("e2sfca", e2sfca), ("balanced", balanced)):
        access = measure(demand, answer.supply, result.reached, weight).access
        sums = np.bincount(codes[inside], (access * demand.persons)[inside], minlength=len(areas))
        out[name] = 100 * np.divide(sums, people, out=np.full(len(areas), np.nan), where=people > 0)
    return out


MATRIX_GROUPS = ("0-2", "3-5", "6-9", "10-13", "14-17", "18-20")


def groups_available(snapshot: Snapshot) -> list[str]:
    """Return the age groups that the stored bands tell exactly, bands of their own included.

    Raises ``SroError("no_population")``.
    """
    population = latest(snapshot.tables["population"])
    if population.empty:
        raise SroError("no_population")
    held: list[str] | None = snapshot.__dict__.get("_groups")
    if held is not None:
        return held
    bands = population[["age_from", "age_to"]].drop_duplicates().sort_values("age_from")
    own = [
        f"{low}+" if pd.isna(high) else f"{low}-{high}"
        for low, high in zip(bands["age_from"], bands["age_to"], strict=True)
    ]
    groups = []
    for group in dict.fromkeys((*AGE_GROUPS, *own, *AGE_SUMS)):
        try:
            persons_of_group(population, group)
        except SroError:
            continue
        groups.append(group)
    snapshot.__dict__["_groups"] = groups
    return groups


def gaps(
    snapshot: Snapshot,
    *,
    mode: str = "walk",
    method: str = "straight_line",
    default_minutes: float = 15.0,
    level: str | None = None,
    moment: dt.datetime | None = None,
    groups: Sequence[str] = MATRIX_GROUPS,
    categories: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return the gap matrix of every category and young age group; see ``gap_matrix``.

    ``groups`` and ``categories`` ask for others, or fewer.
    """
    population = latest(snapshot.tables["population"])
    known = groups_available(snapshot)
    stored = [group for group in groups if group in known]
    # Other bands than usual are columns too: the youngest of them.
    stored = stored or [group for group in known if group not in AGE_SUMS][: len(MATRIX_GROUPS)]
    demands = demands_of(population, snapshot.tables["cells"], snapshot.current, stored)
    first = next(iter(demands.values()))
    rows = find_offers(snapshot, OfferFilter())
    supply = supply_of(rows, snapshot.current, first, today=snapshot.today)
    today = snapshot.today.isoformat()
    return gap_matrix(
        demands,
        supply,
        lambda group: travel_for(snapshot, mode, group, method),
        lambda category, group: target_of(snapshot.city, category, group, mode, today),
        level or snapshot.city.lowest.level,
        categories=list(snapshot.city.categories if categories is None else categories),
        default_minutes=default_minutes,
        moment=moment,
    )
