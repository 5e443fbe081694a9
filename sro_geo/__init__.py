"""Sozialraum dashboard: boundaries, offers, reach and figures of a youth welfare office.

The rooms of the package, from the ground up: ``errors``, ``settings``, ``tables`` and
``i18n``; the city (``city``, ``areas``, ``boundaries``, ``population``, ``offers``,
``gazetteer``); the questions (``reach``); the doors (``store``, ``exchange``, ``maps``);
the verbs (``actions``) and the faces (``cli``, ``ui``).
"""

__version__ = "0.1.0"
