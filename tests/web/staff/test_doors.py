"""Every address of the staff pages × every role: who comes in, and what the others are told."""

from dataclasses import dataclass

import pytest
from django.db import transaction
from django.urls import URLPattern, reverse

from callbox.actions import conversations, posts
from callbox.ids import new_id
from callbox.models.inbox import Message
from callbox.models.people import Grant
from callbox.models.posts import Picture
from callbox.scope import acting_for
from callbox.vocabulary import Lane, Role
from callbox.web.staff.urls import urlpatterns
from tests.illustrated import png, stored
from tests.web.staff.conftest import Place

ALL = frozenset(role.value for role in Role)
READ = frozenset({"officer", "supervisor", "news_affairs", "records", "oversight"})
ANSWER = frozenset({"officer", "supervisor", "news_affairs"})
LEAD = frozenset({"supervisor", "news_affairs"})
NOTE = ANSWER | {"records"}
RUN = frozenset({"news_affairs", "administrator"})
GRANT = frozenset({"administrator"})
MEMBERS = ALL - {"tip_handler"}
WAIVE = frozenset({"supervisor", "news_affairs"})


@dataclass(frozen=True)
class Door:
    """One address and method: who may, what they get, and what those get who may do such things,
    but not to this: a neighbour of another district, a stranger of another agency."""

    may: frozenset[str]
    ok: int = 200
    neighbour: int = 200
    stranger: int = 200
    method: str = "get"
    about: str = ""  # what the address names
    data: tuple[tuple[str, str], ...] = ()


def _get(may: frozenset[str], about: str = "", *, ok: int = 200, others: int = 200) -> Door:
    neighbour = 200 if about in ("member", "account", "") else others
    return Door(may, ok, neighbour if ok == 200 else ok, others if ok == 200 else ok, about=about)


def _post(
    may: frozenset[str], about: str, ok: int, neighbour: int, stranger: int, **data: str
) -> Door:
    return Door(may, ok, neighbour, stranger, "post", about, tuple(data.items()))


