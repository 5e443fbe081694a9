"""Releases the illustrative city comes with: made by the gate once, kept beside the counts.

``python -m sro_geo.actions.sample_releases data`` puts the invented counts through the gate
as two invented people would, following ``cases/releases.toml``, and writes what stands in the
ledger then to ``cases/ledger.json``. A workspace made from the folder takes it over: to choose
what to hide takes the gate half a minute, and nobody should wait so long on the first day.
"""

from __future__ import annotations

import json
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from sro_geo.actions.releasing import (
    counts_of,
    persons_of_year,
    publish_released,
    rules_of,
    version_of,
)
from sro_geo.actions.workspace import Workspace, open_workspace
from sro_geo.disclosure import Cut, Ledger, approve, draft
from sro_geo.errors import SroError
from sro_geo.settings import Settings

WANTED, LEDGER = "cases/releases.toml", "cases/ledger.json"


def take_over(workspace: Workspace, source: Path) -> None:
    """Put the ledger of an illustrative city into its new workspace, and show what it holds.

    A real city makes its own releases, with two people: a ledger beside its data is not read.
    """
    file = source / LEDGER
    if workspace.city.sample_data and file.is_file():
        held = json.loads(file.read_text(encoding="utf-8"))
        plans = set(workspace.snapshot().tables["plans"]["plan_id"])
        if not {row[0] for row in held["versions"]} <= plans:
            raise SroError("ledger_damaged")
        with workspace.protecting() as tx:
            for row in held["versions"]:
                tx.add_version(*row)
            for row in held["releases"]:
                tx.add_release(*row)
            for row in held["events"]:
                tx.add_event(*row)
    publish_released(workspace)


def made_by_the_gate(workspace: Workspace, wanted: dict[str, Any]) -> Ledger:
    """Return the ledger after every release of ``releases.toml`` was proposed and approved."""
    snapshot, ledger = workspace.snapshot(), Ledger()
    version, rules = version_of(snapshot), rules_of(snapshot)
    for year in wanted["years"]:
        persons, _ = persons_of_year(snapshot, year)
        for number, cut in enumerate(wanted["cuts"], start=1):
            made = draft(
                counts_of(workspace.protected, year, ledger, snapshot),
                version,
                persons,
                Cut(tuple(cut["levels"]), cut["by_type"], (), bool(cut.get("by_place", False))),
                rules,
                ledger,
                release_id=f"{year}-{number}",
                at=f"{year + 1}-03-02T09:{number:02d}:00+00:00",
                by=wanted["proposed_by"],
            )
            if made.violations:
                raise SroError("release_blocked", count=len(made.violations))
            ledger = ledger.adding(release=made.release, version=version)
            at = f"{year + 1}-03-16T10:{number:02d}:00+00:00"
            event = approve(ledger, made.release.release_id, by=wanted["approved_by"], at=at)
            ledger = ledger.adding(event=event)
    return ledger


def ledger_text(ledger: Ledger) -> str:
    """Return the ledger as the text that is kept, the same for the same ledger."""
    document = {
        "versions": [list(version.to_row()) for version in ledger.versions.values()],
        "releases": [list(release.to_row()) for release in ledger.releases],
        "events": [list(event.to_row()) for event in ledger.events],
    }
    return json.dumps(document, ensure_ascii=False, indent=0) + "\n"


def main(folder: Path) -> None:
    """Make the ledger of the city in ``folder`` anew."""
    wanted = tomllib.loads((folder / WANTED).read_text(encoding="utf-8"))
    (folder / LEDGER).unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as name:
        settings = Settings(workspace=Path(name) / "workspace", sample=folder)
        workspace = open_workspace(settings)
        text = ledger_text(made_by_the_gate(workspace, wanted))
        workspace.close()
    (folder / LEDGER).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
