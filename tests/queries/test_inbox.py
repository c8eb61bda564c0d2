"""Lists that page without losing or repeating a line, and show nobody more than they may see."""

import base64
import json
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callbox import bulk
from callbox.actions import conversations, presence
from callbox.ids import new_id
from callbox.models.inbox import Author, Conversation
from callbox.queries import inbox
from callbox.queries.inbox import QUEUES, Filters
from callbox.queries.people import Me
from callbox.scope import acting_for
from callbox.vocabulary import Disposition, NoReplyReason
from tests import make
from tests.actions import hearing, speaking
from tests.actions.hearing import at, said, take

NOW = make.now()


def row(town: make.Town, author: UUID, **columns: object) -> dict[str, object]:
    """A conversation, as the database would have it."""
    moment = NOW - timedelta(minutes=60)
    return {
        "id": new_id(),
        "agency_id": town.agency.id,
        "account_id": town.account.id,
        "author_id": author,
        "root_id": str(new_id()),
        "lane": "public",
        "state": "open",
        "disposition": "",
        "rank": 2,
        "intent": "other",
        "language": "en",
        "because": [],
        "unit_id": town.account.unit_id,
        "assignee_id": None,
        "snoozed_until": None,
        "since": moment,
        "due_at": moment + timedelta(hours=4),
        "answered_at": None,
        "failed": False,
        "preview": "",
        "heard": 1,
        "reason": "",
        "reason_words": "",
        "started_at": moment,
        "last_at": moment,
        "changed_at": moment,
        "closed_at": None,
    } | columns


def author(town: make.Town) -> UUID:
    made = new_id()
    bulk.insert(
        Author,
        [
            {
                "id": made,
                "agency_id": town.agency.id,
                "network": "practice",
                "external_id": str(made),
                "handle": "ana",
                "name": "Ana",
                "profile_url": "",
            }
        ],
    )
    return made


minutes = st.integers(0, 3)  # few different times: many rows are equal but for their id
drawn = st.fixed_dictionaries(
    {
        "state": st.sampled_from(["open", "open", "open", "waiting", "closed"]),
        "rank": st.integers(0, 2),
        "since": minutes,
        "last_at": minutes,
        "due_at": minutes,
        "closed_at": minutes,
        "snoozed": st.booleans(),
        "mine": st.booleans(),
        "heard": st.integers(1, 3),
        "answered": st.booleans(),
        "elsewhere": st.booleans(),
    }
)


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=st.lists(drawn, min_size=12, max_size=25), limit=st.integers(1, 6))
def test_pages_are_the_list_and_counts_are_the_pages(
    town: make.Town, rows: list[dict[str, object]], limit: int
) -> None:
    with acting_for(town.agency.id):
        who, seventh = author(town), make.unit(town.agency, "007").id
        Conversation.objects.all().delete()  # those of the example before
        bulk.insert(Conversation, [_stored(town, who, seventh, one) for one in rows])
        stored = list(Conversation.objects.filter(author_id=who))
        counts = inbox.counts(town.mockridge, NOW)
        for queue in QUEUES.values():
            expected = _expected(town, queue, stored)
            assert _pages(town.mockridge, queue, limit) == [one.id for one in expected], queue.key
            assert counts[queue.key] == len(expected), queue.key


def _stored(town: make.Town, who: UUID, seventh: UUID, one: dict[str, object]) -> dict[str, object]:
    def ago(name: str) -> object:
        return NOW - timedelta(minutes=5 * int(str(one[name])) - 7)

    return row(
        town,
        who,
        state=one["state"],
        rank=one["rank"],
        since=ago("since"),
        last_at=ago("last_at"),
        due_at=ago("due_at"),
        closed_at=ago("closed_at") if one["state"] == "closed" else None,
        disposition="answered" if one["state"] == "closed" else "",
        snoozed_until=NOW + timedelta(hours=1) if one["snoozed"] else None,
        assignee_id=town.mockridge.member_id if one["mine"] else None,
        heard=one["heard"],
        answered_at=NOW if one["answered"] else None,
        unit_id=seventh if one["elsewhere"] else town.account.unit_id,
    )


def _expected(
    town: make.Town, queue: inbox.Queue, stored: list[Conversation]
) -> list[Conversation]:
    """The queue as Python would have it."""
    home = town.mockridge.home_unit_id

    def awake(one: Conversation) -> bool:
        return one.state == "open" and (one.snoozed_until is None or one.snoozed_until <= NOW)

    belongs = {
        "emergency": lambda one: awake(one) and one.rank == 0,
        "needs": awake,
        "mine": lambda one: awake(one) and one.assignee_id == town.mockridge.member_id,
        "district": lambda one: awake(one) and one.unit_id == home,
        "unheard": lambda one: awake(one) and one.heard >= 2 and one.answered_at is None,
        "late": lambda one: awake(one) and one.due_at < NOW,
        "snoozed": lambda one: one.state == "open" and not awake(one),
        "waiting": lambda one: one.state == "waiting",
        "closed": lambda one: one.state == "closed",
    }[queue.key]
    columns = [column.removeprefix("c.") for column in queue.order]
    found = [one for one in stored if one.unit_id == home and belongs(one)]
    return sorted(
        found, key=lambda one: [getattr(one, name) for name in columns], reverse=queue.newest_first
    )


def _pages(me: Me, queue: inbox.Queue, limit: int) -> list[UUID]:
    found: list[UUID] = []
    after = ""
    while True:
        page = inbox.listing(me, queue, NOW, after=after, limit=limit)
        assert len(page.rows) <= limit
        found += [one.id for one in page.rows]
        after = page.after
        if not after:
            return found


# --- who sees what --------------------------------------------------------------------------------


