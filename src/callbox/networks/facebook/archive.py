"""A Page's own download (“Download profile information”, format JSON) as Raws, and back as events.

Texts in it are UTF-8 bytes, each written as if it were a Latin-1 character; `readable` undoes that.
Nothing in it has an id: one is made from where and when a thing was said, so that reading the same
download twice gives the same messages once.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from callbox.connector import Archive, Malformed, Raw
from callbox.meta.times import moment
from callbox.meta.values import objects
from callbox.values import Json, mapping, text
from callbox.vocabulary import Addressed, AttachmentSeen, AuthorSeen, Event, Lane, Ours, Said

_MESSAGES = re.compile(
    r"(?:^|/)messages/(?:inbox|archived_threads|filtered_threads|message_requests)/.+/message_\d+\.json$"
)
_POSTS = re.compile(r"(?:^|/)posts/(?:[a-z_]+/)?(?:your|profile|page)_posts[a-z_]*_?\d*\.json$")
_COMMENTS = re.compile(r"(?:^|/)comments(?:_and_reactions)?/(?:your_)?comments\.json$")
_MOST_BYTES = 200 * 1024 * 1024


def read(folder: Archive) -> Iterator[Raw]:
    """Every message, post and comment in a download. Raises Malformed when it is no such thing."""
    names = sorted(folder.names())
    threads = [name for name in names if _MESSAGES.search(name)]
    posts = [name for name in names if _POSTS.search(name)]
    comments = [name for name in names if _COMMENTS.search(name)]
    if not (threads or posts or comments):
        raise Malformed("This is not a Facebook download in the format JSON.")
    us = _ourselves(folder, threads)
    for name in posts:
        yield from _posts(_decoded(folder, name))
    for name in comments:
        yield from _comments(_decoded(folder, name), us)
    for name in threads:
        yield from _thread(mapping(_decoded(folder, name)), name, us)


def _decoded(folder: Archive, name: str) -> Any:
    body = folder.read(name)
    if len(body) > _MOST_BYTES:
        raise Malformed(f"{name} is too large")
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"{name} is not JSON: {error}") from error


def _ourselves(folder: Archive, threads: list[str]) -> str:
    """Our Page's name in the download: whoever is in most of its exchanges."""
    seen: Counter[str] = Counter()
    for name in threads:
        whole = mapping(_decoded(folder, name))
        seen.update({text(one.get("name")) for one in objects(whole.get("participants"))})
    return seen.most_common(1)[0][0] if seen else ""


def _posts(whole: Any) -> Iterator[Raw]:
    for one in objects(whole if isinstance(whole, list) else list(mapping(whole).values())):
        yield Raw.of("archive:post", one)


def _comments(whole: Any, us: str) -> Iterator[Raw]:
    for items in mapping(whole).values():
        for one in objects(items):
            yield Raw.of("archive:comment", {**one, "us": us})


def _thread(whole: Json, name: str, us: str) -> Iterator[Raw]:
    path = text(whole.get("thread_path")) or name.rsplit("/", 1)[0]
    others = [text(one.get("name")) for one in objects(whole.get("participants"))]
    person = next((one for one in others if one != us), "")
    for one in objects(whole.get("messages")):
        yield Raw.of("archive:message", {"message": one, "thread": path, "us": us, "with": person})


# --- reading back -----------------------------------------------------------------------------


def readable(value: Any) -> str:
    """A text of the download as it was written."""
    found = text(value)
    try:
        return text(found.encode("latin-1").decode())
    except (UnicodeEncodeError, UnicodeDecodeError):
        return found


def made_id(*parts: object) -> str:
    """The id of a thing that has none."""
    joined = "\x1f".join(map(str, parts)).encode(errors="replace")
    return "archive:" + hashlib.sha256(joined).hexdigest()[:32]


def _message(value: Json, us: str) -> Event | None:
    one, thread = mapping(value.get("message")), text(value.get("thread"))
    at = moment(one.get("timestamp_ms"))
    if at is None or not thread:
        return None
    words, sender = readable(one.get("content")), readable(one.get("sender_name"))
    external_id = made_id(thread, one.get("timestamp_ms"), sender, words)
    root = f"dm:archive:{thread}"
    if text(one.get("sender_name")) == text(value.get("us")):
        return Ours(external_id, at, words, Lane.PRIVATE, root_id=root)
    author = AuthorSeen(made_id(thread), name=sender)
    return Said(
        external_id,
        at,
        author,
        words,
        Addressed.DIRECT,
        Lane.PRIVATE,
        root_id=root,
        attachments=_files(one),
        refs={"kind": "archive"},
    )


def _files(one: Json) -> tuple[AttachmentSeen, ...]:
    """Files of the download by name: they have no address from which they could be fetched."""
    kinds = {"photos": "image", "gifs": "image", "videos": "video", "audio_files": "audio"}
    return tuple(
        AttachmentSeen(kind, "", title=readable(file.get("uri")).rsplit("/", 1)[-1])
        for name, kind in kinds.items()
        for file in objects(one.get(name))
        if text(file.get("uri"))
    )


def _post(value: Json, us: str) -> Event | None:
    at = moment(value.get("timestamp"))
    if at is None:
        return None
    words = "\n".join(
        filter(None, (readable(one.get("post")) for one in objects(value.get("data"))))
    )
    return Ours(made_id("post", value.get("timestamp"), words), at, words)


def _comment(value: Json, us: str) -> Event | None:
    at = moment(value.get("timestamp"))
    if at is None:
        return None
    written = [mapping(one.get("comment")) for one in objects(value.get("data"))]
    words = "\n".join(filter(None, (readable(one.get("comment")) for one in written)))
    return Ours(made_id("comment", value.get("timestamp"), words), at, words)


READERS: Mapping[str, Callable[[Json, str], Event | None]] = {
    "archive:message": _message,
    "archive:post": _post,
    "archive:comment": _comment,
}
