"""Speaking: what goes out, what it costs, and whether it did."""

from collections.abc import Callable, Iterator
from datetime import UTC, timedelta
from typing import Any

from callbox.connector import OutcomeUnknown, Refused, Unavailable
from callbox.networks.x import counting, dms, spend
from callbox.networks.x.api import Listed, path_id
from callbox.networks.x.media import Uploads
from callbox.networks.x.posts import SITE, Included, Post, same_words
from callbox.networks.x.reach import Reach
from callbox.networks.x.values import ident
from callbox.values import Json, mapping, moment
from callbox.vocabulary import Ours, Outgoing, Receipt

_SKEW = timedelta(minutes=1)
_MOST_PAGES = 8


class Outbox:
    """One account's voice."""

    def __init__(self, reach: Reach, sleep: Callable[[float], None]) -> None:
        self._reach = reach
        self._sleep = sleep

    # --- saying ---------------------------------------------------------------------------------

    def post(self, outgoing: Outgoing) -> Receipt:
        """Publish, or answer in public."""
        self._reach.purse.check_write()
        body: dict[str, Any] = {"text": words(outgoing)}
        if outgoing.reply_to is not None:
            body["reply"] = {"in_reply_to_tweet_id": parent_id(outgoing)}
        if outgoing.media:
            uploads = Uploads(self._reach.api, "tweet", self._sleep)
            body["media"] = {"media_ids": uploads.put(outgoing.media)}
        if outgoing.poll is not None:
            body["poll"] = {
                "options": list(outgoing.poll.options),
                "duration_minutes": outgoing.poll.minutes,
            }
        done = self._say("/2/tweets", body, price(outgoing), "posts written")
        return self._receipt(ident(done.get("id")))

    def edit(self, external_id: str, outgoing: Outgoing) -> Receipt:
        """New words for a post of ours. The new version has an id of its own; the post keeps its
        first. Words that it has already are not said again."""
        self._reach.purse.check_write()
        found = self._reach.api.get(f"/2/tweets/{path_id(external_id)}", self._params())
        post = Post(found.get("data"), Included(found.get("includes")))
        is_reply = post.parent_id is not None
        latest = post.versions[-1]
        if latest == post.id and same_words(post.text, words(outgoing), is_reply=is_reply):
            return self._receipt(external_id)
        body = {"text": words(outgoing), "edit_options": {"previous_post_id": latest}}
        done = self._say("/2/tweets", body, price(outgoing), "posts corrected")
        return Receipt(
            external_id, self._link(ident(done.get("id"))), {"id": ident(done.get("id"))}
        )

    def message(self, outgoing: Outgoing) -> Receipt:
        """Answer in private: in the exchange, or to the author of what they said in public."""
        self._reach.purse.check_write()
        body: dict[str, Any] = {"text": words(outgoing)}
        if outgoing.media:
            uploads = Uploads(self._reach.api, "dm", self._sleep)
            body["attachments"] = [{"media_id": one} for one in uploads.put(outgoing.media[:1])]
        base = f"/2/dm_conversations/{_exchange_path(outgoing)}"
        done = self._say(f"{base}/messages", body, spend.POST_MADE, "messages written")
        where = dms.exchange(done.get("dm_conversation_id"))
        external_id = f"{dms.PREFIX}{ident(done.get('dm_event_id'))}"
        return Receipt(external_id, f"{dms.MESSAGES}/{where}", {"exchange": where})

    def _say(self, path: str, body: Json, cost: int, what: str) -> Json:
        """What may have been said may have been charged."""
        try:
            done = self._reach.api.change("POST", path, body)
        except OutcomeUnknown:
            self._reach.purse.add(cost, 1, what)
            raise
        self._reach.purse.add(cost, 1, what)
        if not (ident(done.get("id")) or ident(done.get("dm_event_id"))):
            raise OutcomeUnknown("X answered without an id.")
        return done

    def _receipt(self, external_id: str) -> Receipt:
        return Receipt(external_id, self._link(external_id), {"id": external_id})

    def _link(self, external_id: str) -> str:
        return f"{SITE}/{self._reach.us.handle or 'i'}/status/{external_id}"

    def _params(self) -> dict[str, str]:
        return self._reach.spelling.post_params

    # --- looking for it -------------------------------------------------------------------------

    def find(self, outgoing: Outgoing) -> Receipt | None:
        """Whether it went out. None only when our own recent posts (or the exchange) were read back
        to before it was made."""
        if outgoing.lane == "private":
            return self._find_message(outgoing)
        wanted = words(outgoing)
        to = outgoing.reply_to
        parents: set[str | None] = {parent_id(outgoing), to.parent_id} if to else {None}
        is_reply = to is not None
        matches = [
            post
            for post in self._own_since(outgoing)
            if post.parent_id in parents and same_words(post.text, wanted, is_reply=is_reply)
        ]
        # The oldest: it is the one that this text made, should an equal one have come later.
        return self._receipt(matches[-1].external_id) if matches else None

    def _own_since(self, outgoing: Outgoing) -> Iterator[Post]:
        since = outgoing.made_at - _SKEW
        start = f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        params = {"max_results": "100", "start_time": start}
        path = f"/2/users/{self._reach.us.id}/tweets"
        for found in self._pages(path, params, self._reach.posts_whatever_it_costs):
            for one in found.items:
                post = Post(one, Included(found.includes))
                if post.said_at >= since and "retweeted" not in post.refers:
                    yield post

    def _find_message(self, outgoing: Outgoing) -> Receipt | None:
        since, wanted = outgoing.made_at - _SKEW, words(outgoing)
        matches: list[Ours] = []
        path, params = (
            f"/2/dm_conversations/{_exchange_path(outgoing)}/dm_events",
            {"max_results": "100"},
        )
        for found in self._pages(path, params, self._reach.messages_whatever_it_costs):
            for one in found.items:
                event = next(iter(dms.event(one, Included({}), self._reach.us)), None)
                if isinstance(event, Ours) and event.said_at >= since:
                    matches += [event] if same_words(event.text, wanted, is_reply=False) else []
            if any(_is_before(one, since) for one in found.items):
                break
        if not matches:
            return None
        return Receipt(matches[-1].external_id, matches[-1].permalink, matches[-1].refs)

    def _pages(
        self, path: str, params: dict[str, str], read: Callable[[str, dict[str, str]], Listed]
    ) -> Iterator[Listed]:
        for _ in range(_MOST_PAGES):
            found = read(path, params)
            yield found
            if not found.next:
                return
            params = {**params, "pagination_token": found.next}
        raise Unavailable("There are too many newer posts to be sure. A person has to look on X.")


