"""The gap matrix: kinds of offers × age groups × social spaces, and the reason of each gap."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from sro_geo.actions.coverage import CoverageAnswer, gaps
from sro_geo.actions.workspace import Snapshot
from sro_geo.cartography import palette
from sro_geo.coverage.matrix import STATES
from sro_geo.i18n import name_of
from sro_geo.ui import markup, session
from sro_geo.ui.coverage_inputs import group_in_words
from sro_geo.ui.result_list import Entry, result_list

_SORTINGS = ("missing", "share", "category")
_LISTED = 60


@st.cache_data(max_entries=8, show_spinner=False)
def _matrix(
    workspace: str,
    revision: int,
    today: str,
    mode: str,
    method: str,
    minutes: float,
    moment: dt.datetime | None,
) -> pd.DataFrame:
    table = gaps(
        session.snapshot(), mode=mode, method=method, default_minutes=minutes, moment=moment
    )
    # What nobody offers these ages anywhere, and nobody set a target for, is no gap.
    some = (table["reason"].fillna("") != "no_offer") | table["target_set"].astype(bool)
    return table[some.groupby([table["category"], table["age_group"]]).transform("any")]


def matrix_panel(snapshot: Snapshot, answer: CoverageAnswer) -> None:
    """Show the matrix of one age group, the largest gaps of all, and why each is one."""
    tr, question = session.tr, answer.question
    table = _matrix(
        str(session.settings().workspace),
        snapshot.revision,
        snapshot.today.isoformat(),
        question.mode,
        question.method,
        question.minutes,
        question.moment,
    )
    st.write(tr("coverage.matrix_intro", minutes=f"{question.minutes:g}"))
    groups = list(dict.fromkeys(table["age_group"]))
    if not groups:
        st.info(tr("coverage.no_people"))
        return
    group = st.segmented_control(
        tr("coverage.matrix_group"),
        groups,
        default=question.group if question.group in groups else groups[0],
        required=True,
        format_func=group_in_words,
        key="matrix_group",
    )
    st.html(_grid(snapshot, table[table["age_group"] == group], str(group), question.mode))
    _largest(snapshot, table)


def _grid(snapshot: Snapshot, rows: pd.DataFrame, group: str, mode: str) -> str:
    """Return the matrix of one age group as a table: kinds of offers by social space."""
    tr, language, city = session.tr, session.language(), snapshot.city
    areas = rows[["area_id", "name"]].drop_duplicates()
    head = "".join(
        f'<th scope="col">{markup.text(n)}</th>'
        for n in [tr("coverage.matrix_kind"), *areas["name"]]
    )
    body = []
    for category, cells in rows.groupby("category", sort=False):
        if (cells["population"] <= 0).all():
            continue
        kind = city.categories[str(category)]
        section = f" § {kind.section}" if kind.section else ""
        name = f"{name_of(kind.names, language)}{section}"
        ordered = cells.set_index("area_id").loc[areas["area_id"]]
        body.append(
            f'<tr><th scope="row">{markup.text(name)}</th>'
            + "".join(_cell(cell) for cell in ordered.itertuples())
            + "</tr>"
        )
    caption = tr(
        "coverage.matrix_caption", group=group_in_words(group), mode=tr(f"filters.mode_{mode}")
    )
    return (
        f'<div class="sro-scroll" tabindex="0" role="region" aria-label="{markup.text(caption)}">'
        f'<table class="sro-table sro-matrix"><caption>{markup.text(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def _cell(cell: object) -> str:
    share = float(getattr(cell, "share"))  # noqa: B009
    missing = float(getattr(cell, "missing"))  # noqa: B009
    reason = str(getattr(cell, "reason") or "")  # noqa: B009
    if not np.isfinite(share):
        return "<td>–</td>"
    shade = palette.SEQUENTIAL[min(int(share * len(palette.SEQUENTIAL)), 4)]
    ink = palette.INK if palette.contrast(palette.INK, shade) >= 4.5 else "#ffffff"
    lines = [f"<strong>{session.percent(share)}</strong>"]
    if round(missing) > 0:
        count = session.number(missing)
        lines.append(markup.text(session.tr("coverage.matrix_missing", count=count)))
    if reason:
        lines.append(markup.text(session.tr(f"coverage.state.{reason}")))
    return f'<td style="background:{shade};color:{ink}">{"<br>".join(lines)}</td>'


def _largest(snapshot: Snapshot, table: pd.DataFrame) -> None:
    """List the gaps; a click tells who is in which situation, and so why it is a gap."""
    tr, language, city = session.tr, session.language(), snapshot.city
    st.html(markup.tag("h2", markup.text(tr("coverage.matrix_list")), class_="sro-small"))
    order = st.segmented_control(
        tr("coverage.matrix_sort"),
        _SORTINGS,
        default="missing",
        required=True,
        format_func=lambda s: tr(f"coverage.matrix_sort_{s}"),
        key="matrix_sort",
    )
    rows = table[(table["reason"].fillna("") != "") & (table["population"] > 0)]
    rows = rows.sort_values(
        [str(order), "missing", "name"], ascending=[order != "missing", False, True]
    ).head(_LISTED)
    entries = []
    for row in rows.itertuples():
        offer = name_of(city.categories[str(row.category)].names, language)
        group = group_in_words(str(row.age_group))
        entries.append(
            Entry(
                id=str(row.Index),
                title=tr("coverage.matrix_entry", offer=offer, group=group, area=row.name),
                subtitle=tr(
                    "coverage.matrix_entry_note",
                    share=session.percent(float(str(row.share))),
                    missing=session.number(float(str(row.missing))),
                    reason=tr(f"coverage.state.{row.reason}"),
                ),
                selected=st.session_state.get("matrix_chosen") == str(row.Index),
            )
        )
    left, right = st.columns([3, 2], gap="medium")
    with left:
        result_list(
            entries,
            label=tr("coverage.matrix_list"),
            key="matrix_entries",
            on_choose=_choose,
            height=420,
        )
    chosen = st.session_state.get("matrix_chosen")
    if chosen is not None and int(chosen) in rows.index:
        with right:
            st.html(_why(snapshot, rows.loc[[int(chosen)]], STATES))


def _choose(entry: str) -> None:
    st.session_state["matrix_chosen"] = entry


def _why(snapshot: Snapshot, rows: pd.DataFrame, states: Sequence[str]) -> str:
    tr, language = session.tr, session.language()
    row = rows.iloc[0]
    offer = name_of(snapshot.city.categories[str(row["category"])].names, language)
    caption = tr(
        "coverage.matrix_why",
        offer=offer,
        group=group_in_words(str(row["age_group"])),
        area=row["name"],
    )
    header = [tr("coverage.matrix_people"), tr("coverage.column_population")]
    cells = [
        [tr(f"coverage.state.{state}"), session.number(float(row[state]))]
        for state in states
        if round(float(row[state])) > 0
    ]
    return markup.table(caption, header, cells, numeric=[1])
