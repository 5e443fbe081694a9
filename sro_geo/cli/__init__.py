"""The command line: the same actions as the pages, one JSON document with ``--json``.

Exit status 0 done (also ``check`` with findings), 1 refused with a clear error, 2 wrong
usage. Messages go to standard error; a traceback is a bug.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import io
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from sro_geo.cli.figures import add_verbs as add_figure_verbs
from sro_geo.cli.planning import add_plan
from sro_geo.cli.reaching import add_verbs
from sro_geo.cli.reporting import add_verbs as add_report_verbs
from sro_geo.cli.speaking import document, positive, say
from sro_geo.cli.stories import add_story
from sro_geo.errors import Fault, InputRefused, SroError
from sro_geo.i18n import describe, t
from sro_geo.settings import Settings

if TYPE_CHECKING:
    from sro_geo.actions.workspace import Snapshot, Workspace

_PROGRAM = "python -m sro_geo"
KINDS = [
    "areas",
    "blocks",
    "population",
    "offers",
    "providers",
    "addresses",
    "streets",
    "basemap",
    "teams",
    "responsibilities",
    "categories",
    "cases",
    "indicators",
]
# What is protected leaves only as a release.
EXPORTS = [kind for kind in KINDS if kind not in ("cases", "indicators")]
# Facts a file of cases may leave unsaid: option → field.
_SAID = {"year": "year", "counting_rule": "counting_rule", "unit": "unit"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return the exit status."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    settings = Settings.from_env()
    for stream in (sys.stdout, sys.stderr):
        # Names of files may hold bytes that no encoding knows; JSON is UTF-8 everywhere.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    options = argparse.Namespace(json="--json" in given)
    try:
        options = _parser().parse_args(given)
        if options.workspace:
            settings = dataclasses.replace(settings, workspace=Path(options.workspace))
        run: Callable[[argparse.Namespace, Settings], int] = options.run
        return run(options, settings)
    except SystemExit as stop:  # --help
        return int(stop.code or 0)
    except InputRefused as refused:
        return _refused(refused, options, settings.language)
    except SroError as error:
        message, remedy = describe(error, settings.language)
        _fail(options, {"code": error.code, "message": message, "remedy": remedy})
        return 2 if error.code == "usage" else 1
    except BrokenPipeError:
        # Whoever read our output has gone; nothing may complain when Python closes it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as why:
        file, reason = str(why.filename or "–"), str(why.strerror or type(why).__name__)
        message, remedy = describe(
            SroError("file_not_accessible", file=file, reason=reason), settings.language
        )
        return _fail(options, {"code": "file_not_accessible", "message": message, "remedy": remedy})
    except KeyboardInterrupt:
        return 130


class _Parser(argparse.ArgumentParser):
    """Wrong usage is an error like others: in words, as JSON where that is asked for."""

    def error(self, message: str) -> NoReturn:
        verb = self.prog.removeprefix(_PROGRAM)
        self.print_usage(sys.stderr)
        raise SroError("usage", reason=message, verb=verb)


def _parser() -> argparse.ArgumentParser:
    shared = _Parser(add_help=False)
    shared.add_argument(
        "--json",
        action="store_true",
        default=argparse.SUPPRESS,
        help="one JSON document on standard output",
    )
    parser = _Parser(prog=_PROGRAM, description=t("cli.about", "en"))
    parser.add_argument("--workspace", help="folder of the workspace (default ./workspace)")
    # Before the verb too, and written over by neither place.
    parser.add_argument("--json", action="store_true", help=argparse.SUPPRESS)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB", parser_class=_Parser)

    def verb(name: str, run: Callable[..., int]) -> argparse.ArgumentParser:
        sub = verbs.add_parser(name, parents=[shared], help=t(f"cli.{name}", "en"))
        # Also after the verb; SUPPRESS keeps a value given before it.
        sub.add_argument("--workspace", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        sub.set_defaults(run=run)
        return sub

    init = verb("init", _init)
    init.add_argument("--from", dest="source", metavar="DIR", help="folder, or large-city")
    backup = verb("backup", _backup)
    backup.add_argument("file", type=Path)
    verb("check", _check)
    imports = verb("import", _import)
    imports.add_argument("kind", choices=KINDS)
    imports.add_argument("file", type=Path)
    imports.add_argument("--mapping", type=Path, help="JSON file: field → column of the file")
    imports.add_argument("--dry-run", action="store_true", help="check only, write nothing")
    imports.add_argument("--repair", action="store_true", help="consent to the repairs listed")
    imports.add_argument(
        "--estimate", action="store_true", help="spread population of larger areas over blocks"
    )
    imports.add_argument("--date", type=_date, help="day the file speaks of, like 2026-12-31")
    imports.add_argument("--list", action="store_true", help="cases: each row is one case")
    imports.add_argument("--year", help="cases: the year counted")
    imports.add_argument("--counting-rule", choices=("stock", "running_and_ended"))
    imports.add_argument("--unit", choices=("cases", "young_people"))
    imports.add_argument("--name", help="name of a file that comes through a pipe (FILE is -)")
    exports = verb("export", _export)
    exports.add_argument("kind", choices=EXPORTS)
    exports.add_argument("file", type=Path)
    offers = verb("offers", _offers)
    offers.add_argument("--near", nargs=2, type=float, metavar=("LAT", "LON"))
    offers.add_argument("--minutes", type=positive)
    offers.add_argument("--mode", choices=("walk", "bike"), default="walk")
    offers.add_argument("--age", type=_age)
    offers.add_argument("--category", action="append", default=[])
    offers.add_argument("--text", default="")
    offers.add_argument("--area", metavar="ID")
    offers.add_argument("--low-threshold", action="store_true")
    offers.add_argument("--freshness", choices=("fresh", "stale", "never"))
    where = verb("where", _where)
    where.add_argument("lat", type=float)
    where.add_argument("lon", type=float)
    where.add_argument("--date", type=_date)
    where.add_argument("--plan")
    add_verbs(verb, _snapshot)
    add_figure_verbs(verb, _open)
    add_report_verbs(verb, _open, _actor)
    add_story(verb, shared, _open, _actor)
    add_plan(verb, shared, _open, _actor)
    return parser


def _age(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 120:
        raise argparse.ArgumentTypeError(f"{text}: an age from 0 to 120 is needed")
    return value


def _date(text: str) -> str:
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text}: a date like 2027-01-01 is needed") from None


def _open(settings: Settings) -> AbstractContextManager[Workspace]:
    if settings.public:
        # An outsider's process opens the released snapshot and nothing else.
        raise SroError("public_mode")
    from sro_geo.actions.making import sample_changed
    from sro_geo.actions.workspace import open_workspace

    workspace = open_workspace(settings)
    if sample_changed(workspace):
        say(t("data.sample_changed", settings.language))
    return closing(workspace)


def _snapshot(settings: Settings) -> Snapshot:
    with _open(settings) as workspace:
        return workspace.snapshot()


def _actor(settings: Settings) -> Any:
    from sro_geo.actions.access import Actor

    return Actor(settings.editor or "command line")


def _fail(options: argparse.Namespace, error: dict[str, Any]) -> int:
    if getattr(options, "json", False):
        document({"error": error})
    say(error["message"])
    if error.get("remedy"):
        say(f"→ {error['remedy']}")
    return 1


def _fault_record(fault: Fault, language: str) -> dict[str, Any]:
    message, remedy = describe(fault, language)
    return {
        "severity": fault.severity,
        "code": fault.code,
        "file": fault.file,
        "row": fault.row,
        "column": fault.column,
        "message": message,
        "remedy": remedy,
    }


def _say_fault(record: dict[str, Any], language: str) -> None:
    at = [record["file"]]
    if record["row"] is not None:
        at.append(t("cli.row", language, row=record["row"]))
    if record["column"]:
        at.append(record["column"])
    say(f"[{record['severity']}] {', '.join(filter(None, at))}: {record['message']}")
    say(f"    → {record['remedy']}")


def _refused(refused: InputRefused, options: argparse.Namespace, language: str) -> int:
    faults = [_fault_record(fault, language) for fault in refused.faults]
    message, remedy = describe(refused, language)
    if getattr(options, "json", False):
        error = {"code": refused.code, "message": message, "remedy": remedy}
        document({"error": error, "faults": faults})
    say(message)
    for record in faults:
        _say_fault(record, language)
    return 1


def _init(options: argparse.Namespace, settings: Settings) -> int:
    import tempfile

    from sro_geo.actions.making import init_workspace

    if options.source == "large-city":
        from sro_geo.actions.making import refuse_occupied
        from sro_geo.examples.large_city import write_large_city

        refuse_occupied(settings.workspace)
        with tempfile.TemporaryDirectory() as folder:
            write_large_city(Path(folder))
            init_workspace(settings, Path(folder))
    else:
        init_workspace(settings, Path(options.source) if options.source else None)
    say(t("cli.done_init", settings.language, workspace=settings.workspace))
    if options.json:
        document({"workspace": str(settings.workspace)})
    return 0


def _backup(options: argparse.Namespace, settings: Settings) -> int:
    with _open(settings) as workspace:
        workspace.backup(options.file, _actor(settings))
    say(t("cli.done_backup", settings.language, file=options.file))
    if options.json:
        document({"file": str(options.file)})
    return 0


def _check(options: argparse.Namespace, settings: Settings) -> int:
    from sro_geo.actions.checking import check_workspace, finding_record

    findings = check_workspace(_snapshot(settings))
    records = [finding_record(finding, settings.language) for finding in findings]
    if options.json:
        document({"findings": records})
    else:
        for record in records:
            print(f"{record['table']} {record['id']}: {record['message']}")
            print(f"    → {record['remedy']}")
        say(t("cli.done_check", settings.language, count=len(records)))
    return 0


def _import(options: argparse.Namespace, settings: Settings) -> int:
    from sro_geo.actions.importing import import_file, read_mapping

    mapping = read_mapping(options.mapping) if options.mapping else {}
    said = {field: getattr(options, option) for option, field in _SAID.items()}
    mapping |= {field: f"={value}" for field, value in said.items() if value}
    if options.list:
        mapping["case_list"] = "=yes"
    source: Path | bytes = options.file
    if str(source) == "-":
        if not options.name:
            raise SroError("pipe_without_name")
        source = sys.stdin.buffer.read()
    with _open(settings) as workspace:
        report = import_file(
            workspace,
            options.kind,
            source,
            actor=_actor(settings),
            name=options.name,
            mapping=mapping,
            repair=options.repair,
            estimate=options.estimate,
            dry_run=options.dry_run,
            date=options.date,
        )
    notes = [_fault_record(fault, settings.language) for fault in report.notes]
    for record in notes:
        _say_fault(record, settings.language)
    key = "cli.done_import" if report.written else "cli.done_dry_run"
    say(t(key, settings.language, file=report.file, rows=report.rows_read))
    if options.json:
        document(
            {
                "kind": report.kind,
                "file": report.file,
                "rows_read": report.rows_read,
                "added": dict(report.added),
                "changed": dict(report.changed),
                "unchanged": dict(report.unchanged),
                "removed": dict(report.removed),
                "written": report.written,
                "notes": notes,
            }
        )
    return 0


def _export(options: argparse.Namespace, settings: Settings) -> int:
    from sro_geo.actions.exporting import export_file

    snapshot = _snapshot(settings)
    rows = export_file(snapshot, options.kind, options.file, actor=_actor(settings))
    say(t("cli.done_export", settings.language, file=options.file, rows=rows))
    if options.json:
        document({"kind": options.kind, "file": str(options.file), "rows": rows})
    return 0


def _offers(options: argparse.Namespace, settings: Settings) -> int:
    from sro_geo.actions.asking import find_offers, offer_record
    from sro_geo.offers import OfferFilter

    if options.minutes is not None and options.near is None:
        raise SroError("minutes_without_near")
    snapshot = _snapshot(settings)
    near = snapshot.metres(*options.near) if options.near else None
    wanted = OfferFilter(
        text=options.text,
        categories=tuple(options.category),
        age=options.age,
        area_id=options.area,
        low_threshold=options.low_threshold,
        freshness=options.freshness,
        near=near,
        minutes=options.minutes,
        mode=options.mode,
    )
    found = find_offers(snapshot, wanted)
    records = [offer_record(row, snapshot) for row in found.itertuples(index=False)]
    if options.json:
        document({"offers": records})
        return 0
    for record in records:
        minutes = "" if record["minutes"] is None else f"  {record['minutes']:.0f} min"
        print(f"{record['name']} · {record['provider'] or '–'}{minutes}  [{record['offer_id']}]")
    say(t("cli.done_offers", settings.language, count=len(records)))
    return 0


def _where(options: argparse.Namespace, settings: Settings) -> int:
    from sro_geo.actions.asking import where

    snapshot = _snapshot(settings)
    plan = options.plan
    if plan is not None:
        from sro_geo.actions.variants import plan_row

        plan = str(plan_row(snapshot, plan)["plan_id"])
    answer = where(snapshot, options.lat, options.lon, date=options.date, plan_id=plan)
    areas = {
        level: None if ref is None else {"id": ref.id, "name": ref.name}
        for level, ref in answer.place.areas.items()
    }
    team = None if answer.team is None else dataclasses.asdict(answer.team)
    if options.json:
        others = answer.place.alternatives or {}
        document(
            {
                **areas,
                "team": team,
                "status": answer.place.status,
                "neighbour": answer.place.neighbour or None,
                "alternatives": {
                    level: [{"id": ref.id, "name": ref.name} for ref in refs]
                    for level, refs in others.items()
                },
                "version": answer.version,
            }
        )
        return 0
    for level, ref in areas.items():
        print(f"{level}: {ref['name'] if ref else '–'}")
    print(f"team: {team['name'] if team else '–'}")
    name = answer.place.neighbour
    say(t(f"where.{answer.place.status}", settings.language, neighbour=name))
    return 0
