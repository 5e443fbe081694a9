"""Files the browser needs: Leaflet from an installed package, our scripts, packed geometry.

No address points outside the server. Files lie in a folder the caller serves; each is
named by the hash of its content, so a browser may keep it for ever.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path

import folium

from sro_geo.cartography.leaflet import leaflet_folder as leaflet_folder

# In the order the browser runs them.
SCRIPTS = (
    *("canvas.js", "cells.js", "areas.js", "area_labels.js", "ground.js", "labels.js"),
    *("arrangement.js", "offers.js", "frame.js"),
)
STYLE = "map.css"

_KEEP_SECONDS = 24 * 3600
_OURS: set[Path] = set()  # written or compared by this process


def use_local_leaflet(leaflet_url: str) -> None:
    """Make every folium map of this process load Leaflet from ``leaflet_url`` and nothing else.

    folium would bring jQuery, Bootstrap and Font Awesome from five other hosts; none of our
    layers needs them.
    """
    folium.Map.default_js = [("leaflet", f"{leaflet_url}/leaflet.js")]
    folium.Map.default_css = [("leaflet_css", f"{leaflet_url}/leaflet.css")]


def publish(folder: Path, name: str, content: bytes) -> str:
    """Write ``content`` into ``folder`` under ``name`` plus its hash; return the file's name.

    A reader never sees half a file: it appears under its name only when complete. A file
    that is there already is left alone, if it is what its name says: a workspace that came
    from elsewhere may bring scripts of its own.
    """
    stem, dot, suffix = name.rpartition(".")
    hashed = f"{stem}-{hashlib.sha256(content).hexdigest()[:16]}{dot}{suffix}"
    target = folder / hashed
    if target in _OURS and target.is_file():
        return hashed
    if not target.is_file() or target.read_bytes() != content:
        folder.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=folder, prefix=".draft-")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(draft).chmod(0o644)
        Path(draft).replace(target)
    _OURS.add(target)
    return hashed


def publish_scripts(folder: Path) -> tuple[tuple[str, ...], str]:
    """Publish our scripts and the style sheet; return (script names in order, style name)."""
    scripts = tuple(publish(folder, name, _own_file(name)) for name in SCRIPTS)
    return scripts, publish(folder, STYLE, _own_file(STYLE))


@cache
def _own_file(name: str) -> bytes:
    return files("sro_geo.maps").joinpath(name).read_bytes()


def tidy(folder: Path, keep: Iterable[str]) -> None:
    """Delete published files of earlier revisions that no open browser can still ask for."""
    wanted = set(keep)
    oldest = time.time() - _KEEP_SECONDS
    for file in folder.glob("*-*.*"):
        if file.name not in wanted and file.stat().st_mtime < oldest:
            file.unlink(missing_ok=True)
