"""WhatsApp as a `Connector`: what each ability does is told here, how in the modules beside it."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlsplit

import httpx

from callbox.connector import (
    AccountSeen,
    Connector,
    HookAnswer,
    Malformed,
    OutcomeUnknown,
    RateLimited,
    Raw,
    Refused,
    Session,
    Signed,
    Unavailable,
    WindowClosed,
)
from callbox.logins import Barrier, Identity, Layer, Located, Scope, Setting
from callbox.meta import signature
from callbox.meta.errors import Meanings
from callbox.meta.graph import Graph
from callbox.meta.values import ident, objects
from callbox.moment import now_utc
from callbox.networks.whatsapp import outbox, parse, setup
from callbox.networks.whatsapp.content import SCHEME, media_id
from callbox.values import mapping, text
from callbox.vocabulary import (
    AttachmentSeen,
    AuthorSeen,
    Event,
    Limits,
    Outgoing,
    Problem,
    Receipt,
    ReplyTo,
)

_SERVER, _VERSION = "https://graph.facebook.com", "v23.0"
_LIKED = "👍"
_MOST_PAGES = 20
# Where WhatsApp keeps files: only these hosts are given our token.
_FILE_HOSTS = (".fbsbx.com", ".facebook.com", ".fbcdn.net", ".whatsapp.net")

_MEANINGS = Meanings(
    "WhatsApp",
    {
        130429: (RateLimited, ""),
        131048: (RateLimited, ""),
        131056: (RateLimited, ""),
        131026: (Refused, parse.WHY[131026]),
        131031: (Refused, "WhatsApp has locked our account. Look in the WhatsApp Manager."),
        131047: (WindowClosed, setup.OVER),
        132001: (Refused, "WhatsApp has no approved template of this name and language."),
        132000: (Refused, "The template has another number of variables than one."),
    },
)


class WhatsApp(Connector):
    """One phone number of one WhatsApp Business account. `transport` is for tests."""

    key: ClassVar[str] = "whatsapp"
    name: ClassVar[str] = "WhatsApp"
    settings: ClassVar[tuple[Setting, ...]] = setup.SETTINGS
    scopes: ClassVar[tuple[Scope, ...]] = setup.SCOPES
    preparation: ClassVar[tuple[str, ...]] = setup.PREPARATION
    cannot: ClassVar[Mapping[str, str]] = setup.CANNOT
    hook_shared: ClassVar[bool] = True  # an app, and a WhatsApp account, have one address

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

    def close(self) -> None:
        if "_graph" in self.__dict__:  # made when first needed
            self._graph.close()

    def barrier(self, ability: str, to: ReplyTo) -> Barrier | None:
        """Also: the 24 hours, for words and for likes; a template carries words beyond them."""
        found = super().barrier(ability, to)
        if found or ability not in ("message", "like"):
            return found
        if not (to.author or to.refs.get("phone") or to.refs.get("user_id")):
            return Barrier(setup.NOBODY)
        templated = ability == "message" and bool(text(self.account.config.get("template")))
        if outbox.is_over(to, self.now()) and not templated:
            return Barrier(setup.OVER)
        return None

    # --- connecting ---------------------------------------------------------------------------

    def identify(self) -> Identity:
        """The number behind the phone number's id."""
        fields = "id,display_phone_number,verified_name"
        found = self._graph.read(f"/{self._phone}", {"fields": fields})
        external_id = ident(found.get("id"))
        if not external_id:
            raise Refused("This is not a phone number's id of WhatsApp's.")
        shown = text(found.get("display_phone_number"))
        link = f"https://wa.me/{''.join(one for one in shown if one.isdigit())}" if shown else ""
        return Identity(external_id, shown, text(found.get("verified_name")), link)

    def hooks(self, url: str, *, repair: bool) -> Sequence[Layer]:
        """Whether messages of our WhatsApp account are sent to `url`. Which fields the app is
        subscribed to is set in the app dashboard, and not shown here."""
        path = f"/{self._id('waba_id')}/subscribed_apps"
        if repair:
            token = text(self.account.secrets.get("hook_token"))
            body = {"override_callback_uri": url, "verify_token": token}
            self._graph.write("POST", path, body, as_json=True)
        apps = objects(self._graph.read(path))
        here = any(text(one.get("override_callback_uri")) == url for one in apps)
        return [
            Layer("app", bool(apps), "" if apps else "No app gets this account's messages."),
            Layer("address", here, "" if here else "Messages are sent to another address."),
        ]

    # --- hearing ------------------------------------------------------------------------------

    def parse(self, raw: Raw) -> Sequence[Event]:
        return parse.parse(raw, self.account)

    def receive_hook(self, request: Signed) -> HookAnswer:
        """Meta's handshake; or messages and reports, for any number of the app."""
        secrets = self.account.secrets
        if request.method.upper() == "GET":
            return signature.handshake(request, text(secrets.get("hook_token")))
        signature.check(request, text(secrets.get("app_secret")).strip())
        try:
            body = mapping(json.loads(request.body))
        except (ValueError, RecursionError) as error:
            raise Malformed(f"not JSON: {type(error).__name__}") from error
        parts = list(parse.split(body))
        if len(parts) == 1:
            return HookAnswer([Raw(parse.HOOK, request.body, parts[0][0])])
        return HookAnswer([Raw.of(parse.HOOK, one, phone) for phone, one in parts])

    def locate(self, attachment: AttachmentSeen) -> Located:
        """An address that WhatsApp keeps for five minutes, and our token for it."""
        known = media_id(attachment.url.removeprefix(SCHEME))
        if not attachment.url.startswith(SCHEME) or not known:
            return Located(attachment.url)
        found = self._graph.read(f"/{known}", {"phone_number_id": self._phone})
        url = text(found.get("url"))
        if not url or not self._is_metas(url):
            raise Refused("WhatsApp does not give this file out any more.")
        return Located(url, {"authorization": f"Bearer {self._token()}"})

    def _is_metas(self, url: str) -> bool:
        """Whether an address is WhatsApp's own: our token goes nowhere else."""
        try:
            parts, ours = urlsplit(url), urlsplit(self._server)
            same = (parts.scheme, parts.netloc) == (ours.scheme, ours.netloc)
        except ValueError:
            return False
        host = parts.hostname or ""
        return same or (parts.scheme == "https" and f".{host}".endswith(_FILE_HOSTS))

    # --- speaking -----------------------------------------------------------------------------

    def limits(self, lane: str = "public") -> Limits:
        return outbox.limits()

    def check(self, outgoing: Outgoing) -> Sequence[Problem]:
        return tuple(outbox.problems(outgoing, self.now()))

    def message(self, outgoing: Outgoing) -> Receipt:
        return outbox.send(self._graph, self._phone, outgoing, self.account.config, self.now())

    def find(self, outgoing: Outgoing) -> Receipt | None:
        """Nobody can look. A report brings the delivery's key back (see `parse`), which settles it;
        until then nobody can say."""
        raise Unavailable(setup.NOT_YET)

    def like(self, external_id: str, refs: Mapping[str, Any]) -> None:
        """A thumb on their message. Setting it again changes nothing."""
        to = ReplyTo(external_id, external_id, None, refs)
        reaction = {"message_id": external_id, "emoji": _LIKED}
        body = {**outbox.around(to), "type": "reaction", "reaction": reaction}
        self._graph.write("POST", f"/{self._phone}/messages", body, as_json=True)

    def blocked(self) -> Sequence[AuthorSeen]:
        """Who is blocked on our number."""
        found = self._graph.walk(f"/{self._phone}/block_users", {}, _MOST_PAGES)
        known = [(ident(one.get("user_id")), ident(one.get("wa_id"))) for one in found]
        return [AuthorSeen(own or phone, f"+{phone}" if phone else "") for own, phone in known]

    def unblock(self, author_id: str) -> None:
        body = {"messaging_product": "whatsapp", "block_users": [{"user": author_id}]}
        try:
            self._graph.write("DELETE", f"/{self._phone}/block_users", body, as_json=True)
        except OutcomeUnknown as error:
            raise Unavailable(str(error)) from error  # twice is once: it can be tried again

    # --- parts --------------------------------------------------------------------------------

    @property
    def _phone(self) -> str:
        return self._id("phone_number_id", self.account.external_id)

    def _id(self, name: str, known: str = "") -> str:
        """One of the numeric ids of the settings: it becomes part of a path."""
        found = known or text(self.account.config.get(name)).strip()
        if not found.isascii() or not found.isdigit():
            raise Refused(f"“{name}” is not right: it is a long number from Meta's app dashboard.")
        return found

    @property
    def _server(self) -> str:
        return text(self.account.config.get("server")).strip() or _SERVER

    def _token(self) -> str:
        return text(self.account.secrets.get("token")).strip()

    @cached_property
    def _graph(self) -> Graph:
        version = text(self.account.config.get("version")).strip() or _VERSION
        return Graph(
            self._server,
            self._token,
            _MEANINGS,
            version=version,
            now=self.now,
            transport=self._transport,
        )
