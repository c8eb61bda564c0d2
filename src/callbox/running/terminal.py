"""The wizard in a terminal: asks, sends the operator to the network's page, takes the address back.

Imported after Django is set up (`callbox.commands.connecting`).
"""

from collections.abc import Sequence
from datetime import date, datetime, time
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import typer
from django.conf import settings
from rich.console import Console
from rich.markup import escape

from callbox.actions import connecting, upkeep
from callbox.actions.connecting import Wanted
from callbox.actions.doing import NotPossible
from callbox.connector import Connector
from callbox.logins import Candidate, Setting
from callbox.models.accounts import Account
from callbox.models.people import Member, Unit
from callbox.moment import now_utc
from callbox.networks import connector_class
from callbox.queries import hooks, staffing
from callbox.queries.desk import desk
from callbox.queries.people import Me
from callbox.rules import access
from callbox.rules import connecting as rules
from callbox.scope import acting_for
from callbox.vocabulary import Deed

BACK = "/staff/accounts/connect/back/"  # `staff:connect_back`; a test keeps the two equal


def connect(me: Me, network: str, console: Console) -> Sequence[Account]:
    """Ask for everything and connect. Raises LookupError, ConnectorError, NotPossible, Denied."""
    connector = connector_class(network)
    access.require(me.standing, Deed.RUN_ACCOUNTS, "", now_utc())
    _before(me, network, connector, console)
    wanted = _wanted(me, network, connector, console)
    login = any(one.login and wanted.secrets.get(one.name) for one in connector.settings)
    if "authorize" in connector.abilities() and not login:
        made = _through_the_page(me, wanted, console)
    else:
        made = [connecting.log_in(me, wanted)]
    for account in made:
        upkeep.renew(me.agency_id, account.id)
        for layer in upkeep.look_after_hooks(me.agency_id, account.id) or ():
            sign = "[green]good[/]" if layer.good else "[yellow]look[/]"
            console.print(f"{sign} {escape(layer.name)} {escape(layer.words)}")
    return made


def _before(me: Me, network: str, connector: type[Connector], console: Console) -> None:
    console.print(f"[bold]{escape(connector.name)}[/]")
    for at, step in enumerate(connector.preparation, 1):
        console.print(f"{at}. {escape(step)}")
    for scope in connector.scopes:
        console.print(f"   {escape(scope.name)}: {escape(scope.why)}")
    if "authorize" in connector.abilities():
        console.print(f"Members come back to: {settings.CALLBOX_URL}{BACK}")
    if connector.hook_shared:
        console.print(f"Webhook address: {hooks.shared_address(me.agency_id, network)}")
        console.print(f"Verify token: {hooks.token(me.agency_id, network)}")
    if not hooks.is_public():
        console.print("[yellow]This installation has no public https address[/] (CALLBOX_URL): ")
        console.print("networks cannot call it, so it asks them instead.")


def _wanted(me: Me, network: str, connector: type[Connector], console: Console) -> Wanted:
    today = now_utc().date()
    typed = {one.name: _asked(one, today, console) for one in connector.settings}
    config, secrets = rules.sorted_out(connector.settings, typed)
    with acting_for(me.agency_id):
        unit = _unit(staffing.units(), me.home_unit_id)
        approver = _approver(me, staffing.approvers(now_utc()))
        zone = desk(me).zone
    day = date.fromisoformat(_checked("Approved on", today.isoformat(), today, console))
    at = now_utc() if day == today else datetime.combine(day, time(12), zone)
    return Wanted(network, unit, config, secrets, approver, at)


def _asked(one: Setting, today: date, console: Console) -> str:
    """One answer, asked for until it fits."""
    if one.help:
        console.print(f"[dim]{escape(one.help)}[/]")
    label = one.label if one.required else f"{one.label} (if you like)"
    if one.choices:
        label += f" ({', '.join(value for value, _ in one.choices)})"
    while True:
        default = one.default if one.default or one.required else ""
        value = str(
            typer.prompt(
                label,
                default=default or ("" if not one.required else None),
                hide_input=one.secret,
                show_default=bool(default),
            )
        )
        fault = rules.faults([one], {one.name: value}, frozenset(), today).get(one.name)
        if not fault:
            return value
        console.print(f"[yellow]{escape(fault)}[/]")


