"""What an account of X needs before it is connected: settings, permissions, steps elsewhere."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from callbox.connector import Refused
from callbox.logins import Scope, Setting
from callbox.networks.x.login import SERVER

ENTERPRISE = "enterprise"

SETTINGS = (
    Setting(
        "plan",
        "Plan at X",
        record=True,
        choices=(
            (ENTERPRISE, "Enterprise"),
            ("self-serve", "Pay-per-use or another self-serve plan"),
        ),
        help="X's developer agreement asks for an Enterprise plan where content is made available "
        "to a government body. Have this settled in writing before you go on. Self-serve plans may "
        "answer only posts that mention or quote the account.",
    ),
    Setting(
        "use_case",
        "Use that X has approved",
        record=True,
        help="As it stands in the developer console, for example: “The department answers people "
        "who write to it. It monitors nobody.”",
    ),
    Setting("approved_on", "Approved on", kind="date", record=True, help="Kept for the record."),
    Setting(
        "client_id", "OAuth 2.0 client ID", help="Developer console, your app, Keys and tokens."
    ),
    Setting("client_secret", "OAuth 2.0 client secret", secret=True, help="In the same place."),
    Setting(
        "consumer_secret",
        "API key secret (consumer secret)",
        secret=True,
        required=False,
        help="For webhooks: X signs with it. Without it, X is asked once a minute.",
    ),
    Setting(
        "app_token",
        "App bearer token",
        secret=True,
        required=False,
        help="For webhooks: registers our address. It cannot write anything.",
    ),
    Setting(
        "monthly_cap_usd",
        "Most to spend in a month (US dollars)",
        kind="number",
        default="100",
        help="X charges for each thing read or written. At four fifths of this Callbox reads only "
        "what is said to you; at the whole of it nothing more is read or written until the month "
        "ends (UTC), and the account says so.",
    ),
    Setting(
        "premium",
        "X Premium",
        default="no",
        choices=(("no", "No"), ("yes", "Yes: long posts, and edits within an hour")),
        required=False,
    ),
    Setting(
        "spelling",
        "Names of fields",
        default="post",
        choices=(("post", "post.fields (current)"), ("tweet", "tweet.fields (older)")),
        required=False,
        help="Change this only if X refuses every call with “invalid request”.",
    ),
    Setting("server", "Server address", default=SERVER, kind="url", required=False),
)

SCOPES = (
    Scope("tweet.read", "to read what people write to you"),
    Scope("tweet.write", "to answer and to publish"),
    Scope("tweet.moderate.write", "to hide and show replies under your posts"),
    Scope("users.read", "to know which account this is, and who wrote"),
    Scope("dm.read", "to read direct messages"),
    Scope("dm.write", "to answer direct messages"),
    Scope("media.write", "to put up pictures and videos"),
    Scope("block.read", "to list who is blocked, for the record"),
    Scope("offline.access", "to stay connected without asking you every two hours"),
)

PREPARATION = (
    "Settle the plan with X. Its developer agreement asks for Enterprise where content is made "
    "available to a government body; name the department as the end user.",
    "At https://console.x.com make a project and an app for the department. All accounts of one "
    "agency use the same app, because X gives an app one webhook address.",
    "Describe the use: answering people who write to the department. Write that nobody is "
    "monitored and nothing is searched for but answers below the department's own posts (recent "
    "search, by conversation). Callbox does no more than that. Keep the approval's date.",
    "In the app's User authentication settings choose “Read and write and Direct message” and "
    "“Web App, Automated App or Bot”, and enter the callback address that this wizard shows.",
    "Under Keys and tokens copy the OAuth 2.0 client ID and secret; for webhooks also the API key "
    "secret and the bearer token.",
    "Buy credits or set up billing, and set a spending limit there as well.",
)

CANNOT: Mapping[str, str] = {
    "like": "X has taken likes through its API out of all self-serve plans (April 2026).",
    "unblock": "X has no way to end a block through its API. Do it on X itself.",
    "listen": "X pushes by webhooks; it has no stream that Callbox holds open.",
}


def check_approved(config: Mapping[str, Any], now: datetime) -> None:
    """The connector stays off until it is on record that X allows this use (policing R15). Raises
    Refused with what is missing."""
    for name, words in (("plan", "plan"), ("use_case", "approved use"), ("approved_on", "date")):
        if not str(config.get(name) or "").strip():
            raise Refused(
                f"X stays off until its approval is on record: the {words} is missing in the "
                "account's settings."
            )
    try:
        since = date.fromisoformat(str(config["approved_on"]).strip())
    except ValueError:
        raise Refused("X stays off: the date of its approval cannot be read.") from None
    if since > now.date():
        raise Refused("X stays off: its approval begins on a later day.")
