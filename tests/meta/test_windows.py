"""Failure mode 10: windows and the tag of a person, to the minute."""

from datetime import timedelta

import pytest

from callbox.connector import Refused, WindowClosed
from callbox.meta import windows
from callbox.vocabulary import AuthorSeen, Lane, Outgoing, ReplyTo
from tests.meta.conftest import NOW

H = timedelta(hours=1)


def heard(ago: timedelta, **more: object) -> ReplyTo:
    at = NOW - ago
    return ReplyTo(
        "m_1", "dm:7", AuthorSeen("7"), lane=Lane.PRIVATE, said_at=at, heard_at=at, **more
    )  # type: ignore[arg-type]  # as named


def out(to: ReplyTo | None, *, by_person: bool = True) -> Outgoing:
    return Outgoing("k", NOW, "Hello", Lane.PRIVATE, reply_to=to, by_person=by_person)


@pytest.mark.parametrize("by_person", [True, False])
def test_within_a_day_anybody_answers(by_person: bool) -> None:
    for ago in (timedelta(0), 23 * H + timedelta(minutes=59)):
        found = windows.messaging(out(heard(ago), by_person=by_person), NOW)
        assert found == {"messaging_type": "RESPONSE"}
    assert windows.messaging(out(None), NOW) == {"messaging_type": "RESPONSE"}


@pytest.mark.parametrize("ago", [24 * H, 25 * H, 7 * 24 * H - timedelta(minutes=1)])
def test_within_a_week_a_person_answers(ago: timedelta) -> None:
    found = windows.messaging(out(heard(ago)), NOW)
    assert found == {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    with pytest.raises(WindowClosed) as caught:
        windows.messaging(out(heard(ago), by_person=False), NOW)
    assert caught.value.since == NOW - ago + 24 * H
    assert windows.over(heard(ago), NOW) == ""


def test_after_a_week_nobody_answers() -> None:
    late = heard(7 * 24 * H)
    with pytest.raises(WindowClosed) as caught:
        windows.messaging(out(late), NOW)
    assert caught.value.since == NOW
    assert windows.over(late, NOW) == windows.OVER


def test_the_last_time_they_wrote_counts() -> None:
    to = ReplyTo("m_1", "dm:7", None, said_at=NOW - 100 * H, heard_at=NOW - H)
    assert windows.messaging(out(to), NOW) == {"messaging_type": "RESPONSE"}


def test_a_comment_has_one_private_answer_in_seven_days() -> None:
    fresh = ReplyTo("c", "p", None, said_at=NOW - 6 * 24 * H)
    windows.private_reply(fresh, NOW)
    used = ReplyTo("c", "p", None, said_at=NOW, answered_privately=True)
    with pytest.raises(Refused):
        windows.private_reply(used, NOW)
    old = ReplyTo("c", "p", None, said_at=NOW - 7 * 24 * H)
    with pytest.raises(WindowClosed):
        windows.private_reply(old, NOW)
    assert windows.private_reply_over(fresh, NOW) == ""
