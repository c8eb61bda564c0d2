"""What stands around a post, and what became of one of ours."""

from collections.abc import Sequence
from contextlib import suppress

from callbox.connector import Refused, Seen
from callbox.meta.graph import Graph
from callbox.meta.values import ident
from callbox.networks.threads import shapes
from callbox.networks.threads.api import REPLY
from callbox.networks.threads.shapes import Senseless
from callbox.networks.threads.us import Us, person
from callbox.values import Json, mapping, text
from callbox.vocabulary import Ours, Said

_ABOVE = 10


def context(graph: Graph, us: Us, external_id: str) -> Sequence[Said]:
    """The posts above, and the replies below, oldest first. Empty when it is gone."""
    one = _shown(graph, external_id)
    if one is None:
        return ()
    around = [*_above(graph, one), one]
    asked = {"fields": REPLY, "reverse": "false", "limit": 50}
    with suppress(Refused):  # under other people's posts, Threads shows no replies
        around += graph.listing(f"/{external_id}/conversation", asked).items
    found = {said.external_id: said for post in around if (said := _said(post, us))}
    return sorted(found.values(), key=lambda said: said.said_at)


def _shown(graph: Graph, external_id: str) -> Json | None:
    """A post, or None when it is gone or not for us to see."""
    try:
        return graph.maybe(f"/{external_id}", {"fields": REPLY})
    except Refused:
        return None


def _above(graph: Graph, one: Json) -> list[Json]:
    """What it answers, as far up as we may see."""
    found: list[Json] = []
    above: Json | None = one
    while above and len(found) < _ABOVE:
        parent = ident(mapping(above.get("replied_to")).get("id"))
        above = _shown(graph, parent) if parent else None
        found += [above] if above else []
    return found


def _said(post: Json, us: Us) -> Said | None:
    """A post as context; our own as said by us, addressed to nobody here."""
    try:
        event = shapes.event(post, us, None)
    except Senseless:
        return None
    if isinstance(event, Ours):
        return Said(
            event.external_id,
            event.said_at,
            person(us.handle),
            event.text,
            None,
            root_id=event.root_id,
            parent_id=event.parent_id,
            permalink=event.permalink,
            refs=event.refs,
        )
    return event


def look(graph: Graph, external_id: str) -> Seen:
    """A post of ours as it stands."""
    found = graph.maybe(f"/{external_id}", {"fields": "id,text,permalink"})
    return Seen(gone=True) if found is None else Seen(gone=False, text=text(found.get("text")))
