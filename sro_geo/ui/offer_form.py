"""The form for a new or changed offer; a click on the map sets its point."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from sro_geo.actions.asking import plain, search_place
from sro_geo.actions.editing import read_hours, save_offer
from sro_geo.actions.workspace import Snapshot
from sro_geo.errors import SroError
from sro_geo.i18n import name_of
from sro_geo.offers.directory import service_area_ids
from sro_geo.offers.hours import hours_in_words
from sro_geo.tables import OFFER_KINDS, OFFER_STATUS, REACH_LEVELS, WORK_LEVELS
from sro_geo.ui import session
from sro_geo.ui.frame import show_error
from sro_geo.ui.markup import as_written

_TEXTS = ["target_group", "languages", "accessibility", "cost", "schedule", "contact", "source"]
_PLACE = ("address", "postal_code", "city")


def start_form(row: dict[str, Any] | None) -> None:
    """Begin to edit the values of ``row``, or a new offer with None."""
    values = dict(row or {"status": "active"})
    st.session_state["form"] = {
        "offer_id": values.get("offer_id"),
        "version": values.get("row_version"),
        "key": session.fresh_key(),
    }
    _forget()
    for name, value in values.items():
        st.session_state[f"form_{name}"] = plain(value)
    st.session_state["form_service"] = service_area_ids(values.get("service_area"))


def set_point(lat: float, lon: float) -> None:
    """Take a click on the map as the point of the offer."""
    st.session_state["form_lat"], st.session_state["form_lon"] = round(lat, 6), round(lon, 6)


def form_open() -> bool:
    """Tell whether somebody is editing."""
    return "form" in st.session_state


def form_point() -> tuple[float, float] | None:
    """Return (lat, lon) of the point in the form."""
    if st.session_state.get("form_protected"):
        return None  # the map shows no point that will not be kept
    lat, lon = st.session_state.get("form_lat"), st.session_state.get("form_lon")
    return (lat, lon) if lat is not None and lon is not None else None


def close_form() -> None:
    """Leave the form; nothing is written, and nothing of it is left."""
    st.session_state.pop("form", None)
    _forget()


def _forget() -> None:
    for name in [key for key in st.session_state if str(key).startswith("form_")]:
        del st.session_state[name]


def offer_form(snapshot: Snapshot) -> str | None:
    """Draw the form; return the id of the offer when it was saved in this run."""
    tr = session.tr
    editing = st.session_state["form"]["offer_id"] is not None
    st.subheader(tr("form.edit" if editing else "form.new"), anchor=False)
    st.caption(as_written(tr("form.required")))
    _text("name", required=True)
    _choice("category", list(snapshot.city.categories), _category_name(snapshot), required=True)
    held = snapshot.tables["providers"]
    providers = dict(zip(held["provider_id"].astype(str), held["name"].astype(str), strict=True))
    _choice("provider_id", list(providers), lambda p: providers.get(p, p), new=True)
    st.text_area(tr("form.description"), key="form_description", height=90, persist_state="session")
    left, right = st.columns(2)
    left.number_input(tr("form.age_min"), 0, 120, None, key="form_age_min", persist_state="session")
    right.number_input(
        tr("form.age_max"), 0, 130, None, key="form_age_max", persist_state="session"
    )
    st.toggle(tr("form.low_threshold"), key="form_low_threshold", persist_state="session")
    st.toggle(
        tr("form.protected"),
        key="form_protected",
        help=tr("form.protected_help"),
        persist_state="session",
    )
    if not st.session_state.get("form_protected"):
        _place_fields(snapshot)
    areas = [str(a) for a in snapshot.current.areas["area_id"]]
    st.multiselect(
        # A protected place keeps nothing but its area.
        _label("service_area", bool(st.session_state.get("form_protected"))),
        areas,
        key="form_service",
        format_func=lambda a: snapshot.current.names.get(a, a),
        help=tr("form.service_help"),
        placeholder=tr("form.none"),
        persist_state="session",
    )
    _hours()
    _text("contact")
    with st.expander(tr("form.more")):
        for name in ("target_group", "cost", "languages", "accessibility", "source"):
            _text(name)
        st.number_input(
            tr("form.capacity"), 0, None, None, key="form_capacity", persist_state="session"
        )
        _choice("work_level", WORK_LEVELS, lambda v: tr(f"choices.work_level.{v}"))
        _choice("kind", OFFER_KINDS, lambda v: tr(f"choices.kind.{v}"))
        _choice("reach_level", REACH_LEVELS, lambda v: tr(f"choices.reach_level.{v}"))
        _choice("status", OFFER_STATUS, lambda v: tr(f"choices.status.{v}"))
    st.text_input(
        tr("form.editor"), key="editor_name", help=tr("form.editor_help"), persist_state="session"
    )
    save, cancel = st.columns(2)
    cancel.button(tr("form.cancel"), on_click=close_form, width="stretch")
    if save.button(tr("form.save"), type="primary", width="stretch"):
        return _save()
    return None


def _label(name: str, required: bool = False) -> str:
    """Return the label of a field; what has to be filled in carries a star."""
    # A star that stands alone is no Markdown, and an escaped one would be read out.
    return session.tr(f"form.{name}") + (" *" if required else "")


def _text(name: str, *, required: bool = False) -> None:
    st.text_input(_label(name, required), key=f"form_{name}", persist_state="session")


def _hours() -> None:
    """Opening hours, and how they are read: the notation is not everybody's."""
    tr = session.tr
    st.text_input(
        tr("form.schedule"),
        key="form_schedule",
        help=tr("form.schedule_help"),
        live=True,
        persist_state="session",
    )
    written = (st.session_state.get("form_schedule") or "").strip()
    if not written:
        return
    hours = read_hours(written)
    if hours.readable:
        st.caption(as_written(", ".join(hours_in_words(written, session.language()))))
        return
    st.caption(as_written(tr("form.schedule_unreadable")))
    if hours.meant:
        st.button(
            as_written(tr("form.schedule_meant", schedule=hours.meant)),
            on_click=_take_hours,
            args=(hours.meant,),
            icon=":material/auto_fix_high:",
        )


