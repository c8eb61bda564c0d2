"""The practice city holds together, is invented all through, and speaks as the house speaks."""

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from callbox.practice_city import content
from callbox.practice_city.content import city, read
from callbox.practice_city.plans import (
    ContentError,
    Edits,
    Notes,
    Replies,
    Says,
    TrickleEdits,
    TrickleSays,
)
from callbox.rules.triage import language_of, sort
from callbox.vocabulary import ConversationState, Disposition, Intent, Lane, Role, Urgency

FILES = Path(content.__file__).parent
LANGUAGES = {"en", "es", "pl", "zh", "ar"}


def _resident_texts() -> Iterator[tuple[str, str]]:
    for plan in city().conversations.values():
        for turn in plan.turns:
            if isinstance(turn, Says | Edits):
                yield plan.key, turn.text
    for item in city().trickle:
        if isinstance(item, TrickleSays | TrickleEdits):
            yield getattr(item, "key", getattr(item, "of", "")), item.text


def _our_texts() -> Iterator[tuple[str, str]]:
    for post in city().posts.values():
        yield post.key, post.text
    for plan in city().conversations.values():
        for turn in plan.turns:
            if isinstance(turn, Replies | Notes):
                yield plan.key, turn.text


def _everything() -> str:
    return "\n".join(path.read_text() for path in sorted(FILES.glob("*.json")))


# --- enough to fill every screen --------------------------------------------------------------


def test_every_role_has_a_login_to_show() -> None:
    shown = [member for member in city().members.values() if member.demo]
    assert {grant.role for member in shown for grant in member.grants} == set(Role)
    assert all(member.duty.always for member in shown)
    assert city().members["diaz"].email == "diaz@callbox.example"


def test_conversations_are_open_waiting_and_closed() -> None:
    states = Counter(plan.state for plan in city().conversations.values())
    assert states[ConversationState.OPEN] >= 50
    assert states[ConversationState.WAITING] >= 25
    assert states[ConversationState.CLOSED] >= 60
    endings = {
        turn.disposition
        for plan in city().conversations.values()
        for turn in plan.turns
        if hasattr(turn, "disposition")
    }
    assert endings == set(Disposition) - {Disposition.PAST}, "a past comes from an import only"


def test_the_city_speaks_five_languages_everywhere() -> None:
    assert {one.language for one in city().residents.values()} == LANGUAGES
    assert {one.language for one in city().posts.values()} == LANGUAGES
    assert {one.language for one in city().trickle if isinstance(one, TrickleSays)} == LANGUAGES
    spoken = Counter(plan.language for plan in city().conversations.values())
    assert all(spoken[language] >= 10 for language in LANGUAGES)
    answered = {
        turn.language
        for plan in city().conversations.values()
        for turn in plan.turns
        if isinstance(turn, Replies)
    }
    assert answered == LANGUAGES


def test_both_lanes_and_both_networks_and_every_kind_of_concern_are_there() -> None:
    plans = city().conversations.values()
    assert {plan.lane for plan in plans} == set(Lane)
    assert {city().accounts[plan.account].network for plan in plans} == {"practice", "portal"}
    # Threats to members are left out: nothing to practise on strangers in a demonstration.
    assert {plan.intent for plan in plans} == set(Intent) - {Intent.THREAT}
    assert len([item for item in city().trickle if isinstance(item, TrickleSays)]) >= 60


def test_a_member_answers_in_a_language_that_they_have() -> None:
    for plan in city().conversations.values():
        for turn in plan.turns:
            if isinstance(turn, Replies):
                assert turn.language in city().members[turn.by].languages, plan.key


# --- invented ---------------------------------------------------------------------------------


def test_only_accounts_of_this_city_are_named_in_texts() -> None:
    handles = {account.handle for account in city().accounts.values()}
    for key, text in [*_resident_texts(), *_our_texts()]:
        assert set(re.findall(r"@(\w+)", text)) <= handles, key


def test_there_are_no_addresses_numbers_or_pages_of_real_people() -> None:
    text = _everything()
    for found in re.findall(r"[\w.]+@[\w.]+\w", text):
        assert found.endswith("@callbox.example")
    for found in re.findall(r"\b\d{3}[-. ]\d{4}\b", text):
        assert re.fullmatch(r"555-01\d\d", found)
    assert not re.search(r"\b\d{7,}\b", text)
    domains = re.findall(r"\b[\w-]+\.(?:com|org|gov|net|info|io|social|us)\b", text)
    assert domains == []


def test_every_handle_says_that_it_is_an_example() -> None:
    words = re.compile(
        "example|ejempl|sampl|test|mock|trial|demo|model|proto|place|beispiel|specimen|template|"
        "draft|exempl|muestr|prueba|plantilla|ensay|przykl|wzor|probn|szablon|shili|yangben|ceshi|"
        "fanli|moban|yangzi|shifan|mithal|namuthaj|tajriba|ayyina|misali"
    )
    for resident in city().residents.values():
        assert words.search(resident.handle) or resident.handle == "sample_street_news"


