"""The description of every table: columns, keys, geometry, allowed values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class Column:
    """One column: its kind, and what a valid value looks like."""

    name: str
    kind: str = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True)
class Table:
    """One table: ``key`` identifies a row; ``geometry`` is point, line, area, any or None."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    geometry: str | None = None
    geometry_required: bool = False
    references: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def column_names(self) -> list[str]:
        """Names of all columns in order, ``geometry`` last where there is one."""
        names = [column.name for column in self.columns]
        return [*names, "geometry"] if self.geometry else names

    def column(self, name: str) -> Column:
        """Return the column called ``name``; raises ``KeyError``."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


WORK_LEVELS = ("case_specific", "cross_case", "case_independent")
OFFER_KINDS = ("professional", "resource")
REACH_LEVELS = ("social_space", "region", "city")
OFFER_STATUS = ("active", "planned", "paused", "closed")
PROVIDER_KINDS = ("statutory", "non_statutory", "club", "church", "initiative", "other")
GROUND_KINDS = ("water", "green", "rail", "road", "neighbour")
STREET_KINDS = ("main", "residential", "path")
# A withdrawn plan is kept out of sight: whoever threw it away by mistake brings it back.
PLAN_STATUS = ("draft", "proposed", "adopted", "withdrawn")


def _table(
    name: str,
    key: str,
    *columns: Column,
    geometry: str | None = None,
    geometry_required: bool = False,
    references: Mapping[str, tuple[str, str]] | None = None,
) -> Table:
    return Table(
        name,
        tuple(key.split()),
        columns,
        geometry,
        geometry_required,
        MappingProxyType(dict(references or {})),
    )


def _text(name: str, *, required: bool = False) -> Column:
    return Column(name, "text", required)


_TABLES = (
    _table(
        "blocks",
        "block_id",
        _text("block_id", required=True),
        _text("name"),
        Column("area_km2", "number", unit="km2", minimum=0),
        geometry="area",
        geometry_required=True,
    ),
    # Areas of levels that stand beside the plan (statistical districts). Which block lies
    # in which is a column `<level>_id` of `blocks`, one for each parallel level.
    _table(
        "parallel_areas",
        "area_id",
        _text("area_id", required=True),
        _text("level", required=True),
        _text("name", required=True),
        _text("parent_id"),
    ),
    _table(
        "plans",
        "plan_id",
        _text("plan_id", required=True),
        _text("name", required=True),
        Column("status", "choice", True, PLAN_STATUS),
        _text("parent_plan_id"),
        _text("block_set", required=True),
        Column("valid_from", "date"),
        Column("valid_to", "date"),
        _text("author"),
        _text("reason"),
    ),
    _table(
        "plan_areas",
        "plan_id area_id",
        _text("plan_id", required=True),
        _text("area_id", required=True),
        _text("level", required=True),
        _text("name", required=True),
        _text("parent_id"),
        references={"plan_id": ("plans", "plan_id")},
    ),
    _table(
        "assignments",
        "plan_id block_id",
        _text("plan_id", required=True),
        _text("block_id", required=True),
        _text("area_id", required=True),
        references={"plan_id": ("plans", "plan_id"), "block_id": ("blocks", "block_id")},
    ),
    # A variant while it is drawn: what it draws as one document, so that a gesture writes
    # one row, whatever the number of blocks. Adopted, it becomes plan_areas and assignments.
    _table(
        "variants",
        "plan_id",
        _text("plan_id", required=True),
        _text("content", required=True),
        Column("steps", "integer", True, minimum=0),
        references={"plan_id": ("plans", "plan_id")},
    ),
    # The log of gestures, append-only but for the mark of what was undone.
    _table(
        "moves",
        "plan_id number",
        _text("plan_id", required=True),
        Column("number", "integer", True, minimum=1),
        _text("content", required=True),
        Column("undone", "boolean"),
        _text("author"),
        _text("at"),
        references={"plan_id": ("plans", "plan_id")},
    ),
    # Where a block was cut: which of the blocks of today it became, and the share of its
    # persons each took over.
    _table(
        "block_lineage",
        "old_block_id block_id",
        _text("old_block_id", required=True),
        _text("block_id", required=True),
        Column("share", "number", minimum=0, maximum=1),
        _text("block_set", required=True),
        _text("at"),
    ),
    # Derived from the plan in force and the parallel levels; never imported by itself.
    _table(
        "areas",
        "area_id",
        _text("area_id", required=True),
        _text("level", required=True),
        _text("name", required=True),
        _text("parent_id"),
        _text("version"),
        Column("valid_from", "date"),
        Column("valid_to", "date"),
        geometry="area",
    ),
    _table(
        "cells",
        "cell_id",
        _text("cell_id", required=True),
        _text("block_id"),
        geometry="point",
        geometry_required=True,
    ),
    # Persons hang on a block or on a census cell; a cell outside every block is kept
    # (block_id of the cell empty) because the surroundings matter for reach.
    _table(
        "population",
        "place_id reference_date age_from",
        _text("place_id", required=True),
        Column("place_kind", "choice", True, ("block", "cell")),
        Column("reference_date", "date", True),
        Column("age_from", "integer", True, minimum=0, maximum=120),
        Column("age_to", "integer", minimum=0, maximum=130),
        Column("persons", "number", True, unit="persons", minimum=0),
        # True: counted for a larger area and spread over its blocks; empty is False.
        Column("estimated", "boolean"),
    ),
    _table(
        "providers",
        "provider_id",
        _text("provider_id", required=True),
        _text("name", required=True),
        Column("kind", "choice", False, PROVIDER_KINDS),
        _text("contact"),
        _text("website"),
    ),
    _table(
        "locations",
        "location_id",
        _text("location_id", required=True),
        _text("address"),
        _text("postal_code"),
        _text("city"),
        geometry="point",
    ),
    _table(
        "offers",
        "offer_id",
        _text("offer_id", required=True),
        _text("name", required=True),
        _text("description"),
        _text("provider_id"),
        _text("category", required=True),
        Column("work_level", "choice", False, WORK_LEVELS),
        Column("kind", "choice", False, OFFER_KINDS),
        Column("low_threshold", "boolean"),
        Column("reach_level", "choice", False, REACH_LEVELS),
        Column("age_min", "integer", unit="years", minimum=0, maximum=120),
        Column("age_max", "integer", unit="years", minimum=0, maximum=130),
        _text("target_group"),
        _text("languages"),
        _text("accessibility"),
        _text("cost"),
        Column("capacity", "integer", unit="places", minimum=0),
        _text("schedule"),
        _text("contact"),
        Column("status", "choice", True, OFFER_STATUS),
        Column("verified_on", "date"),
        _text("source"),
        Column("protected", "boolean"),
        _text("host_location_id"),
        _text("location_id"),
        # Ids of areas of any level, separated by blanks: where a mobile offer comes to,
        # and all that is stored of where a protected place is.
        _text("service_area"),
        references={
            "provider_id": ("providers", "provider_id"),
            "location_id": ("locations", "location_id"),
            "host_location_id": ("locations", "location_id"),
        },
    ),
    _table(
        "addresses",
        "address_id",
        _text("address_id", required=True),
        _text("street", required=True),
        _text("house_number"),
        _text("postal_code"),
        _text("city"),
        geometry="point",
        geometry_required=True,
    ),
    _table(
        "streets",
        "street_id",
        _text("street_id", required=True),
        _text("name"),
        Column("kind", "choice", False, STREET_KINDS),
        # Who may use it; missing where nobody said, as with streets drawn by hand.
        Column("walk", "boolean"),
        Column("bike", "boolean"),
        geometry="line",
        geometry_required=True,
    ),
    _table(
        "basemap",
        "feature_id",
        _text("feature_id", required=True),
        Column("kind", "choice", True, GROUND_KINDS),
        _text("name"),
        geometry="any",
        geometry_required=True,
    ),
    _table(
        "teams",
        "team_id",
        _text("team_id", required=True),
        _text("name", required=True),
        _text("contact"),
        _text("address"),
        _text("office_hours"),
    ),
    _table(
        "responsibilities",
        "area_id team_id",
        _text("area_id", required=True),
        _text("team_id", required=True),
        Column("valid_from", "date"),
        Column("valid_to", "date"),
        references={"team_id": ("teams", "team_id")},
    ),
    # Presentations: each slide remembers which view it shows and the words people changed,
    # never a figure. What was removed stays, so that it can be brought back.
    _table(
        "stories",
        "story_id",
        _text("story_id", required=True),
        _text("name", required=True),
        _text("template"),
        _text("author"),
        _text("changed"),
        _text("removed_at"),
    ),
    _table(
        "slides",
        "slide_id",
        _text("slide_id", required=True),
        _text("story_id", required=True),
        Column("position", "integer", True),
        _text("kind", required=True),
        _text("settings", required=True),
        _text("part", required=True),
        _text("title"),
        _text("subtitle"),
        _text("text"),
        _text("note"),
        _text("alt"),
        _text("removed_at"),
        references={"story_id": ("stories", "story_id")},
    ),
    # What was loaded, from where, of which date: one row per table and source file.
    _table(
        "sources",
        "table_name file",
        _text("table_name", required=True),
        _text("file", required=True),
        _text("description"),
        Column("reference_date", "date"),
        Column("imported_at", "text"),
        Column("rows", "integer"),
        _text("licence"),
    ),
)

TABLES: Mapping[str, Table] = MappingProxyType({table.name: table for table in _TABLES})
SPATIAL: tuple[str, ...] = tuple(t.name for t in _TABLES if t.geometry)
