"""Answers given on the network itself, and how far the network says that ours have come."""

from datetime import timedelta
from itertools import permutations

import pytest

from callbox.actions import by_hand, conversations, reports, settling
from callbox.actions.doing import NotPossible
from callbox.models.inbox import Note
from callbox.models.posts import Delivery
from callbox.models.records import Entry
from callbox.networks.practice.faults import Fault
from callbox.rules.access import Denied
from callbox.scope import acting_for
from callbox.vocabulary import Disposition, NoReplyReason, Reported, Stage
from tests import make
from tests.actions import speaking
from tests.actions.speaking import happened, heard


def test_an_answer_by_hand_is_an_answer_on_record(town: make.Town) -> None:
    _post, home = heard(town)
    by_hand.answered(town.diaz, home, "We told them there.")
    one = speaking.conversation(town, home)
    assert (one.state, one.answered_at is not None) == ("waiting", True)
    assert one.assignee_id == town.diaz.member_id
    with acting_for(town.agency.id):
        assert Note.objects.get(conversation_id=home).text == "We told them there."
    assert happened(town, home)[-2:] == ["note_written", "answered_by_hand"]


def test_who_writes_again_after_it_waits_again_from_then(town: make.Town) -> None:
    post, home = heard(town)
    by_hand.answered(town.diaz, home)
    town.street.reply("ana", post.id, "@pd11 And when?")
    town.collect()
    one = speaking.conversation(town, home)
    assert one.state == "open"
    assert one.since > one.started_at
    # A reply of ours that then fails does not bring the first question back.
    delivery = speaking.answer(town, home)
    with acting_for(town.agency.id):
        row = Delivery.objects.get(pk=delivery.id)
        settling.failed(row, "Refused", "no")
    assert speaking.conversation(town, home).since == one.since


def test_only_who_may_answer_and_only_what_is_open(town: make.Town) -> None:
    _post, home = heard(town)
    with pytest.raises(Denied):
        by_hand.answered(town.ofield, home)
    conversations.close(town.diaz, home, Disposition.NO_REPLY, reason=NoReplyReason.THANKS)
    with pytest.raises(NotPossible, match="closed"):
        by_hand.answered(town.diaz, home)


def sent(town: make.Town) -> Delivery:
    _post, home = heard(town)
    return speaking.deliver(town, speaking.answer(town, home))


def tell(town: make.Town, delivery: Delivery, *stages: Stage) -> Delivery:
    events = [
        Reported(str(delivery.external_id), stage, make.now() + timedelta(seconds=at))
        for at, stage in enumerate(stages)
    ]
    for event in events:
        with acting_for(town.agency.id):
            reports.take(town.account, [event], make.now())
    return speaking.fresh(town, delivery)


@pytest.mark.parametrize("order", list(permutations([Stage.SENT, Stage.DELIVERED, Stage.READ])))
def test_reports_only_move_forward(town: make.Town, order: tuple[Stage, ...]) -> None:
    """Failure mode 9: late reports must not take back what came before."""
    delivery = sent(town)
    assert tell(town, delivery, *order).stage == "read"
    assert tell(town, delivery, *order).stage == "read"


def test_what_never_reached_them_brings_the_conversation_back(town: make.Town) -> None:
    """Failure mode 9: a failure stays one, whatever is reported after it."""
    delivery = sent(town)
    row = tell(town, delivery, Stage.SENT, Stage.FAILED, Stage.DELIVERED)
    assert (row.stage, row.gone_at is not None) == ("failed", True)
    one = speaking.conversation(town, delivery.conversation_id)
    assert (one.state, one.failed) == ("open", True)


def test_what_was_delivered_cannot_fail_any_more(town: make.Town) -> None:
    row = tell(town, sent(town), Stage.DELIVERED, Stage.FAILED)
    assert (row.stage, row.gone_at) == ("delivered", None)


def test_reports_about_what_we_did_not_send_are_nothing(town: make.Town) -> None:
    with acting_for(town.agency.id):
        event = Reported("somebody-else", Stage.READ, make.now())
        assert reports.take(town.account, [event], make.now()) == set()


def test_how_we_know_is_on_record(town: make.Town) -> None:
    """Failure mode 1: an answer that is lost is found, and the record says that it was found."""
    _post, home = heard(town)
    delivery = speaking.answer(town, home)
    town.street.faults.ask(Fault.LOST_AFTER, "reply")
    assert speaking.deliver(town, delivery).state == "unknown"
    with speaking.after(minutes=1):
        found = speaking.reconcile(town, delivery)
    assert (found.state, found.how) == ("sent", "found")
    assert len(speaking.public(town)) == 1
    with acting_for(town.agency.id):
        assert Entry.objects.get(happening="reply_sent").facts["how"] == "found"
