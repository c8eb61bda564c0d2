"""E-mail for the contract suite: Dovecot and an SMTP server on loopback, and Ana."""

from collections.abc import Mapping
from contextlib import ExitStack
from email import message_from_bytes
from email.policy import SMTP
from typing import ClassVar

from callbox.connector import AccountSeen, Connector, Raw, Session
from callbox.moment import now_utc
from callbox.networks.email.connector import Email
from callbox.networks.email.tests.make import KIND, SAMPLES, reader, said_of, sample
from callbox.vocabulary import Outgoing, Reported, Said
from tests.contract.answers import answer_to
from tests.contract.harness import SAY_PRIVATE, Harness
from tests.servers.mail import ADDRESS, PASSWORD, body_of, mail_system

ANA = "ana@example.org"


class Mail(Harness):
    """One mailbox, and Ana's."""

    network = "email"
    residents_can = frozenset({SAY_PRIVATE})
    secrets: ClassVar[tuple[str, ...]] = (PASSWORD,)

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._mail = self._stack.enter_context(mail_system())
        self._ana = self._mail.resident(ANA)
        self._said: dict[str, Said] = {}
        self._password = PASSWORD

    def close(self) -> None:
        self._stack.close()

    def connector(self, session: Session | None = None) -> Connector:
        secrets = {"password": self._password}
        account = AccountSeen("1", ADDRESS, ADDRESS, self._mail.config, secrets)
        connector = Email(account, session)
        self._stack.callback(connector.close)
        return connector

    def say(self, text: str, *, private: bool = False) -> str:
        content = self._ana.write(ADDRESS, "", text, name="Ana")
        said = said_of(Raw(KIND.replace("2026-11-23T22:55:10", _now()), content))
        self._said[said.external_id] = said
        return said.external_id

    def answer(self, to: str, text: str, key: str) -> Outgoing:
        return answer_to(self._said[to], text, key)

    def said_by_us(self) -> list[str]:
        mails = [message_from_bytes(one, policy=SMTP) for one in self._ana.raw_mails()]
        return [body_of(one).replace("\r\n", "\n").strip() for one in mails]

    def say_as_us(self, text: str) -> str:
        """The desk answers Ana's last mail from another mail program, which puts it in “Sent”."""
        last = list(self._said.values())[-1] if self._said else said_of(sample("first"))
        content = self._mail.written_by_hand(str(last.refs["message_id"]), ANA, text)
        self._mail.deliver(ANA, content, ADDRESS)
        self._mail.deliver(ADDRESS, content, ADDRESS, "Sent")
        return str(message_from_bytes(content)["Message-ID"]).strip("<>")

    def report(self, external_id: str, *, order: tuple[str, ...] = ()) -> list[Reported]:
        bounce = sample("bounce")
        name = b"cb1.0198c1a2b3c47d5e8f90a1b2c3d4e5f6.cd4eeb07d5a61aa3c9b0f5d1@police.example"
        body = bounce.body.replace(name, external_id.encode())
        found = [
            reader().parse(Raw(bounce.kind, body.replace(b"Action: failed", b"Action: " + word)))
            for word in (one.encode() for one in order)
        ]
        return [event for events in found for event in events if isinstance(event, Reported)]

    def sample_events(self) -> Mapping[str, bytes]:
        return {path.stem: sample(path.stem).body for path in SAMPLES.glob("*.json")}

    def kind_of(self, name: str) -> str:
        return sample(name).kind

    # --- faults ---------------------------------------------------------------------------------

    def break_next_write(self, *, done: bool) -> None:
        if done:
            self._mail.smtp.fault("END-DONE")
        else:
            self._mail.smtp.fault("DATA")

    def limit_next(self, seconds: int) -> None:
        self._mail.smtp.fault("MAIL", f"421 4.7.28 Too many mails, try again in {seconds} seconds")

    def down_next(self) -> None:
        self._mail.smtp.fault("EHLO", "421 4.3.2 The service is shutting down")

    def revoke(self) -> None:
        self._password = "an-old-password"


def _now() -> str:
    return now_utc().isoformat(timespec="seconds").removesuffix("+00:00")


HARNESS = Mail
