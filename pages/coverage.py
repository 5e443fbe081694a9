"""What is missing? Versorgung."""

from sro_geo.ui import frame
from sro_geo.ui.coverage_view import coverage_page

frame.header("coverage")
coverage_page()
