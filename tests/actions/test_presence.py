"""Who is writing where."""

import pytest

from callbox.actions import presence
from callbox.actions.doing import NotPossible
from callbox.models.inbox import Draft, ReadMark
from callbox.models.records import Entry
from callbox.queries import conversations
from callbox.rules.access import Denied
from callbox.scope import acting_for
from callbox.vocabulary import Happening
from tests import make
from tests.actions.hearing import at, conversation, said, take
from tests.actions.speaking import after


@pytest.fixture
def home(town: make.Town) -> make.UUID:
    take(town, said())
    return conversation(town).id


def test_a_draft_is_kept_and_let_go(town: make.Town, home: make.UUID) -> None:
    presence.save_draft(town.diaz, home, "public", "We")
    presence.save_draft(town.diaz, home, "note", "We will\0")
    with acting_for(town.agency.id):
        draft = Draft.objects.get()
        assert (draft.text, draft.lane) == ("We will", "note")
        assert not Entry.objects.filter(happening__startswith="draft").exists()
    assert presence.save_draft(town.diaz, home, "public", " ") is None
    with acting_for(town.agency.id):
        assert not Draft.objects.exists()


def test_drafts_are_for_those_who_may_write_here(town: make.Town, home: make.UUID) -> None:
    with pytest.raises(Denied):
        presence.save_draft(town.ofield, home, "public", "Hm")
    with pytest.raises(NotPossible):
        presence.save_draft(town.diaz, make.UUID(int=1), "public", "Hm")


def test_colleagues_see_who_writes_for_a_minute(town: make.Town, home: make.UUID) -> None:
    presence.save_draft(town.diaz, home, "public", "We")
    presence.ask_to_take_over(town.mockridge, home)

    def present() -> list[tuple[str, str]]:
        with acting_for(town.agency.id):
            found = conversations.find(town.mockridge, home, make.now())
            assert found is not None
            seen = conversations.thread(town.mockridge, found, make.now()).present
            return [(one.called, one.asked_by) for one in seen]

    assert present() == [("Ofc. Diaz", "Sgt. Mockridge")]
    with after(seconds=61):
        assert present() == []


def test_a_fresh_draft_is_taken_by_a_supervisor_alone(town: make.Town, home: make.UUID) -> None:
    presence.save_draft(town.mockridge, home, "public", "Her words")
    with pytest.raises(Denied):
        presence.take_over(town.diaz, home)
    with after(seconds=61):
        assert presence.take_over(town.diaz, home).text == "Her words"  # it rested
    with acting_for(town.agency.id):
        assert Draft.objects.count() == 2  # hers is kept
        assert Entry.objects.filter(happening=Happening.DRAFT_TAKEN_OVER).count() == 1
    presence.save_draft(town.diaz, home, "public", "His words")
    assert presence.take_over(town.mockridge, home).text == "His words"


def test_nothing_to_take_over(town: make.Town, home: make.UUID) -> None:
    presence.save_draft(town.diaz, home, "public", "Mine")
    with pytest.raises(NotPossible):
        presence.take_over(town.diaz, home)


def test_a_read_mark_never_moves_back(town: make.Town, home: make.UUID) -> None:
    for minute in (5, 9, 2):
        presence.mark_read(town.diaz, home, at(minute))
    with acting_for(town.agency.id):
        assert ReadMark.objects.get().read_at == at(9)
