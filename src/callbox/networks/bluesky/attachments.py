"""What comes with a post: pictures, video, a quoted post, links."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from callbox.networks.bluesky.shapes import (
    fields,
    members,
    permalink,
    post_uri,
    uri_parts,
    web_address,
    words,
)
from callbox.vocabulary import AttachmentSeen

# Where Bluesky's AppView serves a file of a post (a record holds only its hash).
PICTURE = "https://cdn.bsky.app/img/feed_fullsize/plain/{did}/{cid}@jpeg"
VIDEO = "https://video.bsky.app/watch/{did}/{cid}/playlist.m3u8"
MOST = 50  # of a hostile record; Bluesky itself takes far fewer


def attachments(record: Mapping[str, Any], uri: str) -> tuple[AttachmentSeen, ...]:
    """Everything that hangs on the post at `uri`, in reading order, each thing once.

    Programs shorten the links that they show, so those marked in the text count too. An embed of
    an unknown kind becomes “other”: somebody should open the post to see it.
    """
    found: dict[tuple[str, str], AttachmentSeen] = {}
    for seen in (*_embedded(fields(record.get("embed")), uri), *_linked(record)):
        found.setdefault((seen.kind, seen.url), seen)
    return tuple(found.values())[:MOST]


def _embedded(embed: Mapping[str, Any], uri: str) -> Iterator[AttachmentSeen]:
    kind = words(embed.get("$type"))
    if not kind:
        return
    if kind == "app.bsky.embed.recordWithMedia":
        yield from _one(fields(embed.get("media")), uri)
        yield from _one({**fields(embed.get("record")), "$type": "app.bsky.embed.record"}, uri)
    else:
        yield from _one(embed, uri)


def _one(embed: Mapping[str, Any], uri: str) -> Iterator[AttachmentSeen]:
    read = _READERS.get(words(embed.get("$type")), _unknown)
    yield from read(embed, uri)


def _pictures(embed: Mapping[str, Any], uri: str) -> Iterator[AttachmentSeen]:
    for picture in (*members(embed.get("images")), *members(embed.get("items"))):
        shape = fields(picture)
        url = _file(PICTURE, shape.get("image"), uri)
        if url:
            yield AttachmentSeen("image", url, alt=words(shape.get("alt")))


def _video(embed: Mapping[str, Any], uri: str) -> Iterator[AttachmentSeen]:
    url = _file(VIDEO, embed.get("video"), uri)
    if url:
        yield AttachmentSeen("video", url, alt=words(embed.get("alt")))


def _card(embed: Mapping[str, Any], _uri: str) -> Iterator[AttachmentSeen]:
    card = fields(embed.get("external"))
    url = web_address(card.get("uri"))
    if url:
        yield AttachmentSeen("link", url, title=words(card.get("title")))


def _record(embed: Mapping[str, Any], uri: str) -> Iterator[AttachmentSeen]:
    quoted = permalink(post_uri(fields(embed.get("record")).get("uri")))
    if quoted:
        yield AttachmentSeen("quote", quoted)
    else:  # a list, a starter pack: shown with the post only
        yield from _unknown(embed, uri)


def _unknown(_embed: Mapping[str, Any], uri: str) -> Iterator[AttachmentSeen]:
    yield AttachmentSeen("other", permalink(uri))


def _linked(record: Mapping[str, Any]) -> Iterator[AttachmentSeen]:
    for facet in members(record.get("facets"))[:MOST]:
        for feature in members(fields(facet).get("features"))[:MOST]:
            shape = fields(feature)
            url = web_address(shape.get("uri"))
            if url and words(shape.get("$type")) == "app.bsky.richtext.facet#link":
                yield AttachmentSeen("link", url)


def _file(address: str, blob: Any, uri: str) -> str:
    cid = words(fields(fields(blob).get("ref")).get("$link"))
    return address.format(did=uri_parts(uri)[0], cid=cid) if cid.isalnum() else ""


_READERS: dict[str, Callable[[Mapping[str, Any], str], Iterator[AttachmentSeen]]] = {
    "app.bsky.embed.images": _pictures,
    "app.bsky.embed.gallery": _pictures,
    "app.bsky.embed.video": _video,
    "app.bsky.embed.external": _card,
    "app.bsky.embed.record": _record,
}
