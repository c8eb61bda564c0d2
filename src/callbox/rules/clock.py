"""How long an answer may take. No I/O, no clock. Business calendars come with issue 4."""

from datetime import datetime, timedelta

from callbox.vocabulary import Urgency

EMERGENCY_MINUTES = 5
SOON_MINUTES = 60


def due(since: datetime, urgency: Urgency, answer_minutes: int) -> datetime:
    """When an answer is due to something said at `since`."""
    minutes = {
        Urgency.EMERGENCY: min(EMERGENCY_MINUTES, answer_minutes),
        Urgency.SOON: min(SOON_MINUTES, answer_minutes),
        Urgency.ROUTINE: answer_minutes,
    }[urgency]
    return since + timedelta(minutes=minutes)


def left(due_at: datetime, since: datetime, now: datetime) -> float:
    """The share of the time that is left, 1.0 to 0.0; negative when late."""
    whole = (due_at - since).total_seconds()
    return (due_at - now).total_seconds() / whole if whole > 0 else -1.0
