"""Small builders, and a server of few words for what the real one cannot be made to do."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from callbox.connector import AccountSeen, Raw
from callbox.networks.mastodon.connector import Mastodon
from callbox.vocabulary import Addressed, AuthorSeen, Lane, Media, Outgoing, ReplyTo

SAMPLES = Path(__file__).parents[1] / "samples"
SERVER = "https://social.example"
US = "109300000000000001"
NOW = datetime(2026, 11, 20, 19, 0, tzinfo=UTC)
MADE = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)

Json = dict[str, Any]
Answer = Callable[[httpx.Request], httpx.Response]


def sample(name: str) -> Raw:
    """A raw of `samples/`."""
    held = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    return Raw(held["kind"], json.dumps(held["body"]).encode())


def status_of(name: str) -> Json:
    """The status inside a sample."""
    body = json.loads(sample(name).body)
    found: Json = body["status"] if "status" in body else body["notification"]["status"]
    return found


def account(external_id: str = US, handle: str = "dept@social.example") -> AccountSeen:
    return AccountSeen("1", external_id, handle, {"server": SERVER}, {"token": "the-token"})


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


class FakeServer:
    """Answers by method and path, from the last rule that fits; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []
        self._rules: list[tuple[str, str, list[httpx.Response] | Answer]] = []

    def on(self, method: str, path: str, *answers: httpx.Response | Exception | Answer) -> None:
        """Give these answers one after the other, the last one again and again."""
        if len(answers) == 1 and callable(answers[0]):
            self._rules.insert(0, (method, path, answers[0]))
        else:
            self._rules.insert(0, (method, path, list(answers)))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        for method, path, answers in self._rules:
            if (request.method, request.url.path) == (method, path):
                return self._answer(answers, request)
        return said(404, "Record not found")

    @staticmethod
    def _answer(answers: list[httpx.Response] | Answer, request: httpx.Request) -> httpx.Response:
        if callable(answers):
            return answers(request)
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    def paths(self, method: str = "GET") -> list[str]:
        return [request.url.path for request in self.asked if request.method == method]

    def connector(self, clock: Callable[[], datetime] | None = None, **kwargs: Any) -> Mastodon:
        transport = httpx.MockTransport(self)
        return Mastodon(
            kwargs.pop("account", account()),
            now=clock or Clock(),
            transport=transport,
            sleep=lambda _seconds: None,
        )


def ok(body: Any, status: int = 200, **headers: str) -> httpx.Response:
    return httpx.Response(
        status, json=body, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


def said(status: int, words: str, **headers: str) -> httpx.Response:
    """A refusal in the API's own words."""
    return ok({"error": words}, status, **headers)


def page_of_html(status: int) -> httpx.Response:
    """What a proxy answers when the server is not there."""
    return httpx.Response(status, html="<html><title>Error</title></html>")


def status(external_id: str, text: str = "hello", **fields: Any) -> Json:
    """A status as a server shows it; ours with `account={"id": US}`."""
    return {
        "id": external_id,
        "created_at": "2026-11-20T18:30:05.000Z",
        "account": {"id": "777", "acct": "ana", "url": f"{SERVER}/@ana"},
        "content": f"<p>{text}</p>",
        "visibility": "public",
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "mentions": [],
        "url": f"{SERVER}/@ana/{external_id}",
    } | fields


def mention(number: int, **fields: Any) -> Json:
    """A notification with an id that only the server can order."""
    return {
        "id": f"n{number:05d}x",
        "type": "mention",
        "created_at": f"2026-11-20T18:{number // 60 % 60:02d}:{number % 60:02d}.000Z",
        "account": {"id": "777"},
        "status": status(f"s{number}", mentions=[{"id": US}], **fields),
    }


def answer_to(
    parent: str = "s1",
    text: str = "Thank you.",
    *,
    key: str = "key-1",
    lane: Lane = Lane.PUBLIC,
    acct: str = "ana",
    visibility: str = "public",
    media: tuple[Media, ...] = (),
    **fields: Any,
) -> Outgoing:
    """An answer to Ana."""
    author = AuthorSeen("777", "ana@social.example" if acct == "ana" else acct)
    refs = {"id": parent, "acct": acct, "visibility": visibility}
    reply_to = ReplyTo(parent, parent, author, refs, Addressed.MENTION)
    return Outgoing(key, MADE, text, lane, reply_to=reply_to, media=media, **fields)


def picture(alt: str = "A street lamp", content: bytes = b"png") -> Media:
    return Media(content, "image/png", alt)


def walk(body: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a JSON value that can be replaced: its container and key."""
    pairs = body.items() if isinstance(body, dict) else enumerate(body)
    for key, value in pairs:
        yield body, key
        if isinstance(value, dict | list):
            yield from walk(value)
