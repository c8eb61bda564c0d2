"""One Mastodon-API server for all network tests of the session, emptied for each."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from callbox.connector import AccountSeen
from callbox.networks.mastodon.connector import Mastodon
from tests.contract.fixtures import without_deadlines
from tests.servers.mastodon import MastodonServer, Resident, mastodon_server

without_deadlines()


@pytest.fixture(scope="session")
def running() -> Iterator[MastodonServer]:
    with mastodon_server() as server:
        yield server


@pytest.fixture
def mastodon(running: MastodonServer) -> MastodonServer:
    """The server, with nothing said and nothing broken."""
    running.heal()
    running.reset()
    return running


Connect = Callable[..., Mastodon]


@pytest.fixture
def connect(mastodon: MastodonServer) -> Iterator[Connect]:
    """Connectors for the department's account, closed at the end."""
    made: list[Mastodon] = []

    def connected(now: Callable[[], datetime] | None = None, **kwargs: Any) -> Mastodon:
        config, secrets = {"server": mastodon.url}, {"token": mastodon.token("dept")}
        blank = Mastodon(AccountSeen("1", "", "", config, secrets), **kwargs)
        made.append(blank)
        me = blank.identify()
        held = AccountSeen("1", me.external_id, me.handle, config, secrets)
        made.append(Mastodon(held, now=now, **kwargs))
        return made[-1]

    yield connected
    for connector in made:
        connector.close()


@pytest.fixture
def ana(mastodon: MastodonServer) -> Resident:
    return mastodon.resident("ana")


@pytest.fixture
def ben(mastodon: MastodonServer) -> Resident:
    return mastodon.resident("ben")
