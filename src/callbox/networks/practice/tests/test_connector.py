"""The connector against its server."""

import pytest

from callbox.connector import AuthDead, Raw, Refused, Unavailable
from callbox.networks.practice.connector import Practice
from callbox.networks.practice.street import Street
from callbox.networks.practice.tests.make import Make, answer_to, outgoing, private_to
from callbox.vocabulary import Deleted, Edited, Event, Lane, Limits, Media, Ours, Said

PIXEL = Media(b"\x89PNG", "image/png", "A grey parrot on a fence")


def events(practice: Practice, cursor: dict[str, int] | None = None) -> list[Event]:
    page = practice.fetch(cursor or {})
    return [event for raw in page.items for event in practice.parse(raw)]


def test_it_has_every_ability() -> None:
    assert Practice.abilities() == {
        "identify",
        "fetch",
        "listen",
        "context",
        "receive_hook",
        "reply",
        "message",
        "publish",
        "find",
        "look",
        "edit",
        "delete",
        "hide",
        "unhide",
        "like",
    }


def test_it_says_who_it_is(practice: Practice) -> None:
    identity = practice.identify()
    assert (identity.external_id, identity.handle, identity.name) == (
        "u1",
        "chicago_pd",
        "Chicago Police",
    )


def test_a_revoked_login_is_dead_everywhere(practice: Practice, street: Street) -> None:
    post = street.post("nadia", "@chicago_pd hi")
    street.people.revoke("chicago_pd")
    calls = [
        practice.identify,
        lambda: practice.fetch({}),
        lambda: next(practice.listen()),
        lambda: practice.reply(answer_to(post.id)),
        lambda: practice.find(outgoing()),
    ]
    for call in calls:
        with pytest.raises(AuthDead):
            call()
    assert street.said_by("chicago_pd") == []


def test_no_path_is_refused_and_no_file_is_unavailable(make: Make) -> None:
    with pytest.raises(Refused, match="file"):
        make(path="").identify()
    with pytest.raises(Unavailable):
        make(path="/nowhere/street.sqlite3").identify()


def test_fetch_gives_pages_oldest_first_and_goes_on_from_its_cursor(
    practice: Practice, street: Street
) -> None:
    for n in range(101):
        street.post("nadia", f"@chicago_pd number {n}")
    first = practice.fetch({})
    second = practice.fetch(first.cursor)
    assert (len(first.items), first.more, len(second.items), second.more) == (100, True, 1, False)
    last = practice.fetch(second.cursor)
    assert (last.items, last.cursor, last.gap) == ([], second.cursor, False)
    said = [e for raw in [*first.items, *second.items] for e in practice.parse(raw)]
    assert [e.text for e in said if isinstance(e, Said)] == [
        f"@chicago_pd number {n}" for n in range(101)
    ]


def test_events_forgotten_before_they_were_fetched_are_a_gap(
    practice: Practice, street: Street
) -> None:
    for n in range(3):
        street.post("nadia", f"@chicago_pd {n}")
    street.log.forget(1, 2)
    assert practice.fetch({}).gap
    assert not practice.fetch({"seq": 2}).gap


def test_one_key_is_one_post(practice: Practice, street: Street) -> None:
    post = street.post("nadia", "@chicago_pd hi")
    first = practice.reply(answer_to(post.id))
    assert practice.reply(answer_to(post.id)) == first == practice.find(answer_to(post.id))
    assert [said.text for said in street.said_by("chicago_pd")] == ["We are on it."]
    assert practice.find(outgoing(key="other")) is None


def test_a_worse_server_forgets_keys_and_is_searched_by_text(make: Make, street: Street) -> None:
    practice = make(forget_keys=True)
    post = street.post("nadia", "@chicago_pd hi")
    assert practice.find(answer_to(post.id)) is None
    first = practice.reply(answer_to(post.id))
    assert practice.find(answer_to(post.id)) == first
    assert practice.find(outgoing()) is None  # the same words, but not as a post of its own
    assert practice.find(private_to("u2", "We are on it.")) is None
    assert practice.reply(answer_to(post.id)) != first
    assert len(street.said_by("chicago_pd")) == 2


def test_private_answers_go_to_their_author_alone(practice: Practice, street: Street) -> None:
    street.direct("nadia", "chicago_pd", "Hello?")
    receipt = practice.message(private_to("u2"))
    assert practice.message(private_to("u2")) == receipt
    post = street.get(receipt.external_id)
    assert post.recipient is not None
    assert post.recipient.handle == "nadia"
    assert [event.lane for event in events(practice) if isinstance(event, Ours)] == [Lane.PRIVATE]
    with pytest.raises(Refused, match="wrote to it"):
        practice.message(private_to("u3", key="d2"))


def test_a_private_message_is_never_answered_in_public(practice: Practice, street: Street) -> None:
    private = street.direct("nadia", "chicago_pd", "Hello?")
    with pytest.raises(Refused, match="in public"):
        practice.reply(answer_to(private.id))


