"""Pages of the practice network: the street, a thread, private exchanges."""

import hashlib
from collections.abc import Sequence

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from callbox.networks.practice.street import MOST_CHARACTERS, Post
from callbox.web.practice.visit import Visit, visiting

_ON_A_PAGE = 30


def _live(visit: Visit, posts: Sequence[Post], template: str, **context: object) -> HttpResponse:
    """A whole page, or for a page that asks again (`?seen=`) only its posts: 204 when they are the
    same, so that nothing moves without need."""
    shown = (
        visit.me,
        [(p.n, p.text, p.likes, p.replies, p.deleted_at, p.hidden_at) for p in posts],
    )
    mark = hashlib.sha256(repr(shown).encode()).hexdigest()[:16]
    asked = visit.request.GET.get("seen")
    if asked == mark:
        return HttpResponse(status=204)
    values = {"posts": posts, "mark": mark, "most": MOST_CHARACTERS} | context
    return visit.page("posts.html" if asked else template, values)


@require_safe
@visiting
def street(visit: Visit) -> HttpResponse:
    """What was said in public, newest first."""
    before = visit.request.GET.get("before", "")
    posts = visit.street.timeline(_ON_A_PAGE, int(before) if before.isdecimal() else None)
    older = posts[-1].n if len(posts) == _ON_A_PAGE else None
    return _live(visit, posts, "street.html", older=older, linked=True)


@require_safe
@visiting
def thread(visit: Visit, n: int) -> HttpResponse:
    """A public thread, oldest first."""
    posts = visit.street.posts.thread(n)
    if not posts or posts[0].recipient is not None or posts[0].root is not None:
        raise Http404
    return _live(visit, posts, "thread.html", root=posts[0])


@require_safe
@visiting
def private(visit: Visit) -> HttpResponse:
    """The private exchanges of whoever visits, and a place to begin one."""
    starts = visit.street.posts.private_starts(visit.me) if visit.me else []
    return _live(visit, starts, "private.html", linked=True)


@require_safe
@visiting
def exchange(visit: Visit, n: int) -> HttpResponse:
    """One private exchange, for the two people in it."""
    posts = visit.street.posts.thread(n)
    if not posts or posts[0].recipient is None or posts[0].root is not None:
        raise Http404
    pair = [posts[0].author, posts[0].recipient]
    if visit.me not in pair:
        return visit.page("not_yours.html", {"pair": pair}, 403)
    return _live(visit, posts, "thread.html", root=posts[0])


@require_safe
@visiting
def image(visit: Visit, n: int, place: int) -> HttpResponse:
    """An image of a post."""
    picture = visit.street.posts.picture(n, place)
    if picture is None:
        raise Http404
    return HttpResponse(picture.content, content_type=picture.mime)
