"""A post of X as our values. Answers of the API, webhooks and both spellings come here."""

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from callbox.connector import Malformed
from callbox.networks.x.values import either, handle, ident, language, made_at, unwrapped, web
from callbox.values import Json, mapping, moment, objects, text
from callbox.vocabulary import Addressed, AttachmentSeen, AuthorSeen, Edited, Event, Ours, Said

SITE = "https://x.com"
_KINDS = {"photo": "image", "video": "video", "animated_gif": "video"}
_PUSHED = {"reply": Addressed.REPLY, "quote": Addressed.QUOTE}
_SCHEME = re.compile(r"https?://|(?<=[\w/])/(?=\s|$)")
_LEADING_NAMES = re.compile(r"^(?:@\w{1,50}\s+)+")


@dataclass(frozen=True, slots=True)
class Us:
    """Our account."""

    id: str
    handle: str


class Included:
    """What came beside posts: people, other posts, media. Webhooks wrap some of it in `data`."""

    def __init__(self, value: Any) -> None:
        found = mapping(value)
        self.users = _by_id([unwrapped(one) for one in objects(found.get("users"))], "id")
        posts = [unwrapped(one) for one in objects(either(found, "posts", "tweets"))]
        self.posts = _by_id(posts, "id")
        self.media = {
            text(one.get("media_key")): one
            for one in objects(found.get("media"))
            if text(one.get("media_key"))
        }

    def author(self, external_id: str) -> AuthorSeen | None:
        """Who that is; what came of them is enough, nothing is looked up."""
        if not external_id:
            return None
        user = self.users.get(external_id, {})
        name = handle(user.get("username"))
        url = f"{SITE}/{name}" if name else f"{SITE}/i/user/{external_id}"
        return AuthorSeen(external_id, name, text(user.get("name")), url)


def _by_id(found: list[Json], name: str) -> dict[str, Json]:
    return {ident(one.get(name)): one for one in found if ident(one.get(name))}


class Post:
    """One post. Raises Malformed for what has no id."""

    def __init__(self, value: Any, included: Included) -> None:
        self.json = unwrapped(value)
        self.included = included
        self.id = ident(self.json.get("id"))
        if not self.id:
            raise Malformed("a post without an id")
        self.author_id = ident(self.json.get("author_id"))

    @cached_property
    def versions(self) -> list[str]:
        """The ids of all its versions, oldest first: X gives an edited post a new id."""
        found = either(self.json, "edit_history_post_ids", "edit_history_tweet_ids")
        ids = [ident(one) for one in found] if isinstance(found, list) else []
        return sorted({one for one in ids if one} | {self.id}, key=int)

    @property
    def external_id(self) -> str:
        """The id of its first version: what it is called for good."""
        return self.versions[0]

    @property
    def root_id(self) -> str:
        return ident(self.json.get("conversation_id")) or self.external_id

    @cached_property
    def refers(self) -> Mapping[str, str]:
        """What it refers to: "replied_to", "quoted", "retweeted" → id."""
        found = objects(either(self.json, "referenced_posts", "referenced_tweets"))
        return {
            text(one.get("type")): ident(one.get("id")) for one in found if ident(one.get("id"))
        }

    @property
    def parent_id(self) -> str | None:
        return self.refers.get("replied_to")

    @property
    def said_at(self) -> datetime:
        when = made_at(self.external_id) if len(self.versions) > 1 else None
        when = when or moment(self.json.get("created_at")) or made_at(self.id)
        if when is None:
            raise Malformed("a post without a time")
        return when

    @property
    def edited_at(self) -> datetime | None:
        if self.id == self.external_id:
            return None
        return moment(self.json.get("created_at")) or made_at(self.id)

    @property
    def author(self) -> AuthorSeen | None:
        return self.included.author(self.author_id)

    @property
    def permalink(self) -> str:
        """Where it is on X; without the handle X finds it as well."""
        name = self.author.handle if self.author else ""
        return f"{SITE}/{name or 'i'}/status/{self.id}"

    @cached_property
    def entities(self) -> Json:
        note = mapping(either(self.json, "note_post", "note_tweet"))
        return mapping(note.get("entities")) or mapping(self.json.get("entities"))

    @cached_property
    def text(self) -> str:
        """The whole text as a person reads it: long posts in full, X's short links as what they
        stand for, without the link to its own pictures."""
        note = mapping(either(self.json, "note_post", "note_tweet"))
        found = text(note.get("text")) or text(self.json.get("text"))
        for link in objects(self.entities.get("urls")):
            short, full = text(link.get("url")), text(link.get("expanded_url"))
            if short and full:
                found = found.replace(short, "" if self._is_own_media(full) else full)
        return html.unescape(found).strip()

    def _is_own_media(self, url: str) -> bool:
        return bool(re.search(rf"/status/(?:{'|'.join(self.versions)})/(?:photo|video)/\d+$", url))

    def names(self, us: Us) -> bool:
        """Whether its words name us. A reply carries the names of those that it answers."""
        return any(
            ident(one.get("id")) == us.id or _same(handle(one.get("username")), us.handle)
            for one in objects(self.entities.get("mentions"))
        )

    def quotes(self, us: Us) -> bool:
        quoted = self.included.posts.get(self.refers.get("quoted", ""), {})
        return ident(quoted.get("author_id")) == us.id

    def answers(self, us: Us) -> bool:
        parent = self.included.posts.get(self.parent_id or "", {})
        return us.id in (
            ident(self.json.get("in_reply_to_user_id")),
            ident(parent.get("author_id")),
        )

    def attachments(self) -> tuple[AttachmentSeen, ...]:
        return tuple(self._attachments())

    def _attachments(self) -> Iterator[AttachmentSeen]:
        keys = mapping(self.json.get("attachments")).get("media_keys")
        for key in keys if isinstance(keys, list) else []:
            media = self.included.media.get(text(key), {})
            url = _best(media)
            if url:
                kind = _KINDS.get(text(media.get("type")), "other")
                yield AttachmentSeen(kind, url, text(media.get("alt_text")))
        quoted = self.refers.get("quoted")
        if quoted:
            yield AttachmentSeen("quote", f"{SITE}/i/status/{quoted}")


