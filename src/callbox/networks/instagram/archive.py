"""Instagram's own download of an account ("Download your information", as JSON).

It holds what the account said and its private messages. **Comments that others wrote are not in
it**: those come through the API only. People in it have a name and no number, and messages have no
number either, so both are made from the exchange's own folder, the time and the words. Instagram
writes these files with every byte of UTF-8 as a character of its own; `mended` undoes it.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from callbox.connector import Archive, Malformed, Raw
from callbox.meta.times import moment
from callbox.meta.values import objects
from callbox.networks.instagram.us import Us
from callbox.values import Json, mapping, text
from callbox.vocabulary import Addressed, AttachmentSeen, AuthorSeen, Event, Lane, Ours, Said

POST = "archive:post"
MESSAGE = "archive:message"
COMMENT = "archive:comment"

_POSTS = re.compile(r"(?:^|/)(?:posts_\d+|stories|reels|igtv_videos)\.json$")
_LISTS = ("ig_stories", "ig_reels_media", "ig_igtv_media", "ig_posts_media")
_MESSAGES = re.compile(r"(?:^|/)messages/(?:inbox|message_requests)/([^/]+)/message_\d+\.json$")
_COMMENTS = re.compile(r"(?:^|/)(?:post_comments(?:_\d+)?|reels_comments)\.json$")
_WHO = re.compile(r"(?:^|/)personal_information\.json$")


def mended(words: str) -> str:
    """Words whose UTF-8 bytes were each written as a character, as they were meant."""
    try:
        return words.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return words


def raws(folder: Archive) -> Iterator[Raw]:
    """Everything of ours in a download. Raises Malformed when it is none of Instagram's, or when
    it was downloaded as HTML."""
    names = sorted(folder.names())
    useful = [one for one in names if any(p.search(one) for p in (_POSTS, _MESSAGES, _COMMENTS))]
    if not useful:
        html = any(name.endswith(("posts_1.html", "message_1.html")) for name in names)
        raise Malformed(
            "This download is made of web pages. Ask Instagram for it again, as JSON."
            if html
            else "This is no download of Instagram's: it has no posts, comments or messages."
        )
    ours = _our_names(folder, names)
    for name in useful:
        yield from _file(name, _decoded(folder.read(name)), ours)


def _decoded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"a file of the download is not JSON: {error}") from error


def _our_names(folder: Archive, names: Sequence[str]) -> list[str]:
    """Under which names we stand in the messages."""
    found = []
    for name in names:
        if _WHO.search(name):
            for one in objects(mapping(_decoded(folder.read(name))).get("profile_user")):
                data = mapping(one.get("string_map_data"))
                found += [text(mapping(data.get(key)).get("value")) for key in ("Name", "Username")]
    return [name for name in found if name]


def _file(name: str, content: Any, ours: list[str]) -> Iterator[Raw]:
    exchange = _MESSAGES.search(name)
    if exchange:
        head = {"exchange": exchange[1], "ours": ours}
        people = objects(mapping(content).get("participants"))
        for one in objects(mapping(content).get("messages")):
            yield Raw.of(MESSAGE, {**head, "participants": people, "message": one})
        return
    kind = COMMENT if _COMMENTS.search(name) else POST
    for one in _listed(content):
        yield Raw.of(kind, {"post" if kind == POST else "comment": one})


def _listed(content: Any) -> list[Json]:
    """A file's items: a bare list, or one under the name of what it holds."""
    if isinstance(content, list):
        return objects(content)
    found = mapping(content)
    names = (*_LISTS, *(name for name in found if name.startswith("comments_")))
    return [one for name in names for one in objects(found.get(name))]


def events(body: Json, us: Us, kind: str) -> Sequence[Event]:
    """One item as events; empty for what has no time (a reaction, a call)."""
    if kind == POST:
        return _post(mapping(body.get("post")))
    if kind == COMMENT:
        return _comment(mapping(body.get("comment")))
    return _message(body, us)


def _numbered(*parts: str) -> str:
    """A number for what has none: the same for the same item in every download."""
    return "archive:" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def _post(post: Json) -> Sequence[Event]:
    media = objects(post.get("media")) or [post]
    at = moment(post.get("creation_timestamp")) or moment(media[0].get("creation_timestamp"))
    if at is None:
        return ()
    words = mended(text(post.get("title")) or text(media[0].get("title")))
    uri = text(media[0].get("uri"))
    return (Ours(_numbered("post", uri, at.isoformat()), at, words),)


def _comment(comment: Json) -> Sequence[Event]:
    """A comment of ours under somebody's post. Which post it was, the download does not say."""
    data = mapping(comment.get("string_map_data"))
    words = mended(text(mapping(data.get("Comment")).get("value")))
    at = moment(mapping(data.get("Time")).get("timestamp"))
    return (Ours(_numbered("comment", words, at.isoformat()), at, words),) if at else ()


def _message(body: Json, us: Us) -> Sequence[Event]:
    message, exchange = mapping(body.get("message")), text(body.get("exchange"))
    at, sender = moment(message.get("timestamp_ms")), mended(text(message.get("sender_name")))
    words = mended(text(message.get("content")))
    if at is None or not exchange or not sender:
        return ()
    message_id = _numbered("message", exchange, at.isoformat(), sender, words)
    root = f"dm:archive:{exchange}"
    if sender in _ours(body, us):
        return (Ours(message_id, at, words, Lane.PRIVATE, root),)
    return (
        Said(
            message_id,
            at,
            AuthorSeen(f"archive:{exchange}:{_short(sender)}", name=sender),
            words,
            Addressed.DIRECT,
            Lane.PRIVATE,
            root,
            attachments=tuple(_attachments(message)),
            refs={"kind": "archived"},
        ),
    )


def _ours(body: Json, us: Us) -> set[str]:
    """Our names; the download puts us last among the people of an exchange."""
    given = body.get("ours")
    names = {mended(text(one)) for one in given} if isinstance(given, list) else set()
    names |= {us.handle} - {""}
    if len(names) < 2:
        people = objects(body.get("participants"))
        names |= {mended(text(people[-1].get("name")))} if len(people) > 1 else set()
    return names - {""}


def _short(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:12]


def _attachments(message: Json) -> Iterator[AttachmentSeen]:
    """What came with it, by name: the files themselves are in the download, not on the web."""
    for name, kind in (("photos", "image"), ("videos", "video"), ("audio_files", "audio")):
        for one in objects(message.get(name)):
            yield AttachmentSeen(kind, "", title=text(one.get("uri")).rsplit("/", 1)[-1])
    link = text(mapping(message.get("share")).get("link"))
    if link.startswith("https://"):
        yield AttachmentSeen("link", link)
