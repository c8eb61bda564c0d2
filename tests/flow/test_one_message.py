"""One message, end to end, without a browser: heard, answered by a person, on the record."""

from pathlib import Path

import pytest

from callbox import sealer
from callbox.actions import deliveries, posts
from callbox.models.inbox import Conversation, Message, Version
from callbox.models.posts import Delivery
from callbox.queries import conversations, inbox, records
from callbox.scope import acting_for
from callbox.vocabulary import Happening, Lane
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_message_is_heard_answered_and_on_the_record(tmp_path: Path) -> None:
    town = make.town(tmp_path)
    town.street.join("ana", "Ana Ejemplo")
    said = town.street.post("ana", "@pd11 ¿Cuándo arreglan el alumbrado en W Monroe?")

    town.collect()
    town.collect()  # polling again changes nothing

    with acting_for(town.agency.id):
        conversation = Conversation.objects.get()
        row = inbox.listing(town.diaz, inbox.QUEUES["needs"], make.now()).rows[0]
        assert (row.who, row.language, row.intent) == ("Ana Ejemplo", "es", "concern")
        assert inbox.counts(town.diaz, make.now())["needs"] == 1
        assert Version.objects.get().text == said.text

    queued = posts.reply(
        town.diaz, conversation.id, "Lo vemos hoy.", lane=Lane.PUBLIC, language="es", hold=False
    )
    deliveries.deliver(town.agency.id, queued.id)
    deliveries.deliver(town.agency.id, queued.id)  # a second worker with the same job

    answers = [post for post in town.street.thread(said.id) if post.author.handle == "pd11"]
    assert [answer.text for answer in answers] == ["Lo vemos hoy.\n— Ofc. Diaz, 11th District"]
    town.collect()  # our own echo comes by
    deliveries.confirm(town.agency.id, queued.id)
    with acting_for(town.agency.id):
        sent = Delivery.objects.get()
        assert (sent.state, sent.external_id) == ("sent", answers[0].id)
        assert sent.confirmed_at is not None
        conversation.refresh_from_db()
        assert conversation.state == "waiting"
        thread = conversations.thread(town.diaz, conversation, make.now())
        assert [item.kind for item in thread.items] == ["message", "reply"]
        happened = [past.happening for past in records.history(conversation.id)]
        assert happened == [
            Happening.MESSAGE_RECEIVED,
            Happening.REPLY_QUEUED,
            Happening.REPLY_SENDING,
            Happening.REPLY_SENT,
            Happening.REPLY_CONFIRMED,
        ]
        assert records.tally(town.agency.created_at)[Happening.REPLY_SENT] == 1

    while sealer.seal_agency(town.agency.id):
        continue
    checked = sealer.verify(town.agency.id)
    assert (checked.faults, checked.unsealed) == ([], 0)
    assert checked.entries > 5


def test_the_seventh_district_sees_nothing_of_the_eleventh(tmp_path: Path) -> None:
    town = make.town(tmp_path)
    town.street.join("ana", "Ana")
    town.street.post("ana", "@pd11 Is the station open on Sunday?")
    town.collect()
    with acting_for(town.agency.id):
        assert inbox.listing(town.ofield, inbox.QUEUES["needs"], make.now()).rows == []
        conversation = Conversation.objects.get()
        assert conversations.find(town.ofield, conversation.id, make.now()) is None


def test_a_forgotten_filter_shows_nothing(tmp_path: Path) -> None:
    town = make.town(tmp_path)
    other = make.agency("springfield")
    town.street.join("ana", "Ana")
    town.street.post("ana", "@pd11 Hello?")
    town.collect()
    assert Message.objects.count() == 0  # outside any scope
    with acting_for(other.id):
        assert Message.objects.count() == 0
    with acting_for(town.agency.id):
        assert Message.objects.count() == 1
