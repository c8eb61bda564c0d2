"""Setting up and looking: `init-secrets`, `init-db`, `migrate`, `doctor`."""

import json
import os
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from callbox.commands.running import become
from callbox.running import keys
from callbox.running.config import Misconfigured, load

_SIGNS = {"good": "[green]good[/]", "warning": "[yellow]look [/]", "bad": "[red]bad  [/]"}


def init_secrets() -> None:
    """Make the installation's secrets, once. Existing ones stay."""
    try:
        config = load(os.environ)
    except Misconfigured as wrong:
        typer.echo(f"Wrong setting. {wrong}", err=True)
        raise typer.Exit(2) from None
    made = keys.make_missing(config.secrets_dir)
    typer.echo(f"{config.secrets_dir}: made {', '.join(made) or 'nothing, all are there'}.")
    typer.echo("Back this folder up, away from the database, and copy it to every machine.")


def init_db() -> None:
    """Make roles, rights and extensions in the database of DATABASE_URL."""
    become("callbox.running.prepare", "--roles-only")


def migrate() -> None:
    """Bring the tables up to this version. Safe to repeat."""
    become("callbox.running.prepare", "--no-practice")


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Look at settings, secrets, folders, database and processes; say what to do."""
    from callbox.running import doctor as looking  # noqa: PLC0415  # brings the database driver

    findings = looking.examine(os.environ)
    if as_json:
        typer.echo(json.dumps([finding.as_dict() for finding in findings], indent=2))
    else:
        console = Console(soft_wrap=True)
        for finding in findings:
            console.print(f"{_SIGNS[finding.state]} {finding.what}: {escape(finding.words)}")
            if finding.remedy:
                console.print(f"      → {escape(finding.remedy)}")
    if any(finding.state == "bad" for finding in findings):
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (init_secrets, init_db, migrate, doctor):
        app.command()(command)
