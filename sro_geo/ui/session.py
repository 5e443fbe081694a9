"""State of one visitor and of the process: language, workspace, editor, messages."""

from __future__ import annotations

import math
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st
from babel.numbers import format_decimal, format_percent

from sro_geo.actions.access import Actor
from sro_geo.actions.workspace import Snapshot, Workspace, open_workspace
from sro_geo.city import City
from sro_geo.errors import SroError
from sro_geo.i18n import LANGUAGES, date_in_words, t
from sro_geo.settings import Settings
from sro_geo.ui.markup import as_written, tag, text

if TYPE_CHECKING:
    from sro_geo.actions.cases import CaseTable
    from sro_geo.store.released import Released


def language() -> str:
    """Return the language of this visitor: the address first, then what was chosen before."""
    asked = st.query_params.get("lang")
    if asked in LANGUAGES:
        st.session_state["chosen_language"] = asked
    chosen = st.session_state.get("chosen_language", settings().language)
    return chosen if chosen in LANGUAGES else "de"


def tr(key: str, **params: Any) -> str:
    """Return a phrase in the visitor's language."""
    return t(key, language(), **params)


def number(value: float) -> str:
    """Return a whole number as it is written in the visitor's language: 4.898 or 4,898."""
    return str(format_decimal(round(value), locale=language()))


def percent(share: float) -> str:
    """Return a share as a whole percentage, a dash where there is none."""
    if not math.isfinite(share):
        return "–"
    return str(format_percent(share, format="#,##0 %", locale=language()))


def decimal(value: float) -> str:
    """Return a number with one decimal, a dash where there is none."""
    if not math.isfinite(value):
        return "–"
    return str(format_decimal(round(value, 1), format="#,##0.0", locale=language()))


def day(iso: str) -> str:
    """Return an ISO date or time as a day in the visitor's language."""
    return date_in_words(iso, language())


@st.cache_resource(show_spinner=False)
def settings() -> Settings:
    """Return the settings of the process."""
    return Settings.from_env()


def workspace() -> Workspace:
    """Return the workspace of the process, created from the shipped data if it is missing.

    Raises ``SroError("public_mode")`` in the public view, which opens no workspace.
    """
    if settings().public:
        raise SroError("public_mode")
    return _workspace()


@st.cache_resource(show_spinner=False)
def _workspace() -> Workspace:
    return open_workspace(settings())


def released() -> Released:
    """Return what was released, as it is now: the one source of case figures on any page."""
    from sro_geo.actions.cases import released_stamp

    folder = settings().workspace
    try:
        return _released(str(folder), released_stamp(folder))
    except SroError as error:
        if not settings().public:
            raise
        # Where the machine keeps its files is nothing an outsider has to know.
        veiled = {name: "–" if name == "detail" else value for name, value in error.params.items()}
        if "file" in veiled:
            veiled["file"] = Path(str(veiled["file"])).name
        raise SroError(error.code, **veiled) from None


@st.cache_resource(max_entries=2, show_spinner=False)
def _released(folder: str, stamp: tuple[int, int]) -> Released:
    from sro_geo.actions.cases import load_released

    return load_released(Path(folder))


def case_table(
    released: Released, year: int, *, per: int = 1000, version: str | None = None
) -> CaseTable:
    """Return the table of a year, made once for each state of the snapshot; not to be changed."""
    return _case_table(released.digest, year, per, version, released)


@st.cache_resource(max_entries=64, show_spinner=False)
def _case_table(
    digest: str, year: int, per: int, version: str | None, _released: Released
) -> CaseTable:
    from sro_geo.actions.cases import case_table as made

    return made(_released, year, per=per, version=version)


def city() -> City:
    """Return the city: of the workspace, or in the public view of the released snapshot."""
    return released().city if settings().public else workspace().city


def snapshot() -> Snapshot:
    """Return the workspace as it is now."""
    return workspace().snapshot()


def actor() -> Actor:
    """Return who acts; until logins come the name is taken from the settings or the form."""
    name = st.session_state.get("editor_name") or settings().editor
    return Actor(name or tr("interface.anonymous"))


def fresh_key() -> str:
    """Return a new key that makes a repeated request write only once."""
    return uuid.uuid4().hex


def say(message: str) -> None:
    """Leave a message that is shown once, after the next run."""
    st.session_state["message"] = message


def show_message() -> None:
    """Show what :func:`say` left: in a corner that is always in sight, and to a screen reader.

    The line for screen readers is there before it has words: only then is it read out.
    """
    message = st.session_state.pop("message", None)
    if message:
        st.toast(as_written(message), icon=":material/check_circle:", duration="long")
    st.html(tag("p", text(message or "\u200b"), class_="sro-unseen sro-said", role="status"))


def refuse(error: SroError) -> None:
    """Leave an error of a button; the frame shows it after the next run."""
    st.session_state["refused"] = error


def refused() -> SroError | None:
    """Return the error left by a button, once."""
    error: SroError | None = st.session_state.pop("refused", None)
    return error
