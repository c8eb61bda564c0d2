"""An agency with its own pages open, and somebody at a browser without JavaScript."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from argon2 import PasswordHasher
from django.test import Client

from callbox.actions import deliveries, posts
from callbox.models.inbox import Conversation
from callbox.models.people import Agency
from callbox.queries.people import Me
from callbox.scope import acting_for
from callbox.vocabulary import Lane, Role
from callbox.web.portal import keys
from tests import make


@dataclass(frozen=True, slots=True)
class Town:
    """An agency, and a member who answers."""

    agency: Agency
    diaz: Me

    def answer(self, conversation: Conversation, text: str) -> None:
        """Reply, and have it sent."""
        queued = posts.reply(
            self.diaz, conversation.id, text, lane=Lane.PRIVATE, language="en", hold=False
        )
        deliveries.deliver(self.agency.id, queued.id)

    def conversation(self) -> Conversation:
        """The only one."""
        with acting_for(self.agency.id):
            return Conversation.objects.get()


@pytest.fixture
def town() -> Town:
    agency = make.agency()
    make.portal_account(agency)
    return Town(agency, make.me(make.member(agency, "Rosa Diaz", Role.SUPERVISOR, "PD")))


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Argon2 at its cheapest: its slowness is the library's to test."""
    monkeypatch.setattr(keys, "_SLOW", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    keys.decoy.cache_clear()
    yield
    keys.decoy.cache_clear()


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, (address, response.status_code)
    return response.content.decode()


def ticket(client: Client, address: str) -> str:
    found = re.search(r'name="ticket" value="([^"]+)"', page(client, address))
    assert found is not None
    return found[1]


def send(client: Client, text: str, code: str = "en", **more: str) -> str:
    """Fill in the form and send it; gives the key that the next page shows."""
    form = {"ticket": ticket(client, f"/{code}/talk/"), "text": text} | more
    sent = client.post(f"/{code}/talk/", form)
    assert sent.headers["Location"] == f"/{code}/talk/sent/", sent.content.decode()[:2000]
    return shown_key(page(client, f"/{code}/talk/sent/"))


def shown_key(html: str) -> str:
    block = html.split('class="key"', 1)[1].split("</p>", 1)[0]
    return " ".join(re.findall(r"<span>(\w+)</span>", block))
