"""What every network promises about hearing."""

import json
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callbox.connector import Connector, Malformed, Raw, Refused, Signed
from callbox.networks import REGISTRY, connector_class
from callbox.vocabulary import Deleted, Edited, Event, Ours, Reacted, Said
from tests.contract.harness import EDIT, LIKE, REMOVE, Harness, harness_class
from tests.contract.play import Ears, addressed, can_answer, lanes, read, speak


def test_what_is_said_to_us_is_heard_once(harness: Harness) -> None:
    """The same bytes give the same events, and asking again gives nothing new."""
    connector = harness.connector(harness.session())
    ears = Ears(harness, connector)
    ears.heard()
    for private in lanes(harness):
        said = harness.say("Is the station open on Sunday?", private=private)
        raws = ears.heard()
        first = addressed(read(connector, raws))
        assert [one.external_id for one in first] == [said]
        assert "Is the station open on Sunday?" in first[0].text
        assert read(connector, raws) == read(connector, raws)
        again = addressed(ears.events())
        assert [one for one in again if one.external_id != said] == []


def test_a_cursor_survives_being_stored(harness: Harness) -> None:
    connector = harness.connector(harness.session())
    ears = Ears(harness, connector)
    ears.heard()
    assert json.loads(json.dumps(ears.cursor)) == ears.cursor


def test_an_outage_leaves_no_gap(harness: Harness) -> None:
    """Many things are said while nobody listens; afterwards every one is heard, and none twice."""
    connector = harness.connector(harness.session())
    ears = Ears(harness, connector)
    ears.heard()
    private = lanes(harness)[0]
    said = [harness.say(f"Question number {n}", private=private) for n in range(23)]
    events = ears.events()
    heard = [one.external_id for one in addressed(events)]
    assert sorted(heard) == sorted(said)
    fresh = [one for one in addressed(ears.events()) if one.external_id not in said]
    assert fresh == []


def test_polling_from_a_cursor_that_makes_no_sense_does_no_harm(harness: Harness) -> None:
    connector = harness.connector(harness.session())
    if "fetch" not in connector.abilities():
        assert "receive_hook" in connector.abilities() or connector.key == "portal"
        return
    for cursor in ({"nonsense": [1, None]}, {"since": -1, "after": {"a": "b"}}):
        page = connector.fetch(cursor)
        json.dumps(page.cursor)


def test_order_does_not_matter_to_reading(harness: Harness) -> None:
    """Raws are read alone: shuffled, repeated and mixed they say the same."""
    connector = harness.connector(harness.session())
    ears = Ears(harness, connector)
    ears.heard()
    private = lanes(harness)[0]
    said = harness.say("The light is out", private=private)
    raws = ears.heard()
    if EDIT in harness.residents_can:
        harness.edit(said, "The light is out at Main Street")
        raws += ears.heard()
    one_by_one = {raw: tuple(connector.parse(raw)) for raw in raws}
    mixed = [*raws, *raws]
    random.Random(7).shuffle(mixed)  # the same shuffle every time
    for raw in mixed:
        assert tuple(connector.parse(raw)) == one_by_one[raw]


def _later(harness: Harness, minutes: int) -> Connector:
    """Our connector some minutes from now: networks that tell us nothing are asked now and then."""
    connector = harness.connector(harness.session())
    connector.now = lambda: datetime.now(UTC) + timedelta(minutes=minutes)
    return connector


def test_edits_and_deletions_are_noticed(harness: Harness) -> None:
    """Failure mode 11: words that change or go, where residents can and the network shows it."""
    connector = harness.connector(harness.session())
    ears = Ears(harness, connector)
    ears.heard()
    private = lanes(harness)[0]
    said = harness.say("The light is out", private=private)
    ears.heard()
    if EDIT in harness.residents_can:
        harness.edit(said, "The light is out at Main Street")
        ears.connector = _later(harness, 10)
        changed = [
            event
            for event in ears.events()
            if isinstance(event, Edited | Said)
            and event.external_id == said
            and "Main Street" in event.text
        ]
        assert changed
    if REMOVE in harness.residents_can:
        harness.remove(said)
        ears.connector = _later(harness, 30)
        gone = [one.external_id for one in ears.events() if isinstance(one, Deleted)]
        assert said in gone


def test_a_like_is_counted_and_tied_to_nobody(harness: Harness) -> None:
    if LIKE not in harness.residents_can:
        return
    connector = harness.connector(harness.session())
    ears = Ears(harness, connector)
    ears.heard()
    said = harness.say("The light is out")
    ears.heard()
    ours = speak(connector, harness.answer(said, "Thank you, we look at it.", "a" * 32))
    harness.like(ours.external_id)
    liked = [one for one in ears.events() if isinstance(one, Reacted)]
    assert {one.target_id for one in liked} == {ours.external_id}
    assert "ana" not in repr(liked).lower().replace(ours.external_id.lower(), "")


