"""What was planned is what stands in the database, and the ledger says so."""

from collections import Counter, defaultdict
from datetime import timedelta
from uuid import UUID

import pytest
from django.contrib.auth import authenticate
from django.db import connection
from django.db.models import F

from callbox.actions import accounts
from callbox.models.accounts import Account, Health
from callbox.models.inbox import Arrival, Conversation, Message, Note, ReactionSeen, Version
from callbox.models.people import Grant, Member, Unit, User
from callbox.models.posts import Delivery
from callbox.models.records import Entry
from callbox.networks.practice.street import Street
from callbox.practice_city import trickle
from callbox.practice_city.checks import signed
from callbox.practice_city.content import city
from callbox.practice_city.load import PASSWORD, load, logins
from callbox.practice_city.plans import (
    Assigns,
    Closes,
    ConversationPlan,
    Deletes,
    Edits,
    Notes,
    Replies,
    Says,
    TrickleDeletes,
    TrickleEdits,
    TrickleLikes,
    TrickleSays,
)
from callbox.queries.people import describe
from callbox.rules.access import BOUND_BY_DUTY
from callbox.vocabulary import Disposition, Happening, Intent, Role
from tests.practice_city.conftest import Built

pytestmark = pytest.mark.usefixtures("built")


def _home(plan: ConversationPlan) -> Conversation:
    """The conversation that a plan became, found by its opening words."""
    opening = plan.turns[0]
    assert isinstance(opening, Says)
    found = Version.objects.get(text=opening.text).message.conversation
    assert isinstance(found, Conversation)
    return found


def test_every_conversation_stands_as_planned() -> None:
    accounts = {row.id: row.handle for row in Account.objects.all()}
    for plan in city().conversations.values():
        home = _home(plan)
        assert home.state == plan.state.value, plan.key
        assert home.lane == plan.lane.value, plan.key
        assert accounts[home.account_id] == city().accounts[plan.account].handle, plan.key
        endings = [turn for turn in plan.turns if isinstance(turn, Closes)]
        if endings and home.state == "closed":
            assert home.disposition == endings[-1].disposition.value, plan.key
            assert home.reason == (endings[-1].reason or ""), plan.key
    assert Conversation.objects.count() == len(city().conversations)


def test_nothing_that_was_said_is_missing() -> None:
    plans = city().conversations.values()
    counted = Counter(type(turn) for plan in plans for turn in plan.turns)
    assert Message.objects.count() == counted[Says]
    assert Message.objects.filter(deleted_at__isnull=False).count() == counted[Deletes]
    assert Version.objects.count() == counted[Says] + counted[Edits]
    assert Note.objects.count() == counted[Notes]
    assert Delivery.objects.filter(state="sent").count() == counted[Replies]
    assert not Delivery.objects.exclude(state="sent").exists()
    assert not Arrival.objects.exclude(state="read").exists()


def test_replies_are_on_the_network_signed_and_at_their_time(built: Built) -> None:
    with Street(built.file) as street:
        said = {post.text: post for post in street.said_by("cpd_011")}
    for plan in city().conversations.values():
        if plan.account != "d011":
            continue
        for turn in plan.turns:
            if isinstance(turn, Replies):
                post = said[signed(city(), turn)]
                late = post.at - (built.now - timedelta(minutes=turn.ago))
                assert timedelta(0) < late < timedelta(minutes=1)


def test_the_assigned_member_is_the_last_one_named() -> None:
    members = dict(Member.objects.values_list("id", "user__email"))
    for plan in city().conversations.values():
        named = [turn.to for turn in plan.turns if isinstance(turn, Assigns) and turn.to]
        if named:
            assert members[_home(plan).assignee_id] == city().members[named[-1]].email, plan.key


def test_the_ledger_is_in_order_and_nothing_in_it_is_still_to_come(built: Built) -> None:
    times = list(Entry.objects.order_by("id").values_list("at", flat=True))
    assert times == sorted(times)
    assert times[-1] <= built.now
    kinds = set(Entry.objects.values_list("happening", flat=True))
    assert {
        Happening.AGENCY_CREATED,
        Happening.MEMBER_ADDED,
        Happening.GRANT_GIVEN,
        Happening.DUTY_SET,
        Happening.ACCOUNT_CONNECTED,
        Happening.MESSAGE_EDITED,
        Happening.MESSAGE_DELETED,
        Happening.CONVERSATION_MERGED,
        Happening.CONVERSATION_RELABELLED,
        Happening.CONVERSATION_REOPENED,
        Happening.NOTE_WRITTEN,
    } <= kinds


