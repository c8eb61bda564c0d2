"""Facebook Pages as a `Connector`: what each ability does is told here, how beside it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

import httpx

from callbox.connector import (
    AccountSeen,
    Archive,
    AuthDead,
    Connector,
    ConnectorError,
    HookAnswer,
    Page,
    Raw,
    Refused,
    Seen,
    Session,
    Signed,
)
from callbox.logins import Barrier, Candidate, Identity, Layer, Renewed, Scope, Setting
from callbox.meta import signature, windows
from callbox.meta.errors import Meanings, fault_of
from callbox.meta.graph import VERSION, Graph
from callbox.meta.tokens import Exchange, Token, kept_alive
from callbox.meta.values import ident
from callbox.moment import now_utc
from callbox.networks.facebook import archive, context, hooks, login, names, parse, past, rules
from callbox.networks.facebook.find import Search
from callbox.networks.facebook.outbox import Outbox
from callbox.networks.facebook.polling import Polling
from callbox.values import mapping, text
from callbox.vocabulary import (
    AuthorSeen,
    Event,
    Lane,
    Limits,
    Outgoing,
    Problem,
    Receipt,
    ReplyTo,
    Said,
)
from callbox.wire import Wire, checked_base

_MEANINGS = Meanings(
    "Facebook",
    {
        (100, 2018300): (Refused, "Another inbox has this exchange now. Answer it there."),
        (10, 2018300): (Refused, "Another inbox has this exchange now. Answer it there."),
        10900: (Refused, windows.ONCE),
        551: (Refused, "This person cannot be written to now: they may have blocked the Page."),
        1404078: (AuthDead, "The Page's login is not valid any more. Connect the account again."),
    },
)
_MOST_BLOCKED = 40  # pages of the list


class Facebook(Connector):
    """One Page. `transport` is for tests."""

    key: ClassVar[str] = "facebook"
    name: ClassVar[str] = "Facebook"
    poll_seconds: ClassVar[int] = 120  # five calls each; a quiet Page has 200 an hour
    hook_shared: ClassVar[bool] = True  # an app has one address for all its Pages
    scopes: ClassVar[tuple[Scope, ...]] = names.SCOPES
    preparation: ClassVar[tuple[str, ...]] = names.PREPARATION
    cannot: ClassVar[Mapping[str, str]] = names.CANNOT
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("client_id", "App ID", help="developers.facebook.com, your app, Settings, Basic."),
        Setting("client_secret", "App secret", secret=True, help="On the same page, under “Show”."),
        Setting(
            "config_id",
            "Login configuration",
            required=False,
            help="Only for apps with Facebook Login for Business: the ID of the configuration that "
            "holds the permissions.",
        ),
        Setting(
            "token",
            "Page access token",
            secret=True,
            required=False,
            login=True,
            help="Only instead of saying yes on Facebook's own page: the token of a system user "
            "for the Page.",
        ),
        Setting("version", "API version", default=VERSION, required=False),
        Setting("server", "API address", default=names.SERVER, required=False, kind="url"),
    )

    def __init__(
        self,
        account: AccountSeen,
        session: Session | None = None,
        *,
        now: Callable[[], datetime] = now_utc,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        super().__init__(account, session, now=now)
        self._transport = transport
        self._open: list[Graph] = []

    def close(self) -> None:
        for graph in self._open:
            graph.close()

    # --- connecting -----------------------------------------------------------------------------

    def identify(self) -> Identity:
        return login.identify(self._graph)

    def authorize(self, back: str, state: str, verifier: str) -> str:
        server = self._server
        base = names.DIALOG if server == names.SERVER else server
        return login.dialog(f"{base}/{self._version}", self.account.config, back, state, verifier)

    def exchange(self, code: str, back: str, verifier: str) -> Sequence[Candidate]:
        wire = Wire(self._server, self._transport)
        app = {"client_id": self._app_id, "client_secret": self._app_secret}
        exchange = Exchange(wire, _MEANINGS, self.now)
        taken = login.Login(exchange, app, self._version, lambda token: self._made(lambda: token))
        try:
            return taken.candidates(code, back, verifier)
        finally:
            wire.close()

    def renew(self) -> Renewed:
        """A Page's login needs no extending, so it is looked at; one that has an end is extended
        when it is due."""
        stored = Token.of(self.session.read())
        if stored is not None and stored.ends_at is not None:
            return kept_alive(self.session, self._longer, self.now)
        if not (self._app_id and self._app_secret):
            self.identify()
            return Renewed()
        return login.checked(self._app, self._token(), _MEANINGS)

    def revoke(self) -> None:
        """Take the Page's subscription away: nothing more is passed on to us. The member's own
        permission stays, because other Pages may hang on it."""
        try:
            self._graph.write("DELETE", f"/{self._us}/subscribed_apps")
        except AuthDead:
            return
        except Refused as error:
            # What the network itself turns down (the role is gone, say) is over too; an answer
            # that is not its own says nothing.
            if fault_of(error) is None:
                raise

    def hooks(self, url: str, *, repair: bool) -> Sequence[Layer]:
        verify = text(self.account.secrets.get("hook_token"))
        audit = hooks.Hooks(self._app, self._graph, self._app_id, self._us, verify)
        return audit.layers(url, repair=repair)

    # --- hearing --------------------------------------------------------------------------------

    def parse(self, raw: Raw) -> Sequence[Event]:
        return parse.parse(raw, self._us or raw.to)

    def fetch(self, cursor: Mapping[str, Any]) -> Page:
        return Polling(self._graph, self._us, self.now(), cursor).step()

    def receive_hook(self, request: Signed) -> HookAnswer:
        return signature.answered(
            request,
            secret=self._app_secret,
            verify_token=text(self.account.secrets.get("hook_token")),
        )

    def history(self, cursor: Mapping[str, Any]) -> Page:
        return past.step(self._graph, self._us, self.now(), cursor)

    def archive(self, folder: Archive) -> Iterator[Raw]:
        return archive.read(folder)

    def context(self, external_id: str) -> Sequence[Said]:
        return context.around(self._graph, self._us, external_id)

    # --- speaking -------------------------------------------------------------------------------

    def barrier(self, ability: str, to: ReplyTo) -> Barrier | None:
        if (found := super().barrier(ability, to)) is not None:
            return found
        words = login.lacking(self.account.config, ability)
        words = words or rules.barrier(ability, to, self.now())
        return Barrier(words, to.permalink) if words else None

    def limits(self, lane: str = "public") -> Limits:
        return rules.PRIVATE if lane == Lane.PRIVATE else rules.PUBLIC

    def check(self, outgoing: Outgoing) -> Sequence[Problem]:
        return tuple(rules.problems(outgoing, self.now()))

    def reply(self, outgoing: Outgoing) -> Receipt:
        return self._outbox.reply(outgoing)

    def message(self, outgoing: Outgoing) -> Receipt:
        return self._outbox.message(outgoing)

    def publish(self, outgoing: Outgoing) -> Receipt:
        return self._outbox.publish(outgoing)

    def find(self, outgoing: Outgoing) -> Receipt | None:
        return Search(self._graph, self._us, outgoing).run()

    def look(self, external_id: str) -> Seen:
        """A video that is not in a post yet is looked at by its own id, with its own fields; one
        that Facebook failed to process is not there for anybody."""
        self._known(external_id)
        if _is_video(external_id):
            video = self._graph.maybe(f"/{external_id}", {"fields": "id,description,status"})
            state = text(mapping((video or {}).get("status")).get("video_status"))
            return Seen(video is None or state == "error", text((video or {}).get("description")))
        found = self._graph.maybe(f"/{external_id}", {"fields": "id,message"})
        return Seen(found is None, text((found or {}).get("message")))

    def edit(self, external_id: str, outgoing: Outgoing) -> Receipt:
        """Facebook lets the app that made a post change its text; pictures stay."""
        self._known(external_id)
        if context.is_message(external_id):
            raise Refused(rules.STANDS["edit"])
        name = "description" if _is_video(external_id) else "message"
        self._graph.write("POST", f"/{external_id}", {name: outgoing.text})
        return Receipt(external_id)

    def delete(self, external_id: str) -> None:
        self._known(external_id)
        if context.is_message(external_id):
            raise Refused(rules.STANDS["delete"])
        self._done_or_gone("DELETE", f"/{external_id}")

    def hide(self, external_id: str, root_id: str) -> None:
        self._graph.write("POST", f"/{external_id}", {"is_hidden": "true"})

    def unhide(self, external_id: str, root_id: str) -> None:
        self._graph.write("POST", f"/{external_id}", {"is_hidden": "false"})

    def like(self, external_id: str, refs: Mapping[str, Any]) -> None:
        self._graph.write("POST", f"/{external_id}/likes")

    def blocked(self) -> Sequence[AuthorSeen]:
        listed = self._graph.walk(f"/{self._us}/blocked", {"fields": "id,name"}, _MOST_BLOCKED)
        return [
            AuthorSeen(external_id, name=text(one.get("name")))
            for one in listed
            if (external_id := ident(one.get("id")))
        ]

    def unblock(self, author_id: str) -> None:
        """The list has ids of both kinds, for Messenger (`psid`) and for the app (`asid`)."""
        try:
            self._graph.write("DELETE", f"/{self._us}/blocked", {"psid": author_id})
        except Refused:
            self._graph.write("DELETE", f"/{self._us}/blocked", {"asid": author_id})

    # --- parts ----------------------------------------------------------------------------------

    @staticmethod
    def _known(external_id: str) -> None:
        if rules.is_past(external_id):
            raise Refused(rules.PAST)

    def _done_or_gone(self, method: str, path: str) -> None:
        try:
            self._graph.write(method, path)
        except ConnectorError as error:
            fault = fault_of(error)
            if not (fault and fault.is_gone):
                raise

    def _longer(self, token: Token) -> Token:
        wire = Wire(self._server, self._transport)
        grant = login.longer(self._version)
        app = {"client_id": self._app_id, "client_secret": self._app_secret}
        try:
            return Exchange(wire, _MEANINGS, self.now).longer(grant, token.value, app)
        finally:
            wire.close()

    @property
    def _us(self) -> str:
        return self.account.external_id

    @property
    def _server(self) -> str:
        return checked_base(text(self.account.config.get("server")) or names.SERVER)

    @property
    def _version(self) -> str:
        return text(self.account.config.get("version")).strip().strip("/") or VERSION

    @property
    def _app_id(self) -> str:
        return text(self.account.config.get("client_id")).strip()

    @property
    def _app_secret(self) -> str:
        return text(self.account.secrets.get("client_secret")).strip()

    def _token(self) -> str:
        """The login that was given through Facebook's page, or the one that was typed."""
        stored = text(self.session.read().get("token"))
        return stored or text(self.account.secrets.get("token")).strip()

    def _made(self, token: Callable[[], str], server: str = "") -> Graph:
        graph = Graph(
            server or self._server,
            token,
            _MEANINGS,
            version=self._version,
            secret=self._app_secret,
            now=self.now,
            transport=self._transport,
        )
        self._open.append(graph)
        return graph

    @cached_property
    def _graph(self) -> Graph:
        return self._made(self._token)

    @cached_property
    def _app(self) -> Graph:
        """Calls as the app itself, for its own subscriptions and for looking at a login."""
        return self._made(lambda: f"{self._app_id}|{self._app_secret}")

    @cached_property
    def _outbox(self) -> Outbox:
        return Outbox(self._graph, self._us, self.now, self._videos)

    def _videos(self) -> Graph:
        """Where videos go: an address of their own, but for a server that was typed."""
        own = self._server == names.SERVER
        return self._made(self._token, names.VIDEO_SERVER) if own else self._graph


def _is_video(external_id: str) -> bool:
    """Whether an id is a video's own: posts and comments have two halves, messages a start."""
    return external_id.isdigit()
