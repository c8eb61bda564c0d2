"""Direct messages: as the API gives them, as webhooks push them, as an archive keeps them.

Their ids have "dm:" in front, because X numbers posts and messages alike. Two people's exchange has
one id from both their ids, the smaller one first, whichever way it came.
"""

import html
import re
from collections.abc import Mapping
from typing import Any

from callbox.connector import Malformed
from callbox.networks.x.posts import Included, Us
from callbox.networks.x.values import ident, made_at, milliseconds, unwrapped, web
from callbox.values import Json, mapping, moment, objects, text
from callbox.vocabulary import Addressed, AttachmentSeen, Event, Lane, Ours, Said

PREFIX = "dm:"
MESSAGES = "https://x.com/messages"
ENCRYPTED = "[An encrypted chat message. It can be read and answered on X only.]"
_MEDIA = re.compile(
    r"https://ton\.(?:twitter|x)\.com/(?:1\.1|i)/ton/data/dm/([0-9]{1,19})/([0-9]{1,19})/(\w[\w.-]{0,79})"
    r"(?::\w+)?"
)
_PAIR = re.compile(r"([0-9]{1,19})[-:]([0-9]{1,19})")


def media_path(url: str) -> str:
    """Where the API gives out a message's picture, from the address that X names for it; "" for
    anything else. That address itself takes no OAuth 2 login."""
    found = _MEDIA.fullmatch(url)
    return f"/2/dm_conversations/media/{found[1]}/{found[2]}/{found[3]}" if found else ""


def exchange(value: Any) -> str:
    """The id of an exchange in one form, or ""."""
    found = text(value)
    pair = _PAIR.fullmatch(found)
    if pair:
        return pair_id(pair[1], pair[2])
    return ident(found)


def pair_id(one: str, other: str) -> str:
    """The id of the exchange of two people."""
    first, second = sorted((one, other), key=int)
    return f"{first}-{second}"


def event(value: Any, included: Included, us: Us) -> list[Event]:
    """A message of the API (`/2/dm_events`). Joining and leaving say nothing."""
    dm = unwrapped(value)
    if text(dm.get("event_type")) != "MessageCreate":
        return []
    sender = ident(dm.get("sender_id"))
    words = _expanded(text(dm.get("text")), mapping(dm.get("entities")).get("urls"), "expanded_url")
    keys = mapping(dm.get("attachments")).get("media_keys")
    media = [included.media.get(text(key), {}) for key in (keys if isinstance(keys, list) else [])]
    found = [AttachmentSeen(*_shown(one)) for one in media if _shown(one)[1]]
    where = exchange(dm.get("dm_conversation_id"))
    return [_message(dm.get("id"), dm.get("created_at"), sender, where, words, included, us, found)]


def pushed(value: Json, included: Included, us: Us) -> list[Event]:
    """A message of a webhook (`direct_message_events[]`, the shape of the old API)."""
    if text(value.get("type")) != "message_create":
        return []
    made = mapping(value.get("message_create"))
    sender = ident(made.get("sender_id"))
    to = ident(mapping(made.get("target")).get("recipient_id"))
    data = mapping(made.get("message_data"))
    words = _expanded(
        text(data.get("text")), mapping(data.get("entities")).get("urls"), "expanded_url"
    )
    media = mapping(mapping(data.get("attachment")).get("media"))
    shown = (_KINDS.get(text(media.get("type")), "other"), web(media.get("media_url_https")))
    found = [AttachmentSeen(*shown)] if shown[1] else []
    where = exchange(value.get("conversation_id")) or (pair_id(sender, to) if sender and to else "")
    when = value.get("created_timestamp")
    return [_message(value.get("id"), when, sender, where, words, included, us, found)]


def archived(value: Json, us: Us) -> list[Event]:
    """A message of an archive."""
    made = mapping(value.get("messageCreate"))
    if not made:
        return []
    words = _expanded(text(made.get("text")), made.get("urls"), "expanded")
    media = made.get("mediaUrls")
    found = [AttachmentSeen("image", web(one)) for one in _list(media) if web(one)]
    where = exchange(value.get("conversationId"))
    sender = ident(made.get("senderId"))
    when = made.get("createdAt")
    return [_message(made.get("id"), when, sender, where, words, Included({}), us, found)]


def encrypted(value: Json, us: Us) -> list[Event]:
    """A message of the encrypted chat: that it came, and from whom; X gives its words to nobody but
    the two of them."""
    chat, sender = text(value.get("id"))[:100], ident(value.get("sender_id"))
    when = milliseconds(value.get("created_at_msec"))
    where = exchange(value.get("conversation_id"))
    if not chat or when is None or not where:
        raise Malformed("an encrypted message without an id, a time or an exchange")
    if sender == us.id:
        return []
    said = Said(
        external_id=f"chat:{chat}",
        said_at=when,
        author=Included({}).author(sender),
        text=ENCRYPTED,
        addressed=Addressed.DIRECT,
        lane=Lane.PRIVATE,
        root_id=f"{PREFIX}chat:{where}",
        permalink=MESSAGES,
        refs={"encrypted": True},
    )
    return [said]


_KINDS = {"photo": "image", "video": "video", "animated_gif": "video"}


def _shown(media: Json) -> tuple[str, str]:
    url = web(media.get("url")) or web(media.get("preview_image_url"))
    return _KINDS.get(text(media.get("type")), "other"), url


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _expanded(words: str, links: Any, name: str) -> str:
    for link in objects(links):
        short, full = text(link.get("url")), text(link.get(name))
        if short and full:
            words = words.replace(short, full)
    return html.unescape(words).strip()


def _message(
    number: Any,
    when: Any,
    sender: str,
    where: str,
    words: str,
    included: Included,
    us: Us,
    attachments: list[AttachmentSeen],
) -> Event:
    found = ident(number)
    at = moment(when) or milliseconds(when) or made_at(found)
    if not found or at is None or not where:
        raise Malformed("a message without an id, a time or an exchange")
    common: Mapping[str, Any] = {
        "external_id": f"{PREFIX}{found}",
        "said_at": at,
        "text": words,
        "lane": Lane.PRIVATE,
        "root_id": f"{PREFIX}{where}",
        "permalink": f"{MESSAGES}/{where}",
        "refs": {"exchange": where},
    }
    if sender == us.id:
        return Ours(**common)
    return Said(
        author=included.author(sender),
        addressed=Addressed.DIRECT,
        attachments=tuple(attachments),
        **common,
    )
