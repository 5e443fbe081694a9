"""Kinds of offers and their groups: as tables, and as ``categories.toml`` itself."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sro_geo.cartography.palette import contrast
from sro_geo.cartography.symbols import SHAPES
from sro_geo.errors import SroError
from sro_geo.exchange.intake import Intake
from sro_geo.exchange.reading import clean, decode
from sro_geo.exchange.recognise import plain
from sro_geo.exchange.records import FaultLog, Records, filled, listed, present, shown
from sro_geo.tables import Column, Table

# Not among tables.TABLES: they lie in categories.toml, where a city writes them by hand too.
CATEGORIES = Table(
    "categories",
    ("category",),
    (
        Column("category", required=True),
        Column("name_de", required=True),
        Column("name_en"),
        Column("section"),
        Column("group", required=True),
    ),
)
GROUPS = Table(
    "category_groups",
    ("group",),
    (
        Column("group", required=True),
        Column("name_de", required=True),
        Column("name_en"),
        Column("symbol", "choice", True, SHAPES),
        Column("colour", required=True),
    ),
)
# WCAG 2.1, 1.4.11: graphics stand out from what is beside them by 3 to 1.
CONTRAST = 3.0
_ID = re.compile(r"[a-z][a-z0-9_]*")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def read_categories_toml(
    data: bytes, name: str, mapping: Mapping[str, str], log: FaultLog
) -> Records:
    """Return the categories of a TOML file as records, with its groups beside them.

    A record's row is the number of its entry: the first ``[[categories]]`` is 1.

    Raises
    ------
    SroError
        ``file_malformed``, and what :func:`reading.decode` raises.
    """
    text, encoding = decode(data, name, mapping.get("encoding", ""), log)
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as why:
        raise _malformed(name, str(why) or "nested too deeply") from None
    tables = {key: document.get(key, []) for key in ("categories", "groups")}
    for key, entries in tables.items():
        if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
            raise _malformed(name, f"[[{key}]] expected")
    if not any(tables.values()):
        raise _malformed(name, "neither [[categories]] nor [[groups]]")
    records = _records(name, "categories", tables["categories"], CATEGORIES, log)
    records.encoding = encoding
    records.groups = _records(name, "groups", tables["groups"], GROUPS, log)
    clean(records.groups, log)
    return records


def _malformed(name: str, reason: str) -> SroError:
    return SroError("file_malformed", file=name, format="TOML", reason=reason[:200])


def _records(
    name: str, part: str, entries: list[dict[str, Any]], table: Table, log: FaultLog
) -> Records:
    flat = [_flat(entry) for entry in entries]
    keys = dict.fromkeys([table.key[0], *(key for entry in flat for key in entry)])
    columns = {key: filled(None, len(flat)) for key in keys}
    for position, entry in enumerate(flat):
        for key, value in entry.items():
            if isinstance(value, str | int | float) and not isinstance(value, bool):
                columns[key][position] = str(value) or None
            else:
                said, where = shown(value), key if part == "categories" else f"{part}.{key}"
                log.add("toml_value_wrong", row=position + 1, column=where, value=said)
    return Records(name, columns, np.arange(1, len(flat) + 1))


def _flat(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry with ``name.de`` as ``name_de``; a bare name is the German one."""
    out = {key: value for key, value in entry.items() if key != "name"}
    names = entry.get("name", {})
    if not isinstance(names, dict):
        names = {"de": names}
    return {**out, **{f"name_{language}": value for language, value in names.items()}}


def categories_of(intake: Intake) -> dict[str, pd.DataFrame]:
    """Return the frames ``categories`` and, from a TOML file, ``category_groups``.

    What the file has no column for stays as the city has it; groups must be known.
    """
    groups = _groups(intake)
    frame = pd.DataFrame({c.name: intake.text(c.name) for c in CATEGORIES.columns})
    frame["section"] = _sections(intake.text("section"))
    frame["group"] = _group_ids(intake, groups)
    held = {c.category: {**c.__dict__, **_names(c.names)} for c in intake.city.categories.values()}
    for column in ("name_de", "name_en", "section", "group"):
        said = intake.has(column) or (column == "group" and intake.has("group_name"))
        if not said:
            before = [held.get(str(key), {}).get(column) or None for key in frame["category"]]
            frame[column] = pd.Series(before, frame.index, dtype=object)
    _check_ids(intake, frame["category"].to_numpy(object), intake.rows, intake.column("category"))
    out = {"categories": intake.checked(CATEGORIES, frame)}
    return out if groups is None else {**out, "category_groups": groups}


