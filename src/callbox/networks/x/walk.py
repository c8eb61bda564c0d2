"""Walking a newest-first list down to where we were, without a gap.

X gives the newest page first and a token for the one below. The mark (`since`) moves only when a
walk has come down to it; until then the place holds the token, so that a long outage is worked off
over several polls, and an interruption costs nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from callbox.connector import RateLimited, Refused, Unavailable
from callbox.networks.x.api import Listed
from callbox.networks.x.values import ident, newest
from callbox.values import Json, text

_MOST_RESTARTS = 3

ReadPage = Callable[[str, str], Listed]


@dataclass(slots=True)
class Walked:
    """What a walk came by, newest first, each with the `includes` of its page."""

    found: list[tuple[Json, Json]] = field(default_factory=list)
    place: dict[str, Any] = field(default_factory=dict)
    more: bool = False
    gap: bool = False
    stopped: RateLimited | Unavailable | None = None


def walk(
    page: ReadPage, place: Mapping[str, Any], start: str, *, pages: int, reach: int = 0
) -> Walked:
    """Walk on. `page(since, token)` reads one page; `start` is the mark when there is none yet;
    `reach` is how far back X goes at most (0: no such limit known). Raises what stood in the way of
    the first page; later trouble ends the walk where it is (`stopped`)."""
    since = ident(place.get("since")) or start
    token, walked = text(place.get("token")), _count(place.get("walked"))
    done = Walked(place=dict(place))
    top = newest((ident(place.get("top")), since))
    for number in range(pages):
        try:
            listed = page(since, token)
        except Refused:
            if not token or _count(place.get("restarts")) >= _MOST_RESTARTS:
                raise
            return _restarted(done, since, place)
        except (RateLimited, Unavailable) as error:
            if number == 0:
                raise
            done.stopped = error
            break
        fresh = [one for one in listed.items if _is_after(one, since)]
        done.found += [(one, listed.includes) for one in fresh]
        top = newest((top, *(ident(one.get("id")) for one in fresh)))
        token, walked = listed.next, walked + len(listed.items)
        if not token or len(fresh) < len(listed.items):
            done.place = {"since": top}
            done.gap = bool(reach) and walked >= reach and len(fresh) == len(listed.items)
            return done
    done.place = {"since": since, "token": token, "top": top, "walked": walked}
    done.more = done.stopped is None
    return done


def _restarted(done: Walked, since: str, place: Mapping[str, Any]) -> Walked:
    """A token that X takes no more: from the top again, which repeats and loses nothing."""
    done.place = {"since": since, "restarts": _count(place.get("restarts")) + 1}
    done.more = True
    return done


def _is_after(one: Json, since: str) -> bool:
    found = ident(one.get("id"))
    return bool(found) and int(found) > int(since)


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value >= 0 else 0
