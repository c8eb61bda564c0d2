"""YouTube, as far as a department meets it: comments in threads, videos, Google's login, units.

Every request and every answer is checked against Google's discovery document (`tests/contracts`),
except the login pages and the bytes of an upload, which Google describes in prose only.
"""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import wraps
from itertools import count
from typing import Any, ClassVar
from urllib.parse import urlencode

from tests.contracts.youtube import Discovery
from tests.servers.standin import Answer, Call, StandIn, Violation, route

US = "UCdepartment000000000000"
ANA = "UCana0000000000000000000"
BEN = "UCben0000000000000000000"
NAMES = {US: "@PoliceDept", ANA: "@ana-lopez", BEN: "@ben.t"}
VIDEO = "dQdepartm01"
CLIENT, SECRET = "client-1.apps.googleusercontent.com", "GOCSPX-invented-secret"
CARRIED = 2  # replies that a thread brings along; the real number is not written anywhere


def error(status: int, reason: str, message: str = "") -> Answer:
    """An error as Google writes it."""
    one = {"message": message or reason, "domain": "youtube", "reason": reason}
    return Answer(status, {"error": {"code": status, "message": one["message"], "errors": [one]}})


QUOTA = error(403, "quotaExceeded", 'You have exceeded your <a href="/quota">quota</a>.')


@dataclass(slots=True)
class Comment:
    """One comment. `parent` is the id of its top comment, "" for a top comment itself."""

    id: str
    author: str | None
    text: str
    published: datetime
    updated: datetime
    video: str
    parent: str = ""
    status: str = "published"
    image: str = ""


@dataclass(slots=True)
class Film:
    """One video of ours."""

    id: str
    title: str
    description: str
    published: datetime
    status: dict[str, Any] = field(default_factory=lambda: {"privacyStatus": "public"})


@dataclass(slots=True)
class Session:
    """An upload on its way."""

    film: dict[str, Any]
    size: int
    got: bytearray = field(default_factory=bytearray)
    made: str = ""


Handler = Callable[[Any, Call], Answer]


def api(method: str, template: str) -> Callable[[Handler], Handler]:
    """An endpoint that asks for a token."""

    def mark(handler: Handler) -> Handler:
        @wraps(handler)
        def guarded(self: "YouTubeServer", call: Call) -> Answer:
            if call.token not in self.tokens:
                return error(401, "authError", "Invalid Credentials")
            return handler(self, call)

        return route(method, template)(guarded)

    return mark