def _same(one: str, other: str) -> bool:
    return bool(one) and one.casefold() == other.lstrip("@").casefold()


def _best(media: Json) -> str:
    """The address of a picture, or of the best of a video's files."""
    files = [one for one in objects(media.get("variants")) if text(one.get("url"))]
    films = [one for one in files if text(one.get("content_type")) == "video/mp4"]
    best = max(films, key=_bit_rate, default={})
    return web(best.get("url")) or web(media.get("url")) or web(media.get("preview_image_url"))


def _bit_rate(file: Json) -> int:
    rate = file.get("bit_rate")
    return rate if isinstance(rate, int) else 0


# --- events -------------------------------------------------------------------------------------


def events(post: Post, us: Us, *, under_ours: bool = False, pushed: str = "") -> list[Event]:
    """A post as events; a repost says nothing. `under_ours`: it was found under a post of ours;
    `pushed`: X itself told us of it as a "reply" to us or a "quote" of us."""
    if "retweeted" in post.refers:
        return []
    if post.author_id == us.id:
        return [ours(post)]
    why = addressed(post, us) or _PUSHED.get(pushed) or (Addressed.REPLY if under_ours else None)
    found = said(post, us, why, under_ours=under_ours, pushed=pushed)
    if found.edited_at is not None:
        return [Edited(found.external_id, found.edited_at, found.text, found)]
    return [found]


def addressed(post: Post, us: Us) -> Addressed | None:
    """Why a post is ours to read, as far as it shows that itself."""
    if post.answers(us):
        return Addressed.REPLY
    if post.quotes(us):
        return Addressed.QUOTE
    return Addressed.MENTION if post.names(us) else None


def said(
    post: Post, us: Us, why: Addressed | None, *, under_ours: bool = False, pushed: str = ""
) -> Said:
    """A post of somebody. `refs` hold what an answer, a hiding or a barrier needs to know later:
    `id` is the version that was seen, `summoned` whether X lets a self-serve app answer, `ours`
    whether we began the conversation (None: this post does not show it)."""
    refs = {
        "id": post.id,
        "summoned": post.names(us) or post.quotes(us) or pushed == "quote",
        "ours": _is_ours(post, us, under_ours),
    }
    return Said(
        external_id=post.external_id,
        said_at=post.said_at,
        author=post.author,
        text=post.text,
        addressed=why,
        root_id=post.root_id if post.root_id != post.external_id else None,
        parent_id=post.parent_id,
        language=language(post.json.get("lang")),
        permalink=post.permalink,
        attachments=post.attachments(),
        refs=refs,
        edited_at=post.edited_at,
    )


def _is_ours(post: Post, us: Us, under_ours: bool) -> bool | None:
    if under_ours:
        return True
    if post.root_id == post.external_id:
        return False
    root = post.included.posts.get(post.root_id)
    if root is not None and ident(root.get("author_id")):
        return ident(root.get("author_id")) == us.id
    return True if post.parent_id == post.root_id and post.answers(us) else None


def ours(post: Post) -> Ours:
    """A post of our own."""
    return Ours(
        external_id=post.external_id,
        said_at=post.said_at,
        text=post.text,
        root_id=post.root_id if post.root_id != post.external_id else None,
        parent_id=post.parent_id,
        permalink=post.permalink,
        refs={"id": post.id},
    )


def same_words(seen: str, sent: str, *, is_reply: bool) -> bool:
    """Whether a text of X is one that we sent: X trims, shortens links (and shows them with what
    was not typed), and puts the names of those that are answered in front."""

    def bare(words: str) -> str:
        words = _SCHEME.sub("", unicodedata.normalize("NFC", html.unescape(words)))
        return " ".join((_LEADING_NAMES.sub("", words) if is_reply else words).split())

    return bare(seen) == bare(sent)
