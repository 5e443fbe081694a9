"""From a file to tables that are ready to be written, with the list of all its faults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from sro_geo.city import City
from sro_geo.errors import Fault, SroError
from sro_geo.exchange.areas import areas_of, blocks_of
from sro_geo.exchange.categories import categories_of, read_categories_toml
from sro_geo.exchange.discreet import DISCREET, veil, veiled_error, veiled_faults, veiled_reading
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


def _cases_of(intake: Intake) -> dict[str, pd.DataFrame]:
    from sro_geo.exchange.cases import cases_of  # late: the figures bring scipy with them

    return cases_of(intake)


def _indicators_of(intake: Intake) -> dict[str, pd.DataFrame]:
    from sro_geo.exchange.indicators import indicators_of

    return indicators_of(intake)


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
    "cases": _cases_of,
    "indicators": _indicators_of,
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
    case_list: bool = False,
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
        ``crs``, ``year``. Age columns of a population file: ``age:COLUMN`` → ``18-29``;
        columns of help: ``help:COLUMN`` → ``31``; of an indicator: ``indicator:COLUMN`` → id.
    repair
        Consent to the repairs the faults describe.
    estimate
        Consent to spread population given for larger areas over their blocks.
    case_list
        A file of ``cases`` has one row per case (also option ``case_list`` of the mapping).
    known
        What the workspace already holds.

    What is said of ``cases`` and ``indicators`` holds no content of the file.

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
    told = known or Known()
    if kind not in DISCREET:
        log = FaultLog(file)
        records = _read(kind, source, file, city, mapping, log, max_bytes)
        return _judged(kind, records, city, mapping, log, told, repair, estimate=estimate)
    failed: Exception
    try:
        return _discreet(kind, source, file, city, mapping, told, max_bytes, repair, case_list)
    except Exception as error:
        failed = veiled_error(error, file)
    # Raised out here, so that nothing leads back to the rows the first error knew.
    raise failed


def _discreet(
    kind: str,
    source: Path | bytes,
    file: str,
    city: City,
    mapping: Mapping[str, str],
    known: Known,
    max_bytes: int,
    repair: bool,
    case_list: bool,
) -> Prepared:
    """Prepare a file of which no message may repeat a cell or a heading that may be one."""
    from sro_geo.exchange.case_words import is_help_name

    reading = FaultLog(file)
    data = read_bytes(source, file, max_bytes)
    records = read_records(data, file, mapping, reading, max_bytes, tables_only=True)
    del data
    fields = fields_of(KINDS[kind], city)
    veiled = veil(records, fields, _with_year(mapping, records), is_help_name)
    log = FaultLog(file)
    log.take(veiled_reading(reading.faults, veiled.headings))
    said = mapping.get("case_list", "").removeprefix("=").lower()
    prepared = _judged(
        kind,
        veiled.records,
        city,
        veiled.mapping,
        log,
        known,
        repair,
        case_list=case_list or said not in ("", "no", "nein", "false"),
        headings=veiled.headings,
    )
    return replace(prepared, faults=veiled_faults(prepared.faults))


def _with_year(mapping: Mapping[str, str], records: Records) -> dict[str, str]:
    """Return the mapping with a bare ``2024`` for the year as the constant it is."""
    out = dict(mapping)
    year = out.get("year", "")
    if year.isdecimal() and year not in records.columns:
        out["year"] = f"={year}"
    return out


def _judged(
    kind: str,
    records: Records,
    city: City,
    mapping: Mapping[str, str],
    log: FaultLog,
    known: Known,
    repair: bool,
    *,
    estimate: bool = False,
    case_list: bool = False,
    headings: Mapping[str, str] | None = None,
) -> Prepared:
    """Recognise the columns and check the records."""
    clean(records, log)
    columns = list(records.columns)
    recognised = recognise(
        fields_of(KINDS[kind], city), columns, mapping, log, likeness=kind not in DISCREET
    )
    rows_read = len(records)
    intake = Intake(
        KINDS[kind],
        city,
        known,
        records,
        {entry.field: entry for entry in recognised},
        mapping,
        log,
        estimate,
        case_list=case_list,
        headings=headings or {},
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
        file=log.file,
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
