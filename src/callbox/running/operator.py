"""A command's ground: a database that answers, Django on it, and the member who gives the order.

What cannot be done is said in one line, without a trace, and ends with exit code 1.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from callbox.queries.people import Me

Who = Annotated[str, typer.Option("--as", help="Your work address, as you sign in with it.")]


@contextmanager
def ready() -> Iterator[None]:
    """Whatever is asked for inside has a database and Django."""
    from callbox.running.config import load  # noqa: PLC0415  # `--help` stays fast
    from callbox.running.server import database  # noqa: PLC0415

    with database(load(os.environ)):
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callbox.settings")
        import django  # noqa: PLC0415

        django.setup()
        with in_words():
            yield


@contextmanager
def in_words() -> Iterator[None]:
    """What cannot be done ends the command, in words."""
    from django.db import connections  # noqa: PLC0415  # after Django is set up

    from callbox.actions.doing import NotPossible  # noqa: PLC0415
    from callbox.actions.posts import DoesNotFit  # noqa: PLC0415
    from callbox.connector import ConnectorError  # noqa: PLC0415
    from callbox.rules.access import Denied  # noqa: PLC0415
    from callbox.sealing import CannotOpen  # noqa: PLC0415

    known = (NotPossible, DoesNotFit, ConnectorError, Denied, LookupError, CannotOpen, OSError)
    try:
        yield
    except known as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    finally:
        connections.close_all()


def member(email: str) -> "Me":
    """The member behind a work address; asked for when it is "". Raises LookupError."""
    from callbox.models.people import User  # noqa: PLC0415  # after Django is set up
    from callbox.moment import now_utc  # noqa: PLC0415
    from callbox.queries import people  # noqa: PLC0415
    from callbox.scope import acting_for  # noqa: PLC0415

    email = email or str(typer.prompt("Your work address"))
    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if user is None:
        raise LookupError(f"Nobody signs in as {email}.")
    with acting_for(user.agency_id):
        try:
            return people.me(user, now_utc())
        except people.NotAMember:
            raise LookupError(f"{email} belongs to no member.") from None
