"""Nextdoor's Publish API for one agency, as far as it is known (`tests/contracts/nextdoor.json`).

What its pages leave open is a switch here, so that tests can have it both ways: whether comments
say who wrote them, whether they stand inside one another, what answering a comment answers.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any, ClassVar
from urllib.parse import urlencode

from tests.contracts.openapi import Contract
from tests.servers.standin import Answer, Call, StandIn, Violation, route

AGENCY, US, ANA, BEN = "900", "7001", "8001", "8002"
CLIENT, SECRET = "agency-client", "nd-invented-secret"
BASE = "/external/api/partner/v1"
TOKEN = "nd-token-1"
AREAS = [
    {"name": "Oak Park", "group_id": 11, "geometry_id": 1, "type": "boundary"},
    {"name": "Riverside", "group_id": 12, "geometry_id": 2, "type": "boundary"},
    {"name": "Old Town", "group_id": 13, "geometry_id": 3, "type": "boundary"},
]


@dataclass(slots=True)
class Comment:
    id: int
    author: str
    text: str
    at: datetime
    parent: int = 0


@dataclass(slots=True)
class Post:
    id: str
    text: str
    at: datetime
    sent: dict[str, Any] = field(default_factory=dict)
    comments: list[Comment] = field(default_factory=list)


class NextdoorServer(StandIn):
    """Nextdoor, its login, and one agency."""

    unknown: ClassVar[Answer] = Answer(404, {"detail": "Not found."})
    contract: ClassVar[Contract] = Contract.load("nextdoor")

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.now = now
        self.posts = [Post("first-post", "Coffee with your officers on Sunday.", now())]
        self.tokens = {TOKEN}
        self.codes: set[str] = set()
        self.names = True  # whether comments say who wrote them
        self.inside = False  # whether comments stand inside one another
        self.says_id = False  # whether answering a comment answers its id
        self.agency = True
        self.paged = False  # whether areas come in pages
        self.refresh_token = ""
        self._numbers = count(1)
        super().__init__()

    # --- for tests ----------------------------------------------------------------------------

    def say(
        self, text: str, *, author: str = ANA, parent: int = 0, post: str = "", at: Any = None
    ) -> str:
        """Somebody comments. `Said.external_id` of it."""
        with self.lock:
            under = self.post(post) if post else self.posts[0]
            made = Comment(next(self._numbers), author, text, at or self.now(), parent)
            under.comments.append(made)
            return f"{under.id}/{made.id}"

    def post(self, wanted: str) -> Post:
        """One post."""
        return next(one for one in self.posts if one.id == wanted)

    def comment(self, external_id: str) -> Comment:
        """One comment."""
        post, _, own = external_id.partition("/")
        return next(one for one in self.post(post).comments if one.id == int(own))

    def remove(self, external_id: str) -> None:
        """Its author removes a comment."""
        with self.lock:
            gone = self.comment(external_id)
            under = self.post(external_id.partition("/")[0])
            under.comments = [one for one in under.comments if gone.id not in (one.id, one.parent)]

    # --- the description ----------------------------------------------------------------------

    def check_request(self, call: Call) -> None:
        if call.path.startswith(BASE):
            self.contract.request(call)

    def check_answer(self, call: Call, answer: Answer) -> None:
        if call.path.startswith(BASE):
            self.contract.answer(call, answer.status, answer.body)

    # --- logging in ---------------------------------------------------------------------------

    @route("GET", "/v3/authorize")
    def ask(self, call: Call) -> Answer:
        if "post:write" not in call.query["scope"].split() or "state" not in call.query:
            raise Violation("the login is not asked for as its page says")
        code = f"code-{next(self._numbers)}"
        self.codes.add(code)
        back = urlencode({"code": code, "state": call.query["state"]})
        return Answer(302, "", {"location": f"{call.query['redirect_uri']}?{back}"})

    @route("POST", "/v2/token")
    def token(self, call: Call) -> Answer:
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if call.headers.get("authorization") != f"Basic {basic}":
            return Answer(401, {"error": "invalid_client"})
        form = call.form()
        known = form.get("code") in self.codes
        if form["grant_type"] == "refresh_token":
            known = bool(self.refresh_token) and form["refresh_token"] == self.refresh_token
        if not known:
            return Answer(400, {"error": "invalid_grant"})
        self.codes.discard(form.get("code", ""))
        token = f"nd-token-{next(self._numbers) + 1}"
        self.tokens.add(token)
        made = {"access_token": token, "expires_in": 31_536_000, "token_type": "Bearer"}
        return Answer(200, made | ({"refresh_token": self.refresh_token} if form else {}))

    # --- the API ------------------------------------------------------------------------------

    def _refused(self, call: Call) -> Answer | None:
        if call.token in self.tokens:
            return None
        return Answer(401, {"detail": "Authentication credentials were not provided."})

    @route("GET", f"{BASE}/me")
    def me(self, call: Call) -> Answer:
        refused = self._refused(call)
        if refused:
            return refused
        about = {"id": US, "first_name": "Dana", "last_name": "Diaz"}
        agency = {
            "agency_id": AGENCY,
            "agency_name": "Police Department",
            "agency_url_at_nextdoor": "https://nextdoor.com/agency/police-department",
        }
        return Answer(200, about | (agency if self.agency else {}))

    @route("GET", f"{BASE}/agency/boundary")
    def areas(self, call: Call) -> Answer:
        refused = self._refused(call)
        if refused or not self.paged:
            return refused or Answer(200, AREAS)
        start = int(call.query.get("after", "0"))
        end = start + 2
        more = end < len(AREAS)
        cursor = str(end) if more else None
        page = {"result": AREAS[start:end], "cursor": cursor, "has_next_page": more}
        return Answer(200, page)

    @route("POST", f"{BASE}/post/create")
    def publish(self, call: Call) -> Answer:
        refused = self._refused(call)
        if refused:
            return refused
        body = call.json()
        if len(body["body_text"].encode()) > 8192:
            return Answer(400, {"detail": "body_text is too long."})
        made = Post(f"post-{next(self._numbers)}", body["body_text"], self.now(), body)
        self.posts.insert(0, made)
        link = f"https://nextdoor.com/p/{made.id}"
        return Answer(200, {"result": "success", "share_link": link})

    @route("GET", f"{BASE}/post")
    def listed(self, call: Call) -> Answer:
        refused = self._refused(call)
        if refused:
            return refused
        shown = [self._shown(one) for one in self.posts[:50]]
        return Answer(200, {"posts": shown, "posts_length": len(shown)})

    def _shown(self, post: Post) -> dict[str, Any]:
        return {
            "id": f"internal_{post.id}",
            "author_id": int(US),
            "body": post.text,
            "url": f"https://nextdoor.com/p/{post.id}?utm_source=share",
            "creation_date_epoch_seconds": int(post.at.timestamp()),
            "comments": self._comments(post, 0) if self.inside else self._flat(post),
        }

    def _flat(self, post: Post) -> list[dict[str, Any]]:
        return [self._one(one) for one in post.comments]

    def _comments(self, post: Post, above: int) -> list[dict[str, Any]]:
        return [
            {**self._one(one, said=False), "comments": self._comments(post, one.id)}
            for one in post.comments
            if one.parent == above
        ]

    def _one(self, one: Comment, *, said: bool = True) -> dict[str, Any]:
        made: dict[str, Any] = {
            "id": one.id,
            "body": one.text,
            "creation_date_epoch_seconds": int(one.at.timestamp()),
        }
        if said:
            made["parent_comment_id"] = one.parent
        if self.names:
            made["author"] = {
                "id": one.author,
                "name": {ANA: "Ana L.", BEN: "Ben T."}.get(one.author, ""),
            }
        return made

    @route("POST", f"{BASE}/post")
    def change(self, call: Call) -> Answer:
        refused = self._refused(call)
        if refused:
            return refused
        body = call.json()
        found = [one for one in self.posts if one.id == body["id"]]
        if not found:
            return Answer(404, {"detail": "Not found."})
        found[0].text = body["body_text"]
        return Answer(200, {"result": "success"})

    @route("DELETE", f"{BASE}/post")
    def delete(self, call: Call) -> Answer:
        refused = self._refused(call)
        if refused:
            return refused
        left = [one for one in self.posts if one.id != call.query["id"]]
        gone, self.posts = len(left) < len(self.posts), left
        if not gone:
            return Answer(404, {"detail": "Not found."})
        return Answer(200, {"message": "Post deleted successfully"})

    @route("POST", f"{BASE}/comment")
    def answer_comment(self, call: Call) -> Answer:
        refused = self._refused(call)
        if refused:
            return refused
        body = call.json()
        found = [one for one in self.posts if one.id == body["id"]]
        if not found:
            return Answer(404, {"detail": "Not found."})
        parent = int(body.get("parent_comment_id", 0))
        made = self.say(body["body_text"], author=US, parent=parent, post=body["id"])
        own = {"comment_id": int(made.partition("/")[2])} if self.says_id else {}
        return Answer(200, {"result": "success", **own})

    def _comment(self, wanted: str) -> tuple[Post, Comment] | None:
        pairs = ((post, one) for post in self.posts for one in post.comments)
        return next(((post, one) for post, one in pairs if str(one.id) == wanted), None)

    @route("PUT", f"{BASE}/comment")
    def change_comment(self, call: Call) -> Answer:
        refused = self._refused(call)
        found = self._comment(call.json()["id"])
        if refused or found is None:
            return refused or Answer(404, {"detail": "Not found."})
        if found[1].author != US:
            return Answer(403, {"detail": "Only its author may do that."})
        found[1].text = call.json()["body_text"]
        return Answer(200, {"result": "success"})

    @route("DELETE", f"{BASE}/comment")
    def delete_comment(self, call: Call) -> Answer:
        refused = self._refused(call)
        found = self._comment(call.query["id"])
        if refused or found is None:
            return refused or Answer(404, {"detail": "Not found."})
        if found[1].author != US:
            return Answer(403, {"detail": "Only its author may do that."})
        found[0].comments.remove(found[1])
        return Answer(200, {"result": "success"})
