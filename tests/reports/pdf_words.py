"""The words of a PDF as PDFium reads them: what a person can copy out of it."""

from __future__ import annotations

import pypdfium2


def copied_pages(data: bytes) -> list[str]:
    """The words of each page, line by line as they are seen."""
    with pypdfium2.PdfDocument(data) as paper:
        # A hyphen at the end of a line is told by a character of its own.
        said = [page.get_textpage().get_text_range().replace("\ufffe", "-") for page in paper]
    return ["\n".join(one.splitlines()) for one in said]


def copied(data: bytes) -> str:
    """All words, blanks made plain."""
    return " ".join(" ".join(copied_pages(data)).split())


def line_ends(data: bytes) -> list[list[float]]:
    """How far down each run of words ends, in points from the top, by page."""
    out = []
    with pypdfium2.PdfDocument(data) as paper:
        for page in paper:
            text, high = page.get_textpage(), page.get_height()
            out.append([high - text.get_rect(n)[1] for n in range(text.count_rects())])
    return out
