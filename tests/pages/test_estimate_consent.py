"""Numbers of larger areas come in on the data page only with the visitor's consent."""

ROWS = "\n".join(f"{number:02d};2030-12-31;0;;{number}" for number in range(1, 17))
FILE = f"Statistischer Bezirk;reference_date;age_from;age_to;persons\n{ROWS}\n".encode()


def labels(app):
    """Labels of the buttons that take a file in."""
    return [button.label for button in app.button if "übernehmen" in button.label]


def test_a_tick_consents_to_an_estimate(open_page):
    """Refused first; then the caption of the population says that it is estimated."""
    app = open_page("data")
    app.session_state["tab"] = "Datei einlesen"
    app.session_state["import_kind"] = "population"
    app.run()
    app.file_uploader[0].set_value(("bezirke.csv", FILE, "text/csv")).run()
    assert [] == labels(app)
    app.checkbox(key="import_estimate").check().run()
    assert ["16 Zeilen aus bezirke.csv übernehmen"] == labels(app)
    next(b for b in app.button if "übernehmen" in b.label).click().run()
    app.session_state["tab"] = "Bestand"
    app.run()
    assert any("zum Teil geschätzt" in str(element.proto) for element in app.get("html"))


def test_a_file_without_a_kind_asks_for_it(open_page):
    """Nothing happening after a file was chosen would look broken."""
    app = open_page("data")
    app.session_state["tab"] = "Datei einlesen"
    app.run()
    app.file_uploader[0].set_value(("bezirke.csv", FILE, "text/csv")).run()
    assert ["Wählen Sie noch, was in der Datei ist."] == [info.value for info in app.info]
