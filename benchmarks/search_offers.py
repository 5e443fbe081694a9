"""Filter and search 5,000 offers: server time per question, beside pandas ``str.contains``.

The peer is what a first version would do: lower case, ``str.contains`` over the joined
text, no forgiveness for typing. The question is answered on the invented large city.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from benchmarks.side_by_side import keep, milliseconds
from sro_geo.actions.asking import find_offers
from sro_geo.actions.making import init_workspace
from sro_geo.actions.workspace import open_workspace
from sro_geo.examples.large_city import write_large_city
from sro_geo.offers import OfferFilter
from sro_geo.settings import Settings


def main() -> None:
    """Measure each kind of question and write the results."""
    with tempfile.TemporaryDirectory() as folder:
        source, home = Path(folder) / "source", Path(folder) / "workspace"
        write_large_city(source)
        init_workspace(Settings(workspace=home), source)
        snapshot = open_workspace(Settings(workspace=home)).snapshot()
        somewhere = snapshot.directory.loc[snapshot.directory["x"].notna(), ["x", "y"]].iloc[40]
        near = (float(somewhere["x"]), float(somewhere["y"]))
        area = str(snapshot.current.of_level("social_space")["area_id"].iloc[3])
        questions = {
            "text": OfferFilter(text="Jugnedhaus"),
            "two words": OfferFilter(text="beratung familie"),
            "age and near": OfferFilter(age=12, near=near, minutes=15),
            "area and freshness": OfferFilter(area_id=area, freshness="fresh"),
            "all at once": OfferFilter(
                text="jugend", age=12, near=near, minutes=45, low_threshold=True
            ),
        }
        find_offers(snapshot, OfferFilter(text="warm"))
        shown = {}
        for name, wanted in questions.items():
            times = [milliseconds(lambda w=wanted: find_offers(snapshot, w)) for _ in range(15)]
            shown[name] = round(statistics.median(times), 2)
        joined = snapshot.directory[["name", "description"]].fillna("").agg(" ".join, axis=1)
        peer = statistics.median(
            milliseconds(lambda: snapshot.directory[joined.str.lower().str.contains("jugend")])
            for _ in range(15)
        )
        keep(
            "search_offers",
            {
                "what": f"{len(snapshot.directory)} offers, server milliseconds per question",
                "ours_ms": shown,
                "slowest_ms": max(shown.values()),
                "goal_ms": 30,
                "peer": "pandas str.contains, text only, no typos",
                "peer_ms": round(peer, 2),
            },
        )


if __name__ == "__main__":
    main()
