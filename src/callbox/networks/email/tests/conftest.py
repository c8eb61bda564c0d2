"""One mail system for all tests of this folder; every test starts with empty mailboxes."""

from collections.abc import Iterator

import pytest

from callbox.networks.email.connector import Email
from callbox.networks.email.tests.make import connected
from tests.servers.mail import MailSystem, mail_system


@pytest.fixture(scope="session")
def servers() -> Iterator[MailSystem]:
    with mail_system() as running:
        yield running


@pytest.fixture
def mail(servers: MailSystem) -> MailSystem:
    servers.reset()
    return servers


@pytest.fixture
def desk(mail: MailSystem) -> Iterator[Email]:
    connector = connected(mail)
    yield connector
    connector.close()
