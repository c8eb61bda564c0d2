"""The rules of X that hold for one message: why something cannot be done to it now.

Sources: docs.x.com, x-api/posts/manage-tweets/introduction (who may be answered),
xchat/introduction (encrypted chats), x-api/posts/hide-replies. A 403 of X is final whatever is said
here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from callbox.networks.x.values import made_at
from callbox.vocabulary import Lane, ReplyTo

NO_EDIT = "X lets only Premium accounts change a post, and only within an hour."
NO_CHANGING = "X lets no other software change a private message."
NO_TAKING_BACK = "X removes a message from our own view only, so it cannot be taken back."
_EDITABLE = timedelta(hours=1)
_SUMMONED = (
    "X lets this plan answer only posts that mention or quote the account. Answer on X itself, and "
    "note it here."
)
_ENCRYPTED = "This is an encrypted chat. It can be read and answered on X only."
_NOT_OURS = "X lets an account hide replies only in conversations that it began."
_NOBODY = "X does not say who wrote this, so nobody can be written to."


@dataclass(frozen=True, slots=True)
class Standing:
    """What the account may: exempt from being summoned (Enterprise), long posts and edits
    (Premium)."""

    exempt: bool
    premium: bool
    now: datetime


def why_not(ability: str, to: ReplyTo, standing: Standing) -> str:
    """Why not, in words for the member; "" when nothing is known against it."""
    rule = _RULES.get(ability)
    return rule(to, standing) if rule else ""


def _reply(to: ReplyTo, standing: Standing) -> str:
    if to.ours or standing.exempt:
        return ""
    return "" if to.refs.get("summoned") is True else _SUMMONED


def _message(to: ReplyTo, _: Standing) -> str:
    if to.refs.get("encrypted") is True:
        return _ENCRYPTED
    known = to.refs.get("exchange") or (to.author is not None and to.author.external_id)
    return "" if known else _NOBODY


def _hide(to: ReplyTo, _: Standing) -> str:
    return _NOT_OURS if to.lane == Lane.PRIVATE or to.refs.get("ours") is False else ""


def _edit(to: ReplyTo, standing: Standing) -> str:
    if to.lane == Lane.PRIVATE:
        return NO_CHANGING
    made = to.said_at or made_at(to.parent_id)
    is_over = made is not None and standing.now - made > _EDITABLE
    return "" if standing.premium and not is_over else NO_EDIT


def _delete(to: ReplyTo, _: Standing) -> str:
    return NO_TAKING_BACK if to.lane == Lane.PRIVATE else ""


_RULES: Mapping[str, Callable[[ReplyTo, Standing], str]] = {
    "reply": _reply,
    "message": _message,
    "hide": _hide,
    "unhide": _hide,
    "edit": _edit,
    "delete": _delete,
}
