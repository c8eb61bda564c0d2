"""A stand-in for X's API v2, held to X's own description in either spelling of its fields.

It knows the account "district5" (id 111), a resident called Ana (id 222) and another called Ben
(id 333). Whatever is asked for by field or expansion is given, and nothing else is: a field that
the connector forgets to ask for is missing here as it is at X.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from tests.contracts.openapi import Contract
from tests.servers.standin import Answer, Call, Violation, route
from tests.servers.x_town import ANA, BEN, US, Dm, Post, Town, iso

__all__ = ["ANA", "BEN", "US", "XStandIn"]


class XStandIn(Town):
    """X. `spelling` is "post" or "tweet", `plan` "self-serve" or "enterprise"."""

    unknown: ClassVar[Answer] = Answer(404, {"title": "Not Found", "type": "about:blank"})

    def __init__(self, spelling: str = "post", *args: Any, **kwargs: Any) -> None:
        self.contract = Contract.load("x" if spelling == "post" else "x-tweet")
        super().__init__(spelling, *args, **kwargs)

    # --- the description ------------------------------------------------------------------------

    def check_request(self, call: Call) -> None:
        if not call.path.startswith("/i/"):
            self.contract.request(call)

    def check_answer(self, call: Call, answer: Answer) -> None:
        # X's errors are wider than its description, which leaves out "about:blank".
        if answer.status < 400 and not call.path.startswith("/i/"):
            self.contract.answer(call, answer.status, answer.body)

    def refuse_violation(self, call: Call, violation: Violation) -> Answer:
        return _problem(400, "Invalid Request", str(violation), "invalid-request")

    def _served(self, call: Call) -> Answer:
        if not self._may(call):
            return _problem(401, "Unauthorized", "Unauthorized")
        return super()._served(call)

    def _may(self, call: Call) -> bool:
        if call.path.startswith(("/2/oauth2/", "/i/")):
            return True
        app_only = call.path.startswith("/2/webhooks") or (
            call.path.startswith("/2/activity/") and call.method == "GET"
        )
        if app_only:
            return call.token == self.app_token
        ends = self.tokens.get(call.token)
        return ends is not None and ends > self.clock()

    # --- logging in -----------------------------------------------------------------------------

    @route("GET", "/i/oauth2/authorize")
    def authorize(self, call: Call) -> Answer:
        code = f"code-{self.new_id()}"
        self.codes[code] = call.query["code_challenge"]
        back = {"code": code, "state": call.query["state"]}
        return Answer(302, None, {"location": f"{call.query['redirect_uri']}?{urlencode(back)}"})

    @route("POST", "/2/oauth2/token")
    def token(self, call: Call) -> Answer:
        form = call.form()
        given = base64.b64encode(":".join(self.client).encode()).decode()
        if call.headers.get("authorization") != f"Basic {given}":
            return Answer(401, {"error": "unauthorized_client", "error_description": "who?"})
        if form["grant_type"] == "refresh_token":
            if form.get("refresh_token") not in self.refresh:
                return _not_taken()
            self.refresh.discard(form["refresh_token"])
            self.renewals += 1
            return Answer(200, self._new_tokens())
        challenge = self.codes.pop(form.get("code", ""), None)
        if challenge is None or challenge != _challenge(form.get("code_verifier", "")):
            return _not_taken()
        return Answer(200, self._new_tokens())

    @route("POST", "/2/oauth2/revoke")
    def revoke(self, call: Call) -> Answer:
        token = call.form()["token"]
        self.tokens.pop(token, None)
        self.refresh.discard(token)
        return Answer(200, {"revoked": True})

    @route("GET", "/2/users/me")
    def me(self, call: Call) -> Answer:
        return Answer(200, {"data": self.people[US]})

    @route("GET", "/2/users/{id}/blocking")
    def blocking(self, call: Call) -> Answer:
        return Answer(200, {"data": [self.people[BEN]], "meta": {"result_count": 1}})

    # --- reading posts --------------------------------------------------------------------------

    @route("GET", "/2/users/{id}/mentions")
    def mentions(self, call: Call) -> Answer:
        found = [p for p in self._standing() if p.author != US and self._mentions(p, US)]
        return self._page(call, found[: self.mentions_reach])

    @route("GET", "/2/users/{id}/tweets")
    def own(self, call: Call) -> Answer:
        found = [p for p in self._standing() if p.author == call.parts["id"]]
        return self._page(call, found)

    @route("GET", "/2/tweets/{id}/quote_tweets")
    def quotes(self, call: Call) -> Answer:
        return self._page(call, [p for p in self._standing() if p.quoted == call.parts["id"]])

    @route("GET", "/2/tweets/search/recent")
    def search(self, call: Call) -> Answer:
        """Only the one kind of search that there may be."""
        asked, *without = call.query["query"].split(") ")
        roots = {one.partition(":")[2] for one in asked.lstrip("(").split(" OR ")}
        assert all(one in self.posts and self.posts[one].author == US for one in roots), asked
        assert without == ["-from:district5 -@district5"]
        found = [
            p
            for p in self._standing()
            if p.conversation in roots and p.author != US and not self._mentions(p, US)
        ]
        return self._page(call, [p for p in found if p.id not in roots])

    @route("GET", "/2/tweets")
    def lookup(self, call: Call) -> Answer:
        ids = call.query["ids"].split(",")
        found = [self.posts[one] for one in ids if one in self.posts]
        body = self._listed(call, found)
        gone = [_gone(one, self.word) for one in ids if one not in self.posts]
        return Answer(200, body | ({"errors": gone} if gone else {}))

    @route("GET", "/2/tweets/{id}")
    def one(self, call: Call) -> Answer:
        post = self.posts.get(call.parts["id"])
        if post is None:
            return Answer(200, {"errors": [_gone(call.parts["id"], self.word)]})
        body = self._listed(call, [post])
        return Answer(200, body | {"data": body["data"][0]})

    def _standing(self) -> list[Post]:
        """Posts in their newest version, newest first."""
        newest = [p for p in self.posts.values() if p.id == p.versions[-1]]
        return sorted(newest, key=lambda p: int(p.id), reverse=True)

    def _page(self, call: Call, found: Sequence[Post]) -> Answer:
        query = call.query
        since = int(query.get("since_id", 0))
        start = datetime.fromisoformat(query.get("start_time", "2000-01-01T00:00:00Z"))
        token = query.get("pagination_token") or query.get("next_token")
        below = int(token.removeprefix("token-")) if token else 2**63
        fits = [p for p in found if since < int(p.id) < below and p.at >= start]
        size = int(query.get("max_results", 10))
        body = self._listed(call, fits[:size])
        body["meta"] = {"result_count": len(fits[:size])}
        if len(fits) > size:
            body["meta"]["next_token"] = f"token-{fits[size - 1].id:0>20}"
        if fits and "quote_tweets" not in call.path:
            body["meta"] |= {"newest_id": fits[0].id, "oldest_id": fits[:size][-1].id}
        return Answer(200, body)

    # --- writing posts --------------------------------------------------------------------------

    @route("POST", "/2/tweets")
    def create(self, call: Call) -> Answer:
        asked = call.json()
        text = asked.get("text", "")
        parent = asked.get("reply", {}).get("in_reply_to_tweet_id", "")
        previous = asked.get("edit_options", {}).get("previous_post_id")
        if previous:
            post = self.edit(previous, text)
            return Answer(201, {"data": {"id": post.id, "text": text}})
        refusal = self._refusal(text, parent, asked)
        if refusal:
            return _problem(403, "Forbidden", refusal)
        media = asked.get("media", {}).get("media_ids", [])
        if parent and parent in self.posts:
            above = self.people[self.posts[parent].author]["username"]
            text = text if self.posts[parent].author == US else f"@{above} {text}"
        post = self.say(US, text, parent=parent, media=media, poll=asked.get("poll"))
        return Answer(201, {"data": {"id": post.id, "text": text}})

    def _refusal(self, text: str, parent: str, asked: Mapping[str, Any]) -> str:
        above = self.posts.get(parent)
        if parent and above is None:
            return "You attempted to reply to a Post that is deleted or not visible to you."
        quoted = self.posts.get(above.quoted) if above else None
        summoned = above and (
            above.author == US or self._mentions(above, US) or (quoted and quoted.author == US)
        )
        if above and not summoned and self.plan != "enterprise":
            return "Replying is allowed only where the author mentioned or quoted you."
        media = asked.get("media", {}).get("media_ids", [])
        if not all(self.media.get(one, {}).get("ready") for one in media):
            return "The media ids are invalid."
        if any(p.text == text and p.author == US and not p.parent for p in self.posts.values()):
            return "You are not allowed to create a Post with duplicate content."
        return ""

    @route("DELETE", "/2/tweets/{id}")
    def delete(self, call: Call) -> Answer:
        post = self.posts.get(call.parts["id"])
        if post is None:
            return _problem(404, "Not Found", "Not Found")
        if post.author != US:
            return _problem(403, "Forbidden", "Not yours.")
        self.remove(post.id)
        return Answer(200, {"data": {"deleted": True}})

    @route("PUT", "/2/tweets/{tweet_id}/hidden")
    def hide(self, call: Call) -> Answer:
        post = self.posts.get(call.parts["tweet_id"])
        root = self.posts.get(post.conversation) if post else None
        if post is None or root is None or root.author != US:
            return _problem(403, "Forbidden", "Only in conversations that you began.")
        post.hidden = call.json()["hidden"]
        return Answer(200, {"data": {"hidden": post.hidden}})

    # --- direct messages ------------------------------------------------------------------------

    @route("GET", "/2/dm_events")
    def dm_events(self, call: Call) -> Answer:
        return self._dm_page(call, self.dms)

    @route("GET", "/2/dm_events/{event_id}")
    def dm_event(self, call: Call) -> Answer:
        found = [one for one in self.dms if one.id == call.parts["event_id"]]
        if not found:
            return Answer(200, {"errors": [_gone(call.parts["event_id"], self.word)]})
        return Answer(200, {"data": self._dm_shown(found[0])})

    @route("GET", "/2/dm_conversations/{id}/dm_events")
    def exchange(self, call: Call) -> Answer:
        return self._dm_page(call, [one for one in self.dms if one.exchange == call.parts["id"]])

    @route("GET", "/2/dm_conversations/with/{participant_id}/dm_events")
    def exchange_with(self, call: Call) -> Answer:
        other = call.parts["participant_id"]
        return self._dm_page(call, [one for one in self.dms if other in (one.sender, one.to)])

    @route("POST", "/2/dm_conversations/with/{participant_id}/messages")
    def write_to(self, call: Call) -> Answer:
        return self._written(call, call.parts["participant_id"])

    @route("POST", "/2/dm_conversations/{dm_conversation_id}/messages")
    def write_in(self, call: Call) -> Answer:
        people = set(call.parts["dm_conversation_id"].split("-")) - {US}
        return self._written(call, people.pop())

    def _written(self, call: Call, to: str) -> Answer:
        asked = call.json()
        dm = self.write(US, to, asked.get("text", ""))
        dm.media = [one["media_id"] for one in asked.get("attachments", [])]
        return Answer(201, {"data": {"dm_conversation_id": dm.exchange, "dm_event_id": dm.id}})

    def _dm_page(self, call: Call, found: Sequence[Dm]) -> Answer:
        token = call.query.get("pagination_token")
        below = int(token.removeprefix("token-")) if token else 2**63
        size = int(call.query.get("max_results", 100))
        fits = sorted((one for one in found if int(one.id) < below), key=lambda d: -int(d.id))
        page = fits[:size]
        body: dict[str, Any] = {"meta": {"result_count": len(page)}}
        if page:
            body["data"] = [self._dm_shown(one) for one in page]
            body["includes"] = {"users": [self.people[one] for one in (US, ANA, BEN)]}
        if len(fits) > size:
            body["meta"]["next_token"] = f"token-{page[-1].id:0>20}"
        return Answer(200, body)

    # --- media ----------------------------------------------------------------------------------

    def _new_media(self, **kwargs: Any) -> str:
        number = self.new_id()
        self.media[number] = {"alt": "", "bytes": 0, **kwargs}
        return number

    @route("POST", "/2/media/upload")
    def upload(self, call: Call) -> Answer:
        number = self._new_media(ready=True, bytes=len(call.body))
        return Answer(200, {"data": {"id": number, "media_key": f"3_{number}"}})

    @route("POST", "/2/media/upload/initialize")
    def initialize(self, call: Call) -> Answer:
        asked = call.json()
        number = self._new_media(ready=False, total=asked["total_bytes"], next=0)
        return Answer(200, {"data": {"id": number, "media_key": f"7_{number}"}})

    @route("POST", "/2/media/upload/{id}/append")
    def append(self, call: Call) -> Answer:
        known = self.media[call.parts["id"]]
        known["next"] += 1
        known["bytes"] += len(call.body)
        return Answer(200, {"data": {"expires_at": int(self.clock().timestamp()) + 3600}})

    @route("POST", "/2/media/upload/{id}/finalize")
    def finalize(self, call: Call) -> Answer:
        known = self.media[call.parts["id"]]
        if known["bytes"] < known["total"]:
            return _problem(400, "Invalid Request", "Bytes are missing.", "invalid-request")
        known["checks"] = self.slow_checks
        return self._working(call.parts["id"])

    @route("GET", "/2/media/upload")
    def status(self, call: Call) -> Answer:
        number = call.query["media_id"]
        self.media[number]["checks"] -= 1
        return self._working(number)

    def _working(self, number: str) -> Answer:
        known = self.media[number]
        if known.get("fails"):
            state: dict[str, Any] = {"state": "failed"}
        elif known["checks"] > 0:
            state = {"state": "in_progress", "check_after_secs": 3, "progress_percent": 40}
        else:
            known["ready"], state = True, {"state": "succeeded", "progress_percent": 100}
        data = {"id": number, "media_key": f"7_{number}", "processing_info": state}
        return Answer(200, {"data": data})

    @route("POST", "/2/media/metadata")
    def describe(self, call: Call) -> Answer:
        asked = call.json()
        self.media[asked["id"]]["alt"] = asked["metadata"]["alt_text"]["text"]
        return Answer(200, {"data": {"id": asked["id"]}})

    # --- webhooks -------------------------------------------------------------------------------

    @route("GET", "/2/webhooks")
    def list_webhooks(self, call: Call) -> Answer:
        found = list(self.webhooks.values())
        body: dict[str, Any] = {"data": found} if found else {}
        return Answer(200, body | {"meta": {"result_count": len(found)}} if found else body)

    @route("POST", "/2/webhooks")
    def add_webhook(self, call: Call) -> Answer:
        number = self.new_id()
        hook = {
            "id": number,
            "url": call.json()["url"],
            "valid": True,
            "created_at": iso(self.clock()),
        }
        self.webhooks[number] = hook
        return Answer(200, {"data": hook})

    @route("PUT", "/2/webhooks/{webhook_id}")
    def check_webhook(self, call: Call) -> Answer:
        self.webhooks[call.parts["webhook_id"]]["valid"] = True
        return Answer(200, {"data": {"valid": True}})

    @route("POST", "/2/webhooks/replay")
    def replay(self, call: Call) -> Answer:
        self.replays.append(call.json())
        return Answer(200, {"data": {"job_id": self.new_id(), "created_at": iso(self.clock())}})

    @route("GET", "/2/activity/subscriptions")
    def list_subscriptions(self, call: Call) -> Answer:
        return Answer(200, {"data": self.subscriptions})

    @route("POST", "/2/activity/subscriptions")
    def subscribe(self, call: Call) -> Answer:
        made = call.json() | {
            "subscription_id": self.new_id(),
            "created_at": iso(self.clock()),
            "updated_at": iso(self.clock()),
        }
        self.subscriptions.append(made)
        return Answer(200, {"data": {"subscription": made}})


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _problem(status: int, title: str, detail: str, kind: str = "") -> Answer:
    type_ = f"https://api.x.com/2/problems/{kind}" if kind else "about:blank"
    body = {"title": title, "detail": detail, "status": status, "type": type_}
    return Answer(status, body)


def _gone(external_id: str, word: str) -> dict[str, Any]:
    host = "api.x.com" if word == "post" else "api.twitter.com"
    return {
        "type": f"https://{host}/2/problems/resource-not-found",
        "title": "Not Found Error",
        "detail": f"Could not find {word} with ids: [{external_id}].",
        "resource_type": word,
        "resource_id": external_id,
        "parameter": "ids",
        "value": external_id,
    }


def _not_taken() -> Answer:
    words = "Value passed for the token was invalid."
    return Answer(400, {"error": "invalid_request", "error_description": words})
