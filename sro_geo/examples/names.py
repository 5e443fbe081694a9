"""Plain street names for an invented town: each quarter has its theme, as quarters often do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

# stems, then the endings they take in turn
_THEMES: tuple[tuple[str, str], ...] = (
    (
        "Amsel Drossel Finken Star|en Meisen Lerchen Schwalben Kiebitz Kranich Reiher Habicht "
        "Falken Sperber Bussard Eulen Käuzchen Kuckuck|s Specht Zeisig Pirol Rotkehlchen "
        "Zaunkönig Goldammer Stieglitz Dohlen Möwen",
        "weg stieg straße",
    ),
    (
        "Ahorn Birken Eichen Erlen Eschen Fichten Kiefern Lärchen Pappel Ulmen Weiden Kastanien "
        "Ebereschen Hainbuchen Robinien Platanen Eiben Espen Wacholder Zedern Nussbaum Akazien "
        "Tannen Linden",
        "weg straße kamp",
    ),
    (
        "Rosen Tulpen Nelken Dahlien Astern Lilien Krokus Veilchen Primel Narzissen Anemonen "
        "Margeriten Ginster Flieder Jasmin Malven Mohn Lupinen Iris Enzian Glocken Lavendel "
        "Salbei Thymian",
        "weg stieg ring",
    ),
    (
        "Roggen Weizen Hafer Gersten Hirse Buchweizen Klee Raps Flachs Hopfen Rüben Kartoffel "
        "Bohnen Erbsen Heu Stroh Acker Garben Ernte Saat Furchen Pflug Sensen Sichel",
        "weg kamp straße",
    ),
    (
        "Schmiede Müller Bäcker Töpfer Weber Tischler Zimmerer Maurer Gerber Färber Küfer "
        "Böttcher Sattler Schuster Seiler Drechsler Glaser Korbmacher Uhrmacher Buchbinder "
        "Imker Köhler Ziegler Fuhrmann|s",
        "straße weg gang",
    ),
    (
        "Fuchs Dachs Reh Hirsch Hasen Igel Marder Eichhörnchen Wiesel Otter Biber Luchs Hamster "
        "Iltis Haselmaus Maulwurf|s Elch Dam Keiler Rotwild Hermelin Siebenschläfer Wisent Wolf|s",
        "weg kamp bogen",
    ),
    (
        "Moor Heide Wiesen Torf Sand Kies Lehm Bruch Geest Marsch Feld Knick Hügel Tal Quellen "
        "Bach Teich Brücken Furt Ufer Schilf Binsen Farn Moos",
        "weg kamp redder",
    ),
    (
        "Sonnen Monden Sternen Morgen Abend Regenbogen Wolken Wind Nebel Tau Frühling|s Sommer "
        "Herbst Winter Mai April Polar Kometen Merkur Venus Saturn Jupiter Neptun Plejaden",
        "weg straße ring",
    ),
    (
        "Apfel Birnen Kirschen Pflaumen Quitten Mirabellen Holunder Himbeer Brombeer Johannisbeer "
        "Stachelbeer Erdbeer Heidelbeer Schlehen Hagebutten Haselnuss Walnuss Pfirsich Reben "
        "Mispel Sanddorn Weißdorn Rotdorn Preiselbeer",
        "weg hof stieg",
    ),
    (
        "Dorf Kirch Schul Mühl Markt Anger Hof Garten Brunnen Linden-Kirch Gänse Schäfer Bauern "
        "Hirten Meierei Ziegelei Tor Burg Graben Scheunen Pfarr Bleicher Kranz Glocken",
        "straße weg hof",
    ),
    (
        "Granit Basalt Schiefer Kreide Feuerstein Kiesel Marmor Bernstein Kristall Quarz Achat "
        "Rubin Saphir Opal Topas Jade Turmalin Silber Gold Kupfer Zinn Eisen Messing Bronze",
        "weg ring straße",
    ),
    (
        "Elb Alster Eider Stör Trave Schwentine Bille Oste Luhe Ilmenau Weser Ems Havel Spree "
        "Oder Saale Peene Warnow Schlei Treene Pinnau Krückau Este Wümme",
        "straße weg allee",
    ),
    (
        "Libellen Schmetterling|s Hummel Bienen Grillen Käfer Ameisen Marienkäfer Falter "
        "Zitronenfalter Pfauenaugen Schwärmer Glühwürmchen Hirschkäfer Heupferd Florfliegen "
        "Admiral Distelfalter Schnecken Frosch Unken Molch Eidechsen Salamander",
        "weg stieg kehre",
    ),
    (
        "Hansa Friesen Holsten Stormarn Dithmarscher Angeliter Wagrier Fehmarner Husumer Kieler "
        "Lübecker Plöner Eutiner Ratzeburger Möllner Büsumer Tönninger Itzehoer Glückstädter "
        "Schleswiger Rendsburger Neumünsteraner Segeberger Oldesloer",
        "straße weg allee",
    ),
    (
        "Anker Segel Kompass Leuchtturm Hafen Lotsen Fischer Netz Reusen Kutter Fähr Deich Priel "
        "Watt Düne|n Muschel Herings Krabben Robben Seestern Austernfischer Boje|n Kogge|n Ruder",
        "weg straße stieg",
    ),
    (
        "Pappelhain Eichenhain Birkenhain Rosenhain Wiesenhain Erlengrund Mühlengrund Rehgrund "
        "Heidegrund Talgrund Kiefernhöhe Sonnenhöhe Ginsterhöhe Lerchenhöhe Heidehöhe Brunnenfeld "
        "Kornfeld Haferfeld Mohnfeld Birkenfeld Lindenfeld Ziegelfeld Schäferfeld Roggenfeld",
        " weg straße",
    ),
)


# endings for a town so large that the usual ones are used up
_MORE_ENDINGS = (
    "pfad",
    "zeile",
    "allee",
    "winkel",
    "hof",
    "twiete",
    "platz",
    "bogen",
    "gasse",
    "eck",
)


def _theme(number: int, turn: int) -> list[str]:
    stems, endings = _THEMES[number % len(_THEMES)]
    choices = endings.split(" ")
    if turn >= len(choices):
        choices = [_MORE_ENDINGS[turn - len(choices)]]
    names = []
    for place, stem in enumerate(stems.split()):
        ending = choices[(place + turn) % len(choices)]
        stem = stem.replace("Linden-Kirch", "Kirchlinden")
        # "Maulwurf|s": a linking letter; capital-letter names of places stand apart
        stem = stem.replace("|", "")
        apart = stem.endswith("er") and number % len(_THEMES) == 13
        names.append(f"{stem} {ending.capitalize()}" if apart and ending else f"{stem}{ending}")
    return names


def street_names(themes: Sequence[int], taken: Iterable[str] = ()) -> list[str]:
    """Return a unique name for each street; ``themes`` holds the number of its quarter.

    A quarter whose theme is used up borrows from the next; ``taken`` are names in use.
    """
    used = set(taken)
    queues: dict[tuple[int, int], list[str]] = {}
    given = []
    for theme in themes:
        for step in range(len(_THEMES) * (3 + len(_MORE_ENDINGS))):
            # first the quarter's own theme, then the next ones, then other endings
            key = ((theme + step) % len(_THEMES), step // len(_THEMES))
            queue = queues.setdefault(key, _theme(*key))
            while queue and queue[0] in used:
                queue.pop(0)
            if queue:
                break
        if queue:
            name = queue.pop(0)
        else:
            name = next(n for n in (f"Weg {i}" for i in range(1, 100_000)) if n not in used)
        used.add(name)
        given.append(name)
    return given
