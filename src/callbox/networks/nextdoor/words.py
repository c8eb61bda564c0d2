"""What members and administrators read about this network."""

from callbox.logins import Scope, Setting

SETTINGS = (
    Setting("client_id", "Client ID", help="From Nextdoor, when it approves your application."),
    Setting("client_secret", "Client secret", secret=True, help="Comes with the client ID."),
    Setting(
        "areas",
        "Areas",
        required=False,
        help="The areas to post to, by the names that Nextdoor has for them, with commas between. "
        "Leave it empty to reach everybody whom the agency serves.",
    ),
)

SCOPES = (
    Scope("openid", "Nextdoor wants it with every login."),
    Scope("profile:read", "To know which agency the login is for."),
    Scope("post:write", "To publish, correct and take down your posts."),
    Scope("post:read", "To read the comments under your posts."),
    Scope("comment:write", "To answer comments, and to correct or take down your answers."),
    Scope("agency.boundary:read", "To know the areas that you may post to."),
)

PREPARATION = (
    "You need an agency page on Nextdoor (nextdoor.com/agency) and a staff account on it.",
    "Apply for Nextdoor's Publish API at developer.nextdoor.com, “Applying for access”. Say that "
    "you are a public agency and that you answer comments under your own posts. Nextdoor then "
    "sends a client ID and a secret.",
    "Give Nextdoor the address that Callbox shows as the redirect address, exactly as it stands.",
    "Log in with the staff account. A login lasts a year; Callbox reminds you before it ends.",
)

CANNOT = {
    "message": "Nextdoor lets no software read or write private messages. Open it on Nextdoor.",
    "like": "Nextdoor lets no software react to a comment. Open it on Nextdoor.",
    "hide": "Nextdoor lets no software hide a comment. Open it on Nextdoor and report it there.",
    "unhide": "Nextdoor lets no software hide a comment, or show it again.",
    "listen": "Nextdoor sends nothing by itself. Callbox asks every five minutes.",
    "receive_hook": "Nextdoor has no webhooks. Callbox asks every five minutes.",
    "revoke": "Nextdoor has no way to end a login from here. Remove Callbox in its settings.",
}

NOT_KNOWN = "Callbox does not know which post this is about. Answer it on Nextdoor."
OUT_OF_SIGHT = "Nextdoor shows our last 50 posts only, and this one is older. Look on Nextdoor."
NO_AGENCY = "This is a neighbour's account and not an agency's. Log in with a staff account."
