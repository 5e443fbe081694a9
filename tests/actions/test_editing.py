"""Adding, editing, copying, closing, confirming offers: kept, with history, or refused."""

import dataclasses
import datetime as dt

import pytest

from sro_geo.actions.access import Actor
from sro_geo.actions.editing import (
    Hours,
    close_offer,
    confirm_offer,
    duplicate_offer,
    offer_history,
    read_hours,
    reopen_offer,
    save_offer,
)
from sro_geo.actions.workspace import open_workspace
from sro_geo.errors import InputRefused, SroError

ANNA = Actor("Anna", "coordinator")
NEW = {
    "name": "Kochtreff im Hof",
    "category": "family_project",
    "provider_id": "T-05",
    "address": "Am Hof 3",
    "postal_code": "22846",
    "city": "Norderstedt",
    "lat": 53.7084,
    "lon": 9.9905,
    "schedule": "We 15:00-18:00",
}


def row(town, offer_id):
    """The offer as the directory shows it now."""
    table = town.snapshot().directory
    return table[table["offer_id"] == offer_id].iloc[0]


def placed(town):
    """Some offer that has a place of its own."""
    table = town.snapshot().directory
    alone = ~table["location_id"].duplicated(keep=False) & table["lat"].notna()
    return table[alone & table["host_location_id"].isna()].iloc[0]


def codes(caught):
    """Codes of the faults of a refusal."""
    return {fault.code for fault in caught.value.faults}


def test_a_new_offer_is_there_after_opening_the_workspace_again(town):
    """What was added today is there tomorrow, in its social space."""
    offer_id = save_offer(town, NEW, actor=ANNA)
    again = open_workspace(town.settings)
    found = row(again, offer_id)
    assert ("Kochtreff im Hof", "Am Hof 3", "nord-west", "inside") == (
        found["name"],
        found["address"],
        found["social_space_id"],
        found["status_of_place"],
    )
    assert (found["lat"], found["lon"]) == pytest.approx((53.7084, 9.9905), abs=1e-7)
    again.close()


def test_an_edit_changes_only_what_was_given_and_says_what(town):
    """Fields left out stay, and the history names the change and its author."""
    before = placed(town)
    offer_id = before["offer_id"]
    save_offer(town, {"contact": "040 66969 999"}, actor=ANNA, offer_id=offer_id)
    after = row(town, offer_id)
    assert ("040 66969 999", before["address"], before["x"]) == (
        after["contact"],
        after["address"],
        after["x"],
    )
    last = offer_history(town, offer_id)[0]
    assert ("Anna", {"contact": "040 66969 999"}) == (last.actor, last.after)
    assert last.before == {"contact": before["contact"]}


def test_the_same_request_twice_writes_once(town):
    """A double click with one key makes one offer."""
    first = save_offer(town, NEW, actor=ANNA, idempotency_key="k1")
    second = save_offer(town, NEW, actor=ANNA, idempotency_key="k1")
    names = town.snapshot().directory["name"]
    assert (first, 1) == (second, (names == "Kochtreff im Hof").sum())


def test_two_editors_do_not_overwrite_each_other(town):
    """The slower one is told, and the faster one's words stand."""
    offer_id, version = placed(town)[["offer_id", "row_version"]]
    save_offer(town, {"cost": "frei"}, actor=ANNA, offer_id=offer_id, expected_version=version)
    with pytest.raises(SroError) as caught:
        save_offer(
            town, {"cost": "5 Euro"}, actor=ANNA, offer_id=offer_id, expected_version=version
        )
    assert ("edited_meanwhile", "frei") == (caught.value.code, row(town, offer_id)["cost"])


def test_confirming_closing_and_reopening(town):
    """Each leaves its date, state and trace."""
    offer_id = placed(town)["offer_id"]
    for action in (confirm_offer, close_offer, reopen_offer):
        version = int(row(town, offer_id)["row_version"])
        action(town, offer_id, actor=ANNA, expected_version=version)
    after = row(town, offer_id)
    assert (dt.date.today().isoformat(), "active") == (after["verified_on"], after["status"])
    actions = [entry.action for entry in offer_history(town, offer_id)][:3]
    assert ["reopen offer", "close offer", "confirm offer"] == actions


def test_a_copy_is_planned_and_unconfirmed_at_the_same_place(town):
    """A copied entry does not claim to be checked."""
    before = placed(town)
    copy = duplicate_offer(town, before["offer_id"], "Kopie", actor=ANNA, idempotency_key="c")
    after = row(town, copy)
    assert ("planned", before["location_id"]) == (after["status"], after["location_id"])
    assert after["verified_on"] != after["verified_on"] or after["verified_on"] is None


