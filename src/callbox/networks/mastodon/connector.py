"""Mastodon as a `Connector`: what each ability does is told here, how in the modules beside it."""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, ClassVar

import httpx

from callbox.connector import (
    AccountSeen,
    AuthDead,
    Connector,
    ConnectorError,
    OutcomeUnknown,
    Page,
    Raw,
    Refused,
    Seen,
    Session,
)
from callbox.logins import Identity, Setting
from callbox.moment import now_utc
from callbox.networks.mastodon import compose, errors, find, instance, media, parse
from callbox.networks.mastodon import status as statuses
from callbox.networks.mastodon.api import Api, status_path
from callbox.networks.mastodon.hearing import Hearing
from callbox.networks.mastodon.instance import Rules
from callbox.networks.mastodon.status import Us
from callbox.networks.mastodon.streaming import Stream
from callbox.networks.mastodon.threads import Threads, climb
from callbox.networks.mastodon.values import ident
from callbox.values import Json, mapping, objects, text, web
from callbox.vocabulary import Event, Limits, Outgoing, Problem, Receipt, Said

_ABOVE, _BELOW = 40, 40  # how much of a thread `context` shows
_TOKEN = re.compile(r"[\x21-\x7e]+")
_ASK_AGAIN = timedelta(minutes=1)  # after a server did not tell its limits


