"""Telegram's Bot API: the methods that we call, and every type that they refer to.

The description is scraped from core.telegram.org/bots/api; of it, names, types and what is required
are kept: `{"methods": {name: {"fields": {...}, "returns": [...]}}, "types": {name: {...}}}`.
"""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

METHODS = (
    "getMe getUpdates setWebhook deleteWebhook getWebhookInfo getFile sendMessage sendPhoto "
    "sendVideo sendMediaGroup editMessageText editMessageCaption deleteMessage setMessageReaction"
).split()
# Parts of a message that we neither send nor read, and that would pull in half the description.
_LEFT_OUT = frozenset(
    "InlineKeyboardMarkup ReplyKeyboardMarkup ReplyKeyboardRemove ForceReply InputRichMessage "
    "RichMessage SuggestedPostParameters ChatFullInfo Giveaway GiveawayWinners Checklist GiftInfo "
    "UniqueGiftInfo PaidMediaInfo PassportData Game Story Invoice ExternalReplyInfo".split()
)
_NAME = re.compile(r"[A-Z]\w+$")


def make(folder: Path) -> dict[str, Any]:
    """telegram.json."""
    described = json.loads((folder / "telegram" / "api.json").read_text())
    methods = {name: _method(described["methods"][name]) for name in METHODS}
    types: dict[str, Any] = {}
    left = [*_named(methods.values()), "Update"]
    while left:
        name = left.pop()
        if name in types or name in _LEFT_OUT or name not in described["types"]:
            continue
        types[name] = _type(described["types"][name])
        left += _named([types[name]])
    return {"telegram.json": {"version": described["version"], "methods": methods, "types": types}}


def _fields(about: Mapping[str, Any]) -> dict[str, Any]:
    return {
        one["name"]: {"types": one["types"], "required": one["required"]}
        for one in about.get("fields", ())
    }


def _method(about: Mapping[str, Any]) -> dict[str, Any]:
    return {"fields": _fields(about), "returns": about["returns"]}


def _type(about: Mapping[str, Any]) -> dict[str, Any]:
    if about.get("subtypes"):
        return {"one_of": about["subtypes"]}
    return {"fields": _fields(about)}


def _named(parts: Iterable[Mapping[str, Any]]) -> list[str]:
    """The types that parts refer to: “Array of Message” is about Message."""
    words = []
    for part in parts:
        words += [*part.get("returns", ()), *part.get("one_of", ())]
        words += [one for field in part.get("fields", {}).values() for one in field["types"]]
    return [found[0] for word in words if (found := _NAME.search(word))]
