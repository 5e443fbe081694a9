"""What a PDF says about itself, read with pikepdf: tags, fonts, bookmarks, order of reading."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pikepdf

# What is read one after the other, as far as the order of a story tells.
_READ = ("H1", "H2", "Figure", "Table", "TOC")


@dataclass
class Tagged:
    """The findings of one file; ``faults`` is empty for a good one."""

    language: str = ""
    title: str = ""
    conformance: tuple[str, str] = ("", "")
    roles: Counter[str] = field(default_factory=Counter)
    alternatives: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    bookmarks: int = 0
    pages: int = 0
    order: list[int] = field(default_factory=list)
    sequence: list[str] = field(default_factory=list)
    destinations: list[int] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def read(data: bytes) -> Tagged:
    """Return what the file says and what is wrong with it."""
    with pikepdf.open(io.BytesIO(data)) as file:
        out = Tagged(pages=len(file.pages))
        root = file.Root
        out.language = str(root.get("/Lang", ""))
        with file.open_metadata() as meta:
            out.conformance = (
                f"{meta.get('pdfuaid:part')}",
                f"{meta.get('pdfaid:part')}{meta.get('pdfaid:conformance')}".lower(),
            )
            out.title = str(meta.get("dc:title") or "")
        if not root.MarkInfo.get("/Marked", False):
            out.faults.append("not marked")
        if not root.ViewerPreferences.get("/DisplayDocTitle", False):
            out.faults.append("title not displayed")
        with file.open_outline() as outline:
            out.bookmarks = len(list(outline.root))
        numbers = {page.objgen: i for i, page in enumerate(file.pages)}
        out.destinations = [
            numbers[place.destination[0].objgen]
            for place in outline.root
            if isinstance(place.destination, pikepdf.Array)
        ]
        for element in elements(root.StructTreeRoot.get("/K")):
            _element(element, numbers, out)
        for thing in file.objects:
            _font(thing, out)
    return out


def elements(node: Any) -> Iterator[pikepdf.Dictionary]:
    """Yield the structure elements in the order they are read."""
    if isinstance(node, pikepdf.Array):
        for child in node:
            yield from elements(child)
    elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
        yield node
        yield from elements(node.get("/K"))


def _element(element: pikepdf.Dictionary, numbers: dict[Any, int], out: Tagged) -> None:
    role = str(element.S).lstrip("/")
    out.roles[role] += 1
    if role == "Figure":
        words = str(element.get("/Alt", ""))
        out.alternatives.append(words)
        if not words.strip():
            out.faults.append("figure without alternative text")
    if role == "TH":
        attributes = element.get("/A")
        held = (
            [attributes] if isinstance(attributes, pikepdf.Dictionary) else list(attributes or [])
        )
        scopes = {str(a.Scope) for a in held if isinstance(a, pikepdf.Dictionary) and "/Scope" in a}
        if not scopes & {"/Column", "/Row", "/Both"}:
            out.faults.append("header cell without scope")
    if role in ("H1", "H2", "H3"):
        out.headings.append(role)
    if role in _READ:
        out.sequence.append(role)
    page = element.get("/Pg")
    if page is not None and page.objgen in numbers:
        out.order.append(numbers[page.objgen])


def _font(thing: Any, out: Tagged) -> None:
    if not isinstance(thing, pikepdf.Dictionary):
        return
    if thing.get("/Type") == "/FontDescriptor" and not any(
        key in thing for key in ("/FontFile", "/FontFile2", "/FontFile3")
    ):
        out.faults.append("font not embedded")
    if thing.get("/Type") == "/Font" and thing.get("/Subtype") == "/Type1":
        out.faults.append("standard font")
    composite = thing.get("/Type") == "/Font" and thing.get("/Subtype") == "/Type0"
    if composite and "/ToUnicode" not in thing:
        out.faults.append("font whose letters cannot be copied")
