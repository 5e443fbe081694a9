"""The workspace's own gazetteer: addresses, streets, institutions and areas by name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sro_geo.areas import AreaVersion
from sro_geo.offers.search import TextIndex, normalise

_NUMBER = re.compile(r"\b(\d+)\s*([a-zA-Z]?)\b")


@dataclass(frozen=True)
class Hit:
    """A place found by name: ``kind`` is address, street, institution or area; metres.

    ``spaces`` are the ids of the lowest areas a street runs through, in the order of the
    plan: with more than one, only a house number tells which is meant.
    """

    label: str
    kind: str
    x: float
    y: float
    score: float
    spaces: tuple[str, ...] = ()


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


_SAMPLE_M = 25.0
_Entry = tuple[str, str, float, float, str, tuple[str, ...]]


def _spaces(version: AreaVersion, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the lowest area of each point as its position in the plan's table, -1 outside."""
    lowest = version.city.lowest.level
    known = pd.Index(version.of_level(lowest)["area_id"])
    areas = version.members[lowest].reindex(version.locate_blocks(x, y))
    found: np.ndarray = known.get_indexer(pd.Index(areas.to_numpy(object)))
    return found


class NamedPlaces:
    """Addresses, streets and areas: what stays when only offers change.

    Lines of one name that lie further apart than ``apart_m`` are different streets.
    """

    def __init__(
        self,
        addresses: gpd.GeoDataFrame,
        streets: gpd.GeoDataFrame,
        version: AreaVersion,
        *,
        apart_m: float = 400.0,
    ) -> None:
        self._addresses = addresses
        self._area_ids = version.of_level(version.city.lowest.level)["area_id"].to_numpy(object)
        points = addresses.geometry
        self._address_spaces = _spaces(version, points.x.to_numpy(), points.y.to_numpy())
        self._by_street: dict[str, np.ndarray] = {}
        if len(addresses):
            key = addresses["street"].map(normalise)
            self._by_street = {k: np.asarray(v) for k, v in key.groupby(key).indices.items()}
        self.entries: list[_Entry] = [*self._streets(streets, version, apart_m)]
        known = {normalise(entry[4]) for entry in self.entries}
        for street, rows in self._by_street.items():
            if street not in known:
                spot = addresses.geometry.iloc[rows[len(rows) // 2]]
                name = str(addresses["street"].iloc[rows[0]])
                spaces = self._named(self._address_spaces[rows])
                self.entries.append((name, "street", float(spot.x), float(spot.y), name, spaces))
        for area in version.areas.itertuples(index=False):
            if area.geometry is not None and not area.geometry.is_empty:
                spot = area.geometry.representative_point()
                name = str(area.name)
                self.entries.append((name, "area", float(spot.x), float(spot.y), name, ()))
        self.index = _index_of(self.entries)

    def _named(self, positions: np.ndarray) -> tuple[str, ...]:
        return tuple(str(a) for a in self._area_ids[np.unique(positions[positions >= 0])])

    def _streets(
        self, streets: gpd.GeoDataFrame, version: AreaVersion, apart_m: float
    ) -> Iterator[_Entry]:
        clusters = _clusters(streets, apart_m) if len(streets) else []
        counts = pd.Series([name for name, _ in clusters], dtype="object").value_counts()
        lowest = version.city.lowest.level
        touched = self._along([shape for _, shape in clusters], version)
        for (name, shape), found in zip(clusters, touched, strict=True):
            if shape.geom_type == "LineString":
                spot = shape.interpolate(0.5, normalized=True)
            else:
                spot = shape.representative_point()
            label = name
            if counts[name] > 1:
                place = version.where(spot.x, spot.y).areas[lowest]
                label = f"{name} ({place.name})" if place else name
            else:
                # A street on a border: its houses stand on both sides of the line.
                rows = self._by_street.get(normalise(name), np.array([], int))
                found = np.union1d(found, self._address_spaces[rows])
            yield label, "street", float(spot.x), float(spot.y), name, self._named(found)

    @staticmethod
    def _along(shapes: list[shapely.Geometry], version: AreaVersion) -> list[np.ndarray]:
        """Return for each line the positions of the areas it runs through, all at once."""
        if not shapes:
            return []
        at, line = shapely.get_coordinates(
            shapely.segmentize(np.array(shapes, object), _SAMPLE_M), return_index=True
        )
        pairs = pd.DataFrame({"line": line, "space": _spaces(version, at[:, 0], at[:, 1])})
        counts = pairs[pairs["space"] >= 0].value_counts()
        # The one point with which a street ends at a border does not lie beyond it.
        kept = counts[(counts > 1) | (counts == counts.groupby("line").transform("max"))]
        by_line = kept.index.to_frame(index=False).groupby("line")["space"]
        spaces = {int(str(key)): values.to_numpy() for key, values in by_line}
        return [spaces.get(number, np.array([], int)) for number in range(len(shapes))]

    def address(self, street: str, number: int, suffix: str, score: float) -> Hit | None:
        """Return the stored address of a street that is nearest to a house number, if near."""
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


def _index_of(entries: list[_Entry]) -> TextIndex:
    # The label too: "Buchenweg (Nord-West)" is how an ambiguous name is asked for.
    return TextIndex([[entry[4], entry[0]] for entry in entries])


class Gazetteer:
    """Names and where they are, searched with the same forgiveness as the offers."""

    def __init__(self, places: NamedPlaces, directory: pd.DataFrame) -> None:
        self._places = places
        placed = directory[directory["x"].notna() & (directory["status"] != "closed")]
        institutions: list[_Entry] = [
            (str(name), "institution", float(x), float(y), str(name), ())
            for name, x, y in zip(placed["name"], placed["x"], placed["y"], strict=True)
        ]
        self._indexed = ((places.entries, places.index), (institutions, _index_of(institutions)))

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
        for score, (label, kind, x, y, street, spaces) in self._best(name, 4 * limit):
            if kind == "street" and number:
                address = self._places.address(street, int(number[1]), number[2], score)
                if address is not None:
                    hits.append(address)
                    continue
            hits.append(Hit(label, kind, x, y, score, spaces))
        unique = {(hit.label, round(hit.x), round(hit.y)): hit for hit in hits}
        order = {"address": 0, "street": 1, "institution": 1, "area": 1}
        ranked = sorted(unique.values(), key=lambda h: (-round(h.score, 2), order[h.kind], h.label))
        return ranked[:limit]

    def _best(self, name: str, limit: int) -> list[tuple[float, _Entry]]:
        if not normalise(name):
            return []
        found: list[tuple[float, _Entry]] = []
        for entries, index in self._indexed:
            scores = index.scores(name)
            for position in np.argsort(-scores, kind="stable")[:limit]:
                if scores[position] <= 0:
                    break
                found.append((float(scores[position]), entries[position]))
        return sorted(found, key=lambda pair: -pair[0])[:limit]