def test_an_answer_to_something_deleted_is_refused(practice: Practice, street: Street) -> None:
    post = street.post("nadia", "@chicago_pd hi")
    street.delete("nadia", post.id)
    with pytest.raises(Refused, match="no such post"):
        practice.reply(answer_to(post.id))
    assert isinstance(events(practice)[-1], Deleted)


def test_edit_and_delete_happen_once(practice: Practice, street: Street) -> None:
    receipt = practice.publish(outgoing("Frist."))
    for _ in range(2):
        practice.edit(receipt.external_id, outgoing("First."))
    assert practice.look(receipt.external_id).text == "First."
    for _ in range(2):
        practice.delete(receipt.external_id)
    assert practice.look(receipt.external_id).gone
    kinds = [type(event) for event in events(practice)]
    assert kinds == [Ours, Ours, Deleted]
    with pytest.raises(Refused):
        practice.delete("p99")


def test_what_the_network_takes_down_is_gone_and_told(practice: Practice, street: Street) -> None:
    receipt = practice.publish(outgoing())
    street.remove(receipt.external_id)
    assert practice.look(receipt.external_id).gone
    assert isinstance(events(practice)[-1], Deleted)
    assert practice.find(outgoing()) == receipt  # it did go out


def test_context_is_the_thread_without_the_message(practice: Practice, street: Street) -> None:
    root = practice.publish(outgoing("Ask us."))
    one = street.reply("nadia", root.external_id, "Where?")
    two = street.reply("tomek", one.id, "When?")
    gone = street.reply("tomek", one.id, "Oops")
    street.delete("tomek", gone.id)
    assert [(said.text, said.addressed) for said in practice.context(two.id)] == [
        ("Ask us.", None),
        ("Where?", None),
    ]


def test_hide_unhide_and_like_twice_are_once(practice: Practice, street: Street) -> None:
    root = practice.publish(outgoing("Ask us."))
    answer = street.reply("nadia", root.external_id, "Where?")
    for _ in range(2):
        practice.hide(answer.id, root.external_id)
        practice.like(answer.id, {})
    assert practice.look(answer.id).gone
    for _ in range(2):
        practice.unhide(answer.id, root.external_id)
    assert not practice.look(answer.id).gone
    assert street.get(answer.id).likes == 1


def test_images_carry_their_description(practice: Practice, street: Street) -> None:
    receipt = practice.publish(outgoing("Found.", media=(PIXEL,)))
    post = street.get(receipt.external_id)
    assert post.alts == (PIXEL.alt,)
    picture = street.posts.picture(post.n, 0)
    assert picture is not None
    assert (picture.content, picture.mime) == (PIXEL.content, PIXEL.mime)
    with pytest.raises(Refused, match="description"):
        practice.publish(outgoing(key="d2", media=(Media(b"", "image/png", ""),)))


def test_check_says_what_does_not_fit(practice: Practice) -> None:
    def codes(**more: object) -> list[str]:
        return [problem.code for problem in practice.check(outgoing(**more))]  # type: ignore[arg-type]  # any field

    assert codes(text="x" * 300) == []
    assert codes(text="x" * 301) == ["too_long"]
    assert codes(text=" ") == ["empty"]
    assert codes(media=(PIXEL,) * 5) == ["too_many_images"]
    assert codes(media=(PIXEL,), lane=Lane.PRIVATE) == ["too_many_images"]
    assert codes(media=(Media(b"", "image/gif", ""),)) == ["no_alt", "image_type"]
    assert practice.limits() == Limits(
        text=300, images=4, image_mimes=("image/jpeg", "image/png", "image/webp"), alt=1500
    )


def test_listen_begins_with_a_sign_of_life_and_goes_on_where_fetch_ended(
    practice: Practice, street: Street
) -> None:
    street.post("nadia", "@chicago_pd one")
    practice.fetch({})
    street.post("nadia", "@chicago_pd two")  # between the poll and the stream
    stream = practice.listen()
    assert next(stream) is None
    assert text_of(practice, next(stream)) == "@chicago_pd two"
    post = street.post("nadia", "@chicago_pd three")
    assert text_of(practice, next(stream)) == "@chicago_pd three"
    street.edit("nadia", post.id, "@chicago_pd 3")
    assert text_of(practice, next(stream)) == "@chicago_pd 3"
    stream.close()  # type: ignore[attr-defined]  # a generator


def test_listen_without_fetch_starts_from_now(practice: Practice, street: Street) -> None:
    street.post("nadia", "@chicago_pd before")
    stream = practice.listen()
    assert next(stream) is None
    street.post("nadia", "@chicago_pd after")
    assert text_of(practice, next(stream)) == "@chicago_pd after"
    stream.close()  # type: ignore[attr-defined]  # a generator


def text_of(practice: Practice, raw: Raw | None) -> str:
    assert raw is not None
    (event,) = practice.parse(raw)
    assert isinstance(event, Said | Edited)
    return event.text
