"""Private answers: windows, the one answer to a public comment, echoes with our key."""

from datetime import timedelta

import pytest

from callbox.connector import OutcomeUnknown, Refused, Unavailable, WindowClosed
from callbox.networks.facebook.connector import Facebook
from callbox.networks.facebook.tests.conftest import Reader
from callbox.networks.facebook.tests.harness import Clock
from callbox.networks.facebook.tests.make import KEY, answer, pushed, said_in, to
from callbox.vocabulary import Lane, Ours, ReplyTo, Said
from tests.servers.facebook import Facebook as Server
from tests.servers.graph import fault_answer
from tests.servers.standin import Fault


@pytest.fixture
def written(server: Server, connector: Facebook) -> Said:
    """A resident's private message."""
    server.write("Where is lost property?")
    (said,) = said_in(pushed(server, connector))
    return said


@pytest.fixture
def commented(server: Server, connector: Facebook) -> Said:
    """A resident's comment below our post."""
    server.comment(server.post("Road works on Elm Street."), "My name is on the list")
    (said,) = said_in(pushed(server, connector))
    return said


@pytest.mark.parametrize(
    ("age", "by_person", "sent_as"),
    [
        (timedelta(minutes=1), False, ("RESPONSE", None)),
        (timedelta(hours=23, minutes=59), False, ("RESPONSE", None)),
        (timedelta(hours=25), True, ("MESSAGE_TAG", "HUMAN_AGENT")),
        (timedelta(days=6, hours=23), True, ("MESSAGE_TAG", "HUMAN_AGENT")),
    ],
)
def test_inside_the_window(
    server: Server,
    connector: Facebook,
    clock: Clock,
    written: Said,
    age: timedelta,
    by_person: bool,
    sent_as: tuple[str, str | None],
) -> None:
    """Failure mode 10: 24 hours for everybody, seven days for a person with the tag of one."""
    clock.at += age
    connector.message(answer(written, "At the front desk.", clock(), by_person=by_person))
    (body,) = server.sent_bodies
    assert (body["messaging_type"], body.get("tag")) == sent_as


def test_outside_the_window(
    server: Server, connector: Facebook, clock: Clock, written: Said
) -> None:
    """Failure mode 10: a machine after 24 hours, anybody after seven days. Nothing is sent."""
    clock.pass_(hours=25)
    with pytest.raises(WindowClosed, match="only a person"):
        connector.message(answer(written, "Automatic", clock(), by_person=False))
    assert connector.barrier("message", to(written)) is None
    clock.pass_(days=7)
    with pytest.raises(WindowClosed) as caught:
        connector.message(answer(written, "At the front desk.", clock()))
    assert caught.value.since == written.said_at + timedelta(days=7)
    barrier = connector.barrier("message", to(written))
    assert barrier is not None
    assert "seven days" in barrier.words
    assert server.sent_bodies == []


def test_the_network_closes_the_window_itself(
    server: Server, connector: Facebook, clock: Clock, written: Said
) -> None:
    closed = fault_answer(10, "This message is sent outside of allowed window.", 2018278)
    server.fault("POST", "/v25.0/*/messages", Fault(closed))
    with pytest.raises(WindowClosed):
        connector.message(answer(written, "At the front desk.", clock()))


def test_an_echo_carries_our_key(
    server: Server, connector: Facebook, clock: Clock, written: Said
) -> None:
    """Failure mode 8: the echo is known as this very delivery, even before its answer came."""
    receipt = connector.message(answer(written, "At the front desk.", clock()))
    (echo,) = pushed(server, connector)
    assert isinstance(echo, Ours)
    assert (echo.key, echo.external_id) == (KEY, receipt.external_id)
    assert (echo.lane, echo.root_id) == (Lane.PRIVATE, written.root_id)


def test_a_comment_is_answered_in_private_once(
    server: Server, connector: Facebook, clock: Clock, commented: Said
) -> None:
    outgoing = answer(commented, "We write to you here.", clock(), lane=Lane.PRIVATE)
    receipt = connector.message(outgoing)
    assert receipt.refs["person"] == "77001"
    assert server.sent_bodies[0]["recipient"] == {"comment_id": commented.external_id}
    again = answer(commented, "And once more.", clock(), lane=Lane.PRIVATE, answered_privately=True)
    with pytest.raises(Refused, match="its one private answer"):
        connector.message(again)
    barrier = connector.barrier("message", to(commented, answered_privately=True))
    assert barrier is not None
    assert len(server.sent_bodies) == 1


