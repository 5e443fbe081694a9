"""Choices in the address of a page, by their ids.

Streamlit's own binding would write the words of the sender's language, which another
language does not know: a view that is sent must be the same view in both.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st


def from_address(key: str, name: str, options: Sequence[Any], default: Any = None) -> None:
    """Give a choice (session key) that is drawn for the first time what the address asks for.

    A list as ``default`` means that several may be chosen.
    """
    if key in st.session_state:
        return
    known = {str(option): option for option in options}
    asked = [known[word] for word in st.query_params.get_all(name) if word in known]
    if isinstance(default, list):
        st.session_state[key] = asked or default
    elif asked or default is not None:
        st.session_state[key] = asked[0] if asked else default


def to_address(key: str, name: str, default: Any = None) -> None:
    """Write a choice into the address; what is the rule is left out."""
    value = st.session_state.get(key)
    values = value if isinstance(value, list) else [value]
    words = [str(v) for v in values if v is not None and v != default]
    if words != st.query_params.get_all(name):
        st.query_params[name] = words
        if not words:
            st.query_params.pop(name, None)
