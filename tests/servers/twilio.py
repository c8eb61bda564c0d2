"""A stand-in for Twilio's texting: one account, its numbers, what was texted, and its webhooks.

Requests and answers are held against Twilio's own description (`tests/contracts/twilio.json`).
Nothing is called: a test takes the webhook requests that Twilio would make from `hooks`.
"""

import base64
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from callbox.connector import Signed
from tests.contracts.openapi import Contract
from tests.servers.standin import Answer, Call, StandIn, Violation, route

ACCOUNT = "AC" + "0a" * 16
TOKEN = "twilio-auth-token-5f1c"
KEY, KEY_SECRET = "SK" + "0b" * 16, "twilio-key-secret-77aa"
SERVICE = "MG" + "0c" * 16
NUMBER = "+13125550100"
ROOT = "/2010-04-01/Accounts/{account}"
_FILE = "/Media/ME"


def refusal(status: int, code: int, message: str) -> Answer:
    """An error as Twilio words it."""
    more = f"https://www.twilio.com/docs/errors/{code}"
    return Answer(status, {"code": code, "message": message, "more_info": more, "status": status})


class Twilio(StandIn):
    """One account. `page_size` bounds a page, whatever is asked for."""

    def __init__(self, hook_url: str = "https://callbox.example/hooks/a/b/") -> None:
        self.contract = Contract.load("twilio")
        self.messages: list[dict[str, Any]] = []  # oldest first
        self.media: dict[str, list[dict[str, Any]]] = {}
        self.files: dict[str, bytes] = {}
        self.stopped: set[str] = set()
        self.numbers = {NUMBER: {"sid": "PN" + "0d" * 16, "sms_url": "", "sms_method": "POST"}}
        self.hooks: list[Signed] = []
        self.hook_url = hook_url
        self.page_size = 1000
        self.dead = False
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self._made = 0
        super().__init__()

    # --- what its own description says ----------------------------------------------------------

    def check_request(self, call: Call) -> None:
        if _FILE not in call.path:
            self.contract.request(call)

    def check_answer(self, call: Call, answer: Answer) -> None:
        if _FILE not in call.path:
            self.contract.answer(call, answer.status, answer.body)

    def refuse_violation(self, call: Call, violation: Violation) -> Answer:
        return refusal(400, 20001, str(violation))

    # --- for tests: people and carriers -----------------------------------------------------------

    def text(
        self,
        who: str,
        body: str,
        *,
        to: str = NUMBER,
        pictures: Sequence[tuple[str, bytes]] = (),
        service: str = "",
        push: bool = True,
    ) -> str:
        """A resident texts us. The message's id; `push` makes the webhook request for it."""
        word = body.strip().upper()
        if word == "STOP":
            self.stopped.add(who)
        elif word == "START":
            self.stopped.discard(who)
        message = self._message("inbound", who, to, body, "received", service, len(pictures))
        sid = message["sid"]
        for mime, content in pictures:
            self._keep(sid, mime, content)
        if push:
            self.hooks.append(self.signed(self.form_of(sid)))
        return str(sid)

    def form_of(self, sid: str) -> dict[str, str]:
        """The webhook's form for an incoming text."""
        one = self.find(sid)
        form = {
            "ToCountry": "US",
            "SmsMessageSid": sid,
            "NumMedia": one["num_media"],
            "SmsSid": sid,
            "SmsStatus": "received",
            "Body": one["body"],
            "To": one["to"],
            "From": one["from"],
            "NumSegments": "1",
            "MessageSid": sid,
            "AccountSid": ACCOUNT,
            "ApiVersion": "2010-04-01",
        }
        if one["messaging_service_sid"]:
            form["MessagingServiceSid"] = one["messaging_service_sid"]
        for i, media in enumerate(self.media.get(sid, ())):
            form[f"MediaUrl{i}"] = self.url + media["uri"].removesuffix(".json")
            form[f"MediaContentType{i}"] = media["content_type"]
        return form

    def status(self, sid: str, status: str, error: int | None = None) -> Signed:
        """How far a text of ours has come: the webhook request that says so."""
        one = self.find(sid)
        one |= {"status": status, "error_code": error, "date_updated": self._date()}
        form = {
            "SmsSid": sid,
            "SmsStatus": status,
            "MessageStatus": status,
            "To": one["to"],
            "From": one["from"] or "",
            "MessageSid": sid,
            "AccountSid": ACCOUNT,
            "ApiVersion": "2010-04-01",
        }
        if error is not None:
            form["ErrorCode"] = str(error)
        return self.signed(form)

    def signed(self, form: Mapping[str, str], url: str = "", token: str = TOKEN) -> Signed:
        """A webhook request with a good signature, made the way Twilio's documentation tells."""
        url = url or self.hook_url
        said = url + "".join(f"{name}{form[name]}" for name in sorted(form))
        digest = hmac.digest(token.encode(), said.encode(), "sha1")
        headers = {
            "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
            "x-twilio-signature": base64.b64encode(digest).decode(),
        }
        return Signed("POST", url, headers, urlencode(form).encode())

    def find(self, sid: str) -> dict[str, Any]:
        """A text as it stands now."""
        return next(one for one in self.messages if one["sid"] == sid)

    @property
    def sent(self) -> list[dict[str, Any]]:
        """What was sent by us, oldest first."""
        return [one for one in self.messages if one["direction"] != "inbound"]

    def outgoing(self, to: str, body: str, sender: str = NUMBER, service: str = "") -> str:
        """We text somebody, whoever asked for it. The message's id."""
        return str(self._message("outbound-api", sender, to, body, "queued", service, 0)["sid"])

    # --- endpoints --------------------------------------------------------------------------------

    @route("POST", f"{ROOT}/Messages.json")
    def send(self, call: Call) -> Answer:
        if answer := self._locked(call):
            return answer
        form = call.form()
        to, service = form["To"], form.get("MessagingServiceSid", "")
        sender = form.get("From", NUMBER if service else "")
        if to in self.stopped:
            return refusal(400, 21610, "Attempt to send to unsubscribed recipient")
        if sender not in self.numbers:
            return refusal(400, 21606, "The 'From' phone number is not a valid sender")
        if not to.startswith("+"):
            return refusal(400, 21211, f"Invalid 'To' Phone Number: {to}")
        if len(form.get("Body", "")) > 1600:
            return refusal(400, 21617, "The concatenated message body exceeds the 1600 limit")
        sid = self.outgoing(to, form.get("Body", ""), sender, service)
        self.find(sid)["num_media"] = str(call.body.count(b"MediaUrl="))
        return Answer(201, _shown(self.find(sid)))

    @route("GET", f"{ROOT}/Messages.json")
    def listed(self, call: Call) -> Answer:
        if answer := self._locked(call):
            return answer
        query = call.query
        found = [
            one
            for one in reversed(self.messages)
            if all(query.get(side) in (None, one[side.lower()]) for side in ("To", "From"))
        ]
        if after := query.get("DateSent>"):
            day = datetime.fromisoformat(after)
            found = [one for one in found if one["sent_at"] >= day]
        size = min(int(query.get("PageSize", "50")), self.page_size)
        start = 0
        if token := query.get("PageToken"):
            sids = [one["sid"] for one in found]
            start = sids.index(token.removeprefix("PA")) + 1
        page = found[start : start + size]
        following = None
        if found[start + size :]:
            kept = {name: query[name] for name in ("To", "From", "DateSent>") if name in query}
            paging = {"PageSize": size, "Page": 1, "PageToken": "PA" + page[-1]["sid"]}
            following = f"{call.path}?{urlencode({**kept, **paging})}"
        return Answer(200, {"messages": [_shown(one) for one in page], "next_page_uri": following})

    @route("GET", f"{ROOT}/Messages/{{sid_json}}")
    def one(self, call: Call) -> Answer:
        if answer := self._locked(call):
            return answer
        sid = call.parts["sid_json"].removesuffix(".json")
        found = next((one for one in self.messages if one["sid"] == sid), None)
        if found is None:
            return refusal(404, 20404, "The requested resource was not found")
        return Answer(200, _shown(found))

    @route("GET", f"{ROOT}/Messages/{{sid}}/Media.json")
    def media_of(self, call: Call) -> Answer:
        return self._locked(call) or Answer(
            200, {"media_list": self.media.get(call.parts["sid"], []), "next_page_uri": None}
        )

    @route("GET", f"{ROOT}/Messages/{{sid}}/Media/{{media}}")
    def file(self, call: Call) -> Answer:
        return self._locked(call) or Answer(200, self.files[call.parts["media"]])

    @route("GET", f"{ROOT}/IncomingPhoneNumbers.json")
    def our_numbers(self, call: Call) -> Answer:
        if answer := self._locked(call):
            return answer
        asked = call.query.get("PhoneNumber")
        found = [
            {"phone_number": number, "friendly_name": "Front desk", **rest}
            for number, rest in self.numbers.items()
            if asked in (None, number)
        ]
        return Answer(200, {"incoming_phone_numbers": found, "next_page_uri": None})

    @route("POST", f"{ROOT}/IncomingPhoneNumbers/{{sid_json}}")
    def change_number(self, call: Call) -> Answer:
        if answer := self._locked(call):
            return answer
        sid, form = call.parts["sid_json"].removesuffix(".json"), call.form()
        number, rest = next(item for item in self.numbers.items() if item[1]["sid"] == sid)
        rest |= {"sms_url": form["SmsUrl"], "sms_method": form["SmsMethod"]}
        return Answer(200, {"phone_number": number, **rest})

    # --- parts ------------------------------------------------------------------------------------

    def _locked(self, call: Call) -> Answer | None:
        """The refusal of a call that is not logged in."""
        kind, _, value = call.headers.get("authorization", "").partition(" ")
        known = {f"{ACCOUNT}:{TOKEN}", f"{KEY}:{KEY_SECRET}"}
        good = kind.lower() == "basic" and base64.b64decode(value).decode() in known
        if self.dead or not good or call.parts.get("account") != ACCOUNT:
            return refusal(401, 20003, "Authenticate")
        return None

    def _message(
        self, way: str, who: str, to: str, body: str, status: str, service: str, media: int
    ) -> dict[str, Any]:
        self._made += 1
        message = {
            "sid": f"{'MM' if media else 'SM'}{self._made:032x}",
            "account_sid": ACCOUNT,
            "api_version": "2010-04-01",
            "body": body,
            "from": who,
            "to": to,
            "direction": way,
            "status": status,
            "messaging_service_sid": service or None,
            "num_media": str(media),
            "num_segments": "1",
            "error_code": None,
            "error_message": None,
            "date_created": self._date(),
            "date_updated": self._date(),
            "date_sent": None if status == "queued" else self._date(),
            "sent_at": self.now(),
        }
        self.messages.append(message)
        return message

    def _keep(self, sid: str, mime: str, content: bytes) -> None:
        self._made += 1
        media = f"ME{self._made:032x}"
        self.files[media] = content
        self.media.setdefault(sid, []).append(
            {
                "sid": media,
                "parent_sid": sid,
                "account_sid": ACCOUNT,
                "content_type": mime,
                "uri": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}/Media/{media}.json",
            }
        )

    def _date(self) -> str:
        return format_datetime(self.now().astimezone(UTC))


def _shown(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message as the API shows it: without what the stand-in remembers beside it."""
    return {name: value for name, value in message.items() if name != "sent_at"}
