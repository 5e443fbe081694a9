"""Where cases and indicators are counted: known blocks and areas, never a guess."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sro_geo.exchange.cells import numbered
from sro_geo.exchange.intake import Intake
from sro_geo.exchange.records import filled, listed, present
from sro_geo.exchange.spreading import level_named

_GROWN = 27


@dataclass(frozen=True)
class Counted:
    """Where each record was counted: ``ids``, and ``kinds`` (``block``, ``area`` or None)."""

    ids: np.ndarray
    kinds: np.ndarray

    @property
    def known(self) -> np.ndarray:
        """Return a mask: the place is known."""
        return present(self.kinds)


def counted_at(intake: Intake) -> Counted:
    """Return the block of each record, else its area; what is not known is a fault.

    A column of places may name areas where no block bears these ids.
    """
    ids, kinds = filled(None, intake.size), filled(None, intake.size)
    if not intake.has("block_id") and not intake.has("area_id"):
        intake.log.add("count_place_missing", column="area_id")
        return Counted(ids, kinds)
    blocks, areas = intake.known.ids("blocks"), area_ids(intake)
    if not blocks and not areas:
        intake.log.add("count_places_unknown", column="area_id")
        return Counted(ids, kinds)
    told = filled(None, intake.size)
    for field, first, second in (("block_id", "block", "area"), ("area_id", "area", "")):
        if not intake.has(field):
            continue
        values = intake.text(field)
        open_ = present(values) & ~present(told)
        told[open_] = values[open_]
        for kind in (first, second):
            possible = blocks if kind == "block" else areas if kind == "area" else []
            hit = open_ & ~present(kinds) & np.isin(values.astype(str), possible)
            ids[hit], kinds[hit] = values[hit], kind
        lost = open_ & ~present(kinds)
        if field == "area_id" or (second and not intake.has("area_id")):
            _by_number(intake, field, values, lost, ids, kinds)
    lost = present(told) & ~present(kinds)
    where = intake.column("block_id" if intake.has("block_id") else "area_id")
    shown = blocks if intake.has("block_id") and blocks else areas
    known = listed(shown, limit=5)
    if lost.sum() > 50:
        intake.log.counted(
            "count_places_strange", lost, intake.rows, column=where, severity="error", known=known
        )
    else:
        intake.log.each("count_place_strange", lost, intake.rows, column=where, known=known)
    return Counted(ids, kinds)


def _by_number(
    intake: Intake,
    field: str,
    values: np.ndarray,
    lost: np.ndarray,
    ids: np.ndarray,
    kinds: np.ndarray,
) -> None:
    """Read ``1`` as ``STGT01`` where all that is not known can be read so: with consent."""
    if not lost.any() or not all(re.fullmatch(r"[0-9]{1,9}", v) for v in set(values[lost])):
        return
    by_level = levels_of(intake)
    named = level_named(intake, intake.column(field))
    order = [level.level for level in reversed(intake.city.levels)]
    for level in sorted(order, key=lambda name: name != named):
        areas = by_level.get(level, [])
        by_number = numbered(areas)
        if by_number and all(int(v) in by_number for v in set(values[lost])):
            ids[lost] = [by_number[int(v)] for v in values[lost]]
            kinds[lost] = "area"
            intake.log.counted(
                "area_ids_by_number",
                lost,
                intake.rows,
                column=intake.column(field),
                severity="repair",
                known=listed(areas, limit=3),
            )
            return


def levels_of(intake: Intake) -> dict[str, list[str]]:
    """Return the ids of the known areas by level, the city itself among them."""
    areas = intake.known.held("areas")
    out: dict[str, list[str]] = {}
    if areas is not None:
        out = {
            str(level): [str(v) for v in ids] for level, ids in areas.groupby("level")["area_id"]
        }
        out.setdefault(intake.city.plan_levels[0].level, [intake.city.city_id])
    return out


def area_ids(intake: Intake) -> list[str]:
    """Return the ids of the known areas."""
    return [area for ids in levels_of(intake).values() for area in ids]


def note_levels(intake: Intake, frame: pd.DataFrame, column: str) -> None:
    """Ask for consent where areas of several levels are counted, or areas beside blocks.

    A case that is in the number of a space and in that of its region would count twice.
    """
    level_of = {area: level for level, ids in levels_of(intake).items() for area in ids}
    areas = frame.loc[frame["place_kind"] == "area", "place_id"].unique()
    found = {level_of[area] for area in areas if area in level_of}
    names = [level.level for level in intake.city.levels if level.level in found]
    if (frame["place_kind"] == "block").any():
        names.append("block")
    if len(names) > 1:
        intake.log.add("count_levels", column=column, severity="repair", levels=", ".join(names))


def check_people(intake: Intake, frame: pd.DataFrame, column: str) -> None:
    """Refuse more cases in an area, of one year, than people under 27 live there.

    A band that goes on beyond 26 counts as a whole, so nothing is refused for want of
    finer numbers; nothing is said of areas whose people are not known.
    """
    persons, members = intake.known.persons, intake.known.members
    if persons is None or persons.empty or members is None or frame.empty:
        return
    young = persons[persons["age_from"].astype(float) < _GROWN]
    by_block = young.groupby("block_id")["persons"].sum()
    known = pd.Index(persons["block_id"].unique())
    lowest = members[intake.city.lowest.level]
    place = frame["place_id"].where(
        frame["place_kind"] == "area", frame["place_id"].map(lowest.to_dict())
    )
    whole = intake.city.plan_levels[0].level
    level_of = {area: level for level, ids in levels_of(intake).items() for area in ids}
    sums = frame["case_count"].groupby([place, frame["year"]]).sum()
    for area in dict.fromkeys(sums.index.get_level_values(0)):
        level = level_of.get(area)
        if level is None or (level not in members and level != whole):
            continue
        inside = members.index
        if level in members and (members[level] == area).any():
            inside = members.index[members[level] == area]
        elif level != whole:
            continue
        if not len(inside.intersection(known)):
            continue
        most = float(by_block.reindex(inside).sum())
        for year in sums.loc[area].index[sums.loc[area].to_numpy() > most]:
            intake.log.add("more_cases_than_people", column=column, area=area, year=int(year))
