"""Acts on the network: asked for by a member, done by a job, on record."""

from typing import Any
from uuid import UUID

import pytest

from callbox.actions import accounts, acts, performing
from callbox.actions.doing import NotPossible
from callbox.actions.posts import DoesNotFit
from callbox.connector import Connector
from callbox.models.inbox import Conversation, Message
from callbox.models.posts import Delivery, NetworkAct, Post
from callbox.networks.practice.connector import Practice
from callbox.networks.practice.faults import Fault
from callbox.rules.access import Denied
from callbox.scope import acting_for
from callbox.vocabulary import Act, HideReason
from tests import make
from tests.actions import speaking
from tests.actions.speaking import after, happened, heard


def under_ours(town: make.Town, text: str = "@pd11 This is Mia's phone number: 0000") -> UUID:
    """Ana answers a post of ours: a message that we may hide. Its id."""
    root = town.street.post("pd11", "The station is open on Sunday.")
    town.street.reply("ana", root.id, text)
    town.collect()
    with acting_for(town.agency.id):
        return Message.objects.order_by("-received_at").values_list("id", flat=True)[0]


def perform(town: make.Town, asked: NetworkAct) -> NetworkAct:
    performing.perform(town.agency.id, asked.id)
    with acting_for(town.agency.id):
        return NetworkAct.objects.get(pk=asked.id)


def message(town: make.Town, pk: UUID) -> Message:
    with acting_for(town.agency.id):
        return Message.objects.get(pk=pk)


def hide(town: make.Town, pk: UUID, **more: Any) -> NetworkAct:
    values: dict[str, Any] = {"reason": HideReason.PRIVATE_DATA, **more}
    return acts.ask(town.mockridge, Act.HIDE, message_id=pk, **values)


def answered(town: make.Town) -> Delivery:
    """A reply of ours that is on the network."""
    _post, home = heard(town)
    return speaking.deliver(town, speaking.answer(town, home))


def home_of(town: make.Town, delivery: Delivery) -> Conversation:
    with acting_for(town.agency.id):
        return Conversation.objects.get(pk=delivery.conversation_id)


def test_a_message_is_hidden_with_a_reason_and_shown_again(town: make.Town) -> None:
    pk = under_ours(town)
    done = perform(town, hide(town, pk))
    assert (done.state, done.reason) == ("done", "private_data")
    assert message(town, pk).hidden_at is not None
    assert town.street.get(message(town, pk).external_id).hidden_at is not None
    shown = perform(town, acts.ask(town.mockridge, Act.UNHIDE, message_id=pk))
    assert shown.state == "done"
    assert message(town, pk).hidden_at is None
    home = message(town, pk).conversation_id
    assert [one for one in happened(town, home) if one.startswith("act")] == [
        "act_asked",
        "act_done",
    ] * 2


def test_hiding_needs_a_rule_and_a_supervisor(town: make.Town) -> None:
    pk = under_ours(town)
    with pytest.raises(NotPossible, match="which rule"):
        hide(town, pk, reason=None)
    with pytest.raises(NotPossible, match="which law"):
        hide(town, pk, reason=HideReason.UNLAWFUL)
    with pytest.raises(Denied):
        acts.ask(town.diaz, Act.HIDE, message_id=pk, reason=HideReason.SPAM)
    with pytest.raises(Denied):
        acts.ask(town.ofield, Act.LIKE, message_id=pk)
    assert {reason.value for reason in HideReason}.isdisjoint({"off_topic", "criticism", "rude"})


def test_what_is_done_is_not_asked_twice(town: make.Town) -> None:
    pk = under_ours(town)
    asked = hide(town, pk)
    with pytest.raises(NotPossible, match="being done"):
        hide(town, pk)
    perform(town, asked)
    with pytest.raises(NotPossible, match="hidden already"):
        hide(town, pk)
    with pytest.raises(NotPossible, match="cannot be done"):
        acts.ask(town.diaz, Act.LIKE, delivery_id=asked.id)
    with pytest.raises(NotPossible, match="cannot be done"):
        acts.ask(town.diaz, Act.TAKE_DOWN, message_id=pk)


