"""Saying something: comments, private answers, messages, posts. Exactly one call of each deed is
visible to anybody; what comes before it (uploads) is not.

Facebook has no idempotency key: whoever calls looks with `find` before a second try. A second post
of the same text may be turned down as a duplicate (code 506); then it is looked for: that is how a
first try shows that was taken after all.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from callbox.connector import ConnectorError, OutcomeUnknown, Refused
from callbox.meta import windows
from callbox.meta.errors import fault_of
from callbox.meta.graph import Graph
from callbox.meta.times import epoch
from callbox.meta.values import ident
from callbox.networks.facebook import media, shapes
from callbox.networks.facebook.find import Search, video_receipt
from callbox.values import Json
from callbox.vocabulary import Lane, Outgoing, Receipt, ReplyTo

_NO_PARENT = "There is nothing to answer."


class Outbox:
    """What one Page says."""

    def __init__(
        self, graph: Graph, us: str, now: Callable[[], datetime], videos: Callable[[], Graph]
    ) -> None:
        self._graph = graph
        self._videos = videos  # the same API at the address that takes videos
        self._us = us
        self._now = now

    def reply(self, outgoing: Outgoing) -> Receipt:
        """A comment below a post or a comment."""
        to = outgoing.reply_to
        if to is None:
            raise Refused(_NO_PARENT)
        body: dict[str, Any] = {"message": outgoing.text}
        if outgoing.media:
            body["attachment_id"] = media.photo(self._graph, self._us, outgoing.media[0])
        answer = self._said(outgoing, f"/{to.parent_id}/comments", body)
        return answer if isinstance(answer, Receipt) else _receipt(answer)

    def message(self, outgoing: Outgoing) -> Receipt:
        """A private message: an answer in an exchange, or the one to a public comment."""
        to = outgoing.reply_to
        if to is None:
            raise Refused(_NO_PARENT)
        body: dict[str, Any] = {
            # `metadata` comes back with the echo: so the echo is known as this very delivery.
            "message": {"text": outgoing.text, "metadata": outgoing.key},
            "recipient": self._recipient(to),
        }
        if to.lane is Lane.PRIVATE:
            body |= windows.messaging(outgoing, self._now())
        else:
            windows.private_reply(to, self._now())
            body["messaging_type"] = "RESPONSE"
        answer = self._graph.write("POST", f"/{self._us}/messages", body)
        external_id = ident(answer.get("message_id"))
        if not external_id:
            raise OutcomeUnknown("Facebook gave no id for the message.")
        person = ident(answer.get("recipient_id"))
        return Receipt(external_id, refs={"person": person} if person else {})

    def _recipient(self, to: ReplyTo) -> Mapping[str, str]:
        if to.lane is not Lane.PRIVATE:
            # A visitor's post is answered in private by its own id (“Private replies”).
            name = "comment_id" if to.refs.get("kind", "comment") == "comment" else "post_id"
            return {name: to.parent_id}
        person = ident(to.refs.get("person")) or (to.author.external_id if to.author else "")
        if not person:
            raise Refused("Facebook does not say who wrote this, so it cannot be answered.")
        return {"id": person}

    def publish(self, outgoing: Outgoing) -> Receipt:
        """A post of the Page: text, link, pictures or a video; now, or held by Facebook."""
        if any(one.is_video for one in outgoing.media):
            return self._video(outgoing)
        body: dict[str, Any] = {"message": outgoing.text} if outgoing.text else {}
        if outgoing.link:
            body["link"] = outgoing.link
        held = outgoing.publish_at is not None
        pictures = [
            media.photo(self._graph, self._us, one, scheduled=held) for one in outgoing.media
        ]
        if pictures:
            body["attached_media"] = [{"media_fbid": one} for one in pictures]
        answer = self._said(outgoing, f"/{self._us}/feed", {**body, **_held(outgoing)})
        return answer if isinstance(answer, Receipt) else _receipt(answer)

    def _video(self, outgoing: Outgoing) -> Receipt:
        upload = media.Video(self._videos(), self._us, outgoing.media[0])
        session, video_id = upload.upload()
        words = {"description": outgoing.text, **_held(outgoing)}
        upload.finish(session, words)
        return self._video_receipt(video_id)

    def _video_receipt(self, video_id: str) -> Receipt:
        """The post that a video is in, where Facebook already says so; else the video itself."""
        try:
            found = self._graph.maybe(f"/{video_id}", {"fields": "id,post_id,permalink_url"})
        except ConnectorError:
            found = None  # it is published; only its address is not known yet
        return video_receipt(self._us, found or {"id": video_id})

    def _said(self, outgoing: Outgoing, path: str, body: Mapping[str, Any]) -> Json | Receipt:
        try:
            return self._graph.write("POST", path, body)
        except Refused as error:
            fault = fault_of(error)
            if fault is None or not fault.is_duplicate:
                raise
            found = self._looked_up(outgoing)
            if found is None:
                raise
            return found

    def _looked_up(self, outgoing: Outgoing) -> Receipt | None:
        try:
            return Search(self._graph, self._us, outgoing).run()
        except ConnectorError as error:
            raise OutcomeUnknown(str(error)) from error


def _held(outgoing: Outgoing) -> Mapping[str, Any]:
    """What has Facebook hold a post until its time (“Pages API, Posts”)."""
    if outgoing.publish_at is None:
        return {}
    return {
        "published": "false",
        "scheduled_publish_time": str(epoch(outgoing.publish_at)),
        "unpublished_content_type": "SCHEDULED",
    }


def _receipt(answer: Json) -> Receipt:
    external_id = ident(answer.get("post_id")) or ident(answer.get("id"))
    if not external_id:
        raise OutcomeUnknown("Facebook gave no id for what we said.")
    return Receipt(external_id, shapes.link(external_id))
