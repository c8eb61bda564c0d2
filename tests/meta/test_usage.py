"""Usage headers: resting before the limit, for as long as the network says."""

import json
from datetime import timedelta

import pytest

from callbox.meta.usage import Usage, percent, regained_at
from tests.meta.conftest import NOW

PARTS = ("call_count", "total_cputime", "total_time")


def business(*parts: dict[str, float]) -> dict[str, str]:
    return {"x-business-use-case-usage": json.dumps({"1784": list(parts)})}


@pytest.mark.parametrize("name", PARTS)
def test_the_fullest_part_counts(name: str) -> None:
    assert percent({"x-app-usage": json.dumps({name: 71})}) == 71
    assert percent(business({name: 12}, {name: 93})) == 93


def test_rest_begins_at_ninety_percent() -> None:
    usage = Usage()
    usage.seen({"x-app-usage": '{"call_count": 89.9}'}, NOW)
    assert usage.rest_until(NOW) is None
    usage.seen({"x-app-usage": '{"call_count": 90}'}, NOW)
    assert usage.rest_until(NOW) == NOW + timedelta(minutes=5)
    assert usage.rest_until(NOW + timedelta(minutes=6)) is None


def test_the_networks_own_estimate_counts() -> None:
    usage = Usage()
    headers = business({"call_count": 95, "estimated_time_to_regain_access": 40})
    usage.seen(headers, NOW)
    assert usage.rest_until(NOW) == regained_at(headers, NOW) == NOW + timedelta(minutes=40)
    usage.seen({"x-app-usage": '{"call_count": 95}'}, NOW)
    assert usage.rest_until(NOW) == NOW + timedelta(minutes=40), "the longest rest stays"
    long = business({"call_count": 100, "estimated_time_to_regain_access": 1e9})
    assert regained_at(long, NOW) == NOW + timedelta(hours=24)


@pytest.mark.parametrize(
    "value", ["", "x", "[]", "7", '{"call_count": "many"}', '{"1": 7}', '{"1": [7, {"a": []}]}']
)
def test_any_header_can_be_read(value: str) -> None:
    for name in ("x-app-usage", "x-page-usage", "x-business-use-case-usage"):
        assert percent({name: value}) == 0
        assert regained_at({name: value}, NOW) is None
