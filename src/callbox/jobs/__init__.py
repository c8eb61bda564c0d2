"""What happens without a person. A job finds rows and calls one action; truth stays in rows, so a
job that runs twice, late or never changes nothing that the next round would not mend.
"""

from uuid import UUID

from django.conf import settings
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from callbox import sealer
from callbox.actions import (
    accounts,
    arrivals,
    changing,
    connecting,
    deliveries,
    importing,
    media,
    performing,
    upkeep,
)
from callbox.jobs.listeners import run_listeners
from callbox.jobs.rounds import rounds
from callbox.models.accounts import Account
from callbox.moment import now_utc
from callbox.practice_city import trickle, where
from callbox.queries import people
from callbox.scope import acting_for

__all__ = ["app", "rounds", "run_listeners"]

_PATIENT = RetryStrategy(max_attempts=8, exponential_wait=2)


@app.task(queue="deliveries", name="callbox.jobs.deliver", retry=_PATIENT, priority=10)
def deliver(agency_id: str, delivery_id: str) -> None:
    """Send one queued delivery."""
    deliveries.deliver(UUID(agency_id), UUID(delivery_id))


@app.task(queue="deliveries", name="callbox.jobs.reconcile", retry=_PATIENT, priority=5)
def reconcile(agency_id: str, delivery_id: str) -> None:
    """Find out what became of a delivery whose outcome nobody knows."""
    deliveries.reconcile(UUID(agency_id), UUID(delivery_id))


@app.task(queue="deliveries", name="callbox.jobs.sweep_delivery", retry=_PATIENT)
def sweep_delivery(agency_id: str, delivery_id: str) -> None:
    """Notice that whoever was sending died."""
    deliveries.sweep(UUID(agency_id), UUID(delivery_id))


@app.task(queue="deliveries", name="callbox.jobs.confirm", retry=_PATIENT)
def confirm(agency_id: str, delivery_id: str) -> None:
    """Read a sent reply back."""
    deliveries.confirm(UUID(agency_id), UUID(delivery_id))


@app.task(queue="deliveries", name="callbox.jobs.perform_act", retry=_PATIENT, priority=5)
def perform_act(agency_id: str, act_id: str) -> None:
    """Do on a network what a member asked for."""
    performing.perform(UUID(agency_id), UUID(act_id))


@app.task(queue="hearing", name="callbox.jobs.read_arrivals", retry=_PATIENT, priority=8)
def read_arrivals(agency_id: str, account_id: str) -> None:
    """Read what a webhook stored."""
    with acting_for(UUID(agency_id)):
        account = Account.objects.get(pk=account_id)
    arrivals.read(account)


@app.task(queue="hearing", name="callbox.jobs.collect", retry=_PATIENT)
def collect(agency_id: str, account_id: str) -> None:
    """Poll one account."""
    accounts.collect(UUID(agency_id), UUID(account_id))


@app.task(queue="hearing", name="callbox.jobs.check_account", retry=_PATIENT)
def check_account(agency_id: str, account_id: str) -> None:
    """Ask a network whether our login still holds."""
    accounts.check(UUID(agency_id), UUID(account_id))


@app.task(queue="hearing", name="callbox.jobs.renew_login", retry=_PATIENT)
def renew_login(agency_id: str, account_id: str) -> None:
    """Extend an account's login before it ends."""
    upkeep.renew(UUID(agency_id), UUID(account_id))


@app.task(queue="hearing", name="callbox.jobs.look_after_hooks", retry=_PATIENT)
def look_after_hooks(agency_id: str, account_id: str) -> None:
    """Make webhook subscriptions again that are gone."""
    upkeep.look_after_hooks(UUID(agency_id), UUID(account_id))


@app.task(queue="hearing", name="callbox.jobs.fetch_context", retry=_PATIENT, priority=-5)
def fetch_context(agency_id: str, account_id: str, external_id: str) -> None:
    """Fetch the thread around a message."""
    accounts.fetch_context(UUID(agency_id), UUID(account_id), external_id)


@app.task(queue="media", name="callbox.jobs.fetch_media", priority=-10)
def fetch_media(agency_id: str) -> None:
    """Fetch the pictures and files of messages that are due."""
    media.fetch_due(UUID(agency_id))


@app.task(queue="bulk", name="callbox.jobs.take_past", retry=_PATIENT, priority=-10)
def take_past(agency_id: str, past_id: str) -> None:
    """Take the next pages of an import."""
    importing.step(UUID(agency_id), UUID(past_id))


@app.task(queue="bulk", name="callbox.jobs.seal", pass_context=False)
def seal(agency_id: str) -> None:
    """Chain what the ledger has gained."""
    while sealer.seal_agency(UUID(agency_id)) == sealer.BATCH:
        continue


@app.periodic(cron="* * * * * */20")
@app.task(queue="hearing", name="callbox.jobs.go_round", queueing_lock="go_round")
def go_round(timestamp: int) -> None:
    """Every twenty seconds: poll, take up what was left lying, seal."""
    for agency in people.agencies():
        rounds(agency, timestamp)


@app.periodic(cron="* * * * * */25")
@app.task(queue="hearing", name="callbox.jobs.go_on_talking", queueing_lock="go_on_talking")
def go_on_talking(timestamp: int) -> None:
    """In the practice city, while somebody looks: the next resident says the next thing."""
    if settings.CALLBOX_PRACTICE:
        trickle.go_on(where.file(), now_utc())


@app.periodic(cron="* * * * * */30")
@app.task(queue="hearing", name="callbox.jobs.take_up", queueing_lock="take_up")
async def take_up(timestamp: int) -> None:
    """Twice a minute: what a worker was doing when it died is done again."""
    for job in await app.job_manager.get_stalled_jobs():
        await app.job_manager.retry_job(job)


@app.periodic(cron="45 3 * * *")
@app.task(queue="bulk", name="callbox.jobs.forget_early", queueing_lock="forget_early")
def forget_early(timestamp: int) -> None:
    """Every night: forget changes to messages that never came, and logins and archives that nobody
    goes on with."""
    for agency in people.agencies():
        connecting.forget_begun(agency)
        changing.forget_early(agency)
        media.forget_drafts(agency)
        importing.forget_archives(agency)


@app.periodic(cron="30 3 * * *")
@app.task(queue="bulk", name="callbox.jobs.tidy", queueing_lock="tidy")
async def tidy(timestamp: int) -> None:
    """Every night: forget finished jobs; what they did is in the ledger."""
    await app.job_manager.delete_old_jobs(nb_hours=72)