def _checked(label: str, default: str, today: date, console: Console) -> str:
    return _asked(Setting("day", label, default=default, kind="date", record=True), today, console)


def _unit(units: Sequence[Unit], home: UUID | None) -> UUID:
    """The owning unit, by its code."""
    codes = {unit.code: unit.id for unit in units}
    default = next((unit.code for unit in units if unit.id == home), None)
    while True:
        code = str(typer.prompt("Which unit owns it? (its code)", default=default))
        if code in codes:
            return UUID(str(codes[code]))
        typer.echo(f"One of: {', '.join(codes)}")


def _approver(me: Me, members: Sequence[Member]) -> UUID:
    """Who approved it, by name."""
    names = {member.name: member.id for member in members}
    while True:
        name = str(typer.prompt("Approved by", default=me.name))
        if name in names:
            return UUID(str(names[name]))
        typer.echo(f"One of: {', '.join(names)}")


# --- the network's own page -------------------------------------------------------------------


def _through_the_page(me: Me, wanted: Wanted, console: Console) -> Sequence[Account]:
    back = f"{settings.CALLBOX_URL}{BACK}"
    url = connecting.leave(me, wanted, back)
    console.print("Open this page in a browser that is not signed in to Callbox, and say yes:")
    typer.echo(url)
    pasted = str(typer.prompt("Paste the address that you came back to, or the code"))
    state, code = _read(pasted.strip(), url)
    begun = connecting.come_back(me, state)
    found = connecting.exchange(me, begun, code, back)
    return connecting.pick(me, begun.id, _picked(me, wanted, found, console))


def _read(pasted: str, url: str) -> tuple[str, str]:
    """State and code of an address, or of a code alone. Raises NotPossible for a refusal."""
    sent = parse_qs(urlsplit(url).query)
    if "://" not in pasted:
        return sent.get("state", [""])[0], pasted
    query = parse_qs(urlsplit(pasted).query)
    # A page that wanted a sign-in first carries the address that it was asked for.
    if "next" in query and "code" not in query:
        query = parse_qs(urlsplit(query["next"][0]).query)
    if "code" not in query:
        why = query.get("error_description", query.get("error", ["there is no code in it"]))[0]
        raise NotPossible(f"You were not let in: {why}. Nothing was connected.")
    return query.get("state", [""])[0], query["code"][0]


def _picked(
    me: Me, wanted: Wanted, found: Sequence[Candidate], console: Console
) -> dict[str, UUID]:
    """Which accounts, each with its owning unit."""
    if len(found) == 1 and not found[0].lacking:
        return {found[0].identity.external_id: wanted.unit_id}
    for at, one in enumerate(found, 1):
        lacking = f"  [yellow]{escape(one.lacking)}[/]" if one.lacking else ""
        who = one.identity
        console.print(f"{at}. {escape(who.name or who.handle)} {escape(who.handle)}{lacking}")
    while True:
        said = str(typer.prompt("Which ones? (numbers, with commas between)"))
        numbers = [part.strip() for part in said.split(",")]
        if all(part.isdigit() and 0 < int(part) <= len(found) for part in numbers):
            break
        typer.echo(f"Numbers from 1 to {len(found)}.")
    chosen = [found[int(part) - 1] for part in numbers]
    if len(chosen) == 1:
        return {chosen[0].identity.external_id: wanted.unit_id}
    with acting_for(me.agency_id):
        units = staffing.units()
    picked = {}
    for one in chosen:
        typer.echo(one.identity.name or one.identity.handle)
        picked[one.identity.external_id] = _unit(units, wanted.unit_id)
    return picked


# --- the end ----------------------------------------------------------------------------------


def account(me: Me, named: str) -> Account:
    """An account that is connected, by its handle or id. Raises LookupError."""
    with acting_for(me.agency_id):
        rows = list(Account.objects.exclude(state=Account.State.OFF))
    found = [one for one in rows if named in (one.handle, str(one.id))]
    if not found:
        raise LookupError(f"No account that is connected is called {named}.")
    if len(found) > 1:
        ids = ", ".join(f"{one.id} ({one.network})" for one in found)
        raise LookupError(f"Several are called {named}: {ids}. Say which by its id.")
    return found[0]


def disconnect(me: Me, found: Account) -> str:
    """End it; words when the network could not be told."""
    return connecting.disconnect(me, found.id)
