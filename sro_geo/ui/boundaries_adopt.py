"""The decision: from when a variant is in force, and what stands in its way."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from sro_geo.actions.adopting import adopt, adoption_findings
from sro_geo.actions.planning import list_plans
from sro_geo.actions.planning_relations import reason_alone
from sro_geo.actions.workspace import Snapshot
from sro_geo.errors import SroError
from sro_geo.i18n import describe
from sro_geo.plans import Plan
from sro_geo.ui import session
from sro_geo.ui.markup import as_written


def adoption_panel(snapshot: Snapshot, plan: Plan) -> None:
    """Say what is in the way, ask for the day and the basis, and adopt."""
    tr = session.tr
    if plan.status == "adopted":
        own = next(p for p in list_plans(snapshot) if p.plan_id == plan.plan_id)
        start = _day(own.valid_from) or tr("boundaries.adopt_always")
        end = _day(own.valid_to) or tr("boundaries.adopt_open")
        st.write(tr("boundaries.adopt_adopted", start=start, end=end))
        return
    st.write(tr("boundaries.adopt_intro"))
    found = adoption_findings(snapshot, plan)
    if found:
        lines = []
        for finding in found:
            what, how = describe(finding, session.language())
            lines.append(f"- {as_written(what)} {as_written(how)}")
        said = tr("boundaries.adopt_blocked")
        st.warning(said + "\n" + "\n".join(lines), icon=":material/block:")
    else:
        st.success(tr("boundaries.adopt_ready"), icon=":material/check:")
    row = st.container(horizontal=True, vertical_alignment="bottom")
    day = row.date_input(
        tr("boundaries.adopt_from"),
        _next_month(snapshot.today),
        key="adopt_from",
        format="DD.MM.YYYY",
        width=200,
    )
    reason = row.text_input(
        tr("boundaries.adopt_reason"), reason_alone(plan.reason), key="adopt_reason"
    )
    sure = st.checkbox(tr("boundaries.adopt_sure"), key=f"adopt_sure:{plan.plan_id}")
    st.button(
        tr("boundaries.adopt_do"),
        type="primary",
        disabled=bool(found) or not sure or not isinstance(day, dt.date),
        on_click=_adopt,
        args=(plan, day, reason),
    )


def _next_month(today: dt.date) -> dt.date:
    return (today.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def _day(iso: str | None) -> str:
    if not iso:
        return ""
    day = dt.date.fromisoformat(iso)
    return day.strftime("%d.%m.%Y") if session.language() == "de" else day.isoformat()


def _adopt(plan: Plan, day: dt.date, reason: str) -> None:
    tr = session.tr
    try:
        done = adopt(
            session.workspace(), plan.plan_id, day.isoformat(), actor=session.actor(), reason=reason
        )
    except SroError as error:
        session.refuse(error)
        return
    said = tr("boundaries.adopt_done", name=plan.name, date=_day(day.isoformat()))
    if done.without_team:
        names = ", ".join(name for _, name in done.without_team)
        said += " " + tr("boundaries.adopt_no_team", names=names)
    session.say(said)
