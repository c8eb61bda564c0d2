"""What stands in a thread, item by item, as `staff/thread_items.html` wants it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callbox.models.media import Attachment
from callbox.models.posts import Delivery
from callbox.queries import media
from callbox.queries.conversations import Item
from callbox.rules.text import shown
from callbox.vocabulary import DeliveryState
from callbox.web.staff import attached, words
from callbox.web.staff.attached import Attached


@dataclass(frozen=True, slots=True)
class Act:
    """A button under an item."""

    url: str
    label: str
    letter: str = ""


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a reply stands, in words."""

    look: str
    icon: str
    words: str
    due: int = 0  # seconds since 1970, while it waits to go out
    permalink: str = ""
    acts: Sequence[Act] = ()
    copy: bool = False


@dataclass(frozen=True, slots=True)
class Chip:
    """A small mark beside a name."""

    words: str
    look: str = ""


@dataclass(frozen=True, slots=True)
class Was:
    """An earlier version of a message."""

    time: str
    text: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A picture of ours."""

    url: str
    alt: str


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
    acts: Sequence[Act] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom items are written: their language, the agency's time, and what they may do."""

    now: datetime
    zone: tzinfo
    language: str
    network: str
    withdraws: bool

    def when(self, at: datetime) -> str:
        """A moment in the agency's time."""
        return words.when(at, self.now, self.zone)

    def foreign(self, language: str) -> str:
        """A language worth naming to this reader, or ""."""
        return language if language and language != self.language else ""


def safe_url(url: str) -> str:
    """An address that a page may link to: only the web's own kinds, never `javascript:`."""
    return url if url.startswith(("https://", "http://", "/")) else ""


def message(item: Item, reader: Reader, *, focus: bool) -> Shown:
    """Something said to us."""
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
        versions=[Was(reader.when(one.said_at), shown(one.text)) for one in versions],
        versions_words=ngettext(
            "{n} earlier version", "{n} earlier versions", len(versions)
        ).format(n=len(versions)),
        focus=focus,
        gone=gone,
    )


def _chips(item: Item, reader: Reader) -> list[Chip]:
    made = []
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


def reply(item: Item, delivery: Delivery, reader: Reader) -> Shown:
    """Something we said, and where it stands."""
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
        pictures=[Sent(reverse("staff:picture", args=[pk]), alt) for pk, alt in item.pictures],
        stand=_stand(item, delivery, reader),
    )


def _stand(item: Item, delivery: Delivery, reader: Reader) -> Stand:
    state = DeliveryState(delivery.state)
    if state is DeliveryState.QUEUED:
        return _queued(delivery, reader)
    if state is DeliveryState.FAILED:
        again = Act(reverse("staff:again", args=[delivery.id]), _("Try again"))
        why = shown(delivery.error_words) or _("{network} did not take it.").format(
            network=reader.network
        )
        said = _("{why} Your words are safe.").format(why=why)
        acts = [again] if reader.withdraws else []
        return Stand(" stand--late", "circle-alert", said, acts=acts, copy=True)
    if state is DeliveryState.SENT:
        return _sent(item, delivery, reader)
    words_ = {
        DeliveryState.SENDING: _("Going out"),
        DeliveryState.UNKNOWN: _("Nobody can say yet whether it arrived. We are looking."),
        DeliveryState.WITHDRAWN: _("Taken back before it went out."),
    }
    icon = "undo-2" if state is DeliveryState.WITHDRAWN else "loader-circle"
    look = " stand--late" if state is DeliveryState.UNKNOWN else ""
    return Stand(look, icon, words_[state])


def _queued(delivery: Delivery, reader: Reader) -> Stand:
    seconds = int((delivery.due_at - reader.now).total_seconds())
    undo = Act(reverse("staff:withdraw", args=[delivery.id]), _("Undo"), "Z")
    waits = seconds > 0 and delivery.attempts == 0
    said = _("Goes out in {seconds} s").format(seconds=seconds) if waits else _("Going out")
    if delivery.attempts:
        said = _("Waits for {network}, and tries again.").format(network=reader.network)
    due = int(delivery.due_at.timestamp()) if waits else 0
    return Stand("", "clock", said, due=due, acts=[undo] if reader.withdraws else [])


def _sent(item: Item, delivery: Delivery, reader: Reader) -> Stand:
    at = reader.when(delivery.sent_at) if delivery.sent_at else ""
    if delivery.gone_at is not None:
        gone = _("It is not there any more, since {time}.")
        said = gone.format(time=reader.when(delivery.gone_at))
        return Stand(" stand--late", "circle-alert", said, copy=True)
    private = item.lane == "private"
    permalink = safe_url(delivery.permalink)
    if delivery.confirmed_at is None:
        return Stand("", "check", _("Sent {time}").format(time=at), permalink=permalink)
    done = _("Delivered {time}") if private else _("Public at {time}")
    return Stand(" stand--ok", "check-check", done.format(time=at), permalink=permalink)
