"""What Google's answers mean."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from callbox.connector import AuthDead, ConnectorError, RateLimited, Refused, Unavailable
from callbox.networks.youtube import errors
from tests.servers.youtube import QUOTA, error

NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)


def answer(status: int, body: object) -> httpx.Response:
    return httpx.Response(status, json=body)


@pytest.mark.parametrize(
    ("status", "reason", "kind"),
    [
        (400, "processingFailure", Refused),
        (400, "commentTextTooLong", Refused),
        (401, "authError", AuthDead),
        (403, "quotaExceeded", RateLimited),
        (403, "rateLimitExceeded", RateLimited),
        (403, "forbidden", Refused),
        (403, "commentsDisabled", Refused),
        (403, "insufficientPermissions", AuthDead),
        (403, "accessNotConfigured", AuthDead),
        (404, "commentNotFound", Refused),
        (429, "anything", RateLimited),
        (500, "internalError", Unavailable),
        (503, "backendError", Unavailable),
    ],
)
def test_what_an_answer_means(status: int, reason: str, kind: type[ConnectorError]) -> None:
    assert type(errors.meaning(answer(status, error(status, reason).body), NOW)) is kind


def test_the_new_kind_of_error() -> None:
    """Google's newer services name the reason in `details`, and the kind in `status`."""
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED"}]
    body = {"error": {"code": 403, "status": "PERMISSION_DENIED", "details": details}}
    found = errors.meaning(answer(403, body), NOW)
    assert isinstance(found, AuthDead)
    assert "not switched on" in str(found)


def test_a_used_up_day_ends_at_midnight_in_california() -> None:
    found = errors.meaning(answer(403, QUOTA.body), NOW)
    assert isinstance(found, RateLimited)
    assert found.until == datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def test_a_limit_ends_when_google_says() -> None:
    response = httpx.Response(429, headers={"retry-after": "20"}, json={})
    found = errors.meaning(response, NOW)
    assert isinstance(found, RateLimited)
    assert found.until == NOW + timedelta(seconds=20)


def test_words_come_without_markup() -> None:
    body = error(400, "x", 'Too <a href="/long">long</a>.').body
    assert str(errors.meaning(answer(400, body), NOW)) == "YouTube says: “Too long.” (400)"


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"error": 7}', b'{"error": {"errors": 7}}']
)
def test_an_answer_of_something_else_on_the_way(body: bytes) -> None:
    gone = httpx.Response(404, content=body)
    assert not errors.is_gone(gone)
    assert isinstance(errors.meaning(gone, NOW), Refused)
    assert isinstance(errors.meaning(httpx.Response(502, content=body), NOW), Unavailable)
