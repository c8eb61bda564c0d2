"""What is said to members about Instagram: how to connect it, and what it cannot do."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from callbox.logins import Setting
from callbox.meta import windows
from callbox.meta.graph import VERSION
from callbox.networks.instagram import speaking
from callbox.networks.instagram.us import FACEBOOK_LOGIN, INSTAGRAM_LOGIN
from callbox.vocabulary import Lane, ReplyTo

SETTINGS: Final = (
    Setting(
        "product",
        "How to log in",
        default=INSTAGRAM_LOGIN,
        choices=(
            (INSTAGRAM_LOGIN, "With Instagram (no Facebook Page needed)"),
            (FACEBOOK_LOGIN, "With Facebook (the account is linked to a Page)"),
        ),
        help="With Facebook, the words of mentions under other people's posts come along; with "
        "Instagram, only that there is one.",
    ),
    Setting(
        "app_id",
        "App ID",
        help="In Meta's dashboard. With Instagram: “Instagram app ID”, under Instagram, API setup "
        "with Instagram login. With Facebook: the app ID at the top of the page.",
    ),
    Setting(
        "app_secret",
        "App secret",
        secret=True,
        help="Beside the app ID that you entered. It signs what Instagram sends to us.",
    ),
    Setting(
        "meta_secret",
        "Second app secret",
        secret=True,
        required=False,
        help="With Instagram an app has two secrets. Enter the other one (App settings, Basic) "
        "only if Instagram's calls are refused here.",
    ),
    Setting(
        "messages",
        "Private messages",
        default="yes",
        choices=(("yes", "Read and answer them here"), ("no", "Leave them on Instagram")),
        help="To read them, switch on “Allow access to messages” in the Instagram app: Settings, "
        "Messages and story replies, Message controls.",
    ),
    Setting("version", "Version of the API", default=VERSION, help="Leave as it is."),
    Setting(
        "server",
        "Server",
        required=False,
        kind="url",
        help="Leave empty, unless you test against a server of your own.",
    ),
)

PREPARATION: Final = (
    "Make the Instagram account a professional one (in its app: Settings, Account type and tools).",
    "At developers.facebook.com, make an app of the type Business for your agency, and verify the "
    "business. An app that only serves your own accounts works without review; comments come "
    "through webhooks only with Advanced Access to instagram_business_manage_comments (or "
    "instagram_manage_comments).",
    "Add the product Instagram to the app. Under “Business login settings” (with Facebook: "
    "Facebook Login for Business, Settings) enter the return address that this page shows.",
    "Under Webhooks, choose Instagram, enter the webhook address and the verify token that this "
    "page shows, and subscribe to: comments, live_comments, mentions, messages, message_edit, "
    "message_reactions, messaging_postbacks, messaging_seen.",
    "To answer private messages later than 24 hours after they came, ask for the feature Human "
    "Agent in App Review: a police department's members answer themselves.",
    "Switch the app to Live. With Facebook, the permissions have other names: instagram_basic, "
    "instagram_manage_comments, instagram_manage_messages, instagram_content_publish, "
    "pages_show_list, pages_read_engagement, pages_manage_metadata.",
)

CANNOT: Final = {
    "like": "Instagram lets no other software like a comment. You can like it on Instagram.",
    "edit": "Instagram lets no other software change a comment or a caption. You can delete it and "
    "write it again.",
    "listen": "Instagram has no stream; it calls us, and we ask.",
    "revoke": "Instagram ends a login on its own pages only: in its app, Settings, Website "
    "permissions, Apps and websites.",
    "blocked": "Instagram does not tell other software who is blocked.",
    "unblock": "Blocks are ended on Instagram only.",
}

_HIDE_OTHERS = "Comments can be hidden under our own posts only."
_HIDE_MESSAGE = "A private message cannot be hidden: nobody else sees it."
_HIDDEN = "This comment is hidden, and Instagram takes no answer to it. Show it again first."
_LIVE = "Instagram takes no answer to a comment of a live broadcast after it."
_ARCHIVED = "This came from a download of the past, which does not say whom an answer would go to."


#: Which permission an ability needs, by the end of its name: both products have the same.
_NEEDS: Final = {
    "reply": "_manage_comments",
    "hide": "_manage_comments",
    "unhide": "_manage_comments",
    "message": "_manage_messages",
    "publish": "_content_publish",
}


def declined(ability: str, names: Sequence[str]) -> str:
    """Why the login may not do this: the member switched its permission off. Or ""."""
    needed = _NEEDS.get(ability, "")
    if not needed or not any(name.endswith(needed) for name in names):
        return ""
    return "Whoever connected the account did not allow this. Connect it again and allow all."


def barrier(ability: str, to: ReplyTo, now: datetime) -> str:
    """Why this cannot be done to this one message, or ""."""
    kind = speaking.kind(to)
    if kind == "archived" and ability in ("reply", "message", "hide", "unhide"):
        return _ARCHIVED
    if ability == "reply":
        return _reply(kind, to)
    if ability == "message":
        return _message(kind, to, now)
    if ability in ("hide", "unhide") and kind != "comment":
        return _HIDE_MESSAGE if kind == "dm" else _HIDE_OTHERS
    return ""


def _reply(kind: str, to: ReplyTo) -> str:
    if kind == "tag":
        return speaking.TAG
    if kind == "dm":
        return "This is a private message: answer it in private."
    if to.refs.get("hidden") is True:
        return _HIDDEN
    return _LIVE if to.refs.get("place") == "LIVE" else ""


def _message(kind: str, to: ReplyTo, now: datetime) -> str:
    if to.lane is Lane.PRIVATE:
        return windows.over(to, now)
    if kind != "comment":
        return speaking.NOT_PRIVATE
    return windows.private_reply_over(to, now)
