"""Reading files that came with messages, and files of ours: who may see which."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from callbox.models.accounts import Account
from callbox.models.inbox import Conversation, Message, Version
from callbox.models.media import KEPT, WAITING, Attachment
from callbox.models.posts import Picture
from callbox.queries import conversations
from callbox.queries.people import Me
from callbox.rules.access import covers
from callbox.vocabulary import AttachmentSeen, Deed

#: Kinds of attachments that are files to fetch; links and quotes are other people's pages.
FILES = frozenset({"image", "video", "audio", "other"})


def mark_of(url: str) -> str:
    """By what a version's attachment finds its row: a hash, because addresses can hold logins."""
    raw = url.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(raw, digest_size=16).hexdigest()


def next_due(now: datetime) -> Attachment | None:
    """The file that has waited longest for its turn, locked; None when none is due. What comes
    through a paused or dead account waits for it; nobody waits for one that is disconnected."""
    rows = Attachment.objects.select_for_update(of=("self",), skip_locked=True)
    return (
        rows.select_related("message__account")
        .filter(state=WAITING, next_try_at__lte=now)
        .filter(message__account__state__in=[Account.State.ON, Account.State.OFF])
        .order_by("next_try_at", "id")
        .first()
    )


def any_due(before: datetime) -> bool:
    """Whether a file should have been fetched before this moment, and nobody did."""
    rows = Attachment.objects.filter(state=WAITING, next_try_at__lt=before)
    return rows.filter(message__account__state__in=[Account.State.ON, Account.State.OFF]).exists()


def seen_as(row: Attachment) -> AttachmentSeen | None:
    """What the network said of a file, newest words first; None when no version names it."""
    versions = Version.objects.filter(message_id=row.message_id).order_by("-said_at")
    for attachments in versions.values_list("attachments", flat=True):
        for one in attachments:
            if mark_of(str(one.get("url", ""))) == row.mark:
                return _seen(one)
    return None


def _seen(one: Mapping[str, Any]) -> AttachmentSeen:
    kind, url = str(one.get("kind", "other")), str(one.get("url", ""))
    return AttachmentSeen(kind, url, str(one.get("alt", "")), str(one.get("title", "")))


def find(me: Me, attachment_id: UUID, now: datetime) -> Attachment | None:
    """A file that was kept, if this member may read its conversation; what its author deleted, if
    they may read deleted things there (policing R36)."""
    row = Attachment.objects.select_related("message").filter(pk=attachment_id, state=KEPT).first()
    home = _home(me, row.message, now) if row else None
    if row is None or home is None:
        return None
    if row.message.deleted_at is not None:
        may = covers(me.standing.paths(Deed.READ_DELETED, now), home.unit.path)
        return row if may else None
    return row


def _home(me: Me, message: Message, now: datetime) -> Conversation | None:
    """The conversation in which this member reads the message: its own, or the one that it was
    merged into."""
    found = conversations.find(me, message.conversation_id, now)
    if found is not None:
        return found
    into = Conversation.objects.filter(pk=message.conversation_id).values_list("merged_into_id")
    target = into.first()
    return conversations.find(me, target[0], now) if target and target[0] else None


def of_post(picture_id: UUID) -> Picture | None:
    """A picture of ours that belongs to a post; None for one that was never sent."""
    return Picture.objects.filter(pk=picture_id, post__isnull=False).first()
