"""A deed that is rolled back leaves nothing: no row, no entry, no job, no word to open pages."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from callbox.actions import accounts, arrivals, conversations, people, posts, presence
from callbox.connector import Raw
from callbox.effects import LIVE
from callbox.logins import Identity
from callbox.models.inbox import Conversation
from callbox.models.people import Grant, Member
from callbox.models.posts import Delivery
from callbox.running.postgres import ADMIN_ROLE
from callbox.scope import acting_for
from callbox.vocabulary import Disposition, Intent, Lane, NoReplyReason, Role, Urgency
from tests import embedded, make

pytestmark = pytest.mark.django_db(transaction=True)


class Witness:
    """Another connection, which no wall stops: what is stored, and what was announced."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(LIVE)))

    def close(self) -> None:
        self._connection.close()

    def stored(self) -> dict[str, str]:
        """A digest of every table."""
        tables = self._connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        ).fetchall()
        parts = sql.SQL(" UNION ALL ").join(
            sql.SQL(
                "SELECT {name}, count(*) || coalesce(md5(string_agg(t::text, '' ORDER BY t::text)),"
                " '') FROM {table} t"
            ).format(name=sql.Literal(name), table=sql.Identifier(name))
            for (name,) in tables
        )
        return dict(self._connection.execute(parts).fetchall())

    def announced(self) -> int:
        """How many words to open pages came since it was asked last."""
        return len(list(self._connection.notifies(timeout=0.05)))


@pytest.fixture
def witness(postgres: embedded.Server, database_name: str) -> Iterator[Witness]:
    found = Witness(postgres.url(ADMIN_ROLE, database_name))
    yield found
    found.close()


class Undone(Exception):
    """What goes wrong after the deed."""


Deed = Callable[[], object]


def do_and_fail(town: make.Town, deed: Deed) -> None:
    """A deed as part of a larger transaction that breaks right afterwards."""
    with acting_for(town.agency.id):
        deed()
        raise Undone


LATER = make.now() + timedelta(hours=1)


def deeds(town: make.Town, home: UUID, other: UUID, failed: UUID, queued: UUID) -> dict[str, Deed]:
    """Every kind of deed, each possible in the town as it is."""
    admin, diaz = town.admin, town.diaz
    with acting_for(town.agency.id):
        ofield = Member.objects.get(pk=town.ofield.member_id)
        grant = Grant.objects.get(member_id=ofield.id).id
    unit = make.unit(town.agency, "011").id
    event = {
        "type": "mention",
        "at": make.now().isoformat(),
        "post": {
            "id": "p99",
            "author": {"id": "u9"},
            "at": make.now().isoformat(),
            "text": "Hello",
        },
    }
    who = Identity(town.account.external_id, "pd11")
    config, secrets = town.account.config, {"token": "new"}
    return {
        "note": lambda: conversations.note(diaz, home, "Hm"),
        "assign": lambda: conversations.assign(diaz, home, member_id=diaz.member_id),
        "relabel": lambda: conversations.relabel(
            diaz, home, intent=Intent.MEDIA, urgency=Urgency.SOON
        ),
        "snooze": lambda: conversations.snooze(diaz, home, LATER),
        "save a draft": lambda: presence.save_draft(diaz, home, "public", "We"),
        "ask": lambda: presence.ask_to_take_over(town.mockridge, home),
        "take over": lambda: presence.take_over(town.mockridge, home),
        "read": lambda: presence.mark_read(diaz, home, LATER),
        "withdraw": lambda: posts.withdraw(diaz, queued),
        "try again": lambda: posts.try_again(diaz, failed),
        "reply": lambda: posts.reply(diaz, home, "We look", lane=Lane.PUBLIC),
        "merge": lambda: conversations.merge(diaz, other, home),
        "unmerge": lambda: conversations.unmerge(diaz, other),
        "close": lambda: conversations.close(
            diaz, home, Disposition.NO_REPLY, reason=NoReplyReason.THANKS
        ),
        "reopen": lambda: conversations.reopen(diaz, home),
        "store": lambda: arrivals.store(
            town.account, [Raw.of("event", event)], "hook", read_later=True
        ),
        "read arrivals": lambda: arrivals.read(town.account),
        "quarantine": lambda: arrivals.take_in(town.account, [Raw("event", b"{")], "poll"),
        "run again": lambda: arrivals.run_again(admin, town.account.id),
        "pause": lambda: accounts.pause(admin, town.account.id, paused=True),
        "connect": lambda: accounts.connect(
            admin, town.agency.id, "practice", unit, who, config=config, secrets=secrets
        ),
        "add a member": lambda: people.add_member(
            admin, town.agency.id, email="n@e.example", name="New", rank="", signature="N"
        ),
        "give": lambda: people.give(admin, ofield, Role.OFFICER, unit),
        "end a grant": lambda: people.end_grant(admin, grant),
        "set duty": lambda: people.set_duty(admin, ofield, make.now(), LATER),
        "waive duty": lambda: people.waive_duty(town.mockridge, ofield, LATER, "Fire"),
    }


#: Deeds that tell no page: nothing that anybody has open shows them.
SILENT = frozenset(
    {"read", "store", "add a member", "give", "end a grant", "set duty", "waive duty"}
)


def test_a_deed_that_is_rolled_back_leaves_nothing(tmp_path: Path, witness: Witness) -> None:
    town = make.town(tmp_path)
    town.street.join("ana", "Ana")
    for text in ("@pd11 one", "@pd11 two"):
        town.street.post("ana", text)
    town.collect()
    with acting_for(town.agency.id):
        other, home = Conversation.objects.order_by("started_at").values_list("id", flat=True)
        failed, queued = (
            posts.reply(town.diaz, home, text, lane=Lane.PUBLIC).id for text in ("Yes", "No")
        )
        Delivery.objects.filter(pk=failed).update(state="failed")
    todo = deeds(town, home, other, failed, queued)

    for name, deed in todo.items():
        before = witness.stored()
        witness.announced()
        with pytest.raises(Undone):
            do_and_fail(town, deed)
        assert witness.stored() == before, name
        assert witness.announced() == 0, name

        deed()  # now for good: the test above was not about nothing
        after = witness.stored()
        changed = {table for table, digest in after.items() if before[table] != digest}
        assert changed, name
        assert name in SILENT or witness.announced() > 0, name
