"""The record: `verify` checks the whole ledger."""

import json
import os
from typing import Annotated, Any

import typer
from rich.console import Console

MOST_SHOWN = 20


def _on_our_database() -> None:
    """Set Django up; without DATABASE_URL, on the server that `callbox serve` runs in this home."""
    from callbox.running.config import APP_ROLE, load  # noqa: PLC0415  # fast --help

    config = load(os.environ)
    if not config.database_url:
        from callbox.running.postgres import Cluster  # noqa: PLC0415

        os.environ["DATABASE_URL"] = Cluster(config.home).url(APP_ROLE)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callbox.settings")
    import django  # noqa: PLC0415

    django.setup()


def verify(
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Check every entry of the ledger against its chain and seals. Exit 1 names what is wrong."""
    _on_our_database()
    from django.db import OperationalError  # noqa: PLC0415

    from callbox import sealer  # noqa: PLC0415
    from callbox.models.people import Agency  # noqa: PLC0415

    console = Console(stderr=as_json, soft_wrap=True)
    try:
        agencies = list(Agency.objects.order_by("created_at"))
    except OperationalError:
        typer.echo("There is no database to check. Start Callbox, or set DATABASE_URL.", err=True)
        raise typer.Exit(2) from None
    found: list[dict[str, Any]] = []
    with console.status("Checking the ledger") as status:
        for agency in agencies:
            status.update(f"Checking the ledger of {agency.name}")
            found.append({"agency": agency.name, "checked": sealer.verify(agency.id)})
    _say(found, console, as_json=as_json)
    if any(one["checked"].faults for one in found):
        raise typer.Exit(1)


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
