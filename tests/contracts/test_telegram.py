"""The checker of the Bot API itself: what it lets through, and what it does not."""

import json
from typing import Any

import pytest

from tests.contracts.telegram import BotApi, params_of
from tests.servers.standin import Call, Violation

USER = {"id": 1, "is_bot": False, "first_name": "Ana"}
CHAT = {"id": 1, "type": "private"}
MESSAGE = {"message_id": 1, "date": 1795428000, "chat": CHAT}


@pytest.fixture(scope="module")
def api() -> BotApi:
    return BotApi()


def test_it_is_the_version_that_we_say(api: BotApi) -> None:
    assert api.version == "Bot API 10.1"


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("getMe", {}),
        ("sendMessage", {"chat_id": 1, "text": "Hello", "reply_parameters": {"message_id": 2}}),
        ("sendMessage", {"chat_id": "@d7news", "text": "Hello"}),
        ("sendPhoto", {"chat_id": 1, "photo": b"jpeg"}),
        ("setMessageReaction", {"chat_id": 1, "message_id": 1, "reaction": []}),
    ],
)
def test_what_is_described_passes(api: BotApi, method: str, params: dict[str, Any]) -> None:
    api.request(method, params)


@pytest.mark.parametrize(
    ("method", "params", "words"),
    [
        ("sendMesage", {}, "no method"),
        ("sendMessage", {"chat_id": 1}, "text is missing"),
        ("sendMessage", {"chat_id": 1, "text": 7}, "no String"),
        ("sendMessage", {"chat_id": 1.5, "text": "x"}, "chat_id"),
        ("sendMessage", {"chat_id": True, "text": "x"}, "chat_id"),
        ("sendMessage", {"chat_id": 1, "text": "x", "silent": True}, "no silent"),
        ("sendMessage", {"chat_id": 1, "text": "x", "reply_parameters": {"id": 2}}, "message_id"),
        ("setMessageReaction", {"chat_id": 1, "message_id": 1, "reaction": {}}, "not a list"),
        (
            "setMessageReaction",
            {"chat_id": 1, "message_id": 1, "reaction": [{"type": "emoji", "emojy": "x"}]},
            "reaction",
        ),
    ],
)
def test_what_is_not_described_does_not(
    api: BotApi, method: str, params: dict[str, Any], words: str
) -> None:
    with pytest.raises(Violation, match=words):
        api.request(method, params)


def test_answers_and_updates(api: BotApi) -> None:
    api.answer("getMe", USER)
    api.answer("editMessageText", True)
    api.answer("editMessageText", MESSAGE)
    api.update({"update_id": 1, "message": MESSAGE | {"from": USER}})
    with pytest.raises(Violation, match="first_name"):
        api.answer("getMe", {"id": 1, "is_bot": False})
    with pytest.raises(Violation, match="no mesage"):
        api.update({"update_id": 1, "mesage": MESSAGE})
    with pytest.raises(Violation, match="chat"):
        api.update({"update_id": 1, "message": {"message_id": 1, "date": 1}})


def test_bodies_are_read_as_they_are_meant() -> None:
    said = {"chat_id": 1, "text": "x"}
    assert params_of(_call(json.dumps(said).encode(), "application/json")) == (said, {})
    parts = (
        b'--cut\r\ncontent-disposition: form-data; name="chat_id"\r\n\r\n7\r\n'
        b'--cut\r\ncontent-disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n\xff\r\n'
        b"--cut--\r\n"
    )
    params, files = params_of(_call(parts, "multipart/form-data; boundary=cut"))
    assert (params, files) == ({"chat_id": 7}, {"photo": b"\xff"})
    with pytest.raises(Violation, match="text/plain"):
        params_of(_call(b"x", "text/plain"))


def _call(body: bytes, kind: str) -> Call:
    return Call("POST", "/bot1/sendMessage", {}, {"content-type": kind}, body)
