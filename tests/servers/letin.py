"""A network that lets members in on its own page (OAuth 2 with PKCE), in memory: for tests of the
wizard, which registers it for as long as a test runs."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from callbox.connector import (
    AuthDead,
    Connector,
    HookAnswer,
    Page,
    Signed,
    Unavailable,
)
from callbox.logins import Budget, Candidate, Identity, Layer, Renewed, Scope, Setting
from callbox.vocabulary import AuthorSeen

PATH = "tests.servers.letin:LetIn"


@dataclass
class Town:
    """What the network knows. One for all: connectors are made anew for every call."""

    accounts: Sequence[Candidate] = ()
    codes: dict[str, str] = field(default_factory=dict)  # code → challenge
    revoked: list[str] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)
    layers: Sequence[Layer] = ()
    ends_at: datetime | None = None
    down: bool = False


TOWN = Town()


def candidate(number: int, lacking: str = "") -> Candidate:
    """An account of the town."""
    who = Identity(f"page-{number}", f"@page{number}", f"Page {number}", "https://town.example/p")
    return Candidate(who, {"token": f"token-{number}"}, {}, {"page": f"secret-{number}"}, lacking)


class LetIn(Connector):
    """The connector of a network with a login page."""

    key = "letin"
    name = "Letin"
    settings = (
        Setting("client_id", "App id", help="On the app's page."),
        Setting("client_secret", "App secret", secret=True),
        Setting("server", "Server", default="https://town.example", kind="url", required=False),
        Setting("plan", "Plan", choices=(("free", "Free"), ("paid", "Paid")), record=True),
        Setting("use", "Approved use", record=True),
        Setting("approved_on", "Use approved on", kind="date", record=True),
        Setting("cap", "Most dollars a month", kind="number", required=False),
    )
    scopes = (Scope("read", "To hear people."), Scope("write", "To answer them."))
    preparation = ("Make an app on town.example.", "Enter the addresses below.")
    cannot: ClassVar[Mapping[str, str]] = {"like": "The town has no likes."}
    budgets = (Budget("money", "Spend", "usd_micros", "month", "cap"),)
    hook_shared = True

    def identify(self) -> Identity:
        if TOWN.down:
            raise Unavailable("town.example did not answer.")
        if not self.session.read().get("token"):
            raise AuthDead("The town does not know this login.")
        return Identity(self.account.external_id, self.account.handle)

    def authorize(self, back: str, state: str, verifier: str) -> str:
        challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
        query = {"redirect_uri": back, "state": state, "code_challenge": challenge.decode()}
        return f"https://town.example/login?{urlencode(query)}"

    def exchange(self, code: str, back: str, verifier: str) -> Sequence[Candidate]:
        challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
        if TOWN.codes.pop(code, "") != challenge.decode():
            raise AuthDead("The town did not take the code. Try once more.")
        return TOWN.accounts

    def renew(self) -> Renewed:
        return Renewed(TOWN.ends_at)

    def revoke(self) -> None:
        if TOWN.down:
            raise Unavailable("town.example did not answer.")
        TOWN.revoked.append(str(self.session.read()["token"]))

    def hooks(self, url: str, *, repair: bool) -> Sequence[Layer]:
        return TOWN.layers

    def receive_hook(self, request: Signed) -> HookAnswer:
        return HookAnswer()

    def fetch(self, cursor: Mapping[str, Any]) -> Page:
        return Page([], cursor)

    def history(self, cursor: Mapping[str, Any]) -> Page:
        return Page([], cursor)

    def blocked(self) -> Sequence[AuthorSeen]:
        return [AuthorSeen(one, f"@{one}") for one in TOWN.blocked]

    def unblock(self, author_id: str) -> None:
        TOWN.blocked.remove(author_id)
