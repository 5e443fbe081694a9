"""What do we know? Holdings with source and date, quality, and the way in for files."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from sro_geo.actions.checking import check_workspace, finding_record, holdings
from sro_geo.actions.figures import persons_per_area
from sro_geo.actions.making import sample_changed
from sro_geo.actions.workspace import Snapshot
from sro_geo.errors import Finding
from sro_geo.exchange import KINDS
from sro_geo.population import latest
from sro_geo.reports.views import View
from sro_geo.ui import markup, session
from sro_geo.ui.adding import add_to_presentation
from sro_geo.ui.import_view import import_panel
from sro_geo.ui.offer_card import date_in_words
from sro_geo.ui.result_list import Entry, result_list

_SHOWN = 200


def data_page() -> None:
    """Draw the page."""
    tr = session.tr
    snapshot = session.snapshot()
    if sample_changed(session.workspace()):
        st.info(tr("data.sample_changed"), icon=":material/update:")
    if not snapshot.empty:
        add_to_presentation(View("data"))
    quality, held, bring = st.tabs(
        [tr("data.quality"), tr("data.held"), tr("data.bring")],
        key="tab",
        on_change="rerun",
    )
    if quality.open:
        with quality:
            _quality(snapshot)
    if held.open:
        with held:
            _holdings(snapshot)
    if bring.open:
        with bring:
            import_panel(session.workspace())


@st.cache_data(max_entries=4, show_spinner=False)
def _findings(workspace: str, revision: int, today: str) -> list[Finding]:
    return check_workspace(session.snapshot())


def _quality(snapshot: Snapshot) -> None:
    tr, language = session.tr, session.language()
    where = str(session.settings().workspace)
    findings = _findings(where, snapshot.revision, snapshot.today.isoformat())
    if not findings:
        st.success(tr("data.no_findings"), icon=":material/check_circle:")
        return
    counts = Counter(finding.rule for finding in findings)
    rules = list(counts)
    rule = st.pills(
        tr("data.rules"),
        rules,
        default=rules[0],
        required=True,
        format_func=lambda r: f"{tr(f'rules.{r}')} ({counts[r]})",
        key="rule",
    )
    chosen = [finding for finding in findings if finding.rule == rule]
    records = [finding_record(finding, language) for finding in chosen[:_SHOWN]]
    st.write(tr("data.rule_hint"))
    entries = [
        Entry(id=f"{r['table']}|{r['id']}", title=r["message"], subtitle=r["remedy"])
        for r in records
    ]
    result_list(entries, label=tr("data.findings"), key="finding_list", on_choose=_mend, height=560)
    if len(chosen) > _SHOWN:
        st.caption(tr("data.more_findings", count=len(chosen) - _SHOWN))
    if target := st.session_state.pop("mend", None):
        st.switch_page("pages/offers.py", query_params=target)


def _mend(entry_id: str) -> None:
    table, _, row_id = entry_id.partition("|")
    if table == "offers":
        st.session_state["mend"] = {"offer": row_id}
    elif table == "areas" and st.session_state.get("rule") == "area_without_offers":
        st.session_state["mend"] = {"area": row_id}
    else:
        # Base data come from files: the way to mend them is to bring the mended file in.
        st.session_state["tab"] = session.tr("data.bring")
        if table in KINDS:
            st.session_state["import_kind"] = table
        session.say(session.tr("data.mend_by_import"))


def _holdings(snapshot: Snapshot) -> None:
    tr, language = session.tr, session.language()
    rows = []
    for held in holdings(snapshot):
        rows.append(
            (
                tr(f"tables.{held.table}"),
                session.number(held.rows),
                held.file or "–",
                date_in_words(held.reference_date, language) or "–",
                date_in_words(held.imported_at, language) or "–",
            )
        )
    header = [tr(f"data.column_{c}") for c in ("table", "rows", "file", "date", "imported")]
    st.html(markup.table(tr("data.held_caption"), header, rows, numeric=[1]))
    if not snapshot.empty:
        st.html(markup.table(*_population(snapshot), numeric=[1, 2, 3, 4]))


def _population(snapshot: Snapshot) -> tuple[str, list[str], list[list[str]]]:
    """Return caption, header and rows of persons per area; unknown is said, never 0."""
    tr, language = session.tr, session.language()
    groups = ("all", "under_18", "under_21", "65+")
    figures = persons_per_area(snapshot, groups)
    rows = []
    for area in figures:
        cells = [tr("data.unknown") if n is None else session.number(n) for n in area.persons]
        rows.append([area.name, *cells])
    stamp = latest(snapshot.tables["population"])
    date = date_in_words(stamp["reference_date"].iloc[0], language) if len(stamp) else "–"
    header = [tr("data.column_area"), *(tr(f"data.group_{g.rstrip('+')}") for g in groups)]
    estimated = bool(stamp["estimated"].fillna(False).any())
    key = "data.population_caption_estimated" if estimated else "data.population_caption"
    return tr(key, date=date), header, rows
