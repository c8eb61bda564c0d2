"""Deeds on the network itself: like, hide and show, correct, take down; and "I answered it there".
What asks first is a page with one form, which pages of ours show as a dialog."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from callbox.actions import acts, by_hand
from callbox.actions.doing import NotPossible
from callbox.actions.posts import DoesNotFit
from callbox.models.inbox import Conversation, Message
from callbox.models.posts import Delivery
from callbox.moment import now_utc
from callbox.rules import access
from callbox.rules.access import Denied
from callbox.rules.text import shown
from callbox.scope import acting_for
from callbox.vocabulary import Act, Deed, HideReason, Lane
from callbox.web import doors
from callbox.web.doors import StaffRequest
from callbox.web.staff import acted, dialogs, words
from callbox.web.staff.answers import Toast, deed, done
from callbox.web.staff.conversation import found
from callbox.web.staff.dialogs import Choice, Question, Sheet


@dataclass(frozen=True, slots=True)
class About:
    """What a deed is about, and where it stands."""

    conversation: Conversation
    message: Message | None = None
    delivery: Delivery | None = None


Read = Callable[[StaffRequest, UUID, datetime], About]
Ask = Callable[[StaffRequest, About], Sheet]
Do = Callable[[StaffRequest, About], HttpResponse]


def _of_message(request: StaffRequest, pk: UUID, now: datetime) -> About:
    message = Message.objects.filter(pk=pk).first()
    if message is None:
        raise Http404("This message is not here.")
    return About(found(request, message.conversation_id, now), message=message)


def _of_delivery(request: StaffRequest, pk: UUID, now: datetime) -> About:
    delivery = Delivery.objects.select_related("post").filter(pk=pk).first()
    if delivery is None or delivery.conversation_id is None:
        raise Http404("This reply is not here.")
    return About(found(request, delivery.conversation_id, now), delivery=delivery)


def _of_conversation(request: StaffRequest, pk: UUID, now: datetime) -> About:
    return About(found(request, pk, now))


def _dialog(needs: Deed, read: Read, ask: Ask, do: Do) -> Any:
    """The two halves of a dialog under one address: GET asks, POST does."""

    def asked(request: StaffRequest, pk: UUID) -> HttpResponse:
        now = now_utc()
        about = read(request, pk, now)
        access.require(request.me.standing, needs, about.conversation.unit.path, now)
        return dialogs.shown_(request, ask(request, about), 200)

    def done_(request: StaffRequest, pk: UUID) -> HttpResponse:
        with acting_for(request.me.agency_id):
            about = read(request, pk, now_utc())
        try:
            return do(request, about)
        except (NotPossible, Denied, DoesNotFit) as error:
            with acting_for(request.me.agency_id):
                sheet = ask(request, about)
                sheet.problem = str(error)
                return dialogs.shown_(request, sheet, 422)

    reading, doing = doors.page(needs)(asked), doors.deed(needs)(done_)

    @require_http_methods(["GET", "POST"])
    def view(request: HttpRequest, pk: UUID) -> Any:
        return (doing if request.method == "POST" else reading)(request, pk=pk)

    return view


def _sheet(about: About, url: str, title: str, verb: str, *asked: Question) -> Sheet:
    back = reverse("staff:conversation", args=[about.conversation.id])
    return Sheet(title=title, url=url, verb=verb, questions=asked, back=back)


def _said(request: StaffRequest, name: str, most: int = 400) -> str:
    return str(request.POST.get(name, ""))[:most].replace("\r\n", "\n")


def _network(about: About) -> str:
    return words.network_name(about.conversation.account.network)


# --- like, show again, try again: nothing to ask ----------------------------------------------


@deed(Deed.LIKE)
def like(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Mark a resident's message as liked by us."""
    asked = acts.ask(request.me, Act.LIKE, message_id=pk)
    return done(request, Toast(_("Liked in a moment."), asked.conversation_id or ""))


