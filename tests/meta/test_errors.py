"""The one error map: what a code means on a read, on a write, and in words."""

from datetime import timedelta

import pytest

from callbox.connector import (
    AuthDead,
    AuthTransient,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unavailable,
    WindowClosed,
)
from callbox.meta.errors import Meanings, blacked_out, fault_in, fault_of
from tests.meta.conftest import NAMED, NOW, TOKEN, answer, fault


def error(status: int, body: object, *, write: bool = False, **headers: str) -> ConnectorError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with pytest.raises(ConnectorError) as caught:
        NAMED.check(answer(status, body, named), NOW, write=write)
    return caught.value


@pytest.mark.parametrize(
    ("code", "subcode", "read", "written"),
    [
        (1, 0, Unavailable, OutcomeUnknown),
        (2, 0, Unavailable, OutcomeUnknown),
        (4, 0, RateLimited, RateLimited),
        (17, 2446079, RateLimited, RateLimited),
        (32, 0, RateLimited, RateLimited),
        (613, 0, RateLimited, RateLimited),
        (80001, 0, RateLimited, RateLimited),
        (80002, 0, RateLimited, RateLimited),
        (80006, 0, RateLimited, RateLimited),
        (80008, 0, RateLimited, RateLimited),
        (10, 0, Refused, Refused),
        (200, 0, Refused, Refused),
        (299, 0, Refused, Refused),
        (100, 0, Refused, Refused),
        (100, 33, Refused, Refused),
        (102, 0, AuthDead, AuthDead),
        (190, 0, AuthDead, AuthDead),
        (190, 463, AuthDead, AuthDead),
        (368, 0, Refused, Refused),
        (506, 0, Refused, Refused),
        (10, 2018278, WindowClosed, WindowClosed),
        (10, 2534022, WindowClosed, WindowClosed),
        (123456, 0, Refused, Refused),
    ],
)
def test_what_a_code_means(
    code: int, subcode: int, read: type[ConnectorError], written: type[ConnectorError]
) -> None:
    assert type(error(400, fault(code, subcode))) is read
    assert type(error(400, fault(code, subcode), write=True)) is written


def test_a_code_counts_whatever_the_status() -> None:
    assert type(error(200, fault(190, 460))) is AuthDead
    assert type(error(500, fault(190, 460))) is AuthDead
    assert type(error(500, fault(100))) is Unavailable
    assert type(error(500, fault(100), write=True)) is OutcomeUnknown


def test_transient_is_uncertain_for_a_write() -> None:
    body = fault(99, is_transient=True)
    assert type(error(400, body)) is Unavailable
    assert type(error(400, body, write=True)) is OutcomeUnknown
    limited = fault(4, is_transient=True)
    assert type(error(400, limited, write=True)) is RateLimited


@pytest.mark.parametrize(
    ("status", "read", "written"),
    [
        (301, Refused, Refused),
        (401, AuthTransient, AuthTransient),
        (404, Refused, Refused),
        (408, Unavailable, Unavailable),
        (429, RateLimited, RateLimited),
        (502, Unavailable, OutcomeUnknown),
    ],
)
def test_an_answer_that_is_not_the_apis_own(
    status: int, read: type[ConnectorError], written: type[ConnectorError]
) -> None:
    """Something in front of the network says nothing about our login."""
    assert type(error(status, b"<html>Sorry</html>")) is read
    assert type(error(status, b"<html>Sorry</html>", write=True)) is written


@pytest.mark.parametrize(
    ("subcode", "words"),
    [
        (458, "removed"),
        (459, "security check"),
        (460, "password"),
        (463, "run out"),
        (464, "confirmed"),
        (467, "not valid"),
        (492, "role"),
        (0, "not valid"),
    ],
)
def test_a_dead_login_says_what_to_do(subcode: int, words: str) -> None:
    found = str(error(400, fault(190, subcode, f"Malformed access token {TOKEN}")))
    assert words in found
    assert "connect" in found.lower()
    assert TOKEN not in found


def test_a_limit_says_when_it_ends() -> None:
    """The estimate of the network where there is one; else further calls would lengthen it."""
    use = '{"1": [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 22}]}'
    limited = error(400, fault(80001), x_business_use_case_usage=use)
    assert isinstance(limited, RateLimited)
    assert limited.until == NOW + timedelta(minutes=22)
    plain = error(400, fault(4))
    assert isinstance(plain, RateLimited)
    assert plain.until == NOW + timedelta(minutes=15)
    told = error(429, b"", retry_after="90")
    assert isinstance(told, RateLimited)
    assert told.until == NOW + timedelta(seconds=90)


def test_a_permission_is_named() -> None:
    words = "(#200) Requires pages_manage_engagement permission or instagram_manage_comments"
    found = str(error(403, fault(200, message=words)))
    assert "it needs instagram_manage_comments, pages_manage_engagement" in found


def test_the_cause_keeps_the_code() -> None:
    found = error(400, fault(100, 33, fbtrace_id="AbC"))
    told = fault_of(found)
    assert told is not None
    assert told.key == (100, 33)
    assert told.is_gone
    assert "AbC" in str(told)
    assert fault_of(Refused("ours")) is None


def test_a_network_adds_to_the_table() -> None:
    table = Meanings(
        "The network",
        {
            131047: (WindowClosed, "Too late."),
            (24, 4279009): (Unavailable, ""),
            7: (RateLimited, ""),
        },
    )
    with pytest.raises(WindowClosed, match="Too late"):
        table.check(answer(400, fault(131047)), NOW, write=True)
    with pytest.raises(Unavailable, match="Not there"):
        table.check(answer(400, fault(24, 4279009, "Not there")), NOW, write=False)
    with pytest.raises(Refused):
        table.check(answer(400, fault(24)), NOW, write=False)
    with pytest.raises(RateLimited):
        table.check(answer(400, fault(7)), NOW, write=True)


def test_words_for_members_come_first() -> None:
    body = fault(100, message="(#100) param x", error_user_msg="The picture is too small.")
    assert "The picture is too small." in str(error(400, body))
    details = {"error": {"code": 100, "message": "x", "error_data": {"details": "Not that way"}}}
    assert "Not that way" in str(error(400, details))


def test_anything_that_could_be_a_token_is_blacked_out() -> None:
    assert TOKEN not in blacked_out(f"Malformed access token {TOKEN} given")
    assert blacked_out("a  b\nc") == "a b c"
    assert len(blacked_out("word " * 500)) == 300


@pytest.mark.parametrize("body", [None, 7, [], {}, {"error": "x"}, {"error": {"code": {}}}, b"{"])
def test_any_body_can_be_looked_at(body: object) -> None:
    found = fault_in(answer(400, body))
    assert found is None or found.code == 0
