"""The city's settings as their files are now: read anew when somebody changed them."""

from __future__ import annotations

from pathlib import Path

from sro_geo.city import City, load_city
from sro_geo.errors import SroError

FILES = ("city.toml", "categories.toml")


class Configuration:
    """``city.toml`` and ``categories.toml`` of a folder, watched by time and size."""

    def __init__(self, folder: Path, city: City) -> None:
        self._folder = folder
        self._city = city
        self._seen = self._stamps()

    def current(self) -> City:
        """Return the city; the same object as long as nothing in it has changed.

        Raises
        ------
        SroError
            ``city_changed`` where what the tables hang on is different now: the city's id, its
            CRS, its levels; and what :func:`sro_geo.city.load_city` raises.
        """
        seen = self._stamps()
        if seen != self._seen:
            city = load_city(self._folder)
            for key, before, now in zip(
                ("id", "crs", "levels"), _ground(self._city), _ground(city), strict=True
            ):
                if before != now:
                    raise SroError("city_changed", file=str(self._folder / FILES[0]), key=key)
            if city != self._city:
                self._city = city
            self._seen = seen
        return self._city

    def _stamps(self) -> tuple[tuple[int, int] | None, ...]:
        return tuple(map(_stamp, (self._folder / name for name in FILES)))


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size


def _ground(city: City) -> tuple[object, ...]:
    """Return what must not change under open tables; names of levels may."""
    return city.city_id, city.crs, [(lv.level, lv.parent, lv.tree) for lv in city.levels]
