"""Reading who works here: members with what they hold and when they are on duty."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from callbox.models.people import DutyWindow, Grant, Member, Unit
from callbox.rules.access import TABLE
from callbox.vocabulary import Deed, Role


@dataclass(frozen=True, slots=True)
class Staff:
    """A member, their grants (those that are over too) and duty windows not yet over."""

    member: Member
    grants: Sequence[Grant]
    duty: Sequence[DutyWindow]


def everyone(now: datetime) -> list[Staff]:
    """All members by name, in three statements."""
    members = list(Member.objects.select_related("home_unit", "user").order_by("name"))
    grants: dict[UUID, list[Grant]] = defaultdict(list)
    for grant in Grant.objects.select_related("unit", "given_by").order_by("-starts_at"):
        grants[grant.member_id].append(grant)
    duty: dict[UUID, list[DutyWindow]] = defaultdict(list)
    windows = DutyWindow.objects.filter(ends_at__gt=now).select_related("waived_by")
    for window in windows.order_by("starts_at"):
        duty[window.member_id].append(window)
    return [Staff(one, grants[one.id], duty[one.id]) for one in members]


def one(member_id: UUID, now: datetime) -> Staff | None:
    """One member, in three statements."""
    member = Member.objects.select_related("home_unit", "user").filter(pk=member_id).first()
    if member is None:
        return None
    grants = Grant.objects.filter(member=member).select_related("unit", "given_by")
    duty = DutyWindow.objects.filter(member=member, ends_at__gt=now).select_related("waived_by")
    return Staff(member, list(grants.order_by("-starts_at")), list(duty.order_by("starts_at")))


def units() -> list[Unit]:
    """Every unit down to districts and offices, in the order of the tree."""
    rows = Unit.objects.exclude(kind="beat").only("id", "name", "code", "path", "kind")
    return list(rows.order_by("path"))


def approvers(now: datetime) -> list[Member]:
    """Members who can stand for an account (policing R1): who runs accounts or leads a unit."""
    able = {
        grant.member_id
        for grant in Grant.objects.filter(starts_at__lte=now).exclude(ends_at__lte=now)
        if TABLE[Role(grant.role)] & {Deed.RUN_ACCOUNTS, Deed.TAKE_OVER}
    }
    return list(Member.objects.filter(active=True, pk__in=able).order_by("name"))