def words(outgoing: Outgoing) -> str:
    """The text as it goes out: X makes a card of an address that stands in it."""
    if outgoing.link and outgoing.link not in outgoing.text:
        return f"{outgoing.text}\n{outgoing.link}".strip()
    return outgoing.text


def parent_id(outgoing: Outgoing) -> str:
    """The post that is answered: the version that was seen, should it have been edited."""
    to = outgoing.reply_to
    if to is None:
        return ""
    found = ident(to.refs.get("id")) or ident(to.parent_id)
    if not found:
        raise Refused("This message has no id on X that could be answered.")
    return found


def price(outgoing: Outgoing) -> int:
    """What X charges for it."""
    if counting.links(words(outgoing)):
        return spend.POST_WITH_LINK
    to = outgoing.reply_to
    summoned = to is not None and to.refs.get("summoned") is True
    return spend.SUMMONED_REPLY if summoned else spend.POST_MADE


def _exchange_path(outgoing: Outgoing) -> str:
    to = outgoing.reply_to
    if to is None:
        raise Refused("A private message on X needs somebody to go to.")
    where = dms.exchange(to.refs.get("exchange"))
    if where:
        return where
    if to.author is None or not ident(to.author.external_id):
        raise Refused("X does not say who wrote this, so nobody can be written to.")
    return f"with/{ident(to.author.external_id)}"


def _is_before(one: Json, since: Any) -> bool:
    made = moment(mapping(one).get("created_at"))
    return made is not None and made < since