def test_a_network_that_does_not_answer_is_asked_again_and_one_that_refuses_is_not(
    town: make.Town,
) -> None:
    pk = under_ours(town)
    asked = acts.ask(town.diaz, Act.LIKE, message_id=pk)
    town.street.faults.ask(Fault.UNAVAILABLE, "like")
    first = perform(town, asked)
    assert (first.state, first.tries) == ("asked", 1)
    with after(minutes=1):
        assert perform(town, asked).state == "done"
    town.street.faults.ask(Fault.REFUSED, "hide")
    failed = perform(town, hide(town, pk))
    assert failed.state == "failed"
    assert failed.error_words
    again = acts.again(town.mockridge, failed.id)
    assert perform(town, again).state == "done"
    with pytest.raises(NotPossible, match="not one that failed"):
        acts.again(town.mockridge, failed.id)


def test_our_words_are_corrected_and_the_old_ones_are_kept(town: make.Town) -> None:
    delivery = answered(town)
    with pytest.raises(NotPossible, match="new words"):
        acts.ask(town.diaz, Act.CORRECT, delivery_id=delivery.id, text=" ")
    with pytest.raises(DoesNotFit):
        acts.ask(town.diaz, Act.CORRECT, delivery_id=delivery.id, text="x" * 400)
    text = "We look at it tomorrow."
    asked = acts.ask(town.diaz, Act.CORRECT, delivery_id=delivery.id, text=text)
    assert perform(town, asked).state == "done"
    now = speaking.fresh(town, delivery)
    with acting_for(town.agency.id):
        post = Post.objects.get(pk=now.post_id)
        assert post.replaces_id == delivery.post_id
        assert Post.objects.get(pk=delivery.post_id).text.startswith(speaking.ANSWER)
    assert speaking.public(town) == [post.text]
    assert post.text == f"{text}\n— Ofc. Diaz, 11th District"
    assert "reply_corrected" in happened(town, delivery.conversation_id)


def test_our_words_are_taken_down_and_the_resident_waits_again(town: make.Town) -> None:
    delivery = answered(town)
    assert home_of(town, delivery).state == "waiting"
    asked = acts.ask(town.diaz, Act.TAKE_DOWN, delivery_id=delivery.id)
    assert perform(town, asked).state == "done"
    row = speaking.fresh(town, delivery)
    assert (row.state, row.gone_at is not None) == ("withdrawn", True)
    assert speaking.public(town) == []
    home = home_of(town, delivery)
    assert (home.state, home.answered_at, home.failed) == ("open", None, False)
    assert "conversation_reopened" in happened(town, delivery.conversation_id)
    with pytest.raises(NotPossible, match="not on the network"):
        acts.ask(town.diaz, Act.TAKE_DOWN, delivery_id=delivery.id)


def test_a_network_without_the_ability_says_why(
    town: make.Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    pk = under_ours(town)
    monkeypatch.setattr(Practice, "like", Connector.like)
    monkeypatch.setattr(Practice, "cannot", {"like": "Likes are closed here."})
    with pytest.raises(NotPossible, match="Likes are closed here"):
        acts.ask(town.diaz, Act.LIKE, message_id=pk)


def test_a_message_that_is_gone_or_a_paused_account_is_left_alone(town: make.Town) -> None:
    pk = under_ours(town)
    accounts.pause(town.admin, town.account.id, paused=True)
    with pytest.raises(NotPossible, match="not connected"):
        acts.ask(town.diaz, Act.LIKE, message_id=pk)
    accounts.pause(town.admin, town.account.id, paused=False)
    town.street.delete("ana", message(town, pk).external_id)
    town.collect()
    with pytest.raises(NotPossible, match="took it away"):
        acts.ask(town.diaz, Act.LIKE, message_id=pk)


def test_the_conversation_keeps_its_state(town: make.Town) -> None:
    pk = under_ours(town)
    perform(town, hide(town, pk))
    with acting_for(town.agency.id):
        one = Conversation.objects.get(pk=message(town, pk).conversation_id)
    assert (one.state, one.disposition) == ("open", "")
