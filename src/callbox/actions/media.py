"""Fetching what came with messages: once, judged by its bytes, kept under its hash.

A row says where each file stands, and is committed before anything is called: whatever dies leaves
a row whose turn comes again. The file is stored before the row says so, never the other way round.
"""

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from callbox import bulk, fetcher, ledger, store, thumbnails
from callbox.actions.doing import now_utc
from callbox.connector import ConnectorError, Malformed, RateLimited, Refused
from callbox.effects import announce, later
from callbox.fetcher import Fetched, NotFetched
from callbox.filekinds import SHOWN
from callbox.ids import new_id
from callbox.logins import Located
from callbox.models.accounts import Account
from callbox.models.media import GONE, KEPT, REFUSED, WAITING, Attachment
from callbox.queries import media
from callbox.queries.accounts import connector_for
from callbox.scope import acting_for
from callbox.vocabulary import AttachmentSeen, Happening

LEASE = timedelta(minutes=15)  # who has not said what became of it by then has died
WAITS = tuple(
    timedelta(seconds=seconds) for seconds in (30, 120, 600, 1800, 7200, 21600, 43200, 86400)
)  # between tries; after the last one we give up
SECONDS = {"image": 45.0}  # for one picture; others may take longer
SECONDS_OTHERS = 240.0
AT_A_TIME = 2  # per process: slow servers must not hold up replies
TURN = 60.0  # seconds after which the next job goes on, so that others have their turn


log = logging.getLogger(__name__)
_slots = threading.BoundedSemaphore(AT_A_TIME)


def want(
    agency_id: UUID,
    found: Sequence[tuple[UUID, Sequence[Mapping[str, Any]]]],
    now: datetime,
) -> None:
    """Have the files of these messages fetched: (message, its attachments as they are stored).
    Part of receiving: one statement for all, and nothing when there are none."""
    rows = [
        _row(agency_id, message_id, position, one, now)
        for message_id, attachments in found
        for position, one in enumerate(attachments)
        if one["kind"] in media.FILES and one["url"]
    ]
    if bulk.insert(Attachment, rows, ignore=True):
        later("fetch_media")


def _row(
    agency_id: UUID, message_id: UUID, position: int, one: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "agency_id": agency_id,
        "message_id": message_id,
        "position": min(position, 999),
        "mark": media.mark_of(one["url"]),
        "kind": one["kind"],
        "state": WAITING,
        "sha256": "",
        "mime": "",
        "size": 0,
        "width": 0,
        "height": 0,
        "words": "",
        "tries": 0,
        "next_try_at": now,
        "added_at": now,
    }


def fetch_due(agency_id: UUID) -> int:
    """Fetch what is due, one after the other; how many were tried. Called more often than
    `AT_A_TIME` at once it does nothing: whoever is at it takes those too. With a disk that is
    almost full it does nothing either, and what is due stays due."""
    if not store.has_room():
        log.error("The disk is almost full: files that come with messages are not fetched now.")
        return 0
    if not _slots.acquire(blocking=False):
        return 0
    try:
        until, tried = time.monotonic() + TURN, 0
        while store.has_room() and fetch_next(agency_id):
            tried += 1
            if time.monotonic() > until:
                with acting_for(agency_id):
                    later("fetch_media")
                break
        return tried
    finally:
        _slots.release()


def fetch_next(agency_id: UUID) -> bool:
    """Fetch the file that has waited longest. False when none is due."""
    with acting_for(agency_id, durable=True):
        claimed = _claim()
    if claimed is None:
        return False
    outcome = _attempt(claimed)
    with acting_for(agency_id):
        _settle(claimed.row, outcome, now_utc())
    return True


@dataclass(frozen=True, slots=True)
class _Claimed:
    row: Attachment
    account: Account
    seen: AttachmentSeen | None


@dataclass(frozen=True, slots=True)
class _Outcome:
    state: str
    words: str = ""
    fetched: Fetched | None = None
    again_at: datetime | None = None  # the network's own word on when


def _claim() -> _Claimed | None:
    """Take the next file, for as long as `LEASE`. The try counts from its beginning: a file that
    kills whoever decodes it is given up in the end."""
    now = now_utc()
    row = media.next_due(now)
    if row is None:
        return None
    row.tries += 1
    row.next_try_at = now + LEASE
    row.save(update_fields=["tries", "next_try_at"])
    return _Claimed(row, row.message.account, media.seen_as(row))


