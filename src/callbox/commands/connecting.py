"""Accounts from a terminal: `connect`, `accounts`, `disconnect`.

The same actions as the wizard's, in the name of a member who may run accounts. Secrets are asked
for with a hidden prompt and are never arguments: arguments are in every list of processes.
"""

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from callbox.running.operator import Who, member, ready

console = Console(soft_wrap=True)


def connect(
    network: Annotated[str, typer.Argument(help="Which network, like facebook or mastodon.")],
    who: Who = "",
) -> None:
    """Connect an account: asks for what the network needs, and logs in."""
    with ready():
        from callbox.running import terminal  # noqa: PLC0415  # after Django is set up

        me = member(who)
        made = terminal.connect(me, network, console)
        for account in made:
            console.print(f"[green]Connected[/] {escape(account.handle)}  ({account.id})")


def accounts(
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Every account: how well we hear, until when its login lasts, whether webhooks are whole."""
    with ready():
        rows = _rows()
    if as_json:
        typer.echo(json.dumps(rows, indent=2, default=str))
        return
    table = Table(box=None, pad_edge=False)
    for name in ("Network", "Account", "State", "Unit", "Last heard", "Login ends", "Webhooks"):
        # In a narrow window names go over two lines, and no state or time is cut.
        table.add_column(name, no_wrap=name not in ("Account", "Unit"), overflow="fold")
    for row in rows:
        hooks = {None: "", True: "whole", False: "[yellow]not whole[/]"}[row["webhooks"]]
        shown = [row["network"], row["handle"], row["state"], row["unit"]]
        times = [f"{row[name]:%m-%d %H:%M}" if row[name] else "" for name in _TIMES]
        table.add_row(*(escape(one) for one in [*shown, *times]), hooks)
    console.print(table, soft_wrap=False)


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
    who: Who = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
) -> None:
    """Disconnect an account: ends its login and wipes its secrets. What was said stays."""
    with ready():
        from callbox.running import terminal  # noqa: PLC0415  # after Django is set up

        me = member(who)
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
