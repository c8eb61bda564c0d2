"""Reading what residents type. Whatever is wrong, their words come back to them."""

import uuid
from dataclasses import dataclass, replace

from django.core import signing
from django.http import HttpRequest

from callbox.ids import new_id

MOST_TEXT = 10_000
MOST_NAME = 80
DOORS = ("question", "concern", "thank")
TRAP = "website"  # a field that people do not see and machines like to fill
_SALT = "callbox.portal.form"


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the form. `id` will name the message; `ticket` is it, signed, in the page."""

    id: str
    ticket: str
    text: str = ""
    name: str = ""
    door: str = ""


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why it cannot be sent yet: the name of the words, the field, and facts for the words."""

    words: str
    field: str = "text"
    n: int = 0
    most: int = 0
    minutes: int = 0


def blank(door: str = "") -> Draft:
    """An empty form with an id of its own. Sent twice, it is one message."""
    form_id = str(new_id())
    ticket = signing.dumps(form_id, salt=_SALT)
    return Draft(form_id, ticket, door=door if door in DOORS else "")


def read(request: HttpRequest) -> tuple[Draft, Wrong | None]:
    """What was sent, and what is wrong with it, if anything."""
    typed = request.POST
    form_id = _opened(typed.get("ticket", ""))
    draft = replace(
        blank() if form_id is None else Draft(form_id, typed["ticket"]),
        text=_clean(typed.get("text", "")),
        name=" ".join(_clean(typed.get("name", "")).split()),
        door=typed.get("door", "") if typed.get("door") in DOORS else "",
    )
    return draft, _wrong(draft, known=form_id is not None, trapped=bool(typed.get(TRAP)))


def _wrong(draft: Draft, *, known: bool, trapped: bool) -> Wrong | None:
    if not draft.text:
        return Wrong("wrong_empty")
    if len(draft.text) > MOST_TEXT:
        return Wrong("wrong_long", n=len(draft.text), most=MOST_TEXT)
    if len(draft.name) > MOST_NAME:
        return Wrong("wrong_name", "name", most=MOST_NAME)
    if trapped:
        return Wrong("wrong_trap")
    return None if known else Wrong("wrong_old")


def _opened(ticket: str) -> str | None:
    """The id in a ticket of ours. Only we name messages: an id that somebody could choose would let
    them ask for a key to another person's conversation."""
    try:
        return str(uuid.UUID(signing.loads(ticket, salt=_SALT)))
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return None


def _clean(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").strip()
