"""What a visitor does on the practice network. Each is a form, and ends on a page."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from callbox.networks.practice.street import Fault, Person, Post, Trouble
from callbox.web.practice.visit import COOKIE, Visit, visiting

_YEAR = 365 * 24 * 3600


def _back(request: HttpRequest, fallback: str = "/practice/") -> HttpResponseRedirect:
    """To the page that the form was on."""
    to = request.POST.get("here", "")
    if not url_has_allowed_host_and_scheme(to, allowed_hosts=None):
        to = fallback
    return HttpResponseRedirect(to)


def _someone(visit: Visit) -> Person:
    if visit.me is None:
        raise Trouble(Fault.REFUSED, "First choose who you are today.")
    return visit.me


def _text(request: HttpRequest) -> str:
    """What was typed. Browsers send line breaks as two characters; here they count as one."""
    return request.POST.get("text", "").replace("\r\n", "\n").strip()


def _post(visit: Visit, n: int) -> Post:
    """A post that the visitor can see."""
    post = visit.street.get(f"p{n}")
    if post.recipient is not None and visit.me not in (post.author, post.recipient):
        raise Trouble(Fault.REFUSED, "There is no such post.")
    return post


@require_POST
@visiting
def become(visit: Visit) -> HttpResponse:
    """Play a resident: one who is there, or a new one."""
    request = visit.request
    name = request.POST.get("name", "").strip()
    if name:
        person = visit.street.join(name, name)
    else:
        person = visit.street.people.called(request.POST.get("handle", ""))
    if person.is_agency:
        raise Trouble(Fault.REFUSED, "Agencies speak through their own programs.")
    response = _back(request)
    response.set_cookie(COOKIE, person.handle, max_age=_YEAR, httponly=True, samesite="Lax")
    return response


@require_POST
@visiting
def post(visit: Visit) -> HttpResponse:
    """Say something to everybody."""
    said = visit.street.post(_someone(visit).handle, _text(visit.request))
    return redirect(said.path)


@require_POST
@visiting
def reply(visit: Visit, n: int) -> HttpResponse:
    """Answer the post that the form names, else the newest in the thread by somebody else."""
    to = visit.request.POST.get("to", "")
    above = _post(visit, int(to)) if to.isdecimal() else _newest(visit, _post(visit, n))
    said = visit.street.reply(_someone(visit).handle, above.id, _text(visit.request))
    return redirect(said.path)


def _newest(visit: Visit, post: Post) -> Post:
    """The newest post around this one that the visitor did not write; else this one. An answer that
    arrived while they were typing counts: people mean it, and their reply has to reach it."""
    others = [p for p in visit.street.thread(post.id) if p.author != visit.me]
    shown = [p for p in others if not p.gone and not p.hidden_at]
    return shown[-1] if shown else post


@require_POST
@visiting
def direct(visit: Visit) -> HttpResponse:
    """Write to an agency in private."""
    to = visit.request.POST.get("to", "")
    said = visit.street.direct(_someone(visit).handle, to, _text(visit.request))
    return redirect(said.path)


@require_POST
@visiting
def like(visit: Visit, n: int) -> HttpResponse:
    """Like a post."""
    visit.street.like(_someone(visit).handle, _post(visit, n).id)
    return _back(visit.request)


@require_POST
@visiting
def delete(visit: Visit, n: int) -> HttpResponse:
    """Delete one's own post."""
    visit.street.delete(_someone(visit).handle, _post(visit, n).id)
    return _back(visit.request)


@require_http_methods(["GET", "HEAD", "POST"])
@visiting
def edit(visit: Visit, n: int) -> HttpResponse:
    """Change one's own post."""
    own = _post(visit, n)
    if visit.request.method == "POST":
        changed = visit.street.edit(_someone(visit).handle, own.id, _text(visit.request))
        return redirect(changed.path)
    return visit.page("edit.html", {"post": own})
