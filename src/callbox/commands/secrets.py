"""The installation's key: `reseal` seals everything stored with the key of today."""

import typer

from callbox.running.operator import ready


def reseal() -> None:
    """Seal every stored login anew, after CALLBOX_ENCRYPTION_KEY was changed."""
    with ready():
        from callbox.actions import resealing  # noqa: PLC0415  # after Django is set up
        from callbox.queries.people import agencies  # noqa: PLC0415

        changed = sum(resealing.reseal(agency) for agency in agencies())
    typer.echo(f"{changed} secrets sealed anew. CALLBOX_OLD_ENCRYPTION_KEYS can be taken away now.")


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(reseal)
