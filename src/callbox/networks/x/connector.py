"""X as a `Connector`: what each ability does is told here, how in the modules beside it."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

import httpx

from callbox.connector import (
    AccountSeen,
    Archive,
    Connector,
    HookAnswer,
    MemorySession,
    Page,
    Raw,
    Refused,
    Seen,
    Session,
    Signed,
)
from callbox.logins import (
    Barrier,
    Budget,
    Candidate,
    Identity,
    Layer,
    Located,
    Renewed,
    Scope,
    Setting,
)
from callbox.moment import now_utc
from callbox.networks.x import archive, barriers, checks, dms, hooks, needs, parse, spend
from callbox.networks.x.api import Api, path_id
from callbox.networks.x.hearing import Hearing
from callbox.networks.x.login import SERVER, Login
from callbox.networks.x.outbox import Outbox, words
from callbox.networks.x.past import Past
from callbox.networks.x.posts import SITE, Included, Post, Us
from callbox.networks.x.reach import Reach
from callbox.networks.x.spelling import POST, SPELLINGS
from callbox.networks.x.values import handle, ident
from callbox.values import mapping, text
from callbox.vocabulary import (
    AttachmentSeen,
    AuthorSeen,
    Event,
    Limits,
    Outgoing,
    Problem,
    Receipt,
    ReplyTo,
    Said,
)
from callbox.wire import Wire


class X(Connector):
    """One account on X. `transport` and `sleep` are for tests."""

    key: ClassVar[str] = "x"
    name: ClassVar[str] = "X"
    settings: ClassVar[tuple[Setting, ...]] = needs.SETTINGS
    scopes: ClassVar[tuple[Scope, ...]] = needs.SCOPES
    preparation: ClassVar[tuple[str, ...]] = needs.PREPARATION
    cannot: ClassVar[Mapping[str, str]] = needs.CANNOT
    budgets: ClassVar[tuple[Budget, ...]] = (spend.BUDGET,)
    hook_shared: ClassVar[bool] = True
    poll_seconds: ClassVar[int] = 60  # direct messages: 15 calls in 15 minutes

    def __init__(
        self,
        account: AccountSeen,
        session: Session | None = None,
        *,
        now: Callable[[], datetime] | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(account, session, now=now or now_utc)
        self._us = Us(ident(account.external_id), account.handle.lstrip("@"))
        self._transport = transport
        self._sleep = sleep

    def close(self) -> None:
        if "_wire" in self.__dict__:  # made when first needed
            self._wire.close()

    # --- connecting ---------------------------------------------------------------------------

    def identify(self) -> Identity:
        return self._identified(self._api)

    def authorize(self, back: str, state: str, verifier: str) -> str:
        return self._login.page(back, state, verifier, [one.name for one in self.scopes])

    def exchange(self, code: str, back: str, verifier: str) -> Sequence[Candidate]:
        """The one account that was logged in. The code lives for 30 seconds."""
        tokens = self._login.tokens(code, back, verifier)
        identity = self._identified(self._api_with(MemorySession(tokens)))
        return [Candidate(identity, session=tokens)]

    def renew(self) -> Renewed:
        """Nobody says when a refresh token ends; each use gives a new one."""
        self._login.ensure(self.session)
        return Renewed()

    def revoke(self) -> None:
        self._login.revoke(self.session)

    def hooks(self, url: str, *, repair: bool) -> Sequence[Layer]:
        if not self.account.secrets.get("app_token"):
            words = "Without the app's bearer token X is asked once a minute instead."
            return [Layer("Address", False, words)]
        return hooks.Hooks(self._reach, url, repair).layers()

    # --- hearing ------------------------------------------------------------------------------

    def parse(self, raw: Raw) -> Sequence[Event]:
        return parse.parse(raw, self._us)

    def fetch(self, cursor: Mapping[str, Any]) -> Page:
        return Hearing(self._reach).fetch(cursor)

    def receive_hook(self, request: Signed) -> HookAnswer:
        """What X pushes is charged like a post that is read; it is counted, and always taken."""
        needs.check_approved(self.account.config, self.now())
        secret = str(self.account.secrets.get("consumer_secret") or "")
        answer = hooks.receive(request, secret, self.now())
        self._spend.add(spend.POST_READ, min(len(answer.raws), 1), "events pushed")
        return answer

    def history(self, cursor: Mapping[str, Any]) -> Page:
        return Past(self._reach).page(cursor)

    def archive(self, folder: Archive) -> Iterator[Raw]:
        return archive.raws(folder, self._us)

    def locate(self, attachment: AttachmentSeen) -> Located:
        """Pictures of posts lie open; those of direct messages are given out by the API, to us."""
        path = dms.media_path(attachment.url)
        if not path:
            return Located(attachment.url)
        token = self._login.ensure(self.session)
        return Located(f"{self._wire.base}{path}", {"authorization": f"Bearer {token}"})

    def context(self, external_id: str) -> Sequence[Said]:
        return Past(self._reach).context(external_id)

    # --- speaking -----------------------------------------------------------------------------

    def limits(self, lane: str = "public") -> Limits:
        return checks.limits(lane, premium=self._is_premium)

    def measure(self, text: str, lane: str = "public") -> int:
        return checks.length(text, lane)

    def as_sent(self, outgoing: Outgoing) -> str:
        return words(outgoing)

    def check(self, outgoing: Outgoing) -> Sequence[Problem]:
        return checks.problems(outgoing, self.limits(outgoing.lane))

    def barrier(self, ability: str, to: ReplyTo) -> Barrier | None:
        found = super().barrier(ability, to)
        if found is not None:
            return found
        exempt = self.account.config.get("plan") == needs.ENTERPRISE
        standing = barriers.Standing(exempt, self._is_premium, self.now())
        words = barriers.why_not(ability, to, standing)
        return Barrier(words, to.permalink or SITE) if words else None

    def reply(self, outgoing: Outgoing) -> Receipt:
        return self._outbox.post(outgoing)

    def message(self, outgoing: Outgoing) -> Receipt:
        return self._outbox.message(outgoing)

    def publish(self, outgoing: Outgoing) -> Receipt:
        return self._outbox.post(outgoing)

    def find(self, outgoing: Outgoing) -> Receipt | None:
        return self._outbox.find(outgoing)

    def look(self, external_id: str) -> Seen:
        """A post, or a message, as X shows it now."""
        if external_id.startswith(dms.PREFIX):
            return self._look_at_message(external_id.removeprefix(dms.PREFIX))
        response = self._api.read(f"/2/tweets/{path_id(external_id)}", self._spelling.post_params)
        if response.status_code == 404:
            return Seen(gone=True)
        answer = self._api.decoded(self._api.checked(response))
        self._spend.add(spend.POST_READ, 1, "own posts looked at")
        if not mapping(answer.get("data")):
            return Seen(gone=True)
        post = Post(answer.get("data"), Included(answer.get("includes")))
        return Seen(gone=False, text=post.text, refs={"id": post.versions[-1]})

    def edit(self, external_id: str, outgoing: Outgoing) -> Receipt:
        if not self._is_premium:
            raise Refused(barriers.NO_EDIT)
        return self._outbox.edit(external_id, outgoing)

    def delete(self, external_id: str) -> None:
        if external_id.startswith(dms.PREFIX):
            raise Refused(barriers.NO_TAKING_BACK)
        response = self._api.deed("DELETE", f"/2/tweets/{path_id(external_id)}")
        if response.status_code != 404:
            self._api.done(response)

    def hide(self, external_id: str, root_id: str) -> None:
        self._set_hidden(external_id, hidden=True)

    def unhide(self, external_id: str, root_id: str) -> None:
        self._set_hidden(external_id, hidden=False)

    def blocked(self) -> Sequence[AuthorSeen]:
        """Everybody whom this account blocks. Each is charged as a person read."""
        found: list[AuthorSeen] = []
        params = {"max_results": "1000", "user.fields": "name,username"}
        while True:
            self._spend.check_read()
            listed = self._api.listed(f"/2/users/{self._us.id}/blocking", params)
            self._spend.add(spend.USER_READ, len(listed.items), "blocked accounts read")
            people = Included({"users": listed.items})
            found += filter(None, map(people.author, people.users))
            if not listed.next:
                return found
            params["pagination_token"] = listed.next

    # --- inside -------------------------------------------------------------------------------

    @property
    def _is_premium(self) -> bool:
        return self.account.config.get("premium") == "yes"

    @property
    def _spelling(self) -> Any:
        return SPELLINGS.get(str(self.account.config.get("spelling")), POST)

    @cached_property
    def _wire(self) -> Wire:
        """The way to X. There is none until the approval is on record (policing R15)."""
        needs.check_approved(self.account.config, self.now())
        return Wire(str(self.account.config.get("server") or SERVER), self._transport)

    @property
    def _login(self) -> Login:
        client = (
            str(self.account.config.get("client_id") or ""),
            str(self.account.secrets.get("client_secret") or ""),
        )
        return Login(self._wire, client, self.now)

    @property
    def _api(self) -> Api:
        return self._api_with(self.session)

    def _api_with(self, session: Session) -> Api:
        token = str(self.account.secrets.get("app_token") or "")
        return Api(self._wire, self._login, session, token, self.now)

    @property
    def _spend(self) -> spend.Spend:
        cap = self.account.config.get("monthly_cap_usd")
        return spend.Spend(lambda: self.meter, self.now, cap)

    @property
    def _reach(self) -> Reach:
        return Reach(self._api, self._spend, self._us, self._spelling, self.now)

    @property
    def _outbox(self) -> Outbox:
        return Outbox(self._reach, self._sleep)

    def _identified(self, api: Api) -> Identity:
        answer = api.get("/2/users/me", {"user.fields": "name,username"})
        me = mapping(answer.get("data"))
        external_id, name = ident(me.get("id")), handle(me.get("username"))
        if not external_id:
            raise Refused("X did not say which account this is.")
        self._spend.add(spend.USER_READ, 1, "login checked")
        return Identity(external_id, name, text(me.get("name")), f"{SITE}/{name}")

    def _set_hidden(self, external_id: str, *, hidden: bool) -> None:
        path = f"/2/tweets/{path_id(external_id)}/hidden"
        self._api.change("PUT", path, {"hidden": hidden})

    def _look_at_message(self, number: str) -> Seen:
        path = f"/2/dm_events/{path_id(number)}"
        response = self._api.read(path, {"dm_event.fields": "id,text,event_type,created_at"})
        if response.status_code == 404:
            return Seen(gone=True)
        answer = self._api.decoded(self._api.checked(response))
        self._spend.add(spend.DM_READ, 1, "own messages looked at")
        data = mapping(answer.get("data"))
        return Seen(gone=not data, text=text(data.get("text")))
