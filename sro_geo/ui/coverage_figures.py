"""The figures of the coverage page: areas against region and city, ways, thresholds."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from sro_geo.actions.coverage import CoverageAnswer, floating_figures, target_for
from sro_geo.actions.exporting import coverage_as_bytes
from sro_geo.actions.workspace import Snapshot
from sro_geo.cartography import charts, palette
from sro_geo.coverage import distribution, sensitivity
from sro_geo.coverage.local import central_or_local
from sro_geo.i18n import name_of
from sro_geo.ui import markup, session

# More spaces than these do not fit beside the map; the table has them all.
_BARS = 12
_MIME = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
}
_COLUMNS = (
    "population",
    "uncovered",
    "share",
    "median_minutes",
    "places",
    "e2sfca",
    "balanced",
    "providers",
)


def areas_panel(snapshot: Snapshot, answer: CoverageAnswer) -> None:
    """Show the share of every space beside those of its region and the city, as bars."""
    tr, city = session.tr, snapshot.city
    lowest = answer.areas(city.lowest.level)
    spaces = lowest[lowest["share"].notna()].sort_values(["share", "name"]).head(_BARS)
    above = [answer.areas(level.level) for level in city.plan_levels[:-1]]
    shown = pd.concat([spaces, *reversed(above)], ignore_index=True)
    shown = shown[shown["share"].notna()].head(2 * _BARS)
    worst = spaces["uncovered"].max() if len(spaces) else 0.0
    percents = [session.percent(share) for share in shown["share"]]
    pairs = "; ".join(f"{n}: {p}" for n, p in zip(shown["name"], percents, strict=True))
    st.html(markup.tag("h2", markup.text(tr("coverage.areas")), class_="sro-small"))
    st.html(
        charts.bars(
            shown["share"].tolist(),
            shown["name"].tolist(),
            percents,
            highlighted=[
                n < len(spaces) and u == worst and worst > 0
                for n, u in enumerate(shown["uncovered"])
            ],
            target=target_for(snapshot, answer.question).share,
            label=tr("coverage.bars_label", rows=pairs),
        )
    )


def table_panel(snapshot: Snapshot, answer: CoverageAnswer) -> None:
    """Show all figures of every area, and offer them as a file."""
    tr, city = session.tr, snapshot.city
    rows = []
    for level in city.plan_levels:
        floating = floating_figures(answer, level.level)
        figures = answer.areas(level.level).merge(floating, on=["area_id", "name"])
        rows += [_row(row) for row in figures.itertuples(index=False)]
    header = [tr("data.column_area")]
    header += [tr(f"coverage.column_{name}") for name in _COLUMNS]
    caption = tr("coverage.table_caption")
    st.html(markup.table(caption, header, rows, numeric=range(1, len(header))))
    _download(snapshot, answer)


def _row(row: object) -> list[str]:
    """Return the cells of one area; what nobody knows is said, never 0."""

    def value(name: str) -> float:
        return float(getattr(row, name))

    low, high = value("places_low"), value("places_high")
    if not np.isfinite(low):
        places = "–"
    elif not np.isfinite(high):
        places = session.tr("coverage.at_least", low=session.decimal(low))
    elif abs(high - low) < 0.05:
        places = session.decimal(low)
    else:
        places = f"{session.decimal(low)}–{session.decimal(high)}"
    return [
        str(getattr(row, "name")),  # noqa: B009
        session.number(value("population")),
        session.number(value("uncovered")),
        session.percent(value("share")),
        session.decimal(value("median_minutes")),
        places,
        session.decimal(value("e2sfca")),
        session.decimal(value("balanced")),
        session.decimal(value("providers_mean")),
    ]


def _download(snapshot: Snapshot, answer: CoverageAnswer) -> None:
    """Offer the figures of every level as files, unrounded."""
    row = st.container(horizontal=True)
    for ending, mime in _MIME.items():
        row.download_button(
            session.tr(f"coverage.download_{ending}"),
            data=partial(coverage_as_bytes, snapshot, answer, ending),
            file_name=f"{session.tr('coverage.file')}.{ending}",
            mime=mime,
            icon=":material/download:",
            on_click="ignore",
        )


def local_panel(snapshot: Snapshot, answer: CoverageAnswer) -> None:
    """Show for each offer whom it really reaches, and who has only this one."""
    tr, city, language = session.tr, snapshot.city, session.language()
    st.write(tr("coverage.local_intro"))
    levels = [level.level for level in reversed(city.plan_levels)]
    table = central_or_local(answer.result, answer.demand, levels)
    rows = []
    ordered = table.sort_values(["reached", "name"], ascending=[False, True])
    for row in ordered.to_dict("records"):
        if row["reached"] <= 0:
            serves = tr("coverage.local_none")
        elif isinstance(row["serves"], str):
            area = row[f"{row['serves']}_id"]
            level = name_of(city.level(row["serves"]).names, language)
            serves = f"{level} {snapshot.current.names.get(area, area)}"
        else:
            serves = tr("coverage.local_scattered")
        entered = row["reach_level"] if isinstance(row["reach_level"], str) else None
        rows.append(
            [
                str(row["name"]),
                tr(f"choices.reach_level.{entered}") if entered else "–",
                serves,
                session.number(row["reached"]),
                session.number(row["only_one_for"]),
            ]
        )
    header = [tr(f"coverage.local_{c}") for c in ("offer", "entered", "serves", "reached", "only")]
    st.html(markup.table(tr("coverage.local_caption"), header, rows, numeric=[3, 4]))


def distribution_panel(snapshot: Snapshot, answer: CoverageAnswer) -> None:
    """Show how many people have ways of which length."""
    tr = session.tr
    table = distribution(answer.result)
    names = [_class_in_words(row) for row in table.itertuples(index=False)]
    shown = [session.number(p) for p in table["persons"]]
    limit = answer.question.minutes
    colours = [
        "#7fb0d0" if np.isfinite(end) and end <= limit else palette.ACCENT
        for end in table["minutes_to"]
    ]
    pairs = "; ".join(f"{n}: {s}" for n, s in zip(names, shown, strict=True))
    label = tr("coverage.distribution_label", rows=pairs)
    st.html(
        charts.columns(table["persons"].tolist(), names, shown, colours, label=label, width=760)
    )
    header = [tr("coverage.column_minutes"), tr("coverage.column_population")]
    caption = tr("coverage.distribution_caption")
    st.html(markup.table(caption, header, list(zip(names, shown, strict=True)), numeric=[1]))


def _class_in_words(row: object) -> str:
    start, end = float(getattr(row, "minutes_from")), float(getattr(row, "minutes_to"))  # noqa: B009
    if np.isnan(start):
        return session.tr("coverage.unreachable")
    if np.isnan(end):
        return session.tr("coverage.over", minutes=f"{start:g}")
    return f"{start:g}–{end:g}"


def sensitivity_panel(snapshot: Snapshot, answer: CoverageAnswer) -> None:
    """Show what another threshold would say."""
    tr = session.tr
    limit = answer.question.minutes
    steps = sorted({*np.arange(5, 2 * limit + 1, 5).tolist(), limit})
    table = sensitivity(answer.result, steps)
    shown = [session.percent(s) for s in table["share"]]
    if not table["share"].notna().all():
        st.info(tr("coverage.no_people"))
        return
    pairs = "; ".join(f"{m:g}: {s}" for m, s in zip(table["minutes"], shown, strict=True))
    st.html(
        charts.curve(
            table["minutes"].tolist(),
            table["share"].tolist(),
            marked=limit,
            x_words=tr("coverage.column_minutes"),
            y_shown=shown,
            label=tr("coverage.sensitivity_label", rows=pairs),
            width=760,
        )
    )
    header = [tr(f"coverage.column_{c}") for c in ("minutes", "share", "uncovered")]
    rows = [
        [f"{m:g}", s, session.number(u)]
        for m, s, u in zip(table["minutes"], shown, table["uncovered"], strict=True)
    ]
    st.html(markup.table(tr("coverage.sensitivity_caption"), header, rows, numeric=[0, 1, 2]))