class YouTubeServer(StandIn):
    """YouTube and Google's login on one address."""

    unknown: ClassVar[Answer] = error(404, "notFound")
    contract: ClassVar[Discovery] = Discovery()

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.now = now
        self.comments: dict[str, Comment] = {}
        self.films = {VIDEO: Film(VIDEO, "Road works on Main St", "What changes, and when.", now())}
        self.refresh_token = "1//invented-refresh"
        self.tokens: set[str] = {"ya29.first"}
        self.refreshes = 0
        self.codes: dict[str, str] = {}  # code → challenge
        self.uploads: dict[str, Session] = {}
        self.replies_off = False
        self.page = 100  # the most that a page holds; tests make it small
        self._numbers = count(1)
        super().__init__()

    # --- for tests ----------------------------------------------------------------------------

    def say(
        self,
        text: str,
        *,
        author: str | None = ANA,
        parent: str = "",
        status: str = "published",
        at: datetime | None = None,
        image: str = "",
    ) -> str:
        """Somebody comments. The new comment's id."""
        with self.lock:
            number = next(self._numbers)
            own = f"Ug{number:022d}AaABAg"
            at = at or self.now()
            one = Comment(
                f"{parent}.{own}" if parent else own,
                author, text, at, at, VIDEO, parent, status, image,
            )  # fmt: skip
            self.comments[one.id] = one
            return one.id

    def change(self, external_id: str, text: str) -> None:
        """Its author changes a comment."""
        with self.lock:
            one = self.comments[external_id]
            one.text, one.updated = text, max(self.now(), one.updated + timedelta(seconds=1))

    def remove(self, external_id: str) -> None:
        """Its author removes a comment, and with it whatever hangs under it."""
        with self.lock:
            for one in [c for c in self.comments if c.partition(".")[0] == external_id]:
                del self.comments[one]
            self.comments.pop(external_id, None)

    def end_tokens(self) -> None:
        """Every access token ends now; the login lives on."""
        with self.lock:
            self.tokens.clear()

    def revoke(self) -> None:
        """The department takes the login back at Google."""
        with self.lock:
            self.tokens.clear()
            self.refresh_token = ""

    # --- the description ----------------------------------------------------------------------

    def check_request(self, call: Call) -> None:
        if _is_described(call):
            self.contract.request(call)

    def check_answer(self, call: Call, answer: Answer) -> None:
        if _is_described(call) and answer.status < 300 and not call.path.startswith("/upload"):
            self.contract.answer(call, answer.body)

    # --- logging in ---------------------------------------------------------------------------

    @route("GET", "/o/oauth2/v2/auth")
    def ask(self, call: Call) -> Answer:
        query = call.query
        if query.get("code_challenge_method") != "S256" or query.get("access_type") != "offline":
            raise Violation("the login is not asked for with PKCE and offline access")
        if not set(query["scope"].split()) <= self.contract.scopes:
            raise Violation(f"no such permission: {query['scope']}")
        code = f"4/code-{next(self._numbers)}"
        self.codes[code] = query["code_challenge"]
        back = urlencode({"code": code, "state": query["state"], "scope": query["scope"]})
        return Answer(302, "", {"location": f"{query['redirect_uri']}?{back}"})

    @route("POST", "/token")
    def token(self, call: Call) -> Answer:
        form = call.form()
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return Answer(401, {"error": "invalid_client"})
        if form["grant_type"] == "authorization_code":
            return self._traded(form)
        if not self.refresh_token or form.get("refresh_token") != self.refresh_token:
            return Answer(400, {"error": "invalid_grant", "error_description": "Bad Request"})
        self.refreshes += 1
        return Answer(200, {**self._fresh(), "scope": " ".join(self._granted())})

    def _traded(self, form: dict[str, str]) -> Answer:
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if self.codes.pop(form["code"], None) != proof:
            return Answer(400, {"error": "invalid_grant"})
        scope = " ".join(self._granted())
        return Answer(200, {**self._fresh(), "refresh_token": self.refresh_token, "scope": scope})

    def _granted(self) -> list[str]:
        return [one for one in self.contract.scopes if one.endswith(("force-ssl", "upload"))]

    def _fresh(self) -> dict[str, Any]:
        token = f"ya29.{next(self._numbers)}"
        self.tokens.add(token)
        return {"access_token": token, "expires_in": 3599, "token_type": "Bearer"}

    @route("POST", "/revoke")
    def end(self, call: Call) -> Answer:
        if call.form().get("token") != self.refresh_token:
            return Answer(400, {"error": "invalid_token"})
        self.revoke()
        return Answer(200, {})

    # --- reading ------------------------------------------------------------------------------

    @api("GET", "/youtube/v3/channels")
    def channels(self, call: Call) -> Answer:
        about = {
            "snippet": {"title": "Police Department", "customUrl": "@policedept"},
            "contentDetails": {"relatedPlaylists": {"uploads": "UUdepartment000000000000"}},
        }
        mine = call.query.get("mine") == "true" or US in call.query.get("id", "").split(",")
        return _listing(call, [{"id": US, **about}] if mine else [])

    @api("GET", "/youtube/v3/commentThreads")
    def threads(self, call: Call) -> Answer:
        wanted = call.query.get("id")
        if wanted:
            if call.query.keys() & {"moderationStatus", "order", "maxResults", "pageToken"}:
                return error(400, "incompatibleParameters")
            tops = [self.comments[one] for one in wanted.split(",") if one in self.comments]
            tops = [one for one in tops if not one.parent and one.status == "published"]
            return _listing(call, [self._whole(one, status=False) for one in tops])
        if call.query.get("allThreadsRelatedToChannelId") != US:
            return error(404, "channelNotFound")
        status = call.query.get("moderationStatus", "published")
        tops = [one for one in self.comments.values() if not one.parent]
        found = [one for one in tops if self._stands_in(one, status)]
        found.sort(key=lambda one: one.published, reverse=True)
        return self._paged(call, [self._whole(one) for one in found])

    def _stands_in(self, top: Comment, status: str) -> bool:
        if status == "published":
            return top.status == "published"
        return any(one.status == status for one in (top, *self._under(top.id)))

    def _under(self, thread: str) -> list[Comment]:
        return [one for one in self.comments.values() if one.parent == thread]

    def _whole(self, top: Comment, *, status: bool = True) -> dict[str, Any]:
        replies = self._under(top.id)
        made: dict[str, Any] = {
            "kind": "youtube#commentThread",
            "id": top.id,
            "snippet": {
                "channelId": US,
                "videoId": top.video,
                "topLevelComment": _shown(top, status),
                "canReply": not self.replies_off,
                "totalReplyCount": len(replies),
                "isPublic": True,
            },
        }
        if replies:
            made["replies"] = {"comments": [_shown(one, status) for one in replies[-CARRIED:]]}
        return made

    @api("GET", "/youtube/v3/comments")
    def listed(self, call: Call) -> Answer:
        parent = call.query.get("parentId")
        if parent:
            if parent not in self.comments:
                return error(404, "commentNotFound", "The parent is not there.")
            replies = [one for one in self._under(parent) if one.status == "published"]
            return self._paged(call, [_shown(one, True) for one in replies])
        if call.query.keys() & {"maxResults", "pageToken"}:
            return error(400, "incompatibleParameters")
        ids = call.query["id"].split(",")
        found = [self.comments[one] for one in ids if one in self.comments]
        shown = [one for one in found if one.status == "published"]
        return _listing(call, [_shown(one, False) for one in shown])

    @api("GET", "/youtube/v3/videos")
    def videos(self, call: Call) -> Answer:
        found = [self.films[one] for one in call.query["id"].split(",") if one in self.films]
        return _listing(call, [_film(one) for one in found])

    @api("GET", "/youtube/v3/playlistItems")
    def items(self, call: Call) -> Answer:
        newest = sorted(self.films.values(), key=lambda one: one.published, reverse=True)
        return self._paged(call, [_item(one) for one in newest])

    def _paged(self, call: Call, found: list[dict[str, Any]]) -> Answer:
        token = call.query.get("pageToken", "")
        if token and not token.startswith("page-"):
            return error(400, "invalidPageToken")
        start = int(token.removeprefix("page-") or 0)
        size = min(int(call.query.get("maxResults", "20")), self.page)
        end = start + size
        answer = _listing(call, found[start:end])
        if end < len(found):
            answer.body["nextPageToken"] = f"page-{end}"
        return answer

    # --- comments -----------------------------------------------------------------------------

    @api("POST", "/youtube/v3/comments")
    def insert(self, call: Call) -> Answer:
        snippet = call.json()["snippet"]
        top = self.comments.get(snippet["parentId"])
        if top is None or top.parent:
            return error(404, "parentCommentNotFound")
        if self.replies_off:
            return error(403, "commentsDisabled")
        made = self.say(snippet["textOriginal"], author=US, parent=top.id)
        return Answer(200, _shown(self.comments[made], True))

    @api("PUT", "/youtube/v3/comments")
    def update(self, call: Call) -> Answer:
        body = call.json()
        one = self.comments.get(body["id"])
        if one is None:
            return error(404, "commentNotFound")
        if one.author != US:
            return error(403, "forbidden", "Only its author may change a comment.")
        self.change(one.id, body["snippet"]["textOriginal"])
        return Answer(200, _shown(one, True))

    @api("DELETE", "/youtube/v3/comments")
    def delete(self, call: Call) -> Answer:
        one = self.comments.get(call.query["id"])
        if one is None:
            return error(404, "commentNotFound")
        if one.author != US:
            return error(403, "forbidden", "Only its author may delete a comment.")
        self.remove(one.id)
        return Answer(204)

    @api("POST", "/youtube/v3/comments/setModerationStatus")
    def moderate(self, call: Call) -> Answer:
        one = self.comments.get(call.query["id"])
        if one is None:
            return error(404, "commentNotFound")
        if one.status == "rejected" and call.query["moderationStatus"] == "published":
            return error(400, "processingFailure")
        one.status = call.query["moderationStatus"]
        return Answer(204)

    # --- videos -------------------------------------------------------------------------------

    @route("POST", "/upload/youtube/v3/videos")
    def open_upload(self, call: Call) -> Answer:
        if call.token not in self.tokens:
            return error(401, "authError")
        size = int(call.headers["x-upload-content-length"])
        name = f"upload-{next(self._numbers)}"
        self.uploads[name] = Session(call.json(), size)
        where = f"{self.url}{call.path}?uploadType=resumable&upload_id={name}"
        return Answer(200, None, {"location": where})

    @route("PUT", "/upload/youtube/v3/videos")
    def take_part(self, call: Call) -> Answer:
        session = self.uploads.get(call.query["upload_id"])
        if session is None:
            return error(404, "notFound")
        span, _, size = call.headers["content-range"].removeprefix("bytes ").partition("/")
        if int(size) != session.size:
            raise Violation("the size of the upload has changed")
        if span != "*":
            self._take(session, int(span.partition("-")[0]), call.body)
        if session.size > len(session.got):
            got = {"range": f"bytes=0-{len(session.got) - 1}"} if session.got else {}
            return Answer(308, None, got)
        session.made = session.made or self._publish(session.film)
        return Answer(200, _film(self.films[session.made]))

    def _take(self, session: Session, start: int, body: bytes) -> None:
        if start > len(session.got):
            raise Violation("a part of the video was left out")
        last = start + len(body) >= session.size
        if not last and len(body) % (256 * 1024):
            raise Violation("a part is no multiple of 256 KiB")
        session.got[start:] = body

    def _publish(self, film: dict[str, Any]) -> str:
        name = f"vid{next(self._numbers):08d}"
        snippet, status = film["snippet"], film["status"]
        self.films[name] = Film(
            name, snippet["title"], snippet.get("description", ""), self.now(), dict(status)
        )
        return name

    @api("PUT", "/youtube/v3/videos")
    def change_video(self, call: Call) -> Answer:
        body = call.json()
        film = self.films.get(body["id"])
        if film is None:
            return error(404, "videoNotFound")
        if not body["snippet"].get("categoryId"):
            return error(400, "invalidCategoryId")
        film.title = body["snippet"]["title"]
        film.description = body["snippet"].get("description", "")
        return Answer(200, _film(film))

    @api("DELETE", "/youtube/v3/videos")
    def delete_video(self, call: Call) -> Answer:
        if self.films.pop(call.query["id"], None) is None:
            return error(404, "videoNotFound")
        return Answer(204)


