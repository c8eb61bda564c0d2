"""Hearing, on a real network: what residents do and what the connector makes of it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callbox.connector import Page
from callbox.networks.bluesky.connector import Bluesky
from callbox.networks.bluesky.inbox import Pace
from callbox.networks.bluesky.tests.conftest import Connect
from callbox.networks.bluesky.tests.make import outgoing, picture, ref, to
from callbox.vocabulary import Addressed, Deleted, Edited, Event, Reacted, Reaction, Said
from tests.servers.atproto import Credentials, Resident, until

pytestmark = pytest.mark.network


class Ear:
    """Polls and remembers, as the application does."""

    def __init__(self, connector: Bluesky) -> None:
        self.connector = connector
        self.cursor: Mapping[str, Any] = {}
        self.events: list[Event] = []
        self.pages: list[Page] = []

    def poll(self) -> Sequence[Event]:
        """One complete round: everything there is, and what this round brought."""
        before = len(self.events)
        while True:
            page = self.connector.fetch(self.cursor)
            self.pages.append(page)
            self.cursor = page.cursor
            for raw in page.items:
                self.events += self.connector.parse(raw)
            if not page.more:
                return self.events[before:]

    def hear(self, count: int = 1) -> list[Event]:
        """Poll until `count` new events are there."""
        before = len(self.events)
        until(lambda: (self.poll(), len(self.events) >= before + count)[1])
        return self.events[before:]

    def said(self) -> list[Said]:
        return [event for event in self.events if isinstance(event, Said)]


@pytest.fixture
def ear(ours: Bluesky) -> Ear:
    return Ear(ours)


def test_a_mention_arrives_whole(ear: Ear, department: Credentials, ana: Resident) -> None:
    text = f"👮🏽‍♀️ @{department.handle} ¿está abierta la calle?"
    post = ana.post(text, mention=department, langs=["es"])
    [said] = ear.hear()
    assert isinstance(said, Said)
    assert said.addressed is Addressed.MENTION
    assert said.text == text
    assert said.language == "es"
    assert said.external_id == post["uri"]
    assert said.author is not None
    assert (said.author.external_id, said.author.handle) == (ana.did, ana.handle)
    assert said.permalink == f"https://bsky.app/profile/{ana.did}/post/{post['uri'][-13:]}"
    assert (said.root_id, said.parent_id) == (None, None)
    reference = {"uri": post["uri"], "cid": post["cid"]}
    assert said.refs == {"self": reference, "root": reference}
    assert not ear.poll()


def test_a_reply_names_root_and_parent(ear: Ear, connect: Connect, ana: Resident) -> None:
    ours = ear.connector
    first = ana.post(f"@{ours.account.handle} hello", mention=_credentials(ours))
    [heard] = ear.hear()
    assert isinstance(heard, Said)
    answer = _answer(ours, heard, "How can we help?")
    until(lambda: ana.sees(answer["uri"]))
    again = ana.post(
        "My street is dark",
        reply_to={**answer, "record": {"reply": {"root": ref(first), "parent": ref(first)}}},
    )
    [said] = ear.hear()
    assert isinstance(said, Said)
    assert said.addressed is Addressed.REPLY
    assert (said.root_id, said.parent_id) == (first["uri"], answer["uri"])
    assert said.refs == {"self": ref(again), "root": ref(first), "parent": ref(answer)}


def test_quotes_likes_and_shares(ear: Ear, ana: Resident) -> None:
    ours = ear.connector
    post = _publish(ours, "The bridge is open")
    ear.poll()
    until(lambda: ana.sees(post["uri"]))
    quoting = ana.post("At last", quote=post)
    ana.like(post)
    ana.repost(post)
    events = ear.hear(3)
    [said] = [event for event in events if isinstance(event, Said)]
    assert (said.external_id, said.addressed) == (quoting["uri"], Addressed.QUOTE)
    [attachment] = said.attachments
    did, rkey = post["uri"].split("/")[2::2]
    assert (attachment.kind, attachment.url) == (
        "quote",
        f"https://bsky.app/profile/{did}/post/{rkey}",
    )
    reactions = {event.reaction: event for event in events if isinstance(event, Reacted)}
    assert set(reactions) == {Reaction.LIKE, Reaction.SHARE}
    assert {event.target_id for event in reactions.values()} == {post["uri"]}
    assert not ear.poll()


def test_pictures_and_links_are_attachments(
    ear: Ear, department: Credentials, ana: Resident
) -> None:
    blob = ana.upload(picture(), "image/png")
    images = {"$type": "app.bsky.embed.images", "images": [{"image": blob, "alt": "A dark lamp"}]}
    ana.post(f"@{department.handle} look", mention=department, embed=images)
    card = {"uri": "https://news.example/a", "title": "News", "description": "All of it"}
    external = {"$type": "app.bsky.embed.external", "external": card}
    ana.post(f"@{department.handle} read", mention=department, embed=external)
    ear.hear(2)
    shown, linked = (said.attachments for said in ear.said())
    assert [(one.kind, one.alt) for one in shown] == [("image", "A dark lamp")]
    assert blob["ref"]["$link"] in shown[0].url
    assert [(one.kind, one.url, one.title) for one in linked] == [
        ("link", "https://news.example/a", "News")
    ]


def test_a_long_outage_is_caught_up_without_a_hole(
    ear: Ear, department: Credentials, ana: Resident
) -> None:
    ear.connector.pace = Pace(page=4, pages=2)  # type: ignore[misc]  # this instance only
    ear.poll()
    posts = [ana.post(f"@{department.handle} no. {n}", mention=department) for n in range(25)]
    until(lambda: ana.sees(posts[-1]["uri"]))
    start = len(ear.pages)
    ear.hear(25)
    assert {said.external_id for said in ear.said()} == {post["uri"] for post in posts}
    assert len(ear.said()) == 25
    walk = ear.pages[start:]
    assert sum(page.more for page in walk) >= 3
    for page in walk:
        times = [event.said_at for raw in page.items for event in _parsed(ear, raw)]
        assert times == sorted(times)
    assert not ear.poll()


def test_the_middle_survives_a_crash_within_the_walk(
    ear: Ear, department: Credentials, ana: Resident
) -> None:
    ear.connector.pace = Pace(page=3, pages=1)  # type: ignore[misc]  # this instance only
    ear.poll()
    old = [ana.post(f"@{department.handle} old {n}", mention=department) for n in range(9)]
    until(lambda: ana.sees(old[-1]["uri"]))
    page = ear.connector.fetch(ear.cursor)
    ear.cursor = page.cursor
    ear.events += [event for raw in page.items for event in ear.connector.parse(raw)]
    assert page.more
    newer = [ana.post(f"@{department.handle} new {n}", mention=department) for n in range(4)]
    until(lambda: ana.sees(newer[-1]["uri"]))
    ear.poll()
    ear.poll()
    assert sorted(said.external_id for said in ear.said()) == sorted(
        post["uri"] for post in old + newer
    )


def test_a_post_of_a_slow_clock_is_heard(ear: Ear, department: Credentials, ana: Resident) -> None:
    ana.post(f"@{department.handle} first", mention=department)
    ear.hear()
    slow = (datetime.now(UTC) - timedelta(hours=2)).isoformat(timespec="milliseconds")
    late = ana.post(f"@{department.handle} slow clock", mention=department, created_at=slow)
    [said] = ear.hear()
    assert isinstance(said, Said)
    assert said.external_id == late["uri"]
    assert not ear.poll()


def test_an_edit_and_a_deletion_are_noticed(
    ear: Ear, department: Credentials, ana: Resident
) -> None:
    post = ana.post(f"@{department.handle} gunshots?", mention=department)
    ear.hear()
    ana.change(post, f"@{department.handle} fireworks, sorry")
    [edited] = ear.hear()
    assert isinstance(edited, Edited)
    assert edited.external_id == post["uri"]
    assert edited.text.endswith("fireworks, sorry")
    assert edited.said is not None
    assert edited.said.addressed is Addressed.MENTION
    assert not ear.poll()
    ana.delete(post["uri"])
    [deleted] = ear.hear()
    assert isinstance(deleted, Deleted)
    assert deleted.external_id == post["uri"]
    assert not ear.poll()
    assert ear.connector.look(post["uri"]).gone
    assert ear.connector.context(post["uri"]) == []


def test_the_thread_around_a_message(ear: Ear, department: Credentials, ana: Resident) -> None:
    question = ana.post("Who knows about the noise?")
    below = ana.post("Still there", reply_to=question)
    asked = ana.post(f"@{department.handle} you?", mention=department, reply_to=below)
    [heard] = ear.hear()
    assert isinstance(heard, Said)
    _answer(ear.connector, heard, "A concert")
    found = until(lambda: _when(ear.connector.context(asked["uri"]), 4))
    assert [said.text for said in found] == [
        "Who knows about the noise?",
        "Still there",
        f"@{department.handle} you?",
        "A concert",
    ]
    assert [said.addressed for said in found] == [None, None, Addressed.MENTION, None]


def _when(found: Sequence[Said], count: int) -> Sequence[Said]:
    return found if len(found) == count else ()


def _parsed(ear: Ear, raw: Any) -> list[Said]:
    return [event for event in ear.connector.parse(raw) if isinstance(event, Said)]


def _credentials(ours: Bluesky) -> Credentials:
    return Credentials(ours.account.handle, "", ours.account.external_id)


def _publish(ours: Bluesky, text: str) -> dict[str, str]:
    return dict(ours.publish(outgoing(text)).refs["self"])


def _answer(ours: Bluesky, heard: Said, text: str) -> dict[str, str]:
    return dict(ours.reply(outgoing(text, reply_to=to(heard))).refs["self"])
