"""How do we draw? Zuschnitt."""

from sro_geo.ui import frame
from sro_geo.ui.boundaries_view import boundaries_page

frame.header("boundaries")
boundaries_page()
