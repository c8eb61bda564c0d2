"""The Bluesky connector: one account on one AT Protocol server.

Direct messages run through a closed service that cannot be tested here, so there is no ability to
answer in private; posts cannot be edited on Bluesky, so there is none for that either.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import httpx

from callbox.connector import (
    AccountSeen,
    Connector,
    ConnectorError,
    Page,
    Raw,
    Refused,
    Seen,
    Session,
)
from callbox.logins import Barrier, Identity, Setting
from callbox.networks.bluesky import inbox, outbox, parse, richtext, thread
from callbox.networks.bluesky.errors import NoRecord
from callbox.networks.bluesky.session import Login
from callbox.networks.bluesky.shapes import (
    POST,
    WEB,
    fields,
    members,
    post_uri,
    strong_ref,
    uri_parts,
    words,
)
from callbox.networks.bluesky.threadgate import Threadgate
from callbox.networks.bluesky.tid import tid_of, time_of
from callbox.networks.bluesky.xrpc import Xrpc
from callbox.vocabulary import Event, Limits, Outgoing, Problem, Receipt, ReplyTo, Said
from callbox.wire import Wire

LIKE = "app.bsky.feed.like"
SERVER = "https://bsky.social"
NOT_SHOWN_YET = timedelta(minutes=10)


class Bluesky(Connector):
    """See `callbox.connector.Connector`; ids are at:// addresses of posts, DIDs of people."""

    key: ClassVar[str] = "bluesky"
    name: ClassVar[str] = "Bluesky"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("identifier", "Handle", help="For example: police.example.gov"),
        Setting(
            "password",
            "App password",
            secret=True,
            help="Make one on Bluesky under Settings, Privacy and security, App passwords.",
        ),
        Setting(
            "service",
            "Server",
            default=SERVER,
            help="Leave as it is, unless you run one.",
            place=True,
        ),
    )
    cannot: ClassVar[Mapping[str, str]] = {
        "message": "Callbox does not send messages on Bluesky. Open the chat there.",
        "edit": "Posts on Bluesky cannot be changed, by anybody. Take it down and post it again.",
    }
    pace: ClassVar[inbox.Pace] = inbox.Pace()

    def __init__(
        self,
        account: AccountSeen,
        session: Session | None = None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """`transport` is for tests. Raises Refused when the server's address is none."""
        super().__init__(account, session, now=now)
        self._wire = Wire(words(account.config.get("service")) or SERVER, transport)
        self._login = Login(self._wire, account, self.session, now)
        self._xrpc = Xrpc(self._wire, self._login, now)

    def close(self) -> None:
        self._wire.close()

    # --- connecting ---------------------------------------------------------------------------

    def identify(self) -> Identity:
        answer = self._xrpc.query("com.atproto.server.getSession", {})
        did = words(answer.get("did")) or self._login.did()
        handle = words(answer.get("handle")) or self._login.handle()
        return Identity(did, handle, self._display_name(did), f"{WEB}/{did}")

    def _display_name(self, did: str) -> str:
        """The profile's name; "" when the public side is not there to tell."""
        try:
            return words(
                self._xrpc.query("app.bsky.actor.getProfile", {"actor": did}).get("displayName")
            )
        except ConnectorError:
            return ""

    # --- hearing ------------------------------------------------------------------------------

    def parse(self, raw: Raw) -> Sequence[Event]:
        return parse.events(raw)

    def fetch(self, cursor: Mapping[str, Any]) -> Page:
        return inbox.fetch(self._xrpc, cursor, self.now(), self.pace)

    def context(self, external_id: str) -> Sequence[Said]:
        """The thread, oldest first; empty when the message is gone."""
        return thread.around(self._xrpc, external_id, self._login.did())

    # --- speaking -----------------------------------------------------------------------------

    def limits(self, lane: str = "public") -> Limits:
        return outbox.LIMITS

    def measure(self, text: str, lane: str = "public") -> int:
        return richtext.graphemes(text)

    def check(self, outgoing: Outgoing) -> Sequence[Problem]:
        return outbox.problems(outgoing)

    def reply(self, outgoing: Outgoing) -> Receipt:
        if outgoing.reply_to is None:
            raise Refused("A reply needs a message to answer.")
        return self._outbox().put(outgoing)

    def publish(self, outgoing: Outgoing) -> Receipt:
        return self._outbox().put(outgoing)

    def find(self, outgoing: Outgoing) -> Receipt | None:
        return self._outbox().find(outgoing)

    def look(self, external_id: str) -> Seen:
        """A post as the public side shows it.

        A new post takes a moment to get there, so what the public side does not show counts as
        gone only when our server does not have it either, or has not changed for a while.
        """
        post = thread.shown(self._xrpc, self._post(external_id))
        if post is not None:
            return _seen(external_id, fields(post.get("record")), post)
        did, collection, rkey = uri_parts(external_id)
        if did != self._login.did() or self._is_settled(did, rkey):
            return Seen(gone=True)
        place = {"repo": did, "collection": collection, "rkey": rkey}
        try:
            answer = self._xrpc.query("com.atproto.repo.getRecord", place)
        except NoRecord:
            return Seen(gone=True)
        return _seen(external_id, fields(answer.get("value")), answer)

    def delete(self, external_id: str) -> None:
        did, collection, rkey = uri_parts(self._post(external_id))
        if did != self._login.did():
            raise Refused("Only our own posts can be deleted.")
        place = {"repo": did, "collection": collection, "rkey": rkey}
        self._xrpc.procedure("com.atproto.repo.deleteRecord", place)

    def barrier(self, ability: str, to: ReplyTo) -> Barrier | None:
        """A hidden reply is written down in the gate of its thread, and only a thread's author has
        one."""
        ours = to.root_id.startswith(f"at://{self.account.external_id}/")
        if ability in ("hide", "unhide") and not ours:
            return Barrier("Only answers below our own posts can be hidden.", to.permalink)
        return super().barrier(ability, to)

    def hide(self, external_id: str, root_id: str) -> None:
        self._threadgate(root_id).hide(external_id)

    def unhide(self, external_id: str, root_id: str) -> None:
        self._threadgate(root_id).unhide(external_id)

    def like(self, external_id: str, refs: Mapping[str, Any]) -> None:
        answer = self._xrpc.query("app.bsky.feed.getPosts", {"uris": [self._post(external_id)]})
        post = fields(next(iter(members(answer.get("posts"))), None))
        subject = strong_ref(refs.get("self")) or strong_ref(post)
        if not post or subject is None:
            raise Refused("The message is gone from Bluesky.")
        if fields(post.get("viewer")).get("like"):
            return
        did = self._login.did()
        record = {"$type": LIKE, "subject": subject, "createdAt": outbox.stamp(self.now())}
        place = {"repo": did, "collection": LIKE, "rkey": tid_of(external_id)}
        self._xrpc.procedure("com.atproto.repo.putRecord", {**place, "record": record})

    # --- helpers ------------------------------------------------------------------------------

    def _outbox(self) -> outbox.Outbox:
        return outbox.Outbox(self._xrpc, self._login.did())

    def _threadgate(self, root_id: str) -> Threadgate:
        return Threadgate(self._xrpc, self._login.did(), root_id, self.now)

    def _is_settled(self, did: str, rkey: str) -> bool:
        """Whether the public side has had the time to index everything of ours.

        The name of a repository's last commit tells its time. A server that does not show that
        leaves us the post's own name, which is as old as its text.
        """
        try:
            last = self._xrpc.query("com.atproto.sync.getLatestCommit", {"did": did})
        except Refused:
            last = {}
        changed_at = time_of(words(last.get("rev"))) or time_of(rkey)
        return changed_at is None or self.now() - changed_at > NOT_SHOWN_YET

    def _post(self, external_id: str) -> str:
        """The id if it is a post's address. Raises Refused otherwise."""
        if not post_uri(external_id):
            raise Refused(f"“{external_id[:80]}” is not the address of a {POST.split('.')[-1]}.")
        return external_id


def _seen(uri: str, record: Mapping[str, Any], holder: Mapping[str, Any]) -> Seen:
    version = {"uri": uri, "cid": words(holder.get("cid"))}
    return Seen(gone=False, text=words(record.get("text")), refs={"self": version})
