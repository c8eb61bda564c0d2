"""Did it go out? Looking for a text of ours where it would stand.

A comment under its post, a post among the Page's, a message in its exchange: newest first, back to
when the text was made. “No” is only said after that walk; anything less raises.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from callbox.connector import ConnectorError, Unavailable
from callbox.meta.errors import fault_of
from callbox.meta.graph import Graph
from callbox.meta.times import moment
from callbox.meta.values import ident, web
from callbox.networks.facebook import shapes
from callbox.values import Json, mapping, text
from callbox.vocabulary import Lane, Outgoing, Receipt

SLACK = timedelta(minutes=1)  # the network's clock may be that far behind ours
_MOST_PAGES = 10
_COMMENT = "id,message,from{id},created_time,parent{id},permalink_url"
_POST = "id,message,from{id},created_time,permalink_url"


class Search:
    """One look for one text."""

    def __init__(self, graph: Graph, us: str, outgoing: Outgoing) -> None:
        self._graph = graph
        self._us = us
        self._out = outgoing
        self._since = outgoing.made_at - SLACK

    def run(self) -> Receipt | None:
        """The receipt, or None when it is certain that it is not there."""
        if self._out.lane is Lane.PRIVATE:
            return self._message()
        return self._comment() if self._out.reply_to else self._post()

    def _comment(self) -> Receipt | None:
        """Below the post, wherever it hangs: an answer to an answer is put one branch higher."""
        to = self._out.reply_to
        if to is None:
            return None
        root = to.root_id or to.parent_id
        places = {to.parent_id, ident(to.refs.get("top"))}
        if to.parent_id == root:
            places = {""}
        params = {"fields": _COMMENT, "filter": "stream", "order": "reverse_chronological"}
        for one in self._back(f"/{root}/comments", params):
            if ident(mapping(one.get("parent")).get("id")) in places and self._is_it(one):
                return _receipt(one)
        return None

    def _post(self) -> Receipt | None:
        lists = [("scheduled_posts" if self._out.publish_at else "published_posts", _POST)]
        for edge, fields in lists:
            for one in self._back(f"/{self._us}/{edge}", {"fields": fields}):
                if self._is_it(one):
                    return _receipt(one)
        return self._video() if any(one.is_video for one in self._out.media) else None

    def _video(self) -> Receipt | None:
        """A video is listed here while Facebook still works on it."""
        params = {"fields": "id,description,created_time,permalink_url,post_id", "type": "UPLOADED"}
        for one in self._back(f"/{self._us}/videos", params):
            made = moment(one.get("created_time"))
            if made and made >= self._since and _same(one.get("description"), self._out.text):
                return video_receipt(self._us, one)
        return None

    def _message(self) -> Receipt | None:
        for thread in self._threads():
            params = {"fields": "id,message,from{id},created_time"}
            for one in self._back(f"/{thread}/messages", params):
                if self._is_it(one):
                    return Receipt(ident(one.get("id")))
        return None

    def _threads(self) -> Iterable[str]:
        """The exchanges that it may be in: the author's, and the one that a private answer to a
        comment begins."""
        to = self._out.reply_to
        if to is None:
            return []
        found = [thread_of(self._graph, self._us, to.author.external_id)] if to.author else []
        if to.lane is not Lane.PRIVATE:
            asked = self._graph.maybe(f"/{to.parent_id}", {"fields": "private_reply_conversation"})
            started = mapping(mapping(asked).get("private_reply_conversation"))
            found.append(ident(started.get("id")))
        return dict.fromkeys(one for one in found if one)

    def _back(self, path: str, params: dict[str, Any]) -> Iterator[Json]:
        """A list, newest first, back to when the text was made. Gone with its parent: empty."""
        asked = {**params, "limit": 50}
        for _ in range(_MOST_PAGES):
            try:
                page = self._graph.listing(path, asked)
            except ConnectorError as error:
                fault = fault_of(error)
                if fault and fault.is_gone:
                    return
                raise
            yield from page.items
            times = [at for one in page.items if (at := moment(one.get("created_time")))]
            if times and min(times) < self._since:
                return
            if len(times) < len(page.items):
                raise Unavailable("Facebook does not show enough to be sure. A person has to look.")
            if not page.next:
                return
            asked |= page.next
        raise Unavailable("There is too much newer to be sure. A person has to look.")

    def _is_it(self, one: Json) -> bool:
        made, who = moment(one.get("created_time")), mapping(one.get("from"))
        return (
            made is not None
            and made >= self._since
            and ident(who.get("id")) == self._us
            and _same(one.get("message"), self._out.text)
        )


def thread_of(graph: Graph, us: str, person: str) -> str:
    """The exchange with somebody, "" when there is none."""
    params = {"fields": "id", "user_id": person, "platform": "MESSENGER"}
    try:
        listed = graph.listing(f"/{us}/conversations", params).items
    except ConnectorError as error:
        fault = fault_of(error)
        if fault and fault.is_gone:
            return ""
        raise
    return ident(listed[0].get("id")) if listed else ""


def video_receipt(us: str, video: Json) -> Receipt:
    """A video of ours: the post that it is in, once there is one."""
    post_id = ident(video.get("post_id"))
    external_id = f"{us}_{post_id}" if post_id and "_" not in post_id else post_id
    external_id = external_id or ident(video.get("id"))
    return Receipt(external_id, web(video.get("permalink_url")) or shapes.link(external_id))


def _receipt(one: Json) -> Receipt:
    external_id = ident(one.get("id"))
    return Receipt(external_id, web(one.get("permalink_url")) or shapes.link(external_id))


def _same(found: Any, wanted: str) -> bool:
    """Whether two texts are the same but for white space, which Facebook trims."""
    return " ".join(text(found).split()) == " ".join(text(wanted).split())
