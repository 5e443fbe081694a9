"""From a file to tables that are ready to be written, with the list of all its faults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sro_geo.city import City
from sro_geo.errors import Fault, SroError
from sro_geo.exchange.areas import areas_of, blocks_of
from sro_geo.exchange.categories import categories_of, read_categories_toml
from sro_geo.exchange.ground import addresses_of, basemap_of, streets_of
from sro_geo.exchange.intake import Intake, Known
from sro_geo.exchange.kinds import KINDS, fields_of
from sro_geo.exchange.offers import offers_of
from sro_geo.exchange.osm import osm_suffix, read_osm
from sro_geo.exchange.population import population_of
from sro_geo.exchange.reading import MAX_BYTES, clean, file_name, read_bytes, read_records
from sro_geo.exchange.recognise import Recognised, recognise
from sro_geo.exchange.records import FaultLog, Records, listed
from sro_geo.exchange.steering import providers_of, responsibilities_of, teams_of
from sro_geo.exchange.write import NOTE_COLUMN

_Maker = Callable[[Intake], dict[str, pd.DataFrame]]
_MAKERS: Mapping[str, _Maker] = {
    "areas": areas_of,
    "blocks": blocks_of,
    "population": population_of,
    "offers": offers_of,
    "providers": providers_of,
    "addresses": addresses_of,
    "streets": streets_of,
    "basemap": basemap_of,
    "teams": teams_of,
    "responsibilities": responsibilities_of,
    "categories": categories_of,
}


@dataclass(frozen=True)
class Prepared:
    """A file that was read and checked; nothing of it is written yet.

    ``frames`` maps tables of the store to rows in the city's CRS, with the repairs already
    made that ``faults`` of severity ``repair`` describe; they may be written only where
    ``refused`` is False. ``recognised`` says for each field where it comes from, ``unused``
    which columns say nothing the workspace keeps.
    """

    kind: str
    file: str
    frames: Mapping[str, pd.DataFrame]
    faults: tuple[Fault, ...]
    recognised: tuple[Recognised, ...]
    unused: tuple[str, ...]
    rows_read: int
    reference_date: str | None
    encoding: str
    delimiter: str
    crs: str
    repair: bool = False

    @property
    def refused(self) -> bool:
        """True with any error, or any repair that was not consented to."""
        stops = ("error",) if self.repair else ("error", "repair")
        return any(fault.severity in stops for fault in self.faults)


def prepare(
    kind: str,
    source: Path | bytes,
    city: City,
    *,
    name: str | None = None,
    mapping: Mapping[str, str] | None = None,
    repair: bool = False,
    estimate: bool = False,
    known: Known | None = None,
    max_bytes: int = MAX_BYTES,
) -> Prepared:
    """Read a file, recognise its columns, and check it against the city and what is known.

    Parameters
    ----------
    kind
        One of ``KINDS``.
    source
        A file, or the content of one (an upload) with its ``name``.
    mapping
        Corrections: field → column, field → ``=constant``, field or column → empty (leave
        it out); and the options ``decimal``, ``encoding``, ``delimiter``, ``sheet``,
        ``crs``, ``year``. Age columns of a population file: ``age:COLUMN`` → ``18-29``.
    repair
        Consent to the repairs the faults describe.
    estimate
        Consent to spread population given for larger areas over their blocks.
    known
        What the workspace already holds.

    Raises
    ------
    SroError
        For a file that cannot be read at all: ``file_missing``, ``file_empty``,
        ``file_too_large``, ``file_type_unsupported``, ``file_malformed`` …; everything
        wrong *inside* a file is in ``faults``, all of it.
    """
    if kind not in KINDS:
        raise SroError("kind_unknown", kind=kind, known=", ".join(KINDS))
    mapping = dict(mapping or {})
    file = file_name(source, name)
    log = FaultLog(file)
    records = _read(kind, source, file, city, mapping, log, max_bytes)
    clean(records, log)
    columns = list(records.columns)
    recognised = recognise(fields_of(KINDS[kind], city), columns, mapping, log)
    rows_read = len(records)
    intake = Intake(
        KINDS[kind],
        city,
        known or Known(),
        records,
        {entry.field: entry for entry in recognised},
        mapping,
        log,
        estimate,
    )
    frames = _MAKERS[kind](intake)
    recognised = tuple(intake.recognised.values())
    used = {entry.source for entry in recognised}
    unused = tuple(column for column in columns if column not in used)
    known_of = {NOTE_COLUMN, *intake.left_out}  # said already, or put there by an export
    unsaid = [c for c in unused if c not in known_of and mapping.get(c) != ""]
    if unsaid:
        log.add("columns_unused", severity="note", columns=listed(unsaid, limit=20))
    return Prepared(
        kind=kind,
        file=file,
        frames=frames,
        faults=log.closed(),
        recognised=recognised,
        unused=unused,
        rows_read=rows_read,
        reference_date=intake.reference_date,
        encoding=records.encoding,
        delimiter=records.delimiter,
        crs=intake.crs,
        repair=repair,
    )


def _read(
    kind: str,
    source: Path | bytes,
    file: str,
    city: City,
    mapping: Mapping[str, str],
    log: FaultLog,
    max_bytes: int,
) -> Records:
    if kind == "streets" and (suffix := osm_suffix(source, file)):
        return read_osm(source, file, suffix, city, log)
    data = read_bytes(source, file, max_bytes)
    if kind == "categories" and file.lower().endswith(".toml"):
        return read_categories_toml(data, file, mapping, log)
    return read_records(data, file, mapping, log, max_bytes)
