"""Entries of the ledger in plain words."""

from collections.abc import Callable
from datetime import datetime, tzinfo

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callbox.queries.records import Past
from callbox.vocabulary import (
    Act,
    Disposition,
    Happening,
    HideReason,
    Intent,
    NoReplyReason,
    Stage,
)
from callbox.web.staff import acted, words

_H = Happening

#: One sentence for each happening; `{who}` is a colleague, the resident or Callbox.
SENTENCES: dict[Happening, Promise] = {
    _H.MESSAGE_RECEIVED: gettext_lazy("A message came."),
    _H.MESSAGE_EDITED: gettext_lazy("The author changed their words."),
    _H.MESSAGE_DELETED: gettext_lazy("The author took a message away."),
    _H.MESSAGE_HIDDEN: gettext_lazy("A message was hidden on the network."),
    _H.MESSAGE_SHOWN: gettext_lazy("A hidden message is shown again on the network."),
    _H.MEDIA_KEPT: gettext_lazy("A file that came with a message was stored."),
    _H.MEDIA_REFUSED: gettext_lazy("A file that came with a message could not be stored."),
    _H.ARRIVAL_QUARANTINED: gettext_lazy("Something came that could not be read. It is kept."),
    _H.ARRIVAL_RERUN: gettext_lazy("{who} had what could not be read, read again."),
    _H.CONVERSATION_ASSIGNED: gettext_lazy("{who} assigned it."),
    _H.CONVERSATION_CLOSED: gettext_lazy("{who} closed it."),
    _H.CONVERSATION_REOPENED: gettext_lazy("{who} opened it again."),
    _H.CONVERSATION_MERGED: gettext_lazy("{who} merged another conversation into this one."),
    _H.CONVERSATION_UNMERGED: gettext_lazy("{who} undid a merge."),
    _H.CONVERSATION_RELABELLED: gettext_lazy("{who} changed its label."),
    _H.CONVERSATION_SNOOZED: gettext_lazy("{who} put it off."),
    _H.DRAFT_TAKEN_OVER: gettext_lazy("{who} took over a draft."),
    _H.NOTE_WRITTEN: gettext_lazy("{who} wrote a note."),
    _H.REPLY_QUEUED: gettext_lazy("{who} wrote a reply."),
    _H.REPLY_WITHDRAWN: gettext_lazy("{who} took a reply back."),
    _H.REPLY_SENDING: gettext_lazy("The reply was handed to the network."),
    _H.REPLY_SENT: gettext_lazy("The network has the reply."),
    _H.REPLY_CONFIRMED: gettext_lazy("The reply was read back from the network."),
    _H.REPLY_FAILED: gettext_lazy("The network did not take the reply."),
    _H.REPLY_UNKNOWN: gettext_lazy("Nobody could say whether the reply arrived."),
    _H.REPLY_VANISHED: gettext_lazy("The reply is not on the network any more."),
    _H.DUTY_WAIVED: gettext_lazy("{who} let a member act outside their hours."),
    _H.ACCOUNT_CONNECTED: gettext_lazy("{who} connected an account."),
    _H.ACCOUNT_PAUSED: gettext_lazy("{who} paused an account."),
    _H.ACCOUNT_RESUMED: gettext_lazy("{who} let an account go on."),
    _H.REPLY_CORRECTED: gettext_lazy("The network shows the corrected words."),
    _H.REPLY_REPORTED: gettext_lazy("The network said how far the reply has come."),
    _H.ANSWERED_BY_HAND: gettext_lazy("{who} answered it on the network itself."),
    _H.ACT_ASKED: gettext_lazy("{who} asked the network for something."),
    _H.ACT_DONE: gettext_lazy("The network did what it was asked for."),
    _H.ACT_FAILED: gettext_lazy("The network did not do what it was asked for."),
    _H.ACCOUNT_DISCONNECTED: gettext_lazy("{who} disconnected an account."),
    _H.ACCOUNT_MOVED: gettext_lazy("{who} gave an account to another unit."),
    _H.ACCOUNT_RENEWED: gettext_lazy("The login of an account was renewed."),
    _H.ACCOUNT_LOGIN_ENDING: gettext_lazy("The login of an account ends soon."),
    _H.HOOKS_MENDED: gettext_lazy("The webhooks of an account were made whole."),
    _H.HOOKS_BROKEN: gettext_lazy("The webhooks of an account are not whole."),
    _H.PAST_ASKED: gettext_lazy("{who} asked for what was said before."),
    _H.PAST_TAKEN: gettext_lazy("An import has ended."),
    _H.SECRETS_RESEALED: gettext_lazy("What is secret was sealed anew."),
    _H.ACCOUNT_BLIND: gettext_lazy("We could not hear through an account."),
    _H.ACCOUNT_SEES_AGAIN: gettext_lazy("We hear through an account again."),
    _H.AGENCY_CREATED: gettext_lazy("The agency was set up."),
    _H.MEMBER_ADDED: gettext_lazy("{who} added a member."),
    _H.GRANT_GIVEN: gettext_lazy("{who} gave a role."),
    _H.GRANT_ENDED: gettext_lazy("{who} ended a role."),
    _H.DUTY_SET: gettext_lazy("{who} entered hours on duty."),
}

