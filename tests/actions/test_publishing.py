"""Saying something first."""

from pathlib import Path

import pytest
from PIL import Image

from callbox.actions import deliveries, publishing
from callbox.actions.doing import NotPossible
from callbox.actions.posts import DoesNotFit
from callbox.actions.publishing import Words
from callbox.models.posts import Delivery, Picture
from callbox.networks.practice.connector import Practice
from callbox.networks.practice.faults import Fault
from callbox.queries.people import Me
from callbox.rules.access import Denied
from callbox.running import saying
from callbox.scope import acting_for
from callbox.vocabulary import Outgoing, Receipt, Role
from tests import make
from tests.actions import speaking

SIGNED = "\n— Sgt. Platz, Police Department"


@pytest.fixture
def platz(town: make.Town) -> Me:
    """News affairs: who may speak first."""
    return make.me(make.member(town.agency, "Eva Platz", Role.NEWS_AFFAIRS, "PD", rank="Sgt."))


def row(town: make.Town, delivery: Delivery) -> Delivery:
    return speaking.fresh(town, delivery)


def test_a_post_goes_out_signed(town: make.Town, platz: Me) -> None:
    (delivery,) = publishing.publish(platz, town.account.id, Words("Main Street is open again."))
    assert speaking.deliver(town, delivery).state == "sent"
    assert speaking.public(town) == [f"Main Street is open again.{SIGNED}"]
    deliveries.deliver(town.agency.id, delivery.id)
    assert len(speaking.public(town)) == 1


def test_a_post_whose_answer_is_lost_is_there_once(town: make.Town, platz: Me) -> None:
    """Failure mode 1: a time-out after success, while publishing."""
    (delivery,) = publishing.publish(platz, town.account.id, Words("Main Street is open again."))
    town.street.faults.ask(Fault.LOST_AFTER, "publish")
    assert speaking.deliver(town, delivery).state == "unknown"
    with speaking.after(minutes=1):
        found = speaking.reconcile(town, delivery)
    assert (found.state, found.how) == ("sent", "found")
    assert len(speaking.public(town)) == 1


def test_a_thread_hangs_together_and_waits_for_its_parts(
    town: make.Town, platz: Me, monkeypatch: pytest.MonkeyPatch
) -> None:
    under: list[str] = []
    real = Practice.publish

    def reply(self: Practice, outgoing: Outgoing) -> Receipt:
        assert outgoing.reply_to is not None
        assert outgoing.reply_to.ours
        under.append(outgoing.reply_to.parent_id)
        return real(self, outgoing)

    monkeypatch.setattr(Practice, "reply", reply)
    words = Words("One.", parts=("Two.", "Three."))
    one, two, three = publishing.publish(platz, town.account.id, words)
    assert speaking.deliver(town, two).state == "queued", "it waits for the one before"
    first = speaking.deliver(town, one)
    with speaking.after(seconds=6):
        second = speaking.deliver(town, two)
        assert speaking.deliver(town, three).state == "sent"
    assert under == [first.external_id, second.external_id]
    with acting_for(town.agency.id):
        texts = [d.post.text for d in Delivery.objects.select_related("post").order_by("id")]
    assert texts == ["One.", "Two.", f"Three.{SIGNED}"]


def test_a_thread_with_a_hole_stops_there(town: make.Town, platz: Me) -> None:
    one, two = publishing.publish(platz, town.account.id, Words("One.", parts=("Two.",)))
    town.street.faults.ask(Fault.REFUSED, "publish")
    assert speaking.deliver(town, one).state == "failed"
    stopped = speaking.deliver(town, two)
    assert (stopped.state, stopped.error_kind) == ("failed", "PartMissing")
    assert speaking.public(town) == []


def test_what_cannot_be_said_is_said_so(town: make.Town, platz: Me) -> None:
    with pytest.raises(NotPossible, match="Write something"):
        publishing.publish(platz, town.account.id, Words("  "))
    with pytest.raises(NotPossible, match="no form"):
        publishing.publish(platz, town.account.id, Words("Hello.", form="song"))
    with pytest.raises(DoesNotFit):
        publishing.publish(platz, town.account.id, Words("x" * 1000))
    with pytest.raises(Denied):
        publishing.publish(town.diaz, town.account.id, Words("Hello."))
    with pytest.raises(NotPossible, match="not connected"):
        publishing.publish(platz, town.agency.id, Words("Hello."))


# --- from a terminal --------------------------------------------------------------------------


def test_a_terminal_publishes_and_shows_where(
    town: make.Town, platz: Me, capsys: pytest.CaptureFixture[str]
) -> None:
    def work(_seconds: float) -> None:
        with acting_for(town.agency.id):
            waiting = list(Delivery.objects.filter(state="queued").order_by("id"))
        for delivery in waiting:
            deliveries.deliver(town.agency.id, delivery.id)

    assert saying.publish(platz, town.account, Words("Main Street is open."), work) == ""
    assert "/practice/" in capsys.readouterr().out
    assert len(speaking.public(town)) == 1
    town.street.faults.ask(Fault.REFUSED, "publish")
    assert saying.publish(platz, town.account, Words("Never mind."), work).startswith("It did not")


def test_a_terminal_does_not_wait_for_ever(
    town: make.Town, platz: Me, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saying, "PATIENCE", 0.05)
    words = saying.publish(platz, town.account, Words("Main Street is open."), lambda _: None)
    assert "callbox worker" in words


def test_a_terminal_adds_a_picture(town: make.Town, platz: Me, tmp_path: Path) -> None:
    path = tmp_path / "street.png"
    Image.new("RGB", (40, 30), "navy").save(path)
    picture = saying.add(platz, path, "A street")
    with acting_for(town.agency.id):
        assert Picture.objects.get(pk=picture).alt == "A street"
    with pytest.raises(FileNotFoundError):
        saying.add(platz, tmp_path / "nowhere.png", "")
