"""Residents of the practice city who go on talking while somebody looks.

`step` has the next resident do the next thing of `trickle.json` on the practice network, which
tells our accounts of it, as any network does. How far the trickle is, and what became of its
earlier items, stands in a small file beside the network's.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from callbox.networks.practice.street import Street, Trouble
from callbox.practice_city.content import city
from callbox.practice_city.plans import (
    City,
    TrickleDeletes,
    TrickleEdits,
    TrickleItem,
    TrickleLikes,
    TrickleSays,
)
from callbox.vocabulary import Lane

WATCHED_FOR = timedelta(seconds=60)  # open pages are noted every fifteen seconds


@dataclass(slots=True)
class Place:
    """How far the trickle is: the next item, and ids on the network of posts and earlier items."""

    next: int = 0
    posts: dict[str, str] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, file: Path) -> "Place":
        """Where the trickle of a practice network is; the very beginning when nobody knows."""
        try:
            return cls(**json.loads(_beside(file).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return cls()

    def write(self, file: Path) -> None:
        """Remember it. Whoever reads meanwhile sees the old place or the new one."""
        target = _beside(file)
        draft = target.with_suffix(".new")
        values = {"next": self.next, "posts": self.posts, "said": self.said}
        draft.write_text(json.dumps(values), encoding="utf-8")
        draft.replace(target)


def _beside(file: Path) -> Path:
    return file.with_name(f"{file.stem}-trickle.json")


def remember_posts(file: Path, posts: Mapping[str, str]) -> None:
    """Begin a trickle below these posts of ours (ids on the network, by key)."""
    Place(posts=dict(posts)).write(file)


def note_watching(file: Path) -> None:
    """Somebody has a page open that would show what comes. A lost note costs one message."""
    with suppress(OSError):
        _watched(file).touch()


def go_on(file: Path, now: datetime) -> None:
    """Do the next thing if somebody looks: a city that talks to nobody only fills disks."""
    try:
        seen = datetime.fromtimestamp(_watched(file).stat().st_mtime, UTC)
    except OSError:
        return
    if now - seen < WATCHED_FOR:
        step(file)


def _watched(file: Path) -> Path:
    return file.with_name(f"{file.stem}-watched")


def step(file: Path) -> bool:
    """Do the next thing; after the last one, begin again. False when the network did not take it
    (a post is gone, the network is down): it is passed over, and the trickle goes on next time."""
    items, place = city().trickle, Place.read(file)
    item = items[place.next % len(items)]
    try:
        with Street(file) as street:
            _do(city(), street, place, item)
    except (Trouble, LookupError):
        done = False
    else:
        done = True
    place.next = (place.next + 1) % len(items)
    place.write(file)
    return done


def _do(plan: City, street: Street, place: Place, item: TrickleItem) -> None:
    """One item. Raises Trouble, or LookupError for a post or an item that was never said."""
    match item:
        case TrickleSays():
            place.said[item.key] = _says(plan, street, place, item)
        case TrickleEdits(of=key, text=text):
            street.edit(_author(plan, key), place.said[key], text)
        case TrickleDeletes(of=key):
            street.delete(_author(plan, key), place.said[key])
        case TrickleLikes(post=post, resident=resident):
            street.like(plan.residents[resident].handle, place.posts[post])


def _author(plan: City, key: str) -> str:
    """The handle of whoever says the item of this key."""
    resident = next(
        item.resident for item in plan.trickle if isinstance(item, TrickleSays) and item.key == key
    )
    return plan.residents[resident].handle


def _says(plan: City, street: Street, place: Place, item: TrickleSays) -> str:
    resident, account = plan.residents[item.resident], plan.accounts[item.account]
    street.join(resident.handle, resident.name)
    if item.lane is Lane.PRIVATE:
        return street.direct(resident.handle, account.handle, item.text, item.language).id
    below = place.said[item.follows] if item.follows else place.posts.get(item.post, "")
    if item.post and not below:
        raise LookupError(item.post)
    if not below:
        return street.post(resident.handle, item.text, item.language).id
    below = _answered(street, below, resident.handle, account.handle)
    return street.reply(resident.handle, below, item.text, item.language).id


def _answered(street: Street, below: str, resident: str, account: str) -> str:
    """The account's newest answer to this resident in the thread of `below`; else the post of ours
    that the thread began with; else `below` itself."""
    thread = street.thread(below)
    theirs = {post.n for post in thread if post.author.handle == resident}
    ours = [post for post in thread if post.author.handle == account and not post.gone]
    answers = [post for post in ours if post.parent in theirs]
    first = [post for post in ours if post.root is None]
    return next((post.id for post in [*reversed(answers), *first]), below)
