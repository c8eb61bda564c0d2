"""A mailbox, end to end: what opens work and what does not, and one mail for one answer."""

from collections.abc import Iterator

import pytest

from callbox.actions import accounts, deliveries, posts
from callbox.models.accounts import Account
from callbox.models.inbox import Conversation, Message, Version
from callbox.models.posts import Delivery
from callbox.queries.people import Me
from callbox.scope import acting_for
from callbox.vocabulary import Lane, Role
from tests import make
from tests.servers.mail import ADDRESS, MailSystem, body_of, mail_system

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.network]

ANA = "ana@example.org"
WORDS = "We told the city.\n— Ofc. Diaz, 11th District"


@pytest.fixture(scope="module")
def servers() -> Iterator[MailSystem]:
    with mail_system() as running:
        yield running


class Desk:
    """An agency with one mailbox, and Officer Diaz at it."""

    def __init__(self, mail: MailSystem) -> None:
        mail.reset()
        self.mail = mail
        self.agency = make.agency()
        self.diaz: Me = make.me(make.member(self.agency, "Rosa Diaz", Role.OFFICER))
        identity, session = accounts.try_login("email", mail.config, mail.secrets)
        self.account: Account = accounts.connect(
            None,
            self.agency.id,
            "email",
            make.unit(self.agency, "011").id,
            identity,
            config=mail.config,
            secrets=mail.secrets,
            session=session,
        )

    def collect(self) -> None:
        accounts.collect(self.agency.id, self.account.id)

    def texts(self) -> list[str]:
        """Everything that residents said, in the order of their conversations."""
        with acting_for(self.agency.id):
            rows = Version.objects.order_by("message__conversation_id", "said_at", "message_id")
            return list(rows.values_list("text", flat=True))

    def conversations(self) -> list[Conversation]:
        with acting_for(self.agency.id):
            return list(Conversation.objects.order_by("id"))

    def answer(self, conversation: Conversation, text: str) -> Delivery:
        """Queue an answer and have it delivered."""
        queued = posts.reply(self.diaz, conversation.id, text, lane=Lane.PRIVATE, hold=False)
        deliveries.deliver(self.agency.id, queued.id)
        return queued

    def delivery(self) -> Delivery:
        with acting_for(self.agency.id):
            return Delivery.objects.get()


@pytest.fixture
def desk(servers: MailSystem) -> Desk:
    return Desk(servers)


def test_a_mail_is_heard_answered_and_answered_again(desk: Desk) -> None:
    ana = desk.mail.resident(ANA)
    ana.write(ADDRESS, "Street light", "It is dark on Fifth.", name="Ana Ejemplo")
    desk.collect()
    (conversation,) = desk.conversations()
    desk.answer(conversation, "We told the city.")
    desk.collect()  # our copy, and what stands in “Sent”
    assert desk.delivery().state == "sent"
    (arrived,) = ana.mails()
    assert body_of(arrived).strip() == WORDS
    ana.answer(arrived, "It is bright again. Thank you!")
    desk.collect()
    assert [one.id for one in desk.conversations()] == [conversation.id]
    assert desk.texts() == [
        "Street light\n\nIt is dark on Fifth.",
        "It is bright again. Thank you!",
    ]


def test_an_answer_whose_outcome_nobody_knows_becomes_one_mail(desk: Desk) -> None:
    """Failure mode 1: the server takes the mail and is gone before it says so."""
    desk.mail.resident(ANA).write(ADDRESS, "Street light", "It is dark.")
    desk.collect()
    (conversation,) = desk.conversations()
    desk.mail.smtp.fault("END-DONE")
    queued = desk.answer(conversation, "We told the city.")
    assert desk.delivery().state == "unknown"
    deliveries.reconcile(desk.agency.id, queued.id)
    assert desk.delivery().state == "sent"
    desk.collect()
    assert len(desk.mail.resident(ANA).mails()) == 1


def test_a_restored_mailbox_brings_nothing_twice(desk: Desk) -> None:
    """Failure mode 15: the same mail under a new number is known by its name."""
    ana = desk.mail.resident(ANA)
    ana.write(ADDRESS, "One", "First")
    ana.send(b"From: ana@example.org\r\nMessage-ID: <>\r\nSubject: Two\r\n\r\nNameless", ADDRESS)
    ana.send(b"From: ana@example.org\r\nMessage-ID: <>\r\nSubject: Three\r\n\r\nToo", ADDRESS)
    desk.collect()
    ana.write(ADDRESS, "Four", "While nobody looked")
    desk.mail.new_uids()
    desk.collect()
    desk.collect()
    assert len(desk.texts()) == 4
    assert len(desk.conversations()) == 4


def test_machines_open_no_work_and_a_bounce_brings_ours_back(desk: Desk) -> None:
    ana = desk.mail.resident(ANA)
    ana.write(ADDRESS, "Street light", "It is dark.")
    desk.collect()
    (conversation,) = desk.conversations()
    desk.answer(conversation, "We told the city.")
    (arrived,) = ana.mails()
    ana.answer(arrived, "I am away.", **{"Auto-Submitted": "auto-replied"})
    desk.mail.resident("news@example.com").write(
        ADDRESS, "Offers", "Cheap", headers={"Precedence": "bulk"}
    )
    desk.collect()
    assert desk.texts() == ["Street light\n\nIt is dark."]
    desk.mail.bounce(arrived, ANA)
    desk.collect()
    with acting_for(desk.agency.id):
        conversation.refresh_from_db()
    assert conversation.state == "open"
    assert desk.texts() == ["Street light\n\nIt is dark."]


def test_a_borrowed_name_changes_nobodys_words(desk: Desk) -> None:
    """Failure mode 15: a second mail under a known Message-ID is no edit, and another's thread."""
    ana, mallory = desk.mail.resident(ANA), desk.mail.resident("mallory@example.com")
    name = {"Message-ID": "<light-1@example.org>"}
    ana.write(ADDRESS, "Light", "It is dark.", headers=name)
    mallory.write(ADDRESS, "Light", "Never mind.", headers=name)
    mallory.write(ADDRESS, "Re: Light", "Call me.", headers={"References": name["Message-ID"]})
    desk.collect()
    with acting_for(desk.agency.id):
        authors = [
            list(Message.objects.filter(conversation=one).values_list("author__handle", flat=True))
            for one in Conversation.objects.order_by("id")
        ]
        assert Version.objects.count() == 3
    assert sorted(authors) == [[ANA], ["mallory@example.com"] * 2]
