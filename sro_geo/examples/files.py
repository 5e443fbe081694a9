"""Write the files of a city in a folder, so that the same drawing gives the same bytes."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

Feature = tuple[Mapping[str, Any], BaseGeometry]


class Folder:
    """A folder that takes geometry in ``crs`` (metres) and keeps it in degrees (WGS84).

    Each vertex is rounded by itself, so a vertex that two blocks share stays shared.
    """

    def __init__(self, path: Path, crs: str) -> None:
        self.path = path
        self._to_degrees = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)

    def degrees(self, geometry: BaseGeometry, digits: int = 7) -> BaseGeometry:
        """Return ``geometry`` as longitude and latitude, rounded to ``digits``."""

        def convert(xy: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.round(np.column_stack(self._to_degrees.transform(xy[:, 0], xy[:, 1])), digits)

        return shapely.transform(geometry, convert)

    def geojson(self, name: str, features: Iterable[Feature], *, digits: int = 7) -> None:
        """Write a feature collection, one feature a line."""
        lines = []
        for properties, geometry in features:
            shape = json.loads(shapely.to_geojson(self.degrees(geometry, digits)))
            feature = {"type": "Feature", "properties": dict(properties), "geometry": shape}
            lines.append(json.dumps(feature, ensure_ascii=False, separators=(",", ":")))
        text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"
        self._open(name).write_text(text, encoding="utf-8", newline="\n")

    def csv(self, name: str, header: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
        """Write a table; a key that a row lacks is an empty cell."""
        with self._open(name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, header, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def _open(self, name: str) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path
