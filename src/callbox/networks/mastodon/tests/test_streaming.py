import json
import logging
from http import HTTPStatus
from itertools import islice, pairwise

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbox.connector import AccountSeen, AuthTransient, RateLimited, Raw, Refused, Unavailable
from callbox.networks.mastodon import frames, streaming
from callbox.networks.mastodon.connector import Mastodon
from callbox.networks.mastodon.frames import Frame
from callbox.networks.mastodon.tests.make import US, FakeServer, mention, ok, said, status
from callbox.networks.mastodon.tests.sockets import TOKEN, SocketServer, frame, socket_server
from callbox.vocabulary import Addressed, Deleted, Edited, Ours, Reacted, Said

SSE = "/api/v1/streaming/user"
OURS = status("o1", account={"id": US})
EDITED = status("s9", mentions=[{"id": US}], edited_at="2026-11-20T19:01:00.000Z")
LIKED = {"id": "n2", "type": "favourite", "created_at": "2026-11-20T18:00:00Z", "status": OURS}
FOLLOWED = {"id": "n3", "type": "follow", "created_at": "2026-11-20T18:00:00Z"}
EVENTS = [
    ("notification", mention(1)),
    ("notification", LIKED),
    ("notification", FOLLOWED),
    ("update", OURS),
    ("update", status("s5", "not for us")),
    ("update", status("s6", reblog=status("s7"), mentions=[{"id": US}])),
    ("status.update", EDITED),
    ("status_update", EDITED),
    ("delete", "s1"),
    ("conversation", {"id": "c1"}),
    ("filters_changed", ""),
]
SEEN = [Said, Reacted, Ours, Edited, Edited, Deleted]


def sse(event: str, payload: object) -> bytes:
    data = payload if isinstance(payload, str) else json.dumps(payload)
    return f"event: {event}\ndata: {data}\n\n".encode()


def stream_of(*parts: bytes, status_code: int = 200) -> httpx.Response:
    headers = {"content-type": "text/event-stream; charset=utf-8"}
    return httpx.Response(status_code, content=b"".join(parts), headers=headers)


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


def heard(connector: Mastodon) -> list[Raw]:
    return [raw for raw in connector.listen() if raw is not None]


def kinds(connector: Mastodon, raws: list[Raw]) -> list[type]:
    return [type(event) for raw in raws for event in connector.parse(raw)]


# --- server-sent events ---------------------------------------------------------------------------


def test_a_stream_of_events(server: FakeServer) -> None:
    server.on("GET", SSE, stream_of(b":connected\n\n", *(sse(*event) for event in EVENTS)))
    connector = server.connector()
    raws = heard(connector)
    assert kinds(connector, raws) == SEEN
    assert {raw.kind for raw in raws} == {
        "stream:notification", "stream:update", "stream:status.update", "stream:delete",
    }  # fmt: skip
    assert all("not for us" not in raw.body.decode() for raw in raws)


def test_heartbeats_are_signs_of_life(server: FakeServer) -> None:
    server.on("GET", SSE, stream_of(b":thump\n\n", b":thump\n\n"))
    assert list(server.connector().listen()) == [None, None, None]


def test_a_stream_and_a_poll_give_one_conversation(server: FakeServer) -> None:
    reply = mention(1, in_reply_to_id="p1", in_reply_to_account_id=US)
    above = {"ancestors": [status("p0"), status("p1", in_reply_to_id="p0")], "descendants": []}
    server.on("GET", "/api/v1/statuses/s1/context", ok(above))
    server.on("GET", "/api/v1/notifications", ok([reply]))
    server.on("GET", SSE, stream_of(sse("notification", reply)))
    polled = server.connector()
    streamed = server.connector()
    (one,) = polled.parse(polled.fetch({"since": "n0"}).items[0])
    (other,) = streamed.parse(heard(streamed)[0])
    assert one == other
    assert isinstance(one, Said)
    assert (one.root_id, one.addressed) == ("p0", Addressed.REPLY)


def test_what_cannot_be_placed_ends_the_stream(server: FakeServer) -> None:
    server.on("GET", SSE, stream_of(sse("notification", mention(1, in_reply_to_id="p1"))))
    server.on("GET", "/api/v1/statuses/s1/context", said(429, "Too many requests"))
    with pytest.raises(RateLimited):
        heard(server.connector())


@pytest.mark.parametrize(
    "junk",
    [
        b"event: notification\ndata: {\n\n",
        b"event: notification\ndata: [1]\n\n",
        b"event: notification\n\n",
        b"data: {}\n\n",
        b"event: delete\ndata:\n\n",
        b"event: update\ndata: 7\n\n",
        b"\xff\xfe\x00\n\n",
        b"nonsense\n\n",
    ],
)
def test_frames_that_make_no_sense_are_passed_over(server: FakeServer, junk: bytes) -> None:
    server.on("GET", SSE, stream_of(junk, sse("delete", "s1")))
    connector = server.connector()
    assert kinds(connector, heard(connector)) == [Deleted]


