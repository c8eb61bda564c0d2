"""`callbox publish`: say something first, from an account, and see what became of it."""

import os
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

PATIENCE = 120.0  # seconds that an answer is waited for


def publish(
    account: Annotated[str, typer.Argument(help="Handle or id of the account.")],
    text: Annotated[str, typer.Argument(help="What is to be said.")],
    member: Annotated[str, typer.Option("--as", help="E-mail address of the member who says it.")],
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
    """Publish from an account, as a member. Exit 1 says why it did not go out."""
    from callbox.running.config import load  # noqa: PLC0415  # `--help` stays fast
    from callbox.running.server import database  # noqa: PLC0415

    pictures = list(zip(image or (), alt or (), strict=False))
    if len(pictures) != len(image or ()):
        typer.echo("Say what every picture shows: one --alt for each --image.", err=True)
        raise typer.Exit(2)
    with database(load(os.environ)):
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callbox.settings")
        import django  # noqa: PLC0415

        django.setup()
        said = {
            "text": text,
            "parts": tuple(part or ()),
            "card": link,
            "form": form,
            "publish_at": at,
            "poll": (tuple(poll), minutes) if poll else None,
        }
        problem = _publish(account, member, pictures, said)
    if problem:
        typer.echo(problem, err=True)
        raise typer.Exit(1)


def _publish(
    account: str, member: str, pictures: list[tuple[Path, str]], said: dict[str, Any]
) -> str:
    """Why it did not go out, or "" when it did."""
    from callbox.actions import publishing  # noqa: PLC0415  # after Django is set up
    from callbox.actions.doing import NotPossible  # noqa: PLC0415
    from callbox.actions.posts import DoesNotFit  # noqa: PLC0415
    from callbox.rules.access import Denied  # noqa: PLC0415
    from callbox.vocabulary import Poll  # noqa: PLC0415

    options = said.pop("poll")
    poll = Poll(*options) if options else None
    try:
        me, account_id = _who(member, account)
        ids = tuple(_added(me, path, alt) for path, alt in pictures)
        words = publishing.Words(poll=poll, picture_ids=ids, **said)
        deliveries = publishing.publish(me, account_id, words)
    except (NotPossible, DoesNotFit, Denied, LookupError, OSError) as error:
        return str(error).strip("'")
    return _watched(me.agency_id, [one.id for one in deliveries])


def _who(member: str, account: str) -> tuple[Any, Any]:
    """The member, and the account's id. Raises LookupError with words."""
    from callbox.models.accounts import Account  # noqa: PLC0415
    from callbox.models.people import Member  # noqa: PLC0415
    from callbox.moment import now_utc  # noqa: PLC0415
    from callbox.queries.people import agencies, describe  # noqa: PLC0415
    from callbox.scope import acting_for  # noqa: PLC0415

    for agency in agencies():
        with acting_for(agency):
            found = Member.objects.filter(user__email__iexact=member, active=True).first()
            if found is None:
                continue
            by_handle = Account.objects.filter(handle__iexact=account.lstrip("@"))
            one = by_handle.first() or Account.objects.filter(handle__iexact=account).first()
            if one is None:
                with suppress(ValueError):
                    one = Account.objects.filter(pk=account).first()
            if one is None:
                raise LookupError(
                    f"No account is called “{account}”. Try `callbox accounts`."
                )
            return describe(found, now_utc()), one.id
    raise LookupError(f"No member signs in as “{member}”.")


def _added(me: Any, path: Path, alt: str) -> Any:
    from callbox.actions import pictures  # noqa: PLC0415

    with path.open("rb") as file:
        return pictures.add(me, file, path.stat().st_size, alt)


def _watched(agency_id: Any, delivery_ids: list[Any]) -> str:
    """Wait until everything is settled, and say what became of each."""
    from callbox.models.posts import Delivery  # noqa: PLC0415
    from callbox.scope import acting_for  # noqa: PLC0415

    until = time.monotonic() + PATIENCE
    waiting = list(delivery_ids)
    while waiting and time.monotonic() < until:
        with acting_for(agency_id):
            rows = list(Delivery.objects.filter(pk__in=waiting).order_by("id"))
        for row in rows:
            if row.state == "sent":
                typer.echo(row.permalink or row.external_id)
            elif row.state == "failed":
                return f"It did not go out. {row.error_words}"
        waiting = [row.id for row in rows if row.state not in ("sent", "failed")]
        time.sleep(0.5)
    if waiting:
        return "It is queued, and a worker will see to it. Is one running (`callbox worker`)?"
    return ""


def register(app: typer.Typer) -> None:
    """Add to the `callbox` command."""
    app.command()(publish)
