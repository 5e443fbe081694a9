"""Data as JavaScript: JSON that stays data wherever it is put.

Three readers would otherwise take names for code: the browser (``</script>``, ``${…}`` in
template literals), folium's templates (``{{…}}``), and streamlit-folium, which rewrites
anything that looks like a folium variable (``map_12ab``, ``_0``). All of their marks are
written as ``\\uXXXX``, which only a JavaScript or JSON parser turns back.
"""

from __future__ import annotations

import json
from typing import Any

_MARKS = {
    **{ord(mark): f"\\u{ord(mark):04x}" for mark in "<>&$`'_\u2028\u2029\x7f"},
    # Half a surrogate pair cannot be sent as UTF-8.
    **{code: f"\\u{code:04x}" for code in range(0xD800, 0xE000)},
}


def script_json(value: Any) -> str:
    """Return ``value`` as compact JSON that is safe inside a generated script.

    Raises
    ------
    ValueError
        For NaN and infinity, which JSON does not know.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    # Two braces in a row are never structure here: a JSON object cannot start with an object.
    return text.translate(_MARKS).replace("{{", "\\u007b\\u007b")
