"""The composer as a view-model: for whom, how long, with which words."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from callbox.logins import Barrier
from callbox.models.inbox import Conversation, Draft
from callbox.models.posts import Picture
from callbox.queries import targets
from callbox.queries.people import Me
from callbox.rules import access
from callbox.rules.posts import HOLD
from callbox.rules.text import shown
from callbox.vocabulary import Deed, Lane, Limits
from callbox.web.staff import words
from callbox.web.staff.attaching import Offer, offer
from callbox.web.staff.limits import counts_itself, limits
from callbox.web.staff.parts import safe_url

NOTE = "note"
Barriers = Mapping[str, Barrier | None]


@dataclass(frozen=True, slots=True)
class LaneChoice:
    """For whom words can be. `why_not` says why a choice is closed, "" when it is open."""

    value: str
    label: str
    icon: str
    chosen: bool
    why_not: str
    letter: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture or video that came with words which were not taken: it waits for its
    description."""

    id: UUID
    url: str
    alt: str
    video: bool = False


@dataclass(frozen=True, slots=True)
class Typed:
    """What came back from a form that was not taken."""

    text: str
    lane: str
    problem: str = ""
    changed: str = ""
    picture_ids: Sequence[UUID] = ()


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where an answer can be given by hand, when the network takes none from us. `link` "" where
    nobody knows the address."""

    words: str
    link: str
    label: str
    by_hand_url: str


@dataclass(frozen=True, slots=True)
class Composer:
    """The form under a thread, as `staff/composer.html` wants it."""

    url: str
    draft_url: str
    count_url: str
    limits: str
    seen: str
    closed: str
    text: str
    signature: str
    placeholder: str
    lanes: Sequence[LaneChoice]
    public_words: str
    private_words: str
    why_not: str = ""  # why some lanes are closed, each reason once
    offer: Offer | None = None  # what can be added, whoever it is for
    changed: str = ""
    problem: str = ""
    pictures: Sequence[Kept] = ()
    elsewhere: Elsewhere | None = None


def composer(
    me: Me,
    one: Conversation,
    now: datetime,
    *,
    draft: Draft | None = None,
    typed: Typed | None = None,
) -> Composer:
    """The composer of a conversation, with this member's draft or what they just typed."""
    lane = typed.lane if typed else draft.lane if draft else ""
    barriers = targets.of_conversation(one)
    lanes = _lanes(me, one, now, lane, barriers)
    closed = _closed(me, one, now, lanes)
    elsewhere = _elsewhere(me, one, now, barriers)
    said = {"", elsewhere.words if elsewhere else ""}
    made = Composer(
        url=reverse("staff:reply", args=[one.id]),
        draft_url=reverse("staff:draft", args=[one.id]),
        count_url=reverse("staff:count", args=[one.id]),
        limits="{}",
        seen=now.isoformat(),
        closed=closed,
        text=typed.text if typed else draft.text if draft else "",
        signature=f"— {me.signature}",
        placeholder=_("Answer {name}…").format(name=shown(str(one.author))),
        lanes=lanes,
        public_words=_("Anyone can read it, on {network}. You have {n} s to take it back.").format(
            network=words.network_name(one.account.network), n=int(HOLD.total_seconds())
        ),
        private_words=_("Only this resident can read it."),
        why_not=" ".join(dict.fromkeys(x.why_not for x in lanes if x.why_not not in said)),
        elsewhere=elsewhere,
    )
    if closed:
        return made
    made = _with_limits(made, one)
    if typed is None:
        return made
    pictures = Picture.objects.filter(pk__in=typed.picture_ids, member_id=me.member_id, post=None)
    kept = [_kept(one) for one in pictures]
    return replace(made, problem=typed.problem, changed=typed.changed, pictures=kept)


def _kept(one: Picture) -> Kept:
    url = reverse("staff:picture", args=[one.id])
    return Kept(one.id, url, one.alt, one.mime.startswith("video/"))


