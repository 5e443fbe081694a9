"""How streets become a network."""

import numpy as np
import pytest

from sro_geo.errors import SroError
from sro_geo.reach import build_network, needs_crossings, over_network
from tests.reach.streets import CITY, streets


def test_streets_meet_where_they_share_a_corner():
    """A T of two streets: four nodes, three edges, bends are no nodes."""
    network = build_network(streets([(0, 0), (50, 10), (100, 0), (200, 0)], [(100, 0), (100, 80)]))
    extent = network.of("walk").extent
    assert (4, 3, 1) == (extent.nodes, extent.edges, extent.parts)
    assert sorted(network.length) == pytest.approx([80, 100, 2 * np.hypot(50, 10)])


def test_corners_are_one_to_the_centimetre():
    """Four millimetres apart is the same corner, four centimetres are not."""
    close = build_network(streets([(0, 0), (100, 0)], [(100.004, 0), (200, 0)]))
    apart = build_network(streets([(0, 0), (100, 0)], [(100.04, 0), (200, 0)]))
    assert (1, 2) == (close.of("walk").extent.parts, apart.of("walk").extent.parts)


def test_a_bridge_does_not_meet_what_it_crosses():
    """Unless crossings are asked for, as for streets drawn by hand."""
    cross = streets([(0, 0), (100, 0)], [(50, -50), (50, 50)])
    assert 2 == build_network(cross).of("walk").extent.parts
    extent = build_network(cross, node_crossings=True).of("walk").extent
    assert (1, 5, 4) == (extent.parts, extent.nodes, extent.edges)


def test_a_drawn_street_that_ends_a_hand_short_still_meets():
    """Coordinates in degrees are rounded to centimetres; drawn ends are not exact."""
    nearly = streets([(0, 0), (100, 0)], [(50.3, 0.1), (50, 50)])
    assert 1 == build_network(nearly, node_crossings=True).of("walk").extent.parts


def test_crossings_keep_who_may_use_a_street():
    """The cycle street stays one, the footway too."""
    cross = streets(
        [(0, 0), (100, 0)], [(50, -50), (50, 50)], walk=[True, True], bike=[True, False]
    )
    network = build_network(cross, node_crossings=True)
    assert pytest.approx(200) == network.length[network.walk].sum()
    assert pytest.approx(100) == network.length[network.bike].sum()


def test_streets_without_tags_need_crossings():
    """Nobody said who may use them: they are drawn."""
    assert needs_crossings(streets([(0, 0), (1, 0)]))
    assert not needs_crossings(streets([(0, 0), (1, 0)], walk=[True]))


def test_of_two_streets_between_the_same_corners_the_shorter_counts():
    """Not their sum, which a sparse matrix makes of doubles."""
    network = build_network(streets([(0, 0), (100, 0)], [(0, 0), (50, 80), (100, 0)]))
    assert [100.0, 100.0] == network.of("walk").graph.data.tolist()


def test_a_street_that_ends_where_it_began_is_walked_the_short_way():
    """Round the loop to the right or to the left; hand-computed."""
    loop = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
    travel = over_network(build_network(streets(loop, [(0, 0), (-100, 0)])), CITY)
    minutes, _ = travel.nearest(
        np.array([0.0, 100.0]), np.array([90.0, 40.0]), np.array([-100.0]), np.array([0.0])
    )
    assert minutes == pytest.approx(np.array([190, 240]) / travel.metres_a_minute)


def test_no_streets_make_no_network():
    """Said, with how many there were."""
    with pytest.raises(SroError, match="network_empty"):
        build_network(streets())
    with pytest.raises(SroError, match="network_empty"):
        build_network(streets([(5, 5), (5.001, 5)]), node_crossings=True)
