"""Where the files of Leaflet are: in an installed package, for maps and decks alike."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from sro_geo.errors import SroError

LEAFLET_PACKAGE = "django-js-lib-leaflet"
_LEAFLET_INSIDE = "js_lib_leaflet/static/js_lib_leaflet"


def leaflet_folder() -> Path:
    """Return the folder with ``leaflet.js`` and ``leaflet.css`` of the installed package.

    The package is found by its metadata and never imported (it would ask for Django).

    Raises
    ------
    SroError
        ``leaflet_missing``.
    """
    try:
        folder = Path(str(distribution(LEAFLET_PACKAGE).locate_file(_LEAFLET_INSIDE)))
    except PackageNotFoundError:
        raise SroError("leaflet_missing", package=LEAFLET_PACKAGE) from None
    if not (folder / "leaflet.js").is_file() or not (folder / "leaflet.css").is_file():
        raise SroError("leaflet_missing", package=LEAFLET_PACKAGE)
    return folder
