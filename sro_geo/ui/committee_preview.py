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
from sro_geo.reports.content import Slide
from sro_geo.reports.markup import svg_html, table_html, words_html
from sro_geo.reports.pdf import sources
from sro_geo.reports.views import view_text
from sro_geo.ui import session
from sro_geo.ui.markup import as_written, tag, text

_LONG_TITLE = 90
_KEPT = "committee_views"


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
        return session.tr(f"stories.kind_{self.stored.view.kind}")

    @property
    def reason(self) -> str:
        """Why the slide cannot be made, in words; nothing where it can."""
        return " ".join(describe(self.error, session.language())) if self.error else ""


def shown_slides(snapshot: Snapshot, slides: Sequence[StoredSlide]) -> list[Shown]:
    """Return the slides as they look now; a bar tells how far it is where it takes long."""
    language = session.language()
    maker = maker_of(session.workspace(), snapshot, language)
    # The maker stands for a state of workspace and releases: another one, and all is made anew.
    held = snapshot.kept(_KEPT, frozenset(), lambda _: {})
    if held.get(language, (None,))[0] is not maker:
        held[language] = (maker, {})
    views: dict[tuple[str, str], Any] = held[language][1]
    missing = [s for s in slides if (s.view.kind, view_text(s.view)) not in views]
    bar = st.progress(0.0, text=session.tr("committee.drawing")) if missing else None
    for number, slide in enumerate(missing, 1):
        key = (slide.view.kind, view_text(slide.view))
        if key not in views:
            try:
                views[key] = maker.slides(slide.view)
            except SroError as error:
                views[key] = error
        if bar is not None:
            bar.progress(number / len(missing), text=session.tr("committee.drawing"))
    if bar is not None:
        bar.empty()
    return [_shown(slide, views[slide.view.kind, view_text(slide.view)]) for slide in slides]


def _shown(stored: StoredSlide, made: tuple[Slide, ...] | SroError) -> Shown:
    if isinstance(made, SroError):
        return Shown(stored, None, made)
    for slide in made:
        if slide.slide_id == stored.part:
            return Shown(stored, slide)
    return Shown(stored, None, SroError("slide_part_gone", part=stored.part))


def slide_card(slide: Slide) -> None:
    """Show a slide in small: as the deck does, with its figures and its note below."""
    language, tr = session.language(), session.tr
    st.html(slide_html(slide, language))
    tables = "".join(table_html(table, language) for table in slide.tables())
    if slide.note.strip():
        st.html(
            tag(
                "p",
                tag("strong", text(tr("committee.note"))) + " ",
                escape(slide.note).replace("\n", "<br>"),
                class_="sro-slide-note",
            )
        )
    if tables:
        with st.expander(tr("committee.table"), icon=":material/table_rows:"):
            st.html(tag("div", tables, class_="sro-scroll sro-slide-table", tabindex="0",
                        role="region", aria_label=tr("committee.table")))  # fmt: skip


def slide_html(slide: Slide, language: str) -> str:
    """Return the slide in small as HTML, everything people wrote escaped."""
    long = " long" if len(slide.title) > _LONG_TITLE else ""
    kind = "cover" if slide.kind == "cover" else "mapped" if slide.sheet is not None else "plain"
    parts = [f'<h2 class="{long.strip()}" dir="auto">{escape(slide.title)}</h2>']
    if slide.subtitle:
        parts.append(tag("p", escape(slide.subtitle), class_="sub", dir="auto"))
    if slide.text.strip():
        parts.append(tag("div", words_html(slide.text), class_="words"))
    if slide.sheet is not None:
        parts.append(tag("figure", svg_html(slide, slide.sheet)))
    if source := sources(slide, language):
        parts.append(tag("p", escape(source), class_="source"))
    label = session.tr("committee.preview", title=slide.title)
    return tag("article", *parts, class_=f"sro-slide {kind}", aria_label=label)


def missing_card(shown: Shown) -> None:
    """Say why a slide cannot be made, and what becomes of it."""
    message, remedy = describe(shown.error, session.language()) if shown.error else ("", "")
    st.warning(
        f"**{as_written(message)}**  \n{as_written(remedy)}  \n{session.tr('committee.left_out')}",
        icon=":material/visibility_off:",
    )