#: A drawing for each happening on the history page; others get a plain mark.
ICONS: dict[Happening, str] = {
    _H.MESSAGE_RECEIVED: "message-square-text",
    _H.MESSAGE_EDITED: "pencil",
    _H.MESSAGE_DELETED: "trash-2",
    _H.CONVERSATION_ASSIGNED: "user-round-plus",
    _H.CONVERSATION_CLOSED: "archive",
    _H.CONVERSATION_REOPENED: "undo-2",
    _H.CONVERSATION_MERGED: "git-merge",
    _H.CONVERSATION_UNMERGED: "split",
    _H.CONVERSATION_SNOOZED: "alarm-clock",
    _H.NOTE_WRITTEN: "lock",
    _H.REPLY_QUEUED: "square-pen",
    _H.REPLY_SENT: "send",
    _H.REPLY_CONFIRMED: "check-check",
    _H.REPLY_WITHDRAWN: "undo-2",
    _H.REPLY_FAILED: "circle-alert",
    _H.REPLY_UNKNOWN: "circle-help",
    _H.REPLY_VANISHED: "circle-alert",
    _H.REPLY_CORRECTED: "pencil",
    _H.MESSAGE_HIDDEN: "eye-off",
    _H.MESSAGE_SHOWN: "eye",
    _H.ANSWERED_BY_HAND: "external-link",
    _H.ACT_DONE: "check",
    _H.ACT_FAILED: "circle-alert",
}


def sentence(line: Past, zone: tzinfo) -> str:
    """What happened, in one or two short sentences."""
    said = str(SENTENCES[line.happening]).format(who=line.who or _("Callbox"))
    more = _MORE.get(line.happening)
    detail = more(line, zone) if more else ""
    return f"{said} {detail}".strip()


def icon(happening: Happening) -> str:
    """The drawing of a happening."""
    return ICONS.get(happening, "info")


def _assigned(line: Past, zone: tzinfo) -> str:
    name, unit = line.facts.get("member_name"), line.facts.get("unit_name")
    if name:
        return _("To {name}, {unit}.").format(name=name, unit=unit)
    return _("To the desk of {unit}.").format(unit=unit) if unit else ""


def _ended(line: Past, zone: tzinfo) -> str:
    ways = {
        Disposition.ANSWERED: _("Answered."),
        Disposition.REFERRED: _("Referred to somebody else."),
        Disposition.MERGED: _("Merged."),
        Disposition.NO_REPLY: _("No reply needed."),
        Disposition.PAST: _("It was said before we listened."),
    }
    disposition = line.facts.get("disposition")
    said = ways[Disposition(disposition)] if disposition else ""
    reason = line.facts.get("reason")
    return f"{said} {words.REASONS[NoReplyReason(reason)]}." if reason else said


def _put_off(line: Past, zone: tzinfo) -> str:
    until = line.facts.get("until")
    if not until:
        return _("It is back now.")
    at = datetime.fromisoformat(str(until))
    return _("Until {time}.").format(time=words.when(at, line.at, zone))


def _labelled(line: Past, zone: tzinfo) -> str:
    was, to = line.facts.get("was") or [""], line.facts.get("to") or [""]
    return _("From “{was}” to “{to}”.").format(
        was=words.INTENTS[Intent(was[0])], to=words.INTENTS[Intent(to[0])]
    )


def _in_lane(line: Past, zone: tzinfo) -> str:
    if line.facts.get("again"):
        return _("Again.")
    return _("In private.") if line.facts.get("lane") == "private" else _("In public.")


def _act(line: Past, zone: tzinfo) -> str:
    acts: dict[str, str] = {
        Act.LIKE: _("To like the message."),
        Act.HIDE: _("To hide the message."),
        Act.UNHIDE: _("To show the message again."),
        Act.CORRECT: _("To correct our words."),
        Act.TAKE_DOWN: _("To take down our words."),
    }
    said = acts.get(str(line.facts.get("act", "")), "")
    reason = str(line.facts.get("reason") or "")
    return f"{said} {acted.REASONS[HideReason(reason)]}." if reason else said


def _stage(line: Past, zone: tzinfo) -> str:
    stages = {
        Stage.SENT: _("It was handed on."),
        Stage.DELIVERED: _("It is on their device."),
        Stage.READ: _("They have read it."),
        Stage.FAILED: _("It never reached them."),
    }
    return stages[Stage(str(line.facts.get("stage")))]


_MORE: dict[Happening, Callable[[Past, tzinfo], str]] = {
    _H.CONVERSATION_ASSIGNED: _assigned,
    _H.CONVERSATION_CLOSED: _ended,
    _H.CONVERSATION_SNOOZED: _put_off,
    _H.CONVERSATION_RELABELLED: _labelled,
    _H.REPLY_QUEUED: _in_lane,
    _H.REPLY_REPORTED: _stage,
    _H.ACT_ASKED: _act,
    _H.ACT_DONE: _act,
    _H.ACT_FAILED: _act,
}
