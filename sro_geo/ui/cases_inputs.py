"""What is asked of the released figures: year, level, help, age. All of it in the address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from sro_geo.actions.cases import CaseTable, versions_of, years_of
from sro_geo.cases import GROUPS, HELP_TYPES
from sro_geo.errors import SroError
from sro_geo.i18n import name_of
from sro_geo.store import Released
from sro_geo.ui import session
from sro_geo.ui.address import from_address, to_address
from sro_geo.ui.coverage_inputs import group_in_words

TOTAL = "total"
WITHOUT_28 = "total_without_28"
ALL_AGES = "all_ages"
RATE, COUNT = "rate", "count"


@dataclass(frozen=True)
class CaseQuestion:
    """What is shown: a year, a level, a kind of help (None: all), an age group (None: all)."""

    year: int
    level: str
    help_type: str | None
    age_group: str | None
    per: int
    shown: str
    version: str

    def of(self, table: CaseTable, level: str | None = None) -> pd.DataFrame:
        """Return the cells of a table that answer, one for each area of the level."""
        cells = table.cells[table.cells["level"] == (level or self.level)]
        return matching(cells, self.help_type, self.age_group)


def matching(cells: pd.DataFrame, help_type: str | None, age_group: str | None) -> pd.DataFrame:
    """Return the cells of one kind of help and one age group, places of help left aside."""
    kind = cells["help_type"].isna() if help_type is None else cells["help_type"] == help_type
    age = cells["age_group"].isna() if age_group is None else cells["age_group"] == age_group
    return cells[kind & age & cells["place"].isna()]


def help_in_words(code: str | None, *, short: bool = False) -> str:
    """Return a kind of help as people say it; ``short`` for axes and tables."""
    known = TOTAL if code is None else code
    section = "help_groups" if known in GROUPS else "help_types"
    return session.tr(f"{section}.{known}.{'short' if short else 'name'}")


def case_inputs(released: Released) -> CaseQuestion:
    """Draw the inputs and return the question; only what was released can be asked for.

    Raises ``SroError("cases_nothing_released")`` before the first release.
    """
    tr, language, city = session.tr, session.language(), released.city
    years = years_of(released)
    if not years:
        raise SroError("cases_nothing_released")
    from_address("cases_year", "year", years, years[-1])
    if st.session_state["cases_year"] not in years:
        st.session_state["cases_year"] = years[-1]
    year = int(st.session_state["cases_year"])
    known = versions_of(released, year)
    from_address("cases_version", "version", known, known[0])
    if st.session_state["cases_version"] not in known:
        st.session_state["cases_version"] = known[0]
    table = session.case_table(released, year, version=st.session_state["cases_version"])
    levels = [lv.level for lv in city.levels if (table.cells["level"] == lv.level).any()]
    lowest = city.lowest.level if city.lowest.level in levels else levels[-1]
    kinds = _kinds(table)
    ages = [ALL_AGES, *dict.fromkeys(table.cells["age_group"].dropna())]
    defaults: dict[str, tuple[Sequence[Any], Any]] = {
        "level": (levels, lowest),
        "help": (kinds, TOTAL),
        "age": (ages, ALL_AGES),
        "per": ((1000, 10000), 1000),
        "shown": ((RATE, COUNT), RATE),
    }
    for name, (options, default) in defaults.items():
        from_address(f"cases_{name}", name, options, default)
        if st.session_state.get(f"cases_{name}") not in options:
            st.session_state[f"cases_{name}"] = default
    row = st.container(
        horizontal=True, vertical_alignment="bottom", gap="medium", key="cases_asked"
    )
    if len(years) > 1:
        row.select_slider(tr("cases.year"), years, key="cases_year", width=260)
    row.selectbox(
        tr("cases.help"),
        kinds,
        key="cases_help",
        # The long names are said by the table; here they would be cut off.
        format_func=partial(help_in_words, short=True),
    )
    row.selectbox(
        tr("cases.level"),
        levels,
        key="cases_level",
        format_func=lambda name: name_of(city.level(name).plurals, language),
        width=190,
    )
    row.segmented_control(
        tr("cases.shown"),
        [RATE, COUNT],
        required=True,
        key="cases_shown",
        format_func=lambda s: tr(f"cases.shown_{s}"),
        width="content",
    )
    with row.popover(tr("coverage.more"), icon=":material/tune:", width=140):
        st.selectbox(
            tr("cases.age"),
            ages,
            key="cases_age",
            format_func=lambda g: tr("cases.all_ages") if g == ALL_AGES else group_in_words(g),
        )
        st.segmented_control(
            tr("cases.per"),
            [1000, 10000],
            required=True,
            key="cases_per",
            format_func=session.number,
        )
        if len(known) > 1:
            st.selectbox(
                tr("cases.version"),
                known,
                key="cases_version",
                format_func=lambda v: _version_in_words(released, v),
            )
    for name, (_, default) in defaults.items():
        to_address(f"cases_{name}", name, default)
    to_address("cases_year", "year", years[-1])
    to_address("cases_version", "version", known[0])
    state = st.session_state
    return CaseQuestion(
        year,
        state["cases_level"],
        None if state["cases_help"] == TOTAL else state["cases_help"],
        None if state["cases_age"] == ALL_AGES else state["cases_age"],
        int(state["cases_per"]),
        state["cases_shown"],
        state["cases_version"],
    )


def _kinds(table: CaseTable) -> list[str]:
    """Return the kinds of help there are figures for: all, groups, then single ones."""
    there = set(table.cells["help_type"].dropna())
    order = [WITHOUT_28, *GROUPS, *HELP_TYPES]
    return [TOTAL, *(code for code in order if code in there)]


def _version_in_words(released: Released, version: str) -> str:
    """Return an area version by the day it holds from."""
    own = released.areas[released.areas["version"] == version]
    start = own["valid_from"].dropna()
    if len(start):
        return session.tr("cases.version_from", date=session.day(str(start.iloc[0])))
    return session.tr("cases.version_first")
