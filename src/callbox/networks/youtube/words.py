"""What members and administrators read about this network."""

from callbox.logins import Scope, Setting
from callbox.networks.youtube import units
from callbox.networks.youtube.login import SCOPES as _ASKED

SETTINGS = (
    Setting(
        "client_id",
        "Client ID",
        help="In the Google Cloud console, under “APIs & Services”, “Credentials”: an OAuth client "
        "of the kind “Web application”.",
    ),
    Setting("client_secret", "Client secret", secret=True, help="Shown beside the client ID."),
    Setting(
        units.CAP_SETTING,
        "Units a day",
        default=str(units.CAP),
        required=False,
        kind="number",
        help="What Google lets the project use in a day. If several accounts share one Google "
        "Cloud project, give each its part. Some of it is always kept for answers.",
    ),
)

SCOPES = (
    Scope(
        _ASKED[0],
        "To read comments under your videos, answer and hide them, and change or remove what you "
        "said. Google has no smaller permission that allows answering.",
    ),
    Scope(_ASKED[1], "To publish your videos."),
)

PREPARATION = (
    "In the Google Cloud console (console.cloud.google.com), make a project for the department and "
    "switch on “YouTube Data API v3” under “APIs & Services”, “Library”.",
    "Under “Google Auth Platform”, describe the app (name, the department's e-mail address) and "
    "choose “External”, or “Internal” if the YouTube account belongs to your Google Workspace.",
    "Add both permissions that are listed here under “Data access”, and publish the app (“In "
    "production”): a login of an app in “Testing” ends after 7 days.",
    "Under “Clients”, create a client of the kind “Web application” and enter the address that "
    "Callbox shows as an “Authorised redirect URI”, exactly as it stands.",
    "Ask Google for the compliance audit of the YouTube API Services (support.google.com/youtube/"
    "contact/yt_api_form). Until it is passed, videos that come through Callbox stay private; "
    "comments work without it. The same form asks for more than 10,000 units a day.",
    "Log in as the owner, or a manager, of the department's YouTube account. Editors and viewers "
    "cannot hold back comments.",
)

CANNOT = {
    "message": "YouTube has no private messages. Answer in public, or ask them to write to you.",
    "like": "YouTube lets nobody like a comment from outside. Open it on YouTube to do so.",
    "listen": "YouTube sends nothing by itself. Callbox asks every minute.",
    "receive_hook": "YouTube has no webhooks for comments. Callbox asks every minute.",
    "unblock": "YouTube does not say who is blocked. Look in YouTube Studio, under Community.",
    "blocked": "YouTube does not say who is blocked. Look in YouTube Studio, under Community.",
}

NO_REPLIES = "YouTube takes no answers to this comment. Replies may be switched off."
OWN_HIDDEN = "This is our own comment. Take it down instead."
NOTHING_THERE = "This Google account has nothing on YouTube. Log in with another one."
