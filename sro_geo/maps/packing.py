"""Lines and rings in few bytes: differences of whole micro-degrees as variable-length numbers.

``canvas.js`` reads what is written here. Layout: four bytes with the length of the header
(little endian), the header (JSON, UTF-8), then variable-length numbers: for each part its
count of points, after all of those for each point the zigzag-coded difference in longitude
and latitude to the point before, across all parts. A variable-length number holds seven
bits a byte, lowest first; the highest bit says that another byte follows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

# One micro-degree is about 0.11 m north and 0.07 m east in Germany.
UNIT = 1e-6


def pack(header: Mapping[str, Any], parts: Sequence[npt.NDArray[np.float64]]) -> bytes:
    """Return header and parts as bytes.

    Parameters
    ----------
    header
        JSON-able description; ``parts`` and ``unit`` are added to it.
    parts
        Arrays of shape (n, 2): longitude, latitude in degrees.
    """
    counts = np.array([len(part) for part in parts], dtype=np.int64)
    points = np.concatenate(parts) if parts else np.empty((0, 2))
    whole = np.rint(points / UNIT).astype(np.int64)
    steps = np.diff(whole, axis=0, prepend=np.zeros((1, 2), np.int64)).ravel()
    zigzag = (steps << 1) ^ (steps >> 63)
    text = json.dumps(
        {**header, "parts": len(parts), "unit": UNIT},
        ensure_ascii=False,
        allow_nan=False,
        separators=(",", ":"),
    ).encode()
    return len(text).to_bytes(4, "little") + text + _varints(counts) + _varints(zigzag)


def _varints(values: npt.NDArray[np.int64]) -> bytes:
    """Return non-negative numbers below 2**35, seven bits a byte."""
    shifts = np.arange(5) * 7
    digits = (values[:, None] >> shifts) & 0x7F
    follows = (values[:, None] >> (shifts + 7)) > 0
    used = np.ones_like(follows)
    used[:, 1:] = follows[:, :-1]
    return (digits | (follows << 7)).astype(np.uint8)[used].tobytes()


def unpack(data: bytes) -> tuple[dict[str, Any], list[npt.NDArray[np.float64]]]:
    """Return (header, parts) of what :func:`pack` wrote, to the precision of ``UNIT``."""
    length = int.from_bytes(data[:4], "little")
    header: dict[str, Any] = json.loads(data[4 : 4 + length])
    numbers: list[int] = []
    value = shift = 0
    for byte in data[4 + length :]:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(value)
            value = shift = 0
    counts, rest = numbers[: header["parts"]], np.array(numbers[header["parts"] :], np.int64)
    steps = ((rest >> 1) ^ -(rest & 1)).reshape(-1, 2)
    points = np.cumsum(steps, axis=0) * header["unit"]
    return header, np.split(points, np.cumsum(counts)[:-1]) if counts else []
