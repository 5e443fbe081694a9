"""What do we know? Daten."""

from sro_geo.ui import frame
from sro_geo.ui.data_view import data_page

frame.header("data")
data_page()
