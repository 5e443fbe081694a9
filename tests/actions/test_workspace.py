"""The snapshot is read once, and after a change only what changed."""

from sro_geo.actions.access import Actor
from sro_geo.actions.editing import save_offer


def some_offer(town):
    """Id of an offer."""
    return town.snapshot().directory["offer_id"].iloc[0]


def test_without_a_change_the_snapshot_is_the_same_object(town):
    """Nothing is read twice."""
    assert town.snapshot() is town.snapshot()


def test_after_an_edit_of_an_offer_the_areas_and_names_are_kept(town):
    """A coordinator's click does not read blocks, addresses and population again."""
    before = town.snapshot()
    before.gazetteer.search("Buchenweg")
    save_offer(town, {"cost": "frei"}, actor=Actor("Anna"), offer_id=some_offer(town))
    after = town.snapshot()
    assert before.current is after.current
    assert before.tables["addresses"] is after.tables["addresses"]
    assert before._named_places is after._named_places
    assert before.tables["offers"] is not after.tables["offers"]
    assert "frei" == after.directory["cost"].iloc[0]


def test_a_change_by_another_process_is_seen(town):
    """The second workspace stands for another process on the same files."""
    from sro_geo.actions.workspace import open_workspace

    other = open_workspace(town.settings)
    other.snapshot()
    save_offer(town, {"cost": "2 Euro"}, actor=Actor("Anna"), offer_id=some_offer(town))
    assert "2 Euro" == other.snapshot().directory["cost"].iloc[0]
    other.close()
