"""Data inside a page: JSON that no browser takes for markup."""

from __future__ import annotations

import json
from typing import Any

_MARKS = {ord(mark): f"\\u{ord(mark):04x}" for mark in "<>&\u2028\u2029"}


def data_json(value: Any) -> str:
    """Return ``value`` as compact JSON that is safe inside a script element."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate(_MARKS)