def _lanes(
    me: Me, one: Conversation, now: datetime, wanted: str, barriers: Barriers
) -> list[LaneChoice]:
    refusal = access.refusal(me.standing, Deed.REPLY, one.unit.path, now)
    no_note = access.refusal(me.standing, Deed.NOTE, one.unit.path, now)
    public = refusal or _not_public(one, barriers)
    private = refusal or _barred(barriers, "message") or _not_running(one)
    written = one.lane == Lane.PRIVATE.value
    choices = [
        (Lane.PUBLIC.value, _("Public reply"), "globe", public, ""),
        (
            Lane.PRIVATE.value,
            _("Private message") if written else _("Private reply"),
            "mail",
            private,
            "",
        ),
        (NOTE, _("Staff note"), "lock", no_note, "N"),
    ]
    free = [value for value, _label, _icon, why_not, _letter in choices if not why_not]
    chosen = wanted if wanted in free else next(iter(_preferred(one, free)), "")
    return [
        LaneChoice(value, label, icon, value == chosen, why_not, letter)
        for value, label, icon, why_not, letter in choices
    ]


def _preferred(one: Conversation, free: Sequence[str]) -> list[str]:
    """An answer goes back the way the words came."""
    return sorted(free, key=lambda value: (value == NOTE, value != one.lane))


def _not_public(one: Conversation, barriers: Barriers) -> str:
    if one.lane == Lane.PRIVATE.value:
        return _("They wrote privately. Answer privately.")
    return _barred(barriers, "reply") or _not_running(one)


def _barred(barriers: Barriers, ability: str) -> str:
    """What stands in the way on the network, in its own words."""
    barrier = barriers.get(ability)
    return shown(barrier.words) if barrier else ""


def _elsewhere(me: Me, one: Conversation, now: datetime, barriers: Barriers) -> Elsewhere | None:
    """The way by hand, when an answer cannot go back the way the words came."""
    own = barriers.get("message" if one.lane == Lane.PRIVATE.value else "reply")
    other = barriers.get("message") if one.lane == Lane.PUBLIC.value else own
    open_here = one.state != "closed" and one.merged_into_id is None
    if own is None or not open_here or access.refusal(me.standing, Deed.REPLY, one.unit.path, now):
        return None
    link = own.link or (other.link if other else "")
    if not link:
        message = targets.newest(one)
        link = message.permalink if message else ""
    network = words.network_name(one.account.network)
    return Elsewhere(
        words=shown(own.words),
        link=safe_url(link),
        label=_("Open on {network}").format(network=network),
        by_hand_url=reverse("staff:by_hand", args=[one.id]),
    )


def _not_running(one: Conversation) -> str:
    if one.account.state == "paused":
        return _("Our account is paused. A member who runs accounts can let it go on.")
    if one.account.state == "dead":
        return _("Our account has to be connected again before it can speak.")
    if one.account.state == "off":
        return _("Our account is not connected any more.")
    return ""


def _closed(me: Me, one: Conversation, now: datetime, lanes: Sequence[LaneChoice]) -> str:
    """Why there is nothing to write here, or ""."""
    if one.merged_into_id is not None:
        return _("This was merged into another conversation. Answer there.")
    if all(lane.why_not for lane in lanes):
        return access.refusal(me.standing, Deed.REPLY, one.unit.path, now)
    return ""


def _with_limits(made: Composer, one: Conversation) -> Composer:
    """With what the network takes in each lane: for the count, and for what can be added."""
    told, known = {}, []
    for lane in made.lanes:
        if lane.why_not or lane.value == NOTE:
            continue
        found = limits(one.account, Lane(lane.value))
        if found is None:
            continue
        answer = found.of_reply()
        known.append(answer)
        asks = counts_itself(one.account, Lane(lane.value))
        told[lane.value] = _told(answer, asks=asks)
    return replace(made, limits=json.dumps(told), offer=offer(known))


def _told(known: Limits, *, asks: bool) -> dict[str, object]:
    """One lane's limits for the page. `asks`: only the network's own rules can count."""
    offered = offer([known])
    return {
        "text": known.text,
        "caption": known.caption,
        "unit": known.unit,
        "asks": asks,
        "offer": asdict(offered) if offered else None,
    }
