"""Both languages say the same, and every code of an error has its words."""

import errno
import os
import re
import string
from pathlib import Path

import pytest

from sro_geo.errors import SroError
from sro_geo.i18n import _SYSTEM, describe, phrases

ROOT = Path(__file__).parent.parent
SOURCES = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "sro_geo").rglob("*.py"))


def fields(text):
    """Names of the placeholders of a phrase."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_german_and_english_have_the_same_keys():
    """No phrase exists in one language only."""
    assert set(phrases("de")) == set(phrases("en"))


def test_both_languages_use_the_same_placeholders():
    """A translated sentence names the same values."""
    german, english = phrases("de"), phrases("en")
    assert {k for k in german if fields(german[k]) != fields(english[k])} == set()


@pytest.mark.parametrize(
    ("section", "pattern"),
    [
        ("errors", r'SroError\(\s*"([a-z_]+)"'),
        ("faults", r'Fault\(\s*"([a-z_]+)"'),
        ("findings", r'Finding\("[a-z]+", [^,]+, "([a-z_]+)"'),
    ],
)
def test_every_code_has_message_and_remedy(section, pattern):
    """An error without words would reach the user as a code."""
    codes = set(re.findall(pattern, SOURCES))
    assert codes
    wanted = {f"{section}.{code}.{part}" for code in codes for part in ("message", "remedy")}
    assert wanted - set(phrases("de")) == set()


def test_every_phrase_that_is_asked_for_exists():
    """Literal keys given to ``tr`` and ``t``."""
    keys = set(re.findall(r'\btr?\(\s*"([a-z_]+\.[A-Za-z_.]+)"', SOURCES))
    assert keys
    assert keys - set(phrases("de")) == set()


def test_what_the_operating_system_says_is_said_in_the_readers_language():
    """A planner need not know what "No space left on device" means."""
    full = SroError("file_not_writable", file="x.pdf", reason=os.strerror(errno.ENOSPC))
    assert "kein Platz mehr" in describe(full, "de")[0]
    assert "no room left" in describe(full, "en")[0]
    other = SroError("file_not_writable", file="x.pdf", reason="Stale file handle")
    assert "(Stale file handle)" in describe(other, "de")[0]
    assert set(_SYSTEM.values()) == {
        key.removeprefix("system.") for key in phrases("de") if key.startswith("system.")
    }
