"""The download of an account: our posts and both sides of our messages."""

import json
from collections.abc import Mapping, Sequence

import pytest

from callbox.connector import Malformed
from callbox.networks.x.connector import X
from callbox.vocabulary import Ours, Said


class Folder:
    """An unpacked archive."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files

    def names(self) -> Sequence[str]:
        return list(self._files)

    def read(self, name: str) -> bytes:
        return self._files[name].encode()


def js(name: str, value: object) -> str:
    """A file as X writes it."""
    return f"window.YTD.{name}.part0 = {json.dumps(value)}"


def post(number: int, text: str, **more: str) -> object:
    """One of our posts."""
    made = {
        "id_str": str(number),
        "full_text": text,
        "created_at": "Wed Oct 10 20:19:24 +0000 2018",
    }
    return {"tweet": {**made, **more}}


def message(number: int, sender: str, text: str) -> object:
    """A message of an exchange."""
    at = "2023-05-01T10:00:00.000Z"
    made = {"id": str(number), "senderId": sender, "text": text, "createdAt": at, "urls": []}
    return {"messageCreate": made}


def talk(where: str, *messages: object) -> object:
    """An exchange."""
    return {"dmConversation": {"conversationId": where, "messages": list(messages)}}


OWNER = js("account", [{"account": {"accountId": "111", "username": "district5"}}])
FILES = {
    "x-2026/data/account.js": OWNER,
    "x-2026/data/tweets.js": js("tweets", [post(11, "One"), post(12, "RT @ana_p: no")]),
    "x-2026/data/tweets-part1.js": js("tweets", [post(13, "Two", in_reply_to_status_id_str="9")]),
    "x-2026/data/direct-messages.js": js(
        "direct_messages",
        [talk("222-111", message(21, "222", "Hello?"), message(22, "111", "Yes?"))],
    ),
    "x-2026/data/direct-messages-group.js": js(
        "direct_messages_group",
        [talk("158210372460797133", message(31, "333", "All of us"), {"joinConversation": {}})],
    ),
    "x-2026/data/like.js": "window.YTD.like.part0 = [",
    "x-2026/Your archive.html": "<html>",
}


def test_everything_of_ours_is_read(connector: X) -> None:
    raws = list(connector.archive(Folder(FILES)))
    events = [event for raw in raws for event in connector.parse(raw)]
    shown = [
        (type(one).__name__, one.external_id, one.root_id)
        for one in events
        if isinstance(one, Ours | Said)
    ]
    assert sorted(shown) == sorted(
        [
            ("Ours", "11", None),
            ("Ours", "13", "9"),
            ("Said", "dm:21", "dm:111-222"),
            ("Ours", "dm:22", "dm:111-222"),
            ("Said", "dm:31", "dm:158210372460797133"),
        ]
    )
    assert len(events) == len(shown)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "not an archive"),
        ({"notes.txt": "hello"}, "not an archive"),
        ({**FILES, "x-2026/data/account.js": OWNER.replace("111", "999")}, "another account"),
        ({"data/tweets.js": "window.YTD.tweets.part0 = [{"}, "cannot be read"),
    ],
)
def test_what_is_no_archive_of_ours(connector: X, files: dict[str, str], words: str) -> None:
    with pytest.raises(Malformed, match=words):
        list(connector.archive(Folder(files)))
