"""A stream is held for as long as the login that it was opened with."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from callbox.actions import accounts
from callbox.actions.doing import now_utc
from callbox.connector import Raw
from callbox.jobs import listeners
from callbox.models.accounts import Account, Health
from callbox.scope import acting_for
from tests import make


class Line:
    """A stream on which something comes after something else has happened here."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        self._meanwhile = meanwhile

    def listen(self) -> Iterator[Raw | None]:
        yield None
        self._meanwhile()
        yield Raw("note", b"{}")

    def close(self) -> None:
        """Nothing is open."""


def change(town: make.Town, **values: Any) -> None:
    with acting_for(town.agency.id):
        Account.objects.filter(pk=town.account.pk).update(**values)


@pytest.mark.parametrize(
    ("values", "heard"),
    [
        ({}, 1),
        ({"state": Account.State.PAUSED}, 0),
        ({"state": Account.State.OFF, "secrets": b""}, 0),
        ({"connected_at": now_utc()}, 0),  # connected again, with another login
    ],
)
def test_a_line_ends_with_its_login(
    town: make.Town, monkeypatch: pytest.MonkeyPatch, values: dict[str, Any], heard: int
) -> None:
    taken: list[Raw] = []
    line = Line(lambda: change(town, **values))
    monkeypatch.setattr(listeners, "connector_for", lambda account: line)
    monkeypatch.setattr(accounts, "collect", lambda agency_id, account_id: None)
    monkeypatch.setattr(accounts, "streamed", lambda account, raw: taken.append(raw))
    with acting_for(town.agency.id):
        account = Account.objects.get(pk=town.account.pk)
    assert listeners._listen_once(account, threading.Event())
    assert len(taken) == heard
    with acting_for(town.agency.id):
        assert not Health.objects.get(account=account).streaming
