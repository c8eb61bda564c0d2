"""Telegram as a `Connector`: what each ability does is told here, how in the modules beside it."""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import quote

import httpx

from callbox.connector import (
    AccountSeen,
    AuthDead,
    Connector,
    HookAnswer,
    Malformed,
    Page,
    Raw,
    Refused,
    Session,
    Signed,
)
from callbox.logins import Barrier, Identity, Layer, Located, Setting
from callbox.moment import now_utc
from callbox.networks.telegram import outbox, parse, setup
from callbox.networks.telegram.api import Api, Hooked, says
from callbox.networks.telegram.content import SCHEME
from callbox.networks.telegram.values import file_id, ident, moment, units, username, whole
from callbox.values import Json, mapping, objects, text
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

_SERVER = "https://api.telegram.org"
_TOKEN = re.compile(r"[0-9]{3,20}:[A-Za-z0-9_-]{20,100}")
_PATH = re.compile(r"[A-Za-z0-9_./-]{1,300}")
_KEPT = timedelta(hours=24)  # how long Telegram keeps what nobody asked for
# After a week of silence Telegram starts its numbers anew, anywhere: a number of old would then
# hide what is new. What we have is confirmed by then: asking from the start repeats nothing.
_RENUMBERED = timedelta(days=5)
_DELETE = timedelta(hours=48)
_LIKED = "👍"
_PAGE = 100


