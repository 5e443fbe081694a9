"""Kinds of offers taken in: merged into ``categories.toml``, which keeps its comments.

The file is replaced as the last step before the store commits, while the store's lock is
held. If replacing it fails, the transaction is undone; if the commit fails, the file is put
back. Only a power cut between the two leaves a trace: the new categories, whole and in
force, without a line on where they came from; taking the file in again adds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pandas as pd

from sro_geo.actions.comparing import Difference
from sro_geo.city import Category, CategoryGroup, City, load_city
from sro_geo.errors import SroError
from sro_geo.exchange.write import replace_file

FILE = "categories.toml"
_NAMES = ("de", "en")


def category_table(city: City) -> pd.DataFrame:
    """Return the categories as a table to hand out, each with the name of its group."""
    rows = []
    for category in city.categories.values():
        group = city.groups.get(category.group)
        row = {"category": category.category, **_of_category(category)}
        rows.append({**row, "group_name": group.names.get("de") if group else None})
    columns = ["category", "name_de", "name_en", "section", "group", "group_name"]
    return pd.DataFrame(rows, columns=columns)


def differences(city: City, frames: Mapping[str, pd.DataFrame]) -> dict[str, Difference]:
    """Count what categories and groups would be added and changed; none is ever removed."""
    held: dict[str, dict[str, dict[str, Any]]] = {
        "categories": {key: _of_category(c) for key, c in city.categories.items()},
        "category_groups": {key: _of_group(g) for key, g in city.groups.items()},
    }
    out = {}
    for table, frame in frames.items():
        new = [_plain(row) for row in frame.to_dict("records")]
        key = frame.columns[0]
        known = [row for row in new if row[key] in held[table]]
        same = sum({key: row[key], **held[table][row[key]]} == row for row in known)
        out[table] = Difference(len(new) - len(known), len(known) - same, same, 0)
    return out


def _of_category(category: Category) -> dict[str, Any]:
    names = {f"name_{language}": category.names.get(language) for language in _NAMES}
    return {**names, "section": category.section or None, "group": category.group}


def _of_group(group: CategoryGroup) -> dict[str, Any]:
    names = {f"name_{language}": group.names.get(language) for language in _NAMES}
    return {**names, "symbol": group.symbol, "colour": group.colour}


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(key): None if pd.isna(value) else value for key, value in row.items()}


class CategoriesFile:
    """The file of a workspace; used as a context around the transaction that writes it."""

    def __init__(self, folder: Path) -> None:
        self._file = (folder / FILE).resolve()
        self._before: bytes | None = None

    def put(self, city: City, frames: Mapping[str, pd.DataFrame]) -> None:
        """Write the merged file; ``city`` is what the frames were checked against.

        Raises
        ------
        SroError
            ``changed_meanwhile``, ``categories_not_written``.
        """
        if load_city(self._file.parent) != city:
            raise SroError("changed_meanwhile", workspace=str(self._file.parent))
        try:
            before = self._file.read_bytes()
            after = merged(before.decode("utf-8-sig"), frames).encode()
            if after != before:
                replace_file(self._file, after)
                self._before = before
        except OSError as why:
            reason = why.strerror or type(why).__name__
            raise SroError("categories_not_written", file=FILE, reason=reason) from None
        except ValueError as why:
            raise SroError("categories_not_written", file=FILE, reason=str(why)[:200]) from None
        except SroError as why:
            reason = str(why.params.get("reason", why.code))
            raise SroError("categories_not_written", file=FILE, reason=reason) from None

    def __enter__(self) -> Self:
        """Return the file itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        why: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Put the file back as it was where the transaction failed after all."""
        if kind is not None and self._before is not None:
            replace_file(self._file, self._before)


def merged(text: str, frames: Mapping[str, pd.DataFrame]) -> str:
    """Return the TOML ``text`` with the rows of the frames added or updated by id."""
    import tomlkit

    document = tomlkit.parse(text)
    for table, part in (("category_groups", "groups"), ("categories", "categories")):
        if table not in frames or frames[table].empty:
            continue
        key = frames[table].columns[0]
        if part not in document:
            document.append(part, tomlkit.aot())
        entries: Any = document[part]
        # A list written [{…}, {…}] holds inline tables, [[…]] holds tables.
        make = tomlkit.table if isinstance(entries, tomlkit.items.AoT) else tomlkit.inline_table
        by_id = {str(entry.get(key)): entry for entry in entries}
        for row in map(_plain, frames[table].to_dict("records")):
            entry = by_id.get(row[key])
            fresh = entry is None
            if fresh:
                entry = make()
                entry[key] = row[key]
            _update(entry, row, tomlkit.inline_table())
            if fresh:
                entries.append(entry)
    return tomlkit.dumps(document)


def _update(entry: Any, row: Mapping[str, Any], names: Any) -> None:
    """Set the values of one entry; other keys and languages stay."""
    if not isinstance(entry.get("name"), dict):
        entry["name"] = names
    for language in _NAMES:
        _set(entry["name"], language, row[f"name_{language}"])
    for key in ("section", "group", "symbol", "colour"):
        if key in row:
            _set(entry, key, row[key])


def _set(entry: Any, key: str, value: str | None) -> None:
    if value is None and key == "section" and entry.get(key) == "":
        return  # the shipped file says "no section" this way
    if value is None:
        entry.pop(key, None)
    elif entry.get(key) != value:
        entry[key] = value
