"""Writing posts: the record that says what a delivery says, under a name of its own."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from callbox.connector import Refused
from callbox.networks.bluesky.errors import NoRecord, Swapped
from callbox.networks.bluesky.richtext import MOST_BYTES, MOST_GRAPHEMES, facets, graphemes
from callbox.networks.bluesky.shapes import (
    POST,
    fields,
    members,
    permalink,
    strong_ref,
    words,
)
from callbox.networks.bluesky.tid import tid
from callbox.networks.bluesky.xrpc import Xrpc
from callbox.vocabulary import Lane, Limits, Media, Outgoing, Problem, Receipt, ReplyTo

# A picture of 2 MB is allowed since 2026, but a server with older lexicons refuses the whole post,
# so ours stay below the older limit, which every server takes. The limit for descriptions is that
# of Bluesky's own programs; the protocol has none.
LIMITS = Limits(
    text=MOST_GRAPHEMES,
    unit="graphemes",
    images=4,
    image_bytes=1_000_000,
    image_mimes=("image/jpeg", "image/png", "image/webp"),
    alt=2000,
)


def problems(outgoing: Outgoing) -> list[Problem]:
    """Why this cannot be a post."""
    return [*_text_problems(outgoing), *_picture_problems(outgoing.media)]


def stamp(moment: datetime) -> str:
    """A time as records hold it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Outbox:
    """Our own posts on the server."""

    def __init__(self, xrpc: Xrpc, did: str) -> None:
        self._xrpc = xrpc
        self._did = did

    def put(self, outgoing: Outgoing) -> Receipt:
        """Publish, once however often it is called.

        The record goes under a name that only this delivery has, with “there must be none yet”:
        the server answers a second call with the record of the first. Raises Refused when the text
        cannot go out, or the thread takes no answer from us.
        """
        found = problems(outgoing)
        if found:
            raise Refused(found[0].words)
        try:
            record = self._record(outgoing)
        except _Closed as closed:
            earlier = self.find(outgoing)  # it may have closed after a first call of ours
            if earlier is None:
                raise Refused(str(closed)) from closed
            return earlier
        body = {
            "repo": self._did,
            "collection": POST,
            "rkey": tid(outgoing.key, outgoing.made_at),
            "record": record,
            "swapRecord": None,
        }
        try:
            answer = self._xrpc.procedure("com.atproto.repo.putRecord", body)
        except Swapped:
            earlier = self.find(outgoing)
            if earlier is None:
                raise
            return earlier
        return self._receipt(words(answer.get("cid")), outgoing, record)

    def find(self, outgoing: Outgoing) -> Receipt | None:
        """The post of this delivery, or None when there certainly is none."""
        rkey = tid(outgoing.key, outgoing.made_at)
        place = {"repo": self._did, "collection": POST, "rkey": rkey}
        try:
            answer = self._xrpc.query("com.atproto.repo.getRecord", place)
        except NoRecord:
            return None
        return self._receipt(words(answer.get("cid")), outgoing, fields(answer.get("value")))

    def _receipt(self, cid: str, outgoing: Outgoing, record: Mapping[str, Any]) -> Receipt:
        uri = f"at://{self._did}/{POST}/{tid(outgoing.key, outgoing.made_at)}"
        myself = {"uri": uri, "cid": cid}
        above = fields(record.get("reply"))
        refs = {"self": myself, "root": strong_ref(above.get("root")) or myself}
        parent = strong_ref(above.get("parent"))
        if parent:
            refs["parent"] = parent
        return Receipt(uri, permalink(uri), refs)

    def _record(self, outgoing: Outgoing) -> dict[str, Any]:
        record: dict[str, Any] = {
            "$type": POST,
            "text": outgoing.text,
            "createdAt": stamp(outgoing.made_at),
        }
        if outgoing.language:
            record["langs"] = [outgoing.language]
        if outgoing.reply_to is not None:
            record["reply"] = self._thread(outgoing.reply_to)
        marked = facets(outgoing.text, self._resolver(outgoing.reply_to))
        if marked:
            record["facets"] = marked
        if outgoing.media:
            images = [self._picture(media) for media in outgoing.media]
            record["embed"] = {"$type": "app.bsky.embed.images", "images": images}
        return record

    def _thread(self, reply_to: ReplyTo) -> dict[str, Any]:
        """Root and parent of a reply, with the versions that we read.

        The network would take an answer in a thread that is closed to us, and then show it to
        nobody; so it is asked first.
        """
        answer = self._xrpc.query("app.bsky.feed.getPosts", {"uris": [reply_to.parent_id]})
        post = fields(next(iter(members(answer.get("posts"))), None))
        if not post:
            raise _Closed("The message is gone, or its author has blocked this account.")
        if fields(post.get("viewer")).get("replyDisabled") is True:
            raise _Closed("Its author does not let this account reply there.")
        parent = strong_ref(reply_to.refs.get("self")) or strong_ref(post)
        above = fields(fields(post.get("record")).get("reply"))
        root = strong_ref(reply_to.refs.get("root")) or strong_ref(above.get("root")) or parent
        if parent is None or root is None:
            raise Refused("Bluesky shows this message in a form that cannot be answered.")
        return {"root": root, "parent": parent}

    def _resolver(self, reply_to: ReplyTo | None) -> "Resolver":
        author = reply_to.author if reply_to else None
        known = {author.handle.lower(): author.external_id} if author and author.handle else {}
        return Resolver(self._xrpc, known)

    def _picture(self, media: Media) -> dict[str, Any]:
        image: dict[str, Any] = {
            "image": self._xrpc.upload(media.content, media.mime),
            "alt": media.alt,
        }
        if media.width > 0 and media.height > 0:
            image["aspectRatio"] = {"width": media.width, "height": media.height}
        return image


