"""Deeds on the network from the thread: like, hide and show, correct, take down, answered there."""

from collections.abc import Iterator
from typing import Any

import pytest

from callbox.actions import posts
from callbox.connector import Connector, Receipt
from callbox.logins import Barrier
from callbox.models.inbox import Conversation, Message
from callbox.models.posts import Delivery, NetworkAct
from callbox.networks.practice.connector import Practice
from callbox.scope import acting_for
from callbox.vocabulary import Happening, Lane, ReplyTo
from callbox.web.staff.happenings import SENTENCES
from tests import make
from tests.web.staff.conftest import Place


@pytest.fixture
def able(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A practice network on which everything can be done."""
    monkeypatch.setattr(Practice, "hide", lambda *_: None)
    monkeypatch.setattr(Practice, "unhide", lambda *_: None)
    monkeypatch.setattr(Practice, "like", lambda *_: None)
    monkeypatch.setattr(Practice, "edit", lambda *_: Receipt("1"))
    monkeypatch.setattr(Practice, "delete", lambda *_: None)
    monkeypatch.setattr(Practice, "barrier", Connector.barrier)
    return


def _url(one: Conversation) -> str:
    return f"/staff/c/{one.id}/"


def _text(place: Place, who: str, one: Conversation) -> str:
    answer = place.client(who).get(_url(one))
    assert answer.status_code == 200
    return str(answer.content.decode())


def _message(place: Place, one: Conversation) -> Message:
    with acting_for(place.town.agency.id):
        return Message.objects.get(conversation=one)


def _sent(place: Place, one: Conversation, **changed: Any) -> Delivery:
    delivery = posts.reply(place.town.diaz, one.id, "On Thursday.", lane=Lane.PUBLIC)
    values = {"state": "sent", "external_id": "p1", "sent_at": make.now(), **changed}
    with acting_for(place.town.agency.id):
        Delivery.objects.filter(pk=delivery.id).update(**values)
    return delivery


def _settled(place: Place, state: str, **changed: Any) -> None:
    with acting_for(place.town.agency.id):
        NetworkAct.objects.update(state=state, done_at=make.now(), **changed)


def test_liking(place: Place, able: None) -> None:
    one = place.hear("ana", "Thank you for the walk.")
    url = f"/staff/m/{_message(place, one).id}/like/"
    assert url in _text(place, "officer", one)
    assert place.client("officer").post(url).status_code == 302
    assert "Liking it…" in _text(place, "officer", one)
    assert place.client("officer").post(url).status_code == 422
    _settled(place, "failed", error_words="The network said <no>.")
    failed = _text(place, "officer", one)
    assert "It could not be liked: The network said &lt;no&gt;." in failed
    with acting_for(place.town.agency.id):
        act = NetworkAct.objects.get()
    assert place.client("officer").post(f"/staff/acts/{act.id}/again/").status_code == 302
    _settled(place, "done")
    done = _text(place, "officer", one)
    assert "Liked by Ofc. Officer," in done
    assert url not in done


def test_hiding_needs_a_reason_and_a_lead(place: Place, able: None) -> None:
    one = place.hear("ben", "Her plate is 1234.")
    message = _message(place, one)
    url = f"/staff/m/{message.id}/hide/"
    assert url not in _text(place, "officer", one)
    lead = place.client("supervisor")
    assert url in _text(place, "supervisor", one)
    assert "Criticism, bad manners" in lead.get(url).content.decode()
    refused = lead.post(url, {"words": "A plate."}).content.decode()
    assert "Say which rule it breaks first." in refused
    assert 'value="A plate."' in refused
    unlawful = lead.post(url, {"reason": "unlawful"}).content.decode()
    assert "Say which law forbids it." in unlawful
    assert lead.post(url, {"reason": "private_data", "words": "A plate."}).status_code == 302
    _settled(place, "done")
    with acting_for(place.town.agency.id):
        Message.objects.filter(pk=message.id).update(hidden_at=make.now())
    shown = _text(place, "supervisor", one)
    assert "Hidden by Sgt. Supervisor," in shown
    assert "private data. A plate." in shown
    assert lead.post(f"/staff/m/{message.id}/show/").status_code == 302
    history = lead.get(f"{_url(one)}history/").content.decode()
    assert "To hide the message." in history


def test_correcting_and_taking_down(place: Place, able: None) -> None:
    one = place.hear("ana", "When is the next meeting?")
    delivery = _sent(place, one)
    client = place.client("officer")
    correct, down = (f"/staff/d/{delivery.id}/{name}/" for name in ("correct", "take-down"))
    page = _text(place, "officer", one)
    assert correct in page
    assert down in page
    assert "On Thursday." in client.get(correct).content.decode()
    same = client.post(correct, {"text": "  "})
    assert same.status_code == 422
    assert client.post(correct, {"text": "On Friday."}).status_code == 302
    assert "Correcting it…" in _text(place, "officer", one)
    _settled(place, "done")
    assert "Nobody can read it any more" in client.get(down).content.decode()
    assert client.post(down).status_code == 302
    assert "Taking it down…" in _text(place, "officer", one)


def test_what_cannot_be_done_is_said_once(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    cannot = {"like": "Practice people <do> not like.", "hide": "Nothing is hidden."}
    monkeypatch.setattr(Practice, "cannot", cannot)
    for name in ("like", "hide", "unhide"):
        if name in vars(Practice):
            monkeypatch.setattr(Practice, name, getattr(Connector, name))
    one = place.hear("ana", "When is the next meeting?")
    page = _text(place, "supervisor", one)
    assert page.count("Practice people &lt;do&gt; not like.") == 1
    assert "Nothing is hidden." in page
    assert "/like/" not in page


def test_the_way_by_hand(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def barrier(self: Practice, ability: str, to: ReplyTo) -> Barrier | None:
        words = "Only people who <name> us can be answered here."
        return Barrier(words, "https://town.example/p/1") if ability == "reply" else None

    monkeypatch.setattr(Practice, "barrier", barrier)
    one = place.hear("ana", "When is the next meeting?")
    page = _text(place, "officer", one)
    assert "Only people who &lt;name&gt; us can be answered here." in page
    assert 'href="https://town.example/p/1"' in page
    assert "I answered it there" in page
    url = f"{_url(one)}by-hand/"
    client = place.client("officer")
    assert "What did you say?" in client.get(url).content.decode()
    assert client.post(url, {"words": "On Thursday, at the library."}).status_code == 302
    assert place.again(one.id).state == "waiting"
    assert "On Thursday, at the library." in _text(place, "officer", one)
    assert "I answered it there" not in _text(place, "records", one)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"how": "found"}, "we looked and found it"),
        ({"how": "echo"}, "the network showed it to us"),
        ({"stage": "read"}, "Read "),
        ({"stage": "delivered"}, "On their device since"),
        (
            {"stage": "failed", "gone_at": True, "error_words": "No such number."},
            "It never reached them. No such number.",
        ),
        ({"state": "withdrawn"}, "We took it down."),
    ],
)
def test_how_we_know_that_it_is_there(place: Place, changed: dict[str, Any], words: str) -> None:
    one = place.hear("ana", "When is the next meeting?")
    if "gone_at" in changed:
        changed = {**changed, "gone_at": make.now()}
    _sent(place, one, confirmed_at=make.now(), stage_at=make.now(), **changed)
    assert words in _text(place, "officer", one)


def test_a_private_reply_is_offered_on_a_public_comment(place: Place) -> None:
    one = place.hear("ana", "When is the next meeting?")
    assert "Private reply" in _text(place, "officer", one)


def test_the_history_has_words_for_everything() -> None:
    assert set(SENTENCES) == set(Happening)
