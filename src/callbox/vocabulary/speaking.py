"""What we say, and where it stands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from callbox.vocabulary.hearing import Addressed, AuthorSeen, Lane


class PostKind(StrEnum):
    """What a post is for."""

    REPLY = "reply"
    POST = "post"  # said first, to everybody
    CORRECTION = "correction"  # new words for a post of ours that stands


class DeliveryState(StrEnum):
    """Where one text for one account stands. `rules.posts.MOVES` says which moves exist."""

    QUEUED = "queued"  # will go out at `due_at`; can still be taken back
    SENDING = "sending"  # handed to the network; the outcome is not known yet
    SENT = "sent"  # the network gave its id
    FAILED = "failed"  # the network refused, or it certainly never arrived
    UNKNOWN = "unknown"  # nobody can say yet: reconcile looks before anything else
    WITHDRAWN = "withdrawn"  # taken back before it went, or deleted on the network by us


class Evidence(StrEnum):
    """How we know that something of ours is on the network."""

    ANSWER = "answer"  # it answered the call that said it
    ECHO = "echo"  # it showed us our own words
    FOUND = "found"  # it did not answer, and we looked


@dataclass(frozen=True, slots=True)
class Media:
    """A picture, an animation or a video that goes out. `alt` is required (policing R39).

    Pictures are at hand in `content`; a video is a file at `path` (`content` is empty). `url` is a
    signed public address of the same bytes, for networks that fetch media themselves
    (`Connector.media_by_url`), else "".
    """

    content: bytes
    mime: str
    alt: str
    name: str = "image"
    width: int = 0
    height: int = 0
    path: Path | None = None
    url: str = ""

    @property
    def is_video(self) -> bool:
        """Whether it is a video (an animated GIF is not)."""
        return self.mime.startswith("video/")

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return self.path.stat().st_size if self.path else len(self.content)

    def parts(self, size: int) -> Iterator[bytes]:
        """Its bytes, `size` at a time."""
        if self.path is None:
            for at in range(0, len(self.content), size):
                yield self.content[at : at + size]
            return
        with self.path.open("rb") as file:
            while part := file.read(size):
                yield part


@dataclass(frozen=True, slots=True)
class Poll:
    """A question with answers to choose from. `minutes` is how long it stays open."""

    options: tuple[str, ...]
    minutes: int
    multiple: bool = False


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """The message that an answer, a like or a hiding is about: its thread, its author, and what
    decides whether the network still takes it.

    `heard_at` is when its author last wrote to us here, from which a network counts its window.
    `answered_privately` says that a public message has had its one private answer. `ours` marks a
    post of our own (the next part of a thread).
    """

    parent_id: str
    root_id: str
    author: AuthorSeen | None
    refs: Mapping[str, Any] = field(default_factory=dict)
    addressed: Addressed | None = None
    lane: Lane = Lane.PUBLIC
    said_at: datetime | None = None
    heard_at: datetime | None = None
    answered_privately: bool = False
    permalink: str = ""
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One text for one account, ready to go.

    `key` is the same at every attempt and different for every delivery: networks that can are
    given it, so that saying it twice makes one post. `made_at` never changes either, so that ids
    and timestamps derived from it stay the same.
    """

    key: str
    made_at: datetime
    text: str
    lane: Lane = Lane.PUBLIC
    language: str = ""
    reply_to: ReplyTo | None = None
    media: tuple[Media, ...] = ()
    poll: Poll | None = None
    link: str = ""  # shown as a card where the network has cards, else the text must hold it
    form: str = "post"  # "post" | "story" | "reel": where a network has such
    publish_at: datetime | None = None  # the network itself is to hold it until then
    by_person: bool = True  # a named member wrote it; never True for what a machine says


@dataclass(frozen=True, slots=True)
class Receipt:
    """The network's word that it has our text."""

    external_id: str
    permalink: str = ""
    refs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a network takes in one post. None means no limit known.

    `unit` says how a text is counted, roughly, for a count while it is written: "characters",
    "graphemes", "bytes" (UTF-8), or anything else where only `Connector.measure` knows.
    """

    text: int | None = None
    unit: str = "characters"
    caption: int | None = None  # `text` beside pictures, where that is another
    images: int = 0
    image_bytes: int | None = None
    image_mimes: tuple[str, ...] = ("image/jpeg", "image/png")
    alt: int | None = None
    videos: int = 0
    video_bytes: int | None = None
    video_seconds: int | None = None
    poll_options: int = 0
    poll_option_text: int | None = None
    reply_text: int | None = None  # what an answer holds, where that is less than a post
    reply_images: int | None = None
    reply_videos: int | None = None

    def of_reply(self) -> "Limits":
        """What an answer may hold."""
        return replace(
            self,
            text=self.text if self.reply_text is None else self.reply_text,
            images=self.images if self.reply_images is None else self.reply_images,
            videos=self.videos if self.reply_videos is None else self.reply_videos,
        )


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a text does not fit, in words for its writer. The code "too_long" is kept for a text that
    is too long: it is shown while the text is still written."""

    code: str
    words: str
