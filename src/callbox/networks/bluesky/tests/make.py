"""Values that several tests need."""

import io
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any

from PIL import Image

from callbox.connector import AccountSeen
from callbox.vocabulary import Media, Outgoing, ReplyTo, Said
from tests.servers.atproto import Credentials, Network

_numbers = count(1)


def account_of(network: Network, credentials: Credentials) -> AccountSeen:
    """The account as the application would store it."""
    return AccountSeen(
        id="1",
        external_id=credentials.did,
        handle=credentials.handle,
        config={"service": network.service_url, "identifier": credentials.handle},
        secrets={"password": credentials.password},
    )


def outgoing(text: str, **more: Any) -> Outgoing:
    """A delivery of its own, made now."""
    return Outgoing(f"delivery-{next(_numbers)}", datetime.now(UTC), text, **more)


def to(said: Said) -> ReplyTo:
    """What a reply to a message hangs on, as the application would hand it over."""
    root_id = said.root_id or said.external_id
    return ReplyTo(said.external_id, root_id, said.author, said.refs, said.addressed)


def picture(width: int = 64, height: int = 48) -> bytes:
    """A small PNG."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), "navy").save(file, "PNG")
    return file.getvalue()


def media(alt: str = "A map of 5th and Main") -> Media:
    """A picture that goes out."""
    return Media(picture(), "image/png", alt, width=64, height=48)


def ref(post: Mapping[str, Any]) -> dict[str, str]:
    """Address and version of a post."""
    return {"uri": post["uri"], "cid": post["cid"]}
