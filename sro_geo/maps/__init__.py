"""The interactive map: a ground that never changes and layers that do, built for folium.

Nothing here knows Streamlit. ``assets`` finds Leaflet and lays files out for the browser,
``ground`` packs the geometry, ``base_map`` makes the map around it, ``offer_layer`` puts
the offers on it. The scripts the browser runs lie beside them as plain ``.js`` files.
"""
