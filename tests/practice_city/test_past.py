"""Playing a past: deeds at their moment, nothing leaving them, and all of it or nothing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection

from callbox import ledger, moment
from callbox.actions.doing import now_utc
from callbox.effects import announce, later
from callbox.ids import new_id
from callbox.models.people import Agency
from callbox.models.records import Entry
from callbox.practice_city import duty
from callbox.practice_city.load import load
from callbox.practice_city.past import Past
from callbox.practice_city.plans import DutyPlan
from callbox.queries.people import the_agency
from callbox.scope import acting_for
from callbox.vocabulary import Happening

CHICAGO = ZoneInfo("America/Chicago")
THEN = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)  # a Monday; the clocks changed the day before


def test_the_clock_stands_where_it_is_put_and_goes_on_afterwards() -> None:
    assert not moment.is_past()
    with moment.at(THEN):
        assert now_utc() == THEN
        with moment.at(THEN + timedelta(hours=1)):
            assert now_utc() == THEN + timedelta(hours=1)
        assert now_utc() == THEN
        assert moment.is_past()
    assert abs(now_utc() - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_time_that_is_still_to_come_is_refused() -> None:
    with (
        pytest.raises(ValueError, match="not in the past"),
        moment.at(datetime.now(UTC) + timedelta(hours=1)),
    ):
        pass


@pytest.mark.django_db
def test_nothing_leaves_the_past() -> None:
    with moment.at(THEN), acting_for(new_id(), durable=True):
        later("collect", account_id=new_id())
        announce(["inbox"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db
def test_lines_that_are_entered_together_stand_in_the_order_of_their_times() -> None:
    subjects = [new_id() for _ in range(3)]
    with moment.at(THEN), acting_for(new_id()):
        with ledger.together():
            for hours, subject in zip((2, 0, 1), subjects, strict=True):
                at = THEN - timedelta(hours=hours)
                ledger.enter(Happening.DUTY_SET, "duty", subject, at=at if hours else None)
            assert not Entry.objects.exists()
        found = list(Entry.objects.order_by("id").values_list("subject_id", flat=True))
    assert found == [subjects[0], subjects[2], subjects[1]]


@pytest.mark.django_db
def test_a_load_that_is_interrupted_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(past: Past, now: datetime) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Past, "play", stumble)
    with pytest.raises(KeyboardInterrupt):
        load(datetime.now(UTC), tmp_path / "practice.sqlite3")
    assert the_agency() is None


@pytest.mark.django_db
def test_the_command_writes_down_the_demo_logins(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: object,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(settings, "HOME", tmp_path)
    monkeypatch.setattr(Past, "play", lambda past, now: None)
    call_command("practice_city")
    assert "diaz@callbox.example" in (tmp_path / "logins.txt").read_text()
    assert "stands" in capsys.readouterr().out
    assert Agency.objects.count() == 1
    call_command("practice_city")
    assert "nothing was done" in capsys.readouterr().out


def test_always_on_duty_is_one_window_around_everything() -> None:
    plan = DutyPlan((0, 1, 2, 3, 4, 5, 6), "00:00", 24)
    ((start, end),) = duty.windows(plan, [THEN], THEN, CHICAGO)
    assert start < THEN - timedelta(days=200)
    assert end > THEN + timedelta(days=365)


def test_usual_hours_follow_the_clock_on_the_wall() -> None:
    plan = DutyPlan((0, 1, 2, 3, 4, 5, 6), "06:00", 9)
    windows = duty.windows(plan, [], THEN, CHICAGO)
    assert len(windows) == duty.DAYS_BACK + 1 + duty.DAYS_AHEAD
    assert all(start.astimezone(CHICAGO).hour == 6 for start, _ in windows)
    assert all(end - start == timedelta(hours=9) for start, end in windows)


def test_days_off_have_no_hours() -> None:
    windows = duty.windows(DutyPlan((0,), "08:30", 8), [], THEN, CHICAGO)
    assert {start.astimezone(CHICAGO).weekday() for start, _ in windows} == {0}


def test_a_deed_outside_the_usual_hours_has_hours_of_its_own() -> None:
    plan = DutyPlan((0, 1, 2, 3, 4, 5, 6), "06:00", 9)
    night = datetime(2026, 3, 5, 3, 0, tzinfo=CHICAGO)
    deeds = [night, night + timedelta(minutes=40), datetime(2026, 3, 9, 9, 0, tzinfo=CHICAGO)]
    windows = duty.windows(plan, deeds, THEN, CHICAGO)
    covering = [[w for w in windows if w[0] <= deed < w[1]] for deed in deeds]
    assert all(len(found) == 1 for found in covering)
    assert covering[0] == covering[1]
    assert windows == sorted(windows)
