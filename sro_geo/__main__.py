"""``python -m sro_geo``: the command line."""

import sys

from sro_geo.cli import main

if __name__ == "__main__":
    sys.exit(main())
