"""What stands around one message: our post and the comments beside it, or the private exchange."""

from collections.abc import Sequence

from callbox.connector import ConnectorError
from callbox.meta.errors import fault_of
from callbox.meta.graph import Graph
from callbox.meta.values import ident, objects
from callbox.networks.facebook import names, shapes
from callbox.networks.facebook.find import thread_of
from callbox.values import Json, mapping
from callbox.vocabulary import AuthorSeen, Lane, Ours, Said

_BESIDE = 25


def is_message(external_id: str) -> bool:
    """Whether an id is a private message's."""
    return external_id.startswith(("m_", "mid.", "m."))


def around(graph: Graph, us: str, external_id: str) -> Sequence[Said]:
    """Oldest first; empty when it is gone."""
    if is_message(external_id):
        return _exchange(graph, us, external_id)
    comment = graph.maybe(f"/{external_id}", {"fields": f"{names.COMMENT},object{{id}}"})
    if comment is None:
        return ()
    return _thread(graph, us, comment)


def _thread(graph: Graph, us: str, comment: Json) -> Sequence[Said]:
    post_id = _post_of(graph, us, comment)
    post = graph.maybe(f"/{post_id}", {"fields": names.POST}) if post_id else None
    params = {"fields": names.COMMENT, "filter": "stream", "limit": _BESIDE}
    beside = [*_listed(graph, f"/{post_id}/comments", params), comment] if post_id else [comment]
    things = [shapes.post(post)] if post else []
    things += [shapes.comment(one, post_id) for one in beside]
    found = {one.id: one.said(None) for one in things if one}
    return sorted(found.values(), key=lambda one: one.said_at)


def _post_of(graph: Graph, us: str, comment: Json) -> str:
    """The whole id of the post that a comment hangs below: a comment's own starts with its second
    half."""
    guess = f"{us}_{ident(comment.get('id')).split('_')[0]}"
    if graph.maybe(f"/{guess}", {"fields": "id"}) is not None:
        return guess
    return ident(mapping(comment.get("object")).get("id"))


def _listed(graph: Graph, path: str, params: Json) -> Sequence[Json]:
    try:
        return graph.listing(path, params).items
    except ConnectorError as error:
        fault = fault_of(error)
        if fault and fault.is_gone:
            return ()
        raise


def _exchange(graph: Graph, us: str, external_id: str) -> Sequence[Said]:
    message = graph.maybe(f"/{external_id}", {"fields": "id,from{id},to{id}"})
    if message is None:
        return ()
    ids = [ident(mapping(message.get("from")).get("id"))]
    ids += [ident(one.get("id")) for one in objects(message.get("to"))]
    person = next((one for one in ids if one and one != us), "")
    thread = thread_of(graph, us, person) if person else ""
    if not thread:
        return ()
    listed = _listed(graph, f"/{thread}/messages", {"fields": names.MESSAGE, "limit": _BESIDE})
    found = [_said(one, us, person) for one in listed]
    return sorted((one for one in found if one), key=lambda one: one.said_at)


def _said(value: Json, us: str, person: str) -> Said | None:
    found = shapes.message(value, us, person)
    if isinstance(found, Ours):
        author = AuthorSeen(us)
        return Said(
            found.external_id,
            found.said_at,
            author,
            found.text,
            None,
            Lane.PRIVATE,
            root_id=found.root_id,
        )
    return found
