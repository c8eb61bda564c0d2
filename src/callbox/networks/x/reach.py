"""What every part that asks X for something needs: the API, the purse, who we are, the time."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from callbox.networks.x import spend
from callbox.networks.x.api import Api, Listed
from callbox.networks.x.posts import Us
from callbox.networks.x.spelling import Spelling
from callbox.values import Json

Params = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reach:
    """One account's means. Reads that cost are counted here, and refused here at the limit."""

    api: Api
    purse: spend.Spend
    us: Us
    spelling: Spelling
    now: Callable[[], datetime]

    def posts(self, path: str, params: Params, what: str, price: int = spend.POST_READ) -> Listed:
        """A page of posts, newest first."""
        self.purse.check_read()
        found = self.api.listed(path, {**self.spelling.post_params, **params})
        self.purse.add(price, len(found.items), what)
        return found

    def messages(self, path: str, params: Params) -> Listed:
        """A page of direct messages, newest first."""
        self.purse.check_read()
        return self._messages(path, params)

    def messages_whatever_it_costs(self, path: str, params: Params) -> Listed:
        """The same, past the limit: to learn whether something went out."""
        return self._messages(path, params)

    def _messages(self, path: str, params: Params) -> Listed:
        asked = {**self.spelling.dm_params, "event_types": "MessageCreate", **params}
        found = self.api.listed(path, asked)
        self.purse.add(spend.DM_READ, len(found.items), "messages read")
        return found

    def posts_whatever_it_costs(self, path: str, params: Params) -> Listed:
        """A page of posts, past the limit: to learn whether something went out."""
        found = self.api.listed(path, {**self.spelling.post_params, **params})
        self.purse.add(spend.POST_READ, len(found.items), "posts read to see what went out")
        return found

    def lookup(self, ids: Iterable[str], what: str, *, paid: Iterable[str] = ()) -> Listed:
        """Posts by their ids, at most 100. `paid`: read before on this day, so not charged again.
        What is gone is in `errors` of `Listed.answer`."""
        self.purse.check_read()
        params = {**self.spelling.post_params, "ids": ",".join(ids)}
        found = self.api.listed("/2/tweets", params)
        free = set(paid)
        count = sum(one.get("id") not in free for one in found.items)
        self.purse.add(spend.POST_READ, count, what)
        return found


def whole(found: Listed) -> Json:
    """The answer that a page came from."""
    return dict(found.answer or {})
