"""What the forked processes do: the parts of a worker, a web process, a member; and a witness.

The worker here runs the real jobs from the real table under a clock that can be moved, which the
real worker's cannot; `test_worker.py` kills the real one.
"""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import time_machine
from django.db import connection
from django.test import Client

from callbox import jobs, sealer
from callbox.actions import accounts, deliveries, portal, posts
from callbox.actions.doing import NotPossible
from callbox.jobs.rounds import rounds
from callbox.models.accounts import Account
from callbox.models.inbox import Arrival, Conversation
from callbox.models.people import Agency, Member
from callbox.models.posts import Delivery
from callbox.moment import now_utc
from callbox.networks.practice import hook
from callbox.networks.practice.street import Street
from callbox.queries.accounts import connector_for
from callbox.queries.people import describe
from callbox.scope import acting_for
from callbox.vocabulary import Lane
from tests import make
from tests.faults import witness

HANDLES = {"pd11": False, "pd7": True}  # our accounts, and whether their server forgets keys


def build(slug: str, folder: str) -> dict[str, Any]:
    """A town with two accounts on one street, one of them on a server that forgets keys."""
    agency = make.agency(slug)
    path = Path(folder) / f"{slug}.sqlite3"
    made = {
        handle: make.practice_account(agency, path, handle, forget_keys=forgets)
        for handle, forgets in HANDLES.items()
    }
    form = make.portal_account(agency)
    member = make.member(agency, "Ann Mockridge", make.Role.SUPERVISOR, "PD")
    return {
        "agency": str(agency.id),
        "path": str(path),
        "accounts": {handle: str(account.id) for handle, account in made.items()},
        "form": str(form.id),
        "member": str(member.id),
    }


def warm_up(folder: str) -> None:
    """Do a little of everything, so that what is loaded once is loaded before the first fork."""
    town = build("warm", folder)
    agency = town["agency"]
    with Street(town["path"], now=now_utc) as street:
        street.join("ana")
        street.post("ana", "@pd11 Hello")
    hooked(agency, town["accounts"]["pd11"], town["path"], 0)
    wrote(agency, town["form"], "warm", "Hello")
    work(agency)
    answer(agency, town["member"], "Hello", 1)
    work(agency)
    check(agency, town["path"], [])


# --- a worker -------------------------------------------------------------------------------------


def work(agency: str) -> int:
    """One round and every job that is due; how many were done."""
    rounds(UUID(agency), int(time.time()))
    done = 0
    for job, name, arguments in _due_jobs():
        getattr(jobs, name.removeprefix("callbox.jobs.")).func(**arguments)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job])
        done += 1
    return done


def speak(agency: str, delivery: str) -> None:
    """One job: deliver."""
    deliveries.deliver(UUID(agency), UUID(delivery))


def _due_jobs() -> Iterator[tuple[int, str, dict[str, Any]]]:
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = 'doing' WHERE id = (SELECT id FROM"
                " procrastinate_jobs WHERE status = 'todo' AND coalesce(scheduled_at, %s) <= %s"
                " ORDER BY priority DESC, id LIMIT 1 FOR UPDATE SKIP LOCKED)"
                " RETURNING id, task_name, args",
                [now_utc()] * 2,
            )
            row = cursor.fetchone()
        if row is None:
            return
        yield row[0], row[1], row[2] if isinstance(row[2], dict) else json.loads(row[2])


def recover(agency: str, patience: int = 40) -> float:
    """Work on, undisturbed, until nothing is left to do; how many seconds that took by the moved
    clock. What dead workers held is taken up, as `jobs.take_up` does."""
    began = now_utc()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'todo' WHERE status = 'doing'")
    moment = began
    for _ in range(patience):
        moment += timedelta(seconds=100)
        with time_machine.travel(moment):
            work(agency)
            if not _is_unsettled(agency):
                work(agency)  # what was announced last is confirmed and sealed
                break
    return (moment - began).total_seconds()


def _is_unsettled(agency: str) -> bool:
    with acting_for(UUID(agency)):
        return (
            Delivery.objects.filter(state__in=["queued", "sending", "unknown"]).exists()
            or Delivery.objects.filter(state="sent", confirmed_at=None, gone_at=None).exists()
            or Arrival.objects.filter(state="new").exists()
        )


# --- a web process --------------------------------------------------------------------------------


def hooked(agency: str, account: str, path: str, after: int) -> int:
    """The network pushes to us what happened after event number `after`, as a network would; the
    status that it gets."""
    with acting_for(UUID(agency)):
        ours = Account.objects.get(pk=account)
    connector = connector_for(ours)
    token = str(connector.account.secrets["token"])
    connector.close()
    with Street(path, now=now_utc) as street:
        events = street.log.after(street.people.called(ours.handle).n, after, 100)
    body = json.dumps(
        {"events": [{"seq": one.seq} | json.loads(one.body) for one in events]}
    ).encode()
    at = str(int(time.time()))
    headers = {"host": "localhost"}
    headers |= {"x-practice-time": at, "x-practice-signature": hook.signature(token, at, body)}
    answer = Client(raise_request_exception=False).post(
        f"/hooks/{agency}/{account}/", body, content_type="application/json", headers=headers
    )
    return int(answer.status_code)


def wrote(agency: str, account: str, number: str, text: str) -> None:
    """A resident sends our own form; sending it again is the same form."""
    with acting_for(UUID(agency)):
        ours = Account.objects.get(pk=account)
    portal.take(ours, portal.Form(number, text, "en", "Ana"))


# --- a member -------------------------------------------------------------------------------------


def answer(agency: str, member: str, text: str, which: int) -> str:
    """A member answers some open conversation; the delivery's id, or "" when there is none."""
    me = _me(agency, member)
    with acting_for(UUID(agency)):
        open_ones = list(Conversation.objects.filter(state="open").order_by("id"))
    if not open_ones:
        return ""
    chosen = open_ones[which % len(open_ones)]
    hold = which % 3 == 0
    return str(posts.reply(me, chosen.id, text, lane=Lane(chosen.lane), hold=hold).id)


def second_thoughts(agency: str, member: str) -> None:
    """A member takes back what waits, and tries again what certainly did not arrive."""
    me = _me(agency, member)
    with acting_for(UUID(agency)):
        waiting = list(Delivery.objects.filter(state="queued").order_by("id")[:1])
        failed = list(Delivery.objects.filter(state="failed").exclude(error_kind="NobodyKnows"))
    for deed, those in ((posts.withdraw, waiting), (posts.try_again, failed)):
        for delivery in those:
            try:
                deed(me, delivery.id)
            except NotPossible:
                continue


def _me(agency: str, member: str) -> make.Me:
    with acting_for(UUID(agency)):
        return describe(Member.objects.get(pk=member), now_utc())


# --- a witness ------------------------------------------------------------------------------------


def check(agency: str, path: str, forms: list[str]) -> list[str]:
    """Everything that is not as it has to be, in words."""
    while sealer.seal_agency(UUID(agency)):
        continue
    with Street(path, now=now_utc) as street, acting_for(UUID(agency)):
        problems = witness.problems(street, HANDLES, forms)
    faults = sealer.verify(UUID(agency)).faults
    return problems + [f"ledger: {fault.words}" for fault in faults]


def poll(agency: str) -> None:
    """Hear everything once more, from the very beginning: nothing may change."""
    with acting_for(UUID(agency)):
        accounts.Health.objects.update(cursor={})
        ours = list(Account.objects.filter(network="practice"))
    for account in ours:
        accounts.collect(UUID(agency), account.id)


def is_there(slug: str) -> bool:
    return Agency.objects.filter(slug=slug).exists()
