"""Who may do what. Denied unless listed; pages hide nothing that is not refused here."""

from __future__ import annotations

from dataclasses import dataclass

from sro_geo.errors import SroError

READ = "read"
EDIT_OFFERS = "edit_offers"
IMPORT = "import"
DRAW = "draw_plans"
TELL = "tell_stories"
ADOPT = "adopt_plan"
BACKUP = "backup"
PROPOSE = "propose_release"
APPROVE = "approve_release"

_ALLOWED: dict[str, frozenset[str]] = {
    "reader": frozenset({READ}),
    "coordinator": frozenset({READ, EDIT_OFFERS, TELL}),
    "planner": frozenset({READ, EDIT_OFFERS, IMPORT, DRAW, ADOPT, TELL, PROPOSE, APPROVE}),
    "administrator": frozenset(
        {READ, EDIT_OFFERS, IMPORT, DRAW, ADOPT, TELL, PROPOSE, APPROVE, BACKUP}
    ),
}


@dataclass(frozen=True)
class Actor:
    """Who acts: the name beside a change, and a role.

    Until logins come, whoever reaches the program (it listens on this machine only) acts
    as administrator.
    """

    name: str
    role: str = "administrator"


def authorise(actor: Actor, action: str) -> None:
    """Raise ``SroError("not_allowed")`` unless the actor's role lists the action."""
    if action not in _ALLOWED.get(actor.role, frozenset()):
        raise SroError("not_allowed", action=action, role=actor.role)
