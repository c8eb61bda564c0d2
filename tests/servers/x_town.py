"""What is on the stand-in for X: people, posts, messages, tokens, and how they are shown."""

import hmac
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.servers.standin import Call, StandIn

US, ANA, BEN = "111", "222", "333"
_EPOCH_MS = 1288834974657


@dataclass(slots=True)
class Post:
    """One post. `versions` are the ids that it has had, the last one is its own."""

    id: str
    author: str
    text: str
    at: datetime
    conversation: str
    parent: str = ""
    quoted: str = ""
    media: list[str] = field(default_factory=list)
    poll: Mapping[str, Any] | None = None
    versions: list[str] = field(default_factory=list)
    hidden: bool = False


@dataclass(slots=True)
class Dm:
    """One direct message."""

    id: str
    sender: str
    to: str
    text: str
    at: datetime
    media: list[str] = field(default_factory=list)

    @property
    def exchange(self) -> str:
        return "-".join(sorted((self.sender, self.to), key=int))


class Town(StandIn):
    """The state of X. `spelling` is "post" or "tweet", `plan` "self-serve" or "enterprise"."""

    client = ("client-id", "client-secret-abc")
    consumer_secret = "consumer-secret-xyz"
    app_token = "app-bearer-token-123"

    def __init__(
        self,
        spelling: str = "post",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        plan: str = "self-serve",
    ) -> None:
        self.word = spelling
        self.clock = clock
        self.plan = plan
        self.people = {
            US: {"id": US, "username": "district5", "name": "District 5"},
            ANA: {"id": ANA, "username": "ana_p", "name": "Ana"},
            BEN: {"id": BEN, "username": "ben_q", "name": "Ben"},
        }
        self.posts: dict[str, Post] = {}
        self.dms: list[Dm] = []
        self.media: dict[str, dict[str, Any]] = {}
        self.mentions_reach = 1_000_000  # how many mentions it lists; X itself: 800
        self.slow_checks = 1  # how often a video is asked about before it is ready
        self.tokens: dict[str, datetime] = {}
        self.refresh: set[str] = set()
        self.codes: dict[str, str] = {}
        self.renewals = 0
        self.webhooks: dict[str, dict[str, Any]] = {}
        self.subscriptions: list[dict[str, Any]] = []
        self.replays: list[Mapping[str, Any]] = []
        self.to_push: list[dict[str, Any]] = []
        self._made = 0
        super().__init__()

    # --- what residents and tests do -------------------------------------------------------------

    def new_id(self, at: datetime | None = None) -> str:
        """The next id, of now or of another time."""
        ms = int((at or self.clock()).timestamp() * 1000) - _EPOCH_MS
        self._made += 1
        return str((ms << 22) + self._made % 2**22)

    def say(
        self,
        author: str,
        text: str,
        *,
        parent: str = "",
        quoted: str = "",
        at: datetime | None = None,
        **kwargs: Any,
    ) -> Post:
        """Somebody posts, now or at another time."""
        with self.lock:
            at = at or self.clock()
            number = self.new_id(at)
            above = self.posts.get(parent)
            root = above.conversation if above else number
            post = Post(number, author, text, at, root, parent, quoted, **kwargs)
            post.versions = [number]
            self.posts[number] = post
            self._told(post)
            return post

    def edit(self, external_id: str, text: str, at: datetime | None = None) -> Post:
        """A post gets a new version with a new id; the old one still answers to its id."""
        with self.lock:
            old = self.posts[external_id]
            at = at or self.clock()
            number = self.new_id(at)
            versions = [*old.versions, number]
            new = Post(number, old.author, text, at, old.conversation, old.parent, old.quoted)
            self.posts[number] = new
            for one in versions:
                self.posts[one].versions = versions
            return new

    def remove(self, external_id: str) -> None:
        """A post is deleted, with all its versions."""
        with self.lock:
            post = self.posts[external_id]
            for one in post.versions:
                self.posts.pop(one, None)
            if post.author == US:
                self._push("post.delete", {"id": external_id, "author_id": US}, {})

    def write(self, sender: str, to: str, text: str) -> Dm:
        """Somebody sends a direct message."""
        with self.lock:
            dm = Dm(self.new_id(), sender, to, text, self.clock())
            self.dms.append(dm)
            self._told_dm(dm)
            return dm

    def chat(self, sender: str) -> None:
        """Somebody sends an encrypted message: nothing of it shows in the API."""
        number = self.new_id()
        payload = {
            "id": f"chat-{number}",
            "sender_id": sender,
            "conversation_id": f"{sender}:{US}",
            "created_at_msec": str(int(self.clock().timestamp() * 1000)),
            "encoded_event": "CwAB",
        }
        self._push("chat.received", payload, {})

    def signed(self, body: bytes) -> str:
        """X's signature over a body."""
        digest = hmac.new(self.consumer_secret.encode(), body, "sha256").digest()
        return "sha256=" + b64encode(digest).decode()

    def log_in(self) -> dict[str, Any]:
        """Tokens as a login gives them."""
        with self.lock:
            return self._new_tokens()

    def end_logins(self) -> None:
        """All tokens are over, for good."""
        with self.lock:
            self.tokens.clear()
            self.refresh.clear()

    def expire(self) -> None:
        """Access tokens are over; refresh tokens still work."""
        with self.lock:
            self.tokens.clear()

    def said_by_us(self) -> list[str]:
        """Texts of ours that stand now, oldest first."""
        with self.lock:
            newest = [p for p in self.posts.values() if p.author == US and p.id == p.versions[-1]]
            said = [(int(p.versions[0]), p.text) for p in newest]
            said += [(int(one.id), one.text) for one in self.dms if one.sender == US]
            return [text for _, text in sorted(said)]

    # --- pushing --------------------------------------------------------------------------------

    def _told(self, post: Post) -> None:
        parent, quoted = self.posts.get(post.parent), self.posts.get(post.quoted)
        if post.author == US:
            return
        kinds = []
        if parent is not None and parent.author == US:
            kinds.append("post.reply.create")
        elif self._mentions(post, US):
            kinds.append("post.mention.create")
        if quoted is not None and quoted.author == US:
            kinds.append("post.quote.create")
        for kind in kinds:
            users = [self.people[post.author], self.people[US]]
            self._push(kind, self._full(post), {"users": users})

    def _full(self, post: Post) -> dict[str, Any]:
        """A post as webhooks show it: all of it, in the older spelling."""
        return {
            "id": post.id,
            "text": post.text,
            "author_id": post.author,
            "conversation_id": post.conversation,
            "created_at": iso(post.at),
            "edit_history_tweet_ids": post.versions,
            "entities": self._entities(post),
            "lang": "en",
        } | ({"referenced_tweets": self._references(post)} if self._references(post) else {})

    def _told_dm(self, dm: Dm) -> None:
        message = {
            "type": "message_create",
            "id": dm.id,
            "created_timestamp": str(int(dm.at.timestamp() * 1000)),
            "message_create": {
                "target": {"recipient_id": dm.to},
                "sender_id": dm.sender,
                "message_data": {"text": dm.text, "entities": {"urls": []}},
            },
        }
        users = {one: {"data": self.people[one]} for one in (dm.sender, dm.to)}
        kind = "dm.sent" if dm.sender == US else "dm.received"
        self._push(kind, {"direct_message_events": [message], "users": users}, {})

    def _push(self, kind: str, payload: Mapping[str, Any], includes: Mapping[str, Any]) -> None:
        event = {
            "event_uuid": self.new_id(),
            "filter": {"user_id": US},
            "event_type": kind,
            "tag": "callbox",
            "payload": payload,
        }
        self.to_push.append({"data": event | ({"includes": includes} if includes else {})})

    # --- showing ----------------------------------------------------------------------------------

    def _listed(self, call: Call, found: Sequence[Post]) -> dict[str, Any]:
        asked = set(call.query.get(f"{self.word}.fields", "").split(","))
        expanded = set(call.query.get("expansions", "").split(","))
        body: dict[str, Any] = {}
        if found:
            body["data"] = [self._shown(p, asked, expanded) for p in found]
        includes = self._includes(found, asked, expanded)
        return body | ({"includes": includes} if includes else {})

    def _shown(self, post: Post, asked: set[str], expanded: set[str]) -> dict[str, Any]:
        referenced, history = f"referenced_{self.word}s", f"edit_history_{self.word}_ids"
        everything: dict[str, Any] = {
            "created_at": iso(post.at),
            "conversation_id": post.conversation,
            "author_id": post.author,
            "lang": "en",
            "entities": self._entities(post),
            history: post.versions,
            "public_metrics": self._metrics(post),
        }
        if self._references(post):
            everything[referenced] = self._references(post)
        parent = self.posts.get(post.parent)
        if parent is not None:
            everything["in_reply_to_user_id"] = parent.author
        if post.media:
            everything["attachments"] = {"media_keys": [f"3_{one}" for one in post.media]}
        wanted = asked | {one.removesuffix(".id") for one in expanded}
        if self.word == "tweet":
            wanted = asked | {history}  # it always comes
        shown = {name: value for name, value in everything.items() if name in wanted}
        return {"id": post.id, "text": post.text} | shown

    def _includes(
        self, found: Sequence[Post], asked: set[str], expanded: set[str]
    ) -> dict[str, Any]:
        beside = [self.posts[r["id"]] for p in found for r in self._references(p)]
        includes: dict[str, Any] = {}
        if f"referenced_{self.word}s" in {one.removesuffix(".id") for one in expanded} and beside:
            includes[f"{self.word}s"] = [self._shown(p, asked, expanded) for p in beside]
        if "author_id" in expanded and found:
            authors = {p.author for p in [*found, *beside]}
            includes["users"] = [self.people[one] for one in sorted(authors)]
        media = [one for p in found for one in p.media]
        if "attachments.media_keys" in expanded and media:
            includes["media"] = [self._media_shown(one) for one in media]
        return includes

    def _media_shown(self, number: str) -> dict[str, Any]:
        known = self.media.get(number, {})
        url = f"https://pbs.example/{number}.jpg"
        shown = {"media_key": f"3_{number}", "type": "photo", "url": url}
        return shown | ({"alt_text": known["alt"]} if known.get("alt") else {})

    def _references(self, post: Post) -> list[dict[str, str]]:
        found = [("replied_to", post.parent), ("quoted", post.quoted)]
        return [{"type": kind, "id": one} for kind, one in found if one and one in self.posts]

    def _mentions(self, post: Post, person: str) -> bool:
        return f"@{self.people[person]['username']}" in post.text

    def _entities(self, post: Post) -> dict[str, Any]:
        found = []
        for person in self.people.values():
            at = post.text.find(f"@{person['username']}")
            if at >= 0:
                end = at + len(person["username"]) + 1
                found.append(
                    {"start": at, "end": end, "username": person["username"], "id": person["id"]}
                )
        return {"mentions": found} if found else {}

    def _metrics(self, post: Post) -> dict[str, int]:
        under = [p for p in self._standing() if p.parent in post.versions]
        quoting = [p for p in self._standing() if p.quoted in post.versions]
        shared = "repost_count" if self.word == "post" else "retweet_count"
        zero = dict.fromkeys((shared, "like_count", "impression_count"), 0)
        return {"reply_count": len(under), "quote_count": len(quoting), "bookmark_count": 0, **zero}

    def _new_tokens(self) -> dict[str, Any]:
        access, refresh = f"access-{self.new_id()}", f"refresh-{self.new_id()}"
        self.tokens[access] = self.clock() + timedelta(hours=2)
        self.refresh.add(refresh)
        return {
            "token_type": "bearer",
            "expires_in": 7200,
            "access_token": access,
            "refresh_token": refresh,
            "scope": "tweet.read offline.access",
        }

    def _dm_shown(self, dm: Dm) -> dict[str, Any]:
        return {
            "id": dm.id,
            "event_type": "MessageCreate",
            "text": dm.text,
            "sender_id": dm.sender,
            "dm_conversation_id": dm.exchange,
            "created_at": iso(dm.at),
        }


def iso(at: datetime) -> str:
    """A time as X writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
