"""The workspace: opened once, created from the shipped data where it is missing."""

from __future__ import annotations

import datetime as dt
import errno
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pyproj

from sro_geo.actions.access import BACKUP, Actor, authorise
from sro_geo.actions.configuration import Configuration
from sro_geo.areas import AreaVersion, area_version, membership
from sro_geo.city import Category, City, load_city
from sro_geo.errors import SroError
from sro_geo.gazetteer import Gazetteer, NamedPlaces
from sro_geo.offers import TextIndex, build_directory
from sro_geo.settings import Settings
from sro_geo.store import Store, Transaction, open_store
from sro_geo.store.released import RELEASED
from sro_geo.tables import TABLES

if TYPE_CHECKING:
    from sro_geo.store.protected import ProtectedStore, ProtectedTransaction

# What the areas of a version are made of, and what the gazetteer knows besides offers.
AREA_TABLES = frozenset(
    ["blocks", "plans", "plan_areas", "assignments", "parallel_areas", "areas", "basemap"]
)
NAME_TABLES = frozenset({"addresses", "streets"})
# What a gesture in a variant or a word on a slide writes: nothing else follows from it.
DRAFT_TABLES = frozenset({"variants", "moves", "stories", "slides"})
# The log of gestures grows without end and is read by plan when somebody asks for it.
HELD_TABLES = tuple(table for table in TABLES if table != "moves")


