"""What was said before we listened: taken in from the network, or from an archive that it lets its
members download.

An import makes no work: what comes in with it is closed as the past, keeps its dates, and starts no
clock. It goes step by step, in jobs of a few pages, so that others have their turn; a row says how
far it has come, and whatever dies in between is taken up there again.
"""

import itertools
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from typing import IO
from uuid import UUID

from django.db import IntegrityError, transaction

from callbox import ledger
from callbox.actions import arrivals, unpacking
from callbox.actions.doing import NotPossible, by, now_utc
from callbox.connector import (
    AuthTransient,
    Connector,
    ConnectorError,
    Malformed,
    OutcomeUnknown,
    Page,
    RateLimited,
    Refused,
    Unavailable,
)
from callbox.effects import announce, later
from callbox.models.accounts import Account, Past
from callbox.networks import connector_class
from callbox.queries.accounts import connector_for
from callbox.queries.people import Me
from callbox.rules import access, posts
from callbox.rules.text import kept
from callbox.scope import acting_for
from callbox.vocabulary import Deed, Happening

PAGES = 5  # per step
AT_ONCE = 200  # items of an archive per page
KEPT_FOR = timedelta(days=7)  # an archive whose import came to a halt, to go on with
FROM_NETWORK, FROM_ARCHIVE = "network", "archive"


def begin(me: Me, account_id: UUID) -> Past:
    """Have the network asked for what was said before. Raises access.Denied, NotPossible."""
    with acting_for(me.agency_id):
        account = _account(me, account_id, "history")
        past = _begin(me, account, FROM_NETWORK, "")
        later("take_past", past_id=past.id)
        return past


def begin_archive(me: Me, account_id: UUID, file: IO[bytes], name: str) -> Past:
    """Take in an archive (a zip file) of the network's own. Raises access.Denied, and NotPossible
    for what is no such archive."""
    with acting_for(me.agency_id):
        account = _account(me, account_id, "archive")
    with acting_for(me.agency_id):
        past = _begin(me, account, FROM_ARCHIVE, name)
    try:
        unpacking.keep(me.agency_id, past.id, file)
        total = _count(account, past)
    except (unpacking.NoArchive, ConnectorError) as error:
        _not_begun(past, str(error))
        raise NotPossible(str(error)) from error
    except BaseException:  # whatever it was, nothing of it stays here, or stands in the way
        _not_begun(past, "It could not be read.")
        raise
    with acting_for(me.agency_id):
        Past.objects.filter(pk=past.id).update(total=total)
        later("take_past", past_id=past.id)
    return past


def _not_begun(past: Past, words: str) -> None:
    unpacking.forget(past.agency_id, past.id)
    with acting_for(past.agency_id):
        _end(past, Past.State.FAILED, words)


def _account(me: Me, account_id: UUID, ability: str) -> Account:
    access.require(me.standing, Deed.RUN_ACCOUNTS, "", now_utc())
    account = Account.objects.filter(pk=account_id, state=Account.State.ON).first()
    if account is None:
        raise NotPossible("That account is not connected.")
    why_not = connector_class(account.network).why_not(ability)
    if why_not:
        raise NotPossible(why_not)
    return account


def _begin(me: Me, account: Account, source: str, name: str) -> Past:
    now = now_utc()
    try:
        with transaction.atomic():
            past = Past.objects.create(
                agency_id=me.agency_id,
                account=account,
                asked_by_id=me.member_id,
                source=source,
                name=kept(name)[:200],
                began_at=now,
                moved_at=now,
            )
    except IntegrityError as error:
        raise NotPossible("An import is running for this account already.") from error
    ledger.enter(
        Happening.PAST_ASKED,
        "past",
        past.id,
        by(me),
        at=now,
        account=str(account.id),
        source=source,
    )
    announce(["health"])
    return past


def _count(account: Account, past: Past) -> int:
    """How many items an archive has; reading it through once also says whether it is one."""
    with (
        unpacking.opened(account.agency_id, past.id) as folder,
        closing(connector_for(account)) as connector,
    ):
        total = sum(1 for _ in connector.archive(folder))
    if total == 0:
        raise Malformed(f"There is nothing in this archive that {connector.name} would have.")
    return total


def stop(me: Me, past_id: UUID) -> Past:
    """Stop an import. What came in stays. Raises access.Denied, NotPossible."""
    return _turn(me, past_id, Past.State.RUNNING, Past.State.STOPPED)


def resume(me: Me, past_id: UUID) -> Past:
    """Go on with an import that was stopped, or failed. Raises access.Denied, NotPossible."""
    past = _turn(me, past_id, Past.State.STOPPED, Past.State.RUNNING)
    with acting_for(me.agency_id):
        later("take_past", past_id=past.id)
    return past


