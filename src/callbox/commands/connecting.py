"""Accounts from a terminal: `connect`, `accounts`, `disconnect`.

The same actions as the wizard's, in the name of a member who may run accounts. Secrets are asked
for with a hidden prompt and are never arguments: arguments are in every list of processes.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from callbox.queries.people import Me

Who = Annotated[str, typer.Option("--as", help="Your work address, as you sign in with it.")]
console = Console(soft_wrap=True)


@contextmanager
def _ready() -> Iterator[None]:
    """A database that answers, and Django on it. What cannot be done is said without a trace."""
    from callbox.running.config import load  # noqa: PLC0415  # `--help` stays fast
    from callbox.running.server import database  # noqa: PLC0415

    with database(load(os.environ)):
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callbox.settings")
        import django  # noqa: PLC0415

        django.setup()
        from django.db import connections  # noqa: PLC0415  # after Django is set up

        from callbox.actions.doing import NotPossible  # noqa: PLC0415
        from callbox.connector import ConnectorError  # noqa: PLC0415
        from callbox.rules.access import Denied  # noqa: PLC0415

        try:
            yield
        except (NotPossible, ConnectorError, Denied, LookupError) as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from None
        finally:
            connections.close_all()


def _member(email: str) -> "Me":
    """The member behind a work address. Raises LookupError."""
    from callbox.models.people import User  # noqa: PLC0415  # after Django is set up
    from callbox.moment import now_utc  # noqa: PLC0415
    from callbox.queries import people  # noqa: PLC0415
    from callbox.scope import acting_for  # noqa: PLC0415

    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if user is None:
        raise LookupError(f"Nobody signs in as {email}.")
    with acting_for(user.agency_id):
        try:
            return people.me(user, now_utc())
        except people.NotAMember:
            raise LookupError(f"{email} belongs to no member.") from None


def connect(
    network: Annotated[str, typer.Argument(help="Which network, like facebook or mastodon.")],
    member: Who = "",
) -> None:
    """Connect an account: asks for what the network needs, and logs in."""
    with _ready():
        from callbox.running import terminal  # noqa: PLC0415  # after Django is set up

        me = _member(member or typer.prompt("Your work address"))
        made = terminal.connect(me, network, console)
        for account in made:
            console.print(f"[green]Connected[/] {escape(account.handle)}  ({account.id})")


def accounts(
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Every account: how well we hear, until when its login lasts, whether webhooks are whole."""
    with _ready():
        rows = _rows()
    if as_json:
        typer.echo(json.dumps(rows, indent=2, default=str))
        return
    table = Table(box=None, pad_edge=False)
    for name in ("Network", "Account", "State", "Unit", "Last heard", "Login ends", "Webhooks"):
        table.add_column(name)
    for row in rows:
        hooks = {None: "", True: "whole", False: "[yellow]not whole[/]"}[row["webhooks"]]
        shown = [row["network"], row["handle"], row["state"], row["unit"]]
        times = [f"{row[name]:%Y-%m-%d %H:%M}" if row[name] else "" for name in _TIMES]
        table.add_row(*(escape(one) for one in [*shown, *times]), hooks)
    console.print(table)


_TIMES = ("heard_at", "login_ends_at")


def _rows() -> list[dict[str, Any]]:
    from callbox.queries import hearing, people  # noqa: PLC0415  # after Django is set up
    from callbox.scope import acting_for  # noqa: PLC0415

    found: list[dict[str, Any]] = []
    for agency in people.agencies():
        with acting_for(agency):
            for one in hearing.overview():
                account, health = one.account, one.health
                layers = health.layers if health else []
                found.append(
                    {
                        "id": str(account.id),
                        "network": account.network,
                        "handle": account.handle,
                        "name": account.name,
                        "state": account.state,
                        "unit": account.unit.name,
                        "heard_at": health.heard_at if health else None,
                        "checked_at": health.checked_at if health else None,
                        "blind_since": health.blind_since if health else None,
                        "login_ends_at": health.login_ends_at if health else None,
                        "webhooks": all(x["good"] for x in layers) if layers else None,
                        "unread": one.stuck,
                    }
                )
    return found


def disconnect(
    account: Annotated[str, typer.Argument(help="Its handle, or its id as `accounts` shows it.")],
    member: Who = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
) -> None:
    """Disconnect an account: ends its login and wipes its secrets. What was said stays."""
    with _ready():
        from callbox.running import terminal  # noqa: PLC0415  # after Django is set up

        me = _member(member or typer.prompt("Your work address"))
        found = terminal.account(me, account)
        if not yes:
            typer.confirm(f"Disconnect {found.handle}? What was said stays.", abort=True)
        why = terminal.disconnect(me, found)
        console.print(f"Disconnected {escape(found.handle)}.")
        if why:
            console.print(f"[yellow]The network could not be told:[/] {escape(why)}")
            console.print("End the login there too.")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (connect, accounts, disconnect):
        app.command()(command)
