"""The city's last week, played turn by turn: residents speak on the practice network and through
our own form, members act by the same deeds as on any day.

Turns are played in the order of time, all conversations side by side, so that the ledger reads as a
ledger does, and each at its own moment (`callbox.moment`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from callbox.actions import arrivals, conversations, deliveries, health, portal, posts
from callbox.connector import Connector
from callbox.ids import new_id
from callbox.models.accounts import Account
from callbox.models.inbox import Message
from callbox.moment import at, now_utc
from callbox.networks.practice.street import Street
from callbox.practice_city.checks import PORTAL
from callbox.practice_city.plans import (
    Assigns,
    City,
    Closes,
    ConversationPlan,
    Deletes,
    Edits,
    Labels,
    Notes,
    PostPlan,
    Replies,
    Says,
    Turn,
)
from callbox.queries.accounts import connector_for
from callbox.queries.people import Me
from callbox.vocabulary import Disposition, Intent, Lane

_HELD = timedelta(seconds=12)  # a reply can be taken back for ten seconds, then goes out
_READ_BACK = timedelta(seconds=16)
# The doors of our own page, by what the resident came for; "concern" for everything else.
_DOORS = {Intent.QUESTION: "question", Intent.EVENT: "question", Intent.PRAISE: "thank"}


@dataclass(slots=True)
class Ears:
    """An account of ours, and how far it has been heard."""

    account: Account
    connector: Connector
    cursor: Mapping[str, object] = field(default_factory=dict)

    def hear(self) -> UUID:
        """Take in what the network has to tell; the conversation that it belongs to."""
        page = self.connector.fetch(self.cursor)
        self.cursor = page.cursor
        return next(iter(arrivals.take_in(self.account, page.items, "poll").conversations))

    def close(self, now: datetime) -> None:
        """Leave the account as a collector would that has just polled it."""
        arrivals.store(self.account, [], "poll", cursor=self.cursor)
        health.answered(self.account, now)
        self.connector.close()


@dataclass(slots=True)
class Thread:
    """What a conversation has come to: its row, and ids on the network."""

    conversation_id: UUID
    first: str  # the resident's first message
    latest: str  # the resident's newest message
    answer: str = ""  # our newest answer


class Past:
    """Plays a city's history once. `posts` then holds the ids of our posts on the network."""

    def __init__(
        self,
        city: City,
        street: Street,
        accounts: Mapping[str, Account],
        members: Mapping[str, Me],
        units: Mapping[str, UUID],
    ) -> None:
        self._city = city
        self._street = street
        self._ears = {key: Ears(one, connector_for(one)) for key, one in accounts.items()}
        self._members = members
        self._units = units
        self._threads: dict[str, Thread] = {}
        self.posts: dict[str, str] = {}

    def play(self, now: datetime) -> None:
        """Everything, from the first post to `now`."""
        steps: list[tuple[int, Callable[[], None]]] = [
            (post.ago, partial(self._publish, post)) for post in self._city.posts.values()
        ]
        for plan in self._city.conversations.values():
            steps += [(turn.ago, partial(self._turn, plan, turn)) for turn in plan.turns]
        for ago, step in sorted(steps, key=lambda pair: -pair[0]):
            with at(now - timedelta(minutes=ago)):
                step()
        for ears in self._ears.values():
            ears.close(now)

    def _publish(self, post: PostPlan) -> None:
        handle = self._city.accounts[post.account].handle
        self.posts[post.key] = self._street.post(handle, post.text, post.language).id

    def _turn(self, plan: ConversationPlan, turn: Turn) -> None:
        match turn:
            case Says():
                self._says(plan, turn)
            case Edits():
                self._street.edit(self._handle(plan), self._threads[plan.key].latest, turn.text)
                self._ears[plan.account].hear()
            case Deletes():
                self._street.delete(self._handle(plan), self._threads[plan.key].latest)
                self._ears[plan.account].hear()
            case _:
                self._deed(plan, turn, self._members[turn.by])

    # --- what residents do --------------------------------------------------------------------

    def _handle(self, plan: ConversationPlan) -> str:
        return self._city.residents[plan.resident].handle

    def _says(self, plan: ConversationPlan, turn: Says) -> None:
        thread = self._threads.get(plan.key)
        if self._city.accounts[plan.account].network == PORTAL:
            home, said = self._by_form(plan, turn, thread)
        else:
            said = self._on_network(plan, turn, thread)
            home = self._ears[plan.account].hear()
        if thread is None:
            self._threads[plan.key] = Thread(home, said, said)
        else:
            thread.latest = said

    def _on_network(self, plan: ConversationPlan, turn: Says, thread: Thread | None) -> str:
        """Write as the resident would: below our answer, below our post, in private, or freely."""
        handle, language = self._handle(plan), plan.language
        if plan.lane is Lane.PRIVATE:
            to = self._city.accounts[plan.account].handle
            return self._street.direct(handle, to, turn.text, language).id
        below = (thread and (thread.answer or thread.latest)) or ""
        if plan.post and not (thread and thread.answer):
            below = self.posts[plan.post]
        if not below:
            return self._street.post(handle, turn.text, language).id
        return self._street.reply(handle, below, turn.text, language).id

    def _by_form(
        self, plan: ConversationPlan, turn: Says, thread: Thread | None
    ) -> tuple[UUID, str]:
        account = self._ears[plan.account].account
        form = portal.Form(
            id=str(new_id()),
            text=turn.text,
            language=plan.language,
            name=self._city.residents[plan.resident].name,
            door=_DOORS.get(plan.intent, "concern"),
            follow_up_of=thread.first if thread else "",
        )
        portal.take(account, form)
        messages = Message.objects.filter(account=account, external_id=form.id)
        return messages.values_list("conversation_id", flat=True).get(), form.id

    # --- what members do ----------------------------------------------------------------------

    def _deed(
        self, plan: ConversationPlan, turn: Replies | Notes | Assigns | Labels | Closes, me: Me
    ) -> None:
        home = self._threads[plan.key].conversation_id
        match turn:
            case Replies():
                self._reply(plan, turn, me)
            case Notes():
                conversations.note(me, home, turn.text)
            case Assigns():
                to = self._members[turn.to].member_id if turn.to else None
                desk = self._units[turn.unit] if turn.unit else None
                conversations.assign(me, home, member_id=to, unit_id=desk)
            case Labels():
                conversations.relabel(me, home, intent=turn.intent, urgency=turn.urgency)
            case Closes(disposition=Disposition.MERGED):
                conversations.merge(me, home, self._threads[turn.into].conversation_id)
            case Closes():
                conversations.close(
                    me, home, turn.disposition, reason=turn.reason, words=turn.words
                )

    def _reply(self, plan: ConversationPlan, turn: Replies, me: Me) -> None:
        """Write, send, and read back, as the worker does a few seconds later."""
        thread, written = self._threads[plan.key], now_utc()
        delivery = posts.reply(
            me, thread.conversation_id, turn.text, lane=plan.lane, language=turn.language
        )
        with at(written + _HELD):
            deliveries.deliver(me.agency_id, delivery.id)
        with at(written + _READ_BACK):
            deliveries.confirm(me.agency_id, delivery.id)
        delivery.refresh_from_db(fields=["external_id"])
        thread.answer = delivery.external_id or ""
