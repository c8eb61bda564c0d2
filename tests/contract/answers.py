"""What was said to us, found again, and the answer to it as the product would make it."""

from collections.abc import Iterable
from datetime import UTC, datetime

from callbox.connector import Connector, Raw
from callbox.vocabulary import Edited, Outgoing, ReplyTo, Said


def reply_to(said: Said) -> ReplyTo:
    """What an answer to something said hangs on."""
    return ReplyTo(
        parent_id=said.external_id,
        root_id=said.root_id or said.external_id,
        author=said.author,
        refs=said.refs,
        addressed=said.addressed,
        lane=said.lane,
        said_at=said.said_at,
        heard_at=said.said_at,
        permalink=said.permalink,
    )


def answer_to(said: Said, text: str, key: str, at: datetime | None = None) -> Outgoing:
    """Our answer, in the lane in which she wrote; made now, or at a time of a stand-in's clock."""
    made_at = at or datetime.now(UTC)
    return Outgoing(key, made_at, text, said.lane, said.language, reply_to(said))


def said_in(connector: Connector, raws: Iterable[Raw], external_id: str) -> Said:
    """What was said under this id, or what it was changed to. Raises LookupError when it is in
    none of the raws."""
    for raw in raws:
        for event in connector.parse(raw):
            found = event.said if isinstance(event, Edited) else event
            if isinstance(found, Said) and found.external_id == external_id:
                return found
    raise LookupError(external_id)
