"""Saying it once: every way in which a network can fail, and what is true afterwards."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest

from callbox.actions import accounts, conversations, deliveries, posts
from callbox.connector import (
    AuthDead,
    AuthTransient,
    ConnectorError,
    Malformed,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unavailable,
    WindowClosed,
)
from callbox.models.accounts import Account
from callbox.models.inbox import Conversation
from callbox.models.posts import Delivery
from callbox.networks.practice.connector import Practice
from callbox.networks.practice.faults import Fault
from callbox.rules import posts as rules
from callbox.scope import acting_for
from callbox.vocabulary import Disposition, Happening, Lane, NoReplyReason, Receipt
from tests import make
from tests.actions import speaking
from tests.actions.speaking import after, answer, deliver, failing, fresh, heard, public, reconcile

SOON = make.now() + timedelta(minutes=3)


def raising(town: make.Town, error: BaseException, delivery: Delivery) -> Delivery:
    """Deliver through a connector whose call raises; the row afterwards."""
    with patch.object(Practice, "reply", side_effect=error):
        return deliver(town, delivery)


# --- one row of the error tree after the other ----------------------------------------------------

TREE: dict[ConnectorError, str] = {
    AuthDead("Log in again."): "failed",
    AuthTransient("Logging in fails for now."): "queued",
    RateLimited("Slow down.", SOON): "queued",
    WindowClosed("Too late to answer."): "failed",
    Refused("Not here."): "failed",
    Unavailable("Down."): "queued",
    OutcomeUnknown("No answer came."): "unknown",
    Malformed("What?"): "failed",
}


@pytest.mark.parametrize(
    ("error", "state"), TREE.items(), ids=[type(error).__name__ for error in TREE]
)
def test_every_error_has_one_place(town: make.Town, error: ConnectorError, state: str) -> None:
    _, home = heard(town)
    delivery = raising(town, error, answer(town, home))

    assert (delivery.state, delivery.error_kind) == (state, type(error).__name__)
    assert delivery.error_words == str(error)
    assert delivery.sending_since is None
    conversation = speaking.conversation(town, home)
    assert (conversation.state, conversation.failed) == ("open", state == "failed")
    assert public(town) == []


def test_the_tree_above_is_whole() -> None:
    assert {type(error) for error in TREE} == set(ConnectorError.__subclasses__())


def test_a_fault_of_our_own_in_the_call_counts_as_unknown(town: make.Town) -> None:
    _, home = heard(town)
    delivery = raising(town, ZeroDivisionError(), answer(town, home))
    assert delivery.state == "unknown"


def test_an_account_that_does_not_open_has_said_nothing(town: make.Town) -> None:
    _, home = heard(town)
    queued = answer(town, home)
    with patch.object(deliveries, "connector_for", side_effect=RuntimeError("wrong key")):
        delivery = deliver(town, queued)
    assert (delivery.state, delivery.error_kind) == ("failed", "Refused")


# --- waiting and trying again ---------------------------------------------------------------------


def test_a_rate_limit_is_waited_for(town: make.Town) -> None:
    _, home = heard(town)
    delivery = raising(town, RateLimited("Slow down.", SOON), answer(town, home))
    assert delivery.due_at == SOON
    assert deliver(town, delivery).attempts == 1  # too early: nothing is called
    with speaking.until(SOON):
        assert deliver(town, delivery).state == "sent"
    assert len(public(town)) == 1


def test_attempts_come_slower_and_end(town: make.Town) -> None:
    _, home = heard(town)
    delivery = answer(town, home)
    moment, waits = make.now(), []
    while delivery.state == "queued":
        moment = max(moment, delivery.due_at)
        with speaking.until(moment):
            delivery = raising(town, Unavailable("Down."), delivery)
        waits.append(round((delivery.due_at - moment).total_seconds()))
    assert delivery.attempts == rules.MOST_ATTEMPTS
    assert waits[:-1] == [5, 10, 20, 40, 80]
    assert (delivery.state, delivery.error_words) == ("failed", "Down.")
    assert speaking.conversation(town, home).failed


def test_trying_again_is_the_same_delivery_under_the_same_key(town: make.Town) -> None:
    _, home = heard(town)
    delivery = raising(town, Refused("Not now."), answer(town, home))
    again = posts.try_again(town.diaz, delivery.id)
    assert (again.id, again.state, again.attempts) == (delivery.id, "queued", 0)
    assert not speaking.conversation(town, home).failed
    assert deliver(town, again).state == "sent"
    assert [call.key for call in town.street.calls()] == [delivery.id.hex]


# --- exactly once ---------------------------------------------------------------------------------


def test_two_jobs_for_one_delivery_say_it_once(town: make.Town) -> None:
    _, home = heard(town)
    delivery = answer(town, home)
    assert deliver(town, delivery).state == "sent"
    assert deliver(town, delivery).state == "sent"
    assert len(public(town)) == 1


@pytest.mark.parametrize("forgetful", [False, True], ids=["keeps keys", "forgets keys"])
@pytest.mark.parametrize("fault", [Fault.LOST_BEFORE, Fault.LOST_AFTER])
def test_an_unknown_outcome_is_looked_for(town: make.Town, fault: Fault, forgetful: bool) -> None:
    """The same whether it was lost on the way there or on the way back, and whether or not the
    network remembers our keys."""
    with acting_for(town.agency.id):
        config = town.account.config | {"forget_keys": forgetful}
        Account.objects.filter(pk=town.account.id).update(config=config)
    _, home = heard(town)
    failing(town, fault)
    delivery = deliver(town, answer(town, home))
    assert delivery.state == "unknown"
    assert not speaking.conversation(town, home).failed  # nobody is alarmed before we have looked

    delivery = reconcile(town, delivery)
    if fault is Fault.LOST_AFTER:
        assert (delivery.state, len(public(town))) == ("sent", 1)
        assert speaking.conversation(town, home).state == "waiting"
    else:
        assert delivery.state == "unknown"  # looked once: networks index late
        delivery = reconcile(town, delivery)
        assert (delivery.state, delivery.error_kind) == ("failed", "NeverArrived")
        assert public(town) == []
        assert speaking.conversation(town, home).failed


def test_only_two_looks_that_found_nothing_settle_it(town: make.Town) -> None:
    _, home = heard(town)
    failing(town, Fault.LOST_BEFORE)
    delivery = deliver(town, answer(town, home))
    failing(town, Fault.UNAVAILABLE, "find")
    assert reconcile(town, delivery).state == "unknown"
    assert reconcile(town, delivery).state == "unknown"  # the first look that saw anything
    assert reconcile(town, delivery).error_kind == "NeverArrived"


def test_a_network_that_never_says_leaves_it_to_a_person(town: make.Town) -> None:
    _, home = heard(town)
    failing(town, Fault.LOST_AFTER)
    delivery = deliver(town, answer(town, home))
    failing(town, Fault.UNAVAILABLE, "find", times=None)
    looks = 0
    while delivery.state == "unknown":
        delivery = reconcile(town, delivery)
        looks += 1
    assert (looks, delivery.error_kind) == (rules.MOST_LOOKS, "NobodyKnows")
    town.street.faults.clear()
    town.collect()  # its echo still settles it
    assert fresh(town, delivery).state == "sent"
    conversation = speaking.conversation(town, home)
    assert (conversation.state, conversation.failed) == ("waiting", False)


def test_a_network_that_cannot_look_leaves_it_to_a_person_at_once(town: make.Town) -> None:
    _, home = heard(town)
    failing(town, Fault.LOST_AFTER)
    delivery = deliver(town, answer(town, home))
    with patch.object(Practice, "find", side_effect=Refused("There is no way to look.")):
        assert reconcile(town, delivery).error_kind == "NobodyKnows"


def test_a_broken_look_counts_as_a_look(town: make.Town) -> None:
    _, home = heard(town)
    failing(town, Fault.LOST_AFTER)
    delivery = deliver(town, answer(town, home))
    with patch.object(Practice, "find", side_effect=KeyError("id")):
        assert reconcile(town, delivery).looks == 1


def test_a_worker_that_died_while_sending_is_noticed(town: make.Town) -> None:
    _, home = heard(town)
    queued = answer(town, home)

    class Killed(BaseException):
        pass

    with patch.object(Practice, "reply", side_effect=Killed), pytest.raises(Killed):
        deliveries.deliver(town.agency.id, queued.id)
    assert fresh(town, queued).state == "sending"
    deliveries.sweep(town.agency.id, queued.id)
    assert fresh(town, queued).state == "sending"  # it may only be slow
    with after(seconds=rules.LEASE.total_seconds() + 1):
        deliveries.sweep(town.agency.id, queued.id)
        assert fresh(town, queued).state == "unknown"


def test_a_sleeper_that_wakes_up_has_no_say_any_more(town: make.Town) -> None:
    """Attempt one hangs, is swept, and attempt two is under way when one at last reports that
    nothing was done: that must not queue a third."""
    _, home = heard(town)
    queued = answer(town, home)

    def sleeps(*_: object) -> None:
        with after(minutes=5):
            deliveries.sweep(town.agency.id, queued.id)
        reconcile(town, queued)
        reconcile(town, queued)
        posts.try_again(town.diaz, queued.id)
        with acting_for(town.agency.id):
            second = deliveries._start(queued.id)
        assert second is not None
        raise Unavailable("Down.")

    with patch.object(Practice, "reply", side_effect=sleeps):
        deliveries.deliver(town.agency.id, queued.id)
    assert fresh(town, queued).state == "sending"


# --- echoes ---------------------------------------------------------------------------------------


def test_an_echo_before_the_answer_makes_one_row(town: make.Town) -> None:
    _, home = heard(town)
    queued = answer(town, home)
    say = Practice.reply

    def echo_first(self: Practice, outgoing: Any) -> Any:
        receipt = say(self, outgoing)
        town.collect()
        assert fresh(town, queued).state == "sent"
        return receipt

    with patch.object(Practice, "reply", echo_first):
        assert deliver(town, queued).state == "sent"
    happened = speaking.happened(town, home)
    assert happened.count(Happening.REPLY_SENT) == 1


@pytest.mark.parametrize("state", ["sending", "unknown", "failed", "tried again"])
def test_an_echo_settles_whatever_we_believed(town: make.Town, state: str) -> None:
    _, home = heard(town)
    queued = answer(town, home)
    failing(town, Fault.LOST_AFTER)
    delivery = deliver(town, queued)
    with acting_for(town.agency.id):
        stored = {"tried again": "queued"}.get(state, state)
        Delivery.objects.filter(pk=delivery.id).update(state=stored)
    town.collect()
    delivery = fresh(town, delivery)
    assert delivery.state == "sent"
    assert deliver(town, delivery).state == "sent"
    assert len(public(town)) == 1
    assert speaking.conversation(town, home).state == "waiting"


# --- and then -------------------------------------------------------------------------------------


def test_words_said_while_a_reply_was_on_its_way_keep_it_ours(town: make.Town) -> None:
    post, home = heard(town)
    queued = answer(town, home)
    town.street.reply("ana", post.id, "@pd11 And now it smells of gas")
    town.collect()
    assert deliver(town, queued).state == "sent"
    conversation = speaking.conversation(town, home)
    assert conversation.state == "open"
    assert conversation.since > queued.post.written_at
    assert conversation.answered_at is not None


def test_a_sent_reply_is_read_back(town: make.Town) -> None:
    _, home = heard(town)
    delivery = deliver(town, answer(town, home))
    assert delivery.confirmed_at is None
    failing(town, Fault.UNAVAILABLE, "look")
    deliveries.confirm(town.agency.id, delivery.id)
    assert fresh(town, delivery).confirmed_at is None
    deliveries.confirm(town.agency.id, delivery.id)
    deliveries.confirm(town.agency.id, delivery.id)
    assert fresh(town, delivery).confirmed_at is not None
    assert speaking.happened(town, home).count(Happening.REPLY_CONFIRMED) == 1


def vanish(town: make.Town, delivery: Delivery) -> None:
    """The network takes our post down without telling, and we look until we believe it."""
    assert delivery.external_id is not None
    town.street.remove(delivery.external_id)
    for _ in range(6):
        deliveries.confirm(town.agency.id, delivery.id)


def test_a_reply_that_vanished_brings_its_conversation_back_once(town: make.Town) -> None:
    post, home = heard(town)
    delivery = deliver(town, answer(town, home))
    conversations.close(town.diaz, home, Disposition.ANSWERED)
    vanish(town, delivery)
    town.collect()  # and the network tells, in the end
    conversation = speaking.conversation(town, home)
    assert (conversation.state, conversation.failed) == ("open", True)
    assert (conversation.disposition, conversation.closed_at) == ("", None)
    assert (conversation.answered_at, conversation.since) == (None, post.at)
    assert speaking.happened(town, home).count(Happening.REPLY_VANISHED) == 1


def test_a_failed_reply_leaves_nothing_of_a_closing(town: make.Town) -> None:
    _, home = heard(town)
    queued = answer(town, home)
    conversations.close(town.diaz, home, Disposition.NO_REPLY, reason=NoReplyReason.THANKS)
    raising(town, Refused("Never."), queued)
    conversation = speaking.conversation(town, home)
    assert (conversation.state, conversation.disposition, conversation.reason) == ("open", "", "")
    assert (conversation.closed_at, conversation.closed_by_id) == (None, None)


def test_a_failed_reply_of_a_merged_conversation_brings_the_other_one_back(
    town: make.Town,
) -> None:
    _, source = heard(town, "@pd11 first")
    _, target = heard(town, "@pd11 second")
    queued = answer(town, source)
    conversations.merge(town.diaz, source, target)
    raising(town, Refused("Never."), queued)
    assert speaking.conversation(town, source).state == "closed"
    there = speaking.conversation(town, target)
    assert (there.state, there.failed) == ("open", True)


def test_the_same_words_twice_on_a_network_that_gives_one_id(town: make.Town) -> None:
    """Some networks answer a repetition with the post that they have: that is one post, and two
    deliveries may not both claim it."""
    _, home = heard(town)
    first = deliver(town, answer(town, home))
    second = answer(town, home)
    with patch.object(Practice, "reply", return_value=Receipt(str(first.external_id))):
        second = deliver(town, second)
    assert (second.state, second.error_kind) == ("failed", "SaidAlready")
    assert fresh(town, first).state == "sent"


# --- accounts -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"state": "paused"}, "AccountOff"),
        ({"state": "dead"}, "AccountOff"),
        ({"lapses_at": make.now() - timedelta(days=1)}, "AccountLapsed"),
    ],
    ids=["paused", "dead", "approval lapsed"],
)
def test_an_account_that_may_not_speak_does_not(
    town: make.Town, change: dict[str, Any], kind: str
) -> None:
    _, home = heard(town)
    queued = answer(town, home)
    with acting_for(town.agency.id):
        Account.objects.filter(pk=town.account.id).update(**change)
    delivery = deliver(town, queued)
    assert (delivery.state, delivery.error_kind, delivery.attempts) == ("failed", kind, 0)
    assert speaking.conversation(town, home).failed
    assert town.street.calls() == []


def test_a_revoked_login_shows_on_the_account(town: make.Town) -> None:
    _, home = heard(town)
    queued = answer(town, home)
    failing(town, Fault.AUTH_DEAD)
    assert deliver(town, queued).state == "failed"
    failing(town, Fault.AUTH_DEAD, "identify")
    accounts.check(town.agency.id, town.account.id)
    with acting_for(town.agency.id):
        assert Account.objects.get(pk=town.account.id).state == "dead"


# --- private lanes --------------------------------------------------------------------------------


def test_a_private_answer_is_private(town: make.Town) -> None:
    town.street.direct("ana", "pd11", "My address is 1 Example St")
    town.collect()
    with acting_for(town.agency.id):
        home: UUID = Conversation.objects.get(lane="private").id
    queued = posts.reply(town.diaz, home, "Thank you.", lane=Lane.PRIVATE, hold=False)
    assert deliver(town, queued).state == "sent"
    said = town.street.said_by("pd11")
    assert [post.recipient is not None for post in said] == [True]


def test_a_delivery_that_is_not_there_is_nothing(town: make.Town) -> None:
    nobody = UUID(int=7)
    for deed in (deliveries.deliver, deliveries.sweep, deliveries.reconcile, deliveries.confirm):
        deed(town.agency.id, nobody)
