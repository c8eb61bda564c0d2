"""The practice city, read from the JSON files beside this one, and checked.

    city().conversations["monroe-speed"].turns

Every file is a list of objects; `plans` says what each may hold. A slip raises ContentError with
the file and the place, so that whoever edits a file learns of it from the first test that runs.
"""

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from callbox.practice_city.checks import check
from callbox.practice_city.plans import (
    AccountPlan,
    Assigns,
    City,
    Closes,
    ContentError,
    ConversationPlan,
    Deletes,
    DutyPlan,
    Edits,
    GrantPlan,
    Labels,
    MemberPlan,
    Notes,
    PostPlan,
    Replies,
    ResidentPlan,
    Says,
    TrickleDeletes,
    TrickleEdits,
    TrickleItem,
    TrickleLikes,
    TrickleSays,
    Turn,
)
from callbox.vocabulary import Disposition, Intent, Lane, NoReplyReason, Role, Urgency

_HERE = Path(__file__).parent

Row = Mapping[str, Any]
_Read = TypeVar("_Read")


@cache
def city() -> City:
    """The practice city as the files beside this one tell it. Raises ContentError."""
    return read(_HERE)


def read(folder: Path) -> City:
    """A city from a folder of its six files, checked. Raises ContentError."""
    found = City(
        members=_keyed(folder / "members.json", _member),
        accounts=_keyed(folder / "accounts.json", lambda row: AccountPlan(**row)),
        residents=_keyed(folder / "residents.json", lambda row: ResidentPlan(**row)),
        posts=_keyed(folder / "posts.json", lambda row: PostPlan(**row)),
        conversations=_keyed(folder / "conversations.json", _conversation),
        trickle=tuple(_rows(folder / "trickle.json", _trickle_item)),
    )
    check(found)
    return found


def _rows(path: Path, make: Callable[[Row], _Read]) -> list[_Read]:
    """A file's objects as values. Raises ContentError naming the file and the object."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ContentError(f"{path.name} cannot be read: {error}") from error
    made = []
    for number, row in enumerate(rows, start=1):
        try:
            made.append(make(row))
        except (KeyError, TypeError, ValueError) as error:
            name = row.get("key", f"number {number}") if isinstance(row, dict) else number
            raise ContentError(f"{path.name}, {name}: {error!r}") from error
    return made


def _keyed(path: Path, make: Callable[[Row], _Read]) -> dict[str, _Read]:
    """A file's objects by their key. Raises ContentError for a key that is there twice."""
    found: dict[str, _Read] = {}
    for value in _rows(path, make):
        key: str = value.key  # type: ignore[attr-defined]  # every keyed plan has one
        if key in found:
            raise ContentError(f"{path.name}: “{key}” is there twice.")
        found[key] = value
    return found


def _member(row: Row) -> MemberPlan:
    duty = row["duty"]
    grants = [GrantPlan(**{**one, "role": Role(one["role"])}) for one in row["grants"]]
    return MemberPlan(
        **{
            **row,
            "languages": tuple(row["languages"]),
            "grants": tuple(grants),
            "duty": DutyPlan(tuple(duty["days"]), duty["from"], duty["hours"]),
        }
    )


def _conversation(row: Row) -> ConversationPlan:
    return ConversationPlan(
        **{
            **row,
            "lane": Lane(row["lane"]),
            "intent": Intent(row["intent"]),
            "turns": tuple(_turn(turn) for turn in row["turns"]),
        }
    )


def _turn(row: Row) -> Turn:
    fields = {name: value for name, value in row.items() if name != "does"}
    match row["does"]:
        case "labels":
            intent, urgency = Intent(fields.pop("intent")), Urgency(fields.pop("urgency"))
            return Labels(**fields, intent=intent, urgency=urgency)
        case "closes":
            return _closes(fields)
        case does:
            return _TURNS[does](**fields)


_TURNS: Mapping[str, Callable[..., Turn]] = {
    "says": Says,
    "edits": Edits,
    "deletes": Deletes,
    "replies": Replies,
    "notes": Notes,
    "assigns": Assigns,
}


def _closes(fields: dict[str, Any]) -> Closes:
    reason = fields.pop("reason", None)
    return Closes(
        **{name: value for name, value in fields.items() if name != "as"},
        disposition=Disposition(fields["as"]),
        reason=NoReplyReason(reason) if reason else None,
    )


def _trickle_item(row: Row) -> TrickleItem:
    fields = {name: value for name, value in row.items() if name != "does"}
    match row["does"]:
        case "says":
            return TrickleSays(**{**fields, "lane": Lane(row["lane"])})
        case "edits":
            return TrickleEdits(**fields)
        case "deletes":
            return TrickleDeletes(**fields)
        case "likes":
            return TrickleLikes(**fields)
        case does:
            raise ValueError(f"nobody can do “{does}”")
