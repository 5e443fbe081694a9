"""The workspace's own gazetteer: addresses, streets, institutions and areas by name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sro_geo.areas import AreaVersion
from sro_geo.offers.search import TextIndex, normalise

_NUMBER = re.compile(r"\b(\d+)\s*([a-zA-Z]?)\b")


@dataclass(frozen=True)
class Hit:
    """A place found by name: ``kind`` is address, street, institution or area; metres."""

    label: str
    kind: str
    x: float
    y: float
    score: float


def _number(value: Any) -> float:
    return float(value)


def _clusters(streets: gpd.GeoDataFrame, apart_m: float) -> list[tuple[str, shapely.Geometry]]:
    """Group lines of one name; lines further apart than ``apart_m`` are different streets."""
    out: list[tuple[str, shapely.Geometry]] = []
    named = streets[streets["name"].notna()]
    for name, rows in named.groupby("name", sort=True):
        merged = shapely.union_all(rows.geometry.to_numpy())
        near = shapely.get_parts(shapely.buffer(merged, apart_m / 2))
        near = near if len(near) else np.array([merged])
        for zone in near:
            out.append((str(name), shapely.intersection(merged, zone)))
    return out


class Gazetteer:
    """Names and where they are, searched with the same forgiveness as the offers."""

    def __init__(
        self,
        addresses: gpd.GeoDataFrame,
        streets: gpd.GeoDataFrame,
        directory: pd.DataFrame,
        version: AreaVersion,
        *,
        apart_m: float = 400.0,
    ) -> None:
        entries: list[tuple[str, str, float, float, str]] = []
        self._addresses = addresses
        self._by_street: dict[str, np.ndarray] = {}
        if len(addresses):
            key = addresses["street"].map(normalise)
            self._by_street = {k: np.asarray(v) for k, v in key.groupby(key).indices.items()}
        clusters = _clusters(streets, apart_m) if len(streets) else []
        counts = pd.Series([name for name, _ in clusters], dtype="object").value_counts()
        spots = [
            shape.interpolate(0.5, normalized=True)
            if shape.geom_type == "LineString"
            else shape.representative_point()
            for _, shape in clusters
        ]
        lowest = version.city.lowest.level
        for (name, _), spot in zip(clusters, spots, strict=True):
            label = name
            if counts[name] > 1:
                place = version.where(spot.x, spot.y).areas[lowest]
                label = f"{name} ({place.name})" if place else name
            entries.append((label, "street", float(spot.x), float(spot.y), name))
        known_streets = {normalise(name) for name, _ in clusters}
        for street, rows in self._by_street.items():
            if street not in known_streets:
                spot = addresses.geometry.iloc[rows[len(rows) // 2]]
                name = addresses["street"].iloc[rows[0]]
                entries.append((name, "street", spot.x, spot.y, name))
        placed = directory[directory["x"].notna() & (directory["status"] != "closed")]
        for row in placed.itertuples(index=False):
            name = str(row.name)
            entries.append((name, "institution", _number(row.x), _number(row.y), name))
        for area in version.areas.itertuples(index=False):
            if area.geometry is not None and not area.geometry.is_empty:
                spot = area.geometry.representative_point()
                entries.append((area.name, "area", spot.x, spot.y, area.name))
        self._entries = entries
        # The label too: "Buchenweg (Nord-West)" is how an ambiguous name is asked for.
        self._index = TextIndex([[entry[4], entry[0]] for entry in entries])

    def search(self, query: str, *, limit: int = 8) -> list[Hit]:
        """Return the best hits for an address, a street, an institution or an area.

        A house number that is stored gives that address; one that is not gives the
        nearest stored number of the street, and its label says which.
        """
        number = _NUMBER.search(query)
        name = query
        if number:
            # What follows a house number is a postal code or a town: both are known anyway.
            name = query[: number.start()] or query[number.end() :]
        hits: list[Hit] = []
        scores = self._index.scores(name) if normalise(name) else np.zeros(len(self._entries))
        for position in np.argsort(-scores, kind="stable")[: 4 * limit]:
            if scores[position] <= 0:
                break
            label, kind, x, y, street = self._entries[position]
            score = float(scores[position])
            if kind == "street" and number:
                address = self._address(street, int(number[1]), number[2], score)
                if address is not None:
                    hits.append(address)
                    continue
            hits.append(Hit(label, kind, float(x), float(y), score))
        unique = {(hit.label, round(hit.x), round(hit.y)): hit for hit in hits}
        order = {"address": 0, "street": 1, "institution": 1, "area": 1}
        ranked = sorted(unique.values(), key=lambda h: (-round(h.score, 2), order[h.kind], h.label))
        return ranked[:limit]

    def _address(self, street: str, number: int, suffix: str, score: float) -> Hit | None:
        rows = self._by_street.get(normalise(street))
        if rows is None:
            return None
        table = self._addresses.iloc[rows]
        split = table["house_number"].fillna("").str.extract(r"(\d+)\s*([a-zA-Z]?)")
        numbers = pd.to_numeric(split[0], errors="coerce").to_numpy(float)
        if np.isnan(numbers).all():
            return None
        letters = split[1].fillna("").str.lower().to_numpy(object)
        distance = np.abs(numbers - number) + 0.1 * (letters != suffix.lower())
        best = int(np.nanargmin(distance))
        if not distance[best] <= 20:
            return None
        row = table.iloc[best]
        code = f", {row['postal_code']}" if isinstance(row["postal_code"], str) else ""
        town = f" {row['city']}" if isinstance(row["city"], str) else ""
        label = f"{row['street']} {row['house_number']}{code}{town}"
        point = row.geometry
        return Hit(label, "address", float(point.x), float(point.y), score + 0.5)
