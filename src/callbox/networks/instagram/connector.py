"""Instagram as a `Connector`: what each ability does is told here, how in the modules beside it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar

from callbox.connector import (
    Archive,
    HookAnswer,
    Page,
    Raw,
    Refused,
    Seen,
    Signed,
)
from callbox.logins import Barrier, Candidate, Identity, Layer, Renewed, Scope, Setting
from callbox.meta import signature
from callbox.meta.connector import GraphConnector
from callbox.meta.graph import Graph
from callbox.meta.values import ident, objects
from callbox.networks.instagram import (
    about,
    api,
    archive,
    around,
    compose,
    login,
    mentions,
    parse,
    speaking,
    subscriptions,
)
from callbox.networks.instagram.containers import Publisher
from callbox.networks.instagram.hearing import Hearing
from callbox.networks.instagram.inbox import Inbox
from callbox.networks.instagram.mentions import Mentions
from callbox.networks.instagram.past import Past
from callbox.networks.instagram.shapes import INBOX, profile
from callbox.networks.instagram.us import Us
from callbox.values import mapping, sequence, text
from callbox.vocabulary import Event, Lane, Limits, Outgoing, Problem, Receipt, ReplyTo, Said


class Instagram(GraphConnector):
    """One professional account."""

    key: ClassVar[str] = "instagram"
    name: ClassVar[str] = "Instagram"
    settings: ClassVar[tuple[Setting, ...]] = about.SETTINGS
    scopes: ClassVar[tuple[Scope, ...]] = login.INSTAGRAM_SCOPES
    preparation: ClassVar[tuple[str, ...]] = about.PREPARATION
    cannot: ClassVar[Mapping[str, str]] = about.CANNOT
    media_by_url: ClassVar[bool] = True
    hook_shared: ClassVar[bool] = True
    poll_seconds: ClassVar[int] = 60

    @cached_property
    def _us(self) -> Us:
        return Us.of(self.account)

    def barrier(self, ability: str, to: ReplyTo) -> Barrier | None:
        found = super().barrier(ability, to)
        if found:
            return found
        declined = [text(one) for one in sequence(self.account.config.get("declined"))]
        words = about.declined(ability, declined) or about.barrier(ability, to, self.now())
        place = INBOX if to.lane is Lane.PRIVATE else profile(to.author.handle if to.author else "")
        return Barrier(words, to.permalink or place) if words else None

    # --- connecting ---------------------------------------------------------------------------

    def identify(self) -> Identity:
        return login.who(self._graph, self._us)[0]

    def authorize(self, back: str, state: str, verifier: str) -> str:
        return self._login.page(back, state, verifier)

    def exchange(self, code: str, back: str, verifier: str) -> Sequence[Candidate]:
        return self._login.candidates(code, back, verifier)

    def renew(self) -> Renewed:
        return self._login.renewed()

    def hooks(self, url: str, *, repair: bool) -> Sequence[Layer]:
        app_id = ident(self.account.config.get("app_id"))
        return subscriptions.audit(
            self._graph,
            self._us,
            url,
            self._as_app if self._us.through_page else None,
            verify_token=text(self.account.secrets.get("hook_token")),
            app_id=app_id,
            repair=repair,
        )

    # --- hearing ------------------------------------------------------------------------------

    def parse(self, raw: Raw) -> Sequence[Event]:
        return parse.events(raw, self._us)

    def fetch(self, cursor: Mapping[str, Any]) -> Page:
        inbox = Inbox(self._graph, self._us, self.now()) if self._with_messages else None
        noted = Mentions(self._graph, self._us, self.session)
        return Hearing(self._graph, self._us, inbox, noted, self.now()).fetch(cursor)

    def receive_hook(self, request: Signed) -> HookAnswer:
        """Mentions for this account are noted before the answer, to be looked up by the next poll:
        their webhook holds numbers only."""
        answer = self._answered(request)
        return HookAnswer(
            [self._noted(self._addressed(raw)) for raw in answer.raws],
            answer.status,
            answer.body,
            answer.content_type,
        )

    def history(self, cursor: Mapping[str, Any]) -> Page:
        return Past(self._graph, self._us, with_messages=self._with_messages).step(cursor)

    def archive(self, folder: Archive) -> Iterator[Raw]:
        """Our posts, our comments and the private messages of Instagram's own download. What
        others wrote under our posts is not in it."""
        return archive.raws(folder)

    def context(self, external_id: str) -> Sequence[Said]:
        return around.context(self._graph, self._us, external_id)

    # --- speaking -----------------------------------------------------------------------------

    def limits(self, lane: str = "public") -> Limits:
        return compose.limits(lane)

    def measure(self, text: str, lane: str = "public") -> int:
        return compose.measure(text, lane)

    def check(self, outgoing: Outgoing) -> Sequence[Problem]:
        return compose.problems(outgoing)

    def reply(self, outgoing: Outgoing) -> Receipt:
        return self._speaking.reply(outgoing)

    def message(self, outgoing: Outgoing) -> Receipt:
        return self._speaking.message(outgoing)

    def publish(self, outgoing: Outgoing) -> Receipt:
        return self._publisher.publish(outgoing)

    def find(self, outgoing: Outgoing) -> Receipt | None:
        if outgoing.lane is Lane.PRIVATE:
            return self._speaking.find_message(outgoing)
        if outgoing.reply_to is not None:
            return self._speaking.find_reply(outgoing)
        return self._publisher.find(outgoing)

    def look(self, external_id: str) -> Seen:
        return around.look(self._graph, external_id)

    def delete(self, external_id: str) -> None:
        """Remove a comment of ours; with Facebook Login also a post."""
        if around.is_message(external_id):
            raise Refused("Instagram lets no other software take back a private message.")
        if not self._us.through_page and around.is_post(self._graph, external_id):
            raise Refused("With this login, a post is deleted on Instagram only.")
        self._remove(external_id)

    def hide(self, external_id: str, root_id: str) -> None:
        self._graph.write("POST", f"/{external_id}", {"hide": True})

    def unhide(self, external_id: str, root_id: str) -> None:
        self._graph.write("POST", f"/{external_id}", {"hide": False})

    # --- parts --------------------------------------------------------------------------------

    @cached_property
    def _graph(self) -> Graph:
        return api.graph(self, self._us, self._transport)

    @property
    def _login(self) -> login.Login:
        return login.Login(self, self._us, self._transport)

    @property
    def _speaking(self) -> speaking.Speaking:
        return speaking.Speaking(self._graph, self._us, self.now)

    @property
    def _publisher(self) -> Publisher:
        return Publisher(self._graph, self._us, self.session, self.now, self._sleep)

    @property
    def _with_messages(self) -> bool:
        return self.account.config.get("messages") != "no"

    def _as_app(self) -> Graph:
        """A client that speaks as the app: its number and secret are its token."""
        app_id = ident(self.account.config.get("app_id"))
        secret = text(self.account.secrets.get("app_secret"))
        token = f"{app_id}|{secret}"
        return Graph(
            api.server(self, self._us),
            lambda: token,
            api.MEANINGS,
            version=api.version(self),
            secret=secret,
            now=self.now,
            transport=self._transport,
        )

    def _answered(self, request: Signed) -> HookAnswer:
        """Instagram Login signs with the Instagram app's secret; where an app has two secrets, the
        other one is taken too."""
        verify_token = text(self.account.secrets.get("hook_token"))
        secrets = [text(self.account.secrets.get(one)) for one in ("app_secret", "meta_secret")]
        first, second = secrets
        try:
            return signature.answered(request, secret=first, verify_token=verify_token)
        except Refused:
            if not second or request.method.upper() == "GET":
                raise
            return signature.answered(request, secret=second, verify_token=verify_token)

    def _addressed(self, raw: Raw) -> Raw:
        """To our first number, whichever of the two a call names."""
        return replace(raw, to=self._us.id) if raw.to in self._us.ids else raw

    def _noted(self, raw: Raw) -> Raw:
        if b'"mentions"' not in raw.body or not self._us.through_page or raw.to not in self._us.ids:
            return raw
        found = [
            one
            for entry in objects(mapping(raw.json()).get("entry"))
            for one in mentions.noted(entry)
        ]
        if not found:
            return raw
        mentions.note(self.session, found)
        return Raw(parse.NOTED, raw.body, raw.to)