def _take_hours(schedule: str) -> None:
    st.session_state["form_schedule"] = schedule


def _category_name(snapshot: Snapshot) -> Any:
    names = {
        c.category: name_of(c.names, session.language()) for c in snapshot.city.categories.values()
    }
    return lambda value: names.get(value, value)


def _choice(
    name: str, options: Sequence[str], words: Any, *, new: bool = False, required: bool = False
) -> None:
    held = st.session_state.get(f"form_{name}")
    known = list(options) + ([held] if held is not None and held not in options else [])
    st.selectbox(
        _label(name, required),
        known,
        index=None,
        key=f"form_{name}",
        format_func=words,
        placeholder=session.tr("form.none"),
        # A provider nobody has entered yet is written by its name.
        accept_new_options=new,
        help=session.tr(f"form.{name}_help") if new else None,
        persist_state="session",
    )


def _place_fields(snapshot: Snapshot) -> None:
    tr = session.tr
    street, code, town = st.columns([3, 1.4, 2])
    for column, name in zip((street, code, town), _PLACE, strict=True):
        column.text_input(tr(f"form.{name}"), key=f"form_{name}", persist_state="session")
    point = form_point()
    shown = (
        tr("form.point_at", lat=f"{point[0]:.5f}", lon=f"{point[1]:.5f}")
        if point
        else tr("form.point_none")
    )
    st.caption(shown)
    find, drop = st.columns(2)
    find.button(
        tr("form.point_find"),
        on_click=_point_from_address,
        args=(snapshot,),
        icon=":material/pin_drop:",
        width="stretch",
    )
    drop.button(
        tr("form.point_drop"),
        on_click=_drop_point,
        disabled=point is None,
        width="stretch",
    )
    if note := st.session_state.pop("form_note", None):
        st.info(as_written(note))


def _drop_point() -> None:
    st.session_state["form_lat"] = st.session_state["form_lon"] = None


def _point_from_address(snapshot: Snapshot) -> None:
    """Look the address up in the workspace's own gazetteer."""
    address = st.session_state.get("form_address") or ""
    hits = [h for h in search_place(snapshot, address) if h.kind in ("address", "street")]
    if not hits:
        st.session_state["form_note"] = session.tr("form.point_unknown")
        return
    set_point(*snapshot.degrees(hits[0].x, hits[0].y))
    st.session_state["form_note"] = session.tr("form.point_found", label=hits[0].label)


def _save() -> str | None:
    form = st.session_state["form"]
    value = st.session_state.get
    names = "name category provider_id description age_min age_max capacity work_level kind "
    names += "reach_level status low_threshold protected lat lon"
    values: dict[str, Any] = {name: value(f"form_{name}") for name in names.split()}
    for name in (*_TEXTS, *_PLACE):
        words = (value(f"form_{name}") or "").strip()
        values[name] = words or None
    values["name"] = (values["name"] or "").strip() or None
    values["service_area"] = " ".join(value("form_service") or ()) or None
    values["status"] = values["status"] or "active"
    try:
        offer_id = save_offer(
            session.workspace(),
            values,
            actor=session.actor(),
            offer_id=form["offer_id"],
            expected_version=form["version"],
            idempotency_key=form["key"],
        )
    except SroError as error:
        show_error(error)
        return None
    close_form()
    session.say(session.tr("form.saved"))
    return offer_id
