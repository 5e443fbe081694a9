"""Writes the table in ``sro_geo/cartography/text_widths.py`` from installed fonts.

``python -m tests.cartography.font_widths`` prints it. Each width is the larger one of Source
Sans (as Streamlit brings it) and Liberation Sans (as wide as Arial and Helvetica).
"""

from __future__ import annotations

import math
from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path

from PIL import ImageFont

LIBERATION = Path("/usr/share/fonts/truetype/liberation")
EXTRA = "ĄąĆćČčĎďĐđĒēĘęĚěĞğĪīİıŁłŃńŇňŌōŐőŒœŘřŚśŞşŠšŤťŪūŮůŰűŹźŻżŽžẞ‐‑–—‘’‚“”„•…‹›€→−≤≥ "
CHARACTERS = "".join(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x100)])) + EXTRA
SIZE = 1000


def source_sans(bold: bool) -> ImageFont.FreeTypeFont:
    """Return Source Sans as it is on the slides."""
    folder = Path(find_spec("streamlit").submodule_search_locations[0]) / "static" / "static"
    (file,) = (folder / "media").glob("SourceSansVF-Upright*.woff2")
    font = ImageFont.truetype(str(file), SIZE)
    font.set_variation_by_axes([700 if bold else 400])
    return font


def liberation_sans(bold: bool) -> ImageFont.FreeTypeFont:
    """Return the font that stands for Arial and Helvetica."""
    return ImageFont.truetype(
        LIBERATION / f"LiberationSans-{'Bold' if bold else 'Regular'}.ttf", SIZE
    )


def table(bold: bool) -> dict[int, str]:
    """Return characters by width in hundredths of the height of the letters, rounded up."""
    fonts = [source_sans(bold), liberation_sans(bold)]
    found: dict[int, str] = defaultdict(str)
    for character in dict.fromkeys(CHARACTERS):
        width = max(font.getlength(character) for font in fonts)
        found[math.ceil(width * 100 / SIZE - 1e-6)] += character
    return dict(sorted(found.items()))


if __name__ == "__main__":
    for name, bold in (("_REGULAR", False), ("_BOLD", True)):
        print(f"{name}: Mapping[int, str] = MappingProxyType(\n    {{")
        for width, characters in table(bold).items():
            written = repr(characters) if characters.isprintable() else ascii(characters)
            print(f"        {width}: {written},")
        print("    }\n)")
