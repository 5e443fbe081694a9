"""Where shapes lie: their CRS, swapped axes, metres for degrees, and the city's bounds."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pyproj
import shapely

from sro_geo.city import City
from sro_geo.exchange.records import FaultLog

WGS84 = "EPSG:4326"
# Tried in this order when coordinates do not fit the CRS that is stated or usual.
_CANDIDATES = (
    "EPSG:25832",
    "EPSG:25833",
    "EPSG:3035",
    "EPSG:31466",
    "EPSG:31467",
    "EPSG:31468",
    "EPSG:3857",
    "EPSG:4647",
    "EPSG:5650",
)


@lru_cache(maxsize=64)
def transformer(source: str, target: str) -> pyproj.Transformer:
    """Return the transformer between two CRS, x (east) before y (north)."""
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def crs_exists(code: str) -> bool:
    """Tell whether ``EPSG:…`` names a CRS with two horizontal axes."""
    try:
        crs = pyproj.CRS.from_user_input(code)
    except pyproj.exceptions.CRSError:
        return False
    return bool(crs.is_projected or crs.is_geographic)


def placed(
    shapes: np.ndarray,
    stated: str,
    city: City,
    rows: np.ndarray,
    log: FaultLog,
    *,
    column: str = "geometry",
    outside: str = "error",
    certain: bool = True,
) -> tuple[np.ndarray, str]:
    """Return the shapes in the city's CRS, and the CRS they were read in.

    Parameters
    ----------
    shapes
        Object array of shapes or None.
    stated
        CRS the file states, empty where it states none.
    outside
        Severity for shapes beyond the city's bounds; ``unsaid`` where the caller says it.
    certain
        True where a file without a CRS means degrees (GeoJSON does, by its standard);
        False for columns x and y, whose CRS is then recognised and merely noted.
    """
    shapes = shapes.copy()
    held = np.array([s is not None and not s.is_empty for s in shapes], bool)
    if stated and not crs_exists(stated):
        log.add("crs_unknown", column="crs", value=stated)
        stated = ""
    x, y = _centres(shapes, held)
    crs = _recognised_crs(stated, certain, city, x[held], y[held], log, column)
    if not held.any():
        return shapes, crs
    if city.bounds is not None:
        out = held & ~_inside(crs, city, x, y)
        swapped = out & _inside(crs, city, y, x)
        if swapped.any():
            shapes[swapped] = shapely.transform(shapes[swapped], lambda c: c[:, ::-1])
            if np.count_nonzero(swapped) > 20:
                log.counted(
                    "coordinates_swapped_many", swapped, rows, column=column, severity="repair"
                )
            else:
                log.each("coordinates_swapped", swapped, rows, column=column, severity="repair")
        beyond = out & ~swapped
        for position in np.flatnonzero(beyond) if outside != "unsaid" else ():
            log.add(
                "outside_bounds",
                row=int(rows[position]),
                column=column,
                severity=outside,
                x=_short(x[position]),
                y=_short(y[position]),
            )
        if outside == "error":
            shapes[beyond] = None
            held &= ~beyond
    if held.any():
        move = transformer(crs, city.crs)
        shapes[held] = shapely.transform(
            shapes[held], lambda c: np.column_stack(move.transform(c[:, 0], c[:, 1]))
        )
        lost = held.copy()
        corners = shapely.bounds(shapes[held])
        lost[held] = ~np.isfinite(corners).all(axis=1)
        log.each("geometry_not_finite", lost, rows, column=column, type=crs)
        shapes[lost] = None
    return shapes, crs


def _centres(shapes: np.ndarray, held: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.full(len(shapes), np.nan), np.full(len(shapes), np.nan)
    if held.any():
        corners = shapely.bounds(shapes[held])
        x[held] = corners[:, 0] / 2 + corners[:, 2] / 2
        y[held] = corners[:, 1] / 2 + corners[:, 3] / 2
    return x, y


def _inside(crs: str, city: City, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return a mask: inside the city's bounds. All True where a city has none."""
    if city.bounds is None:
        return np.asarray(np.isfinite(x), bool)
    west, south, east, north = city.bounds
    lon, lat = transformer(crs, WGS84).transform(x, y)
    with np.errstate(invalid="ignore"):
        inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return np.asarray(inside, bool)


def _mostly(mask: np.ndarray) -> bool:
    return len(mask) > 0 and int(np.count_nonzero(mask)) * 2 > len(mask)


def _recognised_crs(
    stated: str,
    certain: bool,
    city: City,
    x: np.ndarray,
    y: np.ndarray,
    log: FaultLog,
    column: str,
) -> str:
    usual = stated or WGS84
    if not len(x):
        return usual
    in_degrees = _mostly((np.abs(x) <= 180) & (np.abs(y) <= 180))
    says_degrees = pyproj.CRS.from_user_input(usual).is_geographic
    severity = "repair" if certain or stated else "note"
    if in_degrees:
        if says_degrees:
            return usual
        log.add("crs_degrees", column=column, severity="repair", stated=stated)
        return WGS84
    fits: Callable[[str], bool] = lambda crs: _mostly(  # noqa: E731
        _inside(crs, city, x, y) | _inside(crs, city, y, x)
    )
    if stated and not says_degrees and (city.bounds is None or fits(stated)):
        return stated
    if city.bounds is None:
        found: str | None = city.crs
    else:
        candidates = dict.fromkeys((city.crs, *_CANDIDATES))
        found = next((crs for crs in candidates if _exists_and(fits, crs)), None)
    if found is None:
        example = f"{_short(x[0])}, {_short(y[0])}"
        if not says_degrees:
            return usual  # far away, not mislabelled: each shape is listed as outside
        log.add("crs_unrecognised", column=column, stated=usual, example=example)
        return city.crs
    code = "crs_metres" if says_degrees else "crs_other"
    log.add(code, column=column, severity=severity, stated=usual, crs=found)
    return found


def _exists_and(fits: Callable[[str], bool], crs: str) -> bool:
    return crs_exists(crs) and fits(crs)


def _short(value: float) -> str:
    return f"{value:.6g}" if abs(value) < 1000 else f"{value:.1f}"
