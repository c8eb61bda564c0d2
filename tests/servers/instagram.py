"""A stand-in for Instagram's two APIs: graph.instagram.com, and graph.facebook.com through a Page.

State is in plain dictionaries: `media`, `comments`, `exchanges` (private messages), `containers`.
What a resident or our own account does outside Callbox is a method (`comment`, `write`, `unsend`…)
that also queues the webhook which the network would send.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from tests.contracts.graph import Nodes
from tests.contracts.instagram import EXTRA, MEDIA, USER
from tests.servers.graph import GraphStandIn, fault_answer, gone, iso, newest_first
from tests.servers.standin import Answer, Call, Violation, route

ACCOUNT, SCOPED, PAGE, MEMBER = "17841400000000001", "24880001", "1001", "77001"
HANDLE = "harbor_pd"
TOKEN = "IGAA-token-of-harbor-police-0123456789-abcdefghij"
ANA, ANA_HANDLE = "66001", "ana.lopez"


class InstagramStandIn(GraphStandIn):
    """One app, one professional account, and the people who write to it."""

    def __init__(self, product: str = "instagram", now: datetime | None = None) -> None:
        self.product = product
        self.through_page = product == "facebook"
        self.wants_proof = self.through_page
        # Half a minute slow, so that what is said a second later is not said in the future.
        self.clock = now or datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=30)
        self.nodes = Nodes(EXTRA)
        self._numbers = count(17900000000000001)
        self.media: dict[str, dict[str, Any]] = {}
        self.comments: dict[str, dict[str, Any]] = {}
        self.elsewhere: dict[str, dict[str, Any]] = {}  # posts and comments that are not ours
        self.tagged: list[dict[str, Any]] = []
        self.exchanges: dict[str, dict[str, Any]] = {}  # person → exchange
        self.messages: dict[str, dict[str, Any]] = {}
        self.containers: dict[str, dict[str, Any]] = {}
        self.polls_until_ready = 0  # how often a new container answers IN_PROGRESS
        self.unreachable: set[str] = set()  # media addresses that cannot be fetched
        self.quota = {"used": 0, "total": 100}
        self.subscribed: list[str] = []
        self.app_hooks: list[dict[str, Any]] = []
        self.codes: dict[str, str] = {}  # code → where it goes back to
        super().__init__()
        self.tokens |= {TOKEN: PAGE if self.through_page else ACCOUNT}

    # --- what people do -------------------------------------------------------------------------

    def number(self) -> str:
        """A new id."""
        return str(next(self._numbers))

    def tick(self, seconds: int = 1) -> datetime:
        """Time goes on."""
        self.clock += timedelta(seconds=seconds)
        return self.clock

    def post(self, caption: str, kind: str = "FEED", at: datetime | None = None) -> str:
        """Our account posts something. Its id."""
        media = self.number()
        self.media[media] = {
            "id": media,
            "caption": caption,
            "timestamp": iso(at or self.tick()),
            "permalink": f"https://www.instagram.com/p/{media}/",
            "media_product_type": kind,
            "username": HANDLE,
        }
        return media

    def comment(
        self, media: str, text: str, above: str = "", by: str = ANA, handle: str = ANA_HANDLE
    ) -> str:
        """Somebody comments; our own comments too come as webhooks."""
        comment = self.number()
        top = self.comments[above].get("parent_id") or above if above else ""
        self.comments[comment] = {
            "id": comment,
            "media_id": media,
            "text": text,
            "timestamp": iso(self.tick()),
            "hidden": False,
            "from": {"id": by, "username": handle},
            "username": handle,
            **({"parent_id": top} if top else {}),
        }
        self.push("instagram", self.comment_entry(comment))
        return comment

    def comment_entry(self, comment: str) -> dict[str, Any]:
        """The webhook's entry for a comment: in `changes` with one product, flat with the other."""
        one = self.comments[comment]
        media = self.media[one["media_id"]]
        place = {"id": media["id"], "media_product_type": media["media_product_type"]}
        value = {"id": comment, "text": one["text"], "from": one["from"], "media": place}
        value |= {"parent_id": one["parent_id"]} if "parent_id" in one else {}
        change = {"field": "comments", "value": value}
        head = {"id": ACCOUNT, "time": int(self.clock.timestamp())}
        return {**head, "changes": [change]} if self.through_page else {**head, **change}

    def mention(self, text: str, handle: str = ANA_HANDLE, *, caption: bool = False) -> str:
        """Somebody names us under a post of theirs. The webhook holds numbers only."""
        media, comment = self.number(), "" if caption else self.number()
        at = iso(self.tick())
        place = {"id": media, "permalink": f"https://www.instagram.com/p/{media}/"}
        self.elsewhere[media] = {
            **place,
            "caption": text if caption else "",
            "timestamp": at,
            "username": handle,
            "comments": [],
        }
        value = {"media_id": media}
        if comment:
            self.elsewhere[comment] = {
                "id": comment,
                "text": text,
                "timestamp": at,
                "username": handle,
                "media": place,
                "from": {"id": ANA, "username": handle},
            }
            value["comment_id"] = comment
        head = {"id": ACCOUNT, "time": int(self.clock.timestamp())}
        self.push("instagram", {**head, "changes": [{"field": "mentions", "value": value}]})
        return comment or media

    def write(
        self, text: str, by: str = ANA, handle: str = ANA_HANDLE, *, echo: bool = False, **more: Any
    ) -> str:
        """A private message, from somebody or (`echo`) from our own account in its app."""
        mid = f"aWdfZAG1faXRlbToxOk{self.number()}"
        at = self.tick()
        us = {"id": ACCOUNT, "username": HANDLE}
        them = {"id": by, "username": handle}
        exchange = self.exchanges.setdefault(
            by, {"id": f"aWdfZAG06{by}", "participants": {"data": [us, them]}}
        )
        exchange["updated_time"] = iso(at)
        self.messages[mid] = {
            "id": mid,
            "created_time": iso(at),
            "message": text,
            "exchange": by,
            "from": us if echo else them,
            "to": {"data": [them if echo else us]},
            **more,
        }
        pushed = {"mid": mid, "text": text, **({"is_echo": True} if echo else {}), **more}
        ids = (ACCOUNT, by) if echo else (by, ACCOUNT)
        self.push_message(ids, {"message": pushed})
        return mid

    def push_message(self, ids: Sequence[str], what: Mapping[str, Any]) -> None:
        """A webhook of `messaging[]`; `ids` are who it is from and to."""
        milliseconds = int(self.clock.timestamp() * 1000)
        one = {
            "sender": {"id": ids[0]},
            "recipient": {"id": ids[1]},
            "timestamp": milliseconds,
            **what,
        }
        self.push("instagram", {"id": ACCOUNT, "time": milliseconds, "messaging": [one]})

    def edit_message(self, mid: str, text: str) -> None:
        """Somebody changes a private message."""
        self.tick()
        self.messages[mid]["message"] = text
        by = self.messages[mid]["exchange"]
        self.push_message(
            (by, ACCOUNT), {"message_edit": {"mid": mid, "text": text, "num_edit": 1}}
        )

    def unsend(self, mid: str) -> None:
        """Somebody takes a private message back: the same number, marked."""
        self.tick()
        by = self.messages.pop(mid)["exchange"]
        self.push_message((by, ACCOUNT), {"message": {"mid": mid, "is_deleted": True}})

    def react(self, mid: str, by: str = ANA) -> None:
        """Somebody reacts to a message of ours."""
        self.tick()
        reaction = {"mid": mid, "action": "react", "reaction": "love", "emoji": "❤"}
        self.push_message((by, ACCOUNT), {"reaction": reaction})

    def see(self, mid: str, by: str = ANA) -> None:
        """Somebody has read a message of ours."""
        self.tick()
        self.push_message((by, ACCOUNT), {"read": {"mid": mid}})

    def ours(self) -> list[str]:
        """Texts of ours that stand, oldest first."""
        found = [(m["timestamp"], m["caption"]) for m in self.media.values() if "made" in m]
        found += [
            (c["timestamp"], c["text"])
            for c in (*self.comments.values(), *self.elsewhere.values())
            if c.get("from", {}).get("id") == ACCOUNT
        ]
        found += [
            (m["created_time"], m["message"])
            for m in self.messages.values()
            if m["from"]["id"] == ACCOUNT
        ]
        return [text for _, text in sorted(found)]

    # --- which node an id is --------------------------------------------------------------------

    def node_of(self, external_id: str) -> str:
        fixed = {self.app_id: "Application", MEMBER: "User", PAGE: "Page"}
        if external_id in fixed:
            return fixed[external_id]
        if external_id == ACCOUNT:
            return "IGUser" if self.through_page else USER
        if external_id in self.media:
            return "IGMedia" if self.through_page else MEDIA
        stores = (
            (self.comments, "IGComment"),
            (self.containers, "ShadowIGMediaBuilder"),
            (self.messages, "UnifiedMessage"),
            ({one["id"] for one in self.exchanges.values()}, "UnifiedThread"),
        )
        return next((node for store, node in stores if external_id in store), "")

    def check_request(self, call: Call) -> None:
        if self._is_probe(call):
            return  # the network answers it, and so do we
        super().check_request(call)

    def _is_probe(self, call: Call) -> bool:
        """Whether a post is asked for what only comments have: how one is told from the other."""
        asked = call.query.get("fields", "").split(",")
        return call.method == "GET" and call.path.split("/")[-1] in self.media and "text" in asked

    # --- reading --------------------------------------------------------------------------------

    @route("GET", "/{v}/{id}")
    def one(self, call: Call) -> Answer:
        external_id = self.its(call)
        if self._is_probe(call):
            return fault_answer(100, "Tried accessing nonexisting field (text)")
        if external_id == ACCOUNT:
            return self._account(call)
        if external_id in self.containers:
            return self._container(call, external_id)
        stores = (self.media, self.comments, self.messages)
        found = next((store[external_id] for store in stores if external_id in store), None)
        if found is None:
            return gone(external_id)
        whole = {
            **found,
            "media": self.media.get(found.get("media_id", "")),
            "replies": {"data": self._replies(external_id)},
        }
        return Answer(200, self.shown(whole, self.asked(call)))

    def _account(self, call: Call) -> Answer:
        me = {
            "id": ACCOUNT if self.through_page else SCOPED,
            "user_id": ACCOUNT,
            "username": HANDLE,
            "name": "Harbor Police",
        }
        asked = call.query.get("fields", "id")
        for name in ("mentioned_comment.comment_id", "mentioned_media.media_id"):
            if name in asked:
                number = asked.split("(")[1].split(")")[0]
                found = self.elsewhere.get(number)
                if found is None:
                    return fault_answer(100, "Invalid parameter", 2207024)
                me[name.split(".")[0]] = found
        return Answer(200, self.shown(me, self.asked(call)))

    def _replies(self, comment: str) -> list[dict[str, Any]]:
        return [one for one in self.comments.values() if one.get("parent_id") == comment]

    @route("GET", "/{v}/{id}/media")
    def list_media(self, call: Call) -> Answer:
        posts = [
            {**one, "comments_count": self._count(one["id"])}
            for one in self.media.values()
            if one["media_product_type"] != "STORY"
        ]
        return self.paged(newest_first(posts, "timestamp"), call)

    def _count(self, media: str) -> int:
        return sum(1 for one in self.comments.values() if one["media_id"] == media)

    @route("GET", "/{v}/{id}/stories")
    def list_stories(self, call: Call) -> Answer:
        found = [one for one in self.media.values() if one["media_product_type"] == "STORY"]
        return self.paged(newest_first(found, "timestamp"), call)

    @route("GET", "/{v}/{id}/tags")
    def list_tags(self, call: Call) -> Answer:
        return self.paged(newest_first(self.tagged, "timestamp"), call)

    @route("GET", "/{v}/{id}/comments")
    def list_comments(self, call: Call) -> Answer:
        tops = [
            {**one, "replies": self._edge(self._replies(one["id"]))}
            for one in self.comments.values()
            if one["media_id"] == call.parts["id"] and "parent_id" not in one
        ]
        return self.paged(newest_first(tops, "timestamp"), call)

    def _edge(self, items: list[dict[str, Any]]) -> dict[str, Any]:
        """A nested edge: its first fifty, and a cursor for the rest."""
        found: dict[str, Any] = {"data": items[:50]}
        if len(items) > 50:
            found["paging"] = {"cursors": {"after": "NTA="}, "next": "https://elsewhere.invalid/"}
        return found

    @route("GET", "/{v}/{id}/replies")
    def list_replies(self, call: Call) -> Answer:
        return self.paged(self._replies(call.parts["id"]), call)

    @route("GET", "/{v}/{id}/conversations")
    def list_exchanges(self, call: Call) -> Answer:
        if call.query.get("platform") != "INSTAGRAM":
            raise Violation("conversations of another platform")
        whose = call.query.get("user_id")
        found = [
            {**one, "messages": {"data": self._said(person)[:20]}}
            for person, one in self.exchanges.items()
            if whose in (None, person)
        ]
        return self.paged(newest_first(found, "updated_time"), call)

    def _said(self, person: str) -> list[dict[str, Any]]:
        found = [one for one in self.messages.values() if one["exchange"] == person]
        return newest_first(found)

    @route("GET", "/{v}/{id}/messages")
    def list_messages(self, call: Call) -> Answer:
        person = next(p for p, one in self.exchanges.items() if one["id"] == call.parts["id"])
        return self.paged(self._said(person), call)

    # --- answering ------------------------------------------------------------------------------

    @route("POST", "/{v}/{id}/replies")
    def reply(self, call: Call) -> Answer:
        above = self.comments.get(call.parts["id"])
        if above is None:
            return gone(call.parts["id"])
        if above["hidden"] or "parent_id" in above:
            return fault_answer(100, "Cannot reply to this comment", 1772179)
        text = self.sent(call)["message"]
        made = self.comment(above["media_id"], text, above["id"], ACCOUNT, HANDLE)
        return Answer(200, {"id": made})

    @route("POST", "/{v}/{id}/comments")
    def say(self, call: Call) -> Answer:
        text = self.sent(call)["message"]
        return Answer(200, {"id": self.comment(call.parts["id"], text, "", ACCOUNT, HANDLE)})

    @route("POST", "/{v}/{id}/mentions")
    def answer_mention(self, call: Call) -> Answer:
        sent = self.sent(call)
        if sent["media_id"] not in self.elsewhere:
            return gone(sent["media_id"])
        made = self.number()
        self.elsewhere[made] = {
            "id": made,
            "text": sent["message"],
            "timestamp": iso(self.tick()),
            "from": {"id": ACCOUNT, "username": HANDLE},
            "username": HANDLE,
        }
        self.elsewhere[sent["media_id"]]["comments"].append(self.elsewhere[made])
        return Answer(200, {"id": made})

    @route("POST", "/{v}/{id}/messages")
    def send(self, call: Call) -> Answer:
        body = call.json()
        text, to = body["message"]["text"], body["recipient"]
        if len(text.encode()) > 1000:
            return fault_answer(100, "Message too long", 2534013)
        person = to.get("id") or self.comments[to["comment_id"]]["from"]["id"]
        if "id" in to and body.get("messaging_type") not in ("RESPONSE", "MESSAGE_TAG"):
            return fault_answer(100, "No matching messaging type")
        mid = self.write(text, person, echo=True)
        return Answer(200, {"recipient_id": person, "message_id": mid})

    # --- publishing -----------------------------------------------------------------------------

    @route("GET", "/{v}/{id}/content_publishing_limit")
    def limit(self, call: Call) -> Answer:
        config = {"quota_total": self.quota["total"], "quota_duration": 86400}
        return Answer(200, {"data": [{"quota_usage": self.quota["used"], "config": config}]})

    @route("POST", "/{v}/{id}/media")
    def prepare(self, call: Call) -> Answer:
        sent = self.sent(call)
        children = [one for one in sent.get("children", "").split(",") if one]
        if any(self.containers[one]["status_code"] != "FINISHED" for one in children):
            return fault_answer(9007, "Media ID is not available", 2207027)
        if len(sent.get("caption", "")) > 2200:
            return fault_answer(36004, "Caption too long", 2207010)
        address = sent.get("image_url") or sent.get("video_url")
        container = self.number()
        state = "IN_PROGRESS" if self.polls_until_ready else "FINISHED"
        self.containers[container] = {
            "id": container,
            "status_code": state,
            "status": state.title(),
            "sent": sent,
            "left": self.polls_until_ready,
        }
        if address in self.unreachable:
            words = "Error: Media upload has failed with error code 2207052"
            self.containers[container] |= {"status_code": "ERROR", "status": words}
        return Answer(200, {"id": container})

    def _container(self, call: Call, container: str) -> Answer:
        one = self.containers[container]
        shown = self.shown(one, self.asked(call))
        if one["status_code"] == "IN_PROGRESS":
            one["left"] -= 1
            one["status_code"] = "FINISHED" if one["left"] <= 0 else "IN_PROGRESS"
        return Answer(200, shown)

    @route("POST", "/{v}/{id}/media_publish")
    def publish(self, call: Call) -> Answer:
        one = self.containers.get(self.sent(call)["creation_id"])
        if one is None:
            return gone(self.sent(call)["creation_id"])
        if one["status_code"] != "FINISHED":
            return fault_answer(9007, "Media ID is not available", 2207027)
        kind = {"STORIES": "STORY", "REELS": "REELS"}.get(one["sent"].get("media_type", ""), "FEED")
        media = self.post(one["sent"].get("caption", ""), kind)
        self.media[media] |= {"made": one["sent"]}
        one["status_code"] = "PUBLISHED"
        self.quota["used"] += 1
        return Answer(200, {"id": media})

    # --- changing -------------------------------------------------------------------------------

    @route("POST", "/{v}/{id}")
    def change(self, call: Call) -> Answer:
        if call.parts["id"] not in self.comments:
            return gone(call.parts["id"])
        self.comments[call.parts["id"]]["hidden"] = self.sent(call)["hide"] == "true"
        return Answer(200, {"success": True})

    @route("DELETE", "/{v}/{id}")
    def delete(self, call: Call) -> Answer:
        store = self.comments if call.parts["id"] in self.comments else self.media
        if store.pop(call.parts["id"], None) is None:
            return gone(call.parts["id"])
        return Answer(200, {"success": True})

    # --- webhooks and logins --------------------------------------------------------------------

    @route("GET", "/{v}/{id}/subscribed_apps")
    def subscriptions(self, call: Call) -> Answer:
        one = {"id": self.app_id} if self.through_page else {"app_id": self.app_id}
        found = [{**one, "subscribed_fields": self.subscribed}] if self.subscribed else []
        return Answer(200, {"data": found})

    @route("POST", "/{v}/{id}/subscribed_apps")
    def subscribe(self, call: Call) -> Answer:
        self.subscribed = self.sent(call)["subscribed_fields"].split(",")
        return Answer(200, {"success": True})

    @route("GET", "/{v}/{id}/subscriptions")
    def app_subscriptions(self, call: Call) -> Answer:
        return Answer(200, {"data": self.app_hooks})

    @route("POST", "/{v}/{id}/subscriptions")
    def app_subscribe(self, call: Call) -> Answer:
        sent = self.sent(call)
        names = [{"name": one, "version": self.version} for one in sent["fields"].split(",")]
        self.app_hooks = [
            {
                "object": "instagram",
                "callback_url": sent["callback_url"],
                "active": True,
                "fields": names,
            }
        ]
        return Answer(200, {"success": True})

    @route("GET", "/{v}/{id}/accounts")
    def pages(self, call: Call) -> Answer:
        account = {"id": ACCOUNT, "username": HANDLE, "name": "Harbor Police"}
        pages: list[dict[str, Any]] = [
            {
                "id": PAGE,
                "name": "Harbor Police",
                "access_token": TOKEN,
                "instagram_business_account": account,
            },
            {"id": "1002", "name": "Without Instagram", "access_token": "other"},
        ]
        return self.paged(pages, call)
