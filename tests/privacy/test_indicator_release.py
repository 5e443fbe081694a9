"""Indicators beside the cases: released on their own, never the same numbers once more."""

from __future__ import annotations

import pandas as pd
import pytest

from sro_geo.actions.access import Actor
from sro_geo.actions.cases import case_table, load_released
from sro_geo.actions.importing import import_file
from sro_geo.actions.releasing import (
    approve_release,
    list_releases,
    propose_indicator,
    withdraw_release,
)
from sro_geo.actions.workspace import Workspace
from sro_geo.errors import SroError
from sro_geo.indicators import OF_CASES
from tests.privacy.counts import RULE

ANNA, BERT = Actor("Anna"), Actor("Bert")
YEAR = 2025


def bring(workspace: Workspace, indicator: str) -> None:
    """Import an indicator of one's own with a small number in each region's first space."""
    spaces = workspace.snapshot().current.of_level("social_space")["area_id"]
    rows = [f"{indicator},{area},{YEAR},{3 if n % 2 else 40},900" for n, area in enumerate(spaces)]
    data = "\n".join(["indicator,area_id,year,numerator,denominator", *rows]).encode()
    import_file(workspace, "indicators", data, name="i.csv", actor=ANNA)


def shown(workspace: Workspace, indicator: str) -> pd.DataFrame:
    """Return what is released of an indicator."""
    held = load_released(workspace.settings.workspace).indicators
    return held[held["indicator"] == indicator]


def test_an_indicator_with_hidden_cells_is_published(opened: Workspace) -> None:
    """The hidden ones without a number; a withdrawal takes all of it away."""
    bring(opened, "own_rate")
    made = propose_indicator(opened, "own_rate", YEAR, actor=ANNA)
    approve_release(opened, made.release.release_id, actor=BERT)
    found = shown(opened, "own_rate")
    assert set(found["status"]) == {"given", "suppressed"}
    assert found.loc[found["status"] == "suppressed", "numerator"].isna().all()
    withdraw_release(opened, made.release.release_id, actor=ANNA)
    assert shown(opened, "own_rate").empty


@pytest.mark.parametrize("indicator", sorted(OF_CASES))
def test_cases_do_not_go_out_as_an_indicator(opened: Workspace, indicator: str) -> None:
    """Another pattern of hidden cells beside the cases would give the numbers away."""
    bring(opened, indicator)
    with pytest.raises(SroError, match="indicator_of_cases"):
        propose_indicator(opened, indicator, YEAR, actor=ANNA)


def test_a_withdrawal_that_cannot_be_shown_is_none(
    opened: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the figures would stay, and nobody could take them back again."""

    def full(*_: object, **__: object) -> None:
        raise SroError("workspace_full", workspace="w")

    with monkeypatch.context() as broken:
        broken.setattr("sro_geo.actions.releasing.write_released", full)
        with pytest.raises(SroError, match="workspace_full"):
            withdraw_release(opened, "2025-1", actor=ANNA)
    states = {info.release_id: info.status for info in list_releases(opened, actor=ANNA)}
    assert states["2025-1"] == "approved"
    withdraw_release(opened, "2025-1", actor=ANNA)
    released = load_released(opened.settings.workspace)
    assert "2025-1" not in {str(release["release_id"]) for release in released.releases}
    assert case_table(released, YEAR).counting_rule == RULE["counting_rule"]
