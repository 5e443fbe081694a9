"""Fonts that go into reports: cut from the one Streamlit brings, kept in the user's cache.

No font is part of this repository. Streamlit's own files hold Source Sans as one variable
font; its regular and bold weight are cut out of it once, for typst, and packed once more for
the deck. Where a release moves it, typst's built-in fonts and the system's serve.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

FAMILY = "Source Sans 3"
# What typst brings along: other alphabets are set in these.
FALLBACK = ("Libertinus Serif", "DejaVu Sans Mono")
_WEIGHTS = {400: "Regular", 700: "Bold"}
_PATTERN = "SourceSansVF-Upright*.woff2"
_REVISION = "1"
_UNICODES = (
    *range(0x20, 0x7F), *range(0xA0, 0x180), 0x218, 0x219, 0x21A, 0x21B, 0x1E9E,
    *range(0x2010, 0x2028), 0x202F, 0x2030, 0x2032, 0x2033, 0x2039, 0x203A, 0x20AC, 0x2122,
    *range(0x2190, 0x2194), 0x2212, 0x2248, 0x2260, 0x2264, 0x2265, 0x25A0, 0x25A1, 0x25B2,
    0x25BC, 0x25C6, 0x25CF, 0x2713,
)  # fmt: skip


@lru_cache(maxsize=1)
def font_folder() -> Path | None:
    """Return the folder with the cut weights and ``deck.woff2``, made where it is missing.

    None where no font is found to cut; nothing fails for want of it.
    """
    source = _source()
    if source is None:
        return None
    content = source.read_bytes()
    digest = hashlib.sha256(_REVISION.encode() + content).hexdigest()[:16]
    for base in _caches():
        folder = base / f"fonts-{digest}"
        if (folder / "deck.woff2").is_file():
            return folder
        try:
            base.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.TemporaryDirectory(dir=base) as draft:
                _cut(source, Path(draft))
                Path(draft).chmod(0o755)
                _settle(Path(draft), folder)
        except OSError:
            continue
        if (folder / "deck.woff2").is_file():
            return folder
    return None


def deck_font() -> bytes:
    """Return the font the deck carries, empty without one."""
    folder = font_folder()
    return b"" if folder is None else (folder / "deck.woff2").read_bytes()


def _source() -> Path | None:
    try:
        package = distribution("streamlit")
    except PackageNotFoundError:
        return None
    for file in package.files or ():
        if file.match(_PATTERN):
            found = Path(str(package.locate_file(file)))
            return found if found.is_file() else None
    return None


def _caches() -> Iterator[Path]:
    """Yield where fonts may be kept: the user's own cache, else a folder of this process."""
    home = os.environ.get("XDG_CACHE_HOME")
    with suppress(RuntimeError):
        yield (Path(home) if home else Path.home() / ".cache") / "sro-geo"
    with suppress(OSError):
        # A folder that is ours alone: nobody else lays a font of theirs there.
        yield Path(tempfile.mkdtemp(prefix="sro-geo-fonts-"))


def _settle(draft: Path, folder: Path) -> None:
    """Put the finished folder in its place; another process may have been first."""
    folder.mkdir(exist_ok=True)
    # The deck's font last: it says that all are there.
    for file in sorted(draft.iterdir(), key=lambda f: f.name == "deck.woff2"):
        file.replace(folder / file.name)


def _cut(source: Path, folder: Path) -> None:
    from fontTools import subset
    from fontTools.ttLib import TTFont
    from fontTools.varLib.instancer import instantiateVariableFont

    font = TTFont(source)
    options = subset.Options(
        layout_features=["kern"], hinting=False, notdef_outline=True, name_IDs=["*"]
    )
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=_UNICODES)
    cutter.subset(font)
    font.flavor = None
    variable = folder / "variable.part"
    font.save(variable)
    for weight, style in _WEIGHTS.items():
        cut = instantiateVariableFont(TTFont(variable), {"wght": weight}, inplace=True)
        _name(cut, weight, style)
        cut.save(folder / f"SourceSans3-{style}.ttf")
    limited = instantiateVariableFont(TTFont(variable), {"wght": (400, 400, 700)}, inplace=True)
    limited.flavor = "woff2"
    limited.save(folder / "deck.woff2")
    variable.unlink()


def _name(font: object, weight: int, style: str) -> None:
    """Write the usual names: family, style, whole name, PostScript name."""
    names = font["name"]  # type: ignore[index]
    for number in (16, 17, 21, 22, 25):
        names.removeNames(nameID=number)
    said = {1: FAMILY, 2: style, 4: f"{FAMILY} {style}", 6: f"SourceSans3-{style}"}
    for number, words in said.items():
        names.setName(words, number, 3, 1, 0x409)
    font["OS/2"].usWeightClass = weight  # type: ignore[index]