def test_a_member_sees_their_units_and_nobody_s_else(town: make.Town) -> None:
    take(town, said())
    home = hearing.conversation(town)
    with acting_for(town.agency.id):
        needs = QUEUES["needs"]
        for me, sees in ((town.diaz, True), (town.ofield, False), (town.admin, False)):
            assert bool(inbox.listing(me, needs, NOW).rows) is sees
            assert bool(inbox.counts(me, NOW)["needs"]) is sees
            assert (inbox.row(me, home.id, NOW) is not None) is sees
            assert bool(inbox.newer(me, needs, at(-1), NOW)) is sees
            assert bool(inbox.search(me, "Ana", NOW)) is sees


def test_nobody_without_a_grant_sees_anything(town: make.Town) -> None:
    take(town, said())
    nobody = replace(town.diaz, standing=replace(town.diaz.standing, grants=()))
    with acting_for(town.agency.id):
        assert inbox.listing(nobody, QUEUES["needs"], NOW).rows == []
        assert set(inbox.counts(nobody, NOW).values()) == {0}


def test_another_agency_sees_nothing(town: make.Town) -> None:
    take(town, said())
    other = make.agency("springfield")
    stranger = make.me(make.member(other, "Lou Else", make.Role.SUPERVISOR, "PD"))
    with acting_for(other.id):
        assert inbox.listing(stranger, QUEUES["needs"], NOW).rows == []
    with acting_for(town.agency.id):
        assert inbox.listing(stranger, QUEUES["needs"], NOW).rows == []


# --- narrowing, searching, marks ------------------------------------------------------------------


def test_filters_narrow(town: make.Town) -> None:
    take(town, said(text="¿Cuándo es la reunión?"), said("m2", 1, "When is the beat meeting?"))
    with acting_for(town.agency.id):
        needs = QUEUES["needs"]

        def found(filters: Filters) -> int:
            return len(inbox.listing(town.diaz, needs, NOW, filters=filters).rows)

        who = Author.objects.get().id
        assert found(Filters(language="es")) == 1
        assert found(Filters(intent="event")) == 2
        assert found(Filters(intent="event", language="en")) == 1
        assert found(Filters(network="practice", author_id=who)) == 2
        assert found(Filters(network="nowhere")) == 0
        assert found(Filters(author_id=UUID(int=1))) == 0


@pytest.mark.parametrize("words", ["Ana", "ana", "Eje", "Hello", "hel", "@ana"])
def test_a_search_finds_beginnings_of_words(town: make.Town, words: str) -> None:
    take(town, said(text="Hello from W Monroe"))
    with acting_for(town.agency.id):
        assert len(inbox.search(town.diaz, words, NOW)) == 1


@pytest.mark.parametrize("words", ["%", "_", "\\", "na", "%ana", "' OR 1=1 --", "x" * 5000])
def test_a_search_takes_words_as_words(town: make.Town, words: str) -> None:
    take(town, said())
    with acting_for(town.agency.id):
        assert inbox.search(town.diaz, words, NOW) == []


def test_a_line_says_whether_it_was_read(town: make.Town) -> None:
    take(town, said())
    home = hearing.conversation(town).id

    def unread() -> bool:
        with acting_for(town.agency.id):
            line = inbox.row(town.diaz, home, NOW)
        assert line is not None
        return line.unread

    assert unread()
    presence.mark_read(town.diaz, home, at(1))
    assert not unread()
    take(town, said("m2", 5, root_id="m1"))
    assert unread()


def test_what_is_put_off_comes_back_by_itself(town: make.Town) -> None:
    take(town, said())
    home = hearing.conversation(town).id
    until = make.now() + timedelta(hours=1)
    conversations.snooze(town.diaz, home, until)
    with acting_for(town.agency.id):
        before, after = (inbox.counts(town.diaz, moment) for moment in (NOW, until))
    assert (before["needs"], before["snoozed"]) == (0, 1)
    assert (after["needs"], after["snoozed"]) == (1, 0)


def test_a_conversation_moves_through_the_queues(town: make.Town) -> None:
    _, home = speaking.heard(town)

    def where() -> set[str]:
        with acting_for(town.agency.id):
            return {key for key, count in inbox.counts(town.diaz, make.now()).items() if count}

    assert where() == {"needs", "district"}
    speaking.deliver(town, speaking.answer(town, home))
    assert where() == {"waiting"}
    conversations.close(town.diaz, home, Disposition.ANSWERED)
    assert where() == {"closed"}
    conversations.reopen(town.diaz, home)
    assert where() == {"needs", "district", "mine"}
    conversations.close(town.diaz, home, Disposition.NO_REPLY, reason=NoReplyReason.SPAM)
    assert where() == {"closed"}


THEN = "2026-05-14T12:00:00+00:00"


def _page(*key: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


@pytest.mark.parametrize(
    "after",
    [
        "nonsense",
        "é",
        _page(),
        _page(1),
        _page("x", "y", "z"),
        _page(7, THEN, str(UUID(int=1))),
        _page(True, THEN, "not an id"),
        _page(1, "2026-01-01", str(UUID(int=1))),
        _page(1, THEN, 5),
        _page(1, None, str(UUID(int=1))),
        _page([1], THEN, str(UUID(int=1))),
        base64.urlsafe_b64encode(b"[" * 5000).decode(),
        base64.urlsafe_b64encode(b'{"a": 1}').decode(),
    ],
)
def test_a_page_that_is_not_ours_is_refused(town: make.Town, after: str) -> None:
    with acting_for(town.agency.id), pytest.raises(ValueError, match="not a page"):
        inbox.listing(town.diaz, QUEUES["needs"], NOW, after=after)
