"""E-mail as a `Connector`: what each ability does is told here, how in the modules beside it."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from callbox.connector import AccountSeen, Connector, Page, Raw, Refused, Session
from callbox.logins import Barrier, Identity, Located, Setting
from callbox.moment import now_utc
from callbox.networks.email import compose, parse, parts, people, server
from callbox.networks.email.imap import Imap
from callbox.networks.email.inbox import Inbox
from callbox.networks.email.outbox import Letter, Outbox
from callbox.networks.email.smtp import Smtp
from callbox.vocabulary import (
    AttachmentSeen,
    Event,
    Lane,
    Limits,
    Outgoing,
    Problem,
    Receipt,
    ReplyTo,
)

_SECURITY = (
    (server.TLS, "TLS from the start (usual)"),
    (server.STARTTLS, "STARTTLS"),
    (server.NONE, "None (only for a server on this machine)"),
)
_NOT_THERE = "E-mail has no way to do this: a mail that went out is the reader's."


def _places(kind: str, label: str) -> tuple[Setting, ...]:
    """What is asked about one of the two servers: all of it says where the password goes."""
    usual = "Empty: the usual."
    return (
        Setting(f"{kind}_host", label, help=f"Like {kind}.example.org.", place=True),
        Setting(f"{kind}_port", "Its port", required=False, kind="number", help=usual, place=True),
        Setting(f"{kind}_security", "Its line", default=server.TLS, choices=_SECURITY, place=True),
    )


class Email(Connector):
    """One mailbox. Everything in it is private."""

    key: ClassVar[str] = "email"
    name: ClassVar[str] = "E-mail"
    poll_seconds: ClassVar[int] = 60
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("address", "Address", help="The one that residents write to."),
        Setting(
            "sender_name",
            "Name shown",
            required=False,
            help="Stands beside the address in every answer, like Riverton Police, 11th District.",
        ),
        *_places("imap", "Server for incoming mail (IMAP)"),
        *_places("smtp", "Server for outgoing mail (SMTP)"),
        Setting("login", "Login name", required=False, help="Empty: the address."),
        Setting(
            "login_kind",
            "Way of logging in",
            default="password",
            choices=(("password", "Password"), ("token", "OAuth 2 access token")),
            help="A token is for servers that take no passwords; it has to be renewed by hand.",
        ),
        Setting(
            "password",
            "Password or token",
            secret=True,
            help="Where the mailbox has two-step login, make a password for Callbox alone.",
        ),
        Setting("folder", "Folder to read", default="INBOX", required=False),
        Setting(
            "forms",
            "Addresses of web forms",
            required=False,
            help="Forms on your own pages that write in a resident's name, with commas between. "
            "Only from these is Reply-To taken for who wrote.",
        ),
    )
    preparation: ClassVar[tuple[str, ...]] = (
        "Make a mailbox for the conversation with residents, or take an existing one. No list and "
        "no shared forwarding should end in it: what machines send is counted and dropped.",
        "Allow IMAP and SMTP for it. In Google Workspace: Admin console, Apps, Gmail, End user "
        "access. Microsoft 365 takes no passwords there, only tokens that end after about an hour "
        "and that Callbox cannot renew: take a mailbox of another provider.",
        "Make an app password for Callbox where the mailbox has two-step login.",
        "Let nothing move or delete mails in this mailbox by rule: every answer sends a copy to "
        "the address itself, by which Callbox knows that it went out.",
        "Have somebody look into its junk folder: Callbox reads one folder, and what the server "
        "files as junk stays there.",
        "Publish SPF, DKIM and DMARC for the domain, so that answers do not end as spam.",
    )
    cannot: ClassVar[Mapping[str, str]] = {
        "reply": "E-mail is private: answer privately.",
        "publish": "E-mail reaches nobody who has not written to you.",
        "like": "E-mail has no likes.",
        "hide": "Nobody but us can see a mail that was sent to us, so there is nothing to hide.",
        "edit": _NOT_THERE,
        "delete": _NOT_THERE,
    }

    def __init__(
        self,
        account: AccountSeen,
        session: Session | None = None,
        *,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        super().__init__(account, session, now=now or now_utc)
        self._address = str(account.config.get("address") or account.external_id).strip()
        self._us = parse.Us(self._address, people.addresses(str(account.config.get("forms") or "")))
        self._line: Imap | None = None
        self._folder = str(account.config.get("folder") or "").strip() or "INBOX"

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line = None

    # --- connecting ---------------------------------------------------------------------------

    def identify(self) -> Identity:
        """Log in to both servers. The address is the account, whatever the login is called."""
        if not people.is_address(self._address):
            raise Refused(f"“{self._address}” is not an address. Write it like desk@example.org")
        self._imap.open(self._folder)
        self._smtp().close()
        name = str(self.account.config.get("sender_name") or "").strip()
        return Identity(people.normal(self._address), self._address, name or self._address)

    # --- hearing ------------------------------------------------------------------------------

    def parse(self, raw: Raw) -> Sequence[Event]:
        return parse.parse(raw, self._us)

    def fetch(self, cursor: Mapping[str, Any]) -> Page:
        """What came since; the first poll goes a day back."""
        return self._inbox.fetch(cursor)

    def listen(self) -> Iterator[Raw | None]:
        yield from self._inbox.listen()

    def history(self, cursor: Mapping[str, Any]) -> Page:
        return self._inbox.history(cursor)

    def locate(self, attachment: AttachmentSeen) -> Located:
        """A mail's file as a `data:` address, read from the mailbox when it is asked for."""
        return parts.located(self._imap, self._folder, attachment.url, self._us)

    # --- speaking -----------------------------------------------------------------------------

    def limits(self, lane: str = "public") -> Limits:
        return Limits(
            images=10,
            image_bytes=8_000_000,
            image_mimes=compose.PICTURES,
            videos=1,
            video_bytes=compose.MOST_BYTES,
        )

    def check(self, outgoing: Outgoing) -> Sequence[Problem]:
        return tuple(compose.problems(outgoing))

    def barrier(self, ability: str, to: ReplyTo) -> Barrier | None:
        """Who has no address, or says that nobody reads mail there, cannot be answered."""
        found = super().barrier(ability, to)
        if found or ability != "message":
            return found
        address = _address_of(to)
        if not address:
            return Barrier("This mail does not say where an answer should go.")
        if people.takes_none(address):
            return Barrier(f"{address} takes no answers: nobody reads mail there.")
        return None

    def message(self, outgoing: Outgoing) -> Receipt:
        """Answer whoever wrote, and nobody else. Twice is once: a mail that went out under this
        key is found before it is sent again (see `outbox`)."""
        letter, began = self._letter(outgoing), time.monotonic()
        self._outbox.send(letter, lambda: self._smtp(began))
        return Receipt(letter.name, refs={"message_id": letter.name})

    def find(self, outgoing: Outgoing) -> Receipt | None:
        name = compose.message_id(outgoing, self._address)
        return (
            Receipt(name, refs={"message_id": name})
            if self._outbox.find(name, outgoing.made_at)
            else None
        )

    def _letter(self, outgoing: Outgoing) -> Letter:
        """The mail that this becomes. Raises Refused with why it may not go out."""
        to = outgoing.reply_to
        if to is None or outgoing.lane is not Lane.PRIVATE:
            raise Refused(self.cannot["publish"] if to is None else self.cannot["reply"])
        barrier = self.barrier("message", to)
        problems = [barrier.words] if barrier else [one.words for one in self.check(outgoing)]
        if not outgoing.by_person:
            problems += _machine_problems(to)
        if problems:
            raise Refused(problems[0])
        name = str(self.account.config.get("sender_name") or "")
        try:
            address = people.ascii_form(_address_of(to))
            content = compose.mail(outgoing, self._address, name, address)
            sender = people.ascii_form(self._address)
        except ValueError as error:
            raise Refused("Mail cannot be sent to this address as it is written.") from error
        mail_id = compose.message_id(outgoing, self._address)
        return Letter(mail_id, sender, address, content, outgoing.made_at)

    # --- parts --------------------------------------------------------------------------------

    @property
    def _imap(self) -> Imap:
        """The line to the mailbox: made when first needed, and anew when it broke."""
        if self._line is None or self._line.lost:
            self.close()
            self._line = Imap(server.place(self.account.config, "imap"), self._login())
        return self._line

    def _smtp(self, began: float | None = None) -> Smtp:
        return Smtp(server.place(self.account.config, "smtp"), self._login(), began)

    def _login(self) -> server.Login:
        return server.login(self.account.config, self.account.secrets, self._address)

    @property
    def _inbox(self) -> Inbox:
        return Inbox(self._imap, self._folder, self.now)

    @property
    def _outbox(self) -> Outbox:
        return Outbox(self._imap, self._folder, self.now)


def _machine_problems(to: ReplyTo) -> list[str]:
    """Why a machine may not answer this. What a forged sender gets from a machine is our spam to
    somebody who never wrote."""
    problems = []
    if to.refs.get("machine"):
        problems.append("An automatic answer was given here: two machines must not talk.")
    if to.refs.get("failed"):
        problems.append("The sender of this mail could not be checked: no machine answers it.")
    return problems


def _address_of(to: ReplyTo) -> str:
    """Where an answer goes: to the author who is shown, in their own spelling of the address."""
    if to.author is None:
        return ""
    written = str(to.refs.get("address") or "")
    return written if people.normal(written) == to.author.external_id else to.author.external_id
