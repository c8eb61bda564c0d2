"""YouTube as a `Connector`: what each ability does is told here, how in the modules beside it."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

import httpx

from callbox.connector import (
    AccountSeen,
    AuthDead,
    Connector,
    Page,
    Raw,
    Refused,
    Seen,
    Session,
    Unavailable,
)
from callbox.logins import (
    Barrier,
    Budget,
    Candidate,
    Identity,
    Located,
    Renewed,
    Scope,
    Setting,
)
from callbox.moment import now_utc
from callbox.networks.youtube import compose, errors, find, parse, thread, units, words
from callbox.networks.youtube.api import Api
from callbox.networks.youtube.hearing import Hearing
from callbox.networks.youtube.login import Login
from callbox.networks.youtube.units import Units
from callbox.networks.youtube.upload import Upload
from callbox.networks.youtube.values import ident
from callbox.values import Json, mapping, text
from callbox.vocabulary import (
    AttachmentSeen,
    Event,
    Limits,
    Outgoing,
    Problem,
    Receipt,
    ReplyTo,
    Said,
)
from callbox.wire import Wire

API = "https://youtube.googleapis.com"
PAGES = "https://accounts.google.com"
TOKENS = "https://oauth2.googleapis.com"
_VIDEO_ID = 11  # characters; ids of comments are longer
_UNSEEN = frozenset(("failed", "rejected", "deleted"))


class YouTube(Connector):
    """One department's presence on YouTube: its videos and the comments under them.

    `config["server"]`, where it is set, stands for all three of Google's hosts. `transport` and
    `sleep` are for tests.
    """

    key: ClassVar[str] = "youtube"
    name: ClassVar[str] = "YouTube"
    settings: ClassVar[tuple[Setting, ...]] = words.SETTINGS
    scopes: ClassVar[tuple[Scope, ...]] = words.SCOPES
    preparation: ClassVar[tuple[str, ...]] = words.PREPARATION
    cannot: ClassVar[Mapping[str, str]] = words.CANNOT
    budgets: ClassVar[tuple[Budget, ...]] = (units.BUDGET,)
    poll_seconds: ClassVar[int] = 60

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
        self._transport = transport
        self._sleep = sleep
        self._open: list[Wire] = []

    def close(self) -> None:
        for wire in self._open:
            wire.close()

    # --- connecting ---------------------------------------------------------------------------

    def authorize(self, back: str, state: str, verifier: str) -> str:
        return self._login.page(back, state, verifier)

    def exchange(self, code: str, back: str, verifier: str) -> Sequence[Candidate]:
        """The account that the member picked on Google's page: YouTube lets in one at a time."""
        session = self._login.trade(code, back, verifier)
        self.session.renew(lambda _: session)
        mine = self._mine()
        if not mine:
            raise Refused(words.NOTHING_THERE)
        return [Candidate(identity, session) for identity in mine]

    def identify(self) -> Identity:
        mine = self._mine()
        if not mine:
            raise AuthDead(words.NOTHING_THERE)
        ours = [one for one in mine if one.external_id == self.account.external_id]
        if self.account.external_id and not ours:
            raise AuthDead("The login belongs to another YouTube account. Connect it again.")
        return (ours or mine)[0]

    def _mine(self) -> list[Identity]:
        params = {"part": "snippet", "mine": "true"}
        found = [_identity(one) for one in self._api.listed("channels", params).items]
        return [one for one in found if one.external_id]

    def renew(self) -> Renewed:
        self._login.token()
        return Renewed(self._login.ends_at())

    def revoke(self) -> None:
        self._login.revoke()

    # --- hearing ------------------------------------------------------------------------------

    def parse(self, raw: Raw) -> Sequence[Event]:
        return parse.parse(raw, self.account.external_id)

    def fetch(self, cursor: Mapping[str, Any]) -> Page:
        return self._hearing.fetch(cursor)

    def history(self, cursor: Mapping[str, Any]) -> Page:
        return self._hearing.history(cursor)

    def locate(self, attachment: AttachmentSeen) -> Located:
        """A comment's picture. Its address ends after six hours, so a fresh one is asked for."""
        address, _, comment = attachment.url.partition("#comment=")
        if not comment:
            return Located(attachment.url)
        there = self._api.one("comments", "snippet", comment)
        if there is None:
            raise Refused("The comment is gone from YouTube, and its picture with it.")
        fresh = text(mapping(there.get("snippet")).get("imageUrl"))
        return Located(fresh or address)

    def context(self, external_id: str) -> Sequence[Said]:
        return thread.around(self._api, external_id, self.account.external_id)

    # --- speaking -----------------------------------------------------------------------------

    def limits(self, lane: str = "public") -> Limits:
        return compose.LIMITS

    def check(self, outgoing: Outgoing) -> Sequence[Problem]:
        return tuple(compose.problems(outgoing))

    def barrier(self, ability: str, to: ReplyTo) -> Barrier | None:
        lacking = super().barrier(ability, to)
        if lacking is not None:
            return lacking
        if ability == "reply" and to.refs.get("can_reply") is False:
            return Barrier(words.NO_REPLIES, to.permalink)
        if ability in ("hide", "unhide") and to.ours:
            return Barrier(words.OWN_HIDDEN, to.permalink)
        return None

    def reply(self, outgoing: Outgoing) -> Receipt:
        snippet = {"parentId": compose.thread_of(outgoing), "textOriginal": outgoing.text}
        made = self._api.made("POST", "comments", {"part": "snippet"}, {"snippet": snippet})
        return find.comment_receipt(made)

    def publish(self, outgoing: Outgoing) -> Receipt:
        """A video: the first line of the text is its title, the rest its description."""
        problem = next(compose.problems(outgoing), None)
        if problem is not None:
            raise Refused(problem.words)
        upload = Upload(self._api, outgoing.media[0], self.now, sleep=self._sleep)
        return find.video_receipt(upload.run(compose.video(outgoing)))

    def find(self, outgoing: Outgoing) -> Receipt | None:
        us = self.account.external_id
        if outgoing.reply_to is not None:
            return find.answer(self._api, us, outgoing)
        return find.video(self._api, us, outgoing, self.now)

    def look(self, external_id: str) -> Seen:
        if _is_video(external_id):
            return _seen_video(self._api.one("videos", "snippet,status", external_id))
        comment = self._api.one("comments", "snippet", external_id)
        if comment is None:
            return Seen(gone=True)
        return Seen(gone=False, text=parse.words(mapping(comment.get("snippet"))))

    def edit(self, external_id: str, outgoing: Outgoing) -> Receipt:
        if _is_video(external_id):
            return self._edit_video(external_id, outgoing)
        body = {"id": external_id, "snippet": {"textOriginal": outgoing.text}}
        return find.comment_receipt(self._api.made("PUT", "comments", {"part": "snippet"}, body))

    def _edit_video(self, external_id: str, outgoing: Outgoing) -> Receipt:
        """A new title and description. What `videos.update` is not given, it clears, so the rest of
        what can be set goes back as it was."""
        there = self._api.one("videos", "snippet", external_id)
        if there is None:
            raise Refused("The video is not there any more.")
        before = mapping(there.get("snippet"))
        kept = ("categoryId", "tags", "defaultLanguage", "defaultAudioLanguage")
        title, description = compose.title_and_description(outgoing)
        snippet = {name: before[name] for name in kept if name in before}
        body = {
            "id": external_id,
            "snippet": {**snippet, "title": title, "description": description},
        }
        self._api.made("PUT", "videos", {"part": "snippet"}, body)
        return find.video_receipt(external_id)

    def delete(self, external_id: str) -> None:
        what = "videos" if _is_video(external_id) else "comments"
        self._done("DELETE", what, {"id": external_id}, gone_is_success=True)

    def hide(self, external_id: str, root_id: str) -> None:
        """Hold a comment for review: nobody but us and its author sees it, and it can be shown
        again. Rejecting it could not be undone."""
        self._moderate(external_id, "heldForReview")

    def unhide(self, external_id: str, root_id: str) -> None:
        self._moderate(external_id, "published")

    def _moderate(self, external_id: str, status: str) -> None:
        params = {"id": external_id, "moderationStatus": status}
        self._done("POST", "comments/setModerationStatus", params)

    def _done(
        self, method: str, what: str, params: Mapping[str, str], *, gone_is_success: bool = False
    ) -> None:
        response = self._api.deed(method, what, params)
        if not (gone_is_success and errors.is_gone(response)):
            errors.check(response, self.now())

    # --- parts --------------------------------------------------------------------------------

    def _wire(self, default: str) -> Wire:
        wire = Wire(text(self.account.config.get("server")) or default, self._transport)
        self._open.append(wire)
        return wire

    @cached_property
    def _login(self) -> Login:
        config, secrets = self.account.config, self.account.secrets
        client = text(config.get("client_id")).strip(), text(secrets.get("client_secret")).strip()
        pages = text(config.get("server")) or PAGES
        return Login(pages, self._wire(TOKENS), client, self.session, self.now)

    @property
    def _units(self) -> Units:
        return Units(self.meter, units.cap_of(self.account.config))

    @cached_property
    def _api(self) -> Api:
        return Api(self._wire(API), self._login, self._units, self.now)

    @cached_property
    def _hearing(self) -> Hearing:
        us = self.account.external_id
        if not us:
            raise Unavailable("The account is not connected yet.")
        return Hearing(self._api, self._units, us, self.now, self.poll_seconds)


def _identity(one: Json) -> Identity:
    snippet = mapping(one.get("snippet"))
    external_id, handle = ident(one.get("id")), text(snippet.get("customUrl"))
    page = f"https://www.youtube.com/channel/{external_id}"
    return Identity(external_id, handle, text(snippet.get("title")), page)


def _is_video(external_id: str) -> bool:
    return len(external_id) == _VIDEO_ID


def _seen_video(there: Json | None) -> Seen:
    """As the public sees it: a private video that is not waiting for its hour is seen by nobody.
    YouTube makes videos private that come through a project it has not audited."""
    if there is None:
        return Seen(gone=True)
    status, snippet = mapping(there.get("status")), mapping(there.get("snippet"))
    private = text(status.get("privacyStatus")) == "private" and not status.get("publishAt")
    if private or text(status.get("uploadStatus")) in _UNSEEN:
        return Seen(gone=True)
    said = f"{text(snippet.get('title'))}\n{text(snippet.get('description'))}".strip()
    return Seen(gone=False, text=said)