def test_our_own_words_are_never_work(harness: Harness) -> None:
    """Failure mode 8: an echo of what we said, through Callbox or not, is ours."""
    connector = harness.connector(harness.session())
    ears = Ears(harness, connector)
    ears.heard()
    for private in lanes(harness):
        if not can_answer(connector, private=private):
            continue
        said = harness.say("When does it open?", private=private)
        ears.heard()
        receipt = speak(connector, harness.answer(said, "At nine.", "b" * 32))
        events = ears.events()
        assert [one for one in addressed(events) if one.external_id != said] == []
        echoes = [one for one in events if isinstance(one, Ours)]
        assert all(one.external_id == receipt.external_id for one in echoes if "nine" in one.text)
    outside = harness.say_as_us("The station is open on Sunday.")
    if outside:
        events = ears.events()
        assert outside not in [one.external_id for one in addressed(events)]


def test_a_webhook_is_believed_only_when_it_is_signed(harness: Harness) -> None:
    """Failure mode 14: over the raw bytes, and over the address where the network signs it."""
    request = harness.hook()
    connector = harness.connector(harness.session())
    if request is None:
        assert harness.pushed() == []
        return
    assert isinstance(request, Signed)
    raws = connector.receive_hook(request).raws
    assert raws
    again = connector.receive_hook(request).raws
    assert read(connector, raws) == read(connector, again), "a repetition says the same"
    for forged in _forgeries(request):
        with pytest.raises((Refused, Malformed)):
            connector.receive_hook(forged)


def _forgeries(request: Signed) -> list[Signed]:
    changed = bytearray(request.body)
    changed[len(changed) // 2] ^= 1
    plain = {
        name: value
        for name, value in request.headers.items()
        if "signature" not in name and "secret" not in name
    }
    wrong = {
        name: "sha256=" + "0" * 64 if "signature" in name or "secret" in name else value
        for name, value in request.headers.items()
    }
    made = [
        Signed(request.method, request.url, plain, request.body, request.query),
        Signed(request.method, request.url, wrong, request.body, request.query),
    ]
    if any("signature" in name for name in request.headers):
        body = Signed(request.method, request.url, request.headers, bytes(changed), request.query)
        made.append(body)
    return made


@pytest.mark.parametrize("network", sorted(REGISTRY))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_no_bytes_at_all_break_a_reader(network: str, data: st.DataObject) -> None:
    """Real payloads, with parts taken out, replaced and cut: events, or Malformed."""
    reader, samples = _reader(network)
    name = data.draw(st.sampled_from(sorted(samples)))
    kind, body = samples[name]
    broken = data.draw(st.one_of(_cut(body), _changed(body), st.binary(max_size=200)))
    try:
        events = list(reader.parse(Raw(kind, broken)))
    except Malformed:
        return  # the one thing that it may say
    assert all(isinstance(event, Event) for event in events)


_readers: dict[str, tuple[Connector, dict[str, tuple[str, bytes]]]] = {}


def _reader(network: str) -> tuple[Connector, dict[str, tuple[str, bytes]]]:
    """A network's reader and its samples, found once."""
    if network not in _readers:
        harness = harness_class(network)()
        try:
            connector = harness.connector(harness.session())
            reader = connector_class(network)(connector.account)
            samples = {
                name: (harness.kind_of(name), body)
                for name, body in harness.sample_events().items()
            }
        finally:
            harness.close()
        assert samples, f"{network} has no samples to break"
        _readers[network] = (reader, samples)
    return _readers[network]


def _cut(body: bytes) -> st.SearchStrategy[bytes]:
    return st.integers(0, len(body)).map(lambda at: body[:at])


_ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8),
    st.just([]), st.just({}), st.just([[{}]]), st.just("\udc00"), st.just(10**30),
)  # fmt: skip


@st.composite
def _changed(draw: st.DrawFn, body: bytes) -> bytes:
    """The sample with one to four of its values, at any depth, replaced or taken out."""
    try:
        value = json.loads(body)
    except ValueError:
        return body[::-1]
    for _ in range(draw(st.integers(1, 4))):
        value = _poke(draw, value)
    return json.dumps(value).encode()


def _poke(draw: st.DrawFn, value: object) -> object:
    if isinstance(value, dict) and value and draw(st.integers(0, 3)):
        key = draw(st.sampled_from(sorted(value)))
        if draw(st.integers(0, 5)) == 0:
            return {name: one for name, one in value.items() if name != key}
        return {**value, key: _poke(draw, value[key])}
    if isinstance(value, list) and value and draw(st.integers(0, 3)):
        at = draw(st.integers(0, len(value) - 1))
        return [*value[:at], _poke(draw, value[at]), *value[at + 1 :]]
    return draw(_ODD)
