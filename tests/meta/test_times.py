"""Times and values that may be anything."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbox import values as common
from callbox.meta import values
from callbox.meta.times import epoch, moment

AT = datetime(2026, 9, 21, 13, 33, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "2026-09-21T13:33:20+0000",
        "2026-09-21T15:33:20+02:00",
        "2026-09-21T13:33:20Z",
        1_789_997_600,
        "1789997600",
        1_789_997_600_000,
        "1789997600000",
    ],
)
def test_seconds_milliseconds_and_iso(value: object) -> None:
    assert moment(value) == AT
    assert epoch(AT) == 1_789_997_600


@pytest.mark.parametrize("value", [None, True, "", "soon", [], {}, -1, 0, 1e400, 10**30, "nan"])
def test_what_is_no_time(value: object) -> None:
    assert moment(value) is None


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda below: st.lists(below) | st.dictionaries(st.text(), below),
    )
)
def test_anything_can_be_read(value: Any) -> None:
    moment(value)
    common.moment(value)
    for read in (common.mapping, common.sequence, common.objects, values.objects, values.number):
        read(value)  # type: ignore[operator]  # all of them take anything
    for read_text in (common.text, common.web, values.ident, values.web):
        read_text(value).encode()


def test_only_web_addresses_are_links() -> None:
    assert values.web("https://example.org/a?b") == "https://example.org/a?b"
    for value in ("javascript:alert(1)", "data:x", "//x", "https://a b", "https://" + "a" * 5000):
        assert values.web(value) == common.web(value) == ""
