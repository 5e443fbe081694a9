"""Indicators of the spaces: side by side, several formulas at once, with how far ranks shift."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from sro_geo.actions.cases import CaseTable
from sro_geo.indicators import (
    FORMULAS,
    INDICATORS,
    indicator_table,
    sensitivity,
    status_dynamics,
)
from sro_geo.store.released import Released
from sro_geo.ui import markup, session
from sro_geo.ui.cases_inputs import CaseQuestion


def indicators_panel(released: Released, question: CaseQuestion, table: CaseTable) -> None:
    """Show the indicators of a level, indices by four formulas, and status × dynamics."""
    tr = session.tr
    rows = released.indicators
    rows = rows[rows["level"] == question.level]
    if rows.empty:
        st.info(tr("cases.indicators_none"), icon=":material/info:")
        return
    years = sorted({int(y) for y in rows["year"]})
    year = question.year if question.year in years else years[-1]
    st.write(tr("cases.indicators_intro"))
    there = list(dict.fromkeys(str(i) for i in rows["indicator"]))
    known = [*(i for i in INDICATORS if i in there), *(i for i in there if i not in INDICATORS)]
    chosen = st.multiselect(
        tr("cases.choose_indicators"),
        known,
        default=known,
        key="cases_indicators",
        format_func=_name,
    )
    if not chosen:
        return
    rows = rows[rows["indicator"].isin(chosen)]
    names = _names(released)
    rates = indicator_table(rows, year)
    rates = rates[[c for c in chosen if c in rates.columns]]
    hidden = rows[rows["year"] == year].set_index(["area_id", "indicator"])["status"]
    header = [tr("cases.column_area"), *(_name(c, short=True) for c in rates.columns)]
    shown = [
        [
            names.get(str(area), str(area)),
            *(
                _figure(value, hidden.get((area, column)))
                for value, column in zip(row, rates.columns, strict=True)
            ),
        ]
        for area, row in zip(rates.index, rates.to_numpy(float), strict=True)
    ]
    caption = tr("cases.indicators_caption", year=year)
    st.html(markup.table(caption, header, shown, numeric=range(1, len(header))))
    st.caption(markup.as_written(_sources(rows[rows["year"] == year])))
    _ranks(rates, names)
    if year - 1 in years:
        before = indicator_table(rows, year - 1)
        _dynamics(rates, before, names)


def _ranks(rates: pd.DataFrame, names: dict[str, str]) -> None:
    """Show the place of each area under every formula, and how far weights can shift it."""
    tr = session.tr
    places = sensitivity(rates)
    columns = [("formula", name) for name in FORMULAS]
    header = [
        tr("cases.column_area"),
        *(tr(f"index_formulas.{name}.name") for name in FORMULAS),
        tr("cases.column_ranks"),
    ]
    order = places["formula", next(iter(FORMULAS))].sort_values(na_position="last").index
    shown = []
    for area in order:
        low, high = places.loc[area, ("range", "best")], places.loc[area, ("range", "worst")]
        span = "–" if pd.isna(low) else (f"{low}" if low == high else f"{low}–{high}")
        shown.append([names.get(area, area), *(_place(places.loc[area, c]) for c in columns), span])
    st.html(markup.table(tr("cases.ranks_caption"), header, shown, numeric=range(1, len(header))))


def _dynamics(now: pd.DataFrame, before: pd.DataFrame, names: dict[str, str]) -> None:
    """Show status and dynamics side by side: two words, never one number."""
    tr = session.tr
    both = status_dynamics(now, before)
    shown = [
        [names.get(str(area), str(area)), _word("index_classes", s), _word("index_dynamics", d)]
        for area, s, d in zip(both.index, both["status_class"], both["dynamics_class"], strict=True)
    ]
    header = [tr("cases.column_area"), tr("cases.column_status"), tr("cases.column_dynamics")]
    caption = f"{tr('cases.column_status')} × {tr('cases.column_dynamics')}"
    st.html(markup.table(caption, header, shown))


def _word(section: str, name: Any) -> str:
    return session.tr(f"{section}.{name}") if isinstance(name, str) else "–"


def _place(value: Any) -> str:
    return session.tr("cases.no_rank") if pd.isna(value) else str(int(value))


def _figure(value: float, status: Any) -> str:
    """Return a rate; a hidden one says so, a gap is a dash, neither is 0."""
    if np.isfinite(value):
        return session.decimal(float(value))
    if isinstance(status, str) and status.startswith("suppressed"):
        return session.tr("cases.status_suppressed")
    return session.tr("cases.status_missing")


def _name(indicator: str, *, short: bool = False) -> str:
    if indicator not in INDICATORS:
        return indicator
    return session.tr(f"indicators.{indicator}.{'short' if short else 'name'}")


def _names(released: Released) -> dict[str, str]:
    areas = released.areas
    return {str(a): str(n) for a, n in zip(areas["area_id"], areas["name"], strict=True)}


def _sources(rows: pd.DataFrame) -> str:
    said = sorted({str(s) for s in rows["source"].dropna()})
    return "; ".join(said)
