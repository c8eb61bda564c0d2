"""Whether the practice city holds together: every reference, order and length. No I/O.

`check` raises ContentError with all that is wrong at once, so that an editor need not run it ten
times. Tone and words are checked by the tests.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise

from callbox.agency_data import read as read_agency
from callbox.practice_city.plans import (
    Assigns,
    City,
    Closes,
    ContentError,
    ConversationPlan,
    Edits,
    Replies,
    Says,
    TrickleDeletes,
    TrickleEdits,
    TrickleLikes,
    TrickleSays,
    Turn,
)
from callbox.vocabulary import Disposition, Lane

AGENCY = "chicago"
PORTAL = "portal"  # the network of our own form: private, and without handles
MOST_CHARACTERS = 300  # what the practice network takes


def check(city: City) -> None:
    """Raise ContentError, listing everything that is wrong."""
    faults = [
        *_people(city),
        *_posts(city),
        *_twice(city),
        *(fault for plan in city.conversations.values() for fault in _conversation(city, plan)),
        *_trickle(city),
    ]
    if faults:
        raise ContentError("\n".join(faults))


def signed(city: City, turn: Replies) -> str:
    """A reply as it goes out, with its writer's signature below."""
    return f"{turn.text}\n— {city.members[turn.by].signature}"


def _people(city: City) -> Iterator[str]:
    units = {unit.code for unit in read_agency(AGENCY).units}
    for member in city.members.values():
        for unit in (member.unit, *(grant.unit for grant in member.grants)):
            if unit not in units:
                yield f"members.json, {member.key}: there is no unit {unit}."
    for account in city.accounts.values():
        if account.unit not in units:
            yield f"accounts.json, {account.key}: there is no unit {account.unit}."
        if account.approved_by not in city.members:
            yield f"accounts.json, {account.key}: nobody is called {account.approved_by}."
    yield from _doubles("accounts.json", (one.handle for one in city.accounts.values()))
    yield from _doubles("residents.json", (one.handle for one in city.residents.values()))
    yield from _doubles("members.json", (one.email for one in city.members.values()))


def _doubles(name: str, values: Iterable[str]) -> Iterator[str]:
    for value, times in Counter(values).items():
        if times > 1:
            yield f"{name}: “{value}” is used {times} times."


def _posts(city: City) -> Iterator[str]:
    for post in city.posts.values():
        if post.account not in city.accounts:
            yield f"posts.json, {post.key}: there is no account {post.account}."
        if len(post.text) > MOST_CHARACTERS:
            yield f"posts.json, {post.key}: {len(post.text)} characters."


def _twice(city: City) -> Iterator[str]:
    """The same resident in the same thread is one conversation, so it must be one plan."""
    threads: Counter[tuple[str, str, str]] = Counter()
    for plan in city.conversations.values():
        if plan.post:
            threads[plan.account, plan.resident, plan.post] += 1
        elif plan.lane is Lane.PRIVATE and not _on_portal(city, plan):
            threads[plan.account, plan.resident, "in private"] += 1
    for (account, resident, where), times in threads.items():
        if times > 1:
            yield f"conversations.json: {resident} and {account} have {times} exchanges {where}."


def _on_portal(city: City, plan: ConversationPlan) -> bool:
    account = city.accounts.get(plan.account)
    return account is not None and account.network == PORTAL


def _conversation(city: City, plan: ConversationPlan) -> Iterator[str]:
    where = f"conversations.json, {plan.key}"
    if plan.account not in city.accounts or plan.resident not in city.residents:
        yield f"{where}: unknown account {plan.account} or resident {plan.resident}."
        return
    if not plan.turns or not isinstance(plan.turns[0], Says):
        yield f"{where}: it has to begin with what the resident says."
        return
    if any(before.ago <= after.ago for before, after in pairwise(plan.turns)):
        yield f"{where}: its turns are not in order, oldest first."
    yield from (f"{where}: {fault}" for fault in _beginning(city, plan))
    for turn in plan.turns:
        yield from (f"{where}, {turn.ago} minutes ago: {fault}" for fault in _turn(city, turn))
        if not _on_portal(city, plan) and _length(city, turn) > MOST_CHARACTERS:
            yield f"{where}, {turn.ago} minutes ago: {_length(city, turn)} characters."


