"""A town with one member of every role, a neighbour, and somebody of another agency; built once for
all tests of a file, each of which is undone."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from callbox import sql
from callbox.models.inbox import Conversation
from callbox.models.people import Agency, Member, User
from callbox.networks.practice.street import Street
from callbox.queries.people import Me
from callbox.scope import acting_for
from callbox.vocabulary import Role
from tests import make

RANKS = {Role.OFFICER: "Ofc.", Role.SUPERVISOR: "Sgt."}


@dataclass
class Place:
    """The town, and browsers in which its members are signed in."""

    town: make.Town
    other: Agency
    file: Path  # the practice network
    members: dict[str, Member] = field(default_factory=dict)

    def client(self, who: str) -> Client:
        """A browser; `who` is a role, "neighbour", "stranger" or "" for nobody."""
        client = Client()
        if who:
            client.force_login(User.objects.get(pk=self.members[who].user_id))
        return client

    def me(self, who: str) -> Me:
        return make.me(self.members[who])

    def hear(self, handle: str, text: str, name: str = "") -> Conversation:
        """Somebody writes to the 11th District."""
        self.town.street.join(handle, name or handle.title())
        self.town.street.post(handle, f"@pd11 {text}")
        self.town.collect()
        with acting_for(self.town.agency.id):
            return Conversation.objects.filter(author__handle=handle).latest("id")

    def again(self, pk: UUID) -> Conversation:
        with acting_for(self.town.agency.id):
            return Conversation.objects.get(pk=pk)


@pytest.fixture(scope="module")
def built(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Place]:
    folder: Path = tmp_path_factory.mktemp("town")
    with django_db_blocker.unblock(), transaction.atomic():
        town = make.town(folder)
        town.street.close()
        place = Place(town, make.agency("springfield"), folder / "chicago.sqlite3")
        shutil.copy(place.file, folder / "before")
        for role in Role:
            code = "011" if role in RANKS else "PD"
            name = f"Pat {role.value.replace('_', '').title()}"
            rank = RANKS.get(role, "")
            place.members[role.value] = make.member(town.agency, name, role, code, rank=rank)
        place.members["neighbour"] = make.member(town.agency, "Nia Neighbour", Role.OFFICER, "007")
        place.members["stranger"] = make.member(place.other, "Sue Stranger", Role.SUPERVISOR, "PD")
        yield place
        transaction.set_rollback(True)


@pytest.fixture
def place(built: Place, django_db_blocker: DjangoDbBlocker) -> Iterator[Place]:
    """The town as it was built, with an empty street."""
    shutil.copy(built.file.with_name("before"), built.file)
    built.town = replace(built.town, street=Street(built.file))
    with django_db_blocker.unblock(), transaction.atomic():
        yield built
        transaction.set_rollback(True)
    built.town.street.close()


@dataclass
class Count:
    """Statements that a block of code ran."""

    statements: list[str] = field(default_factory=list)


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """Counts statements: Django's own, and those that `callbox.sql` runs beside it."""

    @contextmanager
    def block() -> Iterator[Count]:
        count = Count()

        def django(execute: Any, statement: str, *rest: Any) -> Any:
            count.statements.append(statement)
            return execute(statement, *rest)

        real = sql.rows

        def ours(statement: str, values: Any) -> Any:
            count.statements.append(statement)
            return real(statement, values)

        with monkeypatch.context() as patch, connection.execute_wrapper(django):
            patch.setattr(sql, "rows", ours)
            yield count

    return block
