"""A Page on Facebook: posts, comments, mentions, reviews, Messenger, webhooks, logins.

What residents do (`comment`, `visit`, `mention`, `review`, `write`, ...) is pushed to our webhook
like the network does, and shows in its lists. Posts that we upload in parts, schedule or delete
behave as the documentation says; the clock is the test's (`clock`).
"""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.servers.graph import GraphStandIn, fault_answer, gone, iso, newest_first
from tests.servers.standin import Answer, Call, Violation, route

PAGE = "1001"
PAGE_TOKEN = "EAAPageTokenOfRiversidePoliceDepartment0001"
MEMBER_TOKEN = "EAAMemberTokenThatLivesSixtyDays0000000002"
SHORT_TOKEN = "EAAMemberTokenThatLivesOneHour000000000003"
MEMBER = "9001"
ANA = {"id": "77001", "name": "Ana Ruiz"}
_CHUNK = 4096  # bytes of a video that are asked for at a time

Json = dict[str, Any]


class Facebook(GraphStandIn):
    """One Page and the people around it."""

    def __init__(self, clock: Callable[[], datetime] | None = None) -> None:
        super().__init__()
        self.clock = clock or (lambda: datetime.now(UTC))
        self.name = "Riverside Police Department"
        self.tokens |= {PAGE_TOKEN: PAGE, MEMBER_TOKEN: MEMBER}
        self.objects: dict[str, Json] = {}  # everything that has an id, with its "_kind"
        self.ratings: list[Json] = []
        self.ratings_ended = True  # as in v22 and later
        self.banned: dict[str, str] = {"77009": "Somebody Blocked"}
        self.tasks = ["MODERATE", "CREATE_CONTENT", "MESSAGING", "ADVERTISE", "ANALYZE"]
        self.declined: list[str] = []
        self.codes: dict[str, Json] = {}
        self.app_subscription: Json = {}
        self.page_subscription: list[str] | None = None
        self.uploads: dict[str, Json] = {}
        self.sent_bodies: list[Json] = []  # of POST /messages
        self.from_shown = True  # without approved access nobody is told who wrote
        self._last = 5000

    # --- what residents do ----------------------------------------------------------------------

    def post(self, message: str, **more: Any) -> str:
        """The Page says something (by hand, or an old post)."""
        return self._new_post({"id": PAGE, "name": self.name}, message, **more)

    def visit(self, message: str, who: Mapping[str, str] = ANA) -> str:
        """Somebody writes on the Page."""
        post_id = self._new_post(dict(who), message)
        self._change("feed", {"item": "status", "verb": "add", **self._told(post_id)})
        return post_id

    def mention(self, message: str, who: Mapping[str, str] = ANA) -> str:
        """Somebody names the Page in a post of their own."""
        post_id = f"{who['id']}_{self._next()}"
        self._keep(post_id, "mention", dict(who), message, permalink_url=_link(post_id))
        # This field still has the old names of the author.
        told = self._told(post_id)
        author = told.pop("from")
        value = {"item": "post", "verb": "add", **told}
        value |= {"sender_id": author["id"], "sender_name": author["name"]}
        self._change("mention", value)
        return post_id

    def review(self, words: str, kind: str = "positive", who: Mapping[str, str] = ANA) -> str:
        """Somebody recommends the Page, or not."""
        story = f"{self._next()}"
        at = self.clock()
        one = {
            "created_time": iso(at),
            "has_review": bool(words),
            "recommendation_type": kind,
            "review_text": words,
            "reviewer": dict(who),
            "open_graph_story": {"id": story},
        }
        self.ratings.append(one)
        value = {"item": "rating", "verb": "add", "open_graph_story_id": story}
        value |= {"reviewer_id": who["id"], "reviewer_name": who["name"]}
        value |= {"recommendation_type": kind.upper(), "review_text": words}
        self._change("ratings", {**value, "created_time": int(at.timestamp())})
        return story

    def comment(
        self, parent: str, message: str, who: Mapping[str, str] = ANA, *, told: bool = True
    ) -> str:
        """Somebody comments below a post or a comment."""
        comment_id = self._new_comment(parent, dict(who), message)
        if told:
            self._change("feed", {"item": "comment", "verb": "add", **self._told(comment_id)})
        return comment_id

    def edit(self, external_id: str, message: str, *, told: bool = True) -> None:
        """Its author changes it."""
        one = self.objects[external_id]
        one["message"] = message
        item = {"comment": "comment", "message": "message"}.get(one["_kind"], "status")
        if item == "message":
            body = {"mid": external_id, "text": message, "num_edit": 1}
            self._messaging(one["_person"], {"message_edit": body})
        elif told:
            value = {**self._told(external_id), "edited_time": int(self.clock().timestamp())}
            self._change("feed", {"item": item, "verb": "edited", **value})

    def remove(self, external_id: str, *, told: bool = True) -> None:
        """Its author takes it away."""
        one = self.objects.pop(external_id)
        if one["_kind"] == "message":
            body = {"mid": external_id, "is_deleted": True}
            self._messaging(one["_person"], {"message": body})
        elif told:
            value = self._told(external_id, one)
            value.pop("message", None)
            item = "comment" if one["_kind"] == "comment" else "status"
            self._change("feed", {"item": item, "verb": "remove", **value})

    def write(self, text: str, who: Mapping[str, str] = ANA, **more: Any) -> str:
        """Somebody writes to the Page in private."""
        mid = self._new_message(dict(who), dict(who), text)
        self._messaging(who["id"], {"message": {"mid": mid, "text": text, **more}})
        return mid

    def say_in_private(self, text: str, person: str = ANA["id"], **more: Any) -> str:
        """The Page writes to somebody, by hand or by us; echoed."""
        mid = self._new_message({"id": PAGE, "name": self.name}, {"id": person}, text)
        body = {"mid": mid, "text": text, "is_echo": True, **more}
        item = {"sender": {"id": PAGE}, "recipient": {"id": person}, "message": body}
        self._push_item("messaging", {**item, "timestamp": _ms(self.clock())})
        return mid

    def like(self, external_id: str, who: Mapping[str, str] = ANA) -> None:
        """Somebody likes a post or comment."""
        one = self.objects[external_id]
        value = {"item": "reaction", "reaction_type": "like", "verb": "add", "from": dict(who)}
        value |= {"post_id": one.get("_post", external_id), "parent_id": one.get("_post", PAGE)}
        if one["_kind"] == "comment":
            value["comment_id"] = external_id
        self._change("feed", {**value, "created_time": int(self.clock().timestamp())})

    def seen(self, mids: list[str], name: str) -> bytes:
        """A delivery or read report."""
        body: Json = {"watermark": _ms(self.clock())}
        body |= {"mids": mids} if name == "delivery" else {"mid": mids[0]}
        self._messaging(ANA["id"], {name: body})
        return self.pushes.pop()

    def texts(self) -> list[str]:
        """What the Page says, oldest first."""
        ours = [one for one in self.objects.values() if one.get("from", {}).get("id") == PAGE]
        return [str(one.get("message", "")) for one in ours]

    # --- state ----------------------------------------------------------------------------------

    def node_of(self, external_id: str) -> str:
        fixed = {PAGE: "Page", MEMBER: "User", self.app_id: "Application"}
        kinds = {
            "post": "PagePost",
            "mention": "PagePost",
            "comment": "Comment",
            "message": "UnifiedMessage",
            "thread": "UnifiedThread",
            "video": "AdVideo",
            "photo": "Photo",
        }
        known = self.objects.get(external_id)
        return fixed.get(external_id) or (kinds[known["_kind"]] if known else "")

    def _next(self) -> str:
        self._last += 1
        return str(self._last)

    def _keep(self, external_id: str, kind: str, who: Json, message: str, **more: Any) -> None:
        at = more.pop("at", None) or self.clock()
        self.objects[external_id] = {
            "id": external_id,
            "_kind": kind,
            "created_time": iso(at),
            "message": message,
            "from": who if self.from_shown else None,
            **more,
        }

    def _new_post(self, who: Json, message: str, **more: Any) -> str:
        post_id = f"{PAGE}_{self._next()}"
        more.setdefault("is_hidden", False)
        self._keep(post_id, "post", who, message, permalink_url=_link(post_id), **more)
        return post_id

    def _new_comment(self, parent: str, who: Json, message: str, **more: Any) -> str:
        above = self.objects[parent]
        post_id = above.get("_post", parent)
        comment_id = f"{post_id.split('_')[1]}_{self._next()}"
        # An answer to an answer hangs below the comment at the head of the branch.
        head = above.get("parent", {}).get("id", parent) if above["_kind"] == "comment" else ""
        below: Json = {"parent": {"id": head}} if head else {}
        flags = {"is_hidden": False, "can_hide": True, "can_remove": True}
        link = {"permalink_url": _link(comment_id), "can_reply_privately": True}
        link["object"] = {"id": post_id}
        self._keep(
            comment_id, "comment", who, message, _post=post_id, **flags, **link, **below, **more
        )
        return comment_id

    def _new_message(self, sender: Json, person: Json, text: str) -> str:
        mid = f"m_{base64.urlsafe_b64encode(self._next().encode() * 8).decode().rstrip('=')}"
        thread = f"t_{person['id']}"
        if thread not in self.objects:
            people = [person, {"id": PAGE, "name": self.name}]
            self.objects[thread] = {
                "id": thread,
                "_kind": "thread",
                "_person": person["id"],
                "participants": {"data": people},
            }
        to = {"id": PAGE} if sender["id"] != PAGE else person
        self._keep(mid, "message", sender, text, _person=person["id"], to={"data": [to]})
        self.objects[thread]["updated_time"] = self.objects[mid]["created_time"]
        return mid

    def _of_kind(self, kind: str) -> list[Json]:
        return [one for one in self.objects.values() if one["_kind"] == kind]

    # --- webhooks -------------------------------------------------------------------------------

    def _told(self, external_id: str, one: Json | None = None) -> Json:
        """The part of a change that every verb has."""
        one = one or self.objects[external_id]
        at = datetime.fromisoformat(one["created_time"])
        value: Json = {"message": one["message"], "created_time": int(at.timestamp())}
        if one["from"]:
            value["from"] = one["from"]
        if one["_kind"] == "comment":
            parent = one.get("parent", {}).get("id", one["_post"])
            value |= {"comment_id": external_id, "post_id": one["_post"], "parent_id": parent}
        else:
            value["post_id"] = external_id
        return value

    def _change(self, field: str, value: Json) -> None:
        entry = {"id": PAGE, "time": int(self.clock().timestamp())}
        self.push("page", {**entry, "changes": [{"field": field, "value": value}]})

    def _messaging(self, person: str, item: Json) -> None:
        sides = {"sender": {"id": person}, "recipient": {"id": PAGE}}
        self._push_item("messaging", {**sides, "timestamp": _ms(self.clock()), **item})

    def _push_item(self, name: str, item: Json) -> None:
        self.push("page", {"id": PAGE, "time": _ms(self.clock()), name: [item]})

    # --- logging in -----------------------------------------------------------------------------

    @route("GET", "/{v}/dialog/oauth")
    def dialog(self, call: Call) -> Answer:
        """The page where a member says yes; here, everybody does."""
        asked = call.query
        if asked.get("client_id") != self.app_id or asked.get("code_challenge_method") != "S256":
            return fault_answer(101, "Error validating application")
        code = f"code-{self._next()}"
        self.codes[code] = {"back": asked["redirect_uri"], "challenge": asked["code_challenge"]}
        query = urlencode({"code": code, "state": asked.get("state", "")})
        return Answer(302, "", {"location": f"{asked['redirect_uri']}?{query}"})

    @route("POST", "/{v}/oauth/access_token")
    def access_token(self, call: Call) -> Answer:
        """A code for a short login, a short login for a long one."""
        form = call.form()
        app = (form.get("client_id"), form.get("client_secret"))
        if app != (self.app_id, self.app_secret):
            return fault_answer(1, "Error validating client secret.")
        if form.get("grant_type") == "fb_exchange_token":
            if form.get("fb_exchange_token") not in (SHORT_TOKEN, MEMBER_TOKEN, PAGE_TOKEN):
                return fault_answer(190, "Session has expired", 463)
            return Answer(200, {"access_token": MEMBER_TOKEN, "expires_in": 5_184_000})
        code = self.codes.pop(form.get("code", ""), None)
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        wanted = {"back": form.get("redirect_uri"), "challenge": challenge}
        if code != wanted:
            return fault_answer(100, "This authorization code has been used.", 36009)
        return Answer(200, {"access_token": SHORT_TOKEN, "expires_in": 3600})

    @route("GET", "/{v}/{id}/accounts")
    def accounts(self, call: Call) -> Answer:
        page = {"id": PAGE, "name": self.name, "access_token": PAGE_TOKEN, "tasks": self.tasks}
        other = {"id": "1002", "name": "Riverside Fire", "access_token": "EAAother", "tasks": []}
        return self.paged([page, {**other, "tasks": ["ANALYZE"]}], call)

    @route("GET", "/{v}/{id}/permissions")
    def permissions(self, call: Call) -> Answer:
        names = ["pages_show_list", "pages_messaging", "pages_manage_engagement"]
        data = [
            {"permission": one, "status": "declined" if one in self.declined else "granted"}
            for one in names
        ]
        return Answer(200, {"data": data})

    @route("POST", "/{v}")
    def batch(self, call: Call) -> Answer:
        """Several reads in one call; `debug_token` is all that is asked for so."""
        parts = []
        for one in json.loads(call.form()["batch"]):
            query = parse_qs(urlsplit(one["relative_url"]).query)
            parts.append({"code": 200, "body": json.dumps(self._debugged(query["input_token"][0]))})
        return Answer(200, parts)

    def _debugged(self, token: str) -> Json:
        data: Json = {"app_id": self.app_id, "type": "PAGE", "expires_at": 0, "scopes": []}
        data["data_access_expires_at"] = int((self.clock() + timedelta(days=90)).timestamp())
        data["is_valid"] = token in self.tokens and token not in self.dead
        if token in self.dead:
            data["error"] = {"code": 190, "subcode": self.dead[token][1], "message": "over"}
        return {"data": data}

    # --- subscriptions --------------------------------------------------------------------------

    @route("GET", "/{v}/{id}/subscriptions")
    def subscriptions(self, call: Call) -> Answer:
        return Answer(200, {"data": [self.app_subscription] if self.app_subscription else []})

    @route("POST", "/{v}/{id}/subscriptions")
    def subscribe(self, call: Call) -> Answer:
        form = call.form()
        fields = [{"name": one, "version": self.version} for one in form["fields"].split(",")]
        self.app_subscription = {
            "object": form["object"],
            "callback_url": form["callback_url"],
            "active": True,
            "fields": fields,
        }
        return Answer(200, {"success": True})

    @route("GET", "/{v}/{id}/subscribed_apps")
    def subscribed_apps(self, call: Call) -> Answer:
        if self.page_subscription is None:
            return Answer(200, {"data": []})
        one = {"id": self.app_id, "name": "Callbox", "subscribed_fields": self.page_subscription}
        return self.paged([one], call)

    @route("POST", "/{v}/{id}/subscribed_apps")
    def subscribe_page(self, call: Call) -> Answer:
        self.page_subscription = call.form()["subscribed_fields"].split(",")
        return Answer(200, {"success": True})

    @route("DELETE", "/{v}/{id}/subscribed_apps")
    def unsubscribe_page(self, call: Call) -> Answer:
        self.page_subscription = None
        return Answer(200, {"success": True})

    # --- lists ----------------------------------------------------------------------------------

    def _with_comments(self, one: Json, call: Call) -> Json:
        """A post with its newest comments, as many as the field asks for."""
        wanted = call.query.get("fields", "")
        if "comments." not in wanted:
            return one
        most = int(wanted.split("comments.")[1].split("limit(")[1].split(")")[0])
        below = [c for c in self._of_kind("comment") if c["_post"] == one["id"]]
        shown = newest_first(below)[:most]
        return {**one, "comments": {"data": shown}} if shown else one

    def _posts(self, call: Call, keep: Callable[[Json], bool], kind: str = "post") -> Answer:
        found = [one for one in self._of_kind(kind) if keep(one)]
        return self.paged([self._with_comments(one, call) for one in newest_first(found)], call)

    @route("GET", "/{v}/{id}/published_posts")
    def published_posts(self, call: Call) -> Answer:
        return self._posts(call, lambda one: _is_ours(one) and not one.get("_held"))

    @route("GET", "/{v}/{id}/scheduled_posts")
    def scheduled_posts(self, call: Call) -> Answer:
        return self._posts(call, lambda one: _is_ours(one) and bool(one.get("_held")))

    @route("GET", "/{v}/{id}/visitor_posts")
    def visitor_posts(self, call: Call) -> Answer:
        return self._posts(call, lambda one: not _is_ours(one))

    @route("GET", "/{v}/{id}/tagged")
    def tagged(self, call: Call) -> Answer:
        return self._posts(call, lambda one: True, "mention")

    @route("GET", "/{v}/{id}/ratings")
    def ratings_of(self, call: Call) -> Answer:
        if self.ratings_ended:
            return fault_answer(12, "This field is deprecated for versions v22.0 and higher")
        return self.paged(newest_first(self.ratings), call)

    @route("GET", "/{v}/{id}/videos")
    def videos(self, call: Call) -> Answer:
        return self.paged(newest_first(self._of_kind("video")), call)

    @route("GET", "/{v}/{id}/comments")
    def comments(self, call: Call) -> Answer:
        above = self.objects.get(call.parts["id"])
        if above is None:
            return gone(call.parts["id"])
        stream = call.query.get("filter") == "stream"
        post_id = above.get("_post", above["id"])
        found = [
            one
            for one in self._of_kind("comment")
            if one["_post"] == post_id
            and (stream or one.get("parent", {}).get("id", post_id) == above["id"])
            and _epoch(one) >= int(call.query.get("since", "0"))
        ]
        ordered = newest_first(found)
        if call.query.get("order", "chronological") == "chronological":
            ordered.reverse()
        return self.paged(ordered, call)

    @route("GET", "/{v}/{id}/conversations")
    def conversations(self, call: Call) -> Answer:
        threads = self._of_kind("thread")
        if person := call.query.get("user_id"):
            threads = [one for one in threads if one["_person"] == person]
        shown = [self._with_messages(one, call) for one in newest_first(threads, "updated_time")]
        return self.paged(shown, call)

    def _with_messages(self, thread: Json, call: Call) -> Json:
        wanted = call.query.get("fields", "")
        if "messages." not in wanted:
            return thread
        most = int(wanted.split("messages.limit(")[1].split(")")[0])
        return {**thread, "messages": {"data": self._messages_in(thread)[:most]}}

    def _messages_in(self, thread: Json) -> list[Json]:
        said = [m for m in self._of_kind("message") if m["_person"] == thread["_person"]]
        return list(reversed(said))

    @route("GET", "/{v}/{id}/messages")
    def messages(self, call: Call) -> Answer:
        thread = self.objects.get(call.parts["id"])
        return self.paged(self._messages_in(thread), call) if thread else gone(call.parts["id"])

    @route("GET", "/{v}/{id}/blocked")
    def blocked(self, call: Call) -> Answer:
        return self.paged([{"id": one, "name": name} for one, name in self.banned.items()], call)

    @route("DELETE", "/{v}/{id}/blocked")
    def unblock(self, call: Call) -> Answer:
        self.banned.pop(call.form().get("psid", ""), None)
        return Answer(200, {"success": True})

    @route("GET", "/{v}/{id}")
    def node(self, call: Call) -> Answer:
        external_id = self.its(call)
        if external_id == PAGE:
            page = {"id": PAGE, "name": self.name, "username": "riversidepd", "category": "Police"}
            return Answer(200, self.shown(page, self.asked(call)))
        known = self.objects.get(external_id)
        if known is None:
            return gone(external_id)
        return Answer(200, self.shown(known, self.asked(call)))

    # --- saying ---------------------------------------------------------------------------------

    def _ourselves(self) -> Json:
        return {"id": PAGE, "name": self.name}

    @route("POST", "/{v}/{id}/comments")
    def answer_comment(self, call: Call) -> Answer:
        if call.parts["id"] not in self.objects:
            return gone(call.parts["id"])
        message = call.form().get("message", "")
        if not message and "attachment_id" not in call.form():
            raise Violation("an empty comment")
        comment_id = self._new_comment(call.parts["id"], self._ourselves(), message)
        self._change("feed", {"item": "comment", "verb": "add", **self._told(comment_id)})
        return Answer(200, {"id": comment_id})

    @route("POST", "/{v}/{id}/feed")
    def publish(self, call: Call) -> Answer:
        form = call.form()
        held = form.get("published") == "false"
        if held:
            ahead = int(form["scheduled_publish_time"]) - self.clock().timestamp()
            if not 600 <= ahead <= 30 * 86400:
                return fault_answer(100, "The specified scheduled publish time is invalid.")
        for one in json.loads(form.get("attached_media", "[]")):
            if one["media_fbid"] not in self.objects:
                return fault_answer(100, "No such photo")
        media = json.loads(form.get("attached_media", "[]"))
        post_id = self.post(form.get("message", ""), _held=held, _media=media)
        return Answer(200, {"id": post_id})

    @route("POST", "/{v}/{id}/photos")
    def photo(self, call: Call) -> Answer:
        sent = self.sent(call)
        if sent.get("published") != "false" or not self.file(call):
            raise Violation("a picture that everybody sees at once, or none")
        photo_id = self._next()
        self._keep(photo_id, "photo", self._ourselves(), "", _alt=sent.get("alt_text_custom"))
        del self.objects[photo_id]["message"]
        return Answer(200, {"id": photo_id})

    @route("POST", "/{v}/{id}/videos")
    def video(self, call: Call) -> Answer:
        sent = self.sent(call)
        if sent["upload_phase"] == "start":
            return self._video_begun(int(sent["file_size"]))
        upload = self.uploads[sent["upload_session_id"]]
        if sent["upload_phase"] == "transfer":
            return self._video_part(upload, int(sent["start_offset"]), self.file(call))
        if len(upload["bytes"]) != upload["size"]:
            return fault_answer(6000, "The video is not whole")
        who, words = self._ourselves(), sent.get("description", "")
        self._keep(upload["id"], "video", who, words, description=words)
        return Answer(200, {"success": True})

    def _video_begun(self, size: int) -> Answer:
        session, video_id = self._next(), self._next()
        self.uploads[session] = {"id": video_id, "size": size, "bytes": b""}
        ends = {"start_offset": "0", "end_offset": str(min(size, _CHUNK))}
        return Answer(200, {"upload_session_id": session, "video_id": video_id, **ends})

    def _video_part(self, upload: Json, start: int, part: bytes) -> Answer:
        if start != len(upload["bytes"]):
            return fault_answer(1363037, "Wrong offset")
        upload["bytes"] += part
        at = len(upload["bytes"])
        end = min(at + _CHUNK, upload["size"])
        return Answer(200, {"start_offset": str(at), "end_offset": str(end)})

    @route("POST", "/{v}/{id}/messages")
    def send(self, call: Call) -> Answer:
        form = call.form()
        body, to = json.loads(form["message"]), json.loads(form["recipient"])
        self.sent_bodies.append({**form, "message": body, "recipient": to})
        public = self.objects.get(to.get("comment_id") or to.get("post_id") or "")
        if public is not None:
            return self._private_reply(public, body)
        person = to.get("id", "")
        refused = self._window(person, form)
        if refused:
            return refused
        mid = self.say_in_private(body["text"], person, **_echoed(body, self.app_id))
        return Answer(200, {"recipient_id": person, "message_id": mid})

    def _private_reply(self, public: Json, body: Json) -> Answer:
        if public.get("_answered"):
            return fault_answer(10900, "Activity already replied to", 2018065 + 1)
        public["_answered"] = True
        person = (public["from"] or ANA)["id"]
        mid = self.say_in_private(body["text"], person, **_echoed(body, self.app_id))
        public["private_reply_conversation"] = {"id": f"t_{person}"}
        return Answer(200, {"recipient_id": person, "message_id": mid})

    def _window(self, person: str, form: Mapping[str, str]) -> Answer | None:
        """24 hours for everybody, seven days with the tag of a person."""
        heard = [
            datetime.fromisoformat(one["created_time"])
            for one in self._of_kind("message")
            if one["_person"] == person and (one["from"] or {}).get("id") == person
        ]
        if not heard:
            return fault_answer(100, "No matching user found", 2018001)
        tagged = (form["messaging_type"], form.get("tag")) == ("MESSAGE_TAG", "HUMAN_AGENT")
        if self.clock() - max(heard) >= (timedelta(days=7) if tagged else timedelta(hours=24)):
            return fault_answer(10, "This message is sent outside of allowed window.", 2018278)
        return None

    @route("POST", "/{v}/{id}/likes")
    def liked(self, call: Call) -> Answer:
        if call.parts["id"] not in self.objects:
            return gone(call.parts["id"])
        self.objects[call.parts["id"]]["_liked"] = True
        return Answer(200, {"success": True})

    @route("POST", "/{v}/{id}")
    def change(self, call: Call) -> Answer:
        known = self.objects.get(call.parts["id"])
        if known is None:
            return gone(call.parts["id"])
        form = call.form()
        if "message" in form:
            if (known["from"] or {}).get("id") != PAGE:
                return fault_answer(200, "(#200) You cannot edit somebody else's comment")
            known["message"] = form["message"]
        if "is_hidden" in form:
            known["is_hidden"] = form["is_hidden"] == "true"
        return Answer(200, {"success": True})

    @route("DELETE", "/{v}/{id}")
    def delete(self, call: Call) -> Answer:
        if self.objects.pop(call.parts["id"], None) is None:
            return gone(call.parts["id"])
        return Answer(200, {"success": True})


def _is_ours(one: Json) -> bool:
    return bool(one["id"].startswith(f"{PAGE}_") and (one["from"] or {}).get("id") == PAGE)


def _epoch(one: Json) -> int:
    return int(datetime.fromisoformat(one["created_time"]).timestamp())


def _echoed(body: Json, app_id: str) -> Json:
    return {"metadata": body.get("metadata", ""), "app_id": int(app_id)}


def _link(external_id: str) -> str:
    return f"https://www.facebook.com/riversidepd/posts/{external_id}"


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
