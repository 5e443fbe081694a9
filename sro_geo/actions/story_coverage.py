"""Offers and coverage for a presentation: a view's settings as a question, and the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sro_geo.actions.coverage import (
    COARSE,
    MATRIX_GROUPS,
    METHODS,
    MOMENTS,
    CoverageAnswer,
    CoverageQuestion,
    coarse_share,
    coverage,
    gaps,
    groups_available,
    moment_of,
    target_for,
)
from sro_geo.actions.places import judged_alone, place_shapes
from sro_geo.actions.workspace import Snapshot
from sro_geo.coverage import Draft
from sro_geo.errors import SroError
from sro_geo.i18n import name_of, t
from sro_geo.offers import OfferFilter
from sro_geo.offers.filters import OPEN_STATUS
from sro_geo.reports.material import Material
from sro_geo.reports.offer_views import Sought
from sro_geo.reports.view_slides import Coverage
from sro_geo.reports.views import View
from sro_geo.reports.words import ages, listed, per_cent
from sro_geo.tables import OFFER_STATUS, WORK_LEVELS

_NAMED = 6
_MODES = ("walk", "bike")
_FRESHNESS = ("fresh", "stale", "never")


def chosen(view: View, key: str, known: Sequence[str]) -> str | None:
    """Return a setting that is one of a few words; raises ``view_unreadable``."""
    value = view.settings.get(key) or None
    if value is not None and value not in known:
        raise SroError("view_unreadable", kind=view.kind, setting=key)
    return value


def category_of(snapshot: Snapshot, category: Any) -> str:
    """Return a category that is still there; raises ``view_category_gone``."""
    if category not in snapshot.city.categories:
        raise SroError("view_category_gone", category=category)
    return str(category)


def group_of(snapshot: Snapshot, group: Any) -> str:
    """Return an age group that the stored bands tell; raises ``view_group_gone``."""
    known = groups_available(snapshot)
    if group not in known:
        raise SroError("view_group_gone", group=group, known=", ".join(known))
    return str(group)


def gaps_of_group(snapshot: Snapshot, group: str) -> pd.DataFrame:
    """Return the gaps of one age group, without the kinds of offer that are not for it.

    A kind is for an age group where the council set a target for it, where one of its offers
    takes such an age, or, of the young, where the city has no offer of the kind at all.
    """
    rows = gaps(snapshot, groups=(group,))
    sums = rows.groupby("category").agg(
        none=("no_offer", "sum"), persons=("population", "sum"), target=("target_set", "any")
    )
    strange = (sums["none"] >= sums["persons"]) & ~sums["target"]
    if group in MATRIX_GROUPS:
        running = snapshot.directory[snapshot.directory["status"] == "active"]
        strange &= sums.index.isin(running["category"])
    return rows[~rows["category"].isin(sums.index[strange])].reset_index(drop=True)


def level_of(snapshot: Snapshot, view: View) -> str:
    """Return the level a view is shown for: its own, that of its area, or the lowest.

    Raises ``view_unreadable``.
    """
    city = snapshot.city
    level = view.settings.get("level") or None
    if level is not None and level not in {one.level for one in city.levels}:
        raise SroError("view_unreadable", kind=view.kind, setting="level")
    if level is None and view.kind == "offers":
        own = snapshot.current.level_of.get(view.settings.get("area_id") or "")
        level = own if own in {one.level for one in city.parallel_levels} else None
    return level or city.lowest.level


def _inside(snapshot: Snapshot, area_id: str, level: str) -> tuple[str, ...]:
    """Return the areas of a level that have a block in an area."""
    members, own = snapshot.current.members, snapshot.current.level_of[area_id]
    ids = members.loc[(members[own] == area_id).fillna(False), level].dropna().unique()
    return tuple(str(a) for a in ids)


def sought(snapshot: Snapshot, view: View, level: str, language: str) -> tuple[OfferFilter, Sought]:
    """Return the filter of a view of offers, and what it looks for in words."""
    said = view.settings
    categories = tuple(category_of(snapshot, c) for c in said.get("categories") or ())
    groups = tuple(said.get("groups") or ())
    for group in groups:
        if group not in snapshot.city.groups:
            raise SroError("view_category_gone", category=group)
    area = said.get("area_id") or None
    version = snapshot.current
    if area is not None and area not in version.level_of:
        raise SroError("view_area_gone", area=area)
    statuses = tuple(said.get("statuses") or ())
    if not set(statuses) <= set(OFFER_STATUS):
        raise SroError("view_unreadable", kind=view.kind, setting="statuses")
    age = said.get("age")
    wanted = OfferFilter(
        text=said.get("text") or "",
        categories=categories,
        groups=groups,
        age=None if age is None else int(age),
        area_id=area,
        work_level=chosen(view, "work_level", WORK_LEVELS),
        low_threshold=bool(said.get("low_threshold")),
        freshness=chosen(view, "freshness", _FRESHNESS),
        statuses=statuses or OPEN_STATUS,
        sort="name",
    )
    name = "" if area is None else str(version.names[area])
    words = _filter_words(snapshot, wanted, bool(statuses), name, language)
    inside = () if area is None else _inside(snapshot, area, level)
    if area is not None and not inside:
        raise SroError("view_area_gone", area=name)
    return wanted, Sought(tuple(words), area, inside, plain=not words)


def _filter_words(
    snapshot: Snapshot, wanted: OfferFilter, by_status: bool, area: str, language: str
) -> list[str]:
    """Return every filter in words, the weightiest first."""
    city, out = snapshot.city, []
    kinds = [name_of(city.categories[c].names, language) for c in wanted.categories]
    kinds += [name_of(city.groups[g].names, language) for g in wanted.groups]
    if kinds:
        out.append(listed([f"„{k}“" if language == "de" else f"“{k}”" for k in kinds], language))
    if wanted.age is not None:
        out.append(t("offers.for_age", language, age=wanted.age))
    if area:
        out.append(t("views.in_area", language, area=area))
    if wanted.text.strip():
        out.append(t("views.with_words", language, words=" ".join(wanted.text.split())[:80]))
    if wanted.low_threshold:
        out.append(t("views.low_threshold", language))
    if wanted.work_level:
        out.append(t(f"choices.work_level.{wanted.work_level}", language))
    if wanted.freshness:
        out.append(t(f"freshness.{wanted.freshness}", language))
    if by_status:
        out.append(listed([t(f"choices.status.{s}", language) for s in wanted.statuses], language))
    return out


def question_of(snapshot: Snapshot, view: View, language: str) -> CoverageQuestion:
    """Return the question of a view of coverage, its what-if included.

    Raises
    ------
    SroError
        ``view_category_gone``, ``view_group_gone``, ``view_plan_gone``, ``view_unreadable``.
    """
    said = view.settings
    category = category_of(snapshot, said["category"])
    plan_id = said.get("plan_id") or None
    plans = snapshot.tables["plans"]
    stands = set(plans.loc[plans["status"] != "withdrawn", "plan_id"])
    if plan_id is not None and plan_id not in stands:
        raise SroError("view_plan_gone", plan=plan_id)
    minutes, total = said.get("minutes"), said.get("total")
    if total is not None and not total > 0:
        raise SroError("view_unreadable", kind=view.kind, setting="total")
    drafts = [
        Draft(f"draft-{n}", t("coverage.draft", language), x, y)
        for n, (x, y) in enumerate(_rows(view, "added", float, float), 1)
    ]
    return CoverageQuestion(
        (category,),
        group_of(snapshot, said["age_group"]),
        15.0 if minutes is None else float(minutes),
        mode=chosen(view, "mode", _MODES) or "walk",
        method=chosen(view, "method", METHODS) or METHODS[0],
        offers=OfferFilter(
            text=said.get("text") or "",
            categories=(category,),
            low_threshold=bool(said.get("low_threshold")),
            work_level=chosen(view, "work_level", WORK_LEVELS),
        ),
        off=tuple(said.get("off") or ()),
        added=tuple(drafts),
        capacity=tuple((o, n) for o, n in _rows(view, "capacity", str, float)),
        schedule=tuple((o, s) for o, s in _rows(view, "schedule", str, str)),
        moved=tuple((o, x, y) for o, x, y in _rows(view, "moved", str, float, float)),
        moment=moment_of(chosen(view, "when", tuple(MOMENTS)), snapshot.today),
        rescale_to=total,
        plan_id=plan_id,
    )


def _rows(view: View, key: str, *kinds: type) -> list[tuple[Any, ...]]:
    """Return rows of a what-if, each with values of these kinds; raises ``view_unreadable``."""
    out = []
    for row in view.settings.get(key) or ():
        fits = len(row) == len(kinds) and all(
            isinstance(value, (int, float) if kind is float else kind)
            for value, kind in zip(row, kinds, strict=True)
        )
        if not fits:
            raise SroError("view_unreadable", kind=view.kind, setting=key)
        out.append(tuple(kind(value) for value, kind in zip(row, kinds, strict=True)))
    return out


def answered(snapshot: Snapshot, material: Material, question: CoverageQuestion) -> Coverage:
    """Return the answer to a question of coverage in plain frames, for ``material.level``."""
    answer = coverage(snapshot, question)
    level, language = material.level, material.language
    figures = answer.areas(level)
    areas = answer.version.of_level(level).set_index("area_id").reindex(figures["area_id"])
    shapes = gpd.GeoDataFrame(
        {"area_id": list(figures["area_id"].astype(str)), "name": list(_names(figures))},
        geometry=areas["geometry"].to_numpy(),
        crs=snapshot.city.crs,
    )
    drawn = shapes.geometry.notna() & ~shapes.geometry.is_empty
    figures = figures.assign(name=_names(figures))[drawn.to_numpy()].reset_index(drop=True)
    return Coverage(
        question.categories[0],
        question.group,
        question.minutes,
        t(f"filters.mode_{question.mode}", language),
        shapes[drawn].reset_index(drop=True),
        figures,
        answer.total,
        _points(snapshot, answer),
        len(answer.supply),
        _blocks(snapshot, answer),
        _cautions(snapshot, material, answer),
        question.supposed,
    )


def _names(figures: pd.DataFrame) -> pd.Series:
    named = figures["name"].fillna("").astype(str)
    return named.where(named.str.strip() != "", figures["area_id"].astype(str))


def _blocks(snapshot: Snapshot, answer: CoverageAnswer) -> gpd.GeoDataFrame | None:
    """Return where people live and whether they are reached, None where one says little."""
    if not judged_alone(snapshot, answer.question):
        return None
    # Who is reached is the same on every plan, and its shapes those of the blocks.
    demand = answer.result.demand
    shapes = place_shapes(snapshot, demand)
    lived = demand.inside & (demand.persons > 0)
    reached = pd.Series(answer.result.covered, dtype="boolean").where(pd.Series(lived))
    return gpd.GeoDataFrame({"reached": reached}, geometry=shapes.geometry, crs=shapes.crs)


def _points(snapshot: Snapshot, answer: CoverageAnswer) -> gpd.GeoDataFrame:
    """Return the offers that count, where the what-if puts them; protected ones never do."""
    supply, city = answer.supply, snapshot.city
    kinds = [str(c) or answer.question.categories[0] for c in supply.category]
    groups = [city.categories[k].group if k in city.categories else "" for k in kinds]
    points = np.full(len(supply), None, object)
    points[supply.placed] = shapely.points(supply.x[supply.placed], supply.y[supply.placed])
    return gpd.GeoDataFrame(
        {"group": groups}, geometry=gpd.GeoSeries(points, crs=city.crs), crs=city.crs
    )


def _cautions(snapshot: Snapshot, material: Material, answer: CoverageAnswer) -> tuple[str, ...]:
    """Return how sure it is: target, way of measuring, what is beyond, what was left out."""
    language, question, around = material.language, answer.question, answer.around
    out = [_target(snapshot, answer, language), t(f"coverage.about_{question.method}", language)]
    if around.offers_missing:
        out.append(t("coverage.beyond_missing", language))
    elif np.isfinite(around.share_by_own):
        own = per_cent(around.share_by_own, language)
        out.append(t("coverage.beyond_effect", language, own=own, count=around.offers_beyond))
    if around.persons_missing:
        out.append(t("coverage.people_missing", language))
    if (coarse := coarse_share(snapshot, answer)) > COARSE:
        out.append(t("coverage.coarse", language, share=per_cent(coarse, language)))
    if answer.left_out:
        named = [offer.name for offer in answer.left_out[:_NAMED]]
        if rest := len(answer.left_out) - len(named):
            named.append(t("sheets.others", language, count=rest))
        names = ", ".join(named)
        out.append(t("coverage.left_out", language, names=names))
    if question.moment is not None:
        at = {at: name for name, at in MOMENTS.items()}
        when = at[(question.moment.weekday(), question.moment.hour)]
        out.append(t("views.open_at", language, when=t(f"coverage.moment_{when}", language)))
    if question.plan_id is not None:
        plans = snapshot.tables["plans"]
        name = plans.loc[plans["plan_id"] == question.plan_id, "name"].iloc[0]
        out.append(t("views.on_plan", language, plan=name))
    if question.offers is not None:
        out += _narrowed(question.offers, language)
    return tuple(out)


def _narrowed(offers: OfferFilter, language: str) -> list[str]:
    """Return which of the offers count, where not all do."""
    words = []
    if offers.text.strip():
        words.append(t("views.with_words", language, words=" ".join(offers.text.split())[:80]))
    if offers.low_threshold:
        words.append(t("views.low_threshold", language))
    if offers.work_level:
        words.append(t(f"choices.work_level.{offers.work_level}", language))
    return [t("views.only", language, what=listed(words, language))] if words else []


def _target(snapshot: Snapshot, answer: CoverageAnswer, language: str) -> str:
    target = target_for(snapshot, answer.question)
    threshold = target.threshold
    if threshold is None:
        return t("coverage.target_none", language)
    said = name_of(threshold.resolution, language) or name_of(threshold.source, language)
    key = "coverage.target_minutes" if threshold.share is None else "coverage.target"
    share = "" if threshold.share is None else per_cent(threshold.share, language)
    words = t(key, language, minutes=f"{threshold.minutes:g}", source=said, share=share)
    if target.how == "wider_group":
        words += " " + t(
            "coverage.target_wider", language, group=ages(threshold.age_group, language)
        )
    return words
