"""Logging in: Threads' own page, a token of an hour, traded for one of 60 days
(`th_exchange_token`), extended with `th_refresh_token` while it lives and is a day old.

The page knows no PKCE: the code is bound to our app by its secret, and to this attempt by `state`.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Final, TypeVar
from urllib.parse import urlencode

import httpx

from callbox.connector import Connector, Refused
from callbox.logins import Candidate, Identity, Renewed, Scope
from callbox.meta.graph import Graph
from callbox.meta.tokens import Exchange, Grant, Token, kept_alive
from callbox.meta.values import ident
from callbox.networks.threads import api
from callbox.networks.threads.us import profile
from callbox.values import text
from callbox.wire import Wire

PAGE: Final = "https://www.threads.net"
SCOPES: Final = (
    Scope("threads_basic", "to know which profile this is and to see its posts"),
    Scope("threads_content_publish", "to publish posts and replies"),
    Scope("threads_read_replies", "to read replies to our posts"),
    Scope("threads_manage_replies", "to answer replies, and to hide and show them"),
    Scope("threads_manage_mentions", "to read posts that mention us"),
    Scope("threads_delete", "to take back our own posts"),
)
_LONG = Grant("th_exchange_token", "/access_token", token_field="", by_get=True)
_LONGER = Grant("th_refresh_token", "/refresh_access_token", token_field="", by_get=True)
_Found = TypeVar("_Found")


class Login:
    """The login of one account, or of one that is being connected."""

    def __init__(self, connector: Connector, transport: httpx.BaseTransport | None = None) -> None:
        self._connector = connector
        self._transport = transport
        self._app_id = ident(connector.account.config.get("app_id"))
        self._secret = text(connector.account.secrets.get("app_secret"))

    def page(self, back: str, state: str) -> str:
        """Where a member lets us in."""
        if not self._app_id:
            raise Refused("Enter the app's number first.")
        asked = {
            "client_id": self._app_id,
            "redirect_uri": back,
            "scope": ",".join(one.name for one in SCOPES),
            "response_type": "code",
            "state": state,
        }
        base = text(self._connector.account.config.get("server")) or PAGE
        return f"{base}/oauth/authorize?{urlencode(asked)}"

    def candidates(self, code: str, back: str) -> Sequence[Candidate]:
        """The profile that a code opens. Threads puts “#_” behind its codes."""
        form = {
            "client_id": self._app_id,
            "client_secret": self._secret,
            "grant_type": "authorization_code",
            "redirect_uri": back,
            "code": code.removesuffix("#_"),
        }
        answer = self._with(lambda exchange: exchange.code("/oauth/access_token", form))
        short, secret = text(answer.get("access_token")), {"client_secret": self._secret}
        token = self._with(lambda exchange: exchange.longer(_LONG, short, secret))
        with closing(self._asking(token)) as graph:
            return [Candidate(who(graph), token.stored())]

    def renewed(self) -> Renewed:
        """Keep the login alive."""

        def extend(token: Token) -> Token:
            return self._with(lambda exchange: exchange.longer(_LONGER, token.value))

        return kept_alive(self._connector.session, extend, self._connector.now)

    def _with(self, deed: Callable[[Exchange], _Found]) -> _Found:
        with closing(Wire(api.server(self._connector), self._transport)) as wire:
            return deed(Exchange(wire, api.MEANINGS, self._connector.now))

    def _asking(self, token: Token) -> Graph:
        """A client with a login that is not stored yet."""
        return Graph(
            api.server(self._connector),
            lambda: token.value,
            api.MEANINGS,
            version=text(self._connector.account.config.get("version")) or api.VERSION,
            now=self._connector.now,
            transport=self._transport,
        )


def who(graph: Graph) -> Identity:
    """Whose login this is."""
    me = graph.read("/me", {"fields": "id,username,name"})
    number, handle = ident(me.get("id")), text(me.get("username"))
    if not number:
        raise Refused("Threads did not say which profile this is.")
    return Identity(number, handle, text(me.get("name")) or handle, profile(handle))
