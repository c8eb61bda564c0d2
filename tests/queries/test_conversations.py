"""Reading one conversation: what stands in it, for whom."""

from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from callbox.actions import conversations as deeds
from callbox.actions import people as giving
from callbox.models.people import Member
from callbox.queries import conversations, records
from callbox.queries.conversations import Thread
from callbox.queries.people import Me
from callbox.scope import acting_for
from callbox.vocabulary import Happening, Role
from tests import make
from tests.actions import hearing, speaking
from tests.actions.hearing import at, deleted, edited, said, take


def thread(town: make.Town, home: UUID, me: Me | None = None) -> Thread:
    me = me or town.diaz
    with acting_for(town.agency.id):
        found = conversations.find(me, home, make.now())
        assert found is not None
        return conversations.thread(me, found, make.now())


def since(town: make.Town, home: UUID) -> object:
    with acting_for(town.agency.id):
        found = conversations.find(town.diaz, home, make.now())
        assert found is not None
        return conversations.unanswered_since(found)


def test_a_thread_holds_everything_in_the_order_of_time(town: make.Town) -> None:
    post, home = speaking.heard(town)
    deeds.note(town.mockridge, home, "Ask the city first")
    speaking.deliver(town, speaking.answer(town, home))
    town.street.reply("ana", post.id, "@pd11 Thank you")
    town.collect()
    items = thread(town, home).items
    assert [item.kind for item in items] == ["message", "note", "reply", "message"]
    assert [item.who for item in items[:3]] == ["Ana Ejemplo", "Sgt. Mockridge", "Ofc. Diaz"]
    newest = thread(town, home).newest_message
    assert newest is not None
    assert newest.text == "@pd11 Thank you"


def test_what_its_author_deleted_is_read_by_the_records_office_alone(town: make.Town) -> None:
    take(town, said(text="my number is 555 0100"), edited("m1", 2, "never mind"))
    home = hearing.conversation(town).id
    records = make.me(make.member(town.agency, "Lee Keeper", Role.RECORDS, "PD"))

    def words(me: Me) -> tuple[str, int]:
        (item,) = thread(town, home, me).items
        return item.text, len(item.versions)

    assert words(town.diaz) == words(records) == ("never mind", 2)
    take(town, deleted())
    assert words(town.diaz) == words(town.mockridge) == ("", 0)
    assert words(records) == ("never mind", 2)
    (item,) = thread(town, home).items
    assert item.deleted_at == at(9)


def test_a_merged_conversation_is_read_in_its_target(town: make.Town) -> None:
    take(town, said("a", 0, "in a"), said("b", 1, "in b"))
    source, target = (hearing.conversation(town, root).id for root in ("b", "a"))
    deeds.merge(town.diaz, source, target)
    found = thread(town, target)
    assert [(item.text, item.merged) for item in found.items] == [("in a", False), ("in b", True)]
    assert list(found.merged) == [source]


def test_reading_costs_the_same_however_long_it_is(town: make.Town) -> None:
    def statements(count: int) -> int:
        root = f"r{count}"
        take(town, *[said(f"{root}-{n}", n / 9, root_id=root) for n in range(count)])
        home = hearing.conversation(town, root).id
        with acting_for(town.agency.id):
            found = conversations.find(town.diaz, home, make.now())
            assert found is not None
            with CaptureQueriesContext(connection) as asked:
                conversations.thread(town.diaz, found, make.now())
        return len(asked)

    assert statements(2) == statements(60)


def test_another_unit_finds_nothing(town: make.Town) -> None:
    take(town, said())
    home = hearing.conversation(town).id
    with acting_for(town.agency.id):
        assert conversations.find(town.ofield, home, make.now()) is None
        assert conversations.find(town.admin, home, make.now()) is None
        assert conversations.find(town.diaz, UUID(int=1), make.now()) is None


# --- since when somebody waits --------------------------------------------------------------------


def test_everything_waits_until_it_is_answered(town: make.Town) -> None:
    post, home = speaking.heard(town)
    again = town.street.reply("ana", post.id, "@pd11 And?")
    town.collect()
    assert since(town, home) == post.at
    delivery = speaking.deliver(town, speaking.answer(town, home))
    assert since(town, home) is None
    last = town.street.reply("ana", again.id, "@pd11 One more thing")
    town.collect()
    assert since(town, home) == last.at
    assert delivery.external_id is not None
    town.street.remove(delivery.external_id)
    town.collect()
    assert since(town, home) == post.at  # an answer that is gone answered nothing


def test_a_reply_that_did_not_go_out_answers_nothing(town: make.Town) -> None:
    post, home = speaking.heard(town)
    speaking.failing(town, speaking.Fault.REFUSED)
    speaking.deliver(town, speaking.answer(town, home))
    assert since(town, home) == post.at


def test_what_was_deleted_waits_for_nobody(town: make.Town) -> None:
    take(town, said())
    take(town, deleted())
    assert since(town, hearing.conversation(town).id) is None


# --- people and history ---------------------------------------------------------------------------


def test_colleagues_are_who_could_answer_here_now(town: make.Town) -> None:
    take(town, said())
    home = hearing.conversation(town).id

    def names() -> list[str]:
        with acting_for(town.agency.id):
            found = conversations.find(town.diaz, home, make.now())
            assert found is not None
            return [one.name for one in conversations.colleagues(found, make.now())]

    assert names() == ["Ann Mockridge", "Rosa Diaz"]
    with acting_for(town.agency.id):
        ofield = Member.objects.get(pk=town.ofield.member_id)
        Member.objects.filter(pk=town.diaz.member_id).update(active=False)
    giving.give(town.admin, ofield, Role.OFFICER, make.unit(town.agency, "A4").id)
    assert names() == ["Ann Mockridge", "Sam Ofield"]


@pytest.mark.parametrize("me", ["diaz", "mockridge"])
def test_history_is_told_with_names(town: make.Town, me: str) -> None:
    take(town, said())
    home = hearing.conversation(town).id
    seventh = make.unit(town.agency, "007").id
    deeds.assign(getattr(town, me), home, member_id=town.mockridge.member_id)
    deeds.assign(getattr(town, me), home, member_id=None, unit_id=seventh)
    with acting_for(town.agency.id):
        past = records.history(home)
        tally = records.tally(town.agency.created_at)
    assert [one.happening for one in past] == [
        Happening.MESSAGE_RECEIVED,
        Happening.CONVERSATION_ASSIGNED,
        Happening.CONVERSATION_ASSIGNED,
    ]
    assert past[0].actor_kind == "resident"
    assert past[1].facts["member_name"] == "Sgt. Mockridge"
    assert past[2].facts["unit_name"] == "7th District"
    assert tally[Happening.CONVERSATION_ASSIGNED] == 2
