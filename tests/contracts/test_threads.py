"""What the official collection of Threads does not know is a violation."""

import pytest

from tests.contracts.threads import Operations
from tests.servers.standin import Violation


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("GET", "me/followers", {}),
        ("PUT", "18000000000000001", {}),
        ("POST", "me/threads", {"text": "Words", "body": "Words"}),
        ("GET", "me/threads", {"fields": "id,likes"}),
        ("GET", "18000000000000001", {"fields": "id,poll_attachment{option_e}"}),
        ("POST", "18000000000000001/manage_reply", {"hidden": "true"}),
    ],
)
def test_what_is_not_described_is_a_violation(method: str, path: str, sent: dict[str, str]) -> None:
    with pytest.raises(Violation):
        Operations().check(method, path, sent)


def test_what_is_described_is_none() -> None:
    known = Operations()
    known.check("POST", "me/threads", {"media_type": "TEXT", "text": "Words", "reply_to_id": "1"})
    known.check("GET", "18000000000000001", {"fields": "id,status,error_message"})
    known.check("GET", "18000000000000001/conversation", {"fields": "id,text", "after": "x"})
    known.check_answer("POST", "me/threads", {"id": "1"})


def test_an_answer_that_is_made_up_is_a_violation() -> None:
    known = Operations()
    with pytest.raises(Violation):
        known.check_answer("GET", "me/replies", {"data": [{"id": "1", "likes": 3}]})
    with pytest.raises(Violation):
        known.check_answer("POST", "me/threads", {"id": "1", "text": "Words"})
