"""What members have done on networks, to messages and to what we said."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from callbox.models.posts import NetworkAct

MOST = 200


def of_thread(conversation_ids: Iterable[UUID]) -> Sequence[NetworkAct]:
    """The acts of conversations, oldest first, each with its member."""
    rows = NetworkAct.objects.select_related("member").filter(
        conversation_id__in=list(conversation_ids)
    )
    return list(rows.order_by("asked_at", "id")[:MOST])
