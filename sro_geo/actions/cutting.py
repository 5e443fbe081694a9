"""Blocks cut along a line: a new block version for every plan, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sro_geo.actions.access import DRAW, Actor, authorise
from sro_geo.actions.carrying import carried_variants
from sro_geo.actions.comparing import as_stored
from sro_geo.actions.moment import now
from sro_geo.actions.partition import cells_on
from sro_geo.actions.variants import fingerprint_of, load_plan
from sro_geo.actions.workspace import Snapshot, Workspace
from sro_geo.areas import derive_areas, membership, plan_in_force
from sro_geo.boundaries import block_set
from sro_geo.errors import SroError
from sro_geo.plans.refining import Refined, refine, shared_out
from sro_geo.tables import TABLES, conform


@dataclass(frozen=True)
class Cut:
    """A new block version: ids of the blocks that were cut, and of their parts.

    ``persons`` were shared among the parts; ``estimated`` tells that some were by area
    because no address says where people live.
    """

    cut: tuple[str, ...]
    parts: tuple[str, ...]
    blocks_before: int
    blocks_after: int
    block_set: str
    persons: float
    estimated: bool


def cut_blocks(
    workspace: Workspace,
    line: shapely.Geometry,
    *,
    actor: Actor,
    plan: str | None = None,
    area_id: str | None = None,
) -> Cut:
    """Cut the blocks a line crosses; all plans, drawn and adopted, go on unchanged.

    Parts take over the area, the locks, bridges and barriers of the block they come from,
    and its persons by addresses, else by area (marked as estimated).

    Parameters
    ----------
    line
        LineString or MultiLineString in the city's CRS.
    plan, area_id
        Cut only blocks that lie in this area of this plan (default: the one in force).

    Raises
    ------
    SroError
        ``line_empty``, ``line_cuts_nothing``, ``area_unknown``, ``changed_meanwhile``.
    """
    authorise(actor, DRAW)
    snapshot = workspace.snapshot()
    only = None
    if area_id is not None:
        drawn = load_plan(snapshot, plan)
        only = drawn.codes == drawn.code(area_id)
    held: gpd.GeoDataFrame = snapshot.tables["blocks"].drop(columns="row_version")
    addresses: gpd.GeoDataFrame = snapshot.tables["addresses"]
    found = refine(held, line, addresses=addresses if len(addresses) else None, only=only)
    tables = _tables(snapshot, found)
    lineage = found.lineage[found.lineage["how"] != "whole"]
    with workspace.writing(actor, "cut blocks") as tx:
        if workspace.store.revision() != snapshot.revision:
            raise SroError("changed_meanwhile", workspace=str(workspace.settings.workspace))
        for name, table in tables.items():
            if name == "block_lineage":
                tx.upsert(name, table)
            else:
                tx.replace(name, table)
    population = snapshot.tables["population"]
    shared = population[
        (population["place_kind"] == "block") & population["place_id"].isin(found.cut)
    ]
    newest = shared[shared["reference_date"] == population["reference_date"].max()]
    return Cut(
        found.cut,
        tuple(lineage["block_id"].astype(str)),
        len(held),
        len(found.blocks),
        str(tables["plans"]["block_set"].iloc[0]),
        float(newest["persons"].sum()),
        bool(len(newest)) and bool(lineage["estimated"].any()),
    )


def _tables(snapshot: Snapshot, found: Refined) -> dict[str, pd.DataFrame]:
    """Return every table that changes, parents before children."""
    t = {
        name: frame.drop(columns="row_version", errors="ignore")
        for name, frame in snapshot.tables.items()
    }
    city = snapshot.city
    extra = [f"{level.level}_id" for level in city.parallel_levels]
    blocks = as_stored("blocks", conform(TABLES["blocks"], found.blocks, extra=extra))
    fingerprint = block_set(blocks)
    old = fingerprint_of(snapshot)
    # A plan on yet another block version was out of date before and stays so.
    stamps = t["plans"]["block_set"]
    plans = t["plans"].assign(block_set=stamps.mask(stamps == old, fingerprint))
    followed = found.lineage[["old_block_id", "block_id"]].rename(columns={"block_id": "part"})
    links = t["assignments"].merge(followed, left_on="block_id", right_on="old_block_id")
    links = links.assign(block_id=links["part"])[["plan_id", "block_id", "area_id"]]
    people = t["population"]
    on_blocks = people["place_kind"] == "block"
    shared = shared_out(
        people[on_blocks], found.lineage, place="place_id", together=["reference_date"]
    )
    parts = found.lineage[found.lineage["how"] != "whole"]
    moment = now()
    lineage = parts[["old_block_id", "block_id", "share"]].assign(block_set=fingerprint, at=moment)
    ids = found.blocks["block_id"].to_numpy(object)
    out = {
        "blocks": blocks,
        "plans": conform(TABLES["plans"], plans),
        "assignments": conform(TABLES["assignments"], links),
        "variants": carried_variants(snapshot, ids, np.asarray(found.origin), exact=True),
        "population": conform(
            TABLES["population"], pd.concat([people[~on_blocks], shared], ignore_index=True)
        ),
        "block_lineage": conform(TABLES["block_lineage"], lineage),
    }
    if len(t["cells"]):
        out["cells"] = cells_on(t["cells"], blocks)
    plan_id = plan_in_force(plans, snapshot.today.isoformat())
    if plan_id is not None:
        own = t["plan_areas"][t["plan_areas"]["plan_id"] == plan_id]
        mine = out["assignments"][out["assignments"]["plan_id"] == plan_id]
        row = plans[plans["plan_id"] == plan_id].iloc[0].to_dict()
        members = membership(city, blocks, own, mine)
        areas = derive_areas(city, blocks, row, own, t["parallel_areas"], members)
        out["areas"] = as_stored("areas", conform(TABLES["areas"], areas))
    return out
