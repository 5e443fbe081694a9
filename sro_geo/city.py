"""What makes one city differ from the next: ``city.toml`` and ``categories.toml``."""

from __future__ import annotations

import datetime as dt
import math
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from pyproj import CRS
from pyproj.exceptions import CRSError

from sro_geo.errors import SroError

_TAKEN = frozenset(
    [
        "block",
        "cell",
        "offer",
        "provider",
        "location",
        "host_location",
        "team",
        "status",
        "neighbour",
        "alternatives",
        "version",
    ]
)


@dataclass(frozen=True)
class Level:
    """One level of areas, e.g. region.

    ``tree`` is ``"plan"`` (its areas are drawn by a plan) or ``"parallel"`` (a partition
    of the blocks that stands beside the plan, such as statistical districts).
    """

    level: str
    names: dict[str, str]
    plurals: dict[str, str]
    parent: str | None
    tree: str


@dataclass(frozen=True)
class Speed:
    """Walking and cycling speed in km/h from ``age_from`` years on, up to the next entry."""

    age_from: int
    walk_kmh: float
    bike_kmh: float


@dataclass(frozen=True)
class Threshold:
    """Minutes within which an age group should reach an offer, and who says so.

    ``share`` is the part of the group that should (None: not said), ``places_per_100`` how
    many places there should be for a hundred of them. ``source`` names where the value comes
    from, ``resolution`` the council's decision (empty where there is none). In force from
    the ISO date ``valid_from`` on, None: always.
    """

    category: str
    age_group: str
    mode: str
    minutes: float
    share: float | None = None
    places_per_100: float | None = None
    source: Mapping[str, str] = field(default_factory=dict)
    resolution: Mapping[str, str] = field(default_factory=dict)
    valid_from: str | None = None


@dataclass(frozen=True)
class Category:
    """A kind of offer; ``section`` is the section of SGB VIII or empty."""

    category: str
    names: dict[str, str]
    section: str
    group: str


@dataclass(frozen=True)
class CategoryGroup:
    """A group of categories with the symbol and colour it has on every map."""

    group: str
    names: dict[str, str]
    symbol: str
    colour: str


