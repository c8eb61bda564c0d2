"""Calls to Threads: the shared Graph client with this network's address and meanings."""

from typing import Final

import httpx

from callbox.connector import Connector, Refused, Unavailable
from callbox.meta.errors import Meanings
from callbox.meta.graph import Graph
from callbox.meta.tokens import Token
from callbox.values import text

SERVER: Final = "https://graph.threads.net"
VERSION: Final = "v1.0"

#: A container that is said to be ready and then is not found: another one works.
LOST: Final = (24, 4279009)
UNFETCHED: Final = (
    "Threads could not fetch the picture or video from us. The public address of Callbox must be "
    "reachable from the internet, without a login and without a detour."
)
NOT_READY: Final = "Threads is still working on the post."

MEANINGS: Final = Meanings(
    "Threads",
    {
        LOST: (Unavailable, "Threads lost what was prepared. Callbox prepares it again."),
        (9007, 2207027): (Unavailable, NOT_READY),
        (9004, 2207052): (Refused, UNFETCHED),
        (9, 2207042): (Refused, "Threads takes no more posts from this account today."),
    },
)

#: Fields of any post, with what a reply has besides.
POST: Final = (
    "id,text,timestamp,username,permalink,media_type,media_url,gif_url,alt_text,children,"
    "is_quote_post,quoted_post,link_attachment_url,"
    "poll_attachment{option_a,option_b,option_c,option_d}"
)
REPLY: Final = f"{POST},is_reply,is_reply_owned_by_me,root_post,replied_to,hide_status"


def server(connector: Connector) -> str:
    """The address that calls go to."""
    return text(connector.account.config.get("server")) or SERVER


def graph(connector: Connector, transport: httpx.BaseTransport | None) -> Graph:
    """The client of one account."""
    return Graph(
        server(connector),
        lambda: Token.value_in(connector.session.read()),
        MEANINGS,
        version=text(connector.account.config.get("version")) or VERSION,
        now=connector.now,
        transport=transport,
    )
