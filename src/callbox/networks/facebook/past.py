"""What was said before we listened: posts with their comments, then private messages, newest first.

One call to the network per step. The cursor says at which list we are, which page of it comes next,
and what is still to be walked below the posts of the last page.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from callbox.connector import Page, Raw, Refused
from callbox.meta.errors import fault_of
from callbox.meta.graph import Graph, Listing
from callbox.meta.values import ident, objects
from callbox.networks.facebook import names
from callbox.values import Json, mapping

_LISTS: tuple[tuple[str, str], ...] = (
    ("published_posts", "post"),
    ("visitor_posts", "visitor"),
    ("tagged", "tagged"),
    ("conversations", "message"),
)
_PAGE = 25
_BELOW = 100


def step(graph: Graph, us: str, now: datetime, cursor: Mapping[str, Any]) -> Page:
    """One page of the past; with it, until when to rest, because an import asks for much."""
    page = _step(graph, us, cursor)
    return replace(page, rest_until=graph.usage.rest_until(now))


def _step(graph: Graph, us: str, cursor: Mapping[str, Any]) -> Page:
    """One page. A list that our login may not read is a gap, and the next is begun."""
    place, left = int(cursor.get("list") or 0), objects(cursor.get("left"))
    if place >= len(_LISTS) and not left:
        return Page([], dict(cursor))
    if left:
        return _walked(graph, us, cursor, left)
    edge, kind = _LISTS[place]
    try:
        page = _listed(graph, us, edge, mapping(cursor.get("next")))
    except Refused:
        after = {"list": place + 1, "next": {}, "left": []}
        return Page([], after, more=_more(after), gap=True)
    after = {
        "list": place if page.next and page.next != cursor.get("next") else place + 1,
        "next": dict(page.next),
        "left": [branch for one in page.items if (branch := _branch(one, kind, us))],
    }
    raws = [Raw.of(kind, _bare(one), us) for one in page.items if kind != "message"]
    return Page(raws, after, more=_more(after))


def _walked(graph: Graph, us: str, cursor: Mapping[str, Any], left: list[Json]) -> Page:
    """One page of the first of what is left to walk. What is gone meanwhile is no hole; what is not
    shown to us is one."""
    gap, rest = False, None
    raws: list[Raw] = []
    try:
        raws, rest, gap = _below(graph, us, left[0])
    except Refused as error:
        fault = fault_of(error)
        gap = not (fault and fault.is_gone)
    after = {**cursor, "left": [*([rest] if rest else []), *left[1:]]}
    return Page(raws, after, more=_more(after), gap=gap)


def _more(cursor: Mapping[str, Any]) -> bool:
    return bool(cursor["left"]) or int(cursor.get("list") or 0) < len(_LISTS)


def _listed(graph: Graph, us: str, edge: str, following: Json) -> Listing:
    params: dict[str, Any] = {"limit": _PAGE, **following}
    if edge == "conversations":
        params |= {"fields": "id,participants{id}", "platform": "MESSENGER"}
    else:
        params["fields"] = (
            names.POST if edge == "tagged" else f"{names.POST},comments.limit(1){{id}}"
        )
    return graph.listing(f"/{us}/{edge}", params)


def _branch(one: Json, kind: str, us: str) -> Json | None:
    """What is to be walked below one item of a list."""
    external_id = ident(one.get("id"))
    if kind == "message":
        ids = [ident(other.get("id")) for other in objects(one.get("participants"))]
        return {"thread": external_id, "person": next((i for i in ids if i and i != us), "")}
    return {"post": external_id} if objects(one.get("comments")) else None


def _below(graph: Graph, us: str, branch: Json) -> tuple[list[Raw], Json | None, bool]:
    """What one page gives, what is left, and whether something in it is not shown: of messages
    that are not an exchange's newest, Facebook gives the ids only."""
    following = mapping(branch.get("next"))
    if post_id := ident(branch.get("post")):
        params = {"fields": names.COMMENT, "filter": "stream", "order": "reverse_chronological"}
        page = graph.listing(f"/{post_id}/comments", {**params, "limit": _BELOW, **following})
        raws = [Raw.of("comment", {"comment": one, "post_id": post_id}, us) for one in page.items]
    else:
        params = {"fields": names.MESSAGE, "limit": str(_BELOW)}
        page = graph.listing(f"/{ident(branch.get('thread'))}/messages", {**params, **following})
        person = ident(branch.get("person"))
        shown = [one for one in page.items if one.get("created_time")]
        raws = [Raw.of("message", {"message": one, "person": person}, us) for one in shown]
        if len(shown) < len(page.items):
            return raws, None, True
    left = dict(page.next)  # a cursor that does not move ends it
    return raws, {**branch, "next": left} if left not in ({}, following) else None, False


def _bare(one: Json) -> Json:
    return {name: value for name, value in one.items() if name != "comments"}
