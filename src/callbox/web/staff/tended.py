"""One account as a view-model: how well we hear, until when its login lasts, what it used up, what
it was approved for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callbox.logins import Setting
from callbox.models.accounts import Account, BlindPeriod, Health
from callbox.networks import connector_class
from callbox.queries import hooks
from callbox.queries.tending import DOLLAR, Spent
from callbox.rules.text import shown
from callbox.web.staff import words
from callbox.web.staff.items import safe_url

ENDS_SOON = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Fact:
    """A short fact, with the look of its chip."""

    words: str
    look: str = ""


@dataclass(frozen=True, slots=True)
class LayerShown:
    """One subscription that webhooks need."""

    name: str
    good: bool
    words: str


@dataclass(frozen=True, slots=True)
class Bar:
    """What was used up of a budget. `cap` 0: nobody limits it."""

    label: str
    used: int
    cap: int
    words: str
    near: bool
    by: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Tended:
    """What every page says of an account."""

    id: UUID
    key: str
    url: str
    network: str
    network_name: str
    name: str
    handle: str
    profile_url: str
    state: Fact
    ending: Fact | None
    unit: str
    approval: str
    facts: Sequence[str]
    error: str
    layers: Sequence[LayerShown]
    layers_when: str
    layers_bad: bool
    hook_url: str


def tended(account: Account, now: datetime, zone: tzinfo, health: Health | None = None) -> Tended:
    """An account (with its unit and approver) and its health, if it has been read."""
    layers = health.layers if health else []
    looked = health.layers_at if health else None
    return Tended(
        id=account.id,
        key=account.id.hex[-8:],
        url=reverse("staff:account", args=[account.id]),
        network=account.network,
        network_name=words.network_name(account.network),
        name=shown(account.name),
        handle=shown(account.handle),
        profile_url=safe_url(account.profile_url),
        state=state(account, health, now, zone),
        ending=ending(health, now, zone),
        unit=account.unit.name,
        approval=approval(account, now, zone),
        facts=facts(account, health, now, zone),
        error=error(account, health),
        layers=[LayerShown(shown(x["name"]), x["good"], shown(x["words"])) for x in layers],
        layers_when=words.when(looked, now, zone) if looked else "",
        layers_bad=any(not one["good"] for one in layers),
        hook_url=_hook_url(account),
    )


def abilities_of(account: Account) -> frozenset[str]:
    """What its network can do; nothing when it is not installed any more."""
    try:
        return connector_class(account.network).abilities()
    except LookupError:
        return frozenset()


def _hook_url(account: Account) -> str:
    """Where the network calls us; "" where it does not."""
    return hooks.address(account) if "receive_hook" in abilities_of(account) else ""


def state(account: Account, health: Health | None, now: datetime, zone: tzinfo) -> Fact:
    """How well we hear through it, in a few words."""
    plain = {
        Account.State.OFF: Fact(_("Not connected"), " chip--line"),
        Account.State.DEAD: Fact(_("Has to be connected again"), " chip--late"),
        Account.State.PAUSED: Fact(_("Paused"), " chip--line"),
    }
    if account.state in plain:
        return plain[Account.State(account.state)]
    if health is not None and health.blind_since is not None:
        since = words.when(health.blind_since, now, zone)
        return Fact(_("Blind since {time}").format(time=since), " chip--late")
    if health is not None and health.failing_since is not None:
        return Fact(_("Trying again"), " chip--late")
    return Fact(_("We hear it"), " chip--ok")


def ending(health: Health | None, now: datetime, zone: tzinfo) -> Fact | None:
    """That a login ends within a week, or has ended."""
    ends_at = health.login_ends_at if health else None
    if ends_at is None or ends_at - now > ENDS_SOON:
        return None
    if ends_at <= now:
        return Fact(_("Its login has ended"), " chip--late")
    day = words.day(ends_at, now, zone)
    return Fact(_("Its login ends: {day}").format(day=day), " chip--late")


def facts(account: Account, health: Health | None, now: datetime, zone: tzinfo) -> list[str]:
    """How it is heard, in short sentences."""
    if health is None or account.state == Account.State.OFF:
        return []
    found = []
    if health.heard_at is not None:
        heard = words.when(health.heard_at, now, zone)
        found.append(_("Last heard something {time}").format(time=heard))
    if health.checked_at is not None:
        checked = words.when(health.checked_at, now, zone)
        found.append(_("Last answered us {time}").format(time=checked))
    found.append(_way(account, health))
    if health.limited_until is not None and health.limited_until > now:
        until = words.when(health.limited_until, now, zone)
        found.append(_("Asked to slow down until {time}").format(time=until))
    if health.rest_until is not None and health.rest_until > now:
        until = words.when(health.rest_until, now, zone)
        found.append(_("Asked less until {time}: a limit is near").format(time=until))
    if health.dropped:
        found.append(_("{n} not for us, not kept").format(n=health.dropped))
    return [fact for fact in found if fact]


def _way(account: Account, health: Health) -> str:
    able = abilities_of(account)
    if health.streaming:
        return _("Live stream")
    if health.layers and all(one["good"] for one in health.layers):
        return _("The network calls us")
    if "fetch" not in able:
        return _("The network calls us") if "receive_hook" in able else ""
    seconds = connector_class(account.network).poll_seconds
    if seconds >= 120:
        return _("Asked every {n} minutes").format(n=seconds // 60)
    return _("Asked every few seconds") if seconds < 60 else _("Asked once a minute")


def approval(account: Account, now: datetime, zone: tzinfo) -> str:
    """Who approved it, and when (policing R1)."""
    if account.approved_at is None:
        return ""
    day = words.day(account.approved_at, now, zone)
    if account.approved_by is None:
        return _("Approved {day}").format(day=day)
    return _("Approved by {name}, {day}").format(name=account.approved_by.called, day=day)


def error(account: Account, health: Health | None) -> str:
    """What the network said last, while something is wrong."""
    over = account.state in ("dead", "off")
    if health is None or (health.failing_since is None and not over):
        return ""
    return shown(health.error_words)


def blind(period: BlindPeriod, now: datetime, zone: tzinfo) -> str:
    """A time in which we could not hear."""
    began = words.when(period.began_at, now, zone)
    if period.ended_at is None:
        return _("Blind since {time}").format(time=began)
    ended = words.when(period.ended_at, now, zone)
    said = _("Blind from {began} to {ended}.").format(began=began, ended=ended)
    got = ngettext("{n} message fetched after.", "{n} messages fetched after.", period.recovered)
    gap = " " + _("Some could not be had any more.") if period.gap else ""
    return f"{said} {got.format(n=period.recovered)}{gap}"


def stuck_words(count: int) -> str:
    """How many arrivals are kept unread."""
    return ngettext(
        "{n} arrival could not be read. It is kept.",
        "{n} arrivals could not be read. They are kept.",
        count,
    ).format(n=count)


def bar(spent: Spent) -> Bar:
    """A budget and what was used up of it."""
    cap = spent.cap or 0
    used = _amount(spent.used, spent.budget.unit)
    of = {
        "month": _("{used} of {cap} this month"),
        "day": _("{used} of {cap} today"),
    }
    free = {"month": _("{used} this month"), "day": _("{used} today")}
    told = (of if cap else free).get(spent.budget.period, "{used}")
    return Bar(
        label=spent.budget.label,
        used=min(spent.used, cap) if cap else 0,
        cap=cap,
        words=told.format(used=used, cap=_amount(cap, spent.budget.unit)),
        near=bool(cap) and spent.used * 10 >= cap * 8,
        by=[
            (shown(what), f"{_amount(amount, spent.budget.unit)} · {times} ×")
            for what, (amount, times) in spent.by.items()
        ],
    )


def _amount(amount: int, unit: str) -> str:
    return f"${amount / DOLLAR:,.2f}" if unit == "usd_micros" else f"{amount:,}"


@dataclass(frozen=True, slots=True)
class Kept:
    """One thing that is on record about an account."""

    label: str
    value: str


def record(account: Account) -> list[Kept]:
    """What was written down when it was connected: plan, approved use, date (policing R15)."""
    try:
        asked = connector_class(account.network).settings
    except LookupError:
        return []
    return [Kept(one.label, _said(one, account)) for one in asked if one.record]


def _said(one: Setting, account: Account) -> str:
    value = str(account.config.get(one.name, ""))
    return shown(dict(one.choices).get(value, value)) or "–"
