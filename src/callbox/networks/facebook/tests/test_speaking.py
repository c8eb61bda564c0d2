"""Comments and posts of ours: said once, found again, changed, hidden, taken back."""

from datetime import timedelta

import pytest

from callbox.connector import OutcomeUnknown, Refused, Unavailable
from callbox.networks.facebook.connector import Facebook
from callbox.networks.facebook.tests.harness import Clock
from callbox.networks.facebook.tests.make import answer, picture, pushed, said_in, to
from callbox.vocabulary import Ours, Outgoing, Said
from tests.servers.facebook import Facebook as Server
from tests.servers.graph import fault_answer
from tests.servers.standin import Fault


@pytest.fixture
def asked(server: Server, connector: Facebook) -> Said:
    """A resident's comment below our post."""
    server.comment(server.post("Road works on Elm Street."), "Is Main St closed?")
    (said,) = said_in(pushed(server, connector))
    return said


def test_saying_changing_and_taking_back(
    server: Server, connector: Facebook, clock: Clock, asked: Said
) -> None:
    receipt = connector.reply(answer(asked, "It opens at six.", clock()))
    assert receipt.permalink
    assert connector.look(receipt.external_id).text == "It opens at six."
    connector.edit(receipt.external_id, answer(asked, "It opens at seven.", clock()))
    assert connector.look(receipt.external_id).text == "It opens at seven."
    connector.delete(receipt.external_id)
    connector.delete(receipt.external_id)
    assert connector.look(receipt.external_id).gone


def test_an_echo_before_the_answer_is_ours(
    server: Server, connector: Facebook, clock: Clock, asked: Said
) -> None:
    """Failure mode 8: what we just said comes back by webhook with the id of the receipt."""
    receipt = connector.reply(answer(asked, "It opens at six.", clock()))
    (echo,) = pushed(server, connector)
    assert isinstance(echo, Ours)
    assert echo.external_id == receipt.external_id
    assert echo.root_id == asked.root_id


@pytest.mark.parametrize("below", [False, True])
def test_an_answer_that_is_lost_is_found_again(
    server: Server, connector: Facebook, clock: Clock, asked: Said, below: bool
) -> None:
    """Failure mode 1: below a post, below a comment, and below an answer to a comment (which the
    network hangs one branch higher)."""
    if below:
        server.comment(asked.external_id, "And Oak St?")
        (asked,) = said_in(pushed(server, connector))
    outgoing = answer(asked, "It opens at six.\n— Ofc. Diaz", clock())
    assert connector.find(outgoing) is None
    server.fault("POST", "/v25.0/*/comments", Fault.after_success())
    with pytest.raises(OutcomeUnknown):
        connector.reply(outgoing)
    found = connector.find(outgoing)
    assert found is not None
    assert server.texts().count(outgoing.text) == 1
    assert connector.look(found.external_id).text == outgoing.text


def test_a_post_that_is_lost_is_found_again(
    server: Server, connector: Facebook, clock: Clock
) -> None:
    """Failure mode 1: on publishing."""
    outgoing = Outgoing("a" * 32, clock(), "The station is open on Sunday.")
    server.fault("POST", "/v25.0/*/feed", Fault.after_success())
    with pytest.raises(OutcomeUnknown):
        connector.publish(outgoing)
    found = connector.find(outgoing)
    assert found is not None
    assert server.texts() == [outgoing.text]


def test_no_is_said_only_when_certain(
    server: Server, connector: Facebook, clock: Clock, asked: Said
) -> None:
    """Not for the same words of somebody else, an older one of ours, one below another comment;
    and never while the network does not answer."""
    old = answer(asked, "Thank you.", clock())
    connector.reply(old)
    server.comment(asked.external_id, "Thank you.")
    clock.pass_(hours=1)
    outgoing = answer(asked, "Thank you.", clock(), key="b" * 32)
    assert connector.find(outgoing) is None
    other = server.comment(asked.root_id or "", "Another")
    server._new_comment(other, server._ourselves(), "Thank you.")
    assert connector.find(outgoing) is None
    server.fault("GET", "/v25.0/*/comments", Fault.status(503))
    with pytest.raises(Unavailable):
        connector.find(outgoing)
    for n in range(600):
        server.comment(asked.root_id or "", f"Comment {n}")
    with pytest.raises(Unavailable):
        connector.find(outgoing)


