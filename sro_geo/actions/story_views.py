"""Slides of a view, made anew from what the workspace holds at this moment.

Case figures come from the released snapshot and from nothing else, whatever a view asks for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

from sro_geo.actions.asking import find_offers
from sro_geo.actions.cases import case_releases, load_released
from sro_geo.actions.checking import check_workspace, holdings
from sro_geo.actions.coverage import gaps
from sro_geo.actions.reporting import gaps_known, material_of
from sro_geo.actions.story_cases import CaseBook, case_series
from sro_geo.actions.story_coverage import (
    answered,
    category_of,
    chosen,
    gaps_of_group,
    group_of,
    level_of,
    question_of,
    sought,
)
from sro_geo.actions.story_plans import plan_proposal
from sro_geo.actions.workspace import Snapshot, Workspace
from sro_geo.errors import SroError
from sro_geo.i18n import t
from sro_geo.reports import view_slides
from sro_geo.reports.case_views import case_view
from sro_geo.reports.content import Slide
from sro_geo.reports.material import Material
from sro_geo.reports.offer_views import offers_view
from sro_geo.reports.templates import PAGES
from sro_geo.reports.views import View, read_view, view_text
from sro_geo.store.released import Released

# Slides of so many views are kept: a drawn map is half a megabyte.
_KEPT = 64
# Pages that say what is missing in the city.
_WITH_GAPS = ("summary", "profiles", "gaps", "methods", "tables")


@dataclass
class Maker:
    """Makes the slides of views of one state of the workspace, in one language.

    What several views share is put together once, and what no view asks for never.
    """

    workspace: Workspace
    snapshot: Snapshot
    language: str = "de"
    _made: dict[tuple[str, str], tuple[Slide, ...]] = field(default_factory=dict)
    _levels: dict[str, Material] = field(default_factory=dict)

    def slides(self, view: View) -> tuple[Slide, ...]:
        """Return the slides of a view; their ids differ from one another.

        Raises
        ------
        SroError
            Where what it shows is gone or not released: ``view_plan_gone``,
            ``view_area_gone``, ``view_category_gone``, ``view_group_gone``,
            ``view_year_not_released``, ``view_cut_not_released``, ``view_nothing_released``,
            ``view_plan_alone``; ``view_kind_unknown``, ``view_unreadable``; and what the
            computing behind it raises.
        """
        text = view_text(view)
        key = (view.kind, text)
        if key not in self._made:
            while len(self._made) >= _KEPT:
                del self._made[next(iter(self._made))]
            self._made[key] = self._makers[view.kind](read_view(view.kind, text))
        return self._made[key]

    @cached_property
    def _makers(self) -> dict[str, Callable[[View], tuple[Slide, ...]]]:
        return {
            "page": self._page,
            "profile": self._profile,
            "gaps": self._gaps,
            "gap": self._gap,
            "offers": self._offers,
            "coverage": self._coverage,
            "cases": self._cases,
            "plan": self._plan,
            "data": self._data,
            "own_words": lambda _: view_slides.own_words_view(self.language),
        }

    @cached_property
    def material(self) -> Material:
        """What most slides are made of; without gaps."""
        return material_of(
            self.workspace, language=self.language, snapshot=self.snapshot, with_gaps=False
        )

    @cached_property
    def material_with_gaps(self) -> Material:
        """The same with the gaps of the whole city."""
        return self.material.with_gaps(gaps_known(self.snapshot))

    @cached_property
    def released(self) -> Released | None:
        """The released snapshot, None before the first release."""
        try:
            return load_released(self.workspace.settings.workspace)
        except SroError as error:
            if error.code != "released_missing":
                raise
            return None

    @cached_property
    def _book(self) -> CaseBook:
        if self.released is None:
            raise SroError("view_nothing_released")
        return CaseBook(self.released)

    def _page(self, view: View) -> tuple[Slide, ...]:
        name = view.settings["name"]
        if name not in PAGES:
            raise SroError("view_unreadable", kind=view.kind, setting="name")
        held = self.material_with_gaps if name in _WITH_GAPS else self.material
        return tuple(PAGES[name](held))

    def _profile(self, view: View) -> tuple[Slide, ...]:
        area = view.settings["area_id"]
        if area not in set(self.material.spaces["area_id"]):
            raise SroError("view_area_gone", area=area)
        return view_slides.profile_view(self.material_with_gaps, area)

    def _gaps(self, view: View) -> tuple[Slide, ...]:
        group = view.settings.get("age_group") or None
        if group is None:
            return view_slides.gaps_view(self.material_with_gaps, None)
        found = gaps_of_group(self.snapshot, group_of(self.snapshot, group))
        return view_slides.gaps_view(self.material.with_gaps(found), group)

    def _gap(self, view: View) -> tuple[Slide, ...]:
        category = category_of(self.snapshot, view.settings["category"])
        group = group_of(self.snapshot, view.settings["age_group"])
        mode = chosen(view, "mode", ("walk", "bike")) or "walk"
        found = gaps(self.snapshot, mode=mode, groups=(group,), categories=(category,))
        return view_slides.gap_view(self.material.with_gaps(found), category, group)

    def _at_level(self, view: View) -> Material:
        """Return the material for the level a view is shown for."""
        level = level_of(self.snapshot, view)
        return self.material if level == self.material.level else self._of_level(level)

    def _of_level(self, level: str) -> Material:
        held = self._levels.get(level)
        if held is None:
            held = self._levels[level] = replace(self.material, level=level)
        return held

    def _offers(self, view: View) -> tuple[Slide, ...]:
        material = self._at_level(view)
        wanted, words = sought(self.snapshot, view, material.level, self.language)
        found = find_offers(self.snapshot, wanted)
        everywhere = found
        if wanted.area_id is not None:
            everywhere = find_offers(self.snapshot, replace(wanted, area_id=None))
        return offers_view(material, found, words, everywhere)

    def _coverage(self, view: View) -> tuple[Slide, ...]:
        material = self._at_level(view)
        question = question_of(self.snapshot, view, self.language)
        return view_slides.coverage_view(material, answered(self.snapshot, material, question))

    def _cases(self, view: View) -> tuple[Slide, ...]:
        return case_view(*case_series(self._book, self.material, view))

    def _plan(self, view: View) -> tuple[Slide, ...]:
        against = view.settings.get("against") or None
        proposal = plan_proposal(self.snapshot, self.material, view.settings["plan_id"], against)
        return view_slides.plan_view(self.material, proposal)

    def _data(self, view: View) -> tuple[Slide, ...]:
        language = self.language
        held = [
            view_slides.Held(
                t(f"tables.{one.table}", language), one.rows, one.reference_date, one.imported_at
            )
            for one in holdings(self.snapshot)
        ]
        rules = Counter(finding.rule for finding in check_workspace(self.snapshot))
        findings = {t(f"rules.{rule}", language): count for rule, count in rules.items()}
        releases = [] if self.released is None else case_releases(self.released)
        facts = [(str(r["release_id"]), str(r["year"]), str(r["approved_at"])) for r in releases]
        return view_slides.data_view(self.material, held, findings, facts)
