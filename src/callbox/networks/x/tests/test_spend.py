"""What X costs, and what happens at the limit: never silently deaf, never a surprise."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callbox.connector import OutcomeUnknown, RateLimited, Refused
from callbox.logins import MemoryMeter
from callbox.networks.x import spend
from callbox.networks.x.connector import X
from callbox.networks.x.tests.harness import XHarness
from callbox.networks.x.tests.play import heard, outgoing
from callbox.vocabulary import Said
from tests.servers.x import ANA, US


def used(connector: X, what: str) -> int:
    """What was counted of one kind."""
    assert isinstance(connector.meter, MemoryMeter)
    return sum(amount for _, _, amount, kind in connector.meter.lines if what in kind)


def test_prices(x: XHarness) -> None:
    connector = x.connector()
    asked = x.say("Is Elm Street closed?")
    private = x.say("May I call?", private=True)
    heard(connector, {})
    assert used(connector, "mentions read") == spend.MENTION
    assert used(connector, "messages read") == spend.DM_READ
    connector.reply(x.answer(asked, "Until six.", "k"))
    assert used(connector, "posts written") == spend.SUMMONED_REPLY
    connector.publish(outgoing(x, "Elm Street is open."))
    assert used(connector, "posts written") == spend.SUMMONED_REPLY + spend.POST_MADE
    connector.publish(outgoing(x, "More", link="https://example.org/elm"))
    total = spend.SUMMONED_REPLY + spend.POST_MADE + spend.POST_WITH_LINK
    assert used(connector, "posts written") == total
    connector.message(x.answer(private, "Yes.", "k3"))
    assert used(connector, "messages written") == spend.POST_MADE


def test_what_may_have_been_said_is_counted(x: XHarness) -> None:
    connector = x.connector()
    x.break_next_write(done=True)
    with pytest.raises(OutcomeUnknown):
        connector.publish(outgoing(x, "Hello"))
    assert used(connector, "posts written") == spend.POST_MADE


def test_our_own_posts_are_charged_once_a_day(x: XHarness) -> None:
    now = datetime.now(UTC)
    x.clock.ahead = now.replace(hour=1, minute=0) + timedelta(days=1) - now
    connector = x.connector()
    x.x.say(US, "Elm Street is closed.")
    cursor: Any = {}
    for _ in range(4):
        _, cursor = heard(connector, cursor)
        x.clock.pass_(minutes=6)
    assert used(connector, "own posts looked at") == 0, "it was read when it was found"
    x.clock.pass_(days=1)
    for _ in range(3):
        _, cursor = heard(connector, cursor)
        x.clock.pass_(minutes=6)
    assert used(connector, "own posts looked at") == spend.POST_READ


def test_pushed_events_are_counted_and_always_taken() -> None:
    harness = XHarness(config={"monthly_cap_usd": "0.001"})
    harness.x.say(ANA, "@district5 Hello?")
    assert len(harness.pushed()) == 1
    harness.close()


def capped(dollars: str, spent: int) -> tuple[XHarness, X]:
    """An account that has spent so much of its limit."""
    harness = XHarness(config={"monthly_cap_usd": dollars}, behind=timedelta())
    connector = harness.connector()
    connector.meter.add("spend", f"{harness.clock():%Y-%m}", spent, "before")
    return harness, connector


def test_at_four_fifths_only_what_is_said_to_us_is_read() -> None:
    harness, connector = capped("10", 8_000_000)
    ours = harness.x.say(US, "Elm Street is closed.")
    harness.x.say(ANA, "Until when?", parent=ours.id)
    said = harness.say("Hello?")
    private = harness.say("May I call?", private=True)
    events, _ = heard(connector, {})
    assert [one.external_id for one in events if isinstance(one, Said)] == [said, private]
    assert connector.reply(harness.answer(said, "Yes?", "k")).external_id
    for call in (lambda: connector.history({}), lambda: connector.context(said)):
        with pytest.raises(RateLimited, match="Four fifths"):
            call()
    harness.close()


def test_at_the_limit_nothing_is_silent() -> None:
    harness, connector = capped("10", 10_000_000)
    with pytest.raises(RateLimited, match="used up, so nothing more is read") as limited:
        connector.fetch({})
    assert limited.value.until - harness.clock() <= timedelta(hours=1), "a raised limit works soon"
    text = outgoing(harness, "Hello")
    for call in (lambda: connector.publish(text), lambda: connector.edit("1", text)):
        with pytest.raises(Refused, match="An administrator can raise it"):
            call()
    assert connector.find(text) is None, "what may be out is looked up all the same"
    assert [one.method for one in harness.x.calls] == ["GET"]
    harness.close()


def test_the_month_is_x_s_own() -> None:
    meter = MemoryMeter()
    now = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    purse = spend.Spend(lambda: meter, lambda: now, "1")
    purse.add(spend.POST_MADE, 70, "posts written")
    with pytest.raises(RateLimited, match="until January 1") as limited:
        purse.check_read()
    assert limited.value.until == datetime(2027, 1, 1, tzinfo=UTC)
    later = spend.Spend(lambda: meter, lambda: now + timedelta(hours=1), "1")
    later.check_read()
    later.check_write()


@pytest.mark.parametrize("cap", ["", None, "no limit", "-5", "nan", "1e99"])
def test_what_is_no_number_is_no_limit(cap: object) -> None:
    purse = spend.Spend(MemoryMeter, lambda: datetime.now(UTC), cap)
    purse.check_read()
    assert purse.may_read_more()


def test_dollars_may_be_written_as_people_write_them() -> None:
    meter = MemoryMeter()
    purse = spend.Spend(lambda: meter, lambda: datetime.now(UTC), " $1,000.50 ")
    purse.add(1_000_499_999, 1, "all")
    purse.check_write()
    purse.add(1, 1, "a last bit")
    with pytest.raises(Refused, match=r"\$1,000\.50"):
        purse.check_write()
