"""A Page on Facebook: its API. Who is around it is in `facebook_people.py`.

Posts that we upload in parts, schedule or delete behave as the documentation says; the windows for
private messages are the network's own.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.servers.facebook_people import (
    ANA,
    MEMBER,
    MEMBER_TOKEN,
    PAGE,
    PAGE_TOKEN,
    SHORT_TOKEN,
    People,
)
from tests.servers.graph import fault_answer, gone, newest_first
from tests.servers.standin import Answer, Call, Violation, route

__all__ = ["ANA", "MEMBER", "PAGE", "PAGE_TOKEN", "Facebook"]

_SHOWN = 20  # messages of an exchange whose words are shown (“Conversations API, Limitations”)
_CHUNK = 4096  # bytes of a video that are asked for at a time

Json = dict[str, Any]


class Facebook(People):
    """One Page and its API."""

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
        """Newest first; of all but the newest, the network shows nothing but the id."""
        said = [m for m in self._of_kind("message") if m["_person"] == thread["_person"]]
        said.reverse()
        return [*said[:_SHOWN], *({"id": m["id"]} for m in said[_SHOWN:])]

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
        state = {"video_status": self.video_status}
        self._keep(upload["id"], "video", who, words, description=words, status=state)
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
        if "description" in form:
            known["description"] = form["description"]
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
