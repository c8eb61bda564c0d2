"""Whether an event is fit to be kept: ids of a storable size, times that make sense. No I/O."""

from datetime import UTC, datetime

from callbox.vocabulary import (
    AuthorSeen,
    Deleted,
    Edited,
    Event,
    Hidden,
    Ours,
    Reacted,
    Reported,
    Said,
    Unreadable,
)

MOST_ID = 500  # characters; the longest known network id is an at:// address of about 90
MOST_AUTHOR_ID = 300
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def faults_of(event: Event) -> str:
    """Why an event cannot be kept, in words; "" when it can."""
    if not isinstance(event, Event):
        return "Our reader gave something that is no event."
    if isinstance(event, Unreadable):
        return f"{event.part}: {event.reason}" if event.part else event.reason
    if any(not _storable(one) for one in _ids(event)):
        return "An id is missing, too long, or holds characters that no id has."
    if any(not _EARLIEST <= at <= _LATEST for at in _times(event)):
        return "A time is out of all reason."
    if isinstance(event, Said) and event.author and not _is_author(event.author):
        return "The author's id is missing, too long, or holds characters that no id has."
    return faults_of(event.said) if isinstance(event, Edited) and event.said else ""


def _storable(value: str | None) -> bool:
    return value is None or (0 < len(value) <= MOST_ID and value.isprintable())


def _is_author(author: AuthorSeen) -> bool:
    return _storable(author.external_id) and len(author.external_id) <= MOST_AUTHOR_ID


def _ids(event: Event) -> tuple[str | None, ...]:
    match event:
        case Said() | Ours():
            return (event.external_id, event.root_id, event.parent_id)
        case Edited() | Deleted() | Hidden() | Reported():
            return (event.external_id,)
        case Reacted():
            return (event.target_id,)
    return ()


def _times(event: Event) -> tuple[datetime, ...]:
    match event:
        case Said():
            return (event.said_at, event.edited_at or event.said_at)
        case Edited():
            return (event.edited_at,)
        case Deleted():
            return (event.deleted_at,)
        case Hidden():
            return (event.hidden_at,)
        case Reacted():
            return (event.reacted_at,)
        case Reported():
            return (event.reported_at,)
        case Ours():
            return (event.said_at,)
    return ()
