"""Telegram for the contract suite: our bot at a stand-in, and Ana in private or in a group."""

import json
from collections.abc import Sequence
from typing import Any

from callbox.connector import AccountSeen, Raw, Session, Signed
from callbox.networks.telegram.connector import Telegram
from callbox.vocabulary import Outgoing, Said
from tests.contract.answers import answer_to
from tests.contract.harness import EDIT, SAY_PRIVATE, SAY_PUBLIC, StandInHarness
from tests.servers.standin import Fault
from tests.servers.telegram import BOT, TOKEN, refusal
from tests.servers.telegram import Telegram as Server

HOOK_URL = "https://callbox.example/hooks/a/b/"
HOOK_TOKEN = "our-hook-token"


class TelegramHarness(StandInHarness):
    """Our bot, asking for its updates; `connector(hook_url=...)` waits for them instead."""

    network = "telegram"
    residents_can = frozenset({SAY_PUBLIC, SAY_PRIVATE, EDIT})
    secrets = (TOKEN, HOOK_TOKEN)
    tells_what_it_sent = False
    write_path = "*/send*"

    def __init__(self) -> None:
        self.server = Server()
        super().__init__(self.server)

    def connector(self, session: Session | None = None, **config: Any) -> Telegram:
        account = AccountSeen(
            "1",
            str(BOT["id"]),
            f"@{BOT['username']}",
            {"server": self.server.url, "channel": "@d7news", **config},
            {"token": TOKEN, "hook_token": HOOK_TOKEN},
        )
        return self.kept(Telegram(account, session))

    # --- the resident --------------------------------------------------------------------------

    def say(self, text: str, *, private: bool = False) -> str:
        if private:
            return self.server.private(text)
        return self.server.in_group(f"@district7_bot {text}")

    def edit(self, external_id: str, text: str) -> None:
        self.server.edit(external_id, text)

    def hook(self) -> Signed:
        self.connector().hooks(HOOK_URL, repair=True)
        self.server.private("Is the desk open on Sunday?")
        request = self.server.hooks.pop()
        self.server.hook = {}
        return request

    def kind_of(self, name: str) -> str:
        return "update"

    # --- what goes out --------------------------------------------------------------------------

    def answer(self, to: str, text: str, key: str) -> Outgoing:
        return answer_to(self.said(to), text, key)

    def said(self, external_id: str) -> Said:
        """What Ana said, as our reader sees it."""
        update = {"update_id": 1, "message": self.server.find(external_id)}
        (event,) = self.connector().parse(Raw("update", json.dumps(update).encode()))
        assert isinstance(event, Said)
        return event

    def said_by_us(self) -> Sequence[str]:
        return [one.get("text") or one.get("caption", "") for one in self.server.sent]

    # --- faults ---------------------------------------------------------------------------------

    def break_publishing(self) -> None:
        """A post in the channel is told of: its copy in the discussion is shown to the bot."""
        self.tells_what_it_sent = True
        super().break_publishing()

    def limit_next(self, seconds: int) -> None:
        words = f"Too Many Requests: retry after {seconds}"
        self.server.fault("*", "*", Fault(refusal(429, words, retry_after=seconds)))

    def down_next(self) -> None:
        self.server.fault("*", "*", Fault(refusal(503, "Service Unavailable")))

    def revoke(self) -> None:
        self.server.dead = True


HARNESS = TelegramHarness
