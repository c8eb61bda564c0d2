"""The connect form as a view-model: what is asked, what was typed, and what is not right yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, tzinfo
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from callbox.actions import connecting as deeds
from callbox.actions.connecting import Wanted
from callbox.actions.doing import NotPossible
from callbox.connector import Connector
from callbox.logins import Setting
from callbox.models.accounts import Account
from callbox.models.people import Member, Unit
from callbox.queries import staffing
from callbox.queries.people import Me
from callbox.rules import connecting as rules
from callbox.web.doors import StaffRequest


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that the network needs to know. What is secret is never shown again; `kept` says
    that it is known already."""

    name: str
    label: str
    kind: str
    secret: bool
    value: str
    help: str
    required: bool
    choices: Sequence[tuple[str, str]]
    problem: str
    kept: bool


@dataclass(frozen=True, slots=True)
class Source:
    """Where answers come from that need not be typed again: an account that is connected again, one
    whose app is used too, or what this member began a moment ago."""

    again: str = ""
    like: str = ""
    begun: str = ""

    def wanted(self, me: Me, network: str) -> Wanted | None:
        """What they hold. Raises NotPossible for what is not there (any more)."""
        if self.begun:
            found = deeds.under_way(me, _uuid(self.begun)).wanted
            if found.network != network:
                raise NotPossible(_("Begin once more."))
            return found
        account = self.again or self.like
        if not account:
            return None
        return deeds.known(me, network, _uuid(account), login=bool(self.again))


@dataclass(slots=True)
class Form:
    """The page, as `staff/connect_login.html` wants it."""

    network: str
    name: str
    source: Source
    fields: Sequence[Field]
    record: Sequence[Field]
    units: Sequence[Unit]
    unit: str
    approvers: Sequence[Member]
    approver: str
    approved_on: str
    today: str
    away: bool  # the login is on the network's own page
    others: Sequence[Account] = ()
    again: Account | None = None
    problem: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)


def source_of(values: Mapping[str, str]) -> Source:
    """Where answers come from, as the address or the form names it."""
    return Source(*(str(values.get(name, ""))[:40] for name in ("again", "like", "begun")))


def typed_in(request: StaffRequest) -> dict[str, str]:
    """Everything that came with the form."""
    return {name: str(value) for name, value in request.POST.items()}


def form(
    me: Me,
    network: str,
    connector: type[Connector],
    now: datetime,
    zone: tzinfo,
    *,
    source: Source,
    typed: Mapping[str, str],
    problem: str = "",
    problems: Mapping[str, str] | None = None,
) -> Form:
    """The form with what is known. Call inside a scope. A source that is gone leaves it empty."""
    try:
        base = source.wanted(me, network)
    except NotPossible:
        base, source = None, Source()
    problems = problems or {}
    fields = [_field(one, typed, base, problems.get(one.name, "")) for one in connector.settings]
    asked = dict(zip(connector.settings, fields, strict=True))
    today = now.astimezone(zone).date()
    rows = Account.objects.filter(network=network).order_by("name")
    accounts = list(rows.exclude(state=Account.State.OFF))
    again = next((one for one in rows if str(one.id) == _again(source, base)), None)
    unit = base.unit_id if base else me.home_unit_id
    approver = base.approved_by if base and base.approved_by else me.member_id
    return Form(
        network=network,
        name=connector.name,
        source=source,
        fields=[asked[one] for one in connector.settings if not one.record],
        record=[asked[one] for one in connector.settings if one.record],
        units=staffing.units(),
        unit=typed.get("unit", str(unit or "")),
        approvers=staffing.approvers(now),
        approver=typed.get("sign_by", str(approver)),
        approved_on=typed.get("sign_on", _approved_on(base, today, zone)),
        today=today.isoformat(),
        away="authorize" in connector.abilities(),
        others=_others(accounts, connector, source),
        again=again,
        problem=problem,
        problems=problems,
    )


