"""A Page's download as a way in without the API."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from callbox.connector import Malformed, Refused
from callbox.networks.facebook.connector import Facebook
from callbox.networks.facebook.tests.make import to
from callbox.vocabulary import Lane, Ours, Outgoing, Said


class Folder:
    """An unpacked download."""

    def __init__(self, files: Mapping[str, Any]) -> None:
        self.files = {
            name: body if isinstance(body, bytes) else json.dumps(body).encode()
            for name, body in files.items()
        }

    def names(self) -> Sequence[str]:
        return list(self.files)

    def read(self, name: str) -> bytes:
        return self.files[name]


def garbled(text: str) -> str:
    """As the download writes it: UTF-8 bytes, each as if it were a Latin-1 character."""
    return text.encode().decode("latin-1")


def thread(who: str, *texts: tuple[str, str]) -> dict[str, Any]:
    return {
        "participants": [{"name": garbled(who)}, {"name": "Riverside PD"}],
        "messages": [
            {"sender_name": garbled(name), "timestamp_ms": 1690000000000 + n, "content": garbled(t)}
            for n, (name, t) in enumerate(texts)
        ],
        "thread_path": f"inbox/{who.lower().replace(' ', '')}_1",
    }


BASE = "this_profile's_activity_across_facebook"


@pytest.fixture
def folder() -> Folder:
    return Folder(
        {
            f"{BASE}/messages/inbox/jose_1/message_1.json": thread(
                "José Peña", ("José Peña", "¿Está abierto?"), ("Riverside PD", "Sí, hasta las 18.")
            ),
            f"{BASE}/messages/inbox/li_2/message_1.json": thread("李雷", ("李雷", "谢谢 🙏")),
            f"{BASE}/posts/profile_posts_1.json": [
                {"timestamp": 1690000000, "data": [{"post": garbled("Día abierto")}]},
                {"timestamp": 1690000001, "data": []},
            ],
            f"{BASE}/comments_and_reactions/comments.json": {
                "comments_v2": [
                    {"timestamp": 1690000002, "data": [{"comment": {"comment": "Thank you!"}}]}
                ]
            },
            f"{BASE}/messages/inbox/jose_1/photos/1.jpg": b"\xff\xd8",
        }
    )


def test_everything_in_it_is_read(connector: Facebook, folder: Folder) -> None:
    raws = list(connector.archive(folder))
    events = [event for raw in raws for event in connector.parse(raw)]
    said = [event for event in events if isinstance(event, Said)]
    assert [one.text for one in said] == ["¿Está abierto?", "谢谢 🙏"]
    assert all(one.lane is Lane.PRIVATE and one.author is not None for one in said)
    assert said[0].author is not None
    assert said[0].author.name == "José Peña"
    assert said[0].root_id != said[1].root_id
    ours = {event.text for event in events if isinstance(event, Ours)}
    assert ours == {"Sí, hasta las 18.", "Día abierto", "Thank you!", ""}


def test_reading_it_twice_gives_the_same_ids(connector: Facebook, folder: Folder) -> None:
    once, twice = (
        [event for raw in connector.archive(folder) for event in connector.parse(raw)]
        for _ in range(2)
    )
    assert once == twice
    assert len({event.external_id for event in once if isinstance(event, (Said, Ours))}) == 6


def test_what_came_from_it_is_never_called_gone(connector: Facebook, folder: Folder) -> None:
    """Its ids are ours: the network would say “not there” of what stands there all the same."""
    events = [event for raw in connector.archive(folder) for event in connector.parse(raw)]
    ours = next(event for event in events if isinstance(event, Ours))
    outgoing = Outgoing("k", ours.said_at, "Other words")
    for deed in (
        lambda: connector.delete(ours.external_id),
        lambda: connector.look(ours.external_id),
        lambda: connector.edit(ours.external_id, outgoing),
    ):
        with pytest.raises(Refused, match="download of the past"):
            deed()
    said = next(event for event in events if isinstance(event, Said))
    for ability in ("message", "reply", "like", "hide"):
        barrier = connector.barrier(ability, to(said))
        assert barrier is not None
        assert barrier.words.endswith(".")


def test_something_else_is_no_download(connector: Facebook) -> None:
    with pytest.raises(Malformed, match="not a Facebook download"):
        list(connector.archive(Folder({"readme.txt": b"hello", "tweets.js": b"[]"})))
    with pytest.raises(Malformed, match="not JSON"):
        list(connector.archive(Folder({"posts/your_posts_1.json": b"<html>"})))
    with pytest.raises(Malformed, match="not JSON"):
        list(connector.archive(Folder({"messages/inbox/a/message_1.json": b"\xff\xff"})))