def test_a_line_without_end_ends_the_stream() -> None:
    endless = [b"data: " + b"x" * 100_000] * 100
    assert list(frames.server_sent(endless)) == []


@given(st.lists(st.integers(0, 60), max_size=8), st.sampled_from(["\n", "\r\n"]))
def test_events_may_be_cut_anywhere(cuts: list[int], end: str) -> None:
    whole = ":hi\n\nevent: delete\ndata: é1\n\nevent:update\ndata: {}\ndata: x\n\n".replace(
        "\n", end
    )
    data = whole.encode()
    places = [0, *sorted(cuts), len(data)]
    chunks = [data[a:b] for a, b in pairwise(places)]
    assert list(frames.server_sent(chunks)) == [
        None,
        Frame("delete", "é1"),
        Frame("update", "{}\nx"),
    ]


@given(st.lists(st.binary(max_size=40), max_size=6))
def test_any_bytes_may_come(chunks: list[bytes]) -> None:
    for one in frames.server_sent(chunks):
        assert one is None or isinstance(one.json(), dict)


@given(st.binary(max_size=60) | st.text(max_size=60))
def test_any_message_may_come(message: str | bytes) -> None:
    found = frames.web_socket(message)
    assert found is None or found.event


@pytest.mark.parametrize("code", [429, 500, 503])
def test_a_stream_that_cannot_be_opened_now(server: FakeServer, code: int) -> None:
    server.on("GET", SSE, said(code, "Later"))
    with pytest.raises(Unavailable):
        heard(server.connector())


# --- WebSocket ------------------------------------------------------------------------------------

PLACES = ("header", "protocol", "quiet protocol", "query")


def connect(server: SocketServer) -> Mastodon:
    held = AccountSeen("1", US, "dept", {"server": server.url}, {"token": TOKEN})
    return Mastodon(held)


@pytest.mark.parametrize("token_in", PLACES)
def test_a_server_that_has_only_a_web_socket(
    token_in: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    junk = ["", "{", "7", '{"event": "update"}', b"\xff", frame("update", "{")]
    messages = [*junk, *(frame(*event) for event in EVENTS)]
    with socket_server(token_in, messages) as server:
        connector = connect(server)
        assert kinds(connector, heard(connector)) == SEEN
        connector.close()
        assert any(TOKEN in path for path in server.opened) == (token_in == "query")
    ours = [record for record in caplog.records if "server" not in record.name]
    assert all(TOKEN not in record.getMessage() for record in ours)


def test_a_silent_web_socket_shows_signs_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "SIGN_OF_LIFE", 0.05)
    with socket_server("header") as server:
        server.hold.clear()
        connector = connect(server)
        events = connector.listen()
        assert list(islice(events, 4)) == [None] * 4
        events.close()
        connector.close()


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (HTTPStatus.UNAUTHORIZED, AuthTransient),
        (HTTPStatus.FORBIDDEN, AuthTransient),
        (HTTPStatus.NOT_FOUND, Refused),
        (HTTPStatus.SERVICE_UNAVAILABLE, Unavailable),
        (HTTPStatus.TOO_MANY_REQUESTS, Unavailable),
    ],
)
def test_a_web_socket_that_may_not_be_opened(code: HTTPStatus, error: type[Exception]) -> None:
    with socket_server("nowhere") as server:
        server.status = code
        connector = connect(server)
        with pytest.raises(error) as raised:
            heard(connector)
        connector.close()
    assert TOKEN not in str(raised.value)
    assert raised.value.__cause__ is None or TOKEN not in str(raised.value.__cause__)


def test_nobody_there() -> None:
    with socket_server("header") as server:
        pass
    connector = connect(server)
    with pytest.raises(Unavailable):
        heard(connector)
    connector.close()


@pytest.mark.parametrize(
    ("base", "address", "place"),
    [
        ("https://a.example", "wss://stream.a.example", "https://stream.a.example"),
        ("https://a.example", "wss://a.example/api/v1/streaming/", "https://a.example"),
        ("https://a.example", "https://s.a.example", "https://s.a.example"),
        ("https://a.example", "", "https://a.example"),
        ("https://a.example", "ws://127.0.0.1:9", "https://a.example"),
        ("https://a.example", "wss://u:p@b.example", "https://a.example"),
        ("https://a.example", "file:///etc/passwd", "https://a.example"),
        ("https://a.example", "wss://[", "https://a.example"),
        ("http://127.0.0.1:8", "ws://127.0.0.1:9", "http://127.0.0.1:9"),
    ],
)
def test_where_the_stream_is(base: str, address: str, place: str) -> None:
    assert streaming.streaming_base(base, address) == place
