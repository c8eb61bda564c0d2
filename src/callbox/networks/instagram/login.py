"""Logging in, through either of Meta's two products.

- *Instagram Login*: Instagram's own page, a token of an hour, traded for one of 60 days
  (`ig_exchange_token`), extended with `ig_refresh_token` while it lives and is a day old.
- *Facebook Login*: Facebook's page, a member's token of 60 days, and from it the tokens of the
  Pages; an account hangs on a Page, whose token has no end of its own.

Instagram's page knows no PKCE: the code is bound to our app by its secret, and to this attempt by
`state`. Facebook's takes S256.
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
from callbox.networks.instagram import api, shapes
from callbox.networks.instagram.us import FACEBOOK_LOGIN, INSTAGRAM_LOGIN, Us
from callbox.oauth import challenge
from callbox.values import Json, mapping, sequence, text
from callbox.wire import Wire

INSTAGRAM_PAGE: Final = "https://www.instagram.com"
INSTAGRAM_CODES: Final = "https://api.instagram.com"
FACEBOOK_PAGE: Final = "https://www.facebook.com"

INSTAGRAM_SCOPES: Final = (
    Scope("instagram_business_basic", "to know which account this is and to see its posts"),
    Scope("instagram_business_manage_comments", "to read, answer, hide and delete comments"),
    Scope("instagram_business_manage_messages", "to read and answer private messages"),
    Scope("instagram_business_content_publish", "to publish posts, reels and stories"),
)
FACEBOOK_SCOPES: Final = (
    Scope("instagram_basic", "to know which account this is and to see its posts"),
    Scope("instagram_manage_comments", "to read, answer, hide and delete comments"),
    Scope("instagram_manage_messages", "to read and answer private messages"),
    Scope("instagram_content_publish", "to publish posts, reels and stories"),
    Scope("pages_show_list", "to find the Page that the account hangs on"),
    Scope("pages_read_engagement", "to speak as that Page's Instagram account"),
    Scope("pages_manage_metadata", "to have new messages sent to Callbox"),
)
_PAGE_FIELDS = "id,name,access_token,instagram_business_account{id,username,name}"
_FB_EXCHANGE: Final = "fb_exchange_token"  # the grant's name, and the field's
_LONG = Grant("ig_exchange_token", "/access_token", token_field="", by_get=True)
_LONGER = Grant("ig_refresh_token", "/refresh_access_token", token_field="", by_get=True)

_Found = TypeVar("_Found")


class Login:
    """The login of one account, or of one that is being connected."""

    def __init__(
        self, connector: Connector, us: Us, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._connector = connector
        self._us = us
        self._transport = transport
        self._app_id = ident(connector.account.config.get("app_id"))
        self._secret = text(connector.account.secrets.get("app_secret"))
        self._server = text(connector.account.config.get("server"))

    def page(self, back: str, state: str, verifier: str) -> str:
        """Where a member lets us in."""
        if not self._app_id:
            raise Refused("Enter the app's number first.")
        asked = {
            "client_id": self._app_id,
            "redirect_uri": back,
            "response_type": "code",
            "state": state,
        }
        if self._us.through_page:
            scope = ",".join(one.name for one in FACEBOOK_SCOPES)
            asked |= {"scope": scope, "code_challenge": challenge(verifier)}
            asked |= {"code_challenge_method": "S256"}
            base = self._server or FACEBOOK_PAGE
            return f"{base}/{api.version(self._connector)}/dialog/oauth?{urlencode(asked)}"
        asked |= {"scope": ",".join(one.name for one in INSTAGRAM_SCOPES)}
        return f"{self._server or INSTAGRAM_PAGE}/oauth/authorize?{urlencode(asked)}"

    def candidates(self, code: str, back: str, verifier: str) -> Sequence[Candidate]:
        """Every account that a code opens. Instagram puts “#_” behind its codes."""
        code = code.removesuffix("#_")
        if self._us.through_page:
            return self._through_pages(code, back, verifier)
        return [self._by_itself(code, back)]

    def _by_itself(self, code: str, back: str) -> Candidate:
        form = {
            "client_id": self._app_id,
            "client_secret": self._secret,
            "grant_type": "authorization_code",
            "redirect_uri": back,
            "code": code,
        }
        answer = self._with(
            self._server or INSTAGRAM_CODES,
            lambda exchange: exchange.code("/oauth/access_token", form),
        )
        short, secret = text(answer.get("access_token")), {"client_secret": self._secret}
        token = self._with(
            api.server(self._connector, self._us),
            lambda exchange: exchange.longer(_LONG, short, secret),
        )
        with closing(self._asking(token)) as graph:
            identity, scoped = who(graph, self._us)
        given = _listed(answer.get("permissions"))
        declined = [one.name for one in INSTAGRAM_SCOPES if given and one.name not in given]
        config = {"product": INSTAGRAM_LOGIN, "scoped_id": scoped, "declined": declined}
        return Candidate(identity, token.stored(), config, lacking=_lacking(declined))

    def _through_pages(self, code: str, back: str, verifier: str) -> Sequence[Candidate]:
        path = f"/{api.version(self._connector)}/oauth/access_token"
        app = {"client_id": self._app_id, "client_secret": self._secret}
        form = {**app, "redirect_uri": back, "code": code, "code_verifier": verifier}
        server = api.server(self._connector, self._us)
        answer = self._with(server, lambda exchange: exchange.code(path, form))
        grant = Grant(_FB_EXCHANGE, path, token_field=_FB_EXCHANGE)
        short = text(answer.get("access_token"))
        token = self._with(server, lambda exchange: exchange.longer(grant, short, app))
        with closing(self._asking(token)) as graph:
            pages = list(graph.walk("/me/accounts", {"fields": _PAGE_FIELDS}, 20))
            declined = _declined(graph)
        found = [self._candidate(page, token, declined) for page in pages if _usable(page)]
        if not found:
            raise Refused(
                "None of the Pages that were chosen has an Instagram account. On Facebook, link "
                "the account to its Page, then connect again."
            )
        return found

    def _candidate(self, page: Json, member: Token, declined: Sequence[str]) -> Candidate:
        account = mapping(page.get("instagram_business_account"))
        token = Token(text(page.get("access_token")), member.issued_at)
        config = {
            "product": FACEBOOK_LOGIN,
            "page_id": ident(page.get("id")),
            "declined": list(declined),
        }
        return Candidate(identity_of(account), token.stored(), config, lacking=_lacking(declined))

    def renewed(self) -> Renewed:
        """Keep the login alive. A Page's token has no end, and nothing is done about it."""
        server = api.server(self._connector, self._us)

        def extend(token: Token) -> Token:
            return self._with(server, lambda exchange: exchange.longer(_LONGER, token.value))

        return kept_alive(self._connector.session, extend, self._connector.now)

    # --- parts --------------------------------------------------------------------------------

    def _with(self, base: str, deed: Callable[[Exchange], _Found]) -> _Found:
        wire = Wire(base, self._transport)
        try:
            return deed(Exchange(wire, api.MEANINGS, self._connector.now))
        finally:
            wire.close()

    def _asking(self, token: Token) -> Graph:
        """A client with a login that is not stored yet."""
        return Graph(
            api.server(self._connector, self._us),
            lambda: token.value,
            api.MEANINGS,
            version=api.version(self._connector),
            secret=self._secret if self._us.through_page else "",
            now=self._connector.now,
            transport=self._transport,
        )