@dataclass
class Snapshot:
    """Everything the workspace holds at one revision, read once and shared read-only."""

    city: City
    revision: int
    tables: dict[str, pd.DataFrame]
    today: dt.date
    _versions: dict[str, AreaVersion] = field(default_factory=dict)
    _kept: dict[str, tuple[frozenset[str], Any]] = field(default_factory=dict)
    # Where the released snapshot lies; nothing else of case figures is ever asked for.
    folder: Path | None = None

    @property
    def empty(self) -> bool:
        """True before any area was imported."""
        return self.tables["blocks"].empty or self.tables["plans"].empty

    def version(self, *, plan_id: str | None = None, on: str | None = None) -> AreaVersion:
        """Return the areas of a plan, or of the plan in force on an ISO date (default today)."""
        plans = self.tables["plans"]
        rows = plans[plans["plan_id"] == plan_id] if plan_id is not None else plans[:0]
        if len(rows) and rows["status"].iloc[0] != "adopted":
            return self._of_variant(str(plan_id))
        key = f"{plan_id}|{on}"
        if key not in self._versions:
            ground = self.tables["basemap"]
            self._versions[key] = area_version(
                self.city,
                self.tables["blocks"],
                self.tables["plans"],
                self.tables["plan_areas"],
                self.tables["assignments"],
                self.tables["parallel_areas"],
                ground[ground["kind"] == "neighbour"],
                plan_id=plan_id,
                on=on or self.today.isoformat(),
                areas=self.tables["areas"],
            )
        return self._versions[key]

    def _of_variant(self, plan_id: str) -> AreaVersion:
        """Return the areas of a plan that is still drawn, as they are now."""
        from sro_geo.actions.variants import version_of_variant  # late: most questions have none

        variants = self.tables["variants"]
        seen = variants.loc[variants["plan_id"] == plan_id, "row_version"]
        key = f"{plan_id}|variant {int(seen.iloc[0]) if len(seen) else 0}"
        if key not in self._versions:
            # One state of a variant is enough: the earlier ones are never asked for again.
            for old in [k for k in self._versions if k.startswith(f"{plan_id}|variant ")]:
                del self._versions[old]
            self._versions[key] = version_of_variant(self, plan_id)
        return self._versions[key]

    def kept(self, name: str, tables: frozenset[str], make: Callable[[Snapshot], Any]) -> Any:
        """Return what ``make`` makes of ``tables``, made once as long as none of them changes."""
        if name not in self._kept:
            self._kept[name] = (tables, make(self))
        return self._kept[name][1]

    def share(self, before: Snapshot, changed: frozenset[str]) -> None:
        """Take over from an earlier snapshot what no changed table has a part in."""
        changed = self._beyond_drafts(before, changed)
        self._kept = {
            name: (tables, made)
            for name, (tables, made) in before._kept.items()
            if not tables & changed
        }
        if not changed:
            # A gesture in a variant: all that was made of the rest holds.
            own = self.__dataclass_fields__
            made = {name: value for name, value in before.__dict__.items() if name not in own}
            self.__dict__.update(made)
        if not changed & AREA_TABLES:
            self._versions = before._versions
            if not changed & NAME_TABLES and "_named_places" in before.__dict__:
                self.__dict__["_named_places"] = before._named_places

    def _beyond_drafts(self, before: Snapshot, changed: frozenset[str]) -> frozenset[str]:
        """Return the changed tables without those in which only variants changed."""
        changed = changed - DRAFT_TABLES
        if "plans" not in changed:
            return changed
        old, new = (
            plans[plans["status"] == "adopted"].drop(columns="row_version").reset_index(drop=True)
            for plans in (before.tables["plans"], self.tables["plans"])
        )
        return changed - {"plans"} if old.equals(new) else changed

    @property
    def current(self) -> AreaVersion:
        """The areas of the plan in force today; before any import there are none."""
        if self.tables["plans"].empty:
            return self._nothing
        return self.version()

    @cached_property
    def _nothing(self) -> AreaVersion:
        blocks: gpd.GeoDataFrame = self.tables["blocks"]
        own, links = self.tables["plan_areas"], self.tables["assignments"]
        members = membership(self.city, blocks, own, links)
        areas: gpd.GeoDataFrame = self.tables["areas"]
        ground: gpd.GeoDataFrame = self.tables["basemap"]
        neighbours = ground[ground["kind"] == "neighbour"]
        return AreaVersion(self.city, "", blocks, members, areas, neighbours)

    @cached_property
    def directory(self) -> pd.DataFrame:
        """The offer directory on the plan in force."""
        t = self.tables
        locations: gpd.GeoDataFrame = t["locations"]
        return build_directory(self.city, t["offers"], t["providers"], locations, self.current)

    @cached_property
    def text_index(self) -> TextIndex:
        """Search index over the directory: name first, description last."""
        kinds = self.city.categories
        rows = self.directory
        fields = [
            [_words(name), _kind_words(kinds, category), _words(provider), _words(rest)]
            for name, category, provider, rest in zip(
                rows["name"],
                rows["category"],
                rows["provider"],
                rows[["description", "target_group", "languages", "address"]]
                .fillna("")
                .agg(" ".join, axis=1)
                if len(rows)
                else [],
                strict=True,
            )
        ]
        return TextIndex(fields)

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """Names of addresses, streets, institutions and areas."""
        return Gazetteer(self._named_places, self.directory)

    @cached_property
    def _named_places(self) -> NamedPlaces:
        addresses: gpd.GeoDataFrame = self.tables["addresses"]
        streets: gpd.GeoDataFrame = self.tables["streets"]
        return NamedPlaces(addresses, streets, self.current)

    @cached_property
    def _to_metres(self) -> pyproj.Transformer:
        return pyproj.Transformer.from_crs(4326, self.city.crs, always_xy=True)

    @cached_property
    def _to_degrees(self) -> pyproj.Transformer:
        return pyproj.Transformer.from_crs(self.city.crs, 4326, always_xy=True)

    def metres(self, lat: float, lon: float) -> tuple[float, float]:
        """Return (x, y) in the city's CRS; raises ``SroError("coordinates_malformed")``."""
        if not (-90 <= lat <= 90 and -180 <= lon <= 180):
            raise SroError("coordinates_malformed", lat=lat, lon=lon)
        x, y = self._to_metres.transform(lon, lat)
        return float(x), float(y)

    def degrees(self, x: float, y: float) -> tuple[float, float]:
        """Return (lat, lon) of projected coordinates."""
        lon, lat = self._to_degrees.transform(x, y)
        return float(lat), float(lon)


def _words(value: object) -> str:
    return value if isinstance(value, str) else ""


def _kind_words(kinds: Mapping[str, Category], category: str) -> str:
    kind = kinds.get(category)
    return " ".join(kind.names.values()) if kind else ""


