"""The record: `verify` checks the whole ledger."""

import json
import os
from typing import Annotated, Any

import typer
from rich.console import Console

MOST_SHOWN = 20


def verify(
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Check every entry of the ledger against its chain and seals. Exit 1 names what is wrong."""
    from callbox.running.config import load  # noqa: PLC0415  # `--help` stays fast
    from callbox.running.server import database  # noqa: PLC0415

    with database(load(os.environ)):
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callbox.settings")
        import django  # noqa: PLC0415

        django.setup()
        found = _checked(Console(stderr=as_json, soft_wrap=True))
    _say(found, Console(soft_wrap=True), as_json=as_json)
    if any(one["checked"].faults for one in found):
        raise typer.Exit(1)


def _checked(console: Console) -> list[dict[str, Any]]:
    """Every agency's ledger, checked."""
    from django.db import OperationalError, connections  # noqa: PLC0415  # after Django is set up

    from callbox import sealer  # noqa: PLC0415
    from callbox.models.people import Agency  # noqa: PLC0415

    found: list[dict[str, Any]] = []
    try:
        with console.status("Checking the ledger") as status:
            for agency in Agency.objects.order_by("created_at"):
                status.update(f"Checking the ledger of {agency.name}")
                found.append({"agency": agency.name, "checked": sealer.verify(agency.id)})
    except OperationalError:
        typer.echo("There is no database to check. Look at DATABASE_URL.", err=True)
        raise typer.Exit(2) from None
    finally:
        connections.close_all()
    return found


def _say(found: list[dict[str, Any]], console: Console, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps([_plain(one) for one in found], indent=2))
        return
    for one in found:
        checked = one["checked"]
        console.print(
            f"{one['agency']}: {checked.entries:,} entries in {checked.seals:,} seals, "
            f"{checked.unsealed:,} not sealed yet."
        )
        for fault in checked.faults[:MOST_SHOWN]:
            place = f"position {fault.position}" if fault.position else "outside the chain"
            console.print(f"  [red]{place}[/] {fault.entry_id or ''}: {fault.words}")
        if len(checked.faults) > MOST_SHOWN:
            console.print(f"  and {len(checked.faults) - MOST_SHOWN:,} more.")
        if not checked.faults:
            console.print("  [green]Everything is as it was sealed.[/]")


def _plain(one: dict[str, Any]) -> dict[str, Any]:
    checked = one["checked"]
    return {
        "agency": one["agency"],
        "entries": checked.entries,
        "seals": checked.seals,
        "unsealed": checked.unsealed,
        "faults": [
            {
                "position": fault.position,
                "entry": str(fault.entry_id) if fault.entry_id else None,
                "words": fault.words,
            }
            for fault in checked.faults
        ],
    }


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(verify)
