"""Who is around a Page on Facebook: what they write, and what the network tells us of it.

What residents do (`comment`, `visit`, `mention`, `review`, `write`, ...) is pushed to our webhook
like the network does, and shows in its lists. The clock is the test's (`clock`).
"""

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from tests.servers.graph import GraphStandIn, iso

PAGE = "1001"
PAGE_TOKEN = "EAAPageTokenOfRiversidePoliceDepartment0001"
MEMBER_TOKEN = "EAAMemberTokenThatLivesSixtyDays0000000002"
SHORT_TOKEN = "EAAMemberTokenThatLivesOneHour000000000003"
MEMBER = "9001"
ANA = {"id": "77001", "name": "Ana Ruiz"}

Json = dict[str, Any]


class People(GraphStandIn):
    """What is on a Page, and what people do there."""

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
        self.video_status = "processing"  # of videos that are published from now on
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


def _link(external_id: str) -> str:
    return f"https://www.facebook.com/riversidepd/posts/{external_id}"


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
