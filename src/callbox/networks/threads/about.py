"""What is said to members about Threads: how to connect it, and what it cannot do."""

from typing import Final

from callbox.logins import Setting
from callbox.networks.threads.api import VERSION
from callbox.vocabulary import Addressed, ReplyTo

SETTINGS: Final = (
    Setting(
        "app_id",
        "Threads app ID",
        help="In Meta's dashboard: App settings, Basic, “Threads app ID” (not the app ID at the "
        "top of the page).",
    ),
    Setting(
        "app_secret",
        "Threads app secret",
        secret=True,
        help="In the same place. It signs what Threads sends to us.",
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
    "At developers.facebook.com, make an app with the use case “Access the Threads API”, and add "
    "the permissions that are listed below.",
    "Under the use case's settings enter the return address that this page shows, and use the same "
    "one for “Uninstall” and “Delete”.",
    "Add the agency's profile as a Threads tester (App roles, Roles), and accept it in Threads: "
    "Settings, Account, Website permissions, Invites. For that the app needs no review.",
    "For replies and mentions to be sent to us: verify the business, pass App Review, switch the "
    "app to Live, and under the use case's Webhooks enter the webhook address and the verify token "
    "that this page shows; subscribe to replies, mentions, publish and delete. Until then Callbox "
    "asks Threads every minute.",
)

CANNOT: Final = {
    "message": "Threads gives other software no private messages. Answer in public, or write to "
    "the person on Threads or Instagram.",
    "like": "Threads lets no other software like a post. You can like it on Threads.",
    "edit": "Threads lets no other software change a post. You can delete it and write it again.",
    "listen": "Threads has no stream; it calls us, and we ask.",
    "hooks": "Which calls of Threads are on, only Meta's dashboard shows.",
    "revoke": "Threads ends a login on its own pages only: Settings, Account, Website permissions.",
    "archive": "Threads' download does not hold what others said to us.",
    "blocked": "Threads does not tell other software who is blocked.",
    "unblock": "Blocks are ended on Threads only.",
}

_NOT_OURS = "Replies can be hidden under our own posts only."
_NOT_TOP = (
    "Threads hides only replies that stand directly under a post of ours; what stands below them "
    "is hidden with them."
)


def barrier(ability: str, to: ReplyTo) -> str:
    """Why this cannot be done to this one message, or ""."""
    if ability not in ("hide", "unhide"):
        return ""
    if to.addressed not in (None, Addressed.REPLY):
        return _NOT_OURS
    return "" if to.refs.get("top") is True else _NOT_TOP