@deed(Deed.HIDE)
def unhide(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Show a hidden message again."""
    asked = acts.ask(request.me, Act.UNHIDE, message_id=pk)
    return done(request, Toast(_("Shown again in a moment."), asked.conversation_id or ""))


@deed(Deed.READ)
def act_again(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Try once more what came to nothing. The action knows which deed it needs."""
    asked = acts.again(request.me, pk)
    return done(request, Toast(_("We try again now."), asked.conversation_id or ""))


# --- hide -------------------------------------------------------------------------------------


def _ask_hide(request: StaffRequest, about: About) -> Sheet:
    picked = _said(request, "reason")
    ways = [
        Choice(r.value, str(acted.REASONS[r]), str(acted.HINTS[r]), r.value == picked)
        for r in HideReason
    ]
    title = _("Which published rule does it break?")
    pk = about.message.id if about.message else ""
    sheet = _sheet(
        about,
        reverse("staff:hide", args=[pk]),
        title,
        _("Hide it"),
        Question("reason", title, "radio", ways),
        Question(
            "words",
            _("In a few words"),
            "text",
            value=_said(request, "words"),
            hint=_("On record with your name, and shown to whoever asks why."),
        ),
    )
    sheet.words = _(
        "Criticism, bad manners and being off topic are no reasons: they stay. What is hidden on "
        "{network} is kept here, and you can show it again."
    ).format(network=_network(about))
    return sheet


def _hide(request: StaffRequest, about: About) -> HttpResponse:
    try:
        reason = HideReason(_said(request, "reason"))
    except ValueError as error:
        raise NotPossible(_("Say which rule it breaks first.")) from error
    pk = about.message.id if about.message else None
    acts.ask(request.me, Act.HIDE, message_id=pk, reason=reason, words=_said(request, "words"))
    return done(request, Toast(_("Hidden in a moment."), about.conversation.id))


# --- correct, take down -----------------------------------------------------------------------


def _ask_correct(request: StaffRequest, about: About) -> Sheet:
    delivery = about.delivery
    text = delivery.post.text if delivery else ""
    typed = _said(request, "text", 20_000) or text
    sheet = _sheet(
        about,
        reverse("staff:correct", args=[delivery.id if delivery else ""]),
        _("Correct what we said"),
        _("Correct it there"),
        Question("text", _("Your words"), "area", value=typed),
    )
    sheet.words = _("People may have read the first words. Both stay on record here.")
    return sheet


def _correct(request: StaffRequest, about: About) -> HttpResponse:
    pk = about.delivery.id if about.delivery else None
    acts.ask(request.me, Act.CORRECT, delivery_id=pk, text=_said(request, "text", 20_000))
    return done(request, Toast(_("Corrected in a moment."), about.conversation.id))


def _ask_take_down(request: StaffRequest, about: About) -> Sheet:
    sheet = _sheet(
        about,
        reverse("staff:take_down", args=[about.delivery.id if about.delivery else ""]),
        _("Take down what we said?"),
        _("Take it down"),
    )
    private = about.delivery is not None and about.delivery.post.lane == Lane.PRIVATE.value
    gone = (
        _("They can’t read it any more on {network}.")
        if private
        else _("Nobody can read it any more on {network}.")
    )
    rest = _("It stays on record here, and the question counts as open again.")
    sheet.words = f"{gone.format(network=_network(about))} {rest}"
    return sheet


def _take_down(request: StaffRequest, about: About) -> HttpResponse:
    acts.ask(request.me, Act.TAKE_DOWN, delivery_id=about.delivery.id if about.delivery else None)
    return done(request, Toast(_("Taken down in a moment."), about.conversation.id))


# --- answered there by hand -------------------------------------------------------------------


def _ask_by_hand(request: StaffRequest, about: About) -> Sheet:
    one = about.conversation
    sheet = _sheet(
        about,
        reverse("staff:by_hand", args=[one.id]),
        _("You answered it on {network}?").format(network=_network(about)),
        _("Yes, I answered it there"),
        Question(
            "words",
            _("What did you say?"),
            "area",
            value=_said(request, "words", 5000),
            hint=_("Kept as a note. If {network} shows us your answer, it comes in too.").format(
                network=_network(about)
            ),
        ),
    )
    sheet.words = _("It counts as answered by you, by hand, and waits for {name}.").format(
        name=shown(str(one.author))
    )
    return sheet


def _by_hand(request: StaffRequest, about: About) -> HttpResponse:
    by_hand.answered(request.me, about.conversation.id, _said(request, "words", 5000))
    return done(request, Toast(_("On record: answered there."), about.conversation.id))


hide = _dialog(Deed.HIDE, _of_message, _ask_hide, _hide)
correct = _dialog(Deed.REPLY, _of_delivery, _ask_correct, _correct)
take_down = _dialog(Deed.WITHDRAW, _of_delivery, _ask_take_down, _take_down)
by_hand_ = _dialog(Deed.REPLY, _of_conversation, _ask_by_hand, _by_hand)