DOORS: dict[str, tuple[Door, ...]] = {
    "home": (_get(ALL, ok=302),),
    "welcome": (_get(ALL),),
    "keys": (_get(ALL),),
    "settings": (_get(ALL),),
    "save_settings": (_post(ALL, "", 302, 302, 302),),
    "theme": (_post(ALL, "", 302, 302, 302, theme="dark"),),
    "search": (_get(READ, ok=302),),
    "inbox": (_get(READ, "queue"),),
    "rows": (_get(READ, "queue"),),
    "fresh": (_get(READ, "queue"),),
    "conversation": (_get(READ, "conversation", others=404),),
    "history": (_get(READ, "conversation", others=404),),
    "reply": (_post(NOTE, "conversation", 302, 404, 404, lane="note", text="Seen."),),
    "count": (_post(ANSWER, "conversation", 200, 404, 404, lane="public", text="Se"),),
    "draft": (_post(NOTE, "conversation", 204, 422, 422, lane="note", text="Se"),),
    "read": (_post(READ, "conversation", 204, 404, 404),),
    "assign": (
        _get(ANSWER, "conversation", others=404),
        _post(ANSWER, "conversation", 302, 404, 404, member=""),
    ),
    "unassign": (_post(ANSWER, "conversation", 302, 422, 422),),
    "later": (
        _get(ANSWER, "conversation", others=404),
        _post(ANSWER, "conversation", 302, 404, 404, until="1h"),
    ),
    "now": (_post(ANSWER, "conversation", 302, 422, 422),),
    "close": (
        _get(ANSWER, "conversation", others=404),
        _post(ANSWER, "conversation", 302, 404, 404, how="no:thanks"),
    ),
    "reopen": (_post(ANSWER, "conversation", 302, 422, 422),),
    "merge": (
        _get(ANSWER, "conversation", others=404),
        _post(ANSWER, "conversation", 422, 404, 404),
    ),
    "unmerge": (_post(ANSWER, "conversation", 422, 422, 422),),
    "relabel": (
        _get(ANSWER, "conversation", others=404),
        _post(ANSWER, "conversation", 302, 404, 404, intent="praise", urgency="routine"),
    ),
    "ask": (_post(ANSWER, "conversation", 302, 422, 422),),
    "take_over": (_post(ANSWER, "conversation", 422, 422, 422),),
    "hand_over": (_post(ANSWER, "conversation", 422, 422, 422),),
    "by_hand": (
        _get(ANSWER, "conversation", others=404),
        _post(ANSWER, "conversation", 302, 404, 404),
    ),
    "like": (_post(ANSWER, "message", 302, 422, 422),),
    "hide": (
        Door(LEAD, 200, 403, 404, about="message"),
        _post(LEAD, "message", 422, 403, 404),
    ),
    "unhide": (_post(LEAD, "message", 422, 403, 422),),
    "act_again": (_post(READ, "message", 422, 422, 422),),
    "correct": (
        _get(ANSWER, "delivery", others=404),
        _post(ANSWER, "delivery", 422, 404, 404),
    ),
    "take_down": (
        _get(ANSWER, "delivery", others=404),
        _post(ANSWER, "delivery", 422, 404, 404),
    ),
    "withdraw": (_post(ANSWER, "delivery", 302, 422, 422),),
    "again": (_post(ANSWER, "delivery", 422, 422, 422),),
    "picture": (_get(READ, "picture", others=404),),
    "media": (_get(READ, "attachment", others=404),),
    "small_media": (_get(READ, "attachment", others=404),),
    "accounts": (_get(ALL),),
    "connect": (Door(RUN, 200, 403, 403),),
    "connect_to": (Door(RUN, 200, 403, 403, about="network"),),
    "connect_login": (
        Door(RUN, 200, 403, 403, about="network"),
        Door(RUN, 422, 403, 403, "post", "network"),
    ),
    "connect_back": (Door(RUN, 422, 403, 403),),
    "connect_done": (Door(RUN, 302, 403, 403),),
    "connect_pick": (
        Door(RUN, 404, 403, 403, about="grant"),
        Door(RUN, 422, 403, 403, "post", "grant"),
    ),
    "account": (_get(ALL, "account", others=404),),
    "renew": (_post(RUN, "account", 422, 403, 403),),
    "mend": (_post(RUN, "account", 422, 403, 403),),
    "move": (_post(RUN, "account", 422, 403, 403),),
    "try_out": (_post(RUN, "account", 200, 403, 403),),
    "disconnect": (
        Door(RUN, 200, 403, 403, about="account"),
        _post(RUN, "account", 302, 403, 403),
    ),
    "blocked": (Door(RUN, 200, 403, 403, about="account"),),
    "unblock": (_post(RUN, "account", 422, 403, 403, author="x"),),
    "begin_import": (_post(RUN, "account", 422, 403, 403),),
    "import_archive": (_post(RUN, "account", 422, 403, 403),),
    "stop_import": (_post(RUN, "import", 422, 403, 403),),
    "resume_import": (_post(RUN, "import", 422, 403, 403),),
    "pause": (_post(RUN, "account", 302, 403, 403),),
    "resume": (_post(RUN, "account", 302, 403, 403),),
    "read_again": (_post(RUN, "account", 302, 403, 403),),
    "members": (_get(MEMBERS),),
    "add_member": (Door(GRANT, 200, 403, 403), Door(GRANT, 422, 403, 403, "post")),
    "member": (_get(MEMBERS, "member", others=404),),
    "give": (_post(GRANT, "member", 422, 403, 403),),
    "set_duty": (_post(GRANT, "member", 422, 403, 403),),
    "waive": (_post(WAIVE, "member", 422, 403, 404, hours="2"),),
    "end_grant": (_post(GRANT, "grant", 302, 403, 403),),
}
EVERYBODY = (*sorted(ALL), "neighbour", "stranger", "")


