"""What members can do on the network to one item of a thread, and what has been done to it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callbox.connector import Connector
from callbox.models.posts import Delivery, NetworkAct
from callbox.queries.conversations import Item
from callbox.rules.text import shown
from callbox.vocabulary import Act, ActState, Deed, DeliveryState, HideReason, Lane
from callbox.web.staff.parts import Button, Mark, Reader

REASONS: Mapping[HideReason, Promise] = {
    HideReason.PRIVATE_DATA: gettext_lazy("It shows somebody’s private data"),
    HideReason.THREAT: gettext_lazy("It threatens somebody"),
    HideReason.SEXUAL: gettext_lazy("It is sexual"),
    HideReason.SPAM: gettext_lazy("It is advertising, or written by a machine"),
    HideReason.UNLAWFUL: gettext_lazy("The law forbids it"),
}
HINTS: Mapping[HideReason, Promise] = {
    HideReason.PRIVATE_DATA: gettext_lazy("An address, a number, a plate, a child’s name."),
    HideReason.THREAT: gettext_lazy("It announces harm. Tell a supervisor too, now."),
    HideReason.SEXUAL: gettext_lazy("Not merely coarse. Bad manners stay."),
    HideReason.SPAM: gettext_lazy("Not merely repeated. Somebody who asks again was not heard."),
    HideReason.UNLAWFUL: gettext_lazy("Say which law, in a few words."),
}
#: What an act is called while it is asked for, when it is done, and when it came to nothing.
_ASKED: Mapping[Act, Promise] = {
    Act.LIKE: gettext_lazy("Liking it…"),
    Act.HIDE: gettext_lazy("Hiding it…"),
    Act.UNHIDE: gettext_lazy("Showing it again…"),
    Act.CORRECT: gettext_lazy("Correcting it…"),
    Act.TAKE_DOWN: gettext_lazy("Taking it down…"),
}
_DONE: Mapping[Act, Promise] = {
    Act.LIKE: gettext_lazy("Liked by {who}, {time}"),
    Act.HIDE: gettext_lazy("Hidden by {who}, {time}"),
    Act.UNHIDE: gettext_lazy("Shown again by {who}, {time}"),
    Act.CORRECT: gettext_lazy("Corrected by {who}, {time}"),
    Act.TAKE_DOWN: gettext_lazy("Taken down by {who}, {time}"),
}
_FAILED: Mapping[Act, Promise] = {
    Act.LIKE: gettext_lazy("It could not be liked: {why}"),
    Act.HIDE: gettext_lazy("It could not be hidden: {why}"),
    Act.UNHIDE: gettext_lazy("It could not be shown again: {why}"),
    Act.CORRECT: gettext_lazy("It could not be corrected: {why}"),
    Act.TAKE_DOWN: gettext_lazy("It could not be taken down: {why}"),
}
_ICONS: Mapping[Act, str] = {
    Act.LIKE: "heart",
    Act.HIDE: "eye-off",
    Act.UNHIDE: "eye",
    Act.CORRECT: "pencil",
    Act.TAKE_DOWN: "trash-2",
}


@dataclass(frozen=True, slots=True)
class Doable:
    """What can be done to one item, and why the rest cannot."""

    buttons: Sequence[Button] = ()
    why_not: Sequence[str] = ()


def to_message(item: Item, reader: Reader, *, newest: bool) -> Doable:
    """Like, hide, show again. Why not is said once, under the newest message, unless it is about
    this message alone."""
    if item.deleted_at is not None or not reader.connected:
        return Doable()
    buttons: list[Button] = []
    reasons: list[str] = []
    hides = item.lane == Lane.PUBLIC.value
    wanted = [("like", Deed.LIKE)]
    if hides:
        wanted.append(("unhide" if item.hidden_at else "hide", Deed.HIDE))
    for ability, deed in wanted:
        barrier = item.barriers.get(ability)
        if deed not in reader.can or _under_way(item, ability):
            continue
        if ability not in item.barriers:
            reasons += [reader.lacks(ability)] if newest else []
        elif barrier is not None:
            reasons.append(shown(barrier.words))
        elif button := _button(item, ability):
            buttons.append(button)
    return Doable(buttons, list(dict.fromkeys(filter(None, reasons))))


def _under_way(item: Item, ability: str) -> bool:
    """Whether it is being done; or done for good, as a like is."""
    last = {Act(one.act): one.state for one in item.acts}
    state = last.get(Act(ability))
    return state == ActState.ASKED.value or (ability == "like" and state == ActState.DONE.value)


def _button(item: Item, ability: str) -> Button:
    if ability == "hide":
        url = reverse("staff:hide", args=[item.id])
        return Button(url, _("Hide…"), icon="eye-off", dialog=True)
    if ability == "unhide":
        return Button(reverse("staff:unhide", args=[item.id]), _("Show it again"), icon="eye")
    return Button(reverse("staff:like", args=[item.id]), _("Like"), icon="heart")


def to_reply(item: Item, delivery: Delivery, reader: Reader, *, newest: bool) -> Doable:
    """Correct and take down what we said, while it is there."""
    there = delivery.state == DeliveryState.SENT.value and delivery.gone_at is None
    if not there or not reader.connected:
        return Doable()
    waits = any(one.state == ActState.ASKED.value for one in item.acts)
    buttons: list[Button] = []
    reasons: list[str] = []
    for ability, deed, name, label, icon in (
        ("edit", Deed.REPLY, "correct", _("Correct…"), "pencil"),
        ("delete", Deed.WITHDRAW, "take_down", _("Take down…"), "trash-2"),
    ):
        if deed not in reader.can:
            continue
        barrier = item.barriers.get(ability)
        why_not = shown(barrier.words) if barrier else reader.lacks(ability)
        if not why_not and not waits:
            url = reverse(f"staff:{name}", args=[delivery.id])
            buttons.append(Button(url, label, icon=icon, dialog=True))
        elif why_not and newest:
            reasons.append(why_not)
    return Doable(buttons, reasons)


def marks(acts: Iterable[NetworkAct], reader: Reader) -> list[Mark]:
    """The last of each kind of act, in words, in the order in which they were asked for."""
    last = {Act(one.act): one for one in acts}
    if {Act.HIDE, Act.UNHIDE} <= last.keys():
        older = min(last[Act.HIDE], last[Act.UNHIDE], key=lambda one: one.asked_at)
        del last[Act(older.act)]
    return [_mark(one, reader) for one in sorted(last.values(), key=lambda one: one.asked_at)]


def _mark(one: NetworkAct, reader: Reader) -> Mark:
    act = Act(one.act)
    if one.state == ActState.DONE.value:
        time = reader.when(one.done_at or one.asked_at)
        said = str(_DONE[act]).format(who=one.member.called, time=time)
        return Mark(_ICONS[act], f"{said}{_because(one)}")
    if one.state == ActState.FAILED.value:
        said = str(_FAILED[act]).format(why=shown(one.error_words))
        again = Button(reverse("staff:act_again", args=[one.id]), _("Try again"))
        return Mark("circle-alert", said, " stand--late", [again])
    words = str(_ASKED[act])
    if one.error_words:
        words = _("{network} does not answer. We keep trying.").format(network=reader.network)
    return Mark("loader-circle", words)


def _because(one: NetworkAct) -> str:
    if not one.reason:
        return ""
    reason = str(REASONS[HideReason(one.reason)])
    return f": {reason}. {shown(one.words)}" if one.words else f": {reason}."


def lacking(network: type[Connector] | None) -> Mapping[str, str]:
    """Why a network lacks what somebody may look for in a thread."""
    names = ("like", "hide", "unhide", "edit", "delete")
    if network is None:
        return {}
    return {name: shown(why) for name in names if (why := network.why_not(name))}
