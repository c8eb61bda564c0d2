"""What members do besides answering."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from callbox.actions import conversations
from callbox.actions.doing import NotPossible
from callbox.models.inbox import Conversation, Merge, Note
from callbox.queries.people import Me
from callbox.rules.access import Denied
from callbox.scope import acting_for
from callbox.vocabulary import (
    Disposition,
    Happening,
    Intent,
    Lane,
    NoReplyReason,
    Urgency,
)
from tests import make
from tests.actions import hearing, speaking
from tests.actions.hearing import at, said, take
from tests.actions.speaking import answer, deliver, heard

LATER = make.now() + timedelta(hours=2)


def one(town: make.Town, text: str = "Hello?") -> UUID:
    take(town, said(text=text))
    return hearing.conversation(town).id


# --- notes, assignment, labels, waiting -----------------------------------------------------------


def test_a_note_stays_here(town: make.Town) -> None:
    home = one(town)
    conversations.note(town.diaz, home, "  Ask \0Mockridge  ")
    with pytest.raises(NotPossible):
        conversations.note(town.diaz, home, "  ")
    with acting_for(town.agency.id):
        assert Note.objects.get().text == "Ask Mockridge"
    assert town.street.calls() == []


def test_assigning_to_who_can_answer_there(town: make.Town) -> None:
    home = one(town)
    conversations.assign(town.diaz, home, member_id=town.mockridge.member_id)
    assert speaking.conversation(town, home).assignee_id == town.mockridge.member_id
    for nobody in (town.ofield.member_id, town.admin.member_id, UUID(int=5)):
        with pytest.raises(NotPossible):
            conversations.assign(town.diaz, home, member_id=nobody)
    conversations.assign(town.diaz, home, member_id=None)
    assert speaking.conversation(town, home).assignee_id is None


def test_given_to_another_desk_it_is_theirs(town: make.Town) -> None:
    home = one(town)
    seventh = make.unit(town.agency, "007").id
    conversations.assign(town.diaz, home, member_id=town.ofield.member_id, unit_id=seventh)
    with pytest.raises(Denied):
        conversations.assign(town.diaz, home, member_id=None)
    assert speaking.conversation(town, home).unit_id == seventh
    with pytest.raises(NotPossible, match="unit"):
        conversations.assign(town.ofield, home, member_id=None, unit_id=UUID(int=1))


def test_a_correction_moves_the_clock(town: make.Town) -> None:
    home = one(town)
    conversations.relabel(town.diaz, home, intent=Intent.CONCERN, urgency=Urgency.SOON)
    conversation = speaking.conversation(town, home)
    assert (conversation.intent, conversation.urgency) == ("concern", Urgency.SOON)
    assert conversation.due_at == at(60)
    assert conversation.labelled_by_id == town.diaz.member_id


def test_put_off_and_taken_up_again(town: make.Town) -> None:
    home = one(town)
    due = speaking.conversation(town, home).due_at
    conversations.snooze(town.diaz, home, LATER)
    assert speaking.conversation(town, home).snoozed_until == LATER
    assert speaking.conversation(town, home).due_at == due  # the clock goes on
    conversations.snooze(town.diaz, home, None)
    assert speaking.conversation(town, home).snoozed_until is None


def test_what_cannot_be_put_off(town: make.Town) -> None:
    home = one(town, "My house is on fire")
    with pytest.raises(NotPossible, match="emergency"):
        conversations.snooze(town.diaz, home, LATER)
    with pytest.raises(NotPossible, match="over"):
        conversations.snooze(town.diaz, home, make.now())
    conversations.close(town.diaz, home, Disposition.NO_REPLY, reason=NoReplyReason.SPAM)
    conversations.relabel(town.diaz, home, intent=Intent.OTHER, urgency=Urgency.ROUTINE)
    with pytest.raises(NotPossible, match="waits for us"):
        conversations.snooze(town.diaz, home, LATER)


# --- closing --------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[Disposition, dict[str, Any], str]] = {
    "answered without an answer": (Disposition.ANSWERED, {}, "Nothing has gone out"),
    "merged by hand": (Disposition.MERGED, {}, "merge"),
    "no reply without a reason": (Disposition.NO_REPLY, {}, "why"),
    "other without words": (
        Disposition.NO_REPLY,
        {"reason": NoReplyReason.OTHER, "words": " "},
        "few words",
    ),
    "referred without words": (Disposition.REFERRED, {}, "few words"),
}


@pytest.mark.parametrize(("disposition", "more", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_an_end(
    town: make.Town, disposition: Disposition, more: dict[str, Any], words: str
) -> None:
    home = one(town)
    with pytest.raises(NotPossible, match=words):
        conversations.close(town.diaz, home, disposition, **more)
    assert speaking.conversation(town, home).state == "open"


@pytest.mark.parametrize("reason", NoReplyReason)
def test_every_reason_ends_it_once_and_can_be_taken_back(
    town: make.Town, reason: NoReplyReason
) -> None:
    home = one(town)
    conversations.close(town.diaz, home, Disposition.NO_REPLY, reason=reason, words="As agreed")
    conversation = speaking.conversation(town, home)
    assert (conversation.state, conversation.disposition) == ("closed", "no_reply")
    assert (conversation.reason, conversation.reason_words) == (reason.value, "As agreed")
    with pytest.raises(NotPossible, match="already"):
        conversations.close(town.diaz, home, Disposition.REFERRED, words="Elsewhere")
    conversations.reopen(town.diaz, home)
    conversations.reopen(town.diaz, home)  # twice is once
    conversation = speaking.conversation(town, home)
    assert (conversation.state, conversation.disposition, conversation.reason) == ("open", "", "")
    happened = speaking.happened(town, home)
    assert happened.count(Happening.CONVERSATION_REOPENED) == 1


def test_a_reason_belongs_to_no_reply_alone(town: make.Town) -> None:
    home = one(town)
    conversations.close(
        town.diaz, home, Disposition.REFERRED, reason=NoReplyReason.SPAM, words="To 311"
    )
    assert speaking.conversation(town, home).reason == ""


def test_answered_ends_an_answered_one(town: make.Town) -> None:
    _, home = heard(town)
    deliver(town, answer(town, home))
    assert speaking.conversation(town, home).state == "waiting"
    conversations.close(town.diaz, home, Disposition.ANSWERED)
    assert speaking.conversation(town, home).disposition == "answered"


# --- merging --------------------------------------------------------------------------------------


def two(town: make.Town) -> tuple[UUID, UUID]:
    """An older, more urgent one, and a newer one."""
    take(town, said("a", 0, "A reporter called me"), said("b", 5))
    return hearing.conversation(town, "a").id, hearing.conversation(town, "b").id


def test_merging_carries_what_waits(town: make.Town) -> None:
    source, target = two(town)
    conversations.merge(town.diaz, source, target)
    folded, whole = (speaking.conversation(town, one) for one in (source, target))
    assert (folded.state, folded.disposition, folded.merged_into_id) == (
        "closed",
        "merged",
        target,
    )
    assert (whole.state, whole.since, whole.urgency) == ("open", at(0), Urgency.SOON)
    assert whole.due_at == at(60)


def test_merging_opens_a_closed_one_without_its_closing(town: make.Town) -> None:
    source, target = two(town)
    conversations.close(town.diaz, target, Disposition.NO_REPLY, reason=NoReplyReason.THANKS)
    conversations.merge(town.diaz, source, target)
    whole = speaking.conversation(town, target)
    assert (whole.state, whole.disposition, whole.closed_at) == ("open", "", None)
    assert whole.since == at(0)


def test_merging_what_is_done_makes_no_work(town: make.Town) -> None:
    source, target = two(town)
    for each in (source, target):
        conversations.close(town.diaz, each, Disposition.NO_REPLY, reason=NoReplyReason.THANKS)
    conversations.merge(town.diaz, source, target)
    assert speaking.conversation(town, target).state == "closed"


def test_a_merge_can_be_undone(town: make.Town) -> None:
    source, target = two(town)
    conversations.merge(town.diaz, source, target)
    conversations.unmerge(town.diaz, source)
    back = speaking.conversation(town, source)
    assert (back.state, back.disposition, back.merged_into_id) == ("open", "", None)
    with acting_for(town.agency.id):
        assert Merge.objects.get().undone_at is not None
    with pytest.raises(NotPossible, match="not merged"):
        conversations.unmerge(town.diaz, source)


def test_what_cannot_be_merged(town: make.Town) -> None:
    source, target = two(town)
    take(
        town,
        said("p", 1, lane=Lane.PRIVATE),
        said("ben", 2, author=hearing.BEN),
        said("c", 3),
    )
    private, ben, third = (hearing.conversation(town, root).id for root in ("p", "ben", "c"))
    refused = [(source, source), (source, private), (source, ben), (source, UUID(int=4))]
    conversations.merge(town.diaz, source, target)
    refused += [(source, third), (third, source), (target, third)]
    for one, into in refused:
        with pytest.raises(NotPossible):
            conversations.merge(town.diaz, one, into)
    with pytest.raises(NotPossible, match="Undo the merge"):
        conversations.reopen(town.diaz, source)


# --- who may --------------------------------------------------------------------------------------

DEEDS: dict[str, Callable[[Me, UUID], object]] = {
    "note": lambda me, home: conversations.note(me, home, "Hm"),
    "assign": lambda me, home: conversations.assign(me, home, member_id=None),
    "close": lambda me, home: conversations.close(
        me, home, Disposition.NO_REPLY, reason=NoReplyReason.THANKS
    ),
    "reopen": conversations.reopen,
    "relabel": lambda me, home: conversations.relabel(
        me, home, intent=Intent.OTHER, urgency=Urgency.ROUTINE
    ),
    "snooze": lambda me, home: conversations.snooze(me, home, LATER),
    "unmerge": conversations.unmerge,
}


@pytest.mark.parametrize("name", DEEDS)
def test_another_unit_and_another_role_may_not(town: make.Town, name: str) -> None:
    home = one(town)
    before = speaking.conversation(town, home).__dict__ | {"_state": None}
    for stranger in (town.ofield, town.admin):
        with pytest.raises(Denied):
            DEEDS[name](stranger, home)
    assert speaking.conversation(town, home).__dict__ | {"_state": None} == before


@pytest.mark.parametrize("name", DEEDS)
def test_what_is_not_here_is_not_possible(town: make.Town, name: str) -> None:
    with pytest.raises(NotPossible):
        DEEDS[name](town.diaz, UUID(int=2))
    with acting_for(town.agency.id):
        assert not Conversation.objects.exists()