def _is_described(call: Call) -> bool:
    """Whether the discovery document speaks of a call: not of logins, not of an upload's bytes."""
    if call.path.startswith("/youtube/"):
        return True
    return call.path.startswith("/upload/") and call.method == "POST"


def _listing(call: Call, items: list[dict[str, Any]]) -> Answer:
    what = call.path.rpartition("/")[2].removesuffix("s")
    parts = {"id", "kind", "etag", *call.query["part"].split(",")}
    kept = [{name: one[name] for name in one if name in parts} for one in items]
    body = {"kind": f"youtube#{what}ListResponse", "items": kept}
    return Answer(200, json.loads(json.dumps(body)))


def _shown(one: Comment, status: bool) -> dict[str, Any]:
    snippet: dict[str, Any] = {
        "channelId": US,
        "videoId": one.video,
        "textDisplay": one.text,
        "publishedAt": _time(one.published),
        "updatedAt": _time(one.updated),
        "canRate": True,
        "viewerRating": "none",
        "likeCount": 0,
    }
    if one.author:
        snippet["authorDisplayName"] = NAMES.get(one.author, "@somebody")
        snippet["authorChannelId"] = {"value": one.author}
        snippet["authorChannelUrl"] = f"http://www.youtube.com/{NAMES.get(one.author, '')}"
    if one.author == US:
        snippet["textOriginal"] = one.text
    if one.parent:
        snippet["parentId"] = one.parent
    if one.image:
        snippet["imageUrl"] = one.image
    if status:
        snippet["moderationStatus"] = one.status
    return {"kind": "youtube#comment", "id": one.id, "snippet": snippet}


def _film(one: Film) -> dict[str, Any]:
    picture = {"url": f"https://i.ytimg.com/vi/{one.id}/hqdefault.jpg", "width": 480, "height": 360}
    snippet = {
        "publishedAt": _time(one.published),
        "channelId": US,
        "channelTitle": "Police Department",
        "title": one.title,
        "description": one.description,
        "categoryId": "25",
        "thumbnails": {"high": picture},
    }
    status = {"uploadStatus": "processed", **one.status}
    return {"kind": "youtube#video", "id": one.id, "snippet": snippet, "status": status}


def _item(one: Film) -> dict[str, Any]:
    snippet = {
        "publishedAt": _time(one.published),
        "channelId": US,
        "title": one.title,
        "description": one.description,
        "resourceId": {"kind": "youtube#video", "videoId": one.id},
    }
    return {"kind": "youtube#playlistItem", "id": f"item-{one.id}", "snippet": snippet}


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
