import re
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from callbox.networks.bluesky.tid import tid, tid_of, time_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The syntax of https://atproto.com/specs/tid
SYNTAX = re.compile("[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")
times = st.integers(10**15, 4 * 10**15).map(lambda us: EPOCH + timedelta(microseconds=us))


@given(st.text(), times)
def test_every_delivery_has_a_valid_name_of_its_own(key: str, made_at: datetime) -> None:
    name = tid(key, made_at)
    assert SYNTAX.fullmatch(name)
    assert name == tid(key, made_at)
    shown = time_of(name)
    assert shown is not None
    assert abs(shown - made_at) < timedelta(milliseconds=1)


@given(st.text(), times, st.text(), times)
def test_names_sort_by_time(key: str, one: datetime, other_key: str, other: datetime) -> None:
    if one + timedelta(milliseconds=1) < other:
        assert tid(key, one) < tid(other_key, other)


def test_names_of_one_moment_differ() -> None:
    moment = datetime(2026, 5, 14, tzinfo=UTC)
    assert len({tid(f"delivery-{number}", moment) for number in range(500)}) >= 499


@given(st.text())
def test_a_name_for_a_text(text: str) -> None:
    assert SYNTAX.fullmatch(tid_of(text))
    assert tid_of(text) == tid_of(text)


def test_other_names_tell_no_time() -> None:
    assert time_of("self") is None
    assert time_of("3l6oveex3ii2!") is None
    assert time_of("") is None
