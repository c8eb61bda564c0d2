"""What stands in a thread, item by item, as `staff/thread_items.html` wants it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from callbox.models.media import Attachment
from callbox.models.posts import Delivery
from callbox.queries import media
from callbox.queries.conversations import Item, VersionSeen
from callbox.rules.text import shown
from callbox.vocabulary import DeliveryState, Doubt
from callbox.web.staff import acted, attached, words
from callbox.web.staff.attached import Attached
from callbox.web.staff.parts import Button, Mark, Reader, safe_url
from callbox.web.staff.stands import Stand, stand

__all__ = ["Shown", "context", "message", "note", "reply", "safe_url"]


@dataclass(frozen=True, slots=True)
class Chip:
    """A small mark beside a name."""

    words: str
    look: str = ""
    icon: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Was:
    """An earlier version of a message, with what came with it and does not any more."""

    time: str
    text: str
    attachments: Sequence[Attached] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """A picture or video of ours."""

    url: str
    alt: str
    video: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """One item. Templates switch on `kind`: message, reply, note, ours, state."""

    kind: str
    id: UUID | str
    time: str = ""
    iso: str = ""
    who: str = ""
    initials: str = ""
    lang: str = ""
    text: str = ""
    chips: Sequence[Chip] = ()
    permalink: str = ""
    hidden_words: str = ""
    attachments: Sequence[Attached] = ()
    versions: Sequence[Was] = ()
    versions_words: str = ""
    focus: bool = False
    gone: bool = False
    look: str = ""
    lane: str = ""
    pictures: Sequence[Sent] = ()
    stand: Stand | None = None
    icon: str = ""
    title: str = ""
    words: str = ""
    acts: Sequence[Button] = ()
    marks: Sequence[Mark] = ()
    why_not: Sequence[str] = ()


def message(item: Item, reader: Reader, *, focus: bool) -> Shown:
    """Something said to us."""
    can = acted.to_message(item, reader, newest=focus)
    versions = item.versions[:-1]
    gone = item.deleted_at is not None
    unseen = gone and not item.versions
    return Shown(
        kind="message",
        id=item.id,
        who=shown(item.who),
        initials=words.initials(shown(item.who)),
        time=reader.when(item.at),
        iso=item.at.isoformat(),
        lang=reader.foreign(item.language),
        text=shown(item.text),
        chips=_chips(item, reader),
        permalink=safe_url(item.permalink),
        hidden_words=_("Its author took it away. Records may still read it.") if unseen else "",
        attachments=_attached(item.attachments, item.files),
        versions=[_was(one, item, reader) for one in versions],
        versions_words=ngettext(
            "{n} earlier version", "{n} earlier versions", len(versions)
        ).format(n=len(versions)),
        focus=focus,
        gone=gone,
        acts=can.buttons,
        marks=acted.marks(item.acts, reader),
        why_not=can.why_not,
    )


#: What a doubt says beside a name, and at more length for whoever points at it.
_DOUBTS: dict[Doubt, tuple[Promise, Promise]] = {
    Doubt.SENDER: (
        gettext_lazy("Sender not confirmed"),
        gettext_lazy("It may come from somebody else than it says. Check before you act on it."),
    ),
}


def _chips(item: Item, reader: Reader) -> list[Chip]:
    made = []
    for doubt in item.doubts:
        said, more = _DOUBTS[doubt]
        made.append(Chip(str(said), " chip--line", "circle-help", str(more)))
    if len(item.versions) > 1:
        edited = reader.when(item.versions[-1].said_at)
        made.append(Chip(_("Edited {time}").format(time=edited), " chip--late"))
    if item.deleted_at is not None:
        made.append(Chip(_("Taken away {time}").format(time=reader.when(item.deleted_at))))
    if item.hidden_at is not None:
        made.append(Chip(_("Hidden there")))
    if item.merged:
        made.append(Chip(_("Merged in"), " chip--line"))
    return made


def _was(one: VersionSeen, item: Item, reader: Reader) -> Was:
    dropped = [each for each in one.attachments if each not in item.attachments]
    return Was(reader.when(one.said_at), shown(one.text), _attached(dropped, item.files))


def _attached(found: Sequence[dict[str, Any]], files: Mapping[str, Attachment]) -> list[Attached]:
    made = []
    for one in found:
        url = str(one.get("url", ""))
        if one.get("kind") in media.FILES:
            made.append(attached.file(one, files.get(media.mark_of(url))))
        else:
            made.append(attached.link(one, safe_url(url)))
    return made


def context(item: Item, reader: Reader) -> Shown:
    """Something said around it; ours look like ours."""
    common: dict[str, Any] = {
        "id": item.id,
        "who": shown(item.who),
        "time": reader.when(item.at),
        "iso": item.at.isoformat(),
        "text": shown(item.text),
        "permalink": safe_url(item.permalink),
    }
    if item.ours:
        return Shown(kind="ours", **common)
    return Shown(
        kind="message",
        initials=words.initials(common["who"]),
        attachments=_attached(item.attachments, item.files),
        gone=item.deleted_at is not None,
        **common,
    )


def note(item: Item, reader: Reader) -> Shown:
    """Words for colleagues."""
    return Shown(
        kind="note",
        id=item.id,
        who=item.who,
        time=reader.when(item.at),
        iso=item.at.isoformat(),
        text=shown(item.text),
    )


def reply(item: Item, delivery: Delivery, reader: Reader, *, newest: bool = False) -> Shown:
    """Something we said, and where it stands."""
    can = acted.to_reply(item, delivery, reader, newest=newest)
    bad = delivery.state == DeliveryState.FAILED.value or delivery.gone_at is not None
    private = " bub--private" if item.lane == "private" else ""
    return Shown(
        kind="reply",
        id=item.id,
        who=item.who,
        time=reader.when(item.at),
        iso=item.at.isoformat(),
        lang=reader.foreign(item.language),
        text=shown(item.text),
        look=" bub--failed" if bad else private,
        lane=item.lane,
        pictures=[
            Sent(reverse("staff:picture", args=[pk]), alt, mime.startswith("video/"))
            for pk, alt, mime in item.pictures
        ],
        stand=stand(item, delivery, reader),
        versions=[Was(reader.when(one.said_at), shown(one.text)) for one in item.versions],
        versions_words=_("What it said before"),
        acts=can.buttons,
        marks=acted.marks(item.acts, reader),
        why_not=can.why_not,
    )
