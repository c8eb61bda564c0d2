"""Which post a thread starts with. A notification and a stream event do not say.

The root is found by walking up the replies in `/context`, not by taking its first ancestor:
Pleroma lists the whole conversation there, siblings too. Where the way up ends at a post that we
may not see, that post's id is the root, which is the same for everybody below it. Every way a
status reaches us asks here, so that it has one root whichever way it came.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from callbox.networks.mastodon.api import Api, status_path
from callbox.networks.mastodon.values import ident
from callbox.values import Json, mapping, objects

_REMEMBERED = 4000


@dataclass(frozen=True, slots=True)
class Context:
    """What is above and below a status."""

    ancestors: Sequence[Json] = ()
    descendants: Sequence[Json] = ()


class Threads:
    """Asks for contexts, and remembers the roots that it learnt while the connector lives."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._roots: dict[str, str] = {}

    def context(self, external_id: str) -> Context | None:
        """The context of a status, or None when the status is gone."""
        found = self._api.maybe(status_path(external_id, "/context"))
        if found is None:
            return None
        return Context(objects(found.get("ancestors")), objects(found.get("descendants")))

    def root(self, status: Json) -> str | None:
        """The id of the first post of a status's thread; None when the status starts it. At most
        one call, none for a thread seen before. Raises as any read does."""
        parent = ident(status.get("in_reply_to_id"))
        if not parent:
            return None
        if parent not in self._roots:
            context = self.context(ident(status.get("id"))) or Context()
            self._learn(status, context)
        root = self._roots.get(parent, parent)
        self._roots[ident(status.get("id"))] = root
        return root

    def _learn(self, status: Json, context: Context) -> None:
        if len(self._roots) > _REMEMBERED:
            self._roots.clear()
        chain, root = climb(status, context)
        self._roots.update(dict.fromkeys(chain, root))


def climb(status: Json, context: Context) -> tuple[list[str], str]:
    """The ids above a status, and the root that they lead to."""
    known = {ident(one.get("id")): one for one in (*context.ancestors, *context.descendants)}
    chain, root = _up(status, known)
    if root not in known and context.ancestors:
        # A post in between is hidden from us, but the server knows who is above it.
        root = _up(context.ancestors[0], known)[1]
    return chain, root


def _up(status: Json, known: Mapping[str, Json]) -> tuple[list[str], str]:
    chain: list[str] = []
    current = status
    while parent := ident(mapping(current).get("in_reply_to_id")):
        if parent in chain:  # a circle: no honest server makes one
            break
        chain.append(parent)
        if parent not in known:
            break
        current = known[parent]
    return chain, chain[-1] if chain else ident(status.get("id"))
