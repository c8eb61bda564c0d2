"""The round that makes every lost nudge harmless: it looks at rows, not at what it was told."""

from datetime import timedelta
from uuid import UUID

from django.db.models import Q

from callbox.actions.doing import now_utc
from callbox.effects import later
from callbox.models.accounts import Account, Health, Past
from callbox.models.inbox import Arrival
from callbox.models.posts import Delivery, NetworkAct
from callbox.networks import connector_class
from callbox.queries import media
from callbox.rules import posts
from callbox.scope import acting_for

STALE = timedelta(seconds=15)
ROUND = 20  # seconds between rounds
LOOK_AFTER = 4 * 3600  # seconds between looks at an account's login and webhooks


def rounds(agency_id: UUID, timestamp: int) -> None:
    """One agency's round: due polls, unread arrivals, deliveries that nobody holds, the ledger."""
    with acting_for(agency_id):
        _poll_due(timestamp)
        _unread()
        _unheld()
        _unfetched()
        _undone()
        _unmoved()
        later("seal")


def _poll_due(timestamp: int) -> None:
    """Poll every account that is due, and look after logins and webhooks every few hours. Accounts
    take turns by their ids, so that a hundred of them do not all call in the same second."""
    now = now_utc()
    resting = Q(limited_until__gt=now) | Q(rest_until__gt=now)
    rested = set(Health.objects.filter(resting).values_list("account_id", flat=True))
    for account in Account.objects.filter(state__in=[Account.State.ON, Account.State.DEAD]):
        connector = connector_class(account.network)
        abilities = connector.abilities()
        if account.state == Account.State.DEAD:
            if _turn(account, 300, timestamp) and account.id not in rested:
                later("check_account", account_id=account.id)
            continue
        due = _turn(account, connector.poll_seconds, timestamp)
        if "fetch" in abilities and due and account.id not in rested:
            later("collect", account_id=account.id)
        if "renew" in abilities and _turn(account, LOOK_AFTER, timestamp):
            later("renew_login", account_id=account.id)
        if "hooks" in abilities and _turn(account, LOOK_AFTER, timestamp):
            later("look_after_hooks", account_id=account.id)


def _turn(account: Account, seconds: int, timestamp: int) -> bool:
    """Whether it is this account's turn for something that is done every so many seconds."""
    every = max(seconds // ROUND, 1)
    return bool((timestamp // ROUND + account.id.int) % every == 0)


def _unread() -> None:
    """Arrivals that were stored and then not read: their reader died."""
    old = now_utc() - STALE
    rows = Arrival.objects.filter(state="new", received_at__lt=old)
    for account_id in rows.values_list("account_id", flat=True).distinct():
        later("read_arrivals", account_id=account_id)


def _unheld() -> None:
    """Deliveries whose job is lost: overdue in the queue, sending too long, or unknown too long."""
    now = now_utc()
    overdue = Q(state="queued", due_at__lt=now - STALE)
    dead = Q(state="sending", sending_since__lt=now - posts.LEASE)
    unknown = Q(state="unknown", due_at__lt=now - STALE)
    job = {"queued": "deliver", "sending": "sweep_delivery", "unknown": "reconcile"}
    for pk, state in Delivery.objects.filter(overdue | dead | unknown).values_list("id", "state"):
        later(job[state], delivery_id=pk)


def _undone() -> None:
    """Acts that were asked for, and whose job is lost."""
    old = now_utc() - STALE
    rows = NetworkAct.objects.filter(state="asked", due_at__lt=old)
    for pk in rows.values_list("id", flat=True):
        later("perform_act", act_id=pk)


def _unfetched() -> None:
    """Files of messages that nobody fetched, or whose next try has come."""
    if media.any_due(now_utc() - STALE):
        later("fetch_media")


def _unmoved() -> None:
    """Imports that should be going on, and whose job is lost."""
    old = now_utc() - timedelta(minutes=70)  # a network may have asked for an hour's rest
    rows = Past.objects.filter(state=Past.State.RUNNING, moved_at__lt=old)
    for pk in rows.values_list("id", flat=True):
        later("take_past", past_id=pk)
