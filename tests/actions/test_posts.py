"""Writing an answer: who may, to whom, how long, and taking it back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from callbox.actions import conversations, posts, presence
from callbox.actions.doing import NotPossible, Stale
from callbox.connector import Unavailable
from callbox.models.inbox import Conversation, Draft
from callbox.models.people import Member
from callbox.models.posts import Delivery, Picture, Post
from callbox.networks.practice.connector import Practice
from callbox.networks.practice.faults import Fault
from callbox.queries.people import Me
from callbox.rules.access import Denied
from callbox.scope import acting_for
from callbox.vocabulary import DeliveryState, Disposition, Lane, PostKind
from tests import make
from tests.actions import speaking
from tests.actions.speaking import after, answer, deliver, failing, heard, public


def nothing_was_written(town: make.Town) -> bool:
    with acting_for(town.agency.id):
        return not (Post.objects.exists() or Delivery.objects.exists())


def test_a_reply_is_signed_held_and_taken_on(town: make.Town) -> None:
    _, home = heard(town)
    delivery = answer(town, home, "Lo vemos hoy.", language="es", hold=True)
    assert delivery.state == "queued"
    with acting_for(town.agency.id):
        post = Post.objects.get()
    assert post.text == "Lo vemos hoy.\n— Ofc. Diaz, 11th District"
    assert (post.kind, post.language) == (PostKind.REPLY.value, "es")
    assert delivery.due_at - post.written_at == timedelta(seconds=10)
    assert deliver(town, delivery).state == "queued"  # not yet
    conversation = speaking.conversation(town, home)
    assert (conversation.assignee_id, conversation.state) == (town.diaz.member_id, "open")
    assert public(town) == []
    with after(seconds=11):
        assert deliver(town, delivery).state == "sent"


def test_who_signs_does_not_sign_twice(town: make.Town) -> None:
    assert posts.signed("Yes.\n— Ofc. Diaz, 11th District", town.diaz).count("Diaz") == 1


def test_an_assignee_stays(town: make.Town) -> None:
    _, home = heard(town)
    conversations.assign(town.diaz, home, member_id=town.mockridge.member_id)
    answer(town, home)
    assert speaking.conversation(town, home).assignee_id == town.mockridge.member_id


# --- refused --------------------------------------------------------------------------------------


def off_duty(me: Me) -> Me:
    return replace(me, standing=replace(me.standing, duty=()))


def inactive(me: Me) -> Me:
    return replace(me, standing=replace(me.standing, active=False))


@pytest.mark.parametrize(
    ("who", "words"),
    [
        (lambda town: town.ofield, "outside your grant"),
        (lambda town: town.admin, "does not include"),
        (lambda town: off_duty(town.diaz), "off duty"),
        (lambda town: inactive(town.diaz), "switched off"),
    ],
    ids=["another unit", "another role", "off duty", "inactive"],
)
def test_who_may_not_answer(town: make.Town, who: Callable[[make.Town], Me], words: str) -> None:
    _, home = heard(town)
    with pytest.raises(Denied, match=words):
        posts.reply(who(town), home, "Hello", lane=Lane.PUBLIC)
    assert nothing_was_written(town)


def test_a_supervisor_answers_off_duty(town: make.Town) -> None:
    _, home = heard(town)
    assert posts.reply(off_duty(town.mockridge), home, "Hello", lane=Lane.PUBLIC)


def test_an_inactive_member_is_inactive_at_the_next_request(town: make.Town) -> None:
    with acting_for(town.agency.id):
        Member.objects.filter(pk=town.diaz.member_id).update(active=False)
        member = Member.objects.get(pk=town.diaz.member_id)
    assert not make.me(member).standing.active


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_nothing_is_not_an_answer(town: make.Town, text: str) -> None:
    _, home = heard(town)
    with pytest.raises(NotPossible, match="Write something"):
        answer(town, home, text)


def test_too_long_says_by_how_much(town: make.Town) -> None:
    _, home = heard(town)
    with pytest.raises(posts.DoesNotFit) as refused:
        answer(town, home, "x" * 300)
    assert [problem.code for problem in refused.value.problems] == ["too_long"]
    assert nothing_was_written(town)


def test_a_network_that_cannot_say_does_not_hold_up_a_reply(
    town: make.Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object) -> None:
        raise Unavailable("Down.")

    _, home = heard(town)
    monkeypatch.setattr(Practice, "check", down)
    assert answer(town, home).state == "queued"


def test_a_private_exchange_stays_private(town: make.Town) -> None:
    town.street.direct("ana", "pd11", "Only for you")
    _, home = heard(town)
    with acting_for(town.agency.id):
        private = Conversation.objects.get(lane="private").id
    with pytest.raises(NotPossible, match="Answer privately"):
        answer(town, private)
    assert answer(town, home, lane=Lane.PRIVATE).post.lane == "private"  # the other way is fine


def test_they_wrote_again_while_we_were_writing(town: make.Town) -> None:
    post, home = heard(town)
    seen = make.now()
    town.street.reply("ana", post.id, "@pd11 Never mind")
    town.collect()
    with pytest.raises(Stale):
        answer(town, home, seen_at=seen)
    assert nothing_was_written(town)
    assert answer(town, home, seen_at=make.now())


def test_a_colleague_answered_while_we_were_writing(town: make.Town) -> None:
    _, home = heard(town)
    seen = make.now()
    theirs = posts.reply(town.mockridge, home, "It is on the list.", lane=Lane.PUBLIC)
    with pytest.raises(Stale, match="Mockridge answered"):
        answer(town, home, seen_at=seen)
    posts.withdraw(town.mockridge, theirs.id)
    assert answer(town, home, seen_at=seen)  # what was taken back is nothing
    assert answer(town, home, seen_at=seen)  # and our own answer does not surprise us


def test_a_conversation_that_is_not_here(town: make.Town) -> None:
    with pytest.raises(NotPossible, match="not here"):
        answer(town, UUID(int=1))


def test_a_merged_conversation_is_answered_where_it_went(town: make.Town) -> None:
    _, source = heard(town, "@pd11 first")
    _, target = heard(town, "@pd11 second")
    conversations.merge(town.diaz, source, target)
    with pytest.raises(NotPossible, match="merged"):
        answer(town, source)
    seen = make.now()
    again = town.street.reply("ana", town.street.said_by("ana")[0].id, "@pd11 first, again")
    town.collect()
    with pytest.raises(Stale):  # what they say in the folded one counts
        answer(town, target, seen_at=seen)
    queued = answer(town, target)
    with acting_for(town.agency.id):
        assert Delivery.objects.select_related("parent").get().parent.external_id == again.id
    assert deliver(town, queued).state == "sent"
    assert speaking.conversation(town, target).state == "waiting"


def test_what_they_deleted_is_not_answered_if_there_is_more(town: make.Town) -> None:
    post, home = heard(town)
    later = town.street.reply("ana", post.id, "@pd11 oops")
    town.collect()
    town.street.delete("ana", later.id)
    town.collect()
    answer(town, home)
    with acting_for(town.agency.id):
        assert Delivery.objects.select_related("parent").get().parent.external_id == post.id


def picture(town: make.Town, me: Me) -> UUID:
    with acting_for(town.agency.id):
        made = Picture.objects.create(
            agency_id=town.agency.id,
            member_id=me.member_id,
            content=b"png",
            mime="image/png",
            alt="A map",
            width=1,
            height=1,
            added_at=make.now(),
        )
        return made.id


def test_a_reply_never_goes_out_without_its_picture(town: make.Town) -> None:
    _, home = heard(town)
    theirs, ours = picture(town, town.mockridge), picture(town, town.diaz)
    for missing in (UUID(int=3), theirs):
        with pytest.raises(NotPossible, match="picture"):
            answer(town, home, picture_ids=[ours, missing])
    assert nothing_was_written(town)
    assert deliver(town, answer(town, home, picture_ids=[ours])).state == "sent"
    assert [post.alts for post in town.street.said_by("pd11")] == [("A map",)]


# --- taken back -----------------------------------------------------------------------------------


def draft(town: make.Town, me: Me) -> str:
    with acting_for(town.agency.id):
        return Draft.objects.get(member_id=me.member_id).text


def test_taken_back_in_time_it_is_a_draft_again(town: make.Town) -> None:
    _, home = heard(town)
    presence.save_draft(town.diaz, home, "public", "Half a thought")
    delivery = answer(town, home, "A whole thought", hold=True)
    with acting_for(town.agency.id):
        assert not Draft.objects.exists()
    assert posts.withdraw(town.diaz, delivery.id).state == "withdrawn"
    assert draft(town, town.diaz) == "A whole thought"
    with after(minutes=1):
        assert deliver(town, delivery).state == "withdrawn"
    assert public(town) == []


def test_taking_back_loses_nothing_written_since(town: make.Town) -> None:
    _, home = heard(town)
    delivery = answer(town, home, "First", hold=True)
    presence.save_draft(town.diaz, home, "public", "And more")
    posts.withdraw(town.diaz, delivery.id)
    assert draft(town, town.diaz) == "First\n\nAnd more"


def test_a_supervisor_takes_a_colleague_s_reply_back_without_their_name(town: make.Town) -> None:
    _, home = heard(town)
    delivery = answer(town, home, "Hm", hold=True)
    posts.withdraw(town.mockridge, delivery.id)
    assert draft(town, town.mockridge) == "Hm"


def test_too_late_to_take_back(town: make.Town) -> None:
    _, home = heard(town)
    delivery = deliver(town, answer(town, home))
    with pytest.raises(NotPossible, match="gone out"):
        posts.withdraw(town.diaz, delivery.id)
    failing(town, Fault.LOST_AFTER)
    unknown = deliver(town, answer(town, home, "Again"))
    with pytest.raises(NotPossible, match="gone out"):
        posts.withdraw(town.diaz, unknown.id)


@pytest.mark.parametrize("deed", [posts.withdraw, posts.try_again])
def test_others_may_neither_take_back_nor_try_again(
    town: make.Town, deed: Callable[[Me, UUID], Delivery]
) -> None:
    _, home = heard(town)
    delivery = answer(town, home, hold=True)
    with pytest.raises(Denied):
        deed(town.ofield, delivery.id)
    with pytest.raises(Denied):
        deed(off_duty(town.diaz), delivery.id)
    with pytest.raises(NotPossible):
        deed(town.diaz, UUID(int=9))


# --- tried again ----------------------------------------------------------------------------------


def failed(town: make.Town, home: UUID) -> Delivery:
    failing(town, Fault.REFUSED)
    delivery = deliver(town, answer(town, home))
    assert delivery.state == "failed"
    return delivery


def test_only_what_failed_is_tried_again(town: make.Town) -> None:
    _, home = heard(town)
    with pytest.raises(NotPossible, match="not one that failed"):
        posts.try_again(town.diaz, answer(town, home).id)


def test_not_after_another_answer(town: make.Town) -> None:
    _, home = heard(town)
    delivery = failed(town, home)
    deliver(town, answer(town, home, "Another way to say it"))
    with pytest.raises(NotPossible, match="Another answer"):
        posts.try_again(town.diaz, delivery.id)


def test_not_into_a_closed_conversation(town: make.Town) -> None:
    _, home = heard(town)
    delivery = failed(town, home)
    conversations.close(town.diaz, home, Disposition.REFERRED, words="To the ward office")
    with pytest.raises(NotPossible, match="closed"):
        posts.try_again(town.diaz, delivery.id)
    assert DeliveryState(speaking.fresh(town, delivery).state) is DeliveryState.FAILED
