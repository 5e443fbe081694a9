"""Every fault the exchange can find has its words, and the words fit its values."""

import ast
from pathlib import Path

import pytest

import sro_geo.exchange
from sro_geo.exchange.discreet import _READING
from sro_geo.i18n import phrases

ROOM = Path(sro_geo.exchange.__file__).parent
# Codes that reach the log through a variable.
INDIRECT = {
    "schedule_malformed", "schedule_without_days", "schedule_rewritten", "schedule_as_comment",
    "crs_metres", "crs_other", "point_shared", "point_shared_addresses",
    "point_far_from_address", "point_far_from_neighbours", "provider_new",
    "provider_new_similar", "text_trimmed", "characters_removed", "apostrophe_removed",
    "persons_withheld", "persons_empty", "value_missing", "value_not_allowed",
    "value_too_small", "value_too_large", "date_malformed", "id_doubled", "geometry_missing",
    "ages_crossed", "column_missing",
    "counting_rule_missing", "counting_rules_mixed", "unit_missing", "units_mixed",
    "count_masked", "count_negative", "count_ambiguous", "count_fractional", "count_too_large",
    "count_no_number", "count_doubled", "count_ages_overlap", "list_outside_city",
    "list_not_placed", "indicators_suppressed_at_source", "indicators_missing",
    *(code for code, _ in _READING.values()), "reading_unseen",
}  # fmt: skip


def codes_in_source():
    """Return the literal codes given to a fault log."""
    found = set()
    for file in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            first = node.args[0]
            if name in ("add", "each", "counted", "_Wrong") and isinstance(first, ast.Constant):
                found.add(first.value)
    return {code for code in found if isinstance(code, str) and "_" in code}


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_fault_has_a_message_and_a_remedy(language):
    """A code would tell a user nothing."""
    codes = codes_in_source() | INDIRECT
    assert len(codes) > 80
    wanted = {f"faults.{code}.{part}" for code in codes for part in ("message", "remedy")}
    assert wanted - set(phrases(language)) == set()
