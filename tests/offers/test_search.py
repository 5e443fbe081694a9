import pytest
from hypothesis import given
from hypothesis import strategies as st

from sro_geo.offers.search import TextIndex, allowed_typos, normalise

NAMES = ["Jugendhaus Buchenweg", "Kochgruppe für Familien", "Straßensozialarbeit", "Bücherei Mitte"]


def found(query):
    """Names found for a query, best first."""
    scores = TextIndex([[name] for name in NAMES]).scores(query)
    order = sorted(range(len(NAMES)), key=lambda i: -scores[i])
    return [NAMES[i] for i in order if scores[i] > 0]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("jugendhaus", "Jugendhaus Buchenweg"),
        ("Jugnedhaus", "Jugendhaus Buchenweg"),
        ("jugend", "Jugendhaus Buchenweg"),
        ("haus", "Jugendhaus Buchenweg"),
        ("buchenweg jugend", "Jugendhaus Buchenweg"),
        ("STRASSENSOZIALARBEIT", "Straßensozialarbeit"),
        ("strassen", "Straßensozialarbeit"),
        ("buecherei", "Bücherei Mitte"),
        ("Bucherei", "Bücherei Mitte"),
        ("BÜCHEREI", "Bücherei Mitte"),
        ("fuer familien", "Kochgruppe für Familien"),
        ("Kochgrupe", "Kochgruppe für Familien"),
    ],
)
def test_typing_is_forgiven(query, name):
    """Umlauts, ß, a swapped or missing letter, part of a compound: the entry is found first."""
    assert found(query)[0] == name


@pytest.mark.parametrize("query", ["xyz", "kfz", "jugendhaus mitte"])
def test_what_is_not_there_is_not_found(query):
    """Forgiveness has an end, and every word must fit."""
    assert found(query) == []


def test_an_empty_query_finds_everything():
    """Nothing asked, nothing left out."""
    assert len(found("  ")) == len(NAMES)


def test_the_whole_word_comes_before_the_part():
    """An exact match beats a word that only contains it."""
    scores = TextIndex([["Jugendhaus"], ["Haus"]]).scores("haus")
    assert scores[1] > scores[0] > 0


def test_the_name_counts_more_than_the_description():
    """Fields are given most telling first."""
    scores = TextIndex([["Treff", "Kochen"], ["Kochen", "Treff"]]).scores("kochen")
    assert scores[1] > scores[0]


@given(st.text(max_size=60))
def test_normalising_twice_changes_nothing(text):
    """normalise is idempotent for any text."""
    assert normalise(normalise(text)) == normalise(text)


@given(st.sampled_from(NAMES), st.data())
def test_any_word_of_a_name_finds_it_with_one_wrong_letter(name, data):
    """A law of the search: one replaced letter in a long word does not hide an entry."""
    word = data.draw(st.sampled_from([w for w in normalise(name).split() if len(w) >= 4]))
    place = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    assert name in found(word[:place] + letter + word[place + 1 :])


def test_short_words_and_numbers_must_fit():
    """In three letters or a house number a typo is another word."""
    assert [allowed_typos(w) for w in ("ag", "asd", "kita", "22844", "jugendhaus")] == [
        0,
        0,
        1,
        0,
        2,
    ]
