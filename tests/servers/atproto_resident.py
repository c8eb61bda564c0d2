"""Somebody with an account on the test network: posts, answers, quotes, deletes.

Deliberately not built on the connector: what the connector reads was written by other code, and
what the connector wrote is read back by other code.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx

T = TypeVar("T")
Post = Mapping[str, Any]  # {"uri": ..., "cid": ..., "record": {...}}

POST = "app.bsky.feed.post"


@dataclass(frozen=True, slots=True)
class Credentials:
    """How to log in on the test network. `did` is the account's stable id."""

    handle: str
    password: str
    did: str


def until(check: Callable[[], T | None], seconds: float = 15.0) -> T:
    """The first truthy answer of `check`; AssertionError when none comes in time.

    The network is real: a post reaches the AppView a fraction of a second after the PDS has it.
    """
    end = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        assert time.monotonic() < end, f"nothing came within {seconds} s"
        time.sleep(0.1)


def client(base_url: str) -> httpx.Client:
    """HTTP to this machine: no proxy, and no certificates, which take long to read."""
    return httpx.Client(base_url=base_url, timeout=30, trust_env=False, verify=False)  # noqa: S501


class Resident:
    """A logged-in client. Times are now unless `created_at` (ISO 8601) says otherwise."""

    def __init__(self, service_url: str, credentials: Credentials) -> None:
        self.credentials = credentials
        self.did = credentials.did
        self.handle = credentials.handle
        self._client = client(service_url)
        session = self.call(
            "com.atproto.server.createSession",
            {"identifier": credentials.handle, "password": credentials.password},
        )
        self._client.headers["authorization"] = f"Bearer {session['accessJwt']}"

    def close(self) -> None:
        self._client.close()

    def post(
        self,
        text: str,
        *,
        mention: Credentials | None = None,
        reply_to: Post | None = None,
        quote: Post | None = None,
        embed: Mapping[str, Any] | None = None,
        langs: Sequence[str] = ("en",),
        created_at: str = "",
        **more: Any,
    ) -> Post:
        """Post; `mention` marks the first “@handle” of that account in the text."""
        record: dict[str, Any] = {
            "$type": POST,
            "text": text,
            "langs": list(langs),
            "createdAt": created_at or _now(),
            **more,
        }
        if mention is not None:
            record["facets"] = [_mention(text, mention)]
        if reply_to is not None:
            record["reply"] = _reply_to(reply_to)
        if quote is not None:
            record["embed"] = {"$type": "app.bsky.embed.record", "record": _ref(quote)}
        if embed is not None:
            record["embed"] = dict(embed)
        return self._create(POST, record)

    def like(self, post: Post) -> Post:
        """Like a post."""
        return self._react("app.bsky.feed.like", post)

    def repost(self, post: Post) -> Post:
        """Share a post."""
        return self._react("app.bsky.feed.repost", post)

    def delete(self, uri: str) -> None:
        """Delete a post, like or repost of ours."""
        _, _, repo, collection, key = uri.split("/")
        self.call(
            "com.atproto.repo.deleteRecord",
            {"repo": repo, "collection": collection, "rkey": key},
        )

    def change(self, post: Post, text: str) -> Post:
        """Overwrite the record of a post: as near to an edit as the protocol gets."""
        record = {**post["record"], "text": text}
        return self._put(post["uri"], record)

    def limit_replies(self, post: Post, allow: Sequence[Mapping[str, Any]] = ()) -> Post:
        """Let only some (by default nobody) answer a post of ours."""
        uri = str(post["uri"]).replace(POST, "app.bsky.feed.threadgate")
        return self._put(
            uri,
            {
                "$type": "app.bsky.feed.threadgate",
                "post": post["uri"],
                "allow": list(allow),
                "createdAt": _now(),
            },
        )

    def upload(self, content: bytes, mime: str) -> Mapping[str, Any]:
        """Upload a file; returns the blob to put into an embed."""
        answer = self._client.post(
            "/xrpc/com.atproto.repo.uploadBlob", content=content, headers={"content-type": mime}
        )
        answer.raise_for_status()
        blob: Mapping[str, Any] = answer.json()["blob"]
        return blob

    def thread(self, uri: str) -> Mapping[str, Any]:
        """The thread around a post, as this resident sees it."""
        found: Mapping[str, Any] = self.read("app.bsky.feed.getPostThread", uri=uri)
        return found

    def sees(self, uri: str) -> Mapping[str, Any] | None:
        """A post as this resident sees it, or None."""
        posts: list[Mapping[str, Any]] = self.read("app.bsky.feed.getPosts", uris=uri)["posts"]
        return posts[0] if posts else None

    def notifications(self) -> Sequence[Mapping[str, Any]]:
        """What this resident has been notified of, newest first."""
        found: Sequence[Mapping[str, Any]] = self.read("app.bsky.notification.listNotifications")[
            "notifications"
        ]
        return found

    def read(self, method: str, **params: str | int) -> Any:
        """Any query of the protocol."""
        answer = self._client.get(f"/xrpc/{method}", params=params)
        answer.raise_for_status()
        return answer.json()

    def call(self, method: str, body: Mapping[str, Any]) -> Any:
        """Any procedure of the protocol."""
        answer = self._client.post(f"/xrpc/{method}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def _react(self, collection: str, post: Post) -> Post:
        return self._create(
            collection, {"$type": collection, "subject": _ref(post), "createdAt": _now()}
        )

    def _create(self, collection: str, record: Mapping[str, Any]) -> Post:
        answer = self.call(
            "com.atproto.repo.createRecord",
            {"repo": self.did, "collection": collection, "record": record},
        )
        return {"uri": answer["uri"], "cid": answer["cid"], "record": record}

    def _put(self, uri: str, record: Mapping[str, Any]) -> Post:
        _, _, repo, collection, key = uri.split("/")
        answer = self.call(
            "com.atproto.repo.putRecord",
            {"repo": repo, "collection": collection, "rkey": key, "record": record},
        )
        return {"uri": answer["uri"], "cid": answer["cid"], "record": record}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _ref(post: Post) -> dict[str, str]:
    return {"uri": post["uri"], "cid": post["cid"]}


def _reply_to(parent: Post) -> dict[str, Any]:
    above = parent.get("record", {}).get("reply")
    return {"root": above["root"] if above else _ref(parent), "parent": _ref(parent)}


def _mention(text: str, whom: Credentials) -> dict[str, Any]:
    start = text.index(f"@{whom.handle}")
    before = len(text[:start].encode())
    return {
        "index": {"byteStart": before, "byteEnd": before + len(f"@{whom.handle}".encode())},
        "features": [{"$type": "app.bsky.richtext.facet#mention", "did": whom.did}],
    }
