"""How a member wants their pages: theme, single-letter keys, language."""

from collections.abc import Mapping
from typing import Any

from callbox.models.people import Member
from callbox.queries.people import Me
from callbox.scope import acting_for


def prefer(me: Me, chosen: Mapping[str, Any]) -> None:
    """Remember some preferences, and keep the others. They are nobody's record: no entry."""
    with acting_for(me.agency_id):
        member = Member.objects.select_for_update().get(pk=me.member_id)
        member.preferences = {**member.preferences, **chosen}
        member.save(update_fields=["preferences"])
