"""Raw counts of one year: what the gate takes in, and nobody else looks at."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True, repr=False, eq=False)
class Counts:
    """Raw counts of one year in one counting rule and one unit.

    They are secret until the gate released them, so neither ``repr`` nor ``str`` shows a
    number of them, not even how many rows there are.

    Parameters
    ----------
    frame
        Columns place_id, place_kind (``block`` or ``area``), help_type, age_from (int),
        age_to (Int64, NA where open), place_of_help, case_count (int).
    help_types
        The helps recorded that year: where a combination of these is absent it is 0;
        a help that is not among them is missing, which is not 0.
    """

    year: int
    counting_rule: str
    unit: str
    frame: pd.DataFrame
    help_types: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Counts({self.year}, {self.counting_rule}, {self.unit})"
