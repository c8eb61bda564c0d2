"""Imports of an account's past: from the network, or from an archive; watched, stopped, resumed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callbox.actions import importing as deeds
from callbox.actions.doing import NotPossible
from callbox.models.accounts import Past
from callbox.rules.text import shown
from callbox.vocabulary import Deed
from callbox.web.doors import StaffRequest
from callbox.web.staff import words
from callbox.web.staff.answers import Toast, deed, done


@dataclass(frozen=True, slots=True)
class Import:
    """One import. `total` 0: nobody can say how much there is."""

    id: UUID
    title: str
    state: str
    look: str
    words: str
    problem: str
    seen: int
    total: int
    running: bool
    stop_url: str
    resume_url: str


@dataclass(frozen=True, slots=True)
class Ways:
    """Which imports can begin now."""

    network: bool
    archive: bool
    busy: bool

    @property
    def any(self) -> bool:
        """Whether there is anything to offer or explain."""
        return self.network or self.archive


def ways(able: frozenset[str], pasts: Sequence[Past], *, runs: bool) -> Ways:
    """What can be offered: one import at a time."""
    busy = any(one.state == Past.State.RUNNING for one in pasts)
    return Ways(runs and "history" in able, runs and "archive" in able, busy)


def shown_(past: Past, now: datetime, zone: tzinfo) -> Import:
    """An import as the page shows it."""
    running = past.state == Past.State.RUNNING
    states = {
        Past.State.RUNNING: (_("Running"), " chip--sky"),
        Past.State.DONE: (_("Done"), " chip--ok"),
        Past.State.FAILED: (_("Came to a halt"), " chip--late"),
        Past.State.STOPPED: (_("Stopped"), " chip--line"),
    }
    state, look = states[Past.State(past.state)]
    stopped = past.state in (Past.State.FAILED, Past.State.STOPPED)
    return Import(
        id=past.id,
        title=_title(past, now, zone),
        state=state,
        look=look,
        words=_words(past),
        problem=shown(past.words),
        seen=min(past.seen, past.total or past.seen),
        total=past.total or 0,
        running=running,
        stop_url=reverse("staff:stop_import", args=[past.account_id, past.id]) if running else "",
        resume_url=reverse("staff:resume_import", args=[past.account_id, past.id])
        if stopped
        else "",
    )


def _title(past: Past, now: datetime, zone: tzinfo) -> str:
    what = shown(past.name) if past.name else _("From the network")
    began = words.when(past.began_at, now, zone)
    if past.asked_by is None:
        return f"{what} · {began}"
    return f"{what} · {began} · {past.asked_by.called}"


def _words(past: Past) -> str:
    new = ngettext("{n} message was new.", "{n} messages were new.", past.taken)
    if past.total:
        read = _("{seen} of {total} read.").format(seen=past.seen, total=past.total)
    else:
        read = _("{seen} read.").format(seen=past.seen)
    return f"{read} {new.format(n=past.taken)}"


def _account(pk: UUID) -> str:
    return f"{reverse('staff:account', args=[pk])}#past"


@deed(Deed.RUN_ACCOUNTS)
def begin(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Ask the network for what was said before."""
    deeds.begin(request.me, pk)
    return done(request, Toast(_("It begins now. You can leave this page.")), to=_account(pk))


@deed(Deed.RUN_ACCOUNTS)
def begin_archive(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Take in an archive that the network let a member download."""
    file = request.FILES.get("archive")
    if file is None:
        raise NotPossible(_("Choose the archive file first."))
    deeds.begin_archive(request.me, pk, file, file.name or "archive.zip")
    return done(request, Toast(_("It begins now. You can leave this page.")), to=_account(pk))


@deed(Deed.RUN_ACCOUNTS)
def stop(request: StaffRequest, pk: UUID, past: UUID) -> HttpResponse:
    """Stop it. What came in stays."""
    deeds.stop(request.me, past)
    return done(request, Toast(_("Stopped. What came in stays.")), to=_account(pk))


@deed(Deed.RUN_ACCOUNTS)
def resume(request: StaffRequest, pk: UUID, past: UUID) -> HttpResponse:
    """Go on where it stood."""
    deeds.resume(request.me, past)
    return done(request, Toast(_("It goes on.")), to=_account(pk))