@dataclass(frozen=True)
class City:
    """A city's configuration, read only.

    ``detour_factor`` turns straight lines into paths (about 1.3, Swiss and German street
    grids); ``stale_after_days`` is when an entry of the offer map counts as out of date;
    ``bounds`` is west, south, east, north in degrees, a margin around the city included,
    used to recognise coordinates that cannot be meant.
    """

    city_id: str
    names: dict[str, str]
    crs: str
    sample_data: bool
    levels: tuple[Level, ...]
    speeds: tuple[Speed, ...]
    default_age: int
    detour_factor: float
    stale_after_days: int
    border_tolerance_m: float
    bounds: tuple[float, float, float, float] | None
    thresholds: tuple[Threshold, ...]
    categories: dict[str, Category]
    groups: dict[str, CategoryGroup]
    source_note: dict[str, str]
    # [disclosure] as it stands in city.toml: what is stricter than the rules of the gate.
    disclosure: Mapping[str, Any] = field(default_factory=dict)

    @property
    def plan_levels(self) -> tuple[Level, ...]:
        """Levels drawn by the plan, top first; the last is what blocks are assigned to."""
        return tuple(level for level in self.levels if level.tree == "plan")

    @property
    def parallel_levels(self) -> tuple[Level, ...]:
        """Levels that stand beside the plan."""
        return tuple(level for level in self.levels if level.tree == "parallel")

    @property
    def lowest(self) -> Level:
        """The level blocks are assigned to: the social space."""
        return self.plan_levels[-1]

    def level(self, name: str) -> Level:
        """Return the level called ``name``; raises ``SroError("level_unknown")``."""
        for level in self.levels:
            if level.level == name:
                return level
        known = ", ".join(level.level for level in self.levels)
        raise SroError("level_unknown", level=name, known=known)

    def speed_kmh(self, mode: str, age: int | None) -> float:
        """Return the speed in km/h of ``mode`` (walk, bike) at ``age`` (None: default age)."""
        if mode not in ("walk", "bike"):
            raise SroError("mode_unknown", mode=mode)
        years = self.default_age if age is None else age
        entry = max((s for s in self.speeds if s.age_from <= years), key=lambda s: s.age_from)
        return entry.walk_kmh if mode == "walk" else entry.bike_kmh


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise SroError("city_file_missing", file=str(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as why:
        raise SroError("city_file_malformed", file=str(path), reason=str(why)) from None


def load_city(folder: Path) -> City:
    """Read ``city.toml`` and ``categories.toml`` of ``folder``.

    Raises
    ------
    SroError
        ``city_file_missing``, ``city_file_malformed``, ``city_setting_missing`` or
        ``city_setting_wrong``, naming the file and the key.
    """
    path = folder / "city.toml"
    raw = _read(path)
    kinds = _read(folder / "categories.toml")

    def need(section: dict[str, Any], key: str, where: str) -> Any:
        if key not in section:
            raise SroError("city_setting_missing", file=str(path), key=f"{where}.{key}")
        return section[key]

    def wrong(key: str, value: Any, reason: str) -> SroError:
        return SroError(
            "city_setting_wrong", file=str(path), key=key, value=str(value), reason=reason
        )

    head = need(raw, "city", "")
    try:
        crs = CRS.from_user_input(need(head, "crs", "city"))
    except CRSError:
        raise wrong("city.crs", head["crs"], "unknown CRS") from None
    if not crs.is_projected:
        raise wrong("city.crs", head["crs"], "a projected CRS in metres is needed")
    levels = tuple(
        Level(
            level=need(entry, "level", "levels"),
            names=need(entry, "name", "levels"),
            plurals=entry.get("plural", need(entry, "name", "levels")),
            parent=entry.get("parent"),
            tree=entry.get("tree", "plan"),
        )
        for entry in need(raw, "levels", "")
    )
    names = [level.level for level in levels]
    if len(set(names)) != len(names) or not names:
        raise wrong("levels", names, "each level once, at least one")
    for name in names:
        # `<level>_id` becomes a column, and the level a key of what the command line prints.
        if not re.fullmatch(r"[^\W\d]\w*", name) or name.lower() in _TAKEN:
            raise wrong("levels", name, "letters, digits and _, and no word used otherwise")
    if len({name.lower() for name in names}) != len(names):
        raise wrong("levels", names, "two differ only in capital letters")
    for level in levels:
        if level.parent is not None and level.parent not in names:
            raise wrong(f"levels.{level.level}.parent", level.parent, "no such level")
        if level.tree not in ("plan", "parallel"):
            raise wrong(f"levels.{level.level}.tree", level.tree, "plan or parallel")
    plan_levels = [level for level in levels if level.tree == "plan"]
    if not plan_levels:
        raise wrong("levels", names, "at least one level with tree = plan")
    for above, below in pairwise(plan_levels):
        if below.parent != above.level:
            raise wrong(f"levels.{below.level}.parent", below.parent, f"expected {above.level}")
    travel = raw.get("travel", {})
    speeds = tuple(
        Speed(int(s["age_from"]), float(s["walk_kmh"]), float(s["bike_kmh"]))
        for s in travel.get("speeds", [{"age_from": 0, "walk_kmh": 4.0, "bike_kmh": 13.0}])
    )
    if min(s.age_from for s in speeds) != 0:
        raise wrong("travel.speeds", "age_from", "one entry must start at age 0")
    if any(s.walk_kmh <= 0 or s.bike_kmh <= 0 for s in speeds):
        raise wrong("travel.speeds", "kmh", "speeds are above 0")
    disclosure = raw.get("disclosure", {})
    if not isinstance(disclosure, dict):
        raise wrong("disclosure", disclosure, "a section [disclosure]")
    bounds = head.get("bounds")
    categories = {
        entry["category"]: Category(
            entry["category"], entry["name"], entry.get("section", ""), entry["group"]
        )
        for entry in kinds.get("categories", ())
    }
    return City(
        city_id=need(head, "id", "city"),
        names=need(head, "name", "city"),
        crs=crs.to_string(),
        sample_data=bool(head.get("sample_data", False)),
        levels=levels,
        speeds=speeds,
        default_age=int(travel.get("default_age", 30)),
        detour_factor=float(travel.get("detour_factor", 1.3)),
        stale_after_days=int(raw.get("offers", {}).get("stale_after_days", 365)),
        border_tolerance_m=float(head.get("border_tolerance_m", 1.0)),
        bounds=tuple(float(v) for v in bounds) if bounds else None,  # type: ignore[arg-type]
        thresholds=_thresholds(raw.get("thresholds", ()), set(categories), need, wrong),
        categories=categories,
        groups={
            entry["group"]: CategoryGroup(
                entry["group"], entry["name"], entry["symbol"], entry["colour"]
            )
            for entry in kinds.get("groups", ())
        },
        source_note=head.get("source_note", {}),
        disclosure=dict(disclosure),
    )


_AGES = re.compile(r"\d+(?:-\d+|\+)|under_18|under_21|all")


def _thresholds(
    entries: Any,
    categories: set[str],
    need: Callable[[dict[str, Any], str, str], Any],
    wrong: Callable[[str, Any, str], SroError],
) -> tuple[Threshold, ...]:
    """Read ``[[thresholds]]``; a value that cannot be meant is refused with its number."""
    out: list[Threshold] = []
    if not isinstance(entries, (list, tuple)):
        raise wrong("thresholds", entries, "written as [[thresholds]]")
    for number, entry in enumerate(entries, start=1):
        where = f"thresholds[{number}]"

        def amount(
            key: str, highest: float, entry: Any = entry, where: str = where
        ) -> float | None:
            value = entry.get(key)
            if value is None:
                return None
            sound = isinstance(value, (int, float)) and not isinstance(value, bool)
            if not sound or not math.isfinite(value) or not 0 < value <= highest:
                limit = f" and at most {highest:g}" if math.isfinite(highest) else ""
                raise wrong(f"{where}.{key}", value, f"a number above 0{limit}")
            return float(value)

        category, group = need(entry, "category", where), need(entry, "age_group", where)
        mode = entry.get("mode", "walk")
        if category not in categories:
            raise wrong(f"{where}.category", category, "no such category in categories.toml")
        if not isinstance(group, str) or not _AGES.fullmatch(group):
            raise wrong(f"{where}.age_group", group, "an age group such as 10-13 or under_18")
        if mode not in ("walk", "bike"):
            raise wrong(f"{where}.mode", mode, "walk or bike")
        need(entry, "minutes", where)
        minutes = amount("minutes", math.inf)
        assert minutes is not None
        since = entry.get("valid_from")
        try:
            since = None if since is None else dt.date.fromisoformat(str(since)).isoformat()
        except ValueError:
            raise wrong(f"{where}.valid_from", since, "a date such as 2026-01-31") from None
        out.append(
            Threshold(
                category,
                group,
                mode,
                minutes,
                amount("share", 1),
                amount("places_per_100", math.inf),
                _names(entry.get("source")),
                _names(entry.get("resolution")),
                since,
            )
        )
    keys = [(t.category, t.age_group, t.mode, t.valid_from) for t in out]
    for key in keys:
        if keys.count(key) > 1:
            raise wrong("thresholds", " ".join(str(part) for part in key if part), "given twice")
    return tuple(out)


def _names(value: Any) -> dict[str, str]:
    if value is None or value == "":
        return {}
    return (
        {str(k): str(v) for k, v in value.items()}
        if isinstance(value, dict)
        else {"de": str(value)}
    )
