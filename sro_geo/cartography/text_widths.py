"""How wide a line of text is, without a font at hand: a table of advance widths.

Each character has the larger width of Source Sans, which reports embed, and of Arial, which
stands in for it; so text is never wider than said here in either. Other characters count
as wide as an emoji.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# First what reports embed, then what is as wide or narrower.
FONTS = "'Source Sans 3','Source Sans Pro',Arial,'Liberation Sans',Helvetica,sans-serif"
# How far letters reach above and below the base line, in heights of the font.
ASCENT, DESCENT = 0.80, 0.23
_UNKNOWN = 1.4

# Written by tests/cartography/font_widths.py: hundredths of the height of the font.
_REGULAR: Mapping[int, str] = MappingProxyType(
    {
        0: "\xad",
        25: "'ij‘’‚",
        26: "l|¦",
        28: " ,.:;I\xa0\xb7\xcc\xcd\xce\xcf\xec\xed\xee\xef\u012a\u012b\u0130\u0131",
        29: "!",
        30: "fł",
        31: "[]",
        34: "()-t{}¡‐‑‹›",
        35: "/\\rř",
        36: "•",
        37: "²³¹º",
        38: "ªť",
        40: "°",
        42: "*",
        43: '"“”„',
        50: "J^cksvxyzçýÿćčśşšźżž",
        55: "`¨±´¸÷≤≥",
        56: "#$0123456789?L_abdeghnopqu¢£¤¥§«¯¶»àáâãäåèéêëðñòóôõöùúûüþąēęěğŁńňōőūůű–€",
        57: "đ",
        58: "µ",
        59: "+<=>~¬×−",
        62: "FTZ¿ßøďŤŹŻŽ",
        67: "&ABEKPSVXYÀÁÂÃÄÅÈÉÊËÝÞĄĒĘĚŚŞŠẞ",
        73: "CDHNRUwÇÐÑÙÚÛÜĆČĎĐŃŇŘŪŮŰ",
        74: "®",
        75: "©",
        78: "GOQÒÓÔÕÖØĞŌŐ",
        84: "Mm¼½¾",
        89: "%æ",
        95: "Wœ",
        100: "ÆŒ—…→",
        102: "@",
    }
)
_BOLD: Mapping[int, str] = MappingProxyType(
    {
        0: "\xad",
        28: " ij|\xa0\xa6\xec\xed\xee\xef\u012b\u0131",
        29: "l",
        30: "',.·‘’‚",
        31: "IÌÍÎÏĪİ",
        34: "!-/:;\\¡‐‑‹›",
        35: "()[]f",
        36: "ł•",
        38: "ª²³¹º",
        39: "t{}",
        40: "r°ř",
        46: "*",
        48: "ť",
        50: "zźżž",
        54: '"“”„',
        55: "±÷≤≥",
        56: "#$0123456789J_`aceksvxy¢£¤¥§¨«¯´¸»àáâãäåçèéêëýÿąćčēęěśşš–€",
        59: "+<=>^~¬×−",
        60: "µ",
        62: "?FLTZbdghnopqu¿ðñòóôõöøùúûüþđğŁńňōőŤūůűŹŻŽ",
        64: "¶ß",
        67: "EPSVXYÈÉÊËÝÞĒĘĚŚŞŠ",
        71: "ẞ",
        72: "ď",
        73: "&ABCDHKNRUÀÁÂÃÄÅÇÐÑÙÚÛÜĄĆČĎĐŃŇŘŪŮŰ",
        74: "®",
        75: "©",
        78: "GOQwÒÓÔÕÖØĞŌŐ",
        84: "M¼¾",
        85: "½",
        89: "%mæ",
        95: "Wœ",
        98: "@",
        100: "ÆŒ—…→",
    }
)


def _widths(table: Mapping[int, str]) -> dict[str, float]:
    return {c: width / 100 for width, characters in table.items() for c in characters}


_TABLES = {False: _widths(_REGULAR), True: _widths(_BOLD)}


def text_width(words: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a line of text in units of ``size``, rather too wide than too narrow."""
    table = _TABLES[bold]
    return size * sum(table.get(character, _UNKNOWN) for character in words)


def shortened(words: str, size: float, room: float, *, bold: bool = False) -> str:
    """Return the words as far as there is room, with an ellipsis where they go on."""
    if text_width(words, size, bold=bold) <= room:
        return words
    short = words
    while short and text_width(f"{short}…", size, bold=bold) > room:
        short = short[:-1]
    return f"{short.rstrip()}…"


def wrapped(
    words: str, size: float, room: float, *, bold: bool = False, most: int = 9
) -> tuple[str, ...]:
    """Return the words in lines of at most ``room``; the last of ``most`` lines is shortened."""
    lines: list[str] = []
    line = ""
    rest = words.split()
    for i, word in enumerate(rest):
        longer = f"{line} {word}".strip()
        if line and text_width(longer, size, bold=bold) > room:
            if len(lines) == most - 1:
                line = " ".join([line, *rest[i:]])
                break
            lines.append(line)
            line = word
        else:
            line = longer
    return tuple(shortened(own, size, room, bold=bold) for own in [*lines, line] if own)
