"""What every network promises about speaking."""

from datetime import timedelta

import pytest

from callbox.connector import (
    AuthDead,
    AuthTransient,
    Connector,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unavailable,
)
from callbox.vocabulary import Outgoing, ReplyTo, Stage
from tests.contract.harness import Harness
from tests.contract.play import Ears, can_answer, lanes, speak
from tests.make import now

KEY = "0123456789abcdef0123456789abcdef"
ANSWER = "Thank you. An officer looks at it today.\n— Ofc. Diaz, 11th District"


def asked(harness: Harness, connector: Connector, *, private: bool) -> Outgoing | None:
    """Ana has asked something, and this is our answer; None where nobody can answer there."""
    if not can_answer(connector, private=private):
        return None
    Ears(harness, connector).heard()
    said = harness.say("The street light is out.", private=private)
    return harness.answer(said, ANSWER, KEY[::-1] if private else KEY)


def test_an_answer_is_there_once_with_its_id(wired: Harness) -> None:
    connector = wired.connector(wired.session())
    for private in lanes(wired):
        outgoing = asked(wired, connector, private=private)
        if outgoing is None:
            continue
        before = len(wired.said_by_us())
        receipt = speak(connector, outgoing)
        assert receipt.external_id
        assert len(wired.said_by_us()) == before + 1
        assert "looks at it today" in wired.said_by_us()[-1]
        if "look" in connector.abilities() and not private:
            assert not connector.look(receipt.external_id).gone


def test_an_answer_whose_answer_is_lost_is_there_once(wired: Harness) -> None:
    """Failure mode 1: it happened, nobody told us, and looking finds it."""
    for private in lanes(wired):
        connector = wired.connector(wired.session())
        outgoing = asked(wired, connector, private=private)
        if outgoing is None:
            continue
        before = len(wired.said_by_us())
        wired.break_next_write(done=True)
        with pytest.raises(OutcomeUnknown):
            speak(connector, outgoing)
        assert len(wired.said_by_us()) == before + 1
        if "find" not in connector.abilities():
            continue
        try:
            found = connector.find(outgoing)
        except (Refused, Unavailable):
            continue  # this network shows nobody what they sent: an echo or a report has to
        assert found is not None
        assert found.external_id


def test_an_answer_that_never_arrived_is_not_claimed(wired: Harness) -> None:
    for private in lanes(wired):
        connector = wired.connector(wired.session())
        outgoing = asked(wired, connector, private=private)
        if outgoing is None:
            continue
        before = len(wired.said_by_us())
        wired.break_next_write(done=False)
        with pytest.raises((OutcomeUnknown, Unavailable)):
            speak(connector, outgoing)
        assert len(wired.said_by_us()) == before
        try:
            assert connector.find(outgoing) is None
        except (Refused, Unavailable):
            continue


def test_somebody_elses_equal_words_are_not_ours(wired: Harness) -> None:
    """Two equal answers a day apart are two: the older one does not prove the newer one."""
    connector = wired.connector(wired.session())
    private = lanes(wired)[0]
    first = asked(wired, connector, private=private)
    if first is None or "find" not in connector.abilities():
        return
    speak(connector, first)
    later = Outgoing(
        "f" * 32,
        now() + timedelta(days=1),
        first.text,
        first.lane,
        first.language,
        first.reply_to,
    )
    try:
        assert connector.find(later) is None
    except (Refused, Unavailable):
        return


def test_too_many_calls_are_said_with_their_end(wired: Harness) -> None:
    connector = wired.connector(wired.session())
    private = lanes(wired)[0]
    outgoing = asked(wired, connector, private=private)
    if outgoing is None:
        return
    wired.limit_next(120)
    before = len(wired.said_by_us())
    try:
        speak(connector, outgoing)
    except RateLimited as error:
        left = error.until - now()
        assert timedelta(0) < left <= timedelta(hours=1)
    else:
        pytest.fail("a limit was not noticed")
    assert len(wired.said_by_us()) == before


def test_a_network_that_is_down_did_nothing_or_nobody_knows(wired: Harness) -> None:
    connector = wired.connector(wired.session())
    outgoing = asked(wired, connector, private=lanes(wired)[0])
    if outgoing is None:
        return
    wired.down_next()
    with pytest.raises((Unavailable, OutcomeUnknown)):
        speak(connector, outgoing)
    if "identify" in connector.abilities():
        other = wired.connector(wired.session())
        wired.down_next()
        with pytest.raises((Unavailable, AuthTransient, RateLimited)):  # a blip: no revocation
            other.identify()


def test_a_revoked_login_is_certain(wired: Harness) -> None:
    connector = wired.connector(wired.session())
    if "identify" not in connector.abilities():
        return
    connector.identify()
    wired.revoke()
    with pytest.raises(AuthDead):
        wired.connector(wired.session()).identify()


