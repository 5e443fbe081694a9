"""A place that must leave no trace, and where traces of it would be found."""

from __future__ import annotations

import struct
from itertools import product
from pathlib import Path
from typing import Any

from sro_geo.actions.access import Actor
from sro_geo.actions.editing import save_offer
from sro_geo.actions.workspace import Workspace

EDITOR = Actor("Test")
ADDRESS = "Kanarienvogelweg 77"
LAT, LON = 53.70012, 10.01034
PLACE = {"address": ADDRESS, "postal_code": "22850", "city": "Norderstedt", "lat": LAT, "lon": LON}


def add(workspace: Workspace, **values: Any) -> str:
    """Add an offer at the canary's place and return its id."""
    category = next(iter(workspace.city.categories))
    return save_offer(
        workspace, {"name": "Haus K", "category": category, **PLACE, **values}, actor=EDITOR
    )


def change(workspace: Workspace, offer_id: str, **values: Any) -> None:
    """Change an offer as it is now."""
    rows = workspace.snapshot().directory.set_index("offer_id")
    version = int(rows.loc[offer_id, "row_version"])
    save_offer(workspace, values, actor=EDITOR, offer_id=offer_id, expected_version=version)


def protect(workspace: Workspace, offer_id: str) -> None:
    """Turn an offer into a protected place."""
    change(workspace, offer_id, protected=True, service_area=lowest_area(workspace))


def lowest_area(workspace: Workspace) -> str:
    """Return the id of a social space."""
    current = workspace.snapshot().current
    return str(current.of_level(workspace.city.lowest.level)["area_id"].iloc[0])


def traces(workspace: Workspace) -> list[str]:
    """Return what the files of the workspace still tell of the canary, byte by byte."""
    x, y = workspace.snapshot().metres(LAT, LON)
    # As text of the history (WKT), as doubles of a geometry, as floats of an R-tree.
    signs = {
        "address": [ADDRESS.encode()],
        "text": [f"{x:.3f}".encode(), f"{y:.3f}".encode()],
        "geometry": [struct.pack("<dd", x, y)],
        "R-tree": [b"".join(box) for box in product(_near(x), _near(x), _near(y), _near(y))],
    }
    held = [(file.name, file.read_bytes()) for file in _files(workspace.settings.workspace)]
    return [
        f"{name}: {sign}"
        for name, content in held
        for sign, parts in signs.items()
        if any(part in content for part in parts)
    ]


def _near(value: float) -> list[bytes]:
    (number,) = struct.unpack(">I", struct.pack(">f", value))
    # The tree rounds outwards, by a step or two.
    return [struct.pack(">I", number + step) for step in (-2, -1, 0, 1, 2)]


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())