def who(graph: Graph, us: Us) -> tuple[Identity, str]:
    """Whose login this is, and its second number, which Instagram Login has."""
    if us.through_page:
        account = graph.read(f"/{us.id}", {"fields": "id,username,name"})
        return identity_of(account), ""
    account = graph.read("/me", {"fields": "id,user_id,username,name"})
    number = ident(account.get("user_id")) or ident(account.get("id"))
    return identity_of({**account, "id": number}), ident(account.get("id"))


def identity_of(account: Json) -> Identity:
    """An account as it is stored."""
    number, handle = ident(account.get("id")), text(account.get("username"))
    if not number:
        raise Refused("Instagram did not say which account this is.")
    return Identity(number, handle, text(account.get("name")) or handle, shapes.profile(handle))


def _listed(value: object) -> list[str]:
    """Permissions as Instagram writes them: a list, or one string with commas."""
    parts = value.split(",") if isinstance(value, str) else sequence(value)
    return [text(one).strip() for one in parts if text(one).strip()]


def _declined(graph: Graph) -> Sequence[str]:
    """What the member switched off on Facebook's page; nothing where it does not say."""
    try:
        found = list(graph.walk("/me/permissions", {"limit": 100}, 5))
    except Refused:
        return ()
    given = {text(one.get("permission")) for one in found if one.get("status") == "granted"}
    return [one.name for one in FACEBOOK_SCOPES if given and one.name not in given]


def _lacking(declined: Sequence[str]) -> str:
    """What a login may not do, in words for whoever picks it."""
    whys = [one.why for one in (*INSTAGRAM_SCOPES, *FACEBOOK_SCOPES) if one.name in declined]
    return f"This login was not allowed: {'; '.join(whys)}." if whys else ""


def _usable(page: Json) -> bool:
    return bool(text(page.get("access_token"))) and bool(page.get("instagram_business_account"))