def test_what_we_said_in_private_stands(connector: Facebook, commented: Said) -> None:
    for refs in ({"kind": "message"}, dict(commented.refs)):  # below a message, below a comment
        ours = ReplyTo("m_1", "m_1", None, refs=refs, lane=Lane.PRIVATE, ours=True)
        for ability in ("edit", "delete"):
            barrier = connector.barrier(ability, ours)
            assert barrier is not None
            assert "once it is sent" in barrier.words


def test_a_comment_is_answered_in_private_for_seven_days(
    server: Server, connector: Facebook, clock: Clock, commented: Said
) -> None:
    clock.pass_(days=7, minutes=1)
    assert connector.barrier("message", to(commented)) is not None
    with pytest.raises(WindowClosed):
        connector.message(answer(commented, "Too late", clock(), lane=Lane.PRIVATE))
    assert server.sent_bodies == []


def test_what_facebook_rules_out_is_explained(server: Server, read: Reader) -> None:
    comment = server.comment(server.post("Post"), "From another page")
    server.objects[comment]["can_reply_privately"] = False
    (said,) = said_in(read())
    barrier = read.connector.barrier("message", to(said))
    assert barrier is not None
    assert "in private" in barrier.words


def test_a_visitors_post_is_answered_in_private(
    server: Server, connector: Facebook, clock: Clock
) -> None:
    post = server.visit("The light is out.")
    (said,) = said_in(pushed(server, connector))
    connector.message(answer(said, "Thank you.", clock(), lane=Lane.PRIVATE))
    assert server.sent_bodies[0]["recipient"] == {"post_id": post}


def test_what_is_lost_is_found_again(
    server: Server, connector: Facebook, clock: Clock, written: Said, commented: Said
) -> None:
    """Failure mode 1: in an exchange, and as the private answer to a comment whose author nobody
    is told."""
    nobody = Said(commented.external_id, commented.said_at, None, "", commented.addressed)
    for said in (written, nobody):
        outgoing = answer(said, f"For {said.lane}", clock(), lane=Lane.PRIVATE)
        assert connector.find(outgoing) is None
        server.fault("POST", "/v25.0/*/messages", Fault.after_success())
        with pytest.raises(OutcomeUnknown):
            connector.message(outgoing)
        assert connector.find(outgoing) is not None
        clock.pass_(minutes=5)
        assert connector.find(answer(said, outgoing.text, clock(), lane=Lane.PRIVATE)) is None


def test_no_is_said_only_when_enough_is_shown(
    server: Server, connector: Facebook, clock: Clock, written: Said
) -> None:
    """Of all but an exchange's newest messages Facebook shows nothing: then nobody can say."""
    outgoing = answer(written, "At the front desk.", clock())
    for n in range(25):
        server.write(f"Message {n}")
    with pytest.raises(Unavailable):
        connector.find(outgoing)


def test_another_inbox_has_the_exchange(
    server: Server, connector: Facebook, clock: Clock, written: Said
) -> None:
    busy = fault_answer(100, "Message failed to send", 2018300)
    server.fault("POST", "/v25.0/*/messages", Fault(busy))
    with pytest.raises(Refused, match="Another inbox"):
        connector.message(answer(written, "Hello", clock()))


def test_what_is_sent_in_private_stays(connector: Facebook, clock: Clock, written: Said) -> None:
    receipt = connector.message(answer(written, "At the front desk.", clock()))
    assert connector.look(receipt.external_id).text == "At the front desk."
    with pytest.raises(Refused):
        connector.delete(receipt.external_id)
    with pytest.raises(Refused):
        connector.edit(receipt.external_id, answer(written, "Elsewhere", clock()))
    long = connector.check(answer(written, "x" * 2001, clock()))
    assert [one.code for one in long] == ["too_long"]
