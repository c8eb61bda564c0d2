"""What people can do on the street, and what agencies hear of it."""

import json
import threading
from pathlib import Path

import pytest

from callbox.networks.practice.street import Fault, Street, Trouble, mentioned


def heard(street: Street, after: int = 0) -> list[tuple[str, str]]:
    """(type, post id) of what the agency was told, oldest first."""
    agency = street.people.called("chicago_pd")
    bodies = [json.loads(each.body) for each in street.log.after(agency.n, after, 1000)]
    return [(body["type"], body.get("post_id") or body["post"]["id"]) for body in bodies]


def test_only_what_is_addressed_to_an_agency_is_told(street: Street) -> None:
    lonely = street.post("nadia", "What a fine evening.")
    named = street.post("nadia", "Thank you @Chicago_PD!")
    aside = street.reply("tomek", named.id, "Same here.")
    ours = street.post("chicago_pd", "We are at the park on Saturday.")
    answer = street.reply("tomek", ours.id, "See you there.")
    further = street.reply("nadia", answer.id, "Me too.")
    private = street.direct("tomek", "chicago_pd", "One question.")
    assert heard(street) == [
        ("mention", named.id),
        ("own", ours.id),
        ("reply", answer.id),
        ("direct", private.id),
    ]
    assert (lonely.root, aside.root, further.root, further.parent) == (
        None,
        named.n,
        ours.n,
        answer.n,
    )


def test_edits_and_deletions_are_told_to_whoever_heard_the_original(street: Street) -> None:
    quiet = street.post("nadia", "Nothing for you.")
    street.edit("nadia", quiet.id, "Still nothing.")
    street.edit("nadia", quiet.id, "Or is it, @chicago_pd?")
    street.edit("nadia", quiet.id, "No, it is not.")
    street.edit("nadia", quiet.id, "No, it is not.")
    street.delete("nadia", quiet.id)
    assert [kind for kind, _ in heard(street)] == ["mention", "edit", "delete"]


def test_a_private_exchange_is_one_thread_per_pair(street: Street) -> None:
    first = street.direct("nadia", "chicago_pd", "Hello?")
    answer = street.reply("chicago_pd", first.id, "Hello, we are here.")
    again = street.direct("nadia", "chicago_pd", "Good.")
    other = street.direct("tomek", "chicago_pd", "Me too?")
    assert [(p.root, p.parent) for p in (first, answer, again, other)] == [
        (None, None),
        (first.n, first.n),
        (first.n, answer.n),
        (None, None),
    ]
    assert answer.recipient == first.author
    assert street.timeline() == []


def test_an_agency_cannot_write_first_in_private(street: Street) -> None:
    with pytest.raises(Trouble, match="wrote to it"):
        street.direct("chicago_pd", "nadia", "Good day.")
    street.post("nadia", "@chicago_pd hello")
    assert street.direct("chicago_pd", "nadia", "Good day.").recipient is not None


def test_likes_count_once_and_name_nobody(street: Street) -> None:
    ours = street.post("chicago_pd", "Found: one grey parrot.")
    for handle in ("nadia", "nadia", "tomek", "chicago_pd"):
        street.like(handle, ours.id)
    assert street.get(ours.id).likes == 3
    assert [kind for kind, _ in heard(street)] == ["own", "like", "like"]
    agency = street.people.called("chicago_pd")
    assert "nadia" not in "".join(event.body for event in street.log.after(agency.n, 0, 99))


def test_only_replies_below_ones_own_posts_can_be_hidden(street: Street) -> None:
    ours = street.post("chicago_pd", "Ask us anything.")
    answer = street.reply("tomek", ours.id, "Really?")
    street.hide("chicago_pd", answer.id)
    street.hide("chicago_pd", answer.id)
    street.hide("chicago_pd", answer.id, hidden=False)
    assert [kind for kind, _ in heard(street)][2:] == ["hide", "show"]
    elsewhere = street.post("nadia", "@chicago_pd hm")
    with pytest.raises(Trouble, match="below"):
        street.hide("chicago_pd", elsewhere.id)


def test_nobody_changes_what_others_said(street: Street) -> None:
    post = street.post("nadia", "Mine.")
    for deed in (street.edit, street.delete):
        args = ("tomek", post.id, "Yours") if deed == street.edit else ("tomek", post.id)
        with pytest.raises(Trouble, match="somebody else"):
            deed(*args)  # type: ignore[operator]  # two shapes of deed
    street.delete("nadia", post.id)
    with pytest.raises(Trouble, match="no such post"):
        street.like("tomek", post.id)


@pytest.mark.parametrize("post_id", ["", "p", "p0", "x1", "p-1", "p²", "p" + "9" * 30])
def test_ids_that_do_not_exist_are_refused(street: Street, post_id: str) -> None:
    with pytest.raises(Trouble, match="no such post"):
        street.get(post_id)


@pytest.mark.parametrize("text", ["", "  \n", "x" * 301, "half \ud83d", "nul \0"])
def test_texts_that_cannot_be_said_are_refused(street: Street, text: str) -> None:
    with pytest.raises(Trouble) as caught:
        street.post("nadia", text)
    assert caught.value.fault is Fault.REFUSED
    assert street.timeline() == []


def test_mentions_are_found_as_people_write_them() -> None:
    text = "Hi @Chicago_PD, (@nadia) mail me@example.org or https://x.test/@tomek. @łódź!"
    assert mentioned(text) == {"chicago_pd", "nadia", "łódź"}


def test_handles_are_made_from_what_people_type(street: Street) -> None:
    assert street.join(" @Ana María! ").handle == "Ana_María"
    with pytest.raises(Trouble, match="letter"):
        street.join("!!!")


def test_everything_stays_when_the_file_is_opened_again(street: Street) -> None:
    post = street.post("nadia", "@chicago_pd still here?")
    with Street(street.ground.path) as again:
        assert again.get(post.id) == post


def test_a_file_that_cannot_be_used_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Trouble) as caught:
        Street(tmp_path / "missing" / "street.sqlite3")
    assert caught.value.fault is Fault.UNAVAILABLE


def test_several_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    """Also makes the tables from several threads at once, as processes do at the first start."""
    path, ready = tmp_path / "street.sqlite3", threading.Barrier(4)

    def write(name: str) -> None:
        ready.wait()
        with Street(path) as street:
            street.join(name)
            for n in range(10):
                street.post(name, f"{name} {n}")

    threads = [threading.Thread(target=write, args=(f"r{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Street(path) as street:
        assert sorted(p.text for p in street.timeline(100)) == sorted(
            f"r{n} {m}" for n in range(4) for m in range(10)
        )
