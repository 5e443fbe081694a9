"""What is read of several releases of one year."""

from __future__ import annotations

import dataclasses

from sro_geo.actions.cases import case_table, load_released
from tests.conftest import CommandLine


def test_of_two_released_numbers_the_later_release_counts(sro: CommandLine) -> None:
    """The raw data were revised in between; what is hidden later stays as it was shown."""
    released = load_released(sro.workspace)
    cells = released.cells.copy()
    total = (cells["level"] == "city") & cells["help_type"].isna() & cells["place"].isna()
    own = {name: total & (cells["release_id"] == name) for name in ("2025-1", "2025-2", "2025-3")}
    before = int(cells.loc[own["2025-1"], "count"].iloc[0])
    cells.loc[own["2025-2"], "count"] = before + 7
    cells.loc[own["2025-3"], ["status", "count"]] = ["suppressed", None]
    table = case_table(dataclasses.replace(released, cells=cells), 2025)
    shown = table.cells[(table.cells["level"] == "city") & table.cells["help_type"].isna()]
    shown = shown[shown["place"].isna() & shown["age_group"].isna()]
    assert shown["count"].tolist() == [before + 7]
