"""Names and figures of the probe with areas, for the app and its test."""

NAMES = (
    *("Birkenmoor", "Am Hafen", "Nordheide", "Altstadt", "Kirchfeld", "Lindenhof", "Wiesengrund"),
    *("Bahnhof-Ost", "Mühlenberg", "Seeviertel", "Ochsenkamp", "Steinfeld", "Südpark"),
    "<img src=x onerror='window.hacked=1'>${window.hacked=2}",
)
# Rates and counts of the years: nothing of this may be in a served file.
RATES = {
    2024: (15, 31, 0, 40, 25, 31, 17, 24, 41, 36, 18, 0, 0, 0),
    2025: (17, 35, 0, 43, 24, 34, 19, 22, 44, 38, 21, 38, 0, 0),
}
STATUS = {2: "suppressed", 12: "suppressed", 13: "missing"}
COUNTS = (41, 72, 0, 187, 60, 55, 31, 48, 230, 121, 38, 77, 0, 0)
