"""Where people live, as it is drawn: on the page and in reports."""

from __future__ import annotations

import geopandas as gpd
import shapely

from sro_geo.actions.coverage import CoverageQuestion, reach_of
from sro_geo.actions.workspace import Snapshot
from sro_geo.coverage import Demand

# Below this reach a centre stands too badly for its cell to be judged alone: at 200 m one
# person in five would be in the wrong class, at 400 m one in ten.
_NO_VERDICT_M = 400.0
_CELL_M = 100.0


def judged_alone(snapshot: Snapshot, question: CoverageQuestion) -> bool:
    """Tell whether one place alone can be said to reach an offer or not."""
    return reach_of(snapshot, question) >= _NO_VERDICT_M


def place_shapes(
    snapshot: Snapshot, demand: Demand, *, cells_as_points: bool = False
) -> gpd.GeoDataFrame:
    """Return the shape of every place of a demand, in its order: blocks, or census cells.

    All places of one population table are the same for every age group.

    Parameters
    ----------
    cells_as_points
        Where all places are cells, return their centres: what draws them knows their width.
    """
    blocks = snapshot.tables["blocks"].set_index("block_id").geometry
    shapes = blocks.reindex(demand.place_ids).to_numpy()
    missing = shapely.is_missing(shapes)
    if cells_as_points and missing.all():
        shapes = shapely.points(demand.x, demand.y)
    else:
        half = _CELL_M / 2
        x, y = demand.x[missing], demand.y[missing]
        shapes[missing] = shapely.box(x - half, y - half, x + half, y + half)
    return gpd.GeoDataFrame(geometry=shapes, crs=snapshot.city.crs)
