"""Residents go on talking: every item of the trickle does what it says, and reaches us."""

import shutil
from pathlib import Path

import pytest

from callbox.actions import accounts
from callbox.models.accounts import Account
from callbox.models.inbox import Conversation, Message, ReactionSeen, Version
from callbox.networks.practice.street import Street
from callbox.practice_city import trickle
from callbox.practice_city.content import city
from callbox.practice_city.plans import (
    TrickleDeletes,
    TrickleEdits,
    TrickleLikes,
    TrickleSays,
)
from tests.practice_city.conftest import Built


def _count(kind: type) -> int:
    return sum(isinstance(item, kind) for item in city().trickle)


def test_the_whole_trickle_reaches_the_inbox(built: Built) -> None:
    before = Message.objects.count()
    assert all(trickle.step(built.file) for _ in city().trickle)
    for account in Account.objects.exclude(network="portal"):
        accounts.collect(built.agency.id, account.id)

    assert Message.objects.count() == before + _count(TrickleSays)
    assert Message.objects.filter(deleted_at__gt=built.now).count() == _count(TrickleDeletes)
    assert Version.objects.filter(seen_at__gt=built.now).count() == (
        _count(TrickleSays) + _count(TrickleEdits)
    )
    assert ReactionSeen.objects.count() == _count(TrickleLikes)
    assert trickle.Place.read(built.file).next == 0

    # Whoever writes again in a thread goes on in their own conversation, which opens again.
    tree = Version.objects.get(
        text="Also: forty oranges. Nobody can be mad with an orange in their hand."
    )
    assert tree.message.conversation.heard == 2
    bread = Version.objects.get(text__startswith="Confirmado: 120 bolillos")
    assert bread.message.conversation.heard == 2
    assert bread.message.conversation.state == "open"
    assert Conversation.objects.filter(state="open").count() > 100


@pytest.fixture
def alone(tmp_path: Path) -> Path:
    """A street on which only our accounts are."""
    file = tmp_path / "practice.sqlite3"
    with Street(file) as street:
        for account in city().accounts.values():
            street.join_agency(account.handle, account.name)
    return file


def test_an_item_that_cannot_be_done_is_passed_over(alone: Path) -> None:
    assert not trickle.step(alone)  # it answers a post that was never published here
    assert trickle.Place.read(alone).next == 1


def test_the_trickle_begins_again_after_the_last_item(alone: Path) -> None:
    place = trickle.Place(next=len(city().trickle) - 1)
    place.write(alone)
    trickle.step(alone)
    assert trickle.Place.read(alone).next == 0


def test_a_broken_place_is_the_beginning(alone: Path) -> None:
    trickle.remember_posts(alone, {"walk-madison": "p1"})
    beside = next(alone.parent.glob("*.json"))
    shutil.copy(alone, beside)
    assert trickle.Place.read(alone) == trickle.Place()
