"""The frame around every page: look, language, navigation, messages, errors."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import replace

import streamlit as st

from sro_geo.errors import Fault, InputRefused, SroError
from sro_geo.i18n import describe, name_of
from sro_geo.ui import offer_filters, session, style, words
from sro_geo.ui.markup import as_written, tag, text

# Addresses are the names of the files: the very first run of a server looks for a page in
# the folder pages/ before anybody has called st.navigation, and must find the same one.
PAGES = (
    ("start", ":material/home:"),
    ("offers", ":material/map:"),
    ("coverage", ":material/troubleshoot:"),
    ("cases", ":material/family_restroom:"),
    ("where", ":material/my_location:"),
    ("boundaries", ":material/gesture:"),
    ("committee", ":material/slideshow:"),
    ("data", ":material/database:"),
)
# Selections beside those of filters and forms.
_CHOSEN = (
    *("import_kind", "import_rule", "import_unit", "rule", "matrix_group"),
    *("cases_help", "cases_level", "cases_age", "cases_version"),
    *("release_chosen", "release_by", "release_levels", "release_ages"),
)
# What an outsider is shown: pages made of the released snapshot alone.
PUBLIC_PAGES = ("cases",)
_framed: ContextVar[bool] = ContextVar("framed", default=False)


def run() -> None:
    """Set the page up, choose the page, run it, and turn errors into plain words."""
    language = session.language()
    st.set_page_config(page_title=session.tr("interface.title"), page_icon="🧭", layout="wide")
    st.html(style.CSS)
    words.speak(language)
    public = session.settings().public
    pages = [
        st.Page(
            f"pages/{name}.py",
            title=session.tr(f"pages.{name}.title"),
            icon=icon,
            default=name == "start",
        )
        for name, icon in PAGES
        if name in PUBLIC_PAGES or not public
    ]
    if public:
        # The default page has no address of its own; the page of figures shall keep its own,
        # for links to it that were made inside the house.
        title = session.tr("pages.cases.title")
        pages.insert(0, st.Page(_public_home, title=title, default=True, visibility="hidden"))
    chosen = st.navigation(pages, position="top")
    try:
        session.city()
    except SroError as error:
        show_error(error)
        return
    frame = _framed.set(True)
    try:
        guarded(chosen.run)
    finally:
        _framed.reset(frame)
    _foot()


def _public_home() -> None:
    from sro_geo.ui.cases_view import cases_page

    header("cases")
    cases_page()


def guarded(action: Callable[[], None]) -> None:
    """Run something and show a refusal in plain words instead of a traceback."""
    try:
        action()
    except SroError as error:
        show_error(error)


def show_error(error: SroError) -> None:
    """Show an error with its remedy, and every fault of a refused input."""
    language = session.language()
    message, remedy = describe(error, language)
    st.error(f"**{as_written(message)}**  \n{as_written(remedy)}", icon=":material/error:")
    _gate_said(error)
    if isinstance(error, InputRefused):
        lines = []
        form = error.code == "form_refused"
        for fault in error.faults[:20]:
            what, how = describe(_as_labelled(fault) if form else fault, language)
            lines.append(f"- {as_written(what)} {as_written(how)}")
        st.warning("\n".join(lines))


def _gate_said(error: SroError) -> None:
    """Say why the gate let nothing through, without a figure."""
    reasons = [
        session.tr(f"violations.{violation.code}", **violation.params)
        for violation in getattr(error, "violations", ())
    ]
    if reasons:
        shown = [f"- {as_written(words)}" for words in dict.fromkeys(reasons)]
        st.warning("\n".join(shown[:20]))


def _as_labelled(fault: Fault) -> Fault:
    """Name the field as the form does, not as the table."""
    try:
        label = session.tr(f"form.{fault.column}")
    except KeyError:
        label = fault.column
    return replace(fault, params={**fault.params, "column": label})


def header(name: str) -> None:
    """Show title, lead and the language switch of a page, and what is to be said.

    A page that the server started without the frame (see ``PAGES``) is run inside it.
    """
    if not _framed.get():
        run()
        st.stop()
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.title(session.tr(f"pages.{name}.heading"), anchor=False, width="content")
        st.segmented_control(
            session.tr("interface.language"),
            ["de", "en"],
            default=session.language(),
            format_func={"de": "Deutsch", "en": "English"}.__getitem__,
            key="language_switch",
            label_visibility="collapsed",
            required=True,
            on_change=_switch_language,
            width="content",
        )
    city = session.city()
    note = name_of(city.source_note, session.language()) if city.sample_data else ""
    sample = tag("span", text(note), class_="sro-sample") if note else ""
    lead = tag("span", text(session.tr(f"pages.{name}.lead")))
    st.html(tag("p", lead, sample, class_="sro-lead"))


def show_left_messages() -> None:
    """Show what the last action left: a word of success, or a refusal."""
    session.show_message()
    if (error := session.refused()) is not None:
        show_error(error)


def _switch_language() -> None:
    chosen = st.session_state.get("language_switch")
    if chosen:
        st.session_state["chosen_language"] = chosen
        st.query_params["lang"] = chosen
    # A selection shows the words it was given; given again, it gets the new ones.
    held = [key for key in st.session_state if str(key).startswith(("form_", "asked_"))]
    for key in (*offer_filters.FILTER_KEYS, *held, *_CHOSEN):
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]


def _foot() -> None:
    city = session.city()
    words = session.tr("interface.foot", city=name_of(city.names, session.language()))
    st.html(tag("div", text(words), class_="sro-foot", role="contentinfo"))