def test_a_text_that_is_too_long_is_said_before_it_goes(harness: Harness) -> None:
    connector = harness.connector(harness.session())
    private = lanes(harness)[0]
    outgoing = asked(harness, connector, private=private)
    if outgoing is None:
        return
    limits = connector.limits(outgoing.lane.value)
    assert connector.check(outgoing) == () or list(connector.check(outgoing)) == []
    if limits.text is None:
        return
    long = Outgoing(KEY, now(), "word " * limits.text, outgoing.lane, "", outgoing.reply_to)
    assert connector.check(long), "a text over the limit has to be a problem"
    assert all(problem.words for problem in connector.check(long))
    assert connector.measure(long.text) > limits.text


def test_what_it_cannot_do_is_refused_with_a_reason(harness: Harness) -> None:
    connector = harness.connector(harness.session())
    to = ReplyTo("1", "1", None)
    outgoing = Outgoing(KEY, now(), "Hello")
    calls = {
        "reply": lambda: connector.reply(outgoing),
        "message": lambda: connector.message(outgoing),
        "publish": lambda: connector.publish(outgoing),
        "edit": lambda: connector.edit("1", outgoing),
        "delete": lambda: connector.delete("1"),
        "hide": lambda: connector.hide("1", "1"),
        "unhide": lambda: connector.unhide("1", "1"),
        "like": lambda: connector.like("1", {}),
        "look": lambda: connector.look("1"),
        "find": lambda: connector.find(outgoing),
        "context": lambda: connector.context("1"),
        "history": lambda: connector.history({}),
    }
    for ability, call in calls.items():
        if ability in connector.abilities():
            assert connector.why_not(ability) == ""
            continue
        words = connector.why_not(ability)
        assert words.strip(), ability
        barrier = connector.barrier(ability, to)
        assert barrier is not None
        assert barrier.words == words
        with pytest.raises(Refused):
            call()


def test_what_it_can_do_to_a_message_it_does_twice(harness: Harness) -> None:
    connector = harness.connector(harness.session())
    outgoing = asked(harness, connector, private=lanes(harness)[0])
    to = outgoing.reply_to if outgoing else None
    if to is None:
        return
    able = {name for name in connector.abilities() if connector.barrier(name, to) is None}
    for ability in ("hide", "hide", "unhide", "unhide"):
        if ability in able:
            getattr(connector, ability)(to.parent_id, to.root_id)
    for _ in range(2 if "like" in able else 0):
        connector.like(to.parent_id, to.refs)


def test_our_own_words_are_changed_and_removed(wired: Harness) -> None:
    connector = wired.connector(wired.session())
    outgoing = asked(wired, connector, private=lanes(wired)[0])
    if outgoing is None:
        return
    receipt = speak(connector, outgoing)
    if "edit" in connector.abilities():
        changed = Outgoing(KEY, outgoing.made_at, "An officer looked at it.", outgoing.lane)
        receipt = connector.edit(receipt.external_id, changed)
        assert "looked at it" in wired.said_by_us()[-1]
    if "delete" in connector.abilities():
        before = len(wired.said_by_us())
        connector.delete(receipt.external_id)
        connector.delete(receipt.external_id)
        assert len(wired.said_by_us()) == before - 1
        assert "look" not in connector.abilities() or connector.look(receipt.external_id).gone


def test_reports_are_read_in_any_order(harness: Harness) -> None:
    """Failure mode 9 begins here: whatever order they come in, each says what it says."""
    connector = harness.connector(harness.session())
    outgoing = asked(harness, connector, private=lanes(harness)[-1])
    if outgoing is None:
        return
    receipt = speak(connector, outgoing)
    reported = harness.report(receipt.external_id, order=("read", "delivered", "sent"))
    for one in reported:
        assert one.external_id == receipt.external_id
        assert one.stage in set(Stage)


def test_no_secret_is_ever_written_down(wired: Harness, caplog: pytest.LogCaptureFixture) -> None:
    """Not in a log line at any level, and not in the words of an error."""
    caplog.set_level("DEBUG")
    connector = wired.connector(wired.session())
    words: list[str] = []
    outgoing = asked(wired, connector, private=lanes(wired)[0])
    if outgoing is not None:
        for trouble in (
            lambda: wired.down_next(),
            lambda: wired.limit_next(5),
            lambda: wired.break_next_write(done=True),
            lambda: wired.revoke(),
        ):
            trouble()
            try:
                speak(connector, outgoing)
            except ConnectorError as error:
                words += [str(error), repr(error), repr(error.__cause__), repr(error.__context__)]
    # What httpx writes is switched off in the product's settings, whatever the level.
    logged = [one.getMessage() for one in caplog.records if not one.name.startswith("http")]
    for secret in wired.secrets:
        assert secret not in "\n".join([*words, *logged])
