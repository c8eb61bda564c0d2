"""The day's units: what is counted, what is kept for answers, how polling is spread."""

from datetime import UTC, datetime, timedelta

import pytest

from callbox.logins import MemoryMeter
from callbox.networks.youtube import units
from callbox.networks.youtube.connector import YouTube
from callbox.networks.youtube.tests.harness import YouTubeHarness
from callbox.networks.youtube.units import Units

MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # midnight in California


@pytest.mark.parametrize(
    ("now", "end"),
    [
        (MORNING, MORNING + timedelta(days=1)),
        (MORNING - timedelta(seconds=1), MORNING),
        # The nights when clocks change: that day has 23 or 25 hours.
        (datetime(2026, 3, 8, 9, tzinfo=UTC), datetime(2026, 3, 9, 7, tzinfo=UTC)),
        (datetime(2026, 11, 1, 8, tzinfo=UTC), datetime(2026, 11, 2, 8, tzinfo=UTC)),
    ],
)
def test_the_day_ends_at_midnight_in_california(now: datetime, end: datetime) -> None:
    assert units.next_day(now) == end
    assert units.day(now) != units.day(end)
    assert units.day(end - timedelta(seconds=1)) == units.day(now)


def test_reading_never_takes_what_answers_need() -> None:
    meter = MemoryMeter()
    day = Units(meter, 10_000)
    assert day.for_reading(MORNING) == 6_000
    meter.add(units.NAME, units.day(MORNING), 6_000, "reading")
    assert day.for_reading(MORNING) == 0
    noon = MORNING + timedelta(hours=12)
    assert day.for_reading(noon) == 2_000  # what nobody answered with in the morning
    night = MORNING + timedelta(hours=23, minutes=59)
    assert day.for_reading(night) == 4_000 - 250  # five answers until midnight
    assert day.for_reading(MORNING + timedelta(days=1)) == 6_000


def test_polling_is_spread_over_what_is_left() -> None:
    meter = MemoryMeter()
    day = Units(meter, 10_000)
    assert day.rest(MORNING, 3, 60) is None
    meter.add(units.NAME, units.day(MORNING), 5_700, "reading")
    rest = day.rest(MORNING, 3, 60)
    assert rest is not None
    assert rest - MORNING == timedelta(days=1) * 3 / 300
    meter.add(units.NAME, units.day(MORNING), 299, "reading")
    assert day.rest(MORNING, 3, 60) == MORNING + timedelta(days=1)


def test_a_whole_day_of_polling_leaves_room_for_answers(town: YouTubeHarness) -> None:
    """A day with a poll a minute, and every third one with looks."""
    youtube = town.connector()
    town.say("Is Main St closed?")
    page = youtube.fetch({})
    for _ in range(12):
        town.later(minutes=1)
        page = youtube.fetch(page.cursor)
    spent = sum(line[2] for line in youtube.meter.lines)  # type: ignore[attr-defined]  # MemoryMeter
    assert spent / 13 * 24 * 60 < 6_000
    assert page.rest_until is None


def test_a_small_share_polls_slowly_and_answers_all_the_same(town: YouTubeHarness) -> None:
    top = town.say("Is Main St closed?")
    answer = town.answer(top, "Until Friday. Ofc. Diaz", "k")
    small = YouTube(town.account(units_per_day="600"), town.session(), now=town.now)
    page = small.fetch({})
    assert page.rest_until is not None
    assert page.rest_until > town.now() + timedelta(minutes=1)
    small.meter.add(units.NAME, units.day(town.now()), 500, "somebody else")
    before = len(town.server.calls)
    page = small.fetch(page.cursor)
    assert page.rest_until == units.next_day(town.now()) or page.rest_until is not None
    assert len(town.server.calls) == before
    assert small.history({}).rest_until is not None
    small.reply(answer)
    assert town.said_by_us() == ["Until Friday. Ofc. Diaz"]
    small.close()


def test_what_calls_use(town: YouTubeHarness) -> None:
    youtube = town.connector()
    top = town.say("Is Main St closed?")
    answer = town.answer(top, "Until Friday. Ofc. Diaz", "k")
    youtube.reply(answer)
    youtube.hide(top, "")
    youtube.look(top)
    lines = youtube.meter.lines  # type: ignore[attr-defined]  # MemoryMeter
    assert [line[2] for line in lines] == [50, 50, 1]
    assert {line[0] for line in lines} == {"units"}


@pytest.mark.parametrize("typed", ["", "many", "-5", None])
def test_a_cap_that_is_none(typed: object) -> None:
    assert units.cap_of({units.CAP_SETTING: typed}) == 10_000
