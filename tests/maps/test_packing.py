"""Geometry survives packing."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sro_geo.maps.packing import UNIT, pack, unpack

point = st.tuples(st.floats(-180, 180), st.floats(-90, 90))
lines = st.lists(st.lists(point, min_size=1, max_size=8), max_size=6)


@given(lines)
def test_points_come_back_within_half_a_unit(parts: list[list[tuple[float, float]]]) -> None:
    """Anywhere on earth, in any number of parts, in the same order."""
    arrays = [np.array(part, dtype=float) for part in parts]
    header, back = unpack(pack({"kinds": ["ä"]}, arrays))
    assert header["kinds"] == ["ä"]
    assert [len(part) for part in arrays] == [len(part) for part in back]
    for before, after in zip(arrays, back, strict=True):
        np.testing.assert_allclose(after, before, atol=UNIT * 0.51)


def test_a_step_of_some_metres_takes_two_bytes_each_way() -> None:
    """A hundred points of a street take about four bytes each, not sixteen."""
    street = np.column_stack([10 + np.arange(100) * 3e-4, 53.7 + np.arange(100) * 2e-4])
    with_points, without = pack({}, [street]), pack({}, [street[:1]])
    assert len(with_points) - len(without) <= 99 * 4
