"""Time two ways in turn, on one machine, in one run; print and keep the ratio."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def milliseconds(action: Callable[[], Any]) -> float:
    """Return how long one call takes."""
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1000


def compare(
    name: str,
    what: str,
    ours: Callable[[], Any],
    theirs: Callable[[], Any],
    peer: str,
    *,
    goal: float,
    rounds: int = 9,
) -> float:
    """Run both ways in turn, write ``results/<name>.json``, return peer ÷ ours of the medians."""
    ours(), theirs()
    pairs = [(milliseconds(ours), milliseconds(theirs)) for _ in range(rounds)]
    mine = statistics.median(p[0] for p in pairs)
    peers = statistics.median(p[1] for p in pairs)
    ratio = peers / mine
    keep(
        name,
        {
            "what": what,
            "ours_ms": round(mine, 3),
            "peer": peer,
            "peer_ms": round(peers, 3),
            "ratio": round(ratio, 2),
            "goal_ratio": goal,
        },
    )
    return ratio


def keep(name: str, result: dict[str, Any]) -> None:
    """Print a result and write it to ``results/<name>.json``."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(
        json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    print(name, json.dumps(result, ensure_ascii=False))