def _attempt(claimed: _Claimed) -> _Outcome:
    """Ask the network where the file is, and fetch it. Outside any transaction."""
    hopeless = _hopeless(claimed)
    if hopeless is not None or claimed.seen is None:
        return hopeless or _Outcome(GONE, "No version of the message names it any more.")
    try:
        with closing(connector_for(claimed.account)) as connector:
            located = connector.locate(claimed.seen)
        return _Outcome(KEPT, fetched=_kept(claimed, located))
    except RateLimited as error:
        return _Outcome(WAITING, str(error), again_at=error.until)
    except Refused as error:
        return _Outcome(GONE, str(error))
    except Malformed:
        return _Outcome(REFUSED, "The network described it in a way that makes no sense.")
    except ConnectorError as error:
        return _Outcome(WAITING, str(error))
    except NotFetched as error:
        state = GONE if error.gone else WAITING if error.again else REFUSED
        return _Outcome(state, str(error))


def _hopeless(claimed: _Claimed) -> _Outcome | None:
    """Why there is no use in trying."""
    if claimed.account.state == Account.State.OFF:
        return _Outcome(GONE, "The account was disconnected before this could be fetched.")
    if claimed.row.tries > len(WAITS) + 1:  # whoever tried before did not live to say so
        return _Outcome(REFUSED, "It could not be read.")
    return None


def _kept(claimed: _Claimed, located: Located) -> Fetched:
    agency_id = claimed.row.agency_id
    with store.draft(agency_id) as file:
        fetched = fetcher.fetch(
            located,
            file,
            most_bytes=settings.CALLBOX_MOST_MEDIA_BYTES,
            seconds=SECONDS.get(claimed.row.kind, SECONDS_OTHERS),
            allow_loopback=settings.CALLBOX_PRACTICE,
        )
        store.keep(agency_id, file)
    if fetched.mime in SHOWN:
        _draw_small(agency_id, fetched.sha256)
    return fetched


def _draw_small(agency_id: UUID, sha256: str) -> None:
    """Here rather than when somebody waits for it. What fails now is tried again then."""
    with suppress(OSError, ValueError):
        thumbnails.small(agency_id, sha256)


def _settle(row: Attachment, outcome: _Outcome, now: datetime) -> None:
    """Write down what became of a try. A row that somebody settled meanwhile stays as it is."""
    change, happening = _change(row, outcome, now)
    if not Attachment.objects.filter(pk=row.id, state=WAITING).update(**change):
        return
    if happening is None:
        return
    facts = {"words": change["words"]} if happening is Happening.MEDIA_REFUSED else _facts(outcome)
    ledger.enter(
        happening,
        "attachment",
        row.id,
        conversation_id=row.message.conversation_id,
        at=now,
        **facts,
    )
    announce([f"conversation:{row.message.conversation_id}"])


def _facts(outcome: _Outcome) -> dict[str, Any]:
    fetched = outcome.fetched
    return {"sha256": fetched.sha256, "mime": fetched.mime, "size": fetched.size} if fetched else {}


def _change(
    row: Attachment, outcome: _Outcome, now: datetime
) -> tuple[dict[str, Any], Happening | None]:
    """The new columns, and what to enter: nothing while it is still waited for."""
    fetched, words = outcome.fetched, outcome.words[:300]
    if fetched is not None:
        kept = {
            "state": KEPT,
            "sha256": fetched.sha256,
            "mime": fetched.mime,
            "size": fetched.size,
            "width": fetched.width,
            "height": fetched.height,
            "words": "",
            "settled_at": now,
        }
        return kept, Happening.MEDIA_KEPT
    if outcome.state == WAITING and row.tries <= len(WAITS):
        at = max(outcome.again_at or now, now + WAITS[row.tries - 1])
        return {"words": words, "next_try_at": at}, None
    state = GONE if outcome.state == WAITING else outcome.state
    return {"state": state, "words": words, "settled_at": now}, Happening.MEDIA_REFUSED


def forget_drafts(agency_id: UUID) -> int:
    """Remove what died half fetched; how many."""
    return store.forget_drafts(agency_id)
