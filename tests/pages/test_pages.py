"""Every page runs, in both languages, on the shipped city; what a person does is in browser/."""

import pytest


def words(app):
    """Everything a page says, as one text."""
    kinds = ("title", "markdown", "html", "caption", "info", "warning", "error", "success")
    return "\n".join(
        str(e.body if kind == "html" else e.value) for kind in kinds for e in app.get(kind)
    )


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("page", ["start", "offers", "coverage", "where", "data"])
def test_a_page_runs_without_error_and_says_it_shows_sample_data(open_page, page, language):
    """No exception, no error box, one title, and the flag of invented data."""
    app = open_page(page, lang=language)
    assert [str(e.value) for e in app.exception] == []
    assert [e.value for e in app.error] == []
    assert len(app.title) == 1
    assert {"de": "Beispieldaten", "en": "Sample data"}[language] in words(app)
