"""Words of the interface: German first, English beside it.

Each language is a folder of TOML files; a key is ``section.name`` (nested tables are
joined by dots). Sentences hold ``{placeholders}``.
"""

from __future__ import annotations

import datetime as dt
import errno
import os
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from sro_geo.errors import Fault, Finding, SroError

LANGUAGES = ("de", "en")
# What operating systems say, in English, about files.
_SYSTEM = {
    os.strerror(number): word
    for number, word in (
        (errno.ENOSPC, "no_room"),
        (errno.EDQUOT, "no_room"),
        (errno.EFBIG, "no_room"),
        (errno.EACCES, "not_permitted"),
        (errno.EPERM, "not_permitted"),
        (errno.EROFS, "read_only"),
        (errno.ENOENT, "not_there"),
        (errno.EISDIR, "a_folder"),
        (errno.ENOTDIR, "no_folder"),
        (errno.ENAMETOOLONG, "name_too_long"),
    )
}


@lru_cache(maxsize=len(LANGUAGES))
def phrases(language: str) -> Mapping[str, str]:
    """Return all phrases of ``language``, flat, by dotted key."""
    out: dict[str, str] = {}

    def flatten(prefix: str, node: Mapping[str, Any]) -> None:
        for key, value in node.items():
            name = f"{prefix}.{key}" if prefix else key
            if isinstance(value, Mapping):
                flatten(name, value)
            elif name in out:
                raise ValueError(f"{language}: {name} twice")
            else:
                out[name] = str(value)

    for entry in files(__package__).joinpath(language).iterdir():
        if entry.name.endswith(".toml"):
            flatten("", tomllib.loads(entry.read_text(encoding="utf-8")))
    return out


def t(key: str, language: str = "de", **params: Any) -> str:
    """Return the phrase ``key`` in ``language``; raises ``KeyError`` for an unknown key."""
    return phrases(language)[key].format(**params) if params else phrases(language)[key]


def name_of(names: Mapping[str, str], language: str) -> str:
    """Return the name in ``language``, or in German, or whatever there is."""
    return names.get(language) or names.get("de") or next(iter(names.values()), "")


def describe(what: SroError | Fault | Finding, language: str = "de") -> tuple[str, str]:
    """Return (message, remedy) of an error, a fault or a finding in ``language``."""
    if isinstance(what, SroError):
        key, params = f"errors.{what.code}", dict(what.params)
    elif isinstance(what, Fault):
        key, params = f"faults.{what.code}", {"column": what.column, **what.params}
    else:
        key, params = f"findings.{what.rule}", {"id": what.id, **what.params}
    if isinstance(params.get("date"), str):
        params["date"] = date_in_words(params["date"], language)
    if params.get("reason") in _SYSTEM:
        params["reason"] = t(f"system.{_SYSTEM[params['reason']]}", language)
    return t(f"{key}.message", language, **params), t(f"{key}.remedy", language, **params)


def date_in_words(iso: str, language: str = "de") -> str:
    """Return an ISO date as it is written in the language; anything else as it is."""
    from babel.dates import format_date  # late: most runs of the command line need no dates

    try:
        return format_date(dt.date.fromisoformat(iso[:10]), "long", locale=language)
    except ValueError:
        return iso