def test_moving_one_offer_leaves_its_neighbours_at_the_same_house(town):
    """A shared place is not dragged along."""
    table = town.snapshot().directory
    shared = table[table["location_id"].duplicated(keep=False) & table["lat"].notna()]
    one = shared.iloc[0]
    others = shared[shared["location_id"] == one["location_id"]].iloc[1:]
    save_offer(town, {**NEW, "name": one["name"]}, actor=ANNA, offer_id=one["offer_id"])
    moved = row(town, one["offer_id"])
    assert moved["location_id"] != one["location_id"]
    for other in others.itertuples():
        assert row(town, other.offer_id)["x"] == other.x


def test_every_fault_of_a_form_is_told_at_once(town):
    """Name, category, hours, ages and point are wrong together."""
    wrong = {
        "name": None,
        "category": "x",
        "schedule": "immer",
        "age_min": 14,
        "age_max": 6,
        "lat": 53.7,
        "service_area": "atlantis",
    }
    with pytest.raises(InputRefused) as caught:
        save_offer(town, wrong, actor=ANNA)
    assert {
        "form_value_missing",
        "form_category",
        "form_schedule",
        "ages_crossed",
        "form_point_half",
        "form_area",
    } <= codes(caught)
    assert "form_refused" == caught.value.code


def test_a_provider_nobody_knows_is_added_by_its_name_once(town):
    """A new name makes a provider; the same name in other letters is the same provider."""
    first = save_offer(town, {**NEW, "provider_id": "Verein Neue Wege"}, actor=ANNA)
    second = save_offer(town, {**NEW, "provider_id": "VEREIN neue wege"}, actor=ANNA)
    assert "Verein Neue Wege" == row(town, first)["provider"] == row(town, second)["provider"]
    providers = town.snapshot().tables["providers"]
    assert 1 == (providers["name"] == "Verein Neue Wege").sum()


def test_swapped_coordinates_are_refused(town):
    """Longitude for latitude lies in another country."""
    with pytest.raises(InputRefused) as caught:
        save_offer(town, {**NEW, "lat": 9.99, "lon": 53.7}, actor=ANNA)
    assert {"form_point_far"} == codes(caught)


def test_an_offer_that_becomes_protected_loses_its_place_everywhere(town):
    """Address and point are gone from table, history and every byte on disk."""
    secret = "Verschwiegene Gasse 77"
    offer_id = save_offer(town, {**NEW, "address": secret}, actor=ANNA)
    save_offer(town, {"contact": f"{secret}, Klingel 2"}, actor=ANNA, offer_id=offer_id)
    save_offer(
        town,
        {"protected": True, "service_area": "nord", "contact": "040 66969 000"},
        actor=ANNA,
        offer_id=offer_id,
    )
    after = row(town, offer_id)
    assert ("protected", True) == (after["status_of_place"], after["x"] != after["x"])
    town.close()
    folder = town.settings.workspace
    for file in folder.rglob("*"):
        if file.is_file():
            assert secret.encode() not in file.read_bytes(), file.name


def test_a_protected_place_needs_an_area(town):
    """Without point and address the area is all that is left."""
    with pytest.raises(InputRefused) as caught:
        save_offer(town, {**NEW, "protected": True}, actor=ANNA)
    assert {"form_protected_area"} == codes(caught)


@pytest.mark.parametrize("role", ["reader", "nobody", ""])
def test_who_may_only_read_changes_nothing(town, role):
    """Denied unless listed."""
    revision = town.store.revision()
    with pytest.raises(SroError) as caught:
        save_offer(town, NEW, actor=Actor("x", role))
    assert ("not_allowed", revision) == (caught.value.code, town.store.revision())


def test_a_read_only_workspace_refuses_with_words(town):
    """Nothing is half written."""
    settings = dataclasses.replace(town.settings, read_only=True)
    reading = open_workspace(settings)
    with pytest.raises(SroError) as caught:
        save_offer(reading, NEW, actor=ANNA)
    assert "read_only_mode" == caught.value.code
    reading.close()


def test_an_unknown_offer_is_refused(town):
    """Editing what is not there is an error, not a new entry."""
    with pytest.raises(SroError) as caught:
        save_offer(town, {"name": "x"}, actor=ANNA, offer_id="gibt-es-nicht")
    assert "offer_unknown" == caught.value.code


@pytest.mark.parametrize(
    ("written", "hours"),
    [
        ("Mo-Fr 09:00-17:00", Hours(True)),
        ("Di-Fr 14-20 Uhr", Hours(False, "Tu-Fr 14:00-20:00")),
        ("nach Absprache", Hours(False, '"nach Absprache"')),
        ("Mo 25-99 oder so", Hours(False)),
    ],
)
def test_hours_as_offices_write_them_get_a_proposal(written, hours):
    """Nothing is rewritten unasked; what nobody understands gets no proposal."""
    assert hours == read_hours(written)