# --- kind and plain ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "never",
    [
        r"\binvalid\b",
        r"\bfailed to\b",
        r"\billegal\b",
        r"\bcitizens?\b",
        r"\busers?\b",
        r"message is important",
        r"thank you for your patience",
        r"\bmust\b",
        r"\bkill|\bmurder|\brape|\bcorpse|\bgunshot",
        r"\bblacks\b|\bwhites\b|\baliens?\b|\bghetto\b|\bthugs?\b",
        r"\bgang",
    ],
)
def test_the_department_never_writes(never: str) -> None:
    for key, text in _our_texts():
        assert not re.search(never, text, re.IGNORECASE), key


def test_residents_do_not_write_of_blood_and_weapons() -> None:
    wrong = re.compile(r"\b(?:blood|bleeding|gun|knife|shot|dead body)\b", re.IGNORECASE)
    for key, text in _resident_texts():
        assert not wrong.search(text), key


def test_whoever_is_low_is_told_of_988_and_never_closed() -> None:
    for plan in city().conversations.values():
        if plan.intent is Intent.CRISIS:
            replies = [turn.text for turn in plan.turns if isinstance(turn, Replies)]
            assert any("988" in text for text in replies)
            assert plan.state is not ConversationState.CLOSED
            assert plan.lane is Lane.PRIVATE


# --- and it agrees with how messages are sorted -----------------------------------------------


def test_possible_emergencies_trip_the_wire_and_nothing_else_does() -> None:
    tripped, meant = set(), set()
    for plan in city().conversations.values():
        opening = plan.turns[0]
        assert isinstance(opening, Says)
        if sort(opening.text, plan.language).urgency is Urgency.EMERGENCY:
            tripped.add(plan.key)
        if plan.intent is Intent.EMERGENCY:
            meant.add(plan.key)
    assert tripped == meant


def test_the_language_of_every_opening_is_recognised() -> None:
    for plan in city().conversations.values():
        opening = plan.turns[0]
        assert isinstance(opening, Says)
        assert language_of(opening.text, plan.language) == plan.language, plan.key


# --- slips are named --------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for path in FILES.glob("*.json"):
        shutil.copy(path, tmp_path)
    return tmp_path


def _change(path: Path, **values: Any) -> None:
    """Give the first object of a file other values."""
    rows = json.loads(path.read_text())
    rows[0].update(values)
    path.write_text(json.dumps(rows))


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("members", {"unit": "013"}, "no unit 013"),
        ("members", {"key": "samples"}, "“samples” is there twice"),
        ("members", {"email": "samples@callbox.example"}, "used 2 times"),
        ("members", {"shoe_size": 42}, "members.json, diaz.*shoe_size"),
        ("accounts", {"approved_by": "nobody"}, "nobody is called nobody"),
        ("accounts", {"unit": "013"}, "no unit 013"),
        ("residents", {"handle": "sampleton_d"}, "used 2 times"),
        ("posts", {"account": "d013"}, "no account d013"),
        ("posts", {"text": "x" * 301}, "301 characters"),
        ("conversations", {"intent": "gossip"}, "smoke-adams.*gossip"),
        ("conversations", {"resident": "nobody"}, "or resident nobody"),
        ("conversations", {"post": "bike-day", "account": "d012"}, "d012 has no post bike-day"),
        ("conversations", {"account": "d012"}, "has to name @cpd_012"),
        ("conversations", {"turns": []}, "has to begin with what the resident says"),
        ("conversations", {"turns": [{"does": "sings", "ago": 1}]}, "sings"),
        (
            "conversations",
            {
                "turns": [
                    {"does": "says", "ago": 5, "text": "@cpd_011 Hello"},
                    {"does": "replies", "ago": 7, "by": "nobody", "language": "en", "text": "Hi"},
                    {"does": "assigns", "ago": 3, "by": "diaz"},
                    {"does": "closes", "ago": 2, "by": "diaz", "as": "no_reply"},
                ]
            },
            "(?s)not in order.*nobody is called nobody.*to a member or to a unit.*needs a reason",
        ),
        ("trickle", {"account": "portal"}, "unknown account portal"),
        ("trickle", {"post": "walk-madison", "account": "d012"}, "has no post walk-madison"),
        ("trickle", {"follows": "t-later"}, "nothing earlier is called t-later"),
    ],
)
def test_a_slip_is_named(files: Path, name: str, values: dict[str, Any], words: str) -> None:
    _change(files / f"{name}.json", **values)
    with pytest.raises(ContentError, match=words):
        read(files)


def test_a_file_that_is_not_json_is_named(files: Path) -> None:
    (files / "posts.json").write_text("[{")
    with pytest.raises(ContentError, match=r"posts\.json cannot be read"):
        read(files)


def test_one_resident_in_one_thread_is_one_conversation(files: Path) -> None:
    rows = json.loads((files / "conversations.json").read_text())
    rows.append({**rows[1], "key": "again"})
    (files / "conversations.json").write_text(json.dumps(rows))
    with pytest.raises(ContentError, match="2 exchanges walk-madison"):
        read(files)
