"""Errors meant for people: a stable code and parameters, put into words at the edge.

Nothing in here holds a sentence. ``sro_geo.i18n.describe`` turns a code with its
parameters into a German or English message with a remedy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


class SroError(Exception):
    """Something the user can understand and mend.

    Parameters
    ----------
    code
        Key in the section ``errors`` of the translations, e.g. ``workspace_read_only``.
    params
        Values named in the translated sentence. Never a case count, never an address of
        a protected place.
    """

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params: Mapping[str, Any] = params

    def __str__(self) -> str:
        inside = ", ".join(f"{key}={value!r}" for key, value in self.params.items())
        return f"{self.code}({inside})"


@dataclass(frozen=True)
class Fault:
    """One thing wrong in a file that is to be imported.

    ``row`` counts as the user's spreadsheet does: the header is row 1, so the first
    record is row 2; in a GeoJSON file the first feature is 1. ``None`` where a fault
    belongs to the file as a whole. ``severity`` is ``"error"`` (nothing is imported),
    ``"repair"`` (imported only with consent to the repair described) or ``"note"``
    (imported as it is, and said).
    """

    code: str
    file: str = ""
    row: int | None = None
    column: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    severity: str = "error"


class InputRefused(SroError):
    """An import or a form that was refused as a whole; ``faults`` lists every reason.

    ``code`` is ``form_refused`` for a form: nobody brought a file.
    """

    def __init__(self, file: str, faults: Iterable[Fault], *, code: str = "input_refused") -> None:
        self.faults = tuple(faults)
        super().__init__(code, file=file, count=len(self.faults))


@dataclass(frozen=True)
class Finding:
    """One remark on the quality of what the workspace holds (``check``)."""

    table: str
    id: str
    rule: str
    params: Mapping[str, Any] = field(default_factory=dict)