def _again(source: Source, base: Wanted | None) -> str:
    return source.again or (str(base.again) if base and base.again else "")


def _others(
    accounts: Sequence[Account], connector: type[Connector], source: Source
) -> Sequence[Account]:
    """Accounts whose app could be used too: what is typed there is the app's, not the account's."""
    asks = "authorize" in connector.abilities() and bool(connector.settings)
    return accounts if asks and not source.again and not source.begun else ()


def _approved_on(base: Wanted | None, today: date, zone: tzinfo) -> str:
    if base is None or base.approved_at is None:
        return today.isoformat()
    return base.approved_at.astimezone(zone).date().isoformat()


def _field(one: Setting, typed: Mapping[str, str], base: Wanted | None, problem: str) -> Field:
    stored = base.config.get(one.name, one.default) if base else one.default
    return Field(
        name=one.name,
        label=one.label,
        kind="password" if one.secret else "text" if one.kind == "path" else one.kind,
        secret=one.secret,
        value="" if one.secret else typed.get(one.name, str(stored)),
        help=one.help,
        required=one.required,
        choices=one.choices,
        problem=problem,
        kept=bool(one.secret and base and base.secrets.get(one.name)),
    )


def read(
    me: Me,
    network: str,
    connector: type[Connector],
    typed: Mapping[str, str],
    now: datetime,
    zone: tzinfo,
) -> tuple[Wanted | None, dict[str, str]]:
    """What is asked for, or what is not right yet, by field. Call inside a scope. Raises
    NotPossible for a source that is gone."""
    source = source_of(typed)
    base = source.wanted(me, network)
    names = {one.name for one in connector.settings if one.secret}
    stored = {k: v for k, v in base.secrets.items() if k in names} if base else {}
    problems = _elsewhere(connector.settings, typed, base)
    today = now.astimezone(zone).date()
    problems |= rules.faults(connector.settings, typed, frozenset(stored), today)
    unit = next((u.id for u in staffing.units() if str(u.id) == typed.get("unit", "")), None)
    if unit is None:
        problems["unit"] = _("Say which unit owns it.")
    able = staffing.approvers(now)
    approver = next((m.id for m in able if str(m.id) == typed.get("sign_by", "")), None)
    if typed.get("sign_by") and approver is None:
        problems["sign_by"] = _("Pick somebody of the list.")
    approved_at = _approved_at(typed.get("sign_on", ""), now, zone)
    if approved_at is None:
        problems["sign_on"] = _("Write a day that is not still to come.")
    if problems or unit is None:
        return None, problems
    config, secrets = rules.sorted_out(connector.settings, typed)
    again = _again(source, base)
    return Wanted(
        network,
        unit,
        config,
        {**stored, **secrets},
        approver or me.member_id,
        approved_at,
        _uuid(again) if again else None,
    ), {}


def _elsewhere(
    asked: Sequence[Setting], typed: Mapping[str, str], base: Wanted | None
) -> dict[str, str]:
    """What is wrong with where secrets would be sent."""
    config = base.config if base else {}
    problems = {}
    if base and rules.moved(asked, typed, config):
        again = _("This would go to another server than before. Type it once more.")
        names = [one.name for one in asked if one.secret and base.secrets.get(one.name)]
        problems = {name: again for name in names if not typed.get(name, "").strip()}
    if not settings.CALLBOX_PRACTICE:
        home = _("Only whoever runs this machine can connect to it: “callbox connect” does.")
        problems |= dict.fromkeys(rules.at_home(asked, typed, config), home)
    return problems


def _approved_at(typed: str, now: datetime, zone: tzinfo) -> datetime | None:
    if not typed.strip():
        return now
    try:
        day = date.fromisoformat(typed.strip())
    except ValueError:
        return None
    today = now.astimezone(zone).date()
    if day >= today:
        return now if day == today else None
    return datetime.combine(day, time(12), zone).astimezone(UTC)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotPossible(_("That account is not here.")) from error
