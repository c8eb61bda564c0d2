"""The installation's key: `reseal` seals everything stored with the key of today."""

import os

import typer


def reseal() -> None:
    """Seal every stored login anew, after CALLBOX_ENCRYPTION_KEY was changed."""
    from callbox.running.config import load  # noqa: PLC0415  # `--help` stays fast
    from callbox.running.server import database  # noqa: PLC0415

    with database(load(os.environ)):
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callbox.settings")
        import django  # noqa: PLC0415

        django.setup()
        from callbox.actions import resealing  # noqa: PLC0415  # after Django is set up
        from callbox.queries.people import agencies  # noqa: PLC0415
        from callbox.sealing import CannotOpen  # noqa: PLC0415

        try:
            changed = sum(resealing.reseal(agency) for agency in agencies())
        except CannotOpen as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from None
    typer.echo(f"{changed} secrets sealed anew. CALLBOX_OLD_ENCRYPTION_KEYS can be taken away now.")


def register(app: typer.Typer) -> None:
    """Add to the `callbox` command."""
    app.command()(reseal)
