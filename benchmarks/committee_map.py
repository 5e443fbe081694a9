"""One committee map, from areas and figures to the finished SVG, beside GeoPandas and matplotlib.

The shipped city with its districts and a city of sixty spaces, both with ground, offers, labels,
legend and ranking. The peer draws the same layers and sets each name in the middle of its
area: it looks for no free place, so its labels may overlap.

    python -m benchmarks.committee_map
"""

from __future__ import annotations

import io

from benchmarks.side_by_side import compare, keep, milliseconds
from tests.cartography.sheet_towns import SheetTown, invented, shipped
from tests.cartography.test_sheet import drawn, figures

LIMIT_MS = 800


def by_matplotlib(town: SheetTown) -> bytes:
    """Return the SVG as GeoPandas and matplotlib draw it."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    rates, _, scale = figures(town)
    areas = town.areas.assign(rate=rates)
    figure = Figure(figsize=(13.33, 7.5))
    ground, panel = figure.subplots(1, 2, width_ratios=(64, 36))
    if town.ground is not None:
        town.ground.plot(ax=ground, color="#e4ddd0")
    areas.plot(
        ax=ground, column="rate", scheme="UserDefined", edgecolor="#22303c", linewidth=1.8,
        classification_kwds={"bins": [*scale.breaks, float(areas["rate"].max()) + 1]},
        cmap="Blues", legend=True,
        missing_kwds={"color": "white", "hatch": "///", "edgecolor": "grey"},
    )  # fmt: skip
    ground.scatter(town.points[:, 0], town.points[:, 1], s=14, color="black")
    for row, middle in zip(areas.itertuples(), areas.representative_point(), strict=True):
        said = "n. a." if row.rate != row.rate else f"{row.rate:.0f}"
        ground.annotate(f"{row.name}\n{said}", (middle.x, middle.y), ha="center", fontsize=9)
    ground.set_axis_off()
    ranked = areas.dropna(subset="rate").sort_values("rate")
    panel.barh(ranked["name"], ranked["rate"])
    out = io.BytesIO()
    with rc_context({"svg.fonttype": "none"}):
        figure.savefig(out, format="svg")
    return out.getvalue()


def main() -> None:
    """Measure both towns and keep what was found."""
    for name, town in (("shipped", shipped()), ("sixty", invented())):
        sheet = drawn(town)
        inside = sum(not box.leader for box in sheet.label_boxes)
        compare(
            f"committee_map_{name}",
            f"a map of {len(town.areas)} areas: {inside} labels inside, "
            f"{len(sheet.label_boxes) - inside} beside with a line, none overlaps",
            lambda town=town: drawn(town),
            lambda town=town: by_matplotlib(town),
            "GeoPandas and matplotlib, each name in the middle of its area",
            goal=1,
            rounds=5,
        )
    keep(
        "committee_map",
        {
            "what": "a map of 60 areas, milliseconds",
            "ours_ms": round(min(milliseconds(lambda: drawn(invented())) for _ in range(5)), 1),
            "goal_ms": LIMIT_MS,
        },
    )


if __name__ == "__main__":
    main()
