"""What do we show? Ausschuss."""

from sro_geo.ui import frame
from sro_geo.ui.committee_view import committee_page

frame.header("committee")
committee_page()