def _beginning(city: City, plan: ConversationPlan) -> Iterator[str]:
    """What a conversation hangs on: a post of ours, our name in the text, or a private line."""
    opening = plan.turns[0]
    if plan.post:
        post = city.posts.get(plan.post)
        if post is None or post.account != plan.account:
            yield f"{plan.account} has no post {plan.post}."
        elif post.ago <= opening.ago:
            yield "it answers a post before that was there."
    elif plan.lane is Lane.PUBLIC:
        handle = city.accounts[plan.account].handle
        if not isinstance(opening, Says) or f"@{handle}" not in opening.text:
            yield f"a public message that answers nothing has to name @{handle}."


def _turn(city: City, turn: Turn) -> Iterator[str]:
    by = getattr(turn, "by", "")
    if by and by not in city.members:
        yield f"nobody is called {by}."
    if isinstance(turn, Assigns):
        if bool(turn.to) == bool(turn.unit):
            yield "assign to a member or to a unit."
        if turn.to and turn.to not in city.members:
            yield f"nobody is called {turn.to}."
    if isinstance(turn, Closes):
        yield from _closing(city, turn)


def _closing(city: City, turn: Closes) -> Iterator[str]:
    if (turn.disposition is Disposition.MERGED) != (turn.into in city.conversations):
        yield f"merged into “{turn.into}”, which is not a conversation."
    if (turn.disposition is Disposition.NO_REPLY) != (turn.reason is not None):
        yield "no reply needs a reason, and nothing else has one."
    if turn.disposition is Disposition.REFERRED and not turn.words:
        yield "a referral says to whom."


def _length(city: City, turn: Turn) -> int:
    if isinstance(turn, Replies):
        return len(signed(city, turn)) if turn.by in city.members else 0
    return len(turn.text) if isinstance(turn, Says | Edits) else 0


def _trickle(city: City) -> Iterator[str]:
    said: set[str] = set()
    for item in city.trickle:
        if isinstance(item, TrickleSays):
            yield from (f"trickle.json, {item.key}: {fault}" for fault in _says(city, item, said))
            said.add(item.key)
        elif isinstance(item, TrickleEdits | TrickleDeletes) and item.of not in said:
            yield f"trickle.json: nothing earlier is called {item.of}."
        elif isinstance(item, TrickleLikes) and (
            item.post not in city.posts or item.resident not in city.residents
        ):
            yield f"trickle.json: {item.resident} cannot like {item.post}."


def _says(city: City, item: TrickleSays, said: set[str]) -> Iterator[str]:
    account = city.accounts.get(item.account)
    if account is None or account.network == PORTAL or item.resident not in city.residents:
        yield f"unknown account {item.account} or resident {item.resident}."
        return
    if item.key in said:
        yield "the key is there twice."
    if item.post and (item.post not in city.posts or city.posts[item.post].account != item.account):
        yield f"{item.account} has no post {item.post}."
    if item.follows and item.follows not in said:
        yield f"nothing earlier is called {item.follows}."
    free = item.lane is Lane.PUBLIC and not item.post
    if free and f"@{account.handle}" not in item.text and not _reply_to_post(city, item):
        yield f"it has to name @{account.handle}."
    if len(item.text) > MOST_CHARACTERS:
        yield f"{len(item.text)} characters."


def _reply_to_post(city: City, item: TrickleSays) -> bool:
    """Whether an item goes on below a post of ours."""
    first = next(
        (one for one in city.trickle if isinstance(one, TrickleSays) and one.key == item.follows),
        None,
    )
    return first is not None and bool(first.post)
