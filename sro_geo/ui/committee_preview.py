"""A slide as it will look: made once for each state of the data, words put on at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import streamlit as st

from sro_geo.actions.stories import StoredSlide
from sro_geo.actions.story_building import maker_of
from sro_geo.actions.workspace import Snapshot
from sro_geo.errors import SroError
from sro_geo.i18n import describe
from sro_geo.reports.content import Slide, one_line
from sro_geo.reports.markup import table_html
from sro_geo.reports.templates import PAGES
from sro_geo.reports.views import KINDS, View, view_text
from sro_geo.ui import session
from sro_geo.ui.markup import as_written, tag, text

_KEPT = "committee_views"
# Views that are held: a drawn map is a tenth of a megabyte.
_MOST = 200


@dataclass(frozen=True)
class Shown:
    """A stored slide, the same as the software writes it, and why it cannot be made."""

    stored: StoredSlide
    plain: Slide | None
    error: SroError | None = None

    @property
    def slide(self) -> Slide | None:
        """The slide with people's words on it."""
        if self.plain is None:
            return None
        words: dict[str, Any] = self.stored.words
        return replace(self.plain, slide_id=self.stored.slide_id, **words)

    @property
    def title(self) -> str:
        """What the slide is called in a list."""
        if self.stored.title:
            return self.stored.title
        if self.plain is not None:
            return self.plain.title
        kind = self.stored.view.kind
        return session.tr(f"stories.kind_{kind}") if kind in KINDS else one_line(kind, 40)

    @property
    def reason(self) -> str:
        """Why the slide cannot be made, in words; nothing where it can."""
        return " ".join(describe(self.error, session.language())) if self.error else ""


def shown_slides(snapshot: Snapshot, slides: Sequence[StoredSlide]) -> list[Shown]:
    """Return the slides as they look now; a bar tells how far it is where it takes long."""
    # One that cannot be read is none of the software's: it is named, as in the files.
    made = iter(_made(snapshot, [slide.view for slide in slides if slide.fault is None]))
    return [_shown(slide, slide.fault or next(made)) for slide in slides]


def report_slides(snapshot: Snapshot, names: Sequence[str] = tuple(PAGES)) -> list[Slide]:
    """Return the slides of the yearly report, or of some of its pages, as they look now.

    Raises what keeps the first page from being made where none can be.
    """
    made = _made(snapshot, [View("page", {"name": name}) for name in names])
    slides = [slide for view in made if not isinstance(view, SroError) for slide in view]
    if not slides and isinstance(made[0], SroError):
        raise made[0]
    return slides


def _made(snapshot: Snapshot, asked: Sequence[View]) -> list[tuple[Slide, ...] | SroError]:
    """Return the slides of views, or why there are none; each is made once for all visitors."""
    language, words = session.language(), session.tr("committee.drawing")
    maker = maker_of(session.workspace(), snapshot, language)
    # The maker stands for a state of workspace and releases: another one, and all is made anew.
    held = snapshot.kept(_KEPT, frozenset(), lambda _: {})
    if held.get(language, (None,))[0] is not maker:
        held[language] = (maker, {})
    views: dict[tuple[str, str], tuple[Slide, ...] | SroError] = held[language][1]
    keys = [(view.kind, view_text(view)) for view in asked]
    new = {key: view for key, view in zip(keys, asked, strict=True) if key not in views}
    bar = st.progress(0.0, text=words) if new else None
    for number, (key, view) in enumerate(new.items(), 1):
        try:
            views[key] = maker.slides(view)
        except SroError as error:
            views[key] = error
        if bar is not None:
            bar.progress(number / len(new), text=words)
    if bar is not None:
        bar.empty()
    made = [views[key] for key in keys]
    while len(views) > _MOST:
        del views[next(iter(views))]
    return made


def _shown(stored: StoredSlide, made: tuple[Slide, ...] | SroError) -> Shown:
    if isinstance(made, SroError):
        return Shown(stored, None, made)
    for slide in made:
        if slide.slide_id == stored.part:
            return Shown(stored, slide)
    return Shown(stored, None, SroError("slide_part_gone", part=stored.part))


def note_line(slide: Slide) -> None:
    """Show the note of a slide nobody edits here."""
    if slide.note.strip():
        words = escape(slide.note).replace("\n", "<br>")
        label = tag("strong", text(session.tr("committee.note")))
        st.html(tag("p", f"{label} {words}", class_="sro-slide-note", dir="auto"))


def table_panel(slide: Slide) -> None:
    """Show the figures of a slide in letters that can be read."""
    tr = session.tr
    tables = "".join(table_html(table, session.language()) for table in slide.tables())
    if tables:
        with st.expander(tr("committee.table"), icon=":material/table_rows:"):
            st.html(
                tag(
                    "div",
                    tables,
                    class_="sro-scroll sro-slide-table",
                    tabindex="0",
                    role="region",
                    aria_label=tr("committee.table"),
                )
            )


def missing_card(shown: Shown) -> None:
    """Say why a slide cannot be made, and what becomes of it."""
    message, remedy = describe(shown.error, session.language()) if shown.error else ("", "")
    st.warning(
        f"**{as_written(message)}**  \n{as_written(remedy)}  \n{session.tr('committee.left_out')}",
        icon=":material/visibility_off:",
    )
