"""Relations between families and professionals that should last through a new plan: a note.

It is kept with the reason of the plan, below a line of its own, so that it goes wherever
the reason goes; whoever gives another reason keeps the note.
"""

from __future__ import annotations

from sro_geo.actions.access import DRAW, Actor, authorise
from sro_geo.actions.variants import plan_row
from sro_geo.actions.workspace import Workspace
from sro_geo.errors import SroError

MARK = "Beziehungen, die bleiben sollen:"
LONGEST = 2000


def relations_of(reason: str) -> str:
    """Return the note kept with the reason of a plan, empty where there is none."""
    return reason.partition(MARK)[2].strip()


def reason_alone(reason: str) -> str:
    """Return the reason of a plan without the note."""
    return reason.partition(MARK)[0].strip()


def with_relations(reason: str, relations: str) -> str:
    """Return a reason with this note instead of the one it has."""
    alone, note = reason_alone(reason), relations.strip()
    return "\n\n".join(part for part in (alone, f"{MARK}\n{note}" if note else "") if part)


def other_reason(reason: str, before: str) -> str:
    """Return a new reason with the note of the one before, unless it has its own."""
    return with_relations(reason, relations_of(reason) or relations_of(before))


def keep_relations(workspace: Workspace, plan: str, relations: str, *, actor: Actor) -> None:
    """Keep the note with a variant; an empty one is taken away.

    Raises
    ------
    SroError
        ``plan_unknown``, ``plan_adopted``, ``edited_meanwhile``.
    """
    authorise(actor, DRAW)
    row = plan_row(workspace.snapshot(), plan)
    if row["status"] == "adopted":
        raise SroError("plan_adopted", plan=str(row["name"]))
    before = row["reason"] if isinstance(row["reason"], str) else ""
    after = with_relations(before, relations[:LONGEST])
    if after == before:
        return
    with workspace.writing(actor, "note relations") as tx:
        version = int(row["row_version"])
        tx.update("plans", str(row["plan_id"]), {"reason": after or None}, expected_version=version)
