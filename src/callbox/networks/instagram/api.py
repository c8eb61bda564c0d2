"""Calls to Instagram: the shared Graph client with this network's addresses and meanings."""

from typing import Final

import httpx

from callbox.connector import AuthDead, Connector, Refused, Unavailable
from callbox.meta.errors import Meanings
from callbox.meta.graph import VERSION, Graph
from callbox.meta.tokens import Token
from callbox.networks.instagram.us import Us
from callbox.values import text

INSTAGRAM_SERVER: Final = "https://graph.instagram.com"
FACEBOOK_SERVER: Final = "https://graph.facebook.com"

UNFETCHED: Final = (
    "Instagram could not fetch the picture or video from us. The public address of Callbox must "
    "be reachable from the internet, without a login and without a detour."
)
NOT_READY: Final = "Instagram is still working on the picture or video."

# “Error codes” of the Instagram Platform reference: code, subcode.
MEANINGS: Final = Meanings(
    "Instagram",
    {
        (9007, 2207027): (Unavailable, NOT_READY),
        (9004, 2207052): (Refused, UNFETCHED),
        (9004, 2207003): (Unavailable, "Instagram was too slow in fetching the picture or video."),
        (36000, 2207004): (Refused, "The picture is larger than Instagram takes."),
        (36001, 2207005): (Refused, "Instagram does not take this kind of picture."),
        (36003, 2207009): (Refused, "Instagram does not take a picture of this shape."),
        (36004, 2207010): (Refused, "The text is longer than Instagram takes."),
        (352, 2207026): (Refused, "Instagram does not take this kind of video."),
        (9, 2207042): (
            Refused,
            "Instagram takes no more posts from this account today. Try again tomorrow.",
        ),
        (4, 2207051): (Refused, "Instagram blocked this as spam. Change the words, or wait."),
        (25, 2207050): (
            AuthDead,
            "Instagram has locked the account or wants somebody to log in there. After that, "
            "connect it again.",
        ),
    },
)


def server(connector: Connector, us: Us) -> str:
    """The address that calls go to: the product's own, unless one is set."""
    own = FACEBOOK_SERVER if us.through_page else INSTAGRAM_SERVER
    return text(connector.account.config.get("server")) or own


def version(connector: Connector) -> str:
    """The version of the API, as set."""
    return text(connector.account.config.get("version")) or VERSION


def graph(connector: Connector, us: Us, transport: httpx.BaseTransport | None) -> Graph:
    """The client of one account. With Facebook Login every call also proves the app's secret."""
    secret = text(connector.account.secrets.get("app_secret")) if us.through_page else ""
    return Graph(
        server(connector, us),
        lambda: Token.value_in(connector.session.read()),
        MEANINGS,
        version=version(connector),
        secret=secret,
        now=connector.now,
        transport=transport,
    )