class Resolver:
    """Finds who a handle belongs to. Asks the network for each name that it does not know."""

    def __init__(self, xrpc: Xrpc, known: Mapping[str, str]) -> None:
        self._xrpc = xrpc
        self._known = dict(known)

    def __call__(self, handle: str) -> str:
        """The DID, or "" for a name that nobody has."""
        if handle not in self._known:
            self._known[handle] = self._asked(handle)
        return self._known[handle]

    def _asked(self, handle: str) -> str:
        try:
            answer = self._xrpc.query("com.atproto.identity.resolveHandle", {"handle": handle})
        except Refused:
            return ""
        return words(answer.get("did"))


class _Closed(Refused):
    """Nobody would see an answer there."""


def _text_problems(outgoing: Outgoing) -> list[Problem]:
    text = outgoing.text
    if outgoing.lane is not Lane.PUBLIC:
        return [Problem("private", "Everything sent to Bluesky from here is public.")]
    if not text.strip() and not outgoing.media:
        return [Problem("empty", "There is nothing to send yet.")]
    count, size = graphemes(text), len(text.encode(errors="replace"))
    if count > MOST_GRAPHEMES:
        over = count - MOST_GRAPHEMES
        return [Problem("too_long", f"{over} too many: Bluesky takes {MOST_GRAPHEMES} characters.")]
    if size > MOST_BYTES:
        return [Problem("too_long", f"Too many emoji and accents: {size} of {MOST_BYTES} bytes.")]
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        return [Problem("broken", "The text has a broken character in it.")]
    return []


def _picture_problems(media: Sequence[Media]) -> list[Problem]:
    found = []
    if len(media) > LIMITS.images:
        words = f"Bluesky takes {LIMITS.images} pictures in one post."
        found.append(Problem("too_many_images", words))
    for picture in media:
        found += [problem for problem in _one_picture(picture) if problem not in found]
    return found


def _one_picture(picture: Media) -> list[Problem]:
    found = []
    if not picture.alt.strip():
        found.append(Problem("alt_missing", "Describe each picture for people who cannot see it."))
    if len(picture.alt) > (LIMITS.alt or 0):
        found.append(Problem("alt_long", f"A description may have {LIMITS.alt} characters."))
    if picture.mime not in LIMITS.image_mimes:
        found.append(Problem("image_type", "Bluesky takes JPEG, PNG and WebP pictures."))
    if len(picture.content) > (LIMITS.image_bytes or 0):
        found.append(Problem("image_size", "A picture may have 1 MB. A smaller one is needed."))
    return found
