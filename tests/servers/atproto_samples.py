"""Captures the samples of the Bluesky connector anew from a real network.

    python -m tests.servers.atproto_samples

Each file is `{"kind": kind of raw, "body": what the network gave}`. The kinds “thread” and “error”
are answers to other calls. People and addresses differ at every run; what the files are about does
not, so commit them only when the protocol has changed.
"""

import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from callbox.connector import AccountSeen, ConnectorError
from callbox.networks.bluesky.connector import Bluesky
from callbox.vocabulary import Outgoing
from tests.servers.atproto import Credentials, Network, Resident, atproto_network, client, until

FOLDER = Path(__file__).resolve().parents[2] / "src/callbox/networks/bluesky/samples"
Sample = tuple[str, str, Any]  # file name, kind, body


def capture() -> Iterator[Sample]:
    """Everything that the samples show, done by invented people on a network of their own."""
    with atproto_network() as network:
        department = network.create_account("harborpolice")
        account = AccountSeen(
            "1",
            department.did,
            department.handle,
            {"service": network.service_url, "identifier": department.handle},
            {"password": department.password},
        )
        with (
            closing(network.resident("marisol")) as marisol,
            closing(network.resident("theo-park")) as theo,
            closing(Bluesky(account)) as ours,
        ):
            yield from _heard(ours, department, marisol, theo)
            yield from _refused(network, department)


def _heard(ours: Bluesky, us: Credentials, marisol: Resident, theo: Resident) -> Iterator[Sample]:
    """Notifications, a thread, an edit and a deletion."""
    ear = _Ear(ours)
    mention = marisol.post(
        f"👋🏽 @{us.handle} the light at Pier 4 is out https://pier4.example/lights… again",
        mention=us,
    )
    yield "mention.json", *ear.next()
    when = mention["record"]["createdAt"]
    receipt = ours.publish(_outgoing("sample-post", when, "Harbor Road opens at noon. #Traffic"))
    post = dict(receipt.refs["self"])
    until(lambda: marisol.sees(post["uri"]))
    picture = {"$type": "app.bsky.embed.images", "images": [_picture(theo)]}
    reply = theo.post(
        "Is this sign right? هل هذا صحيح؟", reply_to=post, embed=picture, langs=["ar"]
    )
    yield "reply_image.json", *ear.next()
    theo.post("Good to know", quote=post)
    yield "quote.json", *ear.next()
    marisol.like(post)
    yield "like.json", *ear.next()
    marisol.repost(post)
    yield "repost.json", *ear.next()
    card = {"uri": "https://news.example/harbor", "title": "Harbor news", "description": "Noon."}
    external = {"$type": "app.bsky.embed.external", "external": card}
    marisol.post(f"@{us.handle} see this", mention=us, embed=external)
    yield "mention_card.json", *ear.next()
    media = {
        "$type": "app.bsky.embed.recordWithMedia",
        "record": {"record": post},
        "media": picture,
    }
    theo.post("Both", embed=media)
    yield "quote_with_image.json", *ear.next()
    marisol.post("Thanks!", reply_to=reply)
    yield "reply_deep.json", *ear.next()
    yield "thread.json", "thread", marisol.thread(post["uri"])
    marisol.change(mention, f"@{us.handle} the light at Pier 4 works again")
    yield "changed.json", *ear.next()
    marisol.delete(mention["uri"])
    yield "gone.json", *ear.next()


def _refused(network: Network, department: Credentials) -> Iterator[Sample]:
    """Errors, as answers of the server."""
    post = {"repo": department.did, "collection": "app.bsky.feed.post"}
    login = {"identifier": department.handle, "password": "wrong"}
    nobody = {"authorization": "Bearer nonsense"}
    calls: dict[str, Callable[[httpx.Client], httpx.Response]] = {
        "error_wrong_password.json": lambda http: http.post(
            _at("server.createSession"), json=login
        ),
        "error_token.json": lambda http: http.post(_at("repo.createRecord"), headers=nobody),
        "error_no_token.json": lambda http: http.get(_at("server.getSession")),
        "error_no_record.json": lambda http: http.get(
            _at("repo.getRecord"), params={**post, "rkey": "3l6oveex3ii2l"}
        ),
        "error_unknown_method.json": lambda http: http.get(_at("repo.sing")),
    }
    with client(network.service_url) as http:
        for name, call in calls.items():
            answer = call(http)
            yield name, "error", {"status": answer.status_code, "answer": answer.json()}


class _Ear:
    """Polls until something new comes."""

    def __init__(self, ours: Bluesky) -> None:
        self.ours = ours
        self.cursor: Mapping[str, Any] = {}

    def next(self) -> tuple[str, Any]:
        return until(self._poll)[0]

    def _poll(self) -> list[tuple[str, Any]]:
        try:
            page = self.ours.fetch(self.cursor)
        except ConnectorError:
            return []
        self.cursor = page.cursor
        return [(raw.kind, raw.json()) for raw in page.items]


def _picture(resident: Resident) -> Mapping[str, Any]:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(file, "PNG")
    blob = resident.upload(file.getvalue(), "image/png")
    size = {"width": 40, "height": 30}
    return {"image": blob, "alt": "A teal road sign: “Open 12–18”", "aspectRatio": size}


def _outgoing(key: str, when: str, text: str) -> Outgoing:
    return Outgoing(key, datetime.fromisoformat(when), text, language="en")


def _at(method: str) -> str:
    return f"/xrpc/com.atproto.{method}"


def main() -> None:
    """Write every sample."""
    FOLDER.mkdir(exist_ok=True)
    for name, kind, body in capture():
        text = json.dumps({"kind": kind, "body": body}, ensure_ascii=False, indent=1)
        text = re.sub(r"localhost:\d+", "localhost", text)
        (FOLDER / name).write_text(f"{text}\n")


if __name__ == "__main__":
    main()
