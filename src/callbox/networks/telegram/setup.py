"""What an administrator is asked for and told, and what Telegram cannot do. Words only."""

from collections.abc import Mapping

from callbox.logins import Setting

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "token",
        "Bot token",
        secret=True,
        help="What @BotFather gives for a new bot, like 123456:ABC-DEF. Whoever has it is the bot.",
    ),
    Setting(
        "channel",
        "Our channel",
        required=False,
        help="Only to post in it: its public name like @district7, or its number. The bot must be "
        "an administrator there that may post.",
    ),
    Setting("server", "Server address", default="https://api.telegram.org", kind="url"),
)

PREPARATION: tuple[str, ...] = (
    "In Telegram, write /newbot to @BotFather and choose a name and a public name for the agency's "
    "bot. Keep the token that it gives.",
    "With /setdescription say what the bot is for, that it is not watched at all hours, and that "
    "emergencies go to 911. It is shown before anybody writes.",
    "To be named in groups, write /setprivacy to @BotFather and disable it, then add the bot. It "
    "then sees everything in the group; Callbox keeps only what names the bot or answers it.",
    "To post in a channel, add the bot to it as an administrator that may post, and as one to the "
    "channel's discussion group: comments are heard there, and a post whose answer was lost is "
    "found by its copy.",
    "Use the bot with Callbox alone: Telegram gives a bot's messages to one program only.",
)

CANNOT: Mapping[str, str] = {
    "hide": "Telegram has no hiding. A group's administrators can remove a message there.",
    "find": "Telegram shows a bot nothing of what it has sent, so nobody can look it up.",
    "look": "Telegram shows a bot nothing of what it has sent.",
    "history": "Telegram gives a bot only what is written from now on.",
    "context": "Telegram does not show a bot what was said before.",
    "blocked": "A bot cannot block anybody.",
}

NO_CHANNEL = (
    "This account has no channel to post in. An administrator can name one in its settings; in "
    "private, Telegram lets a bot write only to people who wrote first."
)
NEVER_WROTE = (
    "Telegram lets a bot write only where somebody wrote to it first, and nobody knows who this is."
)
TOO_OLD = "Telegram lets us take a message back for 48 hours, and this one is older."
