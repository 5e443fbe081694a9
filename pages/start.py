"""What this is, and the ways on."""

from sro_geo.ui import frame
from sro_geo.ui.start_view import start_page

frame.header("start")
start_page()
