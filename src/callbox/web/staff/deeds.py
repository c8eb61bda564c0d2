"""Small deeds that need no questions: undo, try again, open again, take over."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from callbox.actions import conversations as deeds
from callbox.actions import posts, presence
from callbox.models.inbox import Conversation
from callbox.models.posts import Picture
from callbox.moment import now_utc
from callbox.queries import conversations
from callbox.vocabulary import Deed
from callbox.web import media
from callbox.web.doors import StaffRequest, page
from callbox.web.staff.answers import Toast, deed, done


@deed(Deed.WITHDRAW)
def withdraw(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Take a reply back before it goes out."""
    delivery = posts.withdraw(request.me, pk)
    words = _("Taken back. Your words are in the draft again.")
    return done(request, Toast(words, delivery.conversation_id or ""))


@deed(Deed.WITHDRAW)
def again(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Send a reply once more that did not go out."""
    delivery = posts.try_again(request.me, pk)
    return done(request, Toast(_("We try again now."), delivery.conversation_id or ""))


@deed(Deed.CLOSE)
def reopen(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Open a closed conversation again."""
    deeds.reopen(request.me, pk)
    return done(request, Toast(_("It is open again."), pk))


@deed(Deed.MERGE)
def unmerge(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Undo a merge; `pk` is the conversation that was folded away."""
    deeds.unmerge(request.me, pk)
    return done(request, Toast(_("They are two conversations again."), pk))


@deed(Deed.ASSIGN)
def now(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Take up now what was put off."""
    deeds.snooze(request.me, pk, None)
    return done(request, Toast(_("It is back in the list."), pk))


@deed(Deed.REPLY)
def ask(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Ask a colleague for what they are writing."""
    presence.ask_to_take_over(request.me, pk)
    return done(request, Toast(_("They see that you asked."), pk))


@deed(Deed.REPLY)
def take_over(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Go on with a colleague's draft."""
    presence.take_over(request.me, pk)
    return done(request, Toast(_("Their words are in your draft. Theirs are kept."), pk))


@deed(Deed.ASSIGN)
def hand_over(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Give my draft to whoever asked."""
    presence.hand_over(request.me, pk)
    return done(request, Toast(_("Handed over, with your words."), pk))


@deed(Deed.ASSIGN)
def unassign(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The undo of assigning: back to whom it was with (`member`), or to nobody."""
    before = request.POST.get("member", "")
    member_id = UUID(before) if _is_uuid(before) else None
    deeds.assign(request.me, pk, member_id=member_id)
    return done(request, Toast(_("It is back where it was."), pk))


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


@page(Deed.READ)
def picture(request: StaffRequest, pk: UUID) -> HttpResponse:
    """A picture of ours, to those who may read its conversation; unsent, to its maker alone."""
    found = Picture.objects.select_related("post").filter(pk=pk).first()
    if found is None or not _may_see(request, found):
        raise Http404("This picture is not here.")
    return media.picture(request, found)


def _may_see(request: StaffRequest, found: Picture) -> bool:
    if found.post is None:
        return bool(found.member_id == request.me.member_id)
    about = found.post.conversation_id
    return about is not None and conversations.find(request.me, about, now_utc()) is not None


def undo_assign(before: Conversation) -> tuple[str, list[tuple[str, str]]]:
    """Where and with what an assignment is undone."""
    url = reverse("staff:unassign", args=[before.id])
    return url, [("member", str(before.assignee_id or ""))]
