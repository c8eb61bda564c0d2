"""Publications under way, kept in the session from attempt to attempt.

Publishing goes in steps (prepare a container, wait, publish), and only the last one shows. The
container's number is stored under the delivery's key before that step, so that a second attempt
takes the same one, and so that what was never prepared certainly never went out.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from callbox.connector import Session
from callbox.meta.times import moment
from callbox.meta.values import ident
from callbox.values import Json, mapping

_KEPT = timedelta(hours=48)


def same(ours: str, theirs: str) -> bool:
    """Whether two texts say the same: networks tidy up white space."""
    return " ".join(ours.split()) == " ".join(theirs.split())


class Store:
    """What the session remembers of publications under way: delivery's key → container."""

    def __init__(self, session: Session, now: Callable[[], datetime]) -> None:
        self._session = session
        self._now = now

    def get(self, key: str) -> Json:
        """What is known under a key; {} for nothing."""
        return mapping(mapping(self._session.read().get("containers")).get(key))

    def put(self, key: str, value: Mapping[str, Any]) -> None:
        """Remember, and forget what is too old to be asked for."""
        oldest = self._now() - _KEPT

        def change(current: Mapping[str, Any]) -> Mapping[str, Any]:
            held = {
                name: one
                for name, one in mapping(current.get("containers")).items()
                if (moment(mapping(one).get("made_at")) or oldest) > oldest
            }
            made = mapping(held.get(key)).get("made_at") or self._now().isoformat()
            held[key] = {"made_at": made, **value}
            return {**current, "containers": held}

        self._session.renew(change)

    def drop(self, key: str) -> None:
        """Forget: the next attempt prepares anew."""

        def change(current: Mapping[str, Any]) -> Mapping[str, Any]:
            held = dict(mapping(current.get("containers")))
            held.pop(key, None)
            return {**current, "containers": held}

        self._session.renew(change)

    def taken(self, key: str) -> set[str]:
        """Posts that are known to be of other deliveries."""
        held = mapping(self._session.read().get("containers"))
        return {ident(mapping(one).get("media")) for name, one in held.items() if name != key}
