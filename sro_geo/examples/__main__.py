"""``python -m sro_geo.examples DIR``: write the illustrative city (``--large`` the large one)."""

from __future__ import annotations

import argparse
from pathlib import Path

from sro_geo.examples.norderstedt import write_norderstedt


def main() -> None:
    """Parse the arguments and write."""
    parser = argparse.ArgumentParser(prog="python -m sro_geo.examples", description=__doc__)
    parser.add_argument("folder", type=Path)
    args = parser.parse_args()
    write_norderstedt(args.folder)


if __name__ == "__main__":
    main()
