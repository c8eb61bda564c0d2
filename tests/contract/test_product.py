"""Every network through the whole product: heard, answered by a person, and settled by itself when
the network does not say what it did."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
import time_machine

from callbox.actions import accounts, arrivals, deliveries, pictures, posts, publishing
from callbox.models.accounts import Account
from callbox.models.inbox import Conversation, Message, Version
from callbox.models.people import Agency
from callbox.models.posts import Delivery
from callbox.models.records import Entry
from callbox.networks import REGISTRY, connector_class
from callbox.queries.people import Me
from callbox.scope import acting_for
from callbox.vocabulary import Lane, Role
from tests import make
from tests.contract.harness import EDIT, REMOVE, Harness, harness_class
from tests.contract.play import Ears, can_answer, lanes

pytestmark = pytest.mark.django_db(transaction=True)
LOUD = [
    name
    for name in sorted(REGISTRY)
    if harness_class(name).on_a_wire and "publish" in connector_class(name).abilities()
]


@dataclass(frozen=True, slots=True)
class Place:
    """An agency with one account, on a network that the test holds in its hand."""

    agency: Agency
    account: Account
    diaz: Me
    platz: Me
    network: Harness

    def hear(self) -> None:
        """Everything that came, by whichever door."""
        accounts.collect(self.agency.id, self.account.id)
        pushed = self.network.pushed()
        if pushed:
            arrivals.take_in(self.account, pushed, "hook")

    def delivery(self, pk: Any) -> Delivery:
        with acting_for(self.agency.id):
            return Delivery.objects.get(pk=pk)

    def settle(self, delivery: Delivery) -> Delivery:
        """What happens by itself within a quarter of an hour: we look and hear, again and again."""
        now = make.now()
        for minute in (1, 3, 6, 10, 15):
            with time_machine.travel(now + timedelta(minutes=minute), tick=True):
                self.hear()
                deliveries.reconcile(self.agency.id, delivery.id)
            if self.delivery(delivery.id).state != "unknown":
                break
        return self.delivery(delivery.id)


@pytest.fixture
def place(wired: Harness) -> Place:
    return _place(wired)


def _place(network: Harness) -> Place:
    agency = make.agency()
    return Place(
        agency,
        make.stand_in_account(agency, network),
        make.me(make.member(agency, "Rosa Diaz", Role.OFFICER)),
        make.me(make.member(agency, "Eva Platz", Role.NEWS_AFFAIRS, "PD", rank="Sgt.")),
        network,
    )


def _asked(place: Place, *, private: bool) -> Conversation:
    place.hear()
    said = place.network.say("The street light is out.", private=private)
    place.hear()
    with acting_for(place.agency.id):
        message = Message.objects.get(external_id=said)
        return Conversation.objects.get(pk=message.conversation_id)


def test_heard_and_answered(place: Place) -> None:
    connector = place.network.connector(place.network.session())
    for private in lanes(place.network):
        home = _asked(place, private=private)
        if not can_answer(connector, private=private):
            continue
        before = len(place.network.said_by_us())
        lane = Lane.PRIVATE if private else Lane.PUBLIC
        queued = posts.reply(place.diaz, home.id, "We look at it.", lane=lane, hold=False)
        deliveries.deliver(place.agency.id, queued.id)
        deliveries.deliver(place.agency.id, queued.id)
        sent = place.delivery(queued.id)
        assert (sent.state, sent.how, sent.error_words) == ("sent", "answer", "")
        place.hear()  # our own words come by
        assert len(place.network.said_by_us()) == before + 1
        with acting_for(place.agency.id):
            home.refresh_from_db()
            assert home.state == "waiting"
            assert Conversation.objects.filter(state="open").count() == 0


def test_an_answer_without_an_answer_settles_by_itself(place: Place) -> None:
    """Failure mode 1, on every network: there once, and the record says how we know."""
    connector = place.network.connector(place.network.session())
    for private in lanes(place.network):
        if not can_answer(connector, private=private):
            continue
        home = _asked(place, private=private)
        before = len(place.network.said_by_us())
        lane = Lane.PRIVATE if private else Lane.PUBLIC
        queued = posts.reply(place.diaz, home.id, "We look at it.", lane=lane, hold=False)
        place.network.break_next_write(done=True)
        deliveries.deliver(place.agency.id, queued.id)
        assert place.delivery(queued.id).state in ("unknown", "sent")
        settled = place.settle(queued)
        assert len(place.network.said_by_us()) == before + 1
        if place.network.tells_what_it_sent:
            assert (settled.state, settled.error_words) == ("sent", "")
            assert settled.how in ("found", "echo")
            with acting_for(place.agency.id):
                line = Entry.objects.get(happening="reply_sent", subject_id=settled.id)
            assert line.facts["how"] == settled.how
        else:
            assert settled.state in ("unknown", "failed"), "nobody can say: a person has to look"


@pytest.fixture(params=LOUD)
def loud(request: pytest.FixtureRequest, settings: Any) -> Iterator[Place]:
    """A network on which we can speak first."""
    settings.CALLBOX_URL = "https://talk.example.gov"
    made = harness_class(request.param)()
    yield _place(made)
    made.close()


def test_a_post_without_an_answer_settles_by_itself(loud: Place) -> None:
    """Failure mode 1, while publishing: there once, and the record says how we know."""
    loud.hear()
    ids = tuple(
        pictures.add(loud.platz, file, len(file.getvalue()), "A street with a lamp")
        for file in loud.network.must_show()
    )
    words = publishing.Words("Main Street is open again.", picture_ids=ids)
    (queued,) = publishing.publish(loud.platz, loud.account.id, words)
    before = len(loud.network.said_by_us())
    loud.network.break_publishing()
    deliveries.deliver(loud.agency.id, queued.id)
    assert loud.delivery(queued.id).state == "unknown"
    settled = loud.settle(queued)
    assert len(loud.network.said_by_us()) == before + 1
    if not loud.network.tells_what_it_sent:
        assert settled.state in ("unknown", "failed"), "nobody can say: a person has to look"
        return
    assert (settled.state, settled.error_words) == ("sent", "")
    assert settled.how in ("found", "echo")


def test_whatever_the_order_the_record_is_the_same(place: Place) -> None:
    """Failure modes 7 and 11: originals, edits and deletions, in every order and twice."""
    network, connector = place.network, place.network.connector(place.network.session())
    ears = Ears(network, connector)
    ears.heard()
    said = network.say("The light is out", private=lanes(network)[0])
    raws = ears.heard()
    if EDIT in network.residents_can:
        network.edit(said, "The light is out at Main Street")
        raws += ears.heard()
    if REMOVE in network.residents_can:
        network.remove(said)
        raws += ears.heard()
    outcomes = set()
    for number, order in enumerate(list(permutations(raws[:4]))[:24]):
        agency = make.agency(f"town{number}")
        account = make.stand_in_account(agency, network)
        arrivals.take_in(account, [*order, *order], "hook")
        with acting_for(agency.id):
            message = Message.objects.get(external_id=said)
            newest = Version.objects.filter(message=message).order_by("-said_at").first()
            assert newest is not None
            outcomes.add((newest.text, message.deleted_at is not None))
            assert Conversation.objects.count() == 1
    assert len(outcomes) == 1
