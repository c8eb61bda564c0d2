"""A stand-in for WhatsApp's Cloud API: one phone number, its app, and the phones of residents.

Requests and answers are held against Meta's own description (`tests/contracts/whatsapp.json`), and
so are the names in the webhooks that it makes. Nothing is called: a test takes the webhook requests
from `hooks`.
"""

import hmac
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from callbox.connector import Signed
from tests.contracts.openapi import Contract
from tests.servers.standin import Answer, Call, StandIn, Violation, route

TOKEN = "EAAwhatsappSystemUserTokenForTestsOnly"
APP_SECRET = "whatsapp-app-secret-41d2"
PHONE, WABA, APP = "106540352242900", "102290129340300", "667788990011"
SHOWN = "+1 312-555-0100"
TEMPLATE = "about_your_question"
_CONTRACTS = Path(__file__).parent.parent / "contracts"


def refusal(status: int, code: int, message: str, subcode: int = 0) -> Answer:
    """An error as a Graph API words it."""
    error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "AbCd"}
    return Answer(status, {"error": error | ({"error_subcode": subcode} if subcode else {})})


class WhatsApp(StandIn):
    """One phone number. `window` is how long free words are taken after somebody wrote."""

    def __init__(self, hook_url: str = "https://callbox.example/hooks/a/whatsapp/") -> None:
        self.contract = Contract.load("whatsapp")
        self._names = json.loads((_CONTRACTS / "whatsapp.json").read_text())["webhooks"]
        self.sent: list[dict[str, Any]] = []
        self.files: dict[str, bytes] = {}
        self.heard: dict[str, datetime] = {}  # phone or id → when they last wrote
        self.hooks: list[Signed] = []
        self.hook_url = hook_url
        self.callback = ""
        self.blocking = {"13125550166"}
        self.dead = False
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self._made = 0
        super().__init__()

    # --- what its own description says ----------------------------------------------------------

    def check_request(self, call: Call) -> None:
        if not call.path.startswith("/files/"):
            self.contract.request(call)

    def check_answer(self, call: Call, answer: Answer) -> None:
        if not call.path.startswith("/files/"):
            self.contract.answer(call, answer.status, answer.body)

    def refuse_violation(self, call: Call, violation: Violation) -> Answer:
        return refusal(400, 100, str(violation))

    def check_hook(self, value: Mapping[str, Any]) -> None:
        """Raise Violation for a name that no webhook of Meta's has."""
        for one in value.get("messages", ()):
            self._known(one, self._names["messages"][one["type"]])
        for one in value.get("contacts", ()):
            self._known(one, self._names["contacts"])
        for one in value.get("statuses", ()):
            unknown = one.keys() - set(self._names["statuses"])
            if unknown:
                raise Violation(f"a report has no {unknown}")

    def _known(self, value: Mapping[str, Any], names: Sequence[str]) -> None:
        unknown = set(_paths(value)) - set(names)
        if unknown:
            raise Violation(f"a webhook has no {unknown}")

    # --- for tests: residents' phones ----------------------------------------------------------

    def write(
        self, phone: str, content: Mapping[str, Any], *, user_id: str = "", name: str = "Ana Ruiz"
    ) -> str:
        """Somebody sends a message. Its id. `phone` "" is somebody who hides their number."""
        self.heard[phone or user_id] = self.now()
        wamid = self._wamid()
        message = {"id": wamid, "timestamp": self._stamp(), **content}
        contact: dict[str, Any] = {"profile": {"name": name}}
        if phone:
            message["from"] = contact["wa_id"] = phone
        if user_id:
            message["from_user_id"] = contact["user_id"] = user_id
        self.tell({"contacts": [contact], "messages": [message]})
        return wamid

    def text(self, phone: str, body: str, **who: str) -> str:
        """Somebody writes words."""
        return self.write(phone, {"type": "text", "text": {"body": body}}, **who)

    def picture(self, phone: str, content: bytes, caption: str = "") -> str:
        """Somebody sends a picture."""
        media = self._kept(content)
        image = {"id": media, "mime_type": "image/jpeg", "sha256": "x", "caption": caption}
        return self.write(phone, {"type": "image", "image": image})

    def status(self, wamid: str, status: str, code: int | None = None) -> Signed:
        """How far a message of ours has come: the webhook request that says so."""
        self._report(wamid, status, code)
        return self.hooks.pop()

    def _report(self, wamid: str, status: str, code: int | None = None) -> None:
        one = next(one for one in self.sent if one["id"] == wamid)
        report: dict[str, Any] = {
            "id": wamid,
            "status": status,
            "timestamp": self._stamp(),
            "recipient_id": one["body"].get("to", ""),
        }
        if key := one["body"].get("biz_opaque_callback_data"):
            report["biz_opaque_callback_data"] = key
        if code is not None:
            report["errors"] = [{"code": code, "title": "It could not be delivered"}]
        self.tell({"statuses": [report]})

    def tell(self, *values: Mapping[str, Any], phone: str = PHONE) -> None:
        """A webhook request with these changes."""
        metadata = {"display_phone_number": SHOWN, "phone_number_id": phone}
        around = {"messaging_product": "whatsapp", "metadata": metadata}
        for value in values:
            self.check_hook(value)
        changes = [{"value": {**around, **value}, "field": "messages"} for value in values]
        body = {"object": "whatsapp_business_account", "entry": [{"id": WABA, "changes": changes}]}
        self.hooks.append(self.signed(json.dumps(body).encode()))

    def signed(self, body: bytes, secret: str = APP_SECRET) -> Signed:
        """A webhook request with a good signature."""
        digest = hmac.digest(secret.encode(), body, "sha256").hex()
        headers = {
            "content-type": "application/json",
            "x-hub-signature-256": f"sha256={digest}",
        }
        return Signed("POST", self.hook_url, headers, body)

    # --- endpoints --------------------------------------------------------------------------------

    @route("GET", "/{version}/{node}")
    def node(self, call: Call) -> Answer:
        if answer := self._locked(call):
            return answer
        node = call.parts["node"]
        if node == PHONE:
            shown = {"display_phone_number": SHOWN, "verified_name": "7th District"}
            return Answer(200, {"id": PHONE, **shown})
        if node not in self.files:
            return refusal(400, 100, "Unsupported get request.", 33)
        url = f"{self.url}/files/{node}"
        return Answer(200, {"id": node, "url": url, "mime_type": "image/jpeg"})

    @route("GET", "/files/{node}")
    def file(self, call: Call) -> Answer:
        return self._locked(call) or Answer(200, self.files[call.parts["node"]])

    @route("POST", "/{version}/{phone}/media")
    def upload(self, call: Call) -> Answer:
        if answer := self._locked(call):
            return answer
        return Answer(200, {"id": self._kept(call.body)})

    @route("POST", "/{version}/{phone}/messages")
    def send(self, call: Call) -> Answer:
        if answer := self._locked(call):
            return answer
        body = call.json()
        to = body.get("to") or body.get("recipient")
        heard = self.heard.get(to)
        late = heard is None or (self.now() - heard).total_seconds() > 24 * 3600
        if late and body["type"] != "template":
            return refusal(400, 131047, "Re-engagement message")
        if body["type"] == "template" and body["template"]["name"] != TEMPLATE:
            return refusal(404, 132001, "Template name does not exist in the translation")
        if body["type"] == "image" and body["image"]["id"] not in self.files:
            return refusal(400, 131053, "Media upload error")
        wamid = self._wamid()
        self.sent.append({"id": wamid, "body": body})
        self._report(wamid, "sent")
        contacts = [{"input": to, "wa_id": to}]
        made = {"messaging_product": "whatsapp", "contacts": contacts, "messages": [{"id": wamid}]}
        return Answer(200, made)

    @route("GET", "/{version}/{phone}/block_users")
    def blocked(self, call: Call) -> Answer:
        listed = [{"messaging_product": "whatsapp", "wa_id": one} for one in sorted(self.blocking)]
        return self._locked(call) or Answer(200, {"data": listed})

    @route("DELETE", "/{version}/{phone}/block_users")
    def unblock(self, call: Call) -> Answer:
        if answer := self._locked(call):
            return answer
        self.blocking -= {one["user"] for one in call.json()["block_users"]}
        return Answer(200, {"messaging_product": "whatsapp", "block_users": {"removed_users": []}})

    @route("GET", "/{version}/{waba}/subscribed_apps")
    def subscribed(self, call: Call) -> Answer:
        app = {"id": APP, "name": "Callbox"}
        if self.callback:
            app["override_callback_uri"] = self.callback
        return self._locked(call) or Answer(200, {"data": [app] if self.callback else []})

    @route("POST", "/{version}/{waba}/subscribed_apps")
    def subscribe(self, call: Call) -> Answer:
        if answer := self._locked(call):
            return answer
        self.callback = call.json()["override_callback_uri"]
        return Answer(200, {"success": True})

    # --- parts ------------------------------------------------------------------------------------

    def _locked(self, call: Call) -> Answer | None:
        """The refusal of a call that is not logged in."""
        if self.dead or call.token != TOKEN:
            return refusal(401, 190, "Error validating access token", 463)
        return None

    def _wamid(self) -> str:
        self._made += 1
        return f"wamid.HBgLMTMxMjU1NTAxNzcVAgASGBQ{self._made:08d}AA=="

    def _kept(self, content: bytes) -> str:
        self._made += 1
        media = f"{900000000000000 + self._made}"
        self.files[media] = content
        return media

    def _stamp(self) -> str:
        return str(int(self.now().timestamp()))


def _paths(value: Any, before: str = "") -> Iterator[str]:
    """The names in a value, each with those above it; lists do not count."""
    if isinstance(value, list):
        for one in value:
            yield from _paths(one, before)
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield from _paths(one, f"{before}.{name}".lstrip("."))
    else:
        yield before
