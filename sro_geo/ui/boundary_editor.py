"""A map to draw boundaries in: paint, lasso, rectangle, line, click, whole district.

The browser paints at once and tells each gesture once, as blocks that changed; geometry is
fetched once by an address named after its content. What is sent here is small: one number
for each block, deflated, and only when the browser does not hold the same.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import streamlit as st

from sro_geo.cartography import palette
from sro_geo.errors import SroError
from sro_geo.i18n import phrases, t
from sro_geo.maps.block_shapes import BlockShapes
from sro_geo.ui.own_files import source

_WORDS = "boundary_editor."
_FACTOR = np.uint32(2654435761)
# Numbers a gesture may name are never longer than this.
_LARGEST_MESSAGE = 1_000_000
_LOADER = (
    "export default async (given) => "
    "(await import(new URL(given.data.urls.editor, document.baseURI).href)).default(given);"
)
_HTML = (
    '<div class="sro-editor"><div class="sro-editor-bar"></div>'
    '<div class="sro-editor-targets"></div><div class="sro-editor-map" tabindex="0"></div>'
    '<p class="sro-editor-hint" hidden></p><p class="sro-editor-said" role="status"></p></div>'
)


@dataclass(frozen=True)
class Space:
    """One space as the map shows it.

    ``code`` is what blocks carry, ``number`` its mark on the map and its key, ``region`` any
    number that is the same for the spaces of one region.
    """

    code: int
    id: str
    number: int
    name: str
    colour: str
    caption: str = ""
    locked: bool = False
    region: int = 0


@dataclass(frozen=True)
class Addresses:
    """Where the browser finds what it draws with, relative to the page."""

    editor: str
    drawing: str
    leaflet: str
    blocks: str
    ground: str
    styles: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Drawing:
    """What the map shows.

    ``codes`` is None where the browser holds the same already. ``old`` are the codes the
    drawing is compared with: what moved is hatched, former borders are dashed. ``held``
    masks locked blocks. ``aim`` is a space that becomes the target, once.
    """

    plan: str
    spaces: Sequence[Space]
    codes: np.ndarray | None
    version: str
    fresh: str
    old: np.ndarray | None = None
    held: np.ndarray | None = None
    editable: bool = False
    ack: int = 0
    undo: bool = False
    redo: bool = False
    aim: str = ""


@dataclass(frozen=True)
class Gesture:
    """One gesture in the browser: its kind, and what it did.

    ``kind`` is brush, lasso, rectangle, click, district (``blocks`` go to ``to``), line
    (``line``: latitude and longitude; ``source``), undo, redo, or codes: the browser lost
    them. ``to`` is an area id, "" for none, "+" for a new one; ``source`` "*" for any.
    """

    kind: str
    to: str = ""
    source: str = "*"
    blocks: np.ndarray | None = None
    line: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Message:
    """What the browser tells at once: gestures in order, and the sum of what it now holds."""

    seq: int
    plan: str
    sum: int
    gestures: tuple[Gesture, ...]


def editor_script() -> bytes:
    """Return the module that is to be published for :class:`Addresses`."""
    return source("boundary_editor.js").encode()


@st.cache_resource(show_spinner=False)
def _component() -> Any:
    return st.components.v2.component(
        "sro_boundary_editor", html=_HTML, css=source("boundary_editor.css"), js=_LOADER
    )


def boundary_editor(
    shapes: BlockShapes,
    addresses: Addresses,
    drawing: Drawing,
    *,
    label: str,
    language: str,
    key: str,
    height: int = 560,
    group: str = "",
    on_gesture: Callable[[Message], None] | None = None,
) -> None:
    """Show the map; ``on_gesture`` gets what was drawn before the page runs again.

    Parameters
    ----------
    label
        Name of the map for screen readers.
    group
        Maps of one group always show the same part of the city.
    on_gesture
        None for a map that is only looked at.
    """

    def told() -> None:
        value = st.session_state[key].gesture
        if value and on_gesture is not None and (message := read_message(value, shapes.count)):
            on_gesture(message)

    words = {
        k.removeprefix(_WORDS): v for k, v in phrases(language).items() if k.startswith(_WORDS)
    }
    data = {
        "urls": asdict(addresses),
        "words": {**words, "label": label},
        "language": language,
        "height": height,
        "bounds": shapes.bounds,
        "colours": _COLOURS,
        "group": group,
        "tool": "brush",
        "plan": drawing.plan,
        "areas": [asdict(space) for space in drawing.spaces],
        "codes": "" if drawing.codes is None else packed(drawing.codes),
        "version": drawing.version,
        "fresh": drawing.fresh,
        "old": "" if drawing.old is None else packed(drawing.old),
        "held": "" if drawing.held is None or not drawing.held.any() else packed(drawing.held),
        "editable": drawing.editable and on_gesture is not None,
        "ack": drawing.ack,
        "undo": drawing.undo,
        "redo": drawing.redo,
        "aim": drawing.aim,
    }
    _component()(key=key, data=data, on_gesture_change=told)


_COLOURS = {
    "land": palette.LAND,
    "green": palette.GREEN,
    "water": palette.WATER,
    "road": palette.ROAD,
    "roadEdge": palette.ROAD_EDGE,
    "rail": palette.RAIL,
    "ink": palette.INK,
    "accent": palette.ACCENT,
    "casing": palette.CASING,
}


def packed(codes: np.ndarray) -> str:
    """Return small whole numbers, two bytes each, deflated and in base64."""
    raw = np.ascontiguousarray(codes, "<i2").tobytes()
    return base64.b64encode(zlib.compress(raw, 6)).decode("ascii")


def sum_of(codes: np.ndarray) -> int:
    """Return a number by which browser and server see whether they hold the same codes."""
    with np.errstate(over="ignore"):
        places = np.arange(1, len(codes) + 1, dtype=np.uint32) * _FACTOR
        parts = (codes.astype(np.int64) + 2).astype(np.uint32) * places
        return int(parts.sum(dtype=np.uint32))


def runs(text: str, count: int) -> np.ndarray:
    """Return the rising numbers that the browser wrote as gaps and lengths of runs.

    Raises
    ------
    SroError
        ``gesture_malformed``.
    """
    found, value, shift, end, gap = [], 0, 0, 0, -1
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raise SroError("gesture_malformed") from None
    for byte in raw:
        value |= (byte & 127) << shift
        shift += 7
        if byte > 127:
            continue
        if gap < 0:
            gap = value
        else:
            start, end = end + gap, end + gap + value
            if end > count:
                raise SroError("gesture_malformed")
            found.append(np.arange(start, end))
            gap = -1
        value = shift = 0
    if gap >= 0 or shift:
        raise SroError("gesture_malformed")
    return np.concatenate(found) if found else np.empty(0, np.int64)


def read_message(value: Mapping[str, Any], count: int) -> Message | None:
    """Return what the browser told, None when it is not what our script sends."""
    try:
        gestures = tuple(_gesture(g, count) for g in value["gestures"])
        return Message(int(value["seq"]), str(value["plan"]), int(value["sum"]), gestures)
    except (KeyError, TypeError, ValueError, SroError):
        return None


def _gesture(value: Mapping[str, Any], count: int) -> Gesture:
    blocks = value.get("blocks")
    if blocks is not None and len(blocks) > _LARGEST_MESSAGE:
        raise SroError("gesture_malformed")
    return Gesture(
        str(value["kind"]),
        str(value.get("to", "")),
        str(value.get("from", "*")),
        None if blocks is None else runs(blocks, count),
        tuple((float(lat), float(lon)) for lat, lon in value.get("line", ())),
    )


def label_of(plan: str, language: str) -> str:
    """Return the name of the map for screen readers."""
    return t("boundaries.map_label", language, plan=plan)
