"""Nextdoor as a `Connector`: publishing, and as much of the conversation as its API shows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, ClassVar

import httpx

from callbox.connector import (
    AccountSeen,
    AuthDead,
    Connector,
    OutcomeUnknown,
    Page,
    Raw,
    Refused,
    Seen,
    Session,
    Unavailable,
)
from callbox.logins import Barrier, Candidate, Identity, Renewed, Scope, Setting
from callbox.moment import now_utc
from callbox.networks.nextdoor import compose, parse, posts, words
from callbox.networks.nextdoor.api import MOST_POSTS, Api
from callbox.networks.nextdoor.hearing import Hearing
from callbox.networks.nextdoor.hearing import Said as SaidBefore
from callbox.networks.nextdoor.login import Login
from callbox.networks.nextdoor.posts import Comment
from callbox.networks.nextdoor.values import ident
from callbox.values import Json, text, web
from callbox.vocabulary import AuthorSeen, Event, Limits, Outgoing, Problem, Receipt, ReplyTo, Said
from callbox.wire import Wire

API = "https://nextdoor.com"
PAGES = "https://www.nextdoor.com"
TOKENS = "https://auth.nextdoor.com"
_SLACK = timedelta(minutes=1)  # Nextdoor's clock may be that far behind ours


class Nextdoor(Connector):
    """One agency on Nextdoor.

    `config["server"]`, where it is set, stands for all three of Nextdoor's hosts. `transport` is
    for tests.
    """

    key: ClassVar[str] = "nextdoor"
    name: ClassVar[str] = "Nextdoor"
    settings: ClassVar[tuple[Setting, ...]] = words.SETTINGS
    scopes: ClassVar[tuple[Scope, ...]] = words.SCOPES
    preparation: ClassVar[tuple[str, ...]] = words.PREPARATION
    cannot: ClassVar[Mapping[str, str]] = words.CANNOT
    media_by_url: ClassVar[bool] = True
    poll_seconds: ClassVar[int] = 300  # its limits are not published

    def __init__(
        self,
        account: AccountSeen,
        session: Session | None = None,
        *,
        now: Callable[[], datetime] | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        super().__init__(account, session, now=now or now_utc)
        self._transport = transport
        self._open: list[Wire] = []

    def close(self) -> None:
        for wire in self._open:
            wire.close()

    # --- connecting ---------------------------------------------------------------------------

    def authorize(self, back: str, state: str, verifier: str) -> str:
        return self._login.page(back, state, verifier)

    def exchange(self, code: str, back: str, verifier: str) -> Sequence[Candidate]:
        """The agency of the staff account that logged in. The staff account's own id goes into
        `config`: comments may name either as their author."""
        session = self._login.trade(code, back, verifier)
        self.session.renew(lambda _: session)
        me = self._api.me()
        return [Candidate(self._agency(me), session, {"profile": ident(me.get("id"))})]

    def identify(self) -> Identity:
        """The agency: it stays the same when another member of its staff logs in."""
        return self._agency(self._api.me())

    def _agency(self, me: Json) -> Identity:
        external_id = ident(me.get("agency_id"))
        if not external_id:
            raise AuthDead(words.NO_AGENCY)
        if self.account.external_id not in ("", external_id):
            raise AuthDead("The login belongs to another agency. Connect the account again.")
        name = text(me.get("agency_name"))
        return Identity(external_id, name, name, web(me.get("agency_url_at_nextdoor")))

    def renew(self) -> Renewed:
        return Renewed(self._login.renew())

    # --- hearing ------------------------------------------------------------------------------

    def parse(self, raw: Raw) -> Sequence[Event]:
        profile = text(self.account.config.get("profile"))
        return parse.parse(raw, frozenset((self.account.external_id, profile)) - {""})

    def fetch(self, cursor: Mapping[str, Any]) -> Page:
        return self._hearing.fetch(cursor)

    def history(self, cursor: Mapping[str, Any]) -> Page:
        return self._hearing.history(cursor)

    def context(self, external_id: str) -> Sequence[Said]:
        """Our post and its comments, oldest first; empty when it is out of sight."""
        wanted = external_id.partition("/")[0]
        for post in self._api.posts():
            at = posts.said_at(post)
            if posts.post_id(post) == wanted and at is not None:
                us = AuthorSeen(self.account.external_id, name=self.account.handle)
                link = posts.link_of(post)
                ours = Said(wanted, at, us, posts.body_of(post), None, permalink=link)
                below = sorted(posts.comments(post), key=lambda one: one.at)
                return (ours, *(said for one in below for said in self._beside(one)))
        return ()

    def _beside(self, one: Comment) -> Iterator[Said]:
        raw = parse.of_comment(parse.COMMENT, one, self.now(), ours=False)
        yield from (event for event in self.parse(raw) if isinstance(event, Said))

    # --- speaking -----------------------------------------------------------------------------

    def limits(self, lane: str = "public") -> Limits:
        return compose.LIMITS

    def measure(self, text: str, lane: str = "public") -> int:
        return compose.measure(text)

    def check(self, outgoing: Outgoing) -> Sequence[Problem]:
        return tuple(compose.problems(outgoing))

    def barrier(self, ability: str, to: ReplyTo) -> Barrier | None:
        lacking = super().barrier(ability, to)
        if lacking is None and ability == "reply" and not (to.refs.get("post") or to.root_id):
            return Barrier(words.NOT_KNOWN, to.permalink)
        return lacking

    def publish(self, outgoing: Outgoing) -> Receipt:
        self._fits(outgoing)
        wanted = text(self.account.config.get("areas"))
        areas = compose.chosen(wanted, self._api.areas()) if wanted.strip() else []
        made = self._api.made("POST", "/post/create/", compose.post(outgoing, areas))
        link = web(made.get("share_link"))
        if not posts.shared(link):
            raise OutcomeUnknown("Nextdoor took the post and did not say where it is.")
        return Receipt(posts.shared(link), link, {"post": posts.shared(link)})

    def reply(self, outgoing: Outgoing) -> Receipt:
        """Answer a comment. What Nextdoor answers to that is on no page of its reference: without
        an id in it, our comment is looked up."""
        self._fits(outgoing)
        body = compose.answer(outgoing)
        self._said.remember(outgoing.text)
        made = self._api.made("POST", "/comment/", body)
        own = ident(made.get("comment_id")) or ident(made.get("id"))
        if own and own != body["id"]:
            link = outgoing.reply_to.permalink if outgoing.reply_to else ""
            return Receipt(f"{body['id']}/{own}", link, {"post": body["id"], "comment": own})
        return self._looked_up(outgoing)

    def _looked_up(self, outgoing: Outgoing) -> Receipt:
        try:
            found = self.find(outgoing)
        except (Refused, Unavailable) as error:
            raise OutcomeUnknown(str(error)) from error
        if found is None:
            raise OutcomeUnknown("Nextdoor took the answer and does not show it yet.")
        return found

    def _fits(self, outgoing: Outgoing) -> None:
        problem = next(compose.problems(outgoing), None)
        if problem is not None:
            raise Refused(problem.words)

    def find(self, outgoing: Outgoing) -> Receipt | None:
        """Our words, from after they were made, among our last posts or under the post that they
        answer. None only when all of that could be seen."""
        listed = self._api.posts()
        since, mark = outgoing.made_at - _SLACK, posts.digest(outgoing.text)
        if outgoing.reply_to is None:
            return self._found_post(listed, since, mark)
        body = compose.answer(outgoing)
        post = next((one for one in listed if posts.post_id(one) == body["id"]), None)
        if post is None:
            raise Refused(words.OUT_OF_SIGHT)
        parent = str(body.get("parent_comment_id", ""))
        for one in posts.comments(post):
            if one.at >= since and one.parent == parent and posts.digest(one.body) == mark:
                refs = {"post": one.post, "comment": one.id}
                return Receipt(one.external_id, one.link, refs)
        return None

    def _found_post(self, listed: list[Json], since: datetime, mark: str) -> Receipt | None:
        times = [at for one in listed if (at := posts.said_at(one))]
        for one in listed:
            at = posts.said_at(one)
            if at is not None and at >= since and posts.digest(posts.body_of(one)) == mark:
                found = posts.post_id(one)
                return Receipt(found, posts.link_of(one), {"post": found})
        if len(listed) >= MOST_POSTS and (not times or min(times) >= since):
            raise Unavailable(words.OUT_OF_SIGHT)
        return None

    def look(self, external_id: str) -> Seen:
        listed = self._api.posts()
        wanted, _, own = external_id.partition("/")
        post = next((one for one in listed if posts.post_id(one) == wanted), None)
        if post is None:
            if len(listed) >= MOST_POSTS:
                raise Unavailable(words.OUT_OF_SIGHT)
            return Seen(gone=True)
        if not own:
            return Seen(gone=False, text=posts.body_of(post))
        found = next((one for one in posts.comments(post) if one.id == own), None)
        return Seen(gone=found is None, text=found.body if found else "")

    def edit(self, external_id: str, outgoing: Outgoing) -> Receipt:
        post, _, own = external_id.partition("/")
        self._said.remember(outgoing.text)
        method, path, wanted = ("PUT", "/comment/", own) if own else ("POST", "/post/", post)
        self._api.made(method, path, {"id": wanted, "body_text": outgoing.text})
        return Receipt(external_id)

    def delete(self, external_id: str) -> None:
        post, _, own = external_id.partition("/")
        self._api.removed("/comment/" if own else "/post/", own or post)

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

    @cached_property
    def _api(self) -> Api:
        return Api(self._wire(API), self._login, self.now)

    @cached_property
    def _said(self) -> SaidBefore:
        return SaidBefore(self.session)

    @cached_property
    def _hearing(self) -> Hearing:
        return Hearing(self._api, self._said, self.now)
