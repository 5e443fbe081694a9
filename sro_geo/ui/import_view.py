"""Bring a file in: choose, see what was recognised, correct it, see every fault, take it in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

import streamlit as st
from starlette.formparsers import MultiPartParser

from sro_geo.actions.importing import prepare_import, run_import
from sro_geo.actions.protected_import import PROTECTED_KINDS
from sro_geo.actions.workspace import Workspace
from sro_geo.cases import COUNTING_RULES, UNITS
from sro_geo.errors import Fault, InputRefused, SroError
from sro_geo.exchange import KINDS, MAX_BYTES, Prepared
from sro_geo.i18n import describe, name_of
from sro_geo.ui import markup, session
from sro_geo.ui.frame import show_error, show_left_messages

# The server puts a larger part of an upload into a temporary file, and counts belong in none.
MultiPartParser.spool_max_size = MAX_BYTES
_FAULTS_SHOWN = 200
_ENDINGS = ("csv", "tsv", "txt", "xlsx", "geojson", "json")
_MORE = {"categories": ("toml",), "streets": ("pbf", "osm")}
# What is confidential comes from tables alone.
_TABLES = ("csv", "tsv", "txt", "xlsx")
_COLUMN_FAULTS = frozenset(
    [
        *("column_missing", "place_column_missing", "ages_missing", "reference_date_missing"),
        *("count_place_missing", "count_year_missing", "case_count_missing"),
        *("counting_rule_missing", "unit_missing", "help_type_missing"),
        *("list_help_type_missing", "list_begin_missing", "list_year_missing"),
        *("list_place_missing", "indicator_missing", "indicator_numbers_missing"),
    ]
)
_HEADINGS = {
    "error": "imports.error",
    "repair": "imports.repair_list",
    "note": "imports.note",
}


def import_panel(workspace: Workspace) -> None:
    """Draw the way in for files."""
    tr = session.tr
    show_left_messages()
    st.write(tr("imports.intro"))
    left, right = st.columns([1, 2])
    kind = left.selectbox(
        tr("imports.kind"),
        list(KINDS),
        index=None,
        format_func=lambda k: tr(f"tables.{k}"),
        placeholder=tr("imports.kind_hint"),
        key="import_kind",
    )
    upload = right.file_uploader(
        tr("imports.file"),
        type=_TABLES if kind in PROTECTED_KINDS else [*_ENDINGS, *_MORE.get(kind or "", ())],
        key=f"import_file_{st.session_state.get('import_round', 0)}",
    )
    said = _said_of_cases() if kind == "cases" else {}
    if kind is None and upload is not None:
        st.info(tr("imports.kind_missing"), icon=":material/arrow_upward:")
    if kind is None or upload is None:
        return
    repair = bool(st.session_state.get("import_repair"))
    estimate = bool(st.session_state.get("import_estimate"))
    mapping = _chosen_mapping(kind, upload.file_id) | said
    try:
        prepared = prepare_import(
            workspace,
            kind,
            upload.getvalue(),
            name=upload.name,
            mapping=mapping,
            repair=repair,
            estimate=estimate,
        )
    except SroError as error:
        show_error(error)
        return
    fault_lists(prepared.faults)
    _recognised(workspace, prepared, kind, upload.file_id)
    if any(fault.severity == "repair" for fault in prepared.faults) or repair:
        st.checkbox(tr("imports.repair"), key="import_repair")
    asked = any(fault.code == "population_needs_estimate" for fault in prepared.faults)
    if asked or (estimate and kind == "population"):
        st.checkbox(tr("imports.estimate"), key="import_estimate")
    rows = tr("imports.ready", rows=prepared.rows_read, file=prepared.file)
    if prepared.refused:
        st.warning(tr("imports.not_ready"), icon=":material/block:")
        return
    if st.button(markup.as_written(rows), type="primary", icon=":material/download_done:"):
        _take_in(workspace, prepared)


def _take_in(workspace: Workspace, prepared: Prepared) -> None:
    tr = session.tr
    try:
        report = run_import(workspace, prepared, actor=session.actor())
    except InputRefused as error:
        show_error(error)
        return
    except SroError as error:
        show_error(error)
        return
    # The rows of the file; the locations of offers are not counted beside them.
    added, changed = report.added.get(prepared.kind, 0), report.changed.get(prepared.kind, 0)
    if prepared.kind in PROTECTED_KINDS:
        session.say(tr(f"imports.done_{prepared.kind}", file=report.file))
    else:
        session.say(tr("imports.done", file=report.file, added=added, changed=changed))
    st.session_state["import_round"] = st.session_state.get("import_round", 0) + 1
    st.session_state.pop("import_repair", None)
    st.session_state.pop("import_estimate", None)
    st.rerun()


def _said_of_cases() -> dict[str, str]:
    """Ask what a file of cases may leave unsaid, and return it as fixed values."""
    tr = session.tr
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    year = row.text_input(tr("imports.cases_year"), key="import_year", max_chars=4, width=110)
    rule = row.selectbox(
        tr("fields.counting_rule"),
        COUNTING_RULES,
        index=None,
        key="import_rule",
        format_func=lambda name: tr(f"counting_rules.{name}.name"),
        placeholder=tr("imports.as_in_file"),
        width=320,
    )
    unit = row.selectbox(
        tr("fields.unit"),
        UNITS,
        index=None,
        key="import_unit",
        format_func=lambda name: tr(f"case_units.{name}.name"),
        placeholder=tr("imports.as_in_file"),
        width=220,
    )
    listed = st.checkbox(tr("imports.cases_list"), key="import_list")
    st.caption(tr("imports.cases_about_list" if listed else "imports.cases_about"))
    given = {"year": year.strip(), "counting_rule": rule, "unit": unit}
    said = {field: f"={value}" for field, value in given.items() if value}
    return said | ({"case_list": "=yes"} if listed else {})


def _chosen_mapping(kind: str, file_id: str) -> dict[str, str]:
    prefix = f"map|{kind}|{file_id}|"
    return {
        str(key).removeprefix(prefix): value or ""
        for key, value in st.session_state.items()
        if str(key).startswith(prefix)
        and value != st.session_state.get(f"was|{str(key).removeprefix('map|')}")
    }


def _recognised(workspace: Workspace, prepared: Prepared, kind: str, file_id: str) -> None:
    tr = session.tr
    reading = tr(
        "imports.reading",
        rows=prepared.rows_read,
        encoding=prepared.encoding or "–",
        delimiter=_DELIMITERS.get(prepared.delimiter, prepared.delimiter) or "–",
        crs=prepared.crs or "–",
    )
    st.caption(markup.as_written(reading))
    # Only a missing column is mended there; other faults are mended in the file.
    missing = any(fault.code in _COLUMN_FAULTS for fault in prepared.faults)
    with st.expander(tr("imports.columns"), expanded=missing):
        found = [entry.source for entry in prepared.recognised if entry.source]
        columns = list(dict.fromkeys([*found, *prepared.unused]))
        boxes = st.columns(3)
        for position, entry in enumerate(prepared.recognised):
            key = f"map|{kind}|{file_id}|{entry.field}"
            source = entry.source if entry.source in columns else None
            fixed = {} if kind == "categories" else _fixed_values(workspace, entry.field)
            if key not in st.session_state:
                st.session_state[key] = source
                st.session_state[f"was|{key.removeprefix('map|')}"] = source
            boxes[position % 3].selectbox(
                _label(entry.field),
                [*columns, *fixed],
                key=key,
                index=None,
                placeholder=tr("imports.no_column"),
                # A fixed value for every row is written with "=": =2025-12-31
                accept_new_options=True,
                format_func=partial(_named, fixed),
            )
        st.caption(tr("imports.fixed_hint"))
        if prepared.unused:
            st.caption(markup.as_written(tr("imports.unused", columns=", ".join(prepared.unused))))


def _named(names: Mapping[str, str], value: str) -> str:
    return names.get(value, value)


def _fixed_values(workspace: Workspace, field: str) -> dict[str, str]:
    """Return fixed values to offer for a field, ``=value`` with the words shown for it."""
    if field != "category":
        return {}
    return {
        f"={c.category}": session.tr("imports.fixed", value=name_of(c.names, session.language()))
        for c in workspace.city.categories.values()
    }


_DELIMITERS = {";": "Semikolon", ",": "Komma", "\t": "Tabulator", "|": "|"}


def _label(field: str) -> str:
    try:
        return session.tr(f"fields.{field}")
    except KeyError:
        return field


def fault_lists(found: Iterable[Fault]) -> None:
    """List faults by how grave they are, each with its row and what helps."""
    tr, language = session.tr, session.language()
    every = list(found)
    for severity in _HEADINGS:
        faults = [fault for fault in every if fault.severity == severity]
        if not faults:
            continue
        with st.expander(tr(_HEADINGS[severity], count=len(faults)), expanded=severity != "note"):
            header = [tr(f"imports.column_{c}") for c in ("row", "column", "message", "remedy")]
            rows = [_fault_row(fault, language) for fault in faults[:_FAULTS_SHOWN]]
            st.html(markup.table(tr(_HEADINGS[severity], count=len(faults)), header, rows))
            if len(faults) > _FAULTS_SHOWN:
                st.caption(tr("imports.more", count=len(faults) - _FAULTS_SHOWN))


def _fault_row(fault: Fault, language: str) -> list[str]:
    message, remedy = describe(fault, language)
    return ["" if fault.row is None else str(fault.row), fault.column, message, remedy]
