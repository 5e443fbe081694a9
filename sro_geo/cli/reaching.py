"""The verbs ``coverage`` and ``site``: where help is out of reach, and where to put more."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sro_geo.cli.speaking import document, positive, say
from sro_geo.i18n import t
from sro_geo.settings import Settings

if TYPE_CHECKING:
    from sro_geo.actions.coverage import CoverageAnswer, CoverageQuestion
    from sro_geo.actions.workspace import Snapshot

_Load = Callable[[Settings], "Snapshot"]


def add_verbs(verb: Callable[..., argparse.ArgumentParser], load: _Load) -> None:
    """Add both verbs; ``load`` opens the workspace and returns its snapshot."""

    def run_coverage(options: argparse.Namespace, settings: Settings) -> int:
        return _coverage(options, settings, load(settings))

    def run_site(options: argparse.Namespace, settings: Settings) -> int:
        return _site(options, settings, load(settings))

    coverage = verb("coverage", run_coverage)
    coverage.add_argument("--level", help="level of the areas listed (default: the lowest)")
    coverage.add_argument("--plan", help="areas of this plan, drafts included (default: in force)")
    site = verb("site", run_site)
    site.add_argument("--count", type=_count, default=1, help="new sites, 1 to 10")
    site.add_argument("--cells", action="store_true", help="any inhabited place may be a site")
    site.add_argument("--minimum-gain", type=float, default=0.0, help="persons a site must add")
    site.add_argument("--lock", action="append", default=[], metavar="ID", help="site that is set")
    for parser in (coverage, site):
        parser.add_argument("--category", action="append", required=True)
        parser.add_argument("--age-group", required=True)
        parser.add_argument("--minutes", type=positive, required=True)
        parser.add_argument("--mode", choices=("walk", "bike"), default="walk")
        parser.add_argument(
            "--method", choices=("straight_line", "network"), default="straight_line"
        )
        parser.add_argument("--text", default="", help="only offers with these words")
        parser.add_argument("--low-threshold", action="store_true")
        parser.add_argument("--when", metavar="MOMENT", help="open then: weekday_10, weekday_15 …")
        parser.add_argument("--rescale-to", type=positive, help="known persons of the group")


def _count(text: str) -> int:
    value = int(text) if text.isdecimal() else 0
    if not 1 <= value <= 10:
        raise argparse.ArgumentTypeError(f"{text}: a number from 1 to 10 is needed")
    return value


def _question(options: argparse.Namespace, snapshot: Snapshot) -> CoverageQuestion:
    from sro_geo.actions.coverage import CoverageQuestion, moment_of
    from sro_geo.offers import OfferFilter

    return CoverageQuestion(
        tuple(options.category),
        options.age_group,
        options.minutes,
        mode=options.mode,
        method=options.method,
        offers=OfferFilter(
            categories=tuple(options.category),
            text=options.text,
            low_threshold=options.low_threshold,
        ),
        moment=moment_of(options.when, snapshot.today),
        rescale_to=options.rescale_to,
        plan_id=_plan_id(options, snapshot),
    )


def _plan_id(options: argparse.Namespace, snapshot: Snapshot) -> str | None:
    if getattr(options, "plan", None) is None:
        return None
    from sro_geo.actions.variants import plan_row

    return str(plan_row(snapshot, options.plan)["plan_id"])


def _coverage(options: argparse.Namespace, settings: Settings, snapshot: Snapshot) -> int:
    from sro_geo.actions.asking import plain
    from sro_geo.actions.coverage import coverage

    answer = coverage(snapshot, _question(options, snapshot))
    level = options.level or snapshot.city.lowest.level
    snapshot.city.level(level)
    areas = [
        {
            "id": row.area_id,
            "name": row.name,
            **{
                name: plain(getattr(row, name))
                for name in (
                    "population",
                    "covered",
                    "uncovered",
                    "share",
                    "median_minutes",
                    "p90_minutes",
                )
            },
        }
        for row in answer.areas(level).itertuples(index=False)
    ]
    if options.json:
        document({**_head(options, answer), "areas": areas})
        return 0
    for area in areas:
        share = "–" if area["share"] is None else f"{area['share']:.1%}"
        print(f"{area['name']}: {share}, {area['uncovered']:.0f} / {area['population']:.0f}")
    words = t("cli.done_coverage", settings.language, count=round(answer.total["uncovered"]))
    say(words)
    return 0


def _head(options: argparse.Namespace, answer: CoverageAnswer) -> dict[str, Any]:
    from sro_geo.actions.asking import plain

    shown = ["population", "outside", "covered", "uncovered", "share", "share_low", "share_high"]
    return {
        "category": options.category[0] if len(options.category) == 1 else options.category,
        "age_group": options.age_group,
        "minutes": options.minutes,
        "mode": options.mode,
        "method": answer.result.method,
        **{name: plain(answer.total[name]) for name in shown},
    }


def _site(options: argparse.Namespace, settings: Settings, snapshot: Snapshot) -> int:
    from sro_geo.actions.siting import next_sites

    answer = next_sites(
        snapshot,
        _question(options, snapshot),
        options.count,
        cells=options.cells,
        minimum_gain=options.minimum_gain,
        locked=options.lock,
    )
    sites = [
        {"id": str(row.id), "name": str(row.name), "lat": row.lat, "lon": row.lon, "gain": row.gain}
        for row in answer.rows.itertuples(index=False)
    ]
    if options.json:
        document(
            {
                "sites": sites,
                "covered_before": answer.sites.covered_before,
                "covered_after": answer.sites.covered_after,
                "optimality_gap": answer.sites.optimality_gap,
            }
        )
        return 0
    for site in sites:
        name, gain = str(site["name"]), float(str(site["gain"]))
        print(f"{name}  +{gain:.0f}  [{site['id']!s}]")
    say(t("cli.done_site", settings.language, count=len(sites)))
    return 0
