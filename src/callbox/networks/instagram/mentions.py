"""Mentions and marks in other people's posts.

A webhook about a mention holds numbers only. With Facebook Login the words can be looked up
(`mentioned_comment`, `mentioned_media`), so the numbers are noted in the session before the webhook
is answered, and the next poll looks them up; they are forgotten one poll later, when what was found
is certainly stored. Instagram Login has no such way. Which pictures mark us, both can list.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from callbox.connector import Raw, Refused, Session
from callbox.meta.graph import Graph
from callbox.meta.times import moment
from callbox.meta.values import ident, objects
from callbox.networks.instagram.us import Us
from callbox.values import Json, mapping, text

_COMMENT: Final = "id,text,timestamp,like_count,media{id,permalink}"
_COMMENT_MORE: Final = f"{_COMMENT},username,from"
_MEDIA: Final = "id,caption,timestamp,username,media_type"
_MEDIA_MORE: Final = f"{_MEDIA},permalink"
_TAGGED: Final = "id,caption,timestamp,username,permalink,media_type"
_REMEMBERED = 200
_PER_POLL = 5
_PAGES = 4


def noted(entry: Json) -> list[dict[str, str]]:
    """The mentions in a webhook's entry: their numbers, and when it was sent."""
    changes = [*objects(entry.get("changes")), entry]
    found = []
    for change in changes:
        if change.get("field") != "mentions":
            continue
        value = mapping(change.get("value"))
        at = moment(entry.get("time"))
        if ident(value.get("media_id")):
            found.append(
                {
                    "media_id": ident(value.get("media_id")),
                    "comment_id": ident(value.get("comment_id")),
                    "at": at.isoformat() if at else "",
                }
            )
    return found


def note(session: Session, found: Sequence[Mapping[str, str]]) -> None:
    """Keep mentions until their words were looked up."""

    def change(current: Mapping[str, Any]) -> Mapping[str, Any]:
        held = objects(current.get("mentions"))
        fresh = [dict(one) for one in found if _key(one) not in {_key(old) for old in held}]
        return {**current, "mentions": [*held, *fresh]}

    session.renew(change)


def _key(one: Mapping[str, Any]) -> str:
    return f"{ident(one.get('media_id'))}/{ident(one.get('comment_id'))}"


class Mentions:
    """Mentions of one account."""

    def __init__(self, graph: Graph, us: Us, session: Session) -> None:
        self._graph = graph
        self._us = us
        self._session = session

    def looked_up(self, state: dict[str, Any]) -> list[Raw]:
        """The words of what was noted. What Instagram refuses to show comes without them."""
        held = objects(self._session.read().get("mentions"))
        done = set(state.get("mentions_done") or ())
        if done:
            self._forget(done)
        waiting = [one for one in held if _key(one) not in done][:_PER_POLL]
        raws = [Raw.of("mention", self._found(one)) for one in waiting]
        state["mentions_done"] = [_key(one) for one in waiting]
        return raws

    def _forget(self, done: set[str]) -> None:
        def change(current: Mapping[str, Any]) -> Mapping[str, Any]:
            held = objects(current.get("mentions"))
            return {**current, "mentions": [one for one in held if _key(one) not in done]}

        self._session.renew(change)

    def _found(self, one: Json) -> dict[str, Any]:
        """A mention with its words. The reference and the guide disagree on which fields there
        are, so a refusal is followed by the fewer that both name."""
        for fields in ((_COMMENT_MORE, _MEDIA_MORE), (_COMMENT, _MEDIA)):
            try:
                return {**one, **self._asked(one, *fields)}
            except Refused:
                continue
        return dict(one)

    def _asked(self, one: Json, comment: str, media: str) -> dict[str, Any]:
        if ident(one.get("comment_id")):
            fields = f"mentioned_comment.comment_id({ident(one['comment_id'])}){{{comment}}}"
            found = self._graph.read(f"/{self._us.id}", {"fields": fields})
            return {"comment": mapping(found.get("mentioned_comment"))}
        fields = f"mentioned_media.media_id({ident(one['media_id'])}){{{media}}}"
        found = self._graph.read(f"/{self._us.id}", {"fields": fields})
        return {"media": mapping(found.get("mentioned_media"))}

    def tags(self, state: dict[str, Any]) -> tuple[list[Raw], bool]:
        """Pictures that mark us and that we did not know, and whether some were out of reach."""
        known = [text(one) for one in state.get("tags") or ()]
        since, found = moment(state.get("since")), []
        asked: dict[str, Any] = {"fields": _TAGGED, "limit": 25}
        reached = False
        for _ in range(_PAGES):
            page = self._graph.listing(f"/{self._us.id}/tags", asked)
            fresh = [one for one in page.items if ident(one.get("id")) not in known]
            found += fresh
            reached = not page.next or len(fresh) < len(page.items) or not state.get("tags")
            if reached:
                break
            asked |= page.next
        state["tags"] = [*(ident(one.get("id")) for one in found), *known][:_REMEMBERED]
        new = [one for one in found if known or _is_after(one, since)]
        return [Raw.of("tag", {"media": one}) for one in new], not reached


def _is_after(one: Json, since: datetime | None) -> bool:
    at = moment(one.get("timestamp"))
    return at is None or since is None or at >= since
