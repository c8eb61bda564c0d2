"""Any change to the ledger is found and named; and sealing misses nothing that is being written."""

import threading
import time
from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey

from callbox import ledger, sealer
from callbox.ids import new_id
from callbox.models.people import Agency
from callbox.models.records import Entry, Link, Seal
from callbox.running.postgres import ADMIN_ROLE
from callbox.scope import acting_for
from callbox.vocabulary import Happening
from tests import embedded, make
from tests.faults.together import run_all

pytestmark = pytest.mark.django_db(transaction=True)

TABLES = ("callbox_entry", "callbox_link", "callbox_seal")


class Intruder:
    """Somebody who can write to the database past every wall, and puts everything back."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)

    def close(self) -> None:
        self._connection.close()

    def remember(self) -> None:
        for table in TABLES:
            self.do(f"CREATE TEMP TABLE kept_{table} AS TABLE {table}")

    def put_back(self) -> None:
        self.do(f"TRUNCATE {', '.join(TABLES)}")
        for table in TABLES:
            self.do(f"INSERT INTO {table} TABLE kept_{table}")

    def do(self, statement: str, *values: object) -> None:
        self._connection.execute(statement.encode(), values)


@pytest.fixture
def intruder(postgres: embedded.Server, database_name: str) -> Iterator[Intruder]:
    found = Intruder(postgres.url(ADMIN_ROLE, database_name))
    yield found
    found.close()


def write(agency: Agency, count: int = 1) -> None:
    """Entries, each of a transaction of its own."""
    for number in range(count):
        with acting_for(agency.id):
            facts = {"number": number, "words": "Größe “1”", "list": [1, None, True]}
            ledger.enter(
                Happening.NOTE_WRITTEN,
                "note",
                new_id(),
                ledger.Actor(ledger.ActorKind.MEMBER, new_id()),
                conversation_id=new_id(),
                **facts,
            )


def seal(agency: Agency, within: float = 20.0) -> None:
    """Seal everything. Transactions that are open elsewhere on the server hold sealing up: tests
    that run beside this one, too."""
    deadline = time.monotonic() + within
    while sealer.verify(agency.id).unsealed:
        sealer.seal_agency(agency.id)
        if time.monotonic() > deadline:
            raise TimeoutError("something holds sealing up")


@pytest.fixture
def agency(intruder: Intruder) -> Agency:
    """An agency with three seals over 20 entries."""
    made = make.agency()
    for count in (6, 7, 6):
        write(made, count)
        seal(made)
    intruder.remember()
    return made


def entries(agency: Agency) -> list[UUID]:
    """Entries in the order of the chain."""
    with acting_for(agency.id):
        return list(Link.objects.order_by("position").values_list("entry_id", flat=True))


def faults(agency: Agency) -> list[sealer.Fault]:
    return list(sealer.verify(agency.id).faults)


def test_a_whole_ledger_has_no_faults(agency: Agency) -> None:
    checked = sealer.verify(agency.id)
    assert (checked.entries, checked.seals, checked.unsealed) == (20, 3, 0)
    assert checked.faults == []
    write(agency, 2)
    assert sealer.verify(agency.id).unsealed == 2


CHANGES = {
    "happening": "happening = 'note_writtem'",
    "at": "at = at + interval '1 microsecond'",
    "actor_kind": "actor_kind = 'system'",
    "actor_id": "actor_id = NULL",
    "subject_kind": "subject_kind = subject_kind || ' '",
    "subject_id": "subject_id = conversation_id",
    "conversation_id": "conversation_id = NULL",
    "facts": "facts = jsonb_set(facts, '{number}', '99')",
    "facts, a new one": "facts = facts || '{\"more\": null}'",
    "facts, one less": "facts = facts - 'words'",
}


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(place=st.integers(1, 19), change=st.sampled_from(sorted(CHANGES)))
def test_a_changed_entry_is_named(
    agency: Agency, intruder: Intruder, place: int, change: str
) -> None:
    victim = entries(agency)[place]
    statement = f"UPDATE callbox_entry SET {CHANGES[change]} WHERE id = %s"  # noqa: S608  # ours
    intruder.do(statement, victim)
    found = faults(agency)
    intruder.put_back()
    assert [(one.position, one.entry_id) for one in found] == [(place + 1, victim)]


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(place=st.integers(1, 20), byte=st.integers(0, 31), flip=st.integers(1, 255))
def test_a_changed_link_is_named(
    agency: Agency, intruder: Intruder, place: int, byte: int, flip: int
) -> None:
    intruder.do(
        "UPDATE callbox_link SET digest = set_byte(digest, %s, get_byte(digest, %s) # %s)"
        " WHERE position = %s",
        byte,
        byte,
        flip,
        place,
    )
    found = faults(agency)
    intruder.put_back()
    assert place in [one.position for one in found]


@pytest.mark.parametrize("column", ["head", "signature", "public_key"])
@pytest.mark.parametrize("byte", [0, 17, 31])
def test_a_changed_seal_is_named(
    agency: Agency, intruder: Intruder, column: str, byte: int
) -> None:
    flipped = f"{column} = set_byte({column}, %s, get_byte({column}, %s) # 1)"
    statement = f"UPDATE callbox_seal SET {flipped} WHERE number = 2"  # noqa: S608  # ours
    intruder.do(statement, byte, byte)
    assert any("Seal 2" in one.words for one in faults(agency))


OTHER: dict[str, tuple[str, str]] = {
    "an entry dropped": ("DELETE FROM callbox_entry WHERE id = %(entry)s", "missing"),
    "an entry and its link dropped": (
        "DELETE FROM callbox_entry WHERE id = %(entry)s;"
        "DELETE FROM callbox_link WHERE entry_id = %(entry)s",
        "Links 9 to 9 are missing",
    ),
    "a link dropped": (
        "DELETE FROM callbox_link WHERE entry_id = %(entry)s",
        "outside the chain",
    ),
    "two links swapped": (
        "UPDATE callbox_link SET position = -1 WHERE position = 9;"
        "UPDATE callbox_link SET position = 9 WHERE position = 12;"
        "UPDATE callbox_link SET position = 12 WHERE position = -1",
        "not as it was sealed",
    ),
    "two entries swapped in their links": (
        "CREATE TEMP TABLE a AS SELECT entry_id FROM callbox_link WHERE position = 9;"
        "CREATE TEMP TABLE b AS SELECT entry_id FROM callbox_link WHERE position = 12;"
        "UPDATE callbox_link SET entry_id = gen_random_uuid() WHERE position = 9;"
        "UPDATE callbox_link SET entry_id = (SELECT entry_id FROM a) WHERE position = 12;"
        "UPDATE callbox_link SET entry_id = (SELECT entry_id FROM b) WHERE position = 9;"
        "DROP TABLE a; DROP TABLE b",
        "not as it was sealed",
    ),
    "an entry put in with an old number": (
        "INSERT INTO callbox_entry SELECT gen_random_uuid() AS id, happening, at, actor_kind,"
        " actor_id, subject_kind, subject_id, conversation_id, facts, xid, agency_id"
        " FROM callbox_entry WHERE id = %(entry)s",
        "outside the chain",
    ),
    "the last link dropped": (
        "DELETE FROM callbox_link WHERE position = 20",
        "Seal 3 stands over position 20, which is gone",
    ),
    "a seal dropped": ("DELETE FROM callbox_seal WHERE number = 2", "Seal 2 is missing"),
    "the last seal dropped": (
        "DELETE FROM callbox_seal WHERE number = 3",
        "Links 15 to 20 carry no seal",
    ),
    "a seal moved": (
        "UPDATE callbox_seal SET last_position = 13 WHERE number = 2",
        "Seal 2 does not match the chain",
    ),
    "a seal dated back": (
        "UPDATE callbox_seal SET sealed_at = sealed_at - interval '1 day' WHERE number = 2",
        "Seal 2 carries a wrong signature",
    ),
}


@pytest.mark.parametrize(("statements", "words"), OTHER.values(), ids=OTHER)
def test_dropping_reordering_and_inserting_are_named(
    agency: Agency, intruder: Intruder, statements: str, words: str
) -> None:
    victim = entries(agency)[8]
    for statement in statements.split(";"):
        intruder.do(statement.replace("%(entry)s", f"'{victim}'"))
    found = faults(agency)
    assert any(words in one.words for one in found), found
    if "%(entry)s" in statements and "outside" not in words and "Links" not in words:
        assert victim in [one.entry_id for one in found]


def test_a_chain_made_anew_with_another_key_is_found(agency: Agency, intruder: Intruder) -> None:
    """Whoever can write everything can compute every digest; they cannot sign."""
    intruder.do("UPDATE callbox_entry SET facts = '{}' WHERE id = %s", entries(agency)[3])
    intruder.do("TRUNCATE callbox_link, callbox_seal")
    theirs = SigningKey.generate()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealer, "_signing_key", lambda: theirs)
        seal(agency)
    assert any("somebody else" in one.words for one in faults(agency))
    with_their_key = sealer.verify(agency.id, former_keys=[bytes(theirs.verify_key)])
    assert with_their_key.faults == []  # a former key of ours would be fine


def test_after_a_restore_elsewhere_the_chain_goes_on(agency: Agency, intruder: Intruder) -> None:
    """Another cluster counts transactions anew: what came along unsealed is sealed, what is new is
    not taken for old."""
    write(agency, 2)
    intruder.do("UPDATE callbox_seal SET cluster = 42, xid = 9000000000")
    intruder.do(
        "UPDATE callbox_entry SET xid = xid + 9000000000 WHERE id NOT IN"
        " (SELECT entry_id FROM callbox_link)"
    )
    checked = sealer.verify(agency.id)
    assert (checked.faults, checked.unsealed) == ([], 2)
    seal(agency)
    write(agency, 1)
    checked = sealer.verify(agency.id)
    assert (checked.faults, checked.entries, checked.unsealed) == ([], 22, 1)


def test_two_agencies_two_chains(agency: Agency) -> None:
    other = make.agency("springfield")
    write(other, 3)
    seal(other)
    assert sealer.verify(other.id).entries == 4
    assert sealer.verify(agency.id).entries == 20


# --- while it is being written --------------------------------------------------------------------


def test_nothing_is_sealed_past_a_transaction_that_is_under_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sealer, "BATCH", 3)
    agency = make.agency()
    seal(agency)
    begun, others_are_done = threading.Event(), threading.Event()

    def slow() -> None:
        with acting_for(agency.id):
            ledger.enter(Happening.NOTE_WRITTEN, "note", new_id())
            begun.set()
            others_are_done.wait(20)

    def others() -> None:
        begun.wait(20)
        write(agency, 3)  # a whole batch, with higher numbers
        assert sealer.seal_agency(agency.id) == 0
        others_are_done.set()

    run_all(slow, others)
    seal(agency)
    checked = sealer.verify(agency.id)
    assert (checked.faults, checked.entries) == ([], 5)


def test_sealing_while_others_write_misses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealer, "BATCH", 7)  # batches end in the middle of transactions
    agency = make.agency()
    writers, each = 4, 25
    done, under_way = threading.Event(), threading.Event()

    def writer() -> None:
        under_way.wait(20)
        write(agency, each)

    def slow() -> None:
        """Begins before the others and commits after them: the oldest number comes last."""
        with acting_for(agency.id):
            ledger.enter(Happening.NOTE_WRITTEN, "note", new_id())
            under_way.set()
            time.sleep(1.5)

    def rolled_back() -> None:
        for _ in range(10):
            with pytest.raises(ZeroDivisionError), acting_for(agency.id):
                ledger.enter(Happening.NOTE_WRITTEN, "note", new_id(), number=1 // 0)

    def sealing() -> None:
        while not done.is_set():
            sealer.seal_agency(agency.id)

    def all_writers() -> None:
        run_all(slow, rolled_back, *[writer] * writers)
        done.set()

    run_all(all_writers, sealing, sealing)
    seal(agency)
    checked = sealer.verify(agency.id)
    assert checked.faults == []
    assert (checked.entries, checked.unsealed) == (1 + 1 + writers * each, 0)
    with acting_for(agency.id):
        assert Entry.objects.count() == checked.entries
        numbers = list(Seal.objects.order_by("number").values_list("number", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))
