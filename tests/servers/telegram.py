"""A stand-in for Telegram: one bot, its private chats, one group, one channel and its discussion.

Every call, answer and update is held against Telegram's own description
(`tests/contracts/telegram.json`). Updates wait to be asked for, or, when a webhook is set, become
the requests that Telegram would make, for a test to take from `hooks`.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from callbox.connector import Signed
from tests.contracts.telegram import BotApi, params_of
from tests.servers.standin import Answer, Call, StandIn, Violation, route

TOKEN = "7000001:AAtelegram-bot-token-for-tests-only"
BOT = {
    "id": 7000001,
    "is_bot": True,
    "first_name": "District 7",
    "username": "district7_bot",
}
ANA = {"id": 501, "is_bot": False, "first_name": "Ana", "last_name": "Ruiz", "username": "ana_r"}
GROUP = {"id": -1001700000001, "type": "supergroup", "title": "Our block"}
CHANNEL = {"id": -1001800000001, "type": "channel", "title": "7th District", "username": "d7news"}
TALK = {"id": -1001900000001, "type": "supergroup", "title": "7th District: talk"}


def refusal(status: int, description: str, **parameters: Any) -> Answer:
    """An error as Telegram words it."""
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    return Answer(status, body | ({"parameters": parameters} if parameters else {}))


class Telegram(StandIn):
    """Telegram, as far as one bot sees it."""

    unknown = refusal(404, "Not Found")

    def __init__(self) -> None:
        self.api = BotApi()
        self.messages: list[dict[str, Any]] = []  # everything said, oldest first
        self.updates: list[dict[str, Any]] = []  # not yet confirmed
        self.hooks: list[Signed] = []
        self.hook: dict[str, Any] = {}
        self.reactions: dict[tuple[int, int], Any] = {}
        self.files = {"photo-1": b"\xff\xd8jpeg"}
        self.met: set[int] = set()  # who has begun a private chat
        self.blocking: set[int] = set()
        self.dead = False
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self._update, self._message = 8000, 0
        super().__init__()

    # --- what its own description says ----------------------------------------------------------

    def check_request(self, call: Call) -> None:
        if "/file/" in call.path:
            return
        params, files = params_of(call)
        self.api.request(call.path.rsplit("/", 1)[-1], {**params, **_named_files(call, files)})

    def check_answer(self, call: Call, answer: Answer) -> None:
        if isinstance(answer.body, dict) and answer.body.get("ok") is True:
            self.api.answer(call.path.rsplit("/", 1)[-1], answer.body["result"])

    def refuse_violation(self, call: Call, violation: Violation) -> Answer:
        return refusal(400, f"Bad Request: {violation}")

    # --- for tests: people ------------------------------------------------------------------------

    def private(self, text: str = "", who: Mapping[str, Any] = ANA, **more: Any) -> str:
        """Somebody writes to the bot. The message's id, as our reader has it."""
        self.met.add(who["id"])
        chat = {"id": who["id"], "type": "private", "first_name": who["first_name"]}
        return self.write(chat, who, text, **more)

    def in_group(
        self, text: str, to: str = "", chat: Mapping[str, Any] = GROUP, **more: Any
    ) -> str:
        """Ana writes in a group: naming the bot where the text does, answering `to` if given."""
        if to:
            more["reply_to_message"] = _stripped(self.find(to))
        return self.write(chat, ANA, text, entities=mentions(text), **more)

    def copy_of(self, post_id: str) -> str:
        """Our reader's id of the copy of a channel's post in the discussion."""
        chat_id, _, number = post_id.rpartition(":")
        return next(
            _id(one)
            for one in self.messages
            if one.get("is_automatic_forward")
            and str(one["forward_origin"]["chat"]["id"]) == chat_id
            and str(one["forward_origin"]["message_id"]) == number
        )

    def _copy(self, post: Mapping[str, Any]) -> None:
        """Telegram copies a post of the channel into the discussion, in the channel's name."""
        made = self._made(TALK, {"id": 777000, "is_bot": False, "first_name": "Telegram"}, "")
        made |= {name: post[name] for name in ("text", "caption", "photo", "video") if name in post}
        origin = {"type": "channel", "chat": dict(CHANNEL), "message_id": post["message_id"]}
        made |= {
            "sender_chat": dict(CHANNEL),
            "is_automatic_forward": True,
            "forward_origin": {**origin, "date": post["date"]},
        }
        self.tell("message", made)

    def write(
        self, chat: Mapping[str, Any], who: Mapping[str, Any] | None, text: str, **more: Any
    ) -> str:
        """A message of somebody's, and the update that tells of it."""
        message = self._made(chat, who, text)
        message |= {name: value for name, value in more.items() if value}
        self.tell("channel_post" if chat["type"] == "channel" else "message", message)
        return f"{message['chat']['id']}:{message['message_id']}"

    def edit(self, external_id: str, text: str) -> None:
        """Its author changes a message."""
        message = self.find(external_id)
        message |= {"text": text, "edit_date": int(self.now().timestamp()) + 1}
        self.tell("edited_message", message)

    def tell(self, kind: str, value: Mapping[str, Any]) -> None:
        """An update: waiting to be asked for, or a webhook request."""
        self._update += 1
        update = {"update_id": self._update, kind: json.loads(json.dumps(value))}
        self.api.update(update)
        if self.hook:
            headers = {"x-telegram-bot-api-secret-token": self.hook.get("secret_token", "")}
            body = json.dumps(update).encode()
            self.hooks.append(Signed("POST", self.hook["url"], headers, body))
        else:
            self.updates.append(update)

    def find(self, external_id: str) -> dict[str, Any]:
        """A message as it stands now."""
        return next(one for one in self.messages if _id(one) == external_id)

    @property
    def sent(self) -> list[dict[str, Any]]:
        """What the bot has said and not taken back, oldest first."""
        return [one for one in self.messages if one.get("from", {}).get("id") == BOT["id"]]

    def say(
        self, chat_id: Any, text: str, answers: Mapping[str, Any] | None = None, **more: Any
    ) -> dict[str, Any]:
        """The bot says something, whoever asked for it."""
        message = self._made(self._chat(chat_id), BOT, text)
        if answers:
            parent = self._there(message["chat"]["id"], answers["message_id"])
            if parent:
                message["reply_to_message"] = _stripped(parent)
        message |= more
        if message["chat"]["id"] == CHANNEL["id"]:
            self._copy(message)
        return message

    # --- endpoints --------------------------------------------------------------------------------

    @route("POST", "/{bot}/{method}")
    def method(self, call: Call) -> Answer:
        if call.parts["bot"] != f"bot{TOKEN}" or self.dead:
            return refusal(401, "Unauthorized")
        params, files = params_of(call)
        handler = getattr(self, f"_{call.parts['method']}")
        answer: Answer = handler(params, files)
        return answer

    @route("GET", "/file/{bot}/photos/{name}")
    def file(self, call: Call) -> Answer:
        if call.parts["bot"] != f"bot{TOKEN}":
            return refusal(401, "Unauthorized")
        return Answer(200, self.files[call.parts["name"].partition(".")[0]])

    def _getMe(self, params: Any, files: Any) -> Answer:  # noqa: N802  # Telegram's own names
        return _good(BOT)

    def _getUpdates(self, params: Any, files: Any) -> Answer:  # noqa: N802
        if self.hook:
            words = "can't use getUpdates method while webhook is active; use deleteWebhook first"
            return refusal(409, f"Conflict: {words}")
        offset = params.get("offset", 0)
        if offset > 0:
            self.updates = [one for one in self.updates if one["update_id"] >= offset]
        return _good(self.updates[: params.get("limit", 100)])

    def _setWebhook(self, params: Any, files: Any) -> Answer:  # noqa: N802
        self.hook = dict(params)
        return _good(True)

    def _deleteWebhook(self, params: Any, files: Any) -> Answer:  # noqa: N802
        self.hook = {}
        return _good(True)

    def _getWebhookInfo(self, params: Any, files: Any) -> Answer:  # noqa: N802
        info = {
            "url": self.hook.get("url", ""),
            "has_custom_certificate": False,
            "pending_update_count": len(self.updates),
        }
        if self.hook.get("allowed_updates"):
            info["allowed_updates"] = self.hook["allowed_updates"]
        return _good(info)

    def _getFile(self, params: Any, files: Any) -> Answer:  # noqa: N802
        known = params["file_id"]
        if known not in self.files:
            return refusal(400, "Bad Request: file is too big")
        return _good({"file_id": known, "file_unique_id": "u1", "file_path": f"photos/{known}.jpg"})

    def _sendMessage(self, params: Any, files: Any) -> Answer:  # noqa: N802
        if not 0 < len(params["text"]) <= 4096:
            return refusal(400, "Bad Request: message is too long")
        return self._send(params, params["text"])

    def _sendPhoto(self, params: Any, files: Any) -> Answer:  # noqa: N802
        photo = {"file_id": "sent-1", "file_unique_id": "s1", "width": 9, "height": 9}
        return self._send(params, "", caption=params.get("caption", ""), photo=[photo])

    def _sendVideo(self, params: Any, files: Any) -> Answer:  # noqa: N802
        video = {"file_id": "v-1", "file_unique_id": "v1", "width": 9, "height": 9, "duration": 3}
        return self._send(params, "", caption=params.get("caption", ""), video=video)

    def _sendMediaGroup(self, params: Any, files: Any) -> Answer:  # noqa: N802
        named = {f"attach://{name}" for name in files}
        if {one["media"] for one in params["media"]} != named:
            return refusal(400, "Bad Request: wrong file identifier")
        made = [self._send(params, "", caption=one.get("caption", "")) for one in params["media"]]
        return _good([answer.body["result"] for answer in made])

    def _editMessageText(self, params: Any, files: Any) -> Answer:  # noqa: N802
        return self._change(params, "text")

    def _editMessageCaption(self, params: Any, files: Any) -> Answer:  # noqa: N802
        return self._change(params, "caption")

    def _deleteMessage(self, params: Any, files: Any) -> Answer:  # noqa: N802
        found = self._there(params["chat_id"], params["message_id"])
        if found is None:
            return refusal(400, "Bad Request: message to delete not found")
        if self.now().timestamp() - found["date"] > 48 * 3600:
            return refusal(400, "Bad Request: message can't be deleted for everyone")
        self.messages.remove(found)
        return _good(True)

    def _setMessageReaction(self, params: Any, files: Any) -> Answer:  # noqa: N802
        if self._there(params["chat_id"], params["message_id"]) is None:
            return refusal(400, "Bad Request: message to react not found")
        self.reactions[params["chat_id"], params["message_id"]] = params["reaction"]
        return _good(True)

    # --- parts ------------------------------------------------------------------------------------

    def _send(self, params: Mapping[str, Any], text: str, **more: Any) -> Answer:
        chat_id = params["chat_id"]
        if chat_id in self.blocking:
            return refusal(403, "Forbidden: bot was blocked by the user")
        if isinstance(chat_id, int) and chat_id > 0 and chat_id not in self.met:
            return refusal(403, "Forbidden: bot can't initiate conversation with a user")
        answers = params.get("reply_parameters")
        there = answers and self._there(chat_id, answers["message_id"])
        if answers and not there and not answers.get("allow_sending_without_reply"):
            return refusal(400, "Bad Request: message to be replied not found")
        return _good(self.say(chat_id, text, answers, **more))

    def _change(self, params: Mapping[str, Any], what: str) -> Answer:
        found = self._there(params["chat_id"], params["message_id"])
        if found is None:
            return refusal(400, "Bad Request: message to edit not found")
        if what not in found:
            return refusal(400, f"Bad Request: there is no {what} in the message to edit")
        if found[what] == params[what]:
            return refusal(400, "Bad Request: message is not modified: the same content")
        found[what] = params[what]
        return _good(found)

    def _there(self, chat_id: Any, number: int) -> dict[str, Any] | None:
        return next((one for one in self.messages if _id(one) == f"{chat_id}:{number}"), None)

    def _chat(self, chat_id: Any) -> Mapping[str, Any]:
        known = {one["id"]: one for one in (GROUP, CHANNEL, TALK)} | {"@d7news": CHANNEL}
        return known.get(chat_id) or {"id": chat_id, "type": "private", "first_name": "Ana"}

    def _made(self, chat: Mapping[str, Any], who: Mapping[str, Any] | None, text: str) -> Any:
        self._message += 1
        message: dict[str, Any] = {
            "message_id": self._message,
            "date": int(self.now().timestamp()),
            "chat": dict(chat),
        }
        if who:
            message["from"] = dict(who)
        if text:
            message["text"] = text
        self.messages.append(message)
        return message


def mentions(text: str) -> list[dict[str, Any]]:
    """Where a text names the bot, as Telegram marks it (in UTF-16 units)."""
    name = f"@{BOT['username']}"
    at = text.find(name)
    if at < 0:
        return []
    before = len(text[:at].encode("utf-16-le")) // 2
    return [{"type": "mention", "offset": before, "length": len(name)}]


def _named_files(call: Call, files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """Files that are parameters. An album's are only named by one of its parameters."""
    return {} if call.path.endswith("sendMediaGroup") else files


def _good(result: Any) -> Answer:
    return Answer(200, {"ok": True, "result": json.loads(json.dumps(result))})


def _id(message: Mapping[str, Any]) -> str:
    return f"{message['chat']['id']}:{message['message_id']}"


def _stripped(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message as another one quotes it: without what it answered itself."""
    return {name: value for name, value in message.items() if name != "reply_to_message"}
