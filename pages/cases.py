"""Where is help given? Falldichte."""

from sro_geo.ui import frame
from sro_geo.ui.cases_view import cases_page

frame.header("cases")
cases_page()
