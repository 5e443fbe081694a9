"""Style and script of the components, read from beside their modules."""

from __future__ import annotations

from importlib.resources import files


def source(name: str, package: str = __package__) -> str:
    """Return the text of a file that is installed with a package."""
    return files(package).joinpath(name).read_text(encoding="utf-8")
