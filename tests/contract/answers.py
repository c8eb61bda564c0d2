"""An answer to something that Ana said, as the product would make it."""

from datetime import UTC, datetime

from callbox.vocabulary import Outgoing, ReplyTo, Said


def answer_to(said: Said, text: str, key: str) -> Outgoing:
    """Our answer, in the lane in which she wrote."""
    to = ReplyTo(
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
    return Outgoing(key, datetime.now(UTC), text, said.lane, said.language, to)
