"""Threads as a `Connector`: what each ability does is told here, how in the modules beside it."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

from callbox.connector import (
    HookAnswer,
    Page,
    Raw,
    Refused,
    Seen,
    Signed,
)
from callbox.logins import Barrier, Candidate, Identity, Renewed, Scope, Setting
from callbox.meta import signature
from callbox.meta.connector import GraphConnector
from callbox.meta.graph import Graph
from callbox.meta.values import ident
from callbox.networks.threads import about, api, around, compose, login, parse
from callbox.networks.threads.hearing import Hearing
from callbox.networks.threads.past import Past
from callbox.networks.threads.publishing import Publisher
from callbox.networks.threads.us import Us, profile
from callbox.values import Json, mapping, text
from callbox.vocabulary import Event, Limits, Outgoing, Problem, Receipt, ReplyTo, Said


class Threads(GraphConnector):
    """One profile."""

    key: ClassVar[str] = "threads"
    name: ClassVar[str] = "Threads"
    settings: ClassVar[tuple[Setting, ...]] = about.SETTINGS
    scopes: ClassVar[tuple[Scope, ...]] = login.SCOPES
    preparation: ClassVar[tuple[str, ...]] = about.PREPARATION
    cannot: ClassVar[Mapping[str, str]] = about.CANNOT
    media_by_url: ClassVar[bool] = True
    hook_shared: ClassVar[bool] = True
    poll_seconds: ClassVar[int] = 60

    @cached_property
    def _us(self) -> Us:
        return Us.of(self.account)

    def barrier(self, ability: str, to: ReplyTo) -> Barrier | None:
        found = super().barrier(ability, to)
        words = found.words if found else about.barrier(ability, to)
        place = to.permalink or profile(to.author.handle if to.author else "")
        return Barrier(words, place) if words else None

    # --- connecting ---------------------------------------------------------------------------

    def identify(self) -> Identity:
        return login.who(self._graph)

    def authorize(self, back: str, state: str, verifier: str) -> str:
        return login.Login(self, self._transport).page(back, state)

    def exchange(self, code: str, back: str, verifier: str) -> Sequence[Candidate]:
        return login.Login(self, self._transport).candidates(code, back)

    def renew(self) -> Renewed:
        return login.Login(self, self._transport).renewed()

    # --- hearing ------------------------------------------------------------------------------

    def parse(self, raw: Raw) -> Sequence[Event]:
        return parse.events(raw, self._us)

    def fetch(self, cursor: Mapping[str, Any]) -> Page:
        return Hearing(self._graph, self.now()).fetch(cursor)

    def receive_hook(self, request: Signed) -> HookAnswer:
        return signature.answered(
            request,
            secret=text(self.account.secrets.get("app_secret")),
            verify_token=text(self.account.secrets.get("hook_token")),
            whose=self._whose,
        )

    def _whose(self, body: Json) -> str:
        """Which account a call is for. Threads puts no account beside the change; what it is about
        tells where that is ours."""
        values = body.get("values")
        change = mapping(values[0] if isinstance(values, list) and values else values)
        value = mapping(change.get("value"))
        root = mapping(value.get("root_post"))
        if self._us.owns(root) or self._us.wrote(value):
            return self._us.id
        in_thread = ident(root.get("owner_id")) if change.get("field") == "replies" else ""
        return in_thread or ident(body.get("target_id")) or self._us.id

    def history(self, cursor: Mapping[str, Any]) -> Page:
        return Past(self._graph).step(cursor)

    def context(self, external_id: str) -> Sequence[Said]:
        return around.context(self._graph, self._us, external_id)

    # --- speaking -----------------------------------------------------------------------------

    def limits(self, lane: str = "public") -> Limits:
        return compose.LIMITS

    def measure(self, text: str, lane: str = "public") -> int:
        return compose.measure(text)

    def check(self, outgoing: Outgoing) -> Sequence[Problem]:
        return compose.problems(outgoing)

    def reply(self, outgoing: Outgoing) -> Receipt:
        if outgoing.reply_to is None:
            raise Refused("There is nothing to answer.")
        return self._publisher.publish(outgoing)

    def publish(self, outgoing: Outgoing) -> Receipt:
        return self._publisher.publish(outgoing)

    def find(self, outgoing: Outgoing) -> Receipt | None:
        return self._publisher.find(outgoing)

    def look(self, external_id: str) -> Seen:
        return around.look(self._graph, external_id)

    def delete(self, external_id: str) -> None:
        self._remove(external_id)

    def hide(self, external_id: str, root_id: str) -> None:
        """What stands below a reply is hidden with it."""
        self._graph.write("POST", f"/{external_id}/manage_reply", {"hide": True})

    def unhide(self, external_id: str, root_id: str) -> None:
        self._graph.write("POST", f"/{external_id}/manage_reply", {"hide": False})

    # --- parts --------------------------------------------------------------------------------

    @cached_property
    def _graph(self) -> Graph:
        return api.graph(self, self._transport)

    @property
    def _publisher(self) -> Publisher:
        return Publisher(self._graph, self.session, self.now, self._sleep)