def test_every_reply_has_its_whole_history() -> None:
    steps: dict[UUID, list[str]] = defaultdict(list)
    for subject, happening in (
        Entry.objects.filter(subject_kind="delivery")
        .order_by("id")
        .values_list("subject_id", "happening")
    ):
        steps[subject].append(happening)
    whole = ["reply_queued", "reply_sending", "reply_sent", "reply_confirmed"]
    assert steps
    assert all(history == whole for history in steps.values())


def test_nobody_acted_off_duty_or_outside_a_grant(built: Built) -> None:
    standing = {
        member.id: describe(member, built.now - timedelta(days=30)).standing
        for member in Member.objects.all()
    }
    spoke = Entry.objects.filter(happening__in=["reply_queued", "conversation_closed"])
    for actor, at in spoke.values_list("actor_id", "at"):
        roles = standing[actor].roles(at)
        assert standing[actor].on_duty(at) or not roles <= BOUND_BY_DUTY


def test_no_job_is_left_over_from_the_past() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        assert cursor.fetchone() == (0,)


def test_units_have_stations_and_outlines() -> None:
    harrison = Unit.objects.get(code="011")
    assert harrison.path == "/CPD/BOP/AREA-4/011/"
    assert harrison.station["address"].startswith("3151 W Harrison")
    assert harrison.boundary["type"] == "Polygon"
    assert Unit.objects.count() == 309


def test_accounts_are_owned_approved_and_heard(built: Built) -> None:
    for account in Account.objects.select_related("unit", "approved_by"):
        plan = next(one for one in city().accounts.values() if one.handle == account.handle)
        assert account.unit.code == plan.unit
        assert account.approved_at == built.now - timedelta(days=plan.approved_days_ago)
        assert account.approved_by.name == city().members[plan.approved_by].name
    assert not Health.objects.filter(checked_at=None).exists()
    assert not Health.objects.filter(blind_since__isnull=False).exists()


def test_a_grant_that_ran_out_is_over(built: Built) -> None:
    over = Grant.objects.filter(ends_at__lt=built.now).annotate(name=F("member__name"))
    assert [grant.name for grant in over] == ["Tess Blanko"]


def test_a_person_who_corrects_a_label_outranks_the_sorting() -> None:
    low = _home(city().conversations["low-spirits"])
    assert low.intent == Intent.CRISIS.value
    assert low.labelled_by_id is not None


def test_a_merged_conversation_points_to_the_other() -> None:
    merged = _home(city().conversations["archer-tuesday"])
    assert merged.disposition == Disposition.MERGED.value
    assert merged.merged_into_id == _home(city().conversations["archer-truck"]).id


def test_demo_logins_open_and_the_others_do_not() -> None:
    lines = list(logins(city()))
    assert len(lines) == 1 + len(Role)
    user = authenticate(username="diaz@callbox.example", password=PASSWORD)
    assert user is not None
    for plan in city().members.values():
        login = User.objects.get(email=plan.email)
        assert login.has_usable_password() == bool(plan.demo), plan.key


def test_a_city_that_stands_is_left_alone(built: Built) -> None:
    before = Entry.objects.count()
    assert load(built.now, built.file) is None
    assert Entry.objects.count() == before
    assert built.file.is_file()


def _count(kind: type) -> int:
    return sum(isinstance(item, kind) for item in city().trickle)


def test_the_whole_trickle_reaches_the_inbox(built: Built, rolled_back: None) -> None:
    before = Message.objects.count()
    assert all(trickle.step(built.file) for _ in city().trickle)
    for account in Account.objects.exclude(network="portal"):
        accounts.collect(built.agency.id, account.id)

    assert Message.objects.count() == before + _count(TrickleSays)
    assert Message.objects.filter(deleted_at__gt=built.now).count() == _count(TrickleDeletes)
    assert Version.objects.filter(seen_at__gt=built.now).count() == (
        _count(TrickleSays) + _count(TrickleEdits)
    )
    assert ReactionSeen.objects.count() == _count(TrickleLikes)
    assert trickle.Place.read(built.file).next == 0

    # Whoever writes again in a thread goes on in their own conversation, which opens again.
    tree = Version.objects.get(
        text="Also: forty oranges. Nobody can be mad with an orange in their hand."
    )
    assert tree.message.conversation.heard == 2
    bread = Version.objects.get(text__startswith="Confirmado: 120 bolillos")
    assert bread.message.conversation.heard == 2
    assert bread.message.conversation.state == "open"
    assert Conversation.objects.filter(state="open").count() > 100
