"""Updates to events. What is said to a bot in private is a direct message; in groups only what
names the bot or answers it (or our channel's posts) is for us, and everything else is dropped.

A message's id is unique in its chat only, so ours is `chat:message`. Telegram shows of a thread
nothing but the one message that was answered, so in a group everything between one resident and us
is one conversation, whatever they answered; topics of a forum are kept apart.

A bot is never shown what it said itself (`need_skip_update_message` in Telegram's own server,
github.com/tdlib/telegram-bot-api). But a channel's post is copied into its discussion group in the
channel's name, and that copy names the post: it is our echo.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from callbox.connector import AccountSeen, Malformed, Raw
from callbox.networks.telegram.content import attachments, words
from callbox.networks.telegram.values import ident, moment, part, username
from callbox.values import Json, mapping, objects, text
from callbox.vocabulary import (
    Addressed,
    AuthorSeen,
    Edited,
    Event,
    Lane,
    Ours,
    Said,
    Unreadable,
)

UPDATE = "update"
KINDS = ("message", "edited_message", "channel_post", "my_chat_member")
_SERVICE = frozenset(
    "new_chat_members left_chat_member new_chat_title new_chat_photo delete_chat_photo "
    "group_chat_created supergroup_chat_created channel_chat_created pinned_message "
    "message_auto_delete_timer_changed migrate_to_chat_id migrate_from_chat_id "
    "video_chat_scheduled video_chat_started video_chat_ended video_chat_participants_invited "
    "forum_topic_created forum_topic_edited forum_topic_closed forum_topic_reopened "
    "chat_owner_left chat_owner_changed write_access_allowed boost_added chat_background_set "
    "connected_website proximity_alert_triggered general_forum_topic_hidden "
    "general_forum_topic_unhidden users_shared chat_shared".split()
)


def parse(raw: Raw, account: AccountSeen) -> Sequence[Event]:
    """Events of one update. Kinds that we did not ask for, and what only says that a chat has
    changed, give none."""
    if raw.kind != UPDATE:
        raise Malformed(f"an arrival of an unknown kind: {raw.kind[:40]}")
    update = raw.json()
    if not isinstance(update, dict) or ident(update.get("update_id")) == "":
        raise Malformed("not an update")
    for kind in ("message", "edited_message"):
        if kind in update:
            return _message(mapping(update[kind]), account, part_of=kind)
    if "channel_post" in update:
        return _channel_post(mapping(update["channel_post"]), account)
    return []


def external_of(message: Json) -> str:
    """Our id of a message, or "" when it lacks one."""
    chat, number = ident(mapping(message.get("chat")).get("id")), ident(message.get("message_id"))
    return f"{chat}:{number}" if chat and number else ""


def _message(message: Json, account: AccountSeen, part_of: str) -> Sequence[Event]:
    external_id, at = external_of(message), moment(message.get("date"))
    if not external_id or at is None:
        return [Unreadable("A message without an id or a time.", part_of)]
    if _SERVICE & message.keys() or _is_start(message):
        return []
    if message.get("is_automatic_forward") is True:
        return _copied(message, account)
    if ident(mapping(message.get("from")).get("id")) == account.external_id:
        return [_echo(message, external_id, at)]
    said = _said(message, external_id, at, account)
    edited = moment(message.get("edit_date"))
    if part_of == "edited_message" and edited is not None:
        return [Edited(external_id, edited, said.text, said)]
    return [said]


def _said(message: Json, external_id: str, at: datetime, account: AccountSeen) -> Said:
    chat = mapping(message.get("chat"))
    private = text(chat.get("type")) == "private"
    answered = mapping(message.get("reply_to_message"))
    return Said(
        external_id=external_id,
        said_at=at,
        author=_author(message),
        text=words(message),
        addressed=Addressed.DIRECT if private else _addressed(message, account),
        lane=Lane.PRIVATE if private else Lane.PUBLIC,
        root_id=_root(message),
        parent_id=None if private else external_of(answered) or None,
        permalink=_permalink(message),
        attachments=attachments(message),
        refs={"chat": ident(chat.get("id")), "type": text(chat.get("type"))[:20]},
        edited_at=moment(message.get("edit_date")),
    )


def _is_start(message: Json) -> bool:
    """The button with which everybody opens a bot sends “/start”: nobody has said anything yet."""
    private = text(mapping(message.get("chat")).get("type")) == "private"
    return private and text(message.get("text")).strip() == "/start"


def _author(message: Json) -> AuthorSeen | None:
    """Whoever wrote: a person, or a chat in whose name they wrote."""
    chat = mapping(message.get("sender_chat"))
    who = chat or mapping(message.get("from"))
    external_id = ident(who.get("id"))
    if not external_id:
        return None
    name = " ".join(filter(None, (text(who.get("first_name")), text(who.get("last_name")))))
    public = username(who.get("username"))
    return AuthorSeen(
        external_id,
        f"@{public}" if public else "",
        text(chat.get("title")) or name,
        f"https://t.me/{public}" if public else "",
    )


def _addressed(message: Json, account: AccountSeen) -> Addressed | None:
    """Why a message in a group is for us; None for what people say to each other, and for what
    other bots say."""
    if mapping(message.get("from")).get("is_bot") is True and not message.get("sender_chat"):
        return None
    if _answers_us(mapping(message.get("reply_to_message")), account):
        return Addressed.REPLY
    return Addressed.MENTION if _names_us(message, account) else None


def _answers_us(answered: Json, account: AccountSeen) -> bool:
    if ident(mapping(answered.get("from")).get("id")) == account.external_id:
        return True
    is_post = answered.get("is_automatic_forward") is True
    return is_post and _is_our_channel(mapping(answered.get("sender_chat")), account)


def _is_our_channel(chat: Json, account: AccountSeen) -> bool:
    ours = channel_of(account.config).lower()
    name = username(chat.get("username")).lower()
    return bool(ours) and ours in (ident(chat.get("id")), f"@{name}" if name else "")


def _names_us(message: Json, account: AccountSeen) -> bool:
    """Whether a mention, a command or a link to a person in it means our bot."""
    written = text(message.get("text")) or text(message.get("caption"))
    ours = f"@{account.handle.lstrip('@').lower()}"
    for one in objects(message.get("entities")) + objects(message.get("caption_entities")):
        kind = one.get("type")
        named = part(written, one.get("offset"), one.get("length")).lower()
        if kind == "mention" and named == ours:
            return True
        if kind == "bot_command" and named.endswith(ours):
            return True
        person = ident(mapping(one.get("user")).get("id"))
        if kind == "text_mention" and person == account.external_id:
            return True
    return False


def channel_of(config: Mapping[str, Any]) -> str:
    """Our channel as methods take it: “@name” or a number; "" for none."""
    typed = text(config.get("channel")).strip().removeprefix("https://t.me/")
    if not typed or typed.startswith(("@", "-")) or ident(typed):
        return typed
    return f"@{typed}"


def _root(message: Json) -> str:
    chat = mapping(message.get("chat"))
    if text(chat.get("type")) == "private":
        return f"dm:{ident(chat.get('id'))}"
    topic = ident(message.get("message_thread_id")) if message.get("is_topic_message") else ""
    return f"group:{ident(chat.get('id'))}" + (f":{topic}" if topic else "")


def _permalink(message: Json) -> str:
    """Where a message can be opened: in a public group or channel by everybody, in a big group by
    its members."""
    chat, number = mapping(message.get("chat")), ident(message.get("message_id"))
    public, chat_id = username(chat.get("username")), ident(chat.get("id"))
    if text(chat.get("type")) == "private":
        return ""
    if public:
        return f"https://t.me/{public}/{number}"
    return f"https://t.me/c/{chat_id[4:]}/{number}" if chat_id.startswith("-100") else ""


def _echo(message: Json, external_id: str, at: datetime) -> Ours:
    private = text(mapping(message.get("chat")).get("type")) == "private"
    answered = external_of(mapping(message.get("reply_to_message")))
    return Ours(
        external_id,
        at,
        words(message),
        Lane.PRIVATE if private else Lane.PUBLIC,
        _root(message),
        answered or None,
        _permalink(message),
    )


def _channel_post(message: Json, account: AccountSeen) -> Sequence[Event]:
    """A post in a channel: ours when the channel is. Residents cannot post there."""
    external_id, at = external_of(message), moment(message.get("date"))
    if not external_id or at is None:
        return [Unreadable("A post without an id or a time.", "channel_post")]
    is_ours = _is_our_channel(mapping(message.get("chat")), account)
    return [_echo(message, external_id, at)] if is_ours and not _SERVICE & message.keys() else []


def _copied(message: Json, account: AccountSeen) -> Sequence[Event]:
    """A post of our channel, by its copy in the discussion group."""
    origin = mapping(message.get("forward_origin"))
    post = {"chat": origin.get("chat"), "message_id": origin.get("message_id")}
    external_id, at = external_of(post), moment(origin.get("date"))
    is_ours = _is_our_channel(mapping(origin.get("chat")), account)
    if not external_id or at is None or not is_ours:
        return []
    return [Ours(external_id, at, words(message), permalink=_permalink(post))]


def receipt_of(message: Any) -> tuple[str, str]:
    """Id and address of a message that a method gave back."""
    found = mapping(message)
    return external_of(found), _permalink(found)