class Workspace:
    """An open workspace: configuration, store, and the snapshot of the latest revision."""

    def __init__(self, settings: Settings, city: City, store: Store) -> None:
        self.settings = settings
        self.city = city
        self.store = store
        self._configuration = Configuration(store.city_folder, city)
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None

    def snapshot(self, today: dt.date | None = None) -> Snapshot:
        """Return the snapshot of the current revision, read anew only after a change."""
        today = today or dt.date.today()
        revision = self.store.revision()
        with self._lock:
            held = self._snapshot
            city = self.city = self._configuration.current()
            stale = held is None or held.revision != revision or held.today != today
            if held is None or stale or held.city is not city:
                changed = self._changed(held)
                tables = dict(held.tables) if held is not None else {}
                tables |= self.store.read_many(changed)
                # Named after the revision asked for before reading: if somebody wrote in
                # between, the next call reads once more instead of never again.
                fresh = Snapshot(city, revision, tables, today, folder=self.settings.workspace)
                if held is not None and held.today == today and held.city is city:
                    fresh.share(held, frozenset(changed))
                self._snapshot = held = fresh
            return held

    def _changed(self, held: Snapshot | None) -> tuple[str, ...]:
        """Tables to read anew: all at first, then those with a change since."""
        if held is None:
            return HELD_TABLES
        changed = self.store.changed_tables(held.revision)
        return tuple(table for table in HELD_TABLES if table in changed)

    def writing(
        self, actor: Actor, action: str, *, reason: str = "", idempotency_key: str | None = None
    ) -> AbstractContextManager[Transaction]:
        """Open a transaction in the actor's name.

        Raises ``SroError("read_only_mode")`` where an administrator chose reading only.
        """
        self.refuse_read_only()
        return self.store.transaction(
            actor=actor.name, action=action, reason=reason, idempotency_key=idempotency_key
        )

    @cached_property
    def protected(self) -> ProtectedStore:
        """Raw counts and the ledger: opened for the gate alone, never for a page."""
        from sro_geo.store.protected import ProtectedStore  # late: no page has to do with it

        return ProtectedStore(self.settings.workspace, read_only=self.store.read_only)

    def protecting(self) -> AbstractContextManager[ProtectedTransaction]:
        """Open a transaction on the protected store; raises ``read_only_mode``."""
        self.refuse_read_only()
        return self.protected.transaction()

    def refuse_read_only(self) -> None:
        """Raise ``SroError("read_only_mode")`` where an administrator chose reading only."""
        if self.settings.read_only:
            raise SroError("read_only_mode")

    def backup(self, file: Path, actor: Actor) -> None:
        """Write one consistent archive of the whole workspace, the protected part included."""
        authorise(actor, BACKUP)
        self.store.backup(file)

    def close(self) -> None:
        """Release the files."""
        self.store.close()


_TAKEN = ("workspace_exists", "workspace_not_empty")


def open_workspace(settings: Settings, *, create: bool = True) -> Workspace:
    """Open the workspace of the settings, creating it from the sample where it is missing.

    Raises
    ------
    SroError
        ``workspace_missing`` with ``create=False``, and what ``open_store`` raises for a
        damaged, newer or unreadable workspace.
    """
    if not is_there(settings.workspace):
        from sro_geo.actions.making import init_workspace  # it fills what is opened here

        if not create:
            raise SroError("workspace_missing", workspace=str(settings.workspace))
        try:
            init_workspace(settings, settings.sample)
        except SroError as error:
            # Another process may have made it while this one looked.
            if error.code not in _TAKEN or not is_there(settings.workspace):
                raise
    city = load_city(settings.workspace)
    store = open_store(settings.workspace, city, read_only=settings.read_only)
    workspace = Workspace(settings, city, store)
    if not (store.read_only or (settings.workspace / RELEASED).exists()):
        _show_released_again(workspace)
    return workspace


def _show_released_again(workspace: Workspace) -> None:
    """Write the released snapshot anew from the ledger, where the file was lost."""
    from sro_geo.actions.releasing import publish_released, read_ledger  # they need what is here

    # What hinders it is told where somebody asks for case figures; all else is as it was.
    with suppress(SroError):
        if read_ledger(workspace.protected).current():
            publish_released(workspace)


def is_there(target: Path) -> bool:
    """Tell whether there is a workspace at ``target``."""
    with on_this_disk(target):
        return (target / "sro.gpkg").exists()


@contextmanager
def on_this_disk(target: Path) -> Iterator[None]:
    """Put what the operating system complains about into words."""
    try:
        yield
    except OSError as why:
        if why.errno in (errno.ENOSPC, errno.EDQUOT):
            raise SroError("workspace_full", workspace=str(target)) from None
        reason = why.strerror or type(why).__name__
        raise SroError("workspace_not_creatable", workspace=str(target), reason=reason) from None
