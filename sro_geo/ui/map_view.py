"""The map on a page: the one place where folium's maps meet Streamlit."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import streamlit as st
import streamlit.components.v1 as components
from streamlit_folium import st_folium

from sro_geo.actions.workspace import Snapshot
from sro_geo.city import City
from sro_geo.maps.area_layer import Areas, publish_areas
from sro_geo.maps.assets import leaflet_folder, tidy, use_local_leaflet
from sro_geo.maps.base_map import Addresses, GroundMap, base_map
from sro_geo.maps.cell_layer import Cells, publish_cells
from sro_geo.maps.ground import Ground, publish_ground
from sro_geo.settings import Settings

_LEAFLET_ROUTE = f"../{__name__}.leaflet"
SERVED_ROUTE = f"../{__name__}.served"


def city_map(
    city: City,
    load: Callable[[], Mapping[str, gpd.GeoDataFrame]],
    *,
    settings: Settings,
    revision: int,
    language: str,
    folder: Path | None = None,
) -> GroundMap:
    """Return the base map of a workspace; its geometry is packed once for each revision.

    Parameters
    ----------
    load
        Returns the tables ``areas`` and, if there are any, ``basemap`` and ``streets``;
        called only when the revision is new.
    revision
        ``Store.revision()``.
    folder
        Folder that is served, by default the one of the workspace.
    """
    folder = folder or served_folder(settings.workspace, settings.read_only)
    ground = _ground(str(folder), revision, city, load)
    if not (folder / ground.file).is_file():
        _ground.clear()
        ground = _ground(str(folder), revision, city, load)
    return base_map(
        ground,
        city=city,
        folder=folder,
        addresses=_addresses(folder),
        language=language,
        tiles_url=settings.tiles_url,
        tiles_attribution=settings.tiles_attribution,
    )


def town_map(snapshot: Snapshot, *, settings: Settings, language: str) -> GroundMap:
    """Return the base map of a snapshot's workspace, see :func:`city_map`."""
    return city_map(
        snapshot.city,
        lambda: {
            "areas": snapshot.current.areas,
            "basemap": snapshot.tables["basemap"],
            "streets": snapshot.tables["streets"],
        },
        settings=settings,
        revision=snapshot.revision,
        language=language,
    )


def city_cells(
    kind: str, load: Callable[[], gpd.GeoDataFrame], *, settings: Settings, revision: int
) -> Cells:
    """Return blocks or cells published for :func:`sro_geo.maps.cell_layer.cell_layer`.

    They are packed once for each revision; the layer's ``served`` is ``SERVED_ROUTE``.

    Parameters
    ----------
    kind
        What ``load`` returns, in a word: the key beside the revision.
    load
        Returns polygons, or centres of cells; called only when the revision is new.
    """
    folder = served_folder(settings.workspace)
    cells = _cells(str(folder), revision, kind, load)
    if not (folder / cells.file).is_file():
        _cells.clear()
        cells = _cells(str(folder), revision, kind, load)
    return cells


def city_areas(
    kind: str,
    load: Callable[[], tuple[gpd.GeoDataFrame, gpd.GeoDataFrame | None]],
    *,
    settings: Settings,
    revision: int,
) -> Areas:
    """Return areas published for :func:`sro_geo.maps.area_layer.area_layer`.

    They are packed once for each revision; the layer's ``served`` is ``SERVED_ROUTE``.

    Parameters
    ----------
    kind
        Version and level, in a word: the key beside the revision.
    load
        Returns the areas (``area_id``, ``geometry``) and, if wanted, those of the level
        above; called only when the revision or the kind is new.
    """
    folder = served_folder(settings.workspace, settings.read_only)
    areas = _areas(str(folder), revision, kind, load)
    if not (folder / areas.file).is_file():
        _areas.clear()
        areas = _areas(str(folder), revision, kind, load)
    return areas


