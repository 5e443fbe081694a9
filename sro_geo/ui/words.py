"""The language of the document, and Streamlit's own English words in it."""

from __future__ import annotations

import json
from importlib.resources import files

import streamlit as st

from sro_geo.i18n import LANGUAGES, t

# What Streamlit 1.67 writes → the phrase that says it.
_ORIGINALS = {
    "Upload": "upload",
    "file upload": "file_upload",
    "Increment": "increment",
    "Decrement": "decrement",
    "Open": "open",
    "Close": "close",
    "Clear value": "clear_value",
    "Clear all": "clear_all",
    "Remove": "remove",
    "App pages": "app_pages",
    "No results": "no_results",
    "No options to select": "no_options",
    "Press Enter to apply": "press_enter",
    "Press Ctrl+Enter to apply": "press_ctrl_enter",
    "Press ⌘+Enter to apply": "press_ctrl_enter",
    "Help": "help",
    "Skip to main content": "skip",
    "Choose an option": "choose",
    "Choose options": "choose",
    "Choose date": "choose_date",
    "Select all": "select_all",
    "Clear entry": "clear_value",
    "Add files": "add_files",
    "Previous month": "previous_month",
    "Next month": "next_month",
}


def speak(language: str) -> None:
    """Put ``language`` on the document and translate what Streamlit itself writes."""
    known: dict[str, str] = {}
    patterns = [
        ["", "B per file", t("streamlit.per_file", language)],
        ["Help for ", "", t("streamlit.help_for", language)],
        ["Remove ", "", t("streamlit.remove_one", language)],
    ]
    # What an earlier choice of language has put there is translated too.
    for other in LANGUAGES:
        for key in _ORIGINALS.values():
            known[t(f"streamlit.words.{key}", other)] = t(f"streamlit.words.{key}", language)
        if other != language:
            before, after = t("streamlit.per_file", other).split("{}")
            patterns.append([before, after, t("streamlit.per_file", language)])
    known |= {word: t(f"streamlit.words.{key}", language) for word, key in _ORIGINALS.items()}
    settings = {
        "language": language,
        "words": known,
        "patterns": patterns,
        "frames": [["streamlit_folium", t("streamlit.map_frame", language)]],
    }
    script = files(__package__).joinpath("words.js").read_text(encoding="utf-8")
    code = script.replace("SETTINGS", json.dumps(settings, ensure_ascii=False), 1)
    st.html(f"<script>{code}</script>", unsafe_allow_javascript=True)