def _turn(me: Me, past_id: UUID, was: Past.State, to: Past.State) -> Past:
    now = now_utc()
    with acting_for(me.agency_id):
        access.require(me.standing, Deed.RUN_ACCOUNTS, "", now)
        past = Past.objects.select_for_update().filter(pk=past_id).first()
        ways = (was, Past.State.FAILED) if to == Past.State.RUNNING else (was,)
        if past is None or past.state not in ways:
            raise NotPossible("This import is not one that can be changed so.")
        past.state, past.moved_at, past.words = to, now, ""
        past.ended_at = None if to == Past.State.RUNNING else now
        past.save(update_fields=["state", "moved_at", "words", "ended_at"])
        happening = Happening.PAST_ASKED if to == Past.State.RUNNING else Happening.PAST_TAKEN
        ledger.enter(happening, "past", past.id, by(me), at=now, state=past.state)
        announce(["health"])
        return past


def forget_archives(agency_id: UUID) -> int:
    """Let go of archives that nobody goes on with: whose account is off, or whose import ended a
    week ago; how many."""
    here, since = unpacking.kept(agency_id), now_utc() - KEPT_FOR
    with acting_for(agency_id):
        rows = Past.objects.filter(pk__in=here).exclude(account__state=Account.State.OFF)
        wanted = {row.id for row in rows if row.ended_at is None or row.ended_at > since}
    for past_id in set(here) - wanted:
        unpacking.forget(agency_id, past_id)
    return len(set(here) - wanted)


# --- step by step -----------------------------------------------------------------------------


def step(agency_id: UUID, past_id: UUID) -> None:
    """Take the next few pages of an import. Calling it twice takes nothing in twice."""
    with acting_for(agency_id):
        past = Past.objects.select_related("account").filter(pk=past_id).first()
    if past is None or past.state != Past.State.RUNNING:
        return
    try:
        more = _steps(past.account, past)
    except (RateLimited, Unavailable, AuthTransient, OutcomeUnknown) as error:
        with acting_for(agency_id):
            _wait(past, error)
    except (ConnectorError, unpacking.NoArchive) as error:
        with acting_for(agency_id):
            _end(past, Past.State.FAILED, str(error))
    else:
        with acting_for(agency_id):
            if more:
                later("take_past", past_id=past.id)
            else:
                _end(past, Past.State.DONE, "")
        if not more and past.source == FROM_ARCHIVE:
            unpacking.forget(agency_id, past.id)


def _steps(account: Account, past: Past) -> bool:
    """Take a few pages; whether there is more."""
    if account.state != Account.State.ON:
        raise Refused(f"{account.handle} is not connected at present.")
    with closing(connector_for(account)) as connector, ExitStack() as stack:
        pages = _network_pages(connector, past)
        if past.source == FROM_ARCHIVE:
            folder = stack.enter_context(unpacking.opened(account.agency_id, past.id))
            pages = _archive_pages(connector, folder, past)
        for page in pages:
            taken = arrivals.take_in(account, page.items, arrivals.PAST)
            if not _moved(past, page, taken.messages) or not page.more:
                return False
            if page.rest_until is not None:
                raise RateLimited("The network asks us to slow down.", page.rest_until)
    return True


def _network_pages(connector: Connector, past: Past) -> Iterator[Page]:
    for _ in range(PAGES):
        yield connector.history(past.cursor)


def _archive_pages(connector: Connector, folder: unpacking.Folder, past: Past) -> Iterator[Page]:
    """An archive is read from its beginning at every step, so a step takes more pages of it."""
    done = int(past.cursor.get("done", 0))
    raws = itertools.islice(connector.archive(folder), done, None)
    for _ in range(10 * PAGES):
        items = list(itertools.islice(raws, AT_ONCE))
        done += len(items)
        yield Page(items, {"done": done}, more=len(items) == AT_ONCE, total=past.total)


def _moved(past: Past, page: Page, messages: int) -> bool:
    """Write down how far it has come; False when a member has stopped it meanwhile."""
    now = now_utc()
    with acting_for(past.agency_id):
        row = Past.objects.select_for_update().get(pk=past.id)
        row.cursor, row.moved_at, row.words = dict(page.cursor), now, ""
        row.seen += len(page.items)
        row.taken += messages
        row.total = page.total if page.total is not None else row.total
        row.save(update_fields=["cursor", "moved_at", "words", "seen", "taken", "total"])
        announce(["health"])
    past.cursor, past.total = row.cursor, row.total
    return bool(row.state == Past.State.RUNNING)


def _wait(past: Past, error: ConnectorError) -> None:
    """The network does not answer now: go on later, from where it stands."""
    now = now_utc()
    until = error.until if isinstance(error, RateLimited) else now + posts.backoff(6)
    Past.objects.filter(pk=past.id).update(moved_at=now, words=str(error)[:500])
    later("take_past", past_id=past.id, at=min(until, now + timedelta(hours=1)))
    announce(["health"])


def _end(past: Past, state: Past.State, words: str) -> None:
    now = now_utc()
    row = Past.objects.select_for_update().get(pk=past.id)
    if row.state != Past.State.RUNNING:
        return
    row.state, row.ended_at, row.moved_at, row.words = state, now, now, words[:500]
    row.save(update_fields=["state", "ended_at", "moved_at", "words"])
    ledger.enter(
        Happening.PAST_TAKEN,
        "past",
        past.id,
        at=now,
        account=str(row.account_id),
        state=str(state),
        seen=row.seen,
        taken=row.taken,
    )
    announce(["health", "inbox"])
