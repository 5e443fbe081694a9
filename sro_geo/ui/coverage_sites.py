"""The next best site, and what would be if: nothing stored is touched."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import streamlit as st

from sro_geo.actions.coverage import CoverageAnswer, CoverageQuestion
from sro_geo.actions.siting import SiteAnswer, next_sites
from sro_geo.actions.workspace import Snapshot
from sro_geo.errors import SroError
from sro_geo.ui import markup, session
from sro_geo.ui.frame import show_error

_WORKERS = 2


@dataclass
class _Search:
    """A search that runs beside the page: it reports, and can be stopped."""

    question: CoverageQuestion
    options: tuple[int, bool, float]
    stop: threading.Event = field(default_factory=threading.Event)
    done: float = 0.0
    possible: float = 0.0
    future: Future[SiteAnswer] | None = None

    def progress(self, covered: float, possible: float) -> None:
        """Take the news from the solver."""
        self.done, self.possible = covered, possible


@st.cache_resource(show_spinner=False)
def _workers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_WORKERS, thread_name_prefix="siting")


def sites_panel(snapshot: Snapshot, answer: CoverageAnswer) -> None:
    """Ask for the best sites; show progress, allow stopping, list what was found."""
    tr = session.tr
    st.write(tr("coverage.sites_intro"))
    row = st.container(horizontal=True, vertical_alignment="bottom")
    count = row.number_input(tr("coverage.sites_count"), 1, 10, 1, key="site_count", width=150)
    least = row.number_input(tr("coverage.sites_least"), 0, None, 0, key="site_least", width=190)
    cells = row.toggle(tr("coverage.sites_cells"), key="site_cells")
    options = (int(count), bool(cells), float(least or 0))
    if row.button(tr("coverage.sites_find"), type="primary", icon=":material/add_location:"):
        _start(snapshot, answer.question, options)
    search: _Search | None = st.session_state.get("site_search")
    if search is None or search.question != answer.question or search.options != options:
        return
    _wait(search)
    _show(search)


def _start(
    snapshot: Snapshot, question: CoverageQuestion, options: tuple[int, bool, float]
) -> None:
    before: _Search | None = st.session_state.get("site_search")
    if before is not None:
        before.stop.set()
    search = _Search(question, options)
    count, cells, least = options
    search.future = _workers().submit(
        next_sites,
        snapshot,
        question,
        count,
        cells=cells,
        minimum_gain=least,
        progress=search.progress,
        cancelled=search.stop.is_set,
    )
    st.session_state["site_search"] = search


def _wait(search: _Search) -> None:
    """Show progress until the search is done; a click on *stop* runs the page anew."""
    assert search.future is not None
    if search.future.done():
        return
    place = st.empty()
    with place.container():
        bar = st.progress(0.0, text=session.tr("coverage.sites_searching"))
        st.button(session.tr("coverage.sites_stop"), on_click=search.stop.set)
    while not search.future.done():
        share = search.done / search.possible if search.possible > 0 else 0.0
        bar.progress(min(max(share, 0.0), 1.0), text=session.tr("coverage.sites_searching"))
        time.sleep(0.2)
    place.empty()


def _show(search: _Search) -> None:
    tr = session.tr
    assert search.future is not None
    try:
        found = search.future.result()
    except SroError as error:
        show_error(error)
        return
    sites = found.sites
    if not sites.chosen:
        st.info(tr("coverage.sites_none"))
        return
    gained = session.number(sites.covered_after - sites.covered_before)
    st.write(tr("coverage.sites_gain", count=len(sites.chosen), gained=gained))
    header = [tr(f"coverage.column_{c}") for c in ("site", "gain")]
    rows = [
        [str(name), f"+{session.number(gain)}"]
        for name, gain in zip(found.rows["name"], found.rows["gain"], strict=True)
    ]
    st.html(markup.table(tr("coverage.sites_caption"), header, rows, numeric=[1]))
    if sites.complete:
        st.caption(tr("coverage.sites_proven"))
    else:
        st.caption(tr("coverage.sites_gap", gap=session.percent(sites.optimality_gap)))


def changes_panel(snapshot: Snapshot, answer: CoverageAnswer) -> None:
    """Switch offers off and change their places, for this visit only."""
    tr = session.tr
    st.write(tr("coverage.changes_intro"))
    question = answer.question
    names = _names(snapshot, answer)
    st.multiselect(
        tr("coverage.changes_off"),
        list(names),
        default=[offer for offer in question.off if offer in names],
        key="coverage_off_choice",
        format_func=lambda offer: names.get(offer, offer),
        placeholder=tr("form.none"),
        on_change=_take_off,
    )
    offer = st.selectbox(
        tr("coverage.changes_offer"),
        [o for o in names if o not in question.off],
        index=None,
        format_func=lambda o: names.get(o, o),
        placeholder=tr("form.none"),
        key="coverage_moving",
    )
    if offer is None:
        st.caption(tr("coverage.changes_click"))
        return
    st.caption(tr("coverage.changes_move"))
    row = st.container(horizontal=True, vertical_alignment="bottom")
    places = row.number_input(
        tr("coverage.changes_places"), 0, None, None, key=f"coverage_places:{offer}", width=160
    )
    hours = row.text_input(
        tr("form.schedule"), key=f"coverage_hours:{offer}", help=tr("form.schedule_help")
    )
    if row.button(tr("coverage.changes_apply"), type="primary"):
        if places is not None:
            _suppose("coverage_capacity", offer, float(places))
        if hours:
            _suppose("coverage_schedule", offer, hours)
        st.rerun()


def _suppose(what: str, offer: str, value: object) -> None:
    st.session_state[what] = {**st.session_state.get(what, {}), offer: value}


def _names(snapshot: Snapshot, answer: CoverageAnswer) -> dict[str, str]:
    directory = snapshot.directory
    wanted = {*answer.supply.offer_ids, *answer.question.off}
    rows = directory[directory["offer_id"].isin(wanted)]
    return dict(zip(rows["offer_id"].astype(str), rows["name"].astype(str), strict=True))


def _take_off() -> None:
    st.session_state["coverage_off"] = tuple(st.session_state.get("coverage_off_choice", ()))
