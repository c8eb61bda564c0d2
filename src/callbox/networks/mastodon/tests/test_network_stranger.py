"""Against the running server in the disguise of another family (`stranger.py`)."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from callbox.connector import OutcomeUnknown
from callbox.networks.mastodon.connector import Mastodon
from callbox.networks.mastodon.tests.conftest import Connect
from callbox.networks.mastodon.tests.make import picture
from callbox.networks.mastodon.tests.stranger import Stranger, disguised, revealed
from callbox.networks.mastodon.tests.test_network import (
    LostAnswer,
    answer,
    asked_and_heard,
    events,
    one_said,
)
from callbox.vocabulary import Addressed, Deleted, Edited, Said
from tests.servers.mastodon import MastodonServer, Resident

pytestmark = pytest.mark.network


@pytest.fixture
def dept(connect: Connect) -> Iterator[Mastodon]:
    with closing(connect(transport=Stranger())) as connector:
        yield connector


def test_a_conversation(dept: Mastodon, ana: Resident) -> None:
    asked = ana.mention("the light is out")
    page = dept.fetch({})
    said = one_said(events(dept, page))
    assert said.external_id == disguised(asked["id"])
    assert said.text == "@dept the light is out"
    receipt = dept.reply(answer(said, "Thank you.", media=(picture("A lamp"),)))
    (shown,) = ana.thread(asked["id"])
    assert shown["media_attachments"][0]["description"] == "A lamp"
    ana.reply(revealed(receipt.external_id), "when?")
    back = one_said(events(dept, dept.fetch(page.cursor)))
    assert (back.addressed, back.root_id) == (Addressed.REPLY, said.external_id)
    assert [one.text for one in dept.context(back.external_id)] == [
        "@dept the light is out",
        "@ana Thank you.",
        "@dept when?",
    ]


class LostByStranger(LostAnswer, Stranger):
    """Acts, and its answer is lost."""


def test_without_idempotency_finding_keeps_it_one_post(
    dept: Mastodon, connect: Connect, ana: Resident, mastodon: MastodonServer
) -> None:
    outgoing = answer(one_said(asked_and_heard(dept, ana)), "It is *fixed* now.")
    assert dept.find(outgoing) is None
    with pytest.raises(OutcomeUnknown):
        connect(transport=LostByStranger()).reply(outgoing)
    receipt = dept.find(outgoing)
    assert receipt is not None
    (post,) = mastodon.resident("dept").posts()
    assert disguised(post["id"]) == receipt.external_id


def test_many_are_read_without_a_gap(dept: Mastodon, ana: Resident) -> None:
    page = dept.fetch({})
    for number in range(60):
        ana.mention(f"number {number}")
    found: list[Said] = []
    more = True
    while more:
        page = dept.fetch(page.cursor)
        found += [one for one in events(dept, page) if isinstance(one, Said)]
        more = page.more
    assert [one.text for one in found] == [f"@dept number {number}" for number in range(60)]


def test_edits_and_deletions(
    dept: Mastodon, connect: Connect, ana: Resident, ben: Resident
) -> None:
    kept, gone = ana.mention("5th and Main"), ben.mention("never mind")
    cursor = dept.fetch({}).cursor
    ana.edit(kept["id"], "@dept 6th and Main")
    ben.delete(gone["id"])
    later = connect(now=lambda: datetime.now(UTC) + timedelta(minutes=5), transport=Stranger())
    edited, deleted = events(later, later.fetch(cursor))
    assert isinstance(edited, Edited)
    assert (edited.external_id, edited.text) == (disguised(kept["id"]), "@dept 6th and Main")
    assert isinstance(deleted, Deleted)
    assert deleted.external_id == disguised(gone["id"])


def test_a_stream_that_is_a_web_socket_with_the_token_in_its_address(
    dept: Mastodon, ana: Resident
) -> None:
    """Ids are those of the server here: only HTTP wears the disguise."""
    with closing(dept.listen()) as stream:
        assert next(stream) is None
        sent = ana.mention("the light is out")
        raw = next(raw for raw in stream if raw is not None)
    assert one_said(list(dept.parse(raw))).external_id == sent["id"]
