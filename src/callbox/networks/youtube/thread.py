"""The video and the thread around a comment, to show beside it."""

from collections.abc import Sequence

from callbox.networks.youtube import parse
from callbox.networks.youtube.api import Api
from callbox.networks.youtube.meeting import listed, top_of
from callbox.networks.youtube.values import ident
from callbox.values import Json, mapping, moment, text
from callbox.vocabulary import AttachmentSeen, AuthorSeen, Said

_MOST = 40
_PICTURES = ("high", "medium", "default")


def around(api: Api, external_id: str, us: str) -> Sequence[Said]:
    """Our video, the top comment and at most 40 replies, oldest first; empty when it is gone."""
    top_id = external_id.partition(".")[0]
    thread = api.one("commentThreads", "snippet,replies", top_id)
    if thread is None:
        return ()
    snippet = mapping(thread.get("snippet"))
    facts = {"id": top_id, "videoId": snippet.get("videoId")}
    comments = [top_of(thread), *listed(api, top_id)]
    said = [one for comment in comments if (one := parse.said_of(comment, facts, us))]
    said.sort(key=lambda one: one.said_at)
    return (*_video(api, ident(snippet.get("videoId"))), *said[:1], *said[1:][-_MOST:])


def _video(api: Api, video: str) -> tuple[Said, ...]:
    there = api.one("videos", "snippet", video) if video else None
    one = said_video(there) if there else None
    return (one,) if one else ()


def said_video(there: Json) -> Said | None:
    """A video as something said; None when it makes no sense."""
    snippet = mapping(there.get("snippet"))
    video, at = ident(there.get("id")), moment(snippet.get("publishedAt"))
    if not video or at is None:
        return None
    author = ident(snippet.get("channelId"))
    title = text(snippet.get("title"))
    picture = _picture(mapping(snippet.get("thumbnails")))
    return Said(
        video,
        at,
        AuthorSeen(author, name=text(snippet.get("channelTitle"))) if author else None,
        f"{title}\n{text(snippet.get('description'))}".strip(),
        None,
        permalink=f"{parse.WATCH_PAGE}{video}",
        attachments=(AttachmentSeen("image", picture, title=title),) if picture else (),
    )


def _picture(thumbnails: Json) -> str:
    for size in _PICTURES:
        url = text(mapping(thumbnails.get(size)).get("url"))
        if url.startswith("https://"):
            return url
    return ""
