"""Where a reply of ours stands, in words: waiting, going out, there, and how we know."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callbox.models.posts import Delivery
from callbox.queries.conversations import Item
from callbox.rules.text import shown
from callbox.vocabulary import DeliveryState, Evidence, Stage
from callbox.web.staff.parts import Button, Reader, safe_url

_HOW: dict[str, Promise] = {
    Evidence.ECHO.value: gettext_lazy("the network showed it to us"),
    Evidence.FOUND.value: gettext_lazy("the network did not answer; we looked and found it"),
}


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a reply stands, in words. `how` says how we know, where it is not plain."""

    look: str
    icon: str
    words: str
    due: int = 0  # seconds since 1970, while it waits to go out
    permalink: str = ""
    acts: Sequence[Button] = ()
    copy: bool = False
    how: str = ""


def stand(item: Item, delivery: Delivery, reader: Reader) -> Stand:
    """Where a reply stands."""
    state = DeliveryState(delivery.state)
    if state is DeliveryState.QUEUED:
        return _queued(delivery, reader)
    if state is DeliveryState.FAILED:
        return _failed(delivery, reader)
    if state is DeliveryState.SENT:
        return _sent(item, delivery, reader)
    if state is DeliveryState.WITHDRAWN:
        down = delivery.external_id is not None
        words = _("We took it down.") if down else _("Taken back before it went out.")
        return Stand("", "undo-2", words)
    if state is DeliveryState.UNKNOWN:
        words = _("Nobody can say yet whether it arrived. We are looking.")
        return Stand(" stand--late", "loader-circle", words)
    return Stand("", "loader-circle", _("Going out"))


def _queued(delivery: Delivery, reader: Reader) -> Stand:
    seconds = int((delivery.due_at - reader.now).total_seconds())
    undo = Button(reverse("staff:withdraw", args=[delivery.id]), _("Undo"), "Z")
    waits = seconds > 0 and delivery.attempts == 0
    said = _("Goes out in {seconds} s").format(seconds=seconds) if waits else _("Going out")
    if delivery.attempts:
        said = _("Waits for {network}, and tries again.").format(network=reader.network)
    due = int(delivery.due_at.timestamp()) if waits else 0
    return Stand("", "clock", said, due=due, acts=[undo] if reader.withdraws else [])


def _failed(delivery: Delivery, reader: Reader) -> Stand:
    again = Button(reverse("staff:again", args=[delivery.id]), _("Try again"))
    why = shown(delivery.error_words) or _("{network} did not take it.").format(
        network=reader.network
    )
    said = _("{why} Your words are safe.").format(why=why)
    acts = [again] if reader.withdraws else []
    return Stand(" stand--late", "circle-alert", said, acts=acts, copy=True)


def _sent(item: Item, delivery: Delivery, reader: Reader) -> Stand:
    if delivery.stage == Stage.FAILED.value:
        why = shown(delivery.error_words)
        said = _("It never reached them. {why}").format(why=why)
        return Stand(" stand--late", "circle-alert", said, copy=True)
    if delivery.gone_at is not None:
        gone = _("It is not there any more, since {time}.")
        said = gone.format(time=reader.when(delivery.gone_at))
        return Stand(" stand--late", "circle-alert", said, copy=True)
    permalink = safe_url(delivery.permalink)
    how = str(_HOW.get(delivery.how, ""))
    said = _reached(delivery, reader)
    if said:
        return Stand(" stand--ok", "check-check", said, permalink=permalink, how=how)
    at = reader.when(delivery.sent_at) if delivery.sent_at else ""
    if delivery.confirmed_at is None:
        return Stand("", "check", _("Sent {time}").format(time=at), permalink=permalink, how=how)
    done = _("Delivered {time}") if item.lane == "private" else _("Public at {time}")
    return Stand(" stand--ok", "check-check", done.format(time=at), permalink=permalink, how=how)


def _reached(delivery: Delivery, reader: Reader) -> str:
    """How far the network says that it has come, where it says so."""
    if delivery.stage_at is None:
        return ""
    at = reader.when(delivery.stage_at)
    if delivery.stage == Stage.READ.value:
        return _("Read {time}").format(time=at)
    if delivery.stage == Stage.DELIVERED.value:
        return _("On their device since {time}").format(time=at)
    return ""
