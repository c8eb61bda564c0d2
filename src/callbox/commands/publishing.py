"""`callbox publish` and `callbox import`: say something first, and take in what was said before."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from callbox.running.operator import Who, member, ready


def publish(
    account: Annotated[str, typer.Argument(help="Its handle, or its id as `accounts` shows it.")],
    text: Annotated[str, typer.Argument(help="What is to be said.")],
    who: Who = "",
    part: Annotated[list[str] | None, typer.Option(help="A further post of a thread.")] = None,
    image: Annotated[list[Path] | None, typer.Option(help="A picture or a video.")] = None,
    alt: Annotated[list[str] | None, typer.Option(help="What it shows, in the same order.")] = None,
    poll: Annotated[list[str] | None, typer.Option(help="An answer to choose from.")] = None,
    minutes: Annotated[int, typer.Option(help="How long the poll stays open.")] = 1440,
    link: Annotated[str, typer.Option(help="A link that is shown as a card.")] = "",
    form: Annotated[str, typer.Option(help="post, story or reel.")] = "post",
    at: Annotated[
        datetime | None, typer.Option(help="Have the network itself publish it then (UTC).")
    ] = None,
) -> None:
    """Publish from an account, as a member, and wait for the outcome."""
    shown = list(zip(image or (), alt or (), strict=False))
    if len(shown) != len(image or ()):
        typer.echo("Say what every picture shows: one --alt for each --image.", err=True)
        raise typer.Exit(2)
    with ready():
        from callbox.actions.publishing import Words  # noqa: PLC0415  # after Django is set up
        from callbox.running import saying, terminal  # noqa: PLC0415
        from callbox.vocabulary import Poll  # noqa: PLC0415

        me = member(who)
        found = terminal.account(me, account)
        words = Words(
            text=text,
            parts=tuple(part or ()),
            picture_ids=tuple(saying.add(me, path, words) for path, words in shown),
            poll=Poll(tuple(poll), minutes) if poll else None,
            card=link,
            form=form,
            publish_at=at.replace(tzinfo=UTC) if at else None,
        )
        _end(saying.publish(me, found, words))


def take_past(
    account: Annotated[str, typer.Argument(help="Its handle, or its id as `accounts` shows it.")],
    who: Who = "",
    archive: Annotated[
        Path | None, typer.Option(help="The zip file that the network lets you download.")
    ] = None,
) -> None:
    """Take in what was said before we listened: from the network, or from its archive. Stop it with
    Ctrl-C and run it again: it goes on where it was."""
    with ready():
        from callbox.running import saying, terminal  # noqa: PLC0415  # after Django is set up

        me = member(who)
        _end(saying.take_past(me, terminal.account(me, account), archive))


def _end(problem: str) -> None:
    if problem:
        typer.echo(problem, err=True)
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(publish)
    app.command("import")(take_past)
