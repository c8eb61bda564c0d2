"""A stand-in for the Threads API, checked against the official collection.

State is in plain dictionaries: `posts` (ours and other people's) and `containers`. What people do
outside Callbox is a method (`reply`, `mention`…) that also queues the webhook.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from tests.contracts.threads import Operations
from tests.servers.graph import GraphStandIn, fault_answer, gone, iso, newest_first
from tests.servers.standin import Answer, Call, Violation, route

PROFILE, HANDLE, TOKEN = (
    "25000000000000001",
    "harbor_pd",
    "THAA-token-of-harbor-police-0123456789-abcdefghij",
)
ANA = "ana.lopez"
DAYS_60 = int(timedelta(days=60).total_seconds())
_OPEN = ("oauth", "access_token", "refresh_access_token")
_POLL = {"option_a", "option_b", "option_c", "option_d"}


class ThreadsStandIn(GraphStandIn):
    """One app and one profile."""

    version: ClassVar[str] = "v1.0"
    wants_proof: ClassVar[bool] = False

    def __init__(self) -> None:
        # Half a minute slow, so that what is said a second later is not said in the future.
        self.clock = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=30)
        self.operations = Operations()
        self._numbers = count(18000000000000001)
        self.posts: dict[str, dict[str, Any]] = {}
        self.containers: dict[str, dict[str, Any]] = {}
        self.polls_until_ready = 0  # how often a new container answers IN_PROGRESS
        self.lost = 0  # how many containers are not found when they are to be published
        self.unreachable: set[str] = set()  # media addresses that cannot be fetched
        self.used = {"posts": 0, "replies": 0}
        self.codes: dict[str, str] = {}
        self.issued = 0
        super().__init__()
        self.tokens |= {TOKEN: PROFILE}

    # --- what people do -------------------------------------------------------------------------

    def tick(self, seconds: int = 1) -> datetime:
        """Time goes on."""
        self.clock += timedelta(seconds=seconds)
        return self.clock

    def post(self, text: str, by: str = HANDLE, under: str = "", **more: Any) -> str:
        """Somebody posts, or answers a post. Its id."""
        number = str(next(self._numbers))
        above = self.posts.get(under, {})
        root = above.get("root_post", {}).get("id") or under
        self.posts[number] = {
            "id": number,
            "text": text,
            "timestamp": iso(self.tick()),
            "username": by,
            "permalink": f"https://www.threads.net/@{by}/post/{number}",
            "media_type": "TEXT_POST",
            "hide_status": "NOT_HUSHED",
            "is_reply": bool(under),
            **({"root_post": {"id": root}, "replied_to": {"id": under}} if under else {}),
            **more,
        }
        return number

    def reply(self, text: str, under: str, by: str = ANA) -> str:
        """Somebody answers, and we are told if it is in our thread."""
        number = self.post(text, by, under)
        root = self.posts[self.posts[number]["root_post"]["id"]]
        if root["username"] == HANDLE:
            place = {"id": root["id"], "owner_id": PROFILE, "username": HANDLE}
            self.push_change("moderate", "replies", {**self._told(number), "root_post": place})
        return number

    def mention(self, text: str, under: str = "", by: str = ANA) -> str:
        """Somebody names us."""
        number = self.post(text, by, under, mentions=True)
        self.push_change("interaction", "mentions", self._told(number))
        return number

    def take_down(self, number: str) -> None:
        """A post goes away; we are told of our own."""
        if self.posts.pop(number)["username"] == HANDLE:
            value = {"id": number, "deleted_at": iso(self.tick())}
            self.push_change("moderate", "delete", value)

    def _told(self, number: str) -> dict[str, Any]:
        names = ("id", "username", "text", "media_type", "permalink", "replied_to", "timestamp")
        return {name: self.posts[number][name] for name in names if name in self.posts[number]}

    def push_change(self, topic: str, field: str, value: Mapping[str, Any]) -> None:
        """A webhook, in the envelope that only Threads has."""
        body = {
            "app_id": self.app_id, "topic": topic, "target_id": PROFILE,
            "time": int(self.clock.timestamp()), "subscription_id": "7700",
            "values": {"field": field, "value": value},
        }  # fmt: skip
        self.pushes.append(json.dumps(body).encode())

    def ours(self) -> list[str]:
        """Texts of ours that stand, oldest first; the first post of all is the city's own."""
        mine = [one for one in self.posts.values() if "made" in one]
        return [one["text"] for one in sorted(mine, key=lambda one: str(one["timestamp"]))]

    # --- checks ---------------------------------------------------------------------------------

    def node_of(self, external_id: str) -> str:
        return "post" if external_id in self.posts else ""

    def _sent(self, call: Call) -> dict[str, str]:
        return {**call.query, **(call.form() if call.body else {})}

    def check_request(self, call: Call) -> None:
        parts = self._parts(call)
        if "access_token" in call.query:
            raise Violation("a token stands in the address")
        if parts[0] not in _OPEN and call.path.split("/")[1] != self.version:
            raise Violation(f"the version is not {self.version}")
        self.operations.check(call.method, "/".join(parts), self._sent(call))

    def check_answer(self, call: Call, answer: Answer) -> None:
        if answer.status == 200:
            path = "/".join(self._parts(call))
            self.operations.check_answer(call.method, path, answer.body)

    def asked(self, call: Call, default: str = "id") -> dict[str, Any]:
        fields = call.query.get("fields", default)
        found = re.findall(r"(\w+)(?:\{([^}]*)\})?", fields)
        return {
            name: {one: {} for one in below.split(",")} if below else {} for name, below in found
        }

    # --- reading --------------------------------------------------------------------------------

    @route("GET", "/{v}/me")
    def me_itself(self, call: Call) -> Answer:
        me = {"id": PROFILE, "username": HANDLE, "name": "Harbor Police"}
        return Answer(200, self.shown(me, self.asked(call)))

    @route("GET", "/{v}/{id}")
    def one(self, call: Call) -> Answer:
        number = call.parts["id"]
        if number in self.containers:
            return self._container(call, self.containers[number])
        if number not in self.posts:
            return gone(number)
        return Answer(200, self.shown(self._whole(number), self.asked(call)))

    def _whole(self, number: str) -> dict[str, Any]:
        one = self.posts[number]
        below = any(p.get("replied_to", {}).get("id") == number for p in self.posts.values())
        mine = one["username"] == HANDLE
        return {**one, "has_replies": below, "is_reply_owned_by_me": mine and one["is_reply"]}

    @route("GET", "/{v}/me/threads")
    def my_posts(self, call: Call) -> Answer:
        return self._mine(call, replies=False)

    @route("GET", "/{v}/me/replies")
    def my_replies(self, call: Call) -> Answer:
        return self._mine(call, replies=True)

    def _mine(self, call: Call, *, replies: bool) -> Answer:
        mine = [
            self._whole(number)
            for number, one in self.posts.items()
            if one["username"] == HANDLE and one["is_reply"] is replies
        ]
        return self.paged(newest_first(mine, "timestamp"), call)

    @route("GET", "/{v}/me/mentions")
    def my_mentions(self, call: Call) -> Answer:
        found = [self._whole(one["id"]) for one in self.posts.values() if one.get("mentions")]
        return self.paged(newest_first(found, "timestamp"), call)

    @route("GET", "/{v}/{id}/conversation")
    def conversation(self, call: Call) -> Answer:
        if call.parts["id"] not in self.posts:
            return gone(call.parts["id"])
        found = newest_first(self._under(call.parts["id"]), "timestamp")
        if call.query.get("reverse") == "false":
            found.reverse()
        return self.paged(found, call)

    def _under(self, number: str) -> list[dict[str, Any]]:
        """Everything under a post, however deep."""
        found: list[dict[str, Any]] = []
        for one in self.posts.values():
            if one.get("replied_to", {}).get("id") == number:
                found += [self._whole(one["id"]), *self._under(one["id"])]
        return found

    # --- publishing -----------------------------------------------------------------------------

    @route("GET", "/{v}/me/threads_publishing_limit")
    def limit(self, call: Call) -> Answer:
        whole = {
            "quota_usage": self.used["posts"], "config": {"quota_total": 250},
            "reply_quota_usage": self.used["replies"], "reply_config": {"quota_total": 1000},
        }  # fmt: skip
        return Answer(200, {"data": [self.shown(whole, self.asked(call))]})

    @route("POST", "/{v}/me/threads")
    def prepare(self, call: Call) -> Answer:
        sent = self._sent(call)
        problem = self._wrong(sent)
        if problem:
            return fault_answer(100, problem)
        number = str(next(self._numbers))
        state = "IN_PROGRESS" if self.polls_until_ready else "FINISHED"
        left = self.polls_until_ready
        self.containers[number] = {"id": number, "status": state, "sent": sent, "left": left}
        if {sent.get("image_url"), sent.get("video_url")} & self.unreachable:
            failed = {"status": "ERROR", "error_message": "FAILED_DOWNLOADING_VIDEO"}
            self.containers[number] |= failed
        return Answer(200, {"id": number})

    def _wrong(self, sent: Mapping[str, str]) -> str:
        """Why the network would not take these parameters."""
        kind, poll = sent.get("media_type"), json.loads(sent.get("poll_attachment") or "{}")
        children = sent.get("children", "").split(",") if kind == "CAROUSEL" else []
        under = sent.get("reply_to_id", "")
        rules: Sequence[tuple[bool, str]] = (
            (kind not in ("TEXT", "IMAGE", "VIDEO", "CAROUSEL"), "media_type"),
            (kind == "TEXT" and not sent.get("text"), "text"),
            (kind == "IMAGE" and not sent.get("image_url"), "image_url"),
            (kind == "VIDEO" and not sent.get("video_url"), "video_url"),
            (kind == "CAROUSEL" and not 2 <= len(children) <= 20, "children"),
            (not all(self.containers[one]["status"] == "FINISHED" for one in children), "ready"),
            (bool(set(poll) - _POLL) or len(poll) == 1, "poll_attachment"),
            (bool(poll) and kind != "TEXT", "poll_attachment"),
            (bool(under) and under not in self.posts, "reply_to_id"),
        )
        return next((f"Invalid parameter: {name}" for wrong, name in rules if wrong), "")

    def _container(self, call: Call, one: dict[str, Any]) -> Answer:
        shown = self.shown({k: v for k, v in one.items() if k != "left"}, self.asked(call))
        if one.get("status") == "IN_PROGRESS":
            one["left"] -= 1
            one["status"] = "FINISHED" if one["left"] <= 0 else "IN_PROGRESS"
        return Answer(200, shown)

    @route("POST", "/{v}/me/threads_publish")
    def publish(self, call: Call) -> Answer:
        number = self._sent(call)["creation_id"]
        one = self.containers.get(number)
        if one is None or self.lost > 0:
            self.lost -= 1
            return fault_answer(24, "The requested resource does not exist", 4279009)
        if one.get("status") != "FINISHED":
            return fault_answer(9007, "Media ID is not available", 2207027)
        under = one["sent"].get("reply_to_id", "")
        post = self.post(one["sent"].get("text", ""), under=under, made=one["sent"])
        self.push_change("interaction", "publish", self._told(post))
        del one["status"]  # only what is not published has one
        self.used["replies" if under else "posts"] += 1
        return Answer(200, {"id": post})

    # --- changing -------------------------------------------------------------------------------

    @route("POST", "/{v}/{id}/manage_reply")
    def manage(self, call: Call) -> Answer:
        one = self.posts.get(call.parts["id"])
        if one is None:
            return gone(call.parts["id"])
        if one["replied_to"] != one["root_post"]:
            return fault_answer(100, "Only top-level replies can be hidden")
        status = "HIDDEN" if self._sent(call)["hide"] == "true" else "UNHUSHED"
        for below in (one, *(self.posts[each["id"]] for each in self._under(one["id"]))):
            below["hide_status"] = status
        return Answer(200, {"success": True})

    @route("DELETE", "/{v}/{id}")
    def delete(self, call: Call) -> Answer:
        if call.parts["id"] not in self.posts:
            return gone(call.parts["id"])
        self.take_down(call.parts["id"])
        return Answer(200, {"success": True, "deleted_id": call.parts["id"]})

    # --- logins ---------------------------------------------------------------------------------

    def approve(self, address: str) -> dict[str, str]:
        """A member lets us in at this address of the network's: what comes back to us."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.issued += 1
        self.codes[f"code-{self.issued}"] = asked["redirect_uri"]
        return {"code": f"code-{self.issued}#_", "state": asked["state"]}

    def _token(self) -> str:
        self.issued += 1
        token = f"threads-token-{self.issued}"
        self.tokens[token] = PROFILE
        return token

    @route("POST", "/oauth/access_token")
    def code(self, call: Call) -> Answer:
        form = call.form()
        good = form.get("client_secret") == self.app_secret
        if not good or self.codes.pop(form.get("code", ""), None) != form.get("redirect_uri"):
            return fault_answer(100, "This authorization code has been used.")
        return Answer(200, {"access_token": self._token(), "user_id": PROFILE})

    @route("GET", "/access_token")
    def lengthen(self, call: Call) -> Answer:
        return self._longer(call)

    @route("GET", "/refresh_access_token")
    def refresh(self, call: Call) -> Answer:
        return self._longer(call)

    def _longer(self, call: Call) -> Answer:
        if call.token in self.dead or call.token not in self.tokens:
            return fault_answer(190, "Session has expired", 463)
        answer = {"access_token": self._token(), "token_type": "bearer", "expires_in": DAYS_60}
        return Answer(200, answer)
