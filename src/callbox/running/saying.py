"""Speaking first from a terminal, and taking in the past; each is watched until it is settled.

Imported after Django is set up (`callbox.commands`).
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import UUID

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from callbox.actions import importing, pictures, publishing
from callbox.actions.publishing import Words
from callbox.models.accounts import Account, Past
from callbox.models.posts import Delivery
from callbox.queries.people import Me
from callbox.scope import acting_for
from callbox.vocabulary import DeliveryState

PATIENCE = 120.0  # seconds
_SETTLED = (DeliveryState.SENT.value, DeliveryState.FAILED.value)
QUEUED = "It is queued, and a worker will see to it. Is one running (`callbox worker`)?"

Sleep = Callable[[float], None]


def add(me: Me, path: Path, alt: str) -> UUID:
    """Keep a picture or a video for a post. Raises NotPossible, OSError."""
    with path.open("rb") as file:
        return pictures.add(me, file, path.stat().st_size, alt)


def publish(me: Me, account: Account, words: Words, sleep: Sleep = time.sleep) -> str:
    """Publish, print where it is, and say why not; "" when everything went out."""
    queued = publishing.publish(me, account.id, words)
    until = time.monotonic() + PATIENCE
    told: set[UUID] = set()
    while time.monotonic() < until:
        with acting_for(me.agency_id):
            rows = list(Delivery.objects.filter(pk__in=[one.id for one in queued]).order_by("id"))
        problem = _tell(rows, told)
        if problem or all(row.state in _SETTLED for row in rows):
            return problem
        sleep(0.5)
    return QUEUED


def _tell(rows: Sequence[Delivery], told: set[UUID]) -> str:
    """Print the address of each post that went out, once; why one did not."""
    for row in rows:
        if row.state == DeliveryState.FAILED.value:
            return f"It did not go out. {row.error_words}"
        if row.state == DeliveryState.SENT.value and row.id not in told:
            told.add(row.id)
            typer.echo(row.permalink or row.external_id)
    return ""


def take_past(me: Me, account: Account, archive: Path | None, sleep: Sleep = time.sleep) -> str:
    """Take in the past, or go on with an import that stopped, with a bar; why not, or ""."""
    past = _begun(me, account, archive)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, transient=True) as progress:
        bar = progress.add_task("Taking in", total=past.total)
        while past.state == Past.State.RUNNING:
            importing.step(me.agency_id, past.id)
            with acting_for(me.agency_id):
                past = Past.objects.get(pk=past.id)
            words = f"Taking in ({past.words})" if past.words else "Taking in"
            progress.update(bar, completed=past.seen, total=past.total, description=words)
            if past.words:
                sleep(5)  # the network asked for a rest
    if past.state == Past.State.FAILED:
        return past.words
    new = "1 message was" if past.taken == 1 else f"{past.taken} messages were"
    typer.echo(f"{past.seen} seen, {new} new.")
    return ""


def _begun(me: Me, account: Account, archive: Path | None) -> Past:
    if archive is not None:
        with archive.open("rb") as file:
            return importing.begin_archive(me, account.id, file, archive.name)
    with acting_for(me.agency_id):
        rows = Past.objects.filter(account=account).order_by("-began_at")
        last = rows.filter(source=importing.FROM_NETWORK).first()
    if last is not None and last.state == Past.State.RUNNING:
        return last
    if last is not None and last.state in (Past.State.STOPPED, Past.State.FAILED):
        return importing.resume(me, last.id)
    return importing.begin(me, account.id)