def _names(names: Mapping[str, str]) -> dict[str, str | None]:
    return {f"name_{language}": names.get(language) for language in ("de", "en")}


def _check_ids(intake: Intake, ids: np.ndarray, rows: np.ndarray, column: str) -> None:
    wrong = np.array([isinstance(v, str) and not _ID.fullmatch(v) for v in ids], bool)
    intake.log.each("category_id_malformed", wrong, rows, column=column, values=ids)


def _sections(raw: np.ndarray) -> np.ndarray:
    """Return sections of SGB VIII as they are kept: ``13a`` of ``§ 13a SGB VIII``."""
    out = raw.copy()
    for position, value in enumerate(raw):
        if value is not None:
            short = re.sub(r"§+|\bSGB\s*(VIII|8)\b", "", value, flags=re.IGNORECASE)
            out[position] = " ".join(short.split()) or None
    return out


def _group_ids(intake: Intake, new: pd.DataFrame | None) -> np.ndarray:
    """Return the id of each category's group, told by id or by name."""
    words: dict[str, str] = {}
    for group in intake.city.groups.values():
        for word in (group.group, *group.names.values()):
            words.setdefault(plain(word), group.group)
    for row in [] if new is None else new.to_dict("records"):
        for word in (row["group"], row["name_de"], row["name_en"]):
            if isinstance(word, str) and isinstance(row["group"], str):
                words[plain(word)] = row["group"]
    field = "group" if intake.has("group") else "group_name"
    raw = intake.text(field)
    out = raw.copy()
    for position in np.flatnonzero(present(raw)):
        out[position] = words.get(plain(raw[position]), raw[position])
    lost = present(raw) & ~np.isin(out.astype(str), list(words.values()))
    known = listed(dict.fromkeys(words.values()), limit=20)
    intake.log.each(
        "group_unknown", lost, intake.rows, column=intake.column(field), values=raw, known=known
    )
    return out


def _groups(intake: Intake) -> pd.DataFrame | None:
    """Return the groups of a TOML file, completed from those the city has."""
    records = intake.records.groups
    if records is None or not len(records):
        return None
    blank = filled(None, len(records))
    frame = pd.DataFrame({c.name: records.columns.get(c.name, blank) for c in GROUPS.columns})
    held = {g.group: {**g.__dict__, **_names(g.names)} for g in intake.city.groups.values()}
    for column in frame.columns[1:]:
        if column not in records.columns:
            before = [held.get(str(key), {}).get(column) for key in frame["group"]]
            frame[column] = pd.Series(before, frame.index, dtype=object)
    names = {c.name: f"groups.{c.name}" for c in GROUPS.columns}
    _check_ids(intake, frame["group"].to_numpy(object), records.rows, names["group"])
    _check_looks(intake, frame, records.rows)
    return intake.checked(GROUPS, frame, records.rows, names=names)


def _check_looks(intake: Intake, frame: pd.DataFrame, rows: np.ndarray) -> None:
    """List colours that are none, pale ones, and symbols that two groups share."""
    colours = frame["colour"].to_numpy(object)
    read = np.array([isinstance(v, str) and bool(_COLOUR.fullmatch(v)) for v in colours], bool)
    where = "groups.colour"
    intake.log.each(
        "colour_malformed", present(colours) & ~read, rows, column=where, values=colours
    )
    for position in np.flatnonzero(read):
        ratio = contrast(colours[position], "#ffffff")
        if ratio < CONTRAST:
            intake.log.add(
                "colour_pale",
                row=int(rows[position]),
                column=where,
                severity="note",
                value=colours[position],
                contrast=round(ratio, 1),
            )
    symbols = {g.group: g.symbol for g in intake.city.groups.values()}
    symbols |= dict(zip(frame["group"], frame["symbol"], strict=True))
    for row, group, symbol in zip(rows, frame["group"], frame["symbol"], strict=True):
        others = [g for g, s in symbols.items() if s == symbol and g != group and symbol in SHAPES]
        if others:
            intake.log.add(
                "symbol_shared",
                row=int(row),
                column="groups.symbol",
                severity="note",
                value=symbol,
                others=listed(map(str, others)),
            )