def test_every_address_is_in_the_table() -> None:
    names = {one.name for one in urlpatterns if isinstance(one, URLPattern)}
    assert names == set(DOORS)


@pytest.fixture
def addresses(place: Place) -> dict[str, list[object]]:
    """What addresses name: a conversation of the 11th District, a reply that waits, and so on."""
    town = place.town
    one = place.hear("ana", "When is the next meeting?")
    delivery = posts.reply(town.diaz, one.id, "On Thursday.", lane=Lane.PUBLIC)
    conversations.note(town.diaz, one.id, "Told her.")
    with acting_for(town.agency.id):
        message = Message.objects.get(conversation=one)
        grant = Grant.objects.create(
            agency_id=town.agency.id,
            member_id=town.ofield.member_id,
            role="officer",
            unit_id=one.unit_id,
            starts_at=one.started_at,
        )
        picture = Picture.objects.create(
            agency_id=town.agency.id,
            post=delivery.post,
            member_id=town.diaz.member_id,
            content=b"x",
            mime="image/png",
            alt="A map",
            width=1,
            height=1,
            added_at=one.started_at,
        )
    return {
        "": [],
        "queue": ["needs"],
        "conversation": [one.id],
        "delivery": [delivery.id],
        "message": [message.id],
        "picture": [picture.id],
        "attachment": [stored(one, png()).id],
        "network": ["practice"],
        "account": [town.account.id],
        "import": [town.account.id, new_id()],
        "member": [town.ofield.member_id],
        "grant": [grant.id],
    }


def _expected(door: Door, who: str) -> int:
    if who == "":
        return 302
    if who == "neighbour":
        return door.neighbour
    if who == "stranger":
        return door.stranger
    return door.ok if who in door.may else 403


@pytest.mark.parametrize("who", EVERYBODY)
def test_who_comes_in(place: Place, addresses: dict[str, list[object]], who: str) -> None:
    client = place.client(who)
    wrong = []
    for name, doors in DOORS.items():
        for door in doors:
            url = reverse(f"staff:{name}", args=addresses[door.about])
            with transaction.atomic():
                answer = getattr(client, door.method)(url, dict(door.data))
                transaction.set_rollback(True)
            if answer.status_code != _expected(door, who):
                wrong.append((door.method, name, answer.status_code, _expected(door, who)))
            if who == "" and not answer["Location"].startswith("/sign-in/"):
                wrong.append((door.method, name, answer["Location"], "sign-in"))
    assert wrong == []


def test_names_that_are_not_there_are_not_found(place: Place) -> None:
    client = place.client("supervisor")
    for name in ("conversation", "history", "picture", "media", "member"):
        assert client.get(reverse(f"staff:{name}", args=[new_id()])).status_code == 404
    assert client.get("/staff/inbox/nonsense/").status_code == 404
    assert client.get("/staff/inbox/needs/?after=nonsense").status_code == 404


def test_without_a_role_there_is_a_reason(place: Place) -> None:
    with acting_for(place.town.agency.id):
        Grant.objects.filter(member=place.members["officer"]).delete()
    answer = place.client("officer").get("/staff/")
    assert answer.status_code == 403
    assert "You hold no role now" in answer.content.decode()


def test_reading_writes_nothing(place: Place, addresses: dict[str, list[object]], counting) -> None:
    client = place.client("supervisor")
    with counting() as count:
        for name, doors in DOORS.items():
            for door in doors:
                if door.method == "get":
                    client.get(reverse(f"staff:{name}", args=addresses[door.about]))
    verbs = {statement.lstrip(" \n(").split()[0].upper() for statement in count.statements}
    assert verbs <= {"SELECT", "SAVEPOINT", "RELEASE", "SET", "ROLLBACK"}