class Telegram(Connector):
    """One bot. It hears by webhook where that is set up (this installation then has a public
    address, `config["hook_url"]`), else by asking: Telegram does not do both. `transport` is for
    tests."""

    key: ClassVar[str] = "telegram"
    name: ClassVar[str] = "Telegram"
    settings: ClassVar[tuple[Setting, ...]] = setup.SETTINGS
    preparation: ClassVar[tuple[str, ...]] = setup.PREPARATION
    cannot: ClassVar[Mapping[str, str]] = setup.CANNOT

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
        if "_api" in self.__dict__:  # made when first needed
            self._api.close()

    def barrier(self, ability: str, to: ReplyTo) -> Barrier | None:
        """Also: whoever wrote in a group's name cannot be answered in private, and 48 hours for
        taking something back."""
        found = super().barrier(ability, to)
        if found:
            return found
        if ability == "message" and to.lane is not Lane.PRIVATE:
            known = to.author.external_id if to.author else ""
            return None if known.isdigit() else Barrier(setup.NEVER_WROTE, to.permalink)
        if ability == "delete" and to.said_at and self.now() - to.said_at >= _DELETE:
            return Barrier(setup.TOO_OLD, to.permalink)
        return None

    # --- connecting ---------------------------------------------------------------------------

    def identify(self) -> Identity:
        """The bot that the token belongs to."""
        me = mapping(self._api.ask("getMe"))
        external_id, public = ident(me.get("id")), username(me.get("username"))
        if not external_id or not public:
            raise Refused("This server does not speak Telegram's Bot API.")
        name = text(me.get("first_name"))
        return Identity(external_id, f"@{public}", name, f"https://t.me/{public}")

    def hooks(self, url: str, *, repair: bool) -> Sequence[Layer]:
        """Whether Telegram sends everything that we want to `url`; with `url` "", whether it lets
        us ask. Mending also sets the secret anew, which cannot be read back."""
        if repair:
            self._set_hook(url)
        info = mapping(self._api.ask("getWebhookInfo"))
        there = text(info.get("url")) == url
        kinds = not url or outbox.subscriptions(info, parse.KINDS)
        return [
            Layer("address", there, "" if there else "Telegram sends messages elsewhere."),
            Layer("kinds", kinds, "" if kinds else "Telegram does not send every kind."),
            *self._delivering(info),
        ]

    def _set_hook(self, url: str) -> None:
        if not url:
            self._api.tell("deleteWebhook", {"drop_pending_updates": False})
            return
        params = {
            "url": url,
            "secret_token": self._secret,
            "allowed_updates": list(parse.KINDS),
            "drop_pending_updates": False,
        }
        self._api.tell("setWebhook", params)

    def _delivering(self, info: Json) -> Sequence[Layer]:
        """Telegram's own word on whether its last calls came through."""
        failed = moment(info.get("last_error_date"))
        if failed is None or self.now() - failed > timedelta(hours=1):
            return []
        said = text(info.get("last_error_message"))[:200]
        words = f"Telegram could not reach us at {failed:%H:%M} UTC: “{said}”"
        return [Layer("delivery", good=False, words=words)]

    # --- hearing ------------------------------------------------------------------------------

    def parse(self, raw: Raw) -> Sequence[Event]:
        return parse.parse(raw, self.account)

    def receive_hook(self, request: Signed) -> HookAnswer:
        """One update. Telegram signs nothing: it sends the secret that we gave it."""
        given = request.headers.get("x-telegram-bot-api-secret-token", "")
        if not hmac.compare_digest(given.encode(), self._secret.encode()):
            raise Refused("The secret is missing or wrong.")
        raw = Raw(parse.UPDATE, request.body, self.account.external_id)
        if not isinstance(raw.json(), dict):
            raise Malformed("not an update")
        return HookAnswer([raw])

    def fetch(self, cursor: Mapping[str, Any]) -> Page:
        """The updates after the cursor's; none where our webhook brings them. Asking for what comes
        after one is what makes Telegram forget it, so the cursor must be stored first: it is, with
        the items."""
        now, offset = self.now(), whole(cursor.get("offset")) or 0
        asked, heard = moment(cursor.get("at")), moment(cursor.get("heard"))
        here = int(now.timestamp())
        if heard is not None and now - heard > _RENUMBERED:
            offset = 0
        params = {"offset": offset, "limit": _PAGE, "timeout": 0}
        try:
            found = objects(self._api.ask("getUpdates", params | {"allowed_updates": parse.KINDS}))
        except Hooked:
            if not text(self.account.config.get("hook_url")):
                raise
            return Page([], {**cursor, "at": here, "heard": here})
        found.sort(key=lambda one: whole(one.get("update_id")) or 0)
        last = max((whole(one.get("update_id")) or 0 for one in found), default=None)
        return Page(
            [Raw.of(parse.UPDATE, one, self.account.external_id) for one in found],
            {
                "offset": offset if last is None else last + 1,
                "at": here,
                "heard": cursor.get("heard", here) if last is None else here,
            },
            more=len(found) == _PAGE,
            gap=asked is not None and now - asked > _KEPT,
        )

    def locate(self, attachment: AttachmentSeen) -> Located:
        """Where a file is for the next hour. The address holds the bot's token, as Telegram wants
        it: it is for fetching now, not for keeping or showing."""
        known = file_id(attachment.url.removeprefix(SCHEME))
        if not attachment.url.startswith(SCHEME) or not known:
            return Located(attachment.url)
        path = text(mapping(self._api.ask("getFile", {"file_id": known})).get("file_path"))
        if not _PATH.fullmatch(path) or ".." in path:
            raise Refused("Telegram does not give this file out. It may be larger than 20 MB.")
        return Located(f"{self._api.wire.base}/file/bot{self._token}/{quote(path)}")

    # --- speaking -----------------------------------------------------------------------------

    def limits(self, lane: str = "public") -> Limits:
        return outbox.limits()

    def measure(self, text: str, lane: str = "public") -> int:
        return units(text)

    def check(self, outgoing: Outgoing) -> Sequence[Problem]:
        return tuple(outbox.problems(outgoing, self._channel))

    def reply(self, outgoing: Outgoing) -> Receipt:
        if outgoing.reply_to is None:
            raise Refused("There is nothing to answer.")
        return outbox.send(self._api, outgoing, self._channel)

    def message(self, outgoing: Outgoing) -> Receipt:
        """Answer in private: where they wrote to us, or, for what was said in a group, where they
        have begun to (Telegram refuses otherwise)."""
        if outgoing.reply_to is None:
            raise Refused("A private answer needs somebody to go to.")
        return outbox.send(self._api, outgoing, self._channel)

    def publish(self, outgoing: Outgoing) -> Receipt:
        """Post in our channel."""
        return outbox.send(self._api, outgoing, self._channel)

    def edit(self, external_id: str, outgoing: Outgoing) -> Receipt:
        """New words: for a text, or beside a picture. The same words again are a success."""
        where = outbox.split(external_id)
        try:
            if outgoing.media:
                self._edit("editMessageCaption", {**where, "caption": outgoing.text})
            else:
                self._edit("editMessageText", {**where, "text": outgoing.text})
        except Refused as error:
            if not says(error, "no text in the message"):
                raise
            self._edit("editMessageCaption", {**where, "caption": outgoing.text})
        return Receipt(external_id)

    def _edit(self, method: str, params: Mapping[str, Any]) -> None:
        try:
            self._api.tell(method, params)
        except Refused as error:
            if not says(error, "message is not modified"):
                raise

    def delete(self, external_id: str) -> None:
        try:
            self._api.tell("deleteMessage", outbox.split(external_id))
        except Refused as error:
            if not says(error, "message to delete not found"):
                raise

    def like(self, external_id: str, refs: Mapping[str, Any]) -> None:
        """A thumb under their message. Setting it again changes nothing."""
        reaction = [{"type": "emoji", "emoji": _LIKED}]
        self._api.tell("setMessageReaction", {**outbox.split(external_id), "reaction": reaction})

    # --- parts --------------------------------------------------------------------------------

    @property
    def _channel(self) -> str:
        return parse.channel_of(self.account.config)

    @property
    def _token(self) -> str:
        found = text(self.account.secrets.get("token")).strip()
        if not _TOKEN.fullmatch(found):
            raise AuthDead("That is not a bot's token. Connect the account again.")
        return found

    @property
    def _secret(self) -> str:
        """What Telegram has to say to us in every call. Made from ours, in the characters that
        Telegram allows; the bot's token makes it different for every bot."""
        ours = text(self.account.secrets.get("hook_token")) or "callbox"
        return hmac.new(self._token.encode(), ours.encode(), hashlib.sha256).hexdigest()

    @cached_property
    def _api(self) -> Api:
        server = text(self.account.config.get("server")).strip() or _SERVER
        return Api(server, self._token, self.now, self._transport)
