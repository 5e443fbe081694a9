"""Where am I? Which space, which team."""

from sro_geo.ui import frame
from sro_geo.ui.where_view import where_page

frame.header("where")
where_page()
