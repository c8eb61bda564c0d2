"""Reading what stands around every staff page: the agency, the member's desk, how well we hear."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from callbox import sql
from callbox.queries.people import Me


@dataclass(frozen=True, slots=True)
class Hearing:
    """One account, and whether we hear through it. `blind_since` None: we do."""

    name: str
    network: str
    state: str
    blind_since: datetime | None


@dataclass(frozen=True, slots=True)
class Desk:
    """The agency and the desk that a member sits at."""

    agency: str
    zone: ZoneInfo
    languages: Sequence[str]
    answer_minutes: int
    unit_code: str
    unit_name: str
    hearing: Sequence[Hearing]


_DESK = """
SELECT a.name, a.time_zone, a.languages, a.answer_minutes, coalesce(u.code, ''),
    coalesce(u.name, ''),
    coalesce((
        SELECT json_agg(json_build_array(ac.name, ac.network, ac.state, h.blind_since)
            ORDER BY ac.name)
        FROM callbox_account ac
        LEFT JOIN callbox_health h ON h.agency_id = ac.agency_id AND h.account_id = ac.id
        WHERE ac.agency_id = a.id
    ), '[]')
FROM callbox_agency a
LEFT JOIN callbox_unit u ON u.agency_id = a.id AND u.id = %(home)s
WHERE a.id = %(agency)s
"""


def desk(me: Me) -> Desk:
    """The frame of a page, in one statement."""
    values = {"agency": me.agency_id, "home": me.home_unit_id}
    name, zone, languages, minutes, code, unit, accounts = sql.rows(_DESK, values)[0]
    return Desk(
        agency=name,
        zone=ZoneInfo(zone),
        languages=languages,
        answer_minutes=minutes,
        unit_code=code,
        unit_name=unit,
        hearing=[_hearing(account) for account in accounts],
    )


def _hearing(account: Sequence[Any]) -> Hearing:
    name, network, state, blind = account
    return Hearing(name, network, state, datetime.fromisoformat(blind) if blind else None)
