"""Open a file without trusting it: its size, its kind by content, its characters."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from sro_geo.errors import SroError
from sro_geo.exchange.records import FaultLog, Records, shown

MAX_BYTES = 20 * 1024 * 1024
_ACCEPTED = "CSV, XLSX, GeoJSON"
_MAGIC = (
    (b"SQLite format 3\x00", "GeoPackage/SQLite"),
    (b"\x00\x00\x27\x0a", "Shapefile"),
    (b"\xd0\xcf\x11\xe0", "XLS (Excel 97)"),
    (b"%PDF", "PDF"),
    (b"PAR1", "Parquet"),
    (b"\x1f\x8b", "GZIP"),
    (b"7z\xbc\xaf", "7Z"),
    (b"Rar!", "RAR"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
)
_ENDINGS = {
    ".shp": "Shapefile",
    ".shx": "Shapefile",
    ".dbf": "Shapefile",
    ".prj": "Shapefile",
    ".gpkg": "GeoPackage/SQLite",
    ".vrt": "VRT",
    ".zip": "ZIP",
    ".kml": "KML",
    ".kmz": "KMZ",
    ".gml": "GML",
    ".gpx": "GPX",
    ".xml": "XML",
    ".html": "HTML",
    ".htm": "HTML",
    ".xls": "XLS (Excel 97)",
    ".ods": "ODS",
    ".pbf": "OSM PBF",
    ".parquet": "Parquet",
    ".pdf": "PDF",
}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1", "cp850", "cp437", "mac-roman")


def file_name(source: Path | bytes, name: str | None) -> str:
    """Return the name a file goes by in messages: never with folders of the server."""
    if name:
        return Path(name.replace("\\", "/")).name or "file"
    return source.name if isinstance(source, Path) else "file"


def read_bytes(source: Path | bytes, name: str, max_bytes: int) -> bytes:
    """Return the content of a regular file, or ``source`` itself, within the size limit.

    Raises
    ------
    SroError
        ``file_missing``, ``file_is_folder``, ``file_unreadable``, ``file_empty``,
        ``file_too_large``.
    """
    if isinstance(source, bytes):
        data, size = source, len(source)
    else:
        if source.is_dir():
            raise SroError("file_is_folder", file=name)
        try:
            if not source.exists():
                raise SroError("file_missing", file=name)
            if not source.is_file():
                raise SroError("file_unreadable", file=name, reason="not a regular file")
            size = source.stat().st_size
            with source.open("rb") as stream:
                data = stream.read(max_bytes + 1)
        except (OSError, ValueError) as why:
            reason = getattr(why, "strerror", None) or type(why).__name__
            raise SroError("file_unreadable", file=name, reason=reason) from None
        size = max(size, len(data))
    if size > max_bytes:
        megabytes = [round(n / 1024 / 1024, 1) for n in (size, max_bytes)]
        raise SroError("file_too_large", file=name, size=megabytes[0], limit=megabytes[1])
    if not data.strip(b"\x00 \t\r\n"):
        raise SroError("file_empty", file=name)
    return data


def read_records(
    data: bytes,
    name: str,
    mapping: Mapping[str, str],
    log: FaultLog,
    max_bytes: int,
    *,
    tables_only: bool = False,
) -> Records:
    """Return what the bytes hold, as a table of text or as features.

    ``tables_only``: features (GeoJSON) are refused.

    The content decides, not the ending: a VRT named ``x.geojson`` is a VRT. Nothing in
    the file is ever followed: no path, no address, no formula.

    Raises
    ------
    SroError
        ``file_type_unsupported``, ``file_not_text``, ``file_malformed``,
        ``workbook_too_large``.
    """
    ending = Path(name).suffix.lower()
    for magic, label in _MAGIC:
        if data.startswith(magic):
            raise _unsupported(name, label)
    if data.startswith(b"PK\x03\x04"):
        from sro_geo.exchange.workbook import read_workbook

        return read_workbook(data, name, mapping, log, max_bytes)
    if ending in _ENDINGS:
        raise _unsupported(name, _ENDINGS[ending])
    if ending in (".xlsx", ".xlsm"):
        raise SroError("file_malformed", file=name, format="XLSX", reason="not a ZIP archive")
    text, encoding = decode(data, name, mapping.get("encoding", ""), log)
    start = text[:2000].lstrip()
    if start.startswith("<"):
        raise _unsupported(name, _markup(start))
    if start.startswith("{") or ending in (".geojson", ".json"):
        if tables_only:
            raise SroError("file_type_unsupported", file=name, type="GeoJSON", known="CSV, XLSX")
        from sro_geo.exchange.geojson import read_geojson

        return read_geojson(text, name, encoding, log)
    from sro_geo.exchange.tabular import read_csv

    return read_csv(text, name, encoding, mapping, log)


def unsupported(name: str, label: str) -> SroError:
    """Return the error that names what a file is and what is accepted."""
    return SroError("file_type_unsupported", file=name, type=label, known=_ACCEPTED)


_unsupported = unsupported


def _markup(start: str) -> str:
    lower = start.lower()
    for sign, label in (
        ("<ogrvrt", "VRT"),
        ("<html", "HTML"),
        ("<!doctype html", "HTML"),
        ("<kml", "KML"),
        ("<gpx", "GPX"),
        ("<osm", "OSM XML"),
    ):
        if sign in lower:
            return label
    return "XML"


def decode(data: bytes, name: str, wanted: str, log: FaultLog) -> tuple[str, str]:
    """Return (text, encoding): by byte order mark, else UTF-8, else Windows (cp1252).

    ``wanted`` (option ``encoding`` of the mapping) comes before everything. Guessing cp1252
    is said, with a word that shows whether the guess is right.
    """
    if wanted:
        wanted = wanted.removeprefix("=").lower()
        if wanted not in ENCODINGS:
            raise SroError(
                "encoding_unknown", file=name, encoding=wanted, known=", ".join(ENCODINGS)
            )
        try:
            text, encoding = data.decode(wanted), wanted
        except UnicodeError:
            raise SroError(
                "encoding_unknown", file=name, encoding=wanted, known=", ".join(ENCODINGS)
            ) from None
    else:
        text, encoding = _guess(data, name, log)
    text = text.removeprefix("\ufeff")
    controls = sum(text.count(chr(code)) for code in (*range(9), 11, *range(14, 32), 127))
    if "\x00" in text or controls > 10 + len(text) // 1000:
        raise SroError("file_not_text", file=name, known=_ACCEPTED)
    if not text.strip():
        raise SroError("file_empty", file=name)
    for sign in ("Ã¤", "Ã¶", "Ã¼", "ÃŸ", "Ã„", "Ã–", "Ãœ", "\ufffd"):
        at = text.find(sign)
        if at >= 0:
            log.add("text_garbled", severity="note", example=_word(text, at))
            break
    return text, encoding


def _guess(data: bytes, name: str, log: FaultLog) -> tuple[str, str]:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            try:
                return data.decode(encoding), encoding
            except UnicodeError:
                raise SroError("file_not_text", file=name, known=_ACCEPTED) from None
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as why:
        first = why.start
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        raise SroError("file_not_text", file=name, known=_ACCEPTED) from None
    # cp1252 is one byte a letter, so the position in bytes is the position in the text.
    log.add("encoding_guessed", severity="note", encoding="cp1252", example=_word(text, first))
    return text, "cp1252"


def _word(text: str, at: int) -> str:
    """Return the word around a position."""
    left, right = at, at
    while left > 0 and at - left < 20 and text[left - 1].isalnum():
        left -= 1
    while right < len(text) and right - at < 20 and text[right].isalnum():
        right += 1
    return shown(text[left : max(right, at + 1)], 40)


def clean(records: Records, log: FaultLog) -> None:
    """Trim every text and take out characters nobody typed, and say where and how often."""
    import unicodedata

    from sro_geo.exchange.write import NEUTRALISED

    size = len(records)
    for column, values in records.columns.items():
        trimmed = np.zeros(size, bool)
        odd = np.zeros(size, bool)
        undone = np.zeros(size, bool)
        for position, value in enumerate(values):
            if value is None:
                continue
            text = value
            if text.startswith("'") and NEUTRALISED.match(text):
                text = text[1:]
                undone[position] = True
            text = text.replace("\r\n", "\n")
            short = text.strip()
            if short != text and short:
                trimmed[position] = True
            if not short.isascii() or not short.isprintable():
                usual = unicodedata.normalize("NFC", short)
                usual = "".join(c for c in usual if not _unusual(c))
                odd[position] = usual != short
                short = usual.strip()
            if short is not value:
                values[position] = short or None
        for code, mask in (
            ("text_trimmed", trimmed),
            ("characters_removed", odd),
            ("apostrophe_removed", undone),
        ):
            log.counted(code, mask, records.rows, column=column)


def _unusual(char: str) -> bool:
    if char in "\n\t":
        return False
    code = ord(char)
    return (
        code < 32
        or 0x7F <= code < 0xA0
        or 0xD800 <= code < 0xE000
        # These turn the order of what is read, also of the words behind a name.
        or 0x202A <= code <= 0x202E
        or 0x2066 <= code <= 0x2069
        or char in "\u200b\ufeff\ufffe"
    )