def test_an_answer_to_what_is_gone(
    server: Server, connector: Facebook, clock: Clock, asked: Said
) -> None:
    server.remove(asked.external_id)
    outgoing = answer(asked, "It opens at six.", clock())
    with pytest.raises(Refused):
        connector.reply(outgoing)
    assert connector.find(outgoing) is None


def test_a_server_error_after_a_write_is_uncertain(
    server: Server, connector: Facebook, clock: Clock, asked: Said
) -> None:
    """Codes 1 and 2 say that something went wrong there, not that nothing happened."""
    for fault in (
        Fault.status(500, {"error": {"code": 2, "message": "Service temporarily unavailable"}}),
        Fault.status(400, {"error": {"code": 1, "message": "An unknown error occurred"}}),
        Fault.status(400, {"error": {"code": 99, "message": "Later", "is_transient": True}}),
    ):
        server.fault("POST", "/v25.0/*/comments", fault)
        with pytest.raises(OutcomeUnknown):
            connector.reply(answer(asked, "It opens at six.", clock()))


def test_a_duplicate_is_what_we_said_before(
    server: Server, connector: Facebook, clock: Clock, asked: Said
) -> None:
    """Code 506 after a first try that was taken: the receipt of that; else a refusal."""
    outgoing = answer(asked, "It opens at six.", clock())
    first = connector.reply(outgoing)
    duplicate = fault_answer(506, "Duplicate status message")
    server.fault("POST", "/v25.0/*/comments", Fault(duplicate))
    assert connector.reply(outgoing).external_id == first.external_id
    server.fault("POST", "/v25.0/*/comments", Fault(duplicate))
    with pytest.raises(Refused, match="just said exactly this"):
        connector.reply(answer(asked, "Something else", clock() + timedelta(minutes=5)))


def test_a_link_in_an_answer_stands_in_its_text(
    connector: Facebook, clock: Clock, asked: Said
) -> None:
    link = "https://example.org/roads"
    inside = answer(asked, f"See {link}", clock(), link=link)
    assert connector.check(inside) == ()
    (problem,) = connector.check(answer(asked, "See here", clock(), link=link))
    assert problem.code == "link"


def test_a_comment_with_a_picture(
    server: Server, connector: Facebook, clock: Clock, asked: Said
) -> None:
    outgoing = answer(asked, "Look here.", clock(), media=(picture(),))
    assert connector.check(outgoing) == ()
    connector.reply(outgoing)
    (call,) = server.made("POST", "/v25.0/*/comments")
    assert call.form()["attachment_id"] in server.objects


def test_hiding_and_showing_again(server: Server, connector: Facebook, asked: Said) -> None:
    for hidden, deed in ((True, connector.hide), (False, connector.unhide)):
        deed(asked.external_id, asked.root_id or "")
        deed(asked.external_id, asked.root_id or "")
        assert server.objects[asked.external_id]["is_hidden"] is hidden
    connector.like(asked.external_id, asked.refs)
    connector.like(asked.external_id, asked.refs)
    assert server.objects[asked.external_id]["_liked"]


def test_what_cannot_be_done_is_explained(
    server: Server, connector: Facebook, clock: Clock
) -> None:
    server.review("They came at once.")
    server.mention("Thank you Riverside PD")
    server.write("Hello")
    review, mention, message = said_in(pushed(server, connector))
    for said, ability in (
        (review, "reply"),
        (review, "hide"),
        (mention, "hide"),
        (mention, "message"),
        (message, "hide"),
        (message, "like"),
        (message, "reply"),
    ):
        barrier = connector.barrier(ability, to(said))
        assert barrier is not None, (said, ability)
        assert barrier.words.endswith(".")
    assert connector.barrier("reply", to(mention)) is None
    assert connector.barrier("message", to(message)) is None
