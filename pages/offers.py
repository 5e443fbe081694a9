"""What is there? Angebotskarte."""

from sro_geo.ui import frame
from sro_geo.ui.offers_view import offers_page

frame.header("offers")
offers_page()
