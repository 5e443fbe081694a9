"""What the command line says: one JSON document on standard output, words on standard error."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any


def document(content: dict[str, Any]) -> None:
    """Print the one JSON document; unknown and unreachable are null, never NaN."""
    json.dump(content, sys.stdout, ensure_ascii=False, allow_nan=False, indent=1)
    sys.stdout.write("\n")


def say(text: str) -> None:
    """Say something to a person."""
    print(text, file=sys.stderr)


def positive(text: str) -> float:
    """Read a number above 0."""
    value = float(text)
    if not 0 < value < 100_000:
        raise argparse.ArgumentTypeError(f"{text}: a number above 0 is needed")
    return value
