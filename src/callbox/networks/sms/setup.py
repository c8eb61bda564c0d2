"""What an administrator is asked for and told, and what texts cannot do. Words only."""

from collections.abc import Iterator, Mapping, Sequence

from callbox.logins import Setting
from callbox.vocabulary import Outgoing, Problem

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "account_sid",
        "Account SID",
        help="On the first page of the Twilio console. It starts with AC.",
    ),
    Setting(
        "auth_token",
        "Auth token",
        secret=True,
        help="Below the account SID. Twilio signs its calls to us with it, so it is needed even "
        "when an API key logs in.",
    ),
    Setting(
        "sender",
        "Our number or messaging service",
        help="A number like +13125550100, a short code, or a messaging service that starts with "
        "MG (Twilio console: Messaging, Services).",
    ),
    Setting(
        "numbers",
        "Numbers of the messaging service",
        required=False,
        help="Only for a messaging service: its numbers, with commas between. With them, texts "
        "that did not come by webhook are found.",
    ),
    Setting(
        "api_key",
        "API key",
        required=False,
        help="Better than the auth token for sending: it can be taken back alone. Twilio console: "
        "Account, API keys; it starts with SK. A Standard key is enough.",
    ),
    Setting("api_secret", "API key's secret", secret=True, required=False),
    Setting("server", "Server address", default="https://api.twilio.com", kind="url"),
    Setting(
        "approved_use",
        "Approved use",
        record=True,
        help="What carriers approved: the A2P 10DLC campaign, the toll-free verification or "
        "the short code.",
    ),
    Setting("approved_on", "Approved on", kind="date", record=True),
)

PREPARATION: tuple[str, ...] = (
    "In the Twilio console, get a number that can receive texts and pictures (Phone Numbers, Buy a "
    "number), or use one that the agency has.",
    "Register it: A2P 10DLC brand and campaign for a local number (choose a government brand), "
    "verification for a toll-free one. Without it US carriers block texts.",
    "Leave Twilio's own handling of STOP, START and HELP on. Callbox shows who texted STOP and "
    "sends them nothing.",
    "If the number is in a messaging service, open its Integration page and either choose “Defer "
    "to sender's webhook” or enter Callbox's webhook address there.",
    "Under Messaging, Settings, General, turn on “Enforce HTTP auth on media URLs”: pictures that "
    "residents send can then be opened with our login only.",
)

CANNOT: Mapping[str, str] = {
    "reply": "Text messages are private: there is no public to answer before.",
    "publish": "Texts go to people who wrote to us, one at a time. Alerts are sent elsewhere.",
    "like": "Text messages have no likes that phones would show everywhere.",
    "hide": "Only the two of you can see a text message, so there is nothing to hide.",
    "edit": "A text message cannot be changed once it is sent. Send a correction.",
    "delete": "A text message cannot be taken back once it is sent: it is on their phone.",
}

BY_HAND = (
    "Callbox cannot look at this one. In the Twilio console, incoming texts have to go to {url} "
    "with HTTP POST."
)

APPLICATION = (
    "A TwiML application decides where texts to this number go. Take the number out of it in the "
    "Twilio console (Phone Numbers, the number, Messaging Configuration)."
)


def media_problems(outgoing: Outgoing, mimes: Sequence[str], megabytes: int) -> Iterator[Problem]:
    """Why pictures do not fit in a picture message."""
    for one in outgoing.media:
        if one.mime not in mimes:
            yield Problem("image_kind", f"Phones do not take {one.mime} in a text message.")
        elif one.size > megabytes * 1024 * 1024:
            yield Problem("image_size", f"A picture may have {megabytes} MB in a text message.")
        if not one.url:
            words = "Pictures need this installation to have a public address."
            yield Problem("no_address", words)
        if not one.alt.strip():
            yield Problem("alt_missing", "Describe the picture for people who cannot see it.")
