"""``python -m sro_geo.examples DIR``: write the illustrative city again, byte for byte."""

from __future__ import annotations

import argparse
from pathlib import Path

from sro_geo.examples.large_city import write_large_city
from sro_geo.examples.norderstedt import write_norderstedt


def main() -> None:
    """Parse the arguments and write the city."""
    parser = argparse.ArgumentParser(prog="python -m sro_geo.examples", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the files go, e.g. data")
    parser.add_argument("--large-city", action="store_true", help="the city of 250,000 instead")
    args = parser.parse_args()
    (write_large_city if args.large_city else write_norderstedt)(args.folder)


if __name__ == "__main__":
    main()
