"""Frame of the dashboard: ``streamlit run app.py``."""

from sro_geo.ui import frame

frame.run()
