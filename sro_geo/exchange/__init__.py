"""Files on their way in and out: read safely, recognised, checked, and written safely.

``prepare`` reads a file of one of ``KINDS`` and lists everything that is wrong with it;
it never writes to the workspace. ``write.write_table`` hands tables out.
"""

from sro_geo.exchange.intake import Known
from sro_geo.exchange.kinds import KINDS
from sro_geo.exchange.preparing import Prepared, prepare
from sro_geo.exchange.reading import MAX_BYTES
from sro_geo.exchange.recognise import Recognised

__all__ = ["KINDS", "MAX_BYTES", "Known", "Prepared", "Recognised", "prepare"]
