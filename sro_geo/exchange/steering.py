"""Plain tables: providers, teams, and who is responsible where."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sro_geo.exchange.areas import close_to
from sro_geo.exchange.casting import CHOICES, as_choices
from sro_geo.exchange.intake import Intake
from sro_geo.exchange.records import present
from sro_geo.exchange.schedule import read_schedule
from sro_geo.tables import PROVIDER_KINDS, TABLES


def providers_of(intake: Intake) -> dict[str, pd.DataFrame]:
    """Return the frame ``providers``; a file without ids gets ids made of the names."""
    name = intake.text("name")
    website = intake.text("website")
    contact = intake.joined_contact(("phone", "email"))
    kinds = as_choices(intake.text("kind"), PROVIDER_KINDS, CHOICES["provider_kind"])
    frame = pd.DataFrame(
        {
            "provider_id": intake.derived_ids("provider_id", "t", name),
            "name": name,
            "kind": kinds,
            "contact": contact,
            "website": website,
        }
    )
    intake.keep_known("providers", frame, ("kind", "website"))
    if not intake.has("phone") and not intake.has("email"):
        intake.keep_known("providers", frame, ("contact",))
    return {"providers": intake.checked("providers", frame)}


def teams_of(intake: Intake) -> dict[str, pd.DataFrame]:
    """Return the frame ``teams``."""
    frame = pd.DataFrame(
        {
            "team_id": intake.text("team_id"),
            "name": intake.text("name"),
            "contact": intake.joined_contact(),
            "address": intake.text("address"),
            "office_hours": intake.text("office_hours"),
        }
    )
    hours = intake.text("office_hours")
    unread = np.array([bool(v) and read_schedule(v)[1] != "" for v in hours], bool)
    where = intake.column("office_hours")
    intake.log.each(
        "office_hours_unreadable",
        unread,
        intake.rows,
        column=where,
        severity="note",
        values=hours,
    )
    intake.keep_known("teams", frame, ("contact", "address", "office_hours"))
    return {"teams": intake.checked("teams", frame)}


def responsibilities_of(intake: Intake) -> dict[str, pd.DataFrame]:
    """Return the frame ``responsibilities``; its areas and teams must be known."""
    table = TABLES["responsibilities"]
    frame = pd.DataFrame({column.name: intake.cast(table, column.name) for column in table.columns})
    for field, held in (("area_id", "areas"), ("team_id", "teams")):
        ids = frame[field].to_numpy(object)
        known = intake.known.ids(held)
        lost = present(ids) & ~np.isin(ids.astype(str), known)
        for position in np.flatnonzero(lost):
            intake.log.add(
                "reference_unknown",
                row=int(intake.rows[position]),
                column=intake.column(field),
                value=str(ids[position]),
                known=close_to(str(ids[position]), known),
            )
    start, end = frame["valid_from"], frame["valid_to"]
    crossed = (start.notna() & end.notna() & (start > end)).to_numpy(bool)
    where = intake.column("valid_to")
    intake.log.each(
        "dates_crossed", crossed, intake.rows, column=where, values=end.to_numpy(object)
    )
    return {"responsibilities": intake.checked("responsibilities", frame)}
