"""What stands around a comment, and what became of something of ours."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from callbox.connector import Refused, Seen, Unavailable
from callbox.meta.errors import fault_of
from callbox.meta.graph import Graph
from callbox.meta.times import moment
from callbox.meta.values import ident, objects, web
from callbox.networks.instagram import shapes
from callbox.networks.instagram.shapes import Senseless
from callbox.networks.instagram.us import Us
from callbox.networks.instagram.walking import EXPANDED
from callbox.values import Json, mapping, text
from callbox.vocabulary import AuthorSeen, Ours, Said

_MEDIA: Final = "media{id,caption,timestamp,permalink,media_product_type}"
_MENTION: Final = "id,text,timestamp,username,media{id,permalink}"
_COMMENT_LOOK: Final = "id,text,hidden,timestamp"
_MEDIA_LOOK: Final = "id,caption,permalink,timestamp"
_INVALID = 100  # among others: a field that this kind of object does not have


def is_message(external_id: str) -> bool:
    """Whether this is a private message: posts and comments have numbers, messages do not."""
    return not external_id.isdigit()


def context(graph: Graph, us: Us, external_id: str) -> Sequence[Said]:
    """The post, the comment at the top and its answers, oldest first. Empty for messages (their
    exchange is all there is) and for what is gone."""
    if is_message(external_id):
        return ()
    one = _comment(graph, external_id)
    if not one:
        return _mention(graph, us, external_id)
    media = mapping(one.get("media"))
    above = ident(one.get("parent_id"))
    top = (graph.maybe(f"/{above}", {"fields": EXPANDED}) if above else None) or one
    comments = [top, *({**reply, "parent_id": top.get("id")} for reply in _replies(top))]
    found = [_post(media, us), *(_said(each, us, media) for each in comments)]
    return sorted((each for each in found if each), key=lambda said: said.said_at)


def _mention(graph: Graph, us: Us, external_id: str) -> Sequence[Said]:
    """The words of a mention under somebody else's post, where we may see them: a webhook for one
    of several accounts that share an app brings its number only."""
    if not us.through_page:
        return ()
    fields = f"mentioned_comment.comment_id({external_id}){{{_MENTION}}}"
    try:
        found = mapping(graph.read(f"/{us.id}", {"fields": fields}).get("mentioned_comment"))
        media = ident(mapping(found.get("media")).get("id"))
        body = {"media_id": media, "comment_id": external_id, "comment": found}
        event = shapes.mention(body, us, None)
    except (Refused, Senseless):
        return ()
    return [replace(event, addressed=None)] if isinstance(event, Said) else ()


def _comment(graph: Graph, external_id: str) -> Json | None:
    """The comment; None when it is gone, or when it is a post (a mention in a caption)."""
    try:
        return graph.maybe(f"/{external_id}", {"fields": f"{EXPANDED},{_MEDIA}"})
    except Refused as error:
        if _is_other_kind(error):
            return None
        raise


def _replies(top: Json) -> list[Json]:
    return objects(top.get("replies"))


def _post(media: Json, us: Us) -> Said | None:
    at, media_id = moment(media.get("timestamp")), ident(media.get("id"))
    if at is None or not media_id:
        return None
    author = AuthorSeen(us.id, us.handle, profile_url=shapes.profile(us.handle))
    words, link = text(media.get("caption")), web(media.get("permalink"))
    return Said(media_id, at, author, words, None, permalink=link)


def _said(comment: Json, us: Us, media: Json) -> Said | None:
    """A comment as context; our own as said by us."""
    try:
        event = shapes.comment(comment, us, media, None)
    except Senseless:
        return None
    if isinstance(event, Ours):
        author = AuthorSeen(us.id, us.handle, profile_url=shapes.profile(us.handle))
        return Said(
            event.external_id,
            event.said_at,
            author,
            event.text,
            None,
            root_id=event.root_id,
            parent_id=event.parent_id,
            permalink=event.permalink,
            refs=event.refs,
        )
    return event if isinstance(event, Said) else None


def look(graph: Graph, external_id: str) -> Seen:
    """Something of ours as it stands: a comment, a post, or a message."""
    if is_message(external_id):
        found = graph.maybe(f"/{external_id}", {"fields": "id,message,created_time"})
        if found is None:
            raise Unavailable("Instagram shows only the newest messages of an exchange.")
        return Seen(gone=False, text=text(found.get("message")))
    try:
        found = graph.maybe(f"/{external_id}", {"fields": _COMMENT_LOOK})
        words = "text"
    except Refused as error:
        if not _is_other_kind(error):
            raise
        found, words = graph.maybe(f"/{external_id}", {"fields": _MEDIA_LOOK}), "caption"
    if found is None:
        return Seen(gone=True)
    return Seen(gone=False, text=text(found.get(words)))


def is_post(graph: Graph, external_id: str) -> bool:
    """Whether this is a post and not a comment."""
    try:
        graph.maybe(f"/{external_id}", {"fields": _COMMENT_LOOK})
    except Refused as error:
        return _is_other_kind(error)
    return False


def _is_other_kind(error: Refused) -> bool:
    """Whether the network says that this kind of object has no such field."""
    fault = fault_of(error)
    return fault is not None and fault.code == _INVALID and not fault.is_gone
