"""Text messages as a `Connector`: what each ability does is told here, how in the modules beside
it."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

import httpx

from callbox.connector import (
    AccountSeen,
    AuthDead,
    Connector,
    HookAnswer,
    Page,
    Raw,
    Refused,
    Seen,
    Session,
    Signed,
)
from callbox.logins import Barrier, Identity, Layer, Located, Setting
from callbox.moment import now_utc
from callbox.networks.sms import find, optout, parse, setup, signature
from callbox.networks.sms.api import Api, Login
from callbox.networks.sms.hearing import Hearing
from callbox.networks.sms.segments import segments, thrifty
from callbox.networks.sms.values import message_sid, number
from callbox.values import Json, text
from callbox.vocabulary import AttachmentSeen, Event, Limits, Outgoing, Problem, Receipt, ReplyTo

_SERVER = "https://api.twilio.com"
_ACCOUNT = re.compile(r"AC[0-9a-fA-F]{32}")
_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")
_KEY = re.compile(r"SK[0-9a-fA-F]{32}")
_MOST = 1600
_MEGABYTES = 5
_MIMES = ("image/jpeg", "image/png", "image/gif")
_NEVER_ARRIVED = frozenset(("failed", "undelivered", "canceled"))


class Sms(Connector):
    """One number, or one messaging service, of one Twilio account. `transport` is for tests."""

    key: ClassVar[str] = "sms"
    name: ClassVar[str] = "Text messages"
    settings: ClassVar[tuple[Setting, ...]] = setup.SETTINGS
    preparation: ClassVar[tuple[str, ...]] = setup.PREPARATION
    cannot: ClassVar[Mapping[str, str]] = setup.CANNOT
    media_by_url: ClassVar[bool] = True
    poll_seconds: ClassVar[int] = 60  # texts come by webhook; this finds what did not

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
        """Also: nobody texts somebody who texted STOP, or a name that is no number."""
        found = super().barrier(ability, to)
        if found or ability != "message":
            return found
        if to.refs.get("opt") == optout.OUT:
            return Barrier(optout.WORDS)
        if to.author is None or not number(to.author.external_id):
            return Barrier("This did not come from a phone number, so no text can be sent back.")
        return None

    # --- connecting ---------------------------------------------------------------------------

    def identify(self) -> Identity:
        """The number or messaging service, once Twilio has let us in and knows it as ours."""
        sender = self._sender
        if _SERVICE.fullmatch(sender):
            self._api.messages({"PageSize": "1"})  # proves the login; the API has no more
            return Identity(sender, sender)
        found = self._number() if sender.startswith("+") else {}
        if found is None:
            raise Refused(f"{sender} is not a number of this Twilio account.")
        if not found:
            self._api.messages({"PageSize": "1"})  # a short code
        return Identity(sender, sender, text(found.get("friendly_name")))

    def hooks(self, url: str, *, repair: bool) -> Sequence[Layer]:
        """Whether Twilio calls `url` for texts to our number."""
        if not self._sender.startswith("+"):
            return [Layer("incoming", good=True, words=setup.BY_HAND.format(url=url))]
        found = self._number()
        if found is None:
            return [Layer("incoming", good=False, words="The number is not in this account.")]
        if text(found.get("sms_application_sid")):
            return [Layer("incoming", good=False, words=setup.APPLICATION)]
        if _calls(found, url):
            return [Layer("incoming", good=True)]
        if not repair:
            return [Layer("incoming", good=False, words="Twilio sends incoming texts elsewhere.")]
        path = f"/IncomingPhoneNumbers/{quote(text(found.get('sid')), safe='')}.json"
        self._api.change(path, {"SmsUrl": url, "SmsMethod": "POST"})
        return [Layer("incoming", good=True, words="Mended: texts come here now.")]

    def _number(self) -> Json | None:
        """Our number's resource, or None when the account has no such number."""
        found = self._api.get("/IncomingPhoneNumbers.json", {"PhoneNumber": self._sender})
        listed = found.get("incoming_phone_numbers")
        numbers = listed if isinstance(listed, list) else []
        mine = [one for one in numbers if isinstance(one, dict)]
        return next((one for one in mine if number(one.get("phone_number")) == self._sender), None)

    # --- hearing ------------------------------------------------------------------------------

    def parse(self, raw: Raw) -> Sequence[Event]:
        return parse.parse(raw, self.account)

    def receive_hook(self, request: Signed) -> HookAnswer:
        """A text, or how far one of ours has come. The form carries no time: ours goes with it."""
        token = text(self.account.secrets.get("auth_token")).strip()
        fields = signature.check(request, token, text(self.account.config.get("hook_url")))
        kind = f"{parse.HOOK}@{self.now().astimezone(UTC).isoformat(timespec='seconds')}"
        raws = [Raw(kind, request.body, to) for to in parse.whose(dict(fields), self.account)]
        return HookAnswer(raws, 200, b"<Response/>", "text/xml")

    def fetch(self, cursor: Mapping[str, Any]) -> Page:
        return self._hearing.fetch(cursor)

    def history(self, cursor: Mapping[str, Any]) -> Page:
        return self._hearing.history(cursor)

    def locate(self, attachment: AttachmentSeen) -> Located:
        """Twilio's own files ask for our login. Nobody else is ever given it."""
        if _origin(attachment.url) != _origin(self._api.wire.base):
            return Located(attachment.url)
        login = httpx.BasicAuth(self._login.name, self._login.password)
        request = next(login.auth_flow(httpx.Request("GET", attachment.url)))
        return Located(attachment.url, {"authorization": request.headers["authorization"]})

    # --- speaking -----------------------------------------------------------------------------

    def limits(self, lane: str = "public") -> Limits:
        return Limits(
            text=_MOST,
            unit="characters",
            images=parse.MOST_MEDIA,
            image_bytes=_MEGABYTES * 1024 * 1024,
            image_mimes=_MIMES,
        )

    def as_sent(self, outgoing: Outgoing) -> str:
        """The words with signs that cost no second message, where that is all it takes."""
        return thrifty(outgoing.text)

    def parts(self, text: str) -> int:
        return segments(text).count

    def check(self, outgoing: Outgoing) -> Sequence[Problem]:
        problems = []
        body = self.as_sent(outgoing)
        over = len(body) - _MOST
        if not outgoing.text.strip() and not outgoing.media:
            problems.append(Problem("empty", "Nothing is written yet."))
        if over > 0:
            parts = segments(body).count
            words = f"{over} characters too long: it would be {parts} texts in a row."
            problems.append(Problem("too_long", words))
        if len(outgoing.media) > parse.MOST_MEDIA:
            words = f"A text message takes at most {parse.MOST_MEDIA} pictures."
            problems.append(Problem("too_many_images", words))
        return [*problems, *setup.media_problems(outgoing, _MIMES, _MEGABYTES)]

    def message(self, outgoing: Outgoing) -> Receipt:
        """Text somebody back, from the number that they wrote to."""
        to = _to(outgoing)
        if any(not one.url for one in outgoing.media):
            raise Refused("Twilio fetches pictures itself, and this installation has no address.")
        form: dict[str, Any] = {"To": to, "Body": self.as_sent(outgoing), **self._from(outgoing)}
        if outgoing.media:
            form["MediaUrl"] = [one.url for one in outgoing.media]
        if text(self.account.config.get("hook_url")):
            form["StatusCallback"] = text(self.account.config.get("hook_url"))
        return _receipt(self._api.send(form))

    def find(self, outgoing: Outgoing) -> Receipt | None:
        found = find.find(self._api, _to(outgoing), outgoing)
        return _receipt(found) if found else None

    def look(self, external_id: str) -> Seen:
        """What Twilio says of a text of ours. A carrier that refused it counts as gone; a text that
        Twilio has forgotten is still on a phone."""
        found = self._api.maybe(f"/Messages/{quote(external_id, safe='')}.json")
        if found is None:
            return Seen(gone=False)
        gone = text(found.get("status")) in _NEVER_ARRIVED
        return Seen(gone, text(found.get("body")))

    def _from(self, outgoing: Outgoing) -> dict[str, str]:
        """Who it is from: our number; or our messaging service, and of its numbers the one that
        they texted, so that their phone shows one conversation."""
        sender = self._sender
        if not _SERVICE.fullmatch(sender):
            return {"From": sender}
        texted = number(outgoing.reply_to.refs.get("to")) if outgoing.reply_to else ""
        return {"MessagingServiceSid": sender, **({"From": texted} if texted else {})}

    # --- parts --------------------------------------------------------------------------------

    @property
    def _sender(self) -> str:
        """Our number, short code or messaging service."""
        typed = text(self.account.external_id or self.account.config.get("sender")).strip()
        found = typed if _SERVICE.fullmatch(typed) else number(typed)
        if not found:
            raise Refused("The account names no number. Write it like +13125550100.")
        return found

    @property
    def _login(self) -> Login:
        config, secrets = self.account.config, self.account.secrets
        account = text(config.get("account_sid")).strip()
        token = text(secrets.get("auth_token")).strip()
        key, secret = text(config.get("api_key")).strip(), text(secrets.get("api_secret")).strip()
        if not _ACCOUNT.fullmatch(account):
            raise AuthDead(
                "The account SID is wrong: it starts with AC. Connect the account again."
            )
        if not token or (key and not (_KEY.fullmatch(key) and secret)):
            raise AuthDead("The login is not complete. Connect the account again.")
        return Login(account, key, secret) if key else Login(account, account, token)

    @cached_property
    def _api(self) -> Api:
        server = text(self.account.config.get("server")).strip() or _SERVER
        return Api(server, self._login, self.now, self._transport)

    @cached_property
    def _hearing(self) -> Hearing:
        return Hearing(self._api, self.account, self.now)


def _to(outgoing: Outgoing) -> str:
    """The number that a text goes to. Raises Refused when there is none."""
    author = outgoing.reply_to.author if outgoing.reply_to else None
    found = number(author.external_id) if author else ""
    if not found:
        raise Refused("A text message needs a phone number to go to.")
    return found


def _receipt(message: Json) -> Receipt:
    return Receipt(message_sid(message.get("sid")), refs={"status": text(message.get("status"))})


def _calls(resource: Json, url: str) -> bool:
    return text(resource.get("sms_url")) == url and text(resource.get("sms_method")) == "POST"


def _origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port, for “is this the same server?”; of nonsense, nothing that matches."""
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname or "", parts.port
    except ValueError:
        return "", "", None
