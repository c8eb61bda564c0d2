"""Many at once: one conversation, one delivery, no deadlock that loses anything."""

from pathlib import Path
from unittest.mock import patch
from uuid import UUID

import pytest
from django.db import OperationalError

from callbox.actions import arrivals, conversations, deliveries, posts
from callbox.actions.doing import NotPossible
from callbox.connector import Raw
from callbox.models.inbox import Arrival, Author, Conversation, Message, Version
from callbox.models.posts import Delivery
from callbox.scope import ForeignScope, NoScope, acting_for, agency_id
from callbox.vocabulary import Disposition, Lane, NoReplyReason
from tests import make
from tests.faults.together import run_all

pytestmark = pytest.mark.django_db(transaction=True)


def event(number: int, root: str | None = "p0", author: str = "u9") -> Raw:
    at = make.now().isoformat()
    post = {
        "id": f"p{number}",
        "author": {"id": author, "name": "Ana"},
        "at": at,
        "text": f"Words {number}",
    }
    if root is not None and root != post["id"]:
        post["root"] = root
    return Raw.of("event", {"type": "mention", "at": at, "post": post})


def test_ten_at_once_make_one_conversation(tmp_path: Path) -> None:
    town = make.town(tmp_path)

    def hear(worker: int) -> None:
        for number in range(6):  # its own, and one that everybody has
            arrivals.take_in(town.account, [event(worker * 10 + number), event(0)], "hook")

    run_all(*(lambda worker=worker: hear(worker) for worker in range(10)))
    with acting_for(town.agency.id):
        assert Author.objects.count() == Conversation.objects.count() == 1
        assert Message.objects.count() == Version.objects.count() == 60
        assert Conversation.objects.get().heard == 60
        assert set(Arrival.objects.values_list("state", flat=True)) == {"read"}


def test_two_accounts_hear_one_new_author_at_once(tmp_path: Path) -> None:
    town = make.town(tmp_path)
    other = make.practice_account(town.agency, tmp_path / "chicago.sqlite3", "pd11_news")

    def hear(account: make.Account, first: int) -> None:
        for number in range(first, first + 8):
            arrivals.take_in(account, [event(number, None, f"u{number % 8}")], "hook")

    run_all(lambda: hear(town.account, 0), lambda: hear(other, 8))
    with acting_for(town.agency.id):
        assert (Author.objects.count(), Conversation.objects.count()) == (8, 16)


def heard(town: make.Town) -> UUID:
    town.street.join("ana", "Ana")
    town.street.post("ana", "@pd11 Hello?")
    town.collect()
    with acting_for(town.agency.id):
        return Conversation.objects.get().id


def test_eight_workers_with_one_delivery_say_it_once(tmp_path: Path) -> None:
    town = make.town(tmp_path)
    home = heard(town)
    queued = posts.reply(town.diaz, home, "Yes", lane=Lane.PUBLIC, hold=False)
    run_all(
        *[lambda: deliveries.deliver(town.agency.id, queued.id)] * 6,
        *[town.collect] * 2,
    )
    assert len(town.street.said_by("pd11")) == 1
    with acting_for(town.agency.id):
        assert Delivery.objects.get().state == "sent"


def test_taken_back_or_gone_out_and_never_both(tmp_path: Path) -> None:
    town = make.town(tmp_path)
    home = heard(town)
    for _ in range(8):
        said = len(town.street.said_by("pd11"))
        queued = posts.reply(town.diaz, home, "Yes", lane=Lane.PUBLIC, hold=False)
        refused: list[NotPossible] = []

        def take_back(delivery_id: UUID = queued.id, refused: list[NotPossible] = refused) -> None:
            try:
                posts.withdraw(town.diaz, delivery_id)
            except NotPossible as error:
                refused.append(error)

        run_all(lambda one=queued.id: deliveries.deliver(town.agency.id, one), take_back)
        with acting_for(town.agency.id):
            state = Delivery.objects.get(pk=queued.id).state
        went = len(town.street.said_by("pd11")) - said
        assert (state, went, len(refused)) in {("sent", 1, 1), ("withdrawn", 0, 0)}


def test_closing_and_speaking_again_at_once_leaves_it_open_or_says_so(tmp_path: Path) -> None:
    """Whichever comes first, nothing that was said lies in a closed conversation unseen."""
    town = make.town(tmp_path)
    home = heard(town)
    first = town.street.said_by("ana")[0].id
    for number in range(6):
        town.street.reply("ana", first, f"@pd11 And {number}")

        def close() -> None:
            conversations.close(town.diaz, home, Disposition.NO_REPLY, reason=NoReplyReason.THANKS)

        run_all(close, town.collect)
        with acting_for(town.agency.id):
            conversation = Conversation.objects.get()
            newest = Message.objects.latest("received_at").received_at
            if conversation.state == "closed":
                assert conversation.closed_at is not None
                assert conversation.heard == number + 2
                conversations.reopen(town.diaz, home)
            assert newest is not None


def test_a_stumbling_database_does_not_forget_what_the_network_did(tmp_path: Path) -> None:
    town = make.town(tmp_path)
    home = heard(town)
    queued = posts.reply(town.diaz, home, "Yes", lane=Lane.PUBLIC, hold=False)
    settle, stumbles = deliveries._settle, iter([OperationalError("deadlock detected")] * 2)

    def stumbling(*args: object) -> None:
        for error in stumbles:
            raise error
        settle(*args)  # type: ignore[arg-type]  # passed on as they came

    with patch.object(deliveries, "_settle", stumbling):
        deliveries.deliver(town.agency.id, queued.id)
    with acting_for(town.agency.id):
        assert Delivery.objects.get().state == "sent"


def test_one_transaction_works_for_one_agency(tmp_path: Path) -> None:
    one, two = make.agency(), make.agency("springfield")
    with pytest.raises(NoScope):
        agency_id()
    with acting_for(one.id), acting_for(one.id):
        assert agency_id() == one.id
        with pytest.raises(ForeignScope), acting_for(two.id):
            raise AssertionError("never here")
    with pytest.raises(RuntimeError), acting_for(one.id), acting_for(one.id, durable=True):
        raise AssertionError("never here")