def show_map(
    base: GroundMap,
    layer: folium.FeatureGroup | Sequence[folium.FeatureGroup],
    *,
    height: int = 560,
    key: str,
    on_event: Callable[[dict[str, Any]], None] | None = None,
) -> dict[str, Any] | None:
    """Show the map and return what was clicked, once, in the run the click has caused.

    A click on an offer gives ``{"kind": "offer", "id": …, "n": …}``, a click on empty
    ground ``{"kind": "place", "lat": …, "lon": …, "n": …}``, one on an area of an area layer
    ``{"kind": "area", "id": …, "n": …}``; ``n`` grows with every click.

    Parameters
    ----------
    base
        From :func:`city_map`: as long as it stays the same, the frame is not loaded anew.
    layer
        The offers, or a list of layers (cells, offers).
    on_event
        Called with the event before the page runs again, so that widgets above the map
        already know of it; the function then still returns the event.
    """
    session: Any = st.session_state

    def changed() -> None:
        event = session.get(key)
        if on_event is not None and isinstance(event, dict) and event.get("kind"):
            on_event(event)

    event = st_folium(
        base,
        key=key,
        height=height,
        use_container_width=True,
        returned_objects=[],
        feature_group_to_add=layer if isinstance(layer, folium.FeatureGroup) else list(layer),
        on_change=changed,
    )
    seen = f"{key}:seen"
    if not isinstance(event, dict) or not event.get("kind") or event["n"] == session.get(seen):
        return None
    session[seen] = event["n"]
    return event


@lru_cache(maxsize=8)
def served_folder(workspace: Path, read_only: bool = False) -> Path:
    """Return the folder for the files of the map: in the workspace, or a temporary one.

    The temporary one is private to this process: nobody else can put a script there. A
    link is not followed, for whatever it leads to would be served.
    """
    folder = workspace / "served"
    try:
        if not read_only and not folder.is_symlink():
            folder.mkdir(exist_ok=True)
        if not read_only and not folder.is_symlink() and os.access(folder, os.W_OK):
            return folder.resolve()
    except OSError:
        pass
    private = Path(tempfile.mkdtemp(prefix="sro-geo-"))
    atexit.register(shutil.rmtree, private, ignore_errors=True)
    return private


@st.cache_resource(max_entries=4, show_spinner=False)
def _ground(
    folder: str,
    revision: int,
    _city: City,
    _load: Callable[[], Mapping[str, gpd.GeoDataFrame]],
) -> Ground:
    tables = _load()
    ground = publish_ground(
        Path(folder),
        city=_city,
        areas=tables["areas"],
        basemap=tables.get("basemap"),
        streets=tables.get("streets"),
    )
    # What is below 0 is no state of the workspace but of the released snapshot: both stay.
    if revision >= 0:
        tidy(Path(folder), keep=[ground.file])
    return ground


@st.cache_resource(max_entries=4, show_spinner=False)
def _cells(folder: str, revision: int, kind: str, _load: Callable[[], gpd.GeoDataFrame]) -> Cells:
    return publish_cells(Path(folder), _load())


@st.cache_resource(max_entries=24, show_spinner=False)
def _areas(
    folder: str,
    revision: int,
    kind: str,
    _load: Callable[[], tuple[gpd.GeoDataFrame, gpd.GeoDataFrame | None]],
) -> Areas:
    areas, upper = _load()
    return publish_areas(Path(folder), areas, upper=upper)


def _addresses(folder: Path) -> Addresses:
    """Open the routes of Leaflet and of the served folder and return their addresses."""
    components.declare_component("leaflet", path=leaflet_folder())
    components.declare_component("served", path=folder)
    use_local_leaflet(_LEAFLET_ROUTE)
    return Addresses(leaflet=_LEAFLET_ROUTE, served=SERVED_ROUTE, font=_font())


@lru_cache(maxsize=1)
def _font() -> str:
    """Return the address of Streamlit's own font, which the page has loaded already."""
    media = Path(st.__file__).parent / "static" / "static" / "media"
    found = sorted(media.glob("SourceSansVF-Upright*.woff2"))
    return f"../../static/media/{found[0].name}" if found else ""
