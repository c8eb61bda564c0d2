"""Events of any kind, in any order, any number of times, end in one state."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callbox.actions import changing, conversations
from callbox.models.inbox import (
    Author,
    ContextPost,
    Conversation,
    EarlyEvent,
    Message,
    ReactionSeen,
    Version,
)
from callbox.models.records import Entry
from callbox.scope import acting_for
from callbox.vocabulary import (
    Addressed,
    AttachmentSeen,
    AuthorSeen,
    ConversationState,
    Disposition,
    Doubt,
    Edited,
    Event,
    Happening,
    Intent,
    Lane,
    NoReplyReason,
    Reacted,
    Reaction,
    Urgency,
    doubts_in,
)
from tests import make
from tests.actions import hearing
from tests.actions.hearing import at, deleted, each, edited, hidden, said, shown, take, texts
from tests.actions.speaking import after

State = tuple[object, ...]


def state(town: make.Town) -> State:
    """Everything that a person would see of the one message."""
    with acting_for(town.agency.id):
        message = Message.objects.get()
        conversation = Conversation.objects.get()
        return (
            texts(town),
            message.deleted_at,
            message.hidden_at,
            conversation.state,
            conversation.preview,
            conversation.heard,
            conversation.since,
            conversation.rank,
            Message.objects.count(),
        )


ORDERS: dict[str, Sequence[Event]] = {
    "edits and a deletion": (
        said(text="one"),
        edited("m1", 2, "two"),
        edited("m1", 3, "three"),
        deleted(),
    ),
    "an edit back to the first words": (
        said(text="one"),
        edited("m1", 2, "two"),
        edited("m1", 3, "one"),
    ),
    "hidden, shown, hidden": (said(), hidden(2), shown(3), hidden(4)),
    "hidden and shown": (said(), hidden(2), shown(3)),
    "whole messages in edits": (
        said(text="one"),
        Edited("m1", at(2), "two", said(text="two", edited_at=at(2))),
        Edited("m1", at(3), "one", said(text="one", edited_at=at(3))),
    ),
}
FINAL = {
    "edits and a deletion": (["one", "two", "three"], at(9), None, ""),
    "an edit back to the first words": (["one", "two", "one"], None, None, "one"),
    "hidden, shown, hidden": (["Hello?"], None, at(4), "Hello?"),
    "hidden and shown": (["Hello?"], None, None, "Hello?"),
    "whole messages in edits": (["one", "two", "one"], None, None, "one"),
}


@pytest.mark.parametrize(
    ("name", "order"),
    [
        pytest.param(name, order, id=f"{name}: {''.join(map(str, order))}")
        for name, events in ORDERS.items()
        for order in itertools.permutations(range(len(events)))
    ],
)
def test_every_order_ends_the_same(town: make.Town, name: str, order: tuple[int, ...]) -> None:
    events = [ORDERS[name][place] for place in order]
    each(town, [*events, *events[:2]])  # and some of it once more

    found = state(town)
    assert (found[0], found[1], found[2], found[4]) == FINAL[name]
    assert found[3] == ConversationState.OPEN.value
    assert (found[5], found[6], found[8]) == (1, at(0), 1)


def test_a_whole_thousand_with_repetitions_is_taken_once(town: make.Town) -> None:
    events = [said(f"m{number % 700}", number % 700 / 60) for number in range(1000)]
    taken = take(town, *events)
    assert (taken.messages, taken.known) == (700, 300)
    again = take(town, *events)
    assert (again.messages, again.known) == (0, 1000)
    with acting_for(town.agency.id):
        assert Message.objects.count() == Version.objects.count() == 700
        received = Entry.objects.filter(happening=Happening.MESSAGE_RECEIVED)
        assert received.count() == 700
        assert Author.objects.count() == 1


_EXAMPLES = itertools.count()


@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_any_history_in_any_order_and_batches_ends_the_same(
    town: make.Town, data: st.DataObject
) -> None:
    """Edits, deletions and hidings of three messages: one by one and in order, or shuffled,
    repeated and cut into two batches."""
    example = next(_EXAMPLES)
    ids = [f"{example}-{number}" for number in range(3)]
    events: list[Event] = [said(one, place, f"words {place}") for place, one in enumerate(ids)]
    for minute in range(10, 10 + data.draw(st.integers(1, 7), label="changes")):
        which = data.draw(st.sampled_from(ids))
        changes = (
            edited(which, minute, f"words at {minute}"),
            deleted(which, 29),
            hidden(minute, which),
            shown(minute, which),
        )
        events.append(data.draw(st.sampled_from(changes)))
    others = [replace(event, external_id=f"x{event.external_id}") for event in events]  # type: ignore[union-attr,call-arg]
    shuffled = data.draw(st.permutations(others + others[:: data.draw(st.integers(1, 3))]))
    cut = data.draw(st.integers(0, len(shuffled)))

    each(town, events)
    take(town, *shuffled[:cut])
    take(town, *shuffled[cut:])

    with acting_for(town.agency.id):
        assert [_seen(one) for one in ids] == [_seen(f"x{one}") for one in ids]


def _seen(external_id: str) -> State:
    message = Message.objects.select_related("conversation").get(external_id=external_id)
    versions = Version.objects.filter(message=message).order_by("said_at")
    return (
        list(versions.values_list("said_at", "text")),
        message.deleted_at,
        message.hidden_at,
        message.conversation.preview,
        message.conversation.since,
    )


def test_what_is_not_addressed_to_us_is_counted_and_forgotten(town: make.Town) -> None:
    taken = take(town, said(addressed=None), said("m2", text="For you"))
    assert (taken.messages, taken.unaddressed) == (1, 1)
    with acting_for(town.agency.id):
        assert Message.objects.count() == Conversation.objects.count() == 1
        assert not EarlyEvent.objects.exists()
        assert not ContextPost.objects.exists()


def test_an_edit_that_takes_our_name_out_is_still_an_edit(town: make.Town) -> None:
    take(town, said(text="@pd11 Hello"))
    without = said(text="Hello", addressed=None, edited_at=at(2))
    taken = take(town, Edited("m1", at(2), "Hello", without))
    assert texts(town) == ["@pd11 Hello", "Hello"]
    assert taken.unaddressed == 0


def test_an_edit_brings_its_pictures(town: make.Town) -> None:
    take(town, said(text="Look"))
    picture = AttachmentSeen("image", "https://example.org/a.png", alt="A bent lamp post")
    take(town, Edited("m1", at(2), "Look", said(text="Look", attachments=(picture,))))
    with acting_for(town.agency.id):
        newest = Version.objects.latest("said_at")
        assert newest.attachments[0]["alt"] == "A bent lamp post"
        assert newest.said_at == at(2)


def test_one_message_whose_time_the_network_tells_in_two_ways_is_one(town: make.Town) -> None:
    take(town, said())
    take(town, replace(said(), said_at=at(0) + timedelta(milliseconds=417)))
    assert texts(town) == ["Hello?"]


def test_doubts_are_kept_with_the_message(town: make.Town) -> None:
    plain = said("m2", refs={"subject": "Hi"}, root_id="m2")
    take(town, said(doubts=(Doubt.SENDER,), refs={"subject": "Lamp"}), plain)
    with acting_for(town.agency.id):
        doubtful = Message.objects.get(external_id="m1").refs
        other = Message.objects.get(external_id="m2").refs
    assert doubtful == {"subject": "Lamp", "doubts": ["sender"]}
    assert doubts_in(doubtful) == (Doubt.SENDER,)
    assert other == {"subject": "Hi"}


def test_an_edit_whose_time_the_network_does_not_say_is_kept(town: make.Town) -> None:
    take(town, said(text="one"))
    take(town, said(text="two"))
    take(town, said(text="two"))
    assert texts(town) == ["one", "two"]


def test_nameless_authors_are_not_one_person(town: make.Town) -> None:
    take(town, said("m1", author=None), said("m2", 1, author=None))
    with acting_for(town.agency.id):
        assert Conversation.objects.count() == 2
        assert Author.objects.filter(name="", handle="").count() == 2


def test_an_author_is_shown_under_their_newest_name(town: make.Town) -> None:
    take(town, said("m1"))
    take(town, said("m2", 1, author=AuthorSeen("ana-1", "ana", "Ana María")))
    take(town, said("m3", 2, author=AuthorSeen("ana-1")))  # a network that shows no name now
    with acting_for(town.agency.id):
        assert Author.objects.get().name == "Ana María"


def test_one_person_in_one_thread_is_one_conversation_per_lane(town: make.Town) -> None:
    take(
        town,
        said("m1", 0, root_id="r"),
        said("m2", 1, root_id="r"),
        said("m3", 2, root_id="r", lane=Lane.PRIVATE),
        said("m4", 3, root_id="r", author=hearing.BEN),
    )
    with acting_for(town.agency.id):
        found = Conversation.objects.order_by("started_at").values_list("lane", "heard")
        assert list(found) == [("public", 2), ("private", 1), ("public", 1)]


def test_a_date_of_the_future_counts_as_now(town: make.Town) -> None:
    take(town, replace(said("m1"), said_at=make.now() + timedelta(days=900)))
    take(town, said("m2", 5, "and another thing", root_id="m1"))
    conversation = hearing.conversation(town)
    assert conversation.since <= make.now()
    assert conversation.due_at < make.now() + timedelta(days=1)


def test_what_no_database_keeps_stops_nobody(town: make.Town) -> None:
    bad = said(
        text="a\0b\ud800",
        language="e\0n",
        permalink="https://e\0",
        author=AuthorSeen("zoe", "z\0oe", "Z\ud800", "https://\0"),
        attachments=(AttachmentSeen("image", "https://\0.example/", "\0", "\udfff"),),
        refs={"a\0": ["\ud800", {"b": "\0"}]},
    )
    take(town, bad, said("m2", 1))
    assert texts(town) == ["ab?"]
    with acting_for(town.agency.id):
        assert Message.objects.count() == 2


def test_changes_to_messages_that_never_came_are_forgotten(town: make.Town) -> None:
    take(town, edited("x1", 1, "Not for us"), deleted("x2"))
    changing.forget_early(town.agency.id)
    with acting_for(town.agency.id):
        assert EarlyEvent.objects.count() == 2
    with after(days=8):
        changing.forget_early(town.agency.id)
    with acting_for(town.agency.id):
        assert not EarlyEvent.objects.exists()


# --- what is seen of it ---------------------------------------------------------------------------


def test_deleted_words_leave_every_list(town: make.Town) -> None:
    take(town, said("m1", 0, "first"), said("m2", 1, "my phone is 555 0100", root_id="m1"))
    assert hearing.conversation(town).preview == "my phone is 555 0100"
    take(town, deleted("m2"))
    assert hearing.conversation(town).preview == "first"
    take(town, deleted("m1"))
    assert hearing.conversation(town).preview == ""


def test_the_preview_is_the_newest_message_however_late_others_come(town: make.Town) -> None:
    take(town, said("m2", 5, "newest", root_id="m1"))
    take(town, said("m1", 0, "oldest"))
    assert hearing.conversation(town).preview == "newest"


def test_an_edit_can_make_an_emergency_of_it(town: make.Town) -> None:
    take(town, said(text="Hello"))
    member_closes(town)
    take(town, edited("m1", 3, "My house is on fire"))
    conversation = hearing.conversation(town)
    assert (conversation.state, conversation.urgency) == ("open", Urgency.EMERGENCY)
    assert conversation.because == ["on fire"]


def member_closes(town: make.Town) -> None:
    conversations.close(
        town.diaz,
        hearing.conversation(town).id,
        Disposition.NO_REPLY,
        reason=NoReplyReason.THANKS,
    )


def test_speaking_again_opens_what_was_closed(town: make.Town) -> None:
    take(town, said())
    member_closes(town)
    take(town, said("m2", 8, "One more thing", root_id="m1"))
    conversation = hearing.conversation(town)
    assert (conversation.state, conversation.disposition, conversation.reason) == ("open", "", "")
    assert (conversation.closed_at, conversation.closed_by_id) == (None, None)
    assert (conversation.since, conversation.heard) == (at(8), 2)
    assert conversation.due_at == at(8) + timedelta(minutes=town.agency.answer_minutes)
    with acting_for(town.agency.id):
        entry = Entry.objects.get(happening=Happening.CONVERSATION_REOPENED)
        assert entry.facts == {"was": "closed"}


def test_the_clock_runs_from_the_oldest_words_without_an_answer(town: make.Town) -> None:
    take(town, said("m2", 5, root_id="m1"))
    take(town, said("m3", 6, root_id="m1"))
    assert hearing.conversation(town).since == at(5)
    take(town, said("m1", 1))  # arrives late
    assert hearing.conversation(town).since == at(1)


def test_a_person_s_label_stands_unless_danger_speaks(town: make.Town) -> None:
    take(town, said(text="Someone may break in"))
    assert hearing.conversation(town).urgency is Urgency.EMERGENCY
    conversations.relabel(
        town.diaz,
        hearing.conversation(town).id,
        intent=Intent.QUESTION,
        urgency=Urgency.ROUTINE,
    )
    take(town, said("m2", 2, "A reporter asked me about it", root_id="m1"))
    assert hearing.conversation(town).intent == "question"
    assert hearing.conversation(town).urgency is Urgency.ROUTINE
    take(town, said("m3", 3, "shots fired", root_id="m1"))
    assert hearing.conversation(town).urgency is Urgency.EMERGENCY


def test_speaking_again_ends_a_snooze(town: make.Town) -> None:
    take(town, said())
    conversations.snooze(town.diaz, hearing.conversation(town).id, make.now() + timedelta(hours=1))
    take(town, said("m2", 2, root_id="m1"))
    assert hearing.conversation(town).snoozed_until is None


# --- merged conversations -------------------------------------------------------------------------


def merged(town: make.Town) -> None:
    """Thread “b” folded into thread “a”; both answered for now."""
    take(town, said("a", 0), said("b", 1))
    conversations.merge(
        town.diaz, hearing.conversation(town, "b").id, hearing.conversation(town, "a").id
    )


def test_a_message_in_a_merged_conversation_brings_its_target_back(town: make.Town) -> None:
    merged(town)
    member = hearing.conversation(town, "a")
    conversations.close(
        town.diaz, member.id, Disposition.NO_REPLY, reason=NoReplyReason.ANSWERED_ELSEWHERE
    )
    taken = take(town, said("b2", 7, "in b", root_id="b"), said("a2", 8, "in a", root_id="a"))
    source, target = hearing.conversation(town, "b"), hearing.conversation(town, "a")
    assert (target.state, target.heard, target.preview, target.since) == ("open", 3, "in a", at(7))
    assert (source.state, source.disposition) == ("closed", "merged")
    assert (source.heard, source.preview) == (2, "in b")
    assert taken.conversations == {source.id, target.id}
    with acting_for(town.agency.id):
        assert Message.objects.get(external_id="b2").conversation_id == source.id


def test_deleted_words_leave_the_target_of_a_merge_too(town: make.Town) -> None:
    merged(town)
    take(town, said("b2", 7, "secret", root_id="b"))
    assert hearing.conversation(town, "a").preview == "secret"
    take(town, deleted("b2"))
    assert hearing.conversation(town, "a").preview == "Hello?"
    assert hearing.conversation(town, "b").preview == "Hello?"


# --- reactions ------------------------------------------------------------------------------------


def test_reactions_are_counted_once_and_tied_to_nobody(town: make.Town) -> None:
    likes = [Reacted("p1", Reaction.LIKE, at(minute)) for minute in (1, 1, 2)]
    each(town, likes)
    with acting_for(town.agency.id):
        assert ReactionSeen.objects.count() == 2
        assert not Author.objects.exists()
    columns = {field.name for field in ReactionSeen._meta.fields}
    assert columns == {"id", "agency", "account", "target_id", "reaction", "at"}


def test_reacting_makes_no_work(town: make.Town) -> None:
    assert take(town, Reacted("p1", Reaction.SHARE, at(1))).conversations == set()


def test_addressed_is_written_down(town: make.Town) -> None:
    take(town, said(addressed=Addressed.QUOTE))
    assert hearing.message(town).addressed == "quote"


def test_first_words_that_come_late_do_not_undo_an_edit_that_nobody_told(town: make.Town) -> None:
    """Polling showed the edited text, without a word of it; the webhook with the first one was
    late."""
    take(town, said("m1", 0, "The light is out at Main Street"))
    take(town, said("m1", 0, "The light is out", first_words=True))
    take(town, said("m1", 0, "The light is out", first_words=True))
    take(town, said("m1", 0, "The light is out at Main Street"))
    with acting_for(town.agency.id):
        texts = Version.objects.order_by("said_at").values_list("text", flat=True)
        assert list(texts) == ["The light is out", "The light is out at Main Street"]
        assert Conversation.objects.get().preview == "The light is out at Main Street"


def test_a_name_that_comes_later_than_the_words_is_taken(town: make.Town) -> None:
    """Some webhooks carry an id and no name; polling brings it."""
    take(town, said("m1", 0, "Hello?", author=AuthorSeen("ana-9")))
    take(town, said("m1", 0, "Hello?", author=AuthorSeen("ana-9", "ana", "Ana Ejemplo")))
    take(town, said("m1", 0, "Hello?", author=AuthorSeen("ana-9")))
    with acting_for(town.agency.id):
        assert Author.objects.get(external_id="ana-9").name == "Ana Ejemplo"
