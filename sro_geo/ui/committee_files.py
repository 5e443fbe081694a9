"""Files of a presentation: made with progress, then taken along."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from sro_geo.actions.cases import released_stamp
from sro_geo.actions.reporting import FORMATS, publish_folder, write_report
from sro_geo.actions.stories import Built, StoryHead, build_story
from sro_geo.actions.workspace import Snapshot
from sro_geo.errors import SroError
from sro_geo.i18n import describe
from sro_geo.ui import session
from sro_geo.ui.frame import show_error
from sro_geo.ui.markup import as_written

_MADE, _BUILT = "committee_file", "committee_built"
_MOST = 2
_FOLDER = "folder"
_MIME = {
    "html": "text/html",
    "pdf": "application/pdf",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "gpkg": "application/geopackage+sqlite3",
}
_LETTERS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}
)


@dataclass(frozen=True)
class Made:
    """A finished file: of which state it is, its bytes and what is missing in it."""

    stamp: tuple[object, ...]
    format: str
    data: bytes
    file_name: str
    label: str
    missing: tuple[str, ...]


def stamp_of(snapshot: Snapshot, story_id: str) -> tuple[object, ...]:
    """Return what tells one state of a presentation and its data from the next."""
    released = released_stamp(session.settings().workspace)
    return (story_id, snapshot.revision, snapshot.today, released, session.language())


def built_story(snapshot: Snapshot, story_id: str) -> Built:
    """Return the presentation with the data of this moment, made once for each state."""
    stamp = stamp_of(snapshot, story_id)
    held: dict[tuple[object, ...], Built] = st.session_state.setdefault(_BUILT, {})
    if stamp in held:
        return held[stamp]
    words = session.tr("committee.building")
    bar = st.progress(0.0, text=words)

    def told(number: int, of: int) -> None:
        bar.progress(number / max(1, of), text=words)

    try:
        built = build_story(
            session.workspace(),
            story_id,
            actor=session.actor(),
            language=session.language(),
            progress=told,
        )
    finally:
        bar.empty()
    while len(held) >= _MOST:
        del held[next(iter(held))]
    held[stamp] = built
    return built


def files_panel(snapshot: Snapshot, head: StoryHead) -> None:
    """Ask for a format, make the file, and hand it over."""
    tr = session.tr
    formats = [*(f for f in FORMATS if f in _MIME), _FOLDER]
    chosen = str(
        st.radio(
            tr("committee.format"),
            formats,
            key="committee_format",
            format_func={f: tr(f"committee.format_{f}") for f in formats}.__getitem__,
            captions=[tr(f"committee.format_{f}_for") for f in formats],
        )
    )
    stamp = (*stamp_of(snapshot, head.story_id), chosen)
    made: Made | None = st.session_state.get(_MADE)
    if made is None or made.stamp != stamp:
        place = st.empty()
        if not place.button(
            tr("committee.make"), type="primary", width="stretch", key="committee_make"
        ):
            return
        try:
            made = st.session_state[_MADE] = _made(snapshot, head, chosen, stamp)
        except SroError as error:
            show_error(error)
            return
        place.empty()
    if made.missing:
        lines = "\n".join(f"- {as_written(line)}" for line in made.missing)
        st.warning(f"{tr('committee.missing')}\n{lines}", icon=":material/visibility_off:")
    st.download_button(
        tr("committee.take", file=made.file_name),
        made.data,
        file_name=made.file_name,
        mime=_MIME.get(made.format, "application/zip"),
        icon=":material/download:",
        type="primary",
        on_click="ignore",
        width="stretch",
        key="committee_take",
    )
    st.caption(tr("committee.frozen", label=made.label, size=_size(len(made.data))))


def missing_words(built: Built) -> tuple[str, ...]:
    """Return for each slide that could not be made its title and why."""
    return tuple(
        f"{gone.title}: {' '.join(describe(gone.error, session.language()))}"
        for gone in built.missing
    )


def _made(snapshot: Snapshot, head: StoryHead, format: str, stamp: tuple[object, ...]) -> Made:
    built = built_story(snapshot, head.story_id)
    with (
        st.spinner(session.tr("committee.writing")),
        tempfile.TemporaryDirectory(prefix="sro-") as folder,
    ):
        if format == _FOLDER:
            target = Path(folder) / "public"
            files = publish_folder(
                session.workspace(),
                target,
                actor=session.actor(),
                story=built,
                language=session.language(),
            )
            data, ending = _zipped(target, files), "zip"
        else:
            file = Path(folder) / f"story.{format}"
            write_report(built.story, format, file, material=built.material)
            data, ending = file.read_bytes(), format
    name = f"{_file_stem(head.name)}-{built.story.frozen_at[:10]}.{ending}"
    return Made(stamp, format, data, name, built.story.label, missing_words(built))


def _zipped(folder: Path, files: tuple[Path, ...]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, file.relative_to(folder))
    return packed.getvalue()


def _file_stem(name: str) -> str:
    """Return a name that every system can keep."""
    letters = name.translate(_LETTERS)
    return re.sub(r"[^A-Za-z0-9]+", "-", letters).strip("-")[:60] or "sozialraum"


def _size(count: int) -> str:
    return f"{session.decimal(count / 1_000_000)} MB"