class Mastodon(Connector):
    """One account on one server of the Mastodon API.

    `transport` and `sleep` are for tests.
    """

    key: ClassVar[str] = "mastodon"
    name: ClassVar[str] = "Mastodon"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "server",
            "Server address",
            default="https://",
            help="Where the account lives, like https://mastodon.social. Servers that speak "
            "Mastodon's API, such as GoToSocial or Akkoma, work too.",
            place=True,
        ),
        Setting(
            "token",
            "Access token",
            secret=True,
            help="On the server: Preferences, Development, New application, with the rights "
            "“read” and “write”.",
        ),
    )
    cannot: ClassVar[Mapping[str, str]] = {
        "hide": "Mastodon has no way to hide somebody's answer. Report it to the server there.",
    }

    def __init__(
        self,
        account: AccountSeen,
        session: Session | None = None,
        *,
        now: Callable[[], datetime] | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(account, session, now=now or now_utc)
        self._us = Us.of(account)
        self._transport = transport
        self._sleep = sleep
        self._rules_asked: tuple[Rules, datetime] | None = None

    def close(self) -> None:
        if "_api" in self.__dict__:  # made when first needed
            self._api.close()

    # --- connecting ---------------------------------------------------------------------------

    def identify(self) -> Identity:
        """Who the token belongs to. Here every 403 is about the login, whatever its words."""
        response = self._api.answer("GET", "/api/v1/accounts/verify_credentials")
        if response.status_code == 403:
            said = errors.said_by(response) or "this login may not be used"
            raise AuthDead(f"{self._api.host} says: “{said}” Look there, then connect again.")
        account = mapping(self._api.decoded(self._api.checked(response)))
        external_id, url = ident(account.get("id")), web(account.get("url"))
        if not external_id:
            raise Refused(f"{self._api.host} does not speak Mastodon's API.")
        if account.get("suspended") is True:
            raise AuthDead(f"The account is suspended on {self._api.host}.")
        handle = statuses.full_handle(text(account.get("acct")), url)
        name = text(account.get("display_name")) or text(account.get("username"))
        return Identity(external_id, handle, name, url)

    # --- hearing ------------------------------------------------------------------------------

    def parse(self, raw: Raw) -> Sequence[Event]:
        return parse.parse(raw, self._us)

    def fetch(self, cursor: Mapping[str, Any]) -> Page:
        return self._hearing.fetch(cursor)

    def listen(self) -> Iterator[Raw | None]:
        """Notifications, our own posts, edits and deletions as they happen. A failure to learn a
        thread's root ends the stream with its error: polling then finds what was not passed on."""
        with closing(Stream(self._api, self._rules().streaming)) as stream:
            for frame in stream.frames():
                yield self._hearing.heard(frame)

    def context(self, external_id: str) -> Sequence[Said]:
        """The thread around a status: at most 40 above and 40 below. Empty when it is gone."""
        status = self._api.maybe(status_path(external_id))
        found = self._threads.context(external_id) if status else None
        if not status or not found:
            return ()
        _, root = climb(status, found)
        around = (*found.ancestors[-_ABOVE:], status, *found.descendants[:_BELOW])
        said = [one for post in around if (one := statuses.said(post, self._us, root))]
        return sorted(said, key=lambda one: one.said_at)

    # --- speaking -----------------------------------------------------------------------------

    def limits(self, lane: str = "public") -> Limits:
        return self._rules().limits()

    def measure(self, text: str, lane: str = "public") -> int:
        return compose.measure(text, self._rules())

    def as_sent(self, outgoing: Outgoing) -> str:
        return compose.body(outgoing)

    def check(self, outgoing: Outgoing) -> Sequence[Problem]:
        return tuple(compose.problems(outgoing, self._rules()))

    def reply(self, outgoing: Outgoing) -> Receipt:
        """Answer whoever may read what we answer, and nobody more."""
        if outgoing.reply_to is None:
            raise Refused("There is nothing to answer.")
        return self._say(outgoing, compose.visibility(outgoing))

    def message(self, outgoing: Outgoing) -> Receipt:
        """A direct post: only who is named in it can read it."""
        if not compose.author_acct(outgoing):
            raise Refused("A private answer needs somebody to go to.")
        return self._say(outgoing, "direct")

    def publish(self, outgoing: Outgoing) -> Receipt:
        return self._say(outgoing, compose.visibility(outgoing))

    def find(self, outgoing: Outgoing) -> Receipt | None:
        found = find.Search(self._api, self._threads, self._us, outgoing).run()
        return _receipt(found) if found else None

    def look(self, external_id: str) -> Seen:
        status = self._api.maybe(status_path(external_id))
        if status is None:
            return Seen(gone=True)
        return Seen(gone=False, text=statuses.readable(status), refs=statuses.refs(status))

    def edit(self, external_id: str, outgoing: Outgoing) -> Receipt:
        """A new text. Pictures, content warning and language stay unless new ones are given:
        servers drop what an edit leaves out."""
        before = self._api.maybe(status_path(external_id))
        if before is None:
            raise Refused("The post is not there any more.")
        kept = [ident(one.get("id")) for one in objects(before.get("media_attachments"))]
        body = {
            "status": compose.body(outgoing),
            "spoiler_text": text(before.get("spoiler_text")),
            "sensitive": before.get("sensitive") is True,
            "language": compose.language(outgoing) or text(before.get("language")),
            "media_ids": self._uploaded(outgoing) or kept,
        }
        response = self._api.deed("PUT", status_path(external_id), _filled(body))
        return _receipt(before if errors.is_unchanged(response) else self._api.made(response))

    def delete(self, external_id: str) -> None:
        response = self._api.deed("DELETE", status_path(external_id))
        if not errors.is_gone(response):
            self._api.checked(response)

    def like(self, external_id: str, refs: Mapping[str, Any]) -> None:
        self._api.change("POST", status_path(external_id, "/favourite"))

    def _say(self, outgoing: Outgoing, visibility: str) -> Receipt:
        parent = outgoing.reply_to.parent_id if outgoing.reply_to else ""
        body = {
            "status": compose.body(outgoing),
            "visibility": visibility,
            "in_reply_to_id": parent,
            "language": compose.language(outgoing),
            "media_ids": self._uploaded(outgoing),
        }
        response = self._api.deed("POST", "/api/v1/statuses", _filled(body), key=outgoing.key)
        if errors.is_repetition(response):
            return self._said_before(outgoing)
        return _receipt(self._api.made(response))

    def _said_before(self, outgoing: Outgoing) -> Receipt:
        try:
            receipt = self.find(outgoing)
        except ConnectorError as error:
            raise OutcomeUnknown(str(error)) from error
        if receipt is None:
            raise OutcomeUnknown(f"{self._api.host} says that it has this, but does not show it.")
        return receipt

    def _uploaded(self, outgoing: Outgoing) -> list[str]:
        return [media.upload(self._api, picture, self._sleep) for picture in outgoing.media]

    # --- parts --------------------------------------------------------------------------------

    @cached_property
    def _api(self) -> Api:
        server = text(self.account.config.get("server"))
        token = text(self.account.secrets.get("token")).strip()
        if not _TOKEN.fullmatch(token):
            raise AuthDead("That is not an access token. Connect the account again.")
        return Api(server, token, self.now, self._transport)

    @cached_property
    def _threads(self) -> Threads:
        return Threads(self._api)

    @cached_property
    def _hearing(self) -> Hearing:
        return Hearing(self._api, self._threads, self._us, self.now)

    def _rules(self) -> Rules:
        """The server's limits, asked once. While it does not tell, Mastodon's own stand in."""
        if self._rules_asked and self.now() < self._rules_asked[1]:
            return self._rules_asked[0]
        try:
            rules, until = instance.ask(self._api), datetime.max.replace(tzinfo=UTC)
        except ConnectorError:
            rules, until = Rules(), self.now() + _ASK_AGAIN
        self._rules_asked = rules, until
        return rules


def _receipt(status: Json) -> Receipt:
    return Receipt(ident(status.get("id")), statuses.permalink(status), statuses.refs(status))


def _filled(body: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that say something: some servers refuse an empty id or language."""
    return {name: value for name, value in body.items() if value not in ("", [], None)}
