import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from callbox.connector import (
    AuthDead,
    AuthTransient,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unavailable,
)
from callbox.networks.bluesky.errors import MEANING, NoRecord, Swapped
from callbox.networks.bluesky.tests.fake import NOW, Server, error
from callbox.networks.bluesky.tests.make import outgoing

FOLDER = Path(__file__).resolve().parents[1] / "samples"
POST = "at://did:plc:ana/app.bsky.feed.post/3l6oveex3ii2l"


def reading(answer: Any) -> ConnectorError:
    """What a read makes of an answer."""
    with pytest.raises(ConnectorError) as raised:
        Server(getThing=answer).connector()._xrpc.query("app.test.getThing", {})
    return raised.value


def writing(answer: Any) -> ConnectorError:
    """What a write makes of an answer."""
    with pytest.raises(ConnectorError) as raised:
        Server(doThing=answer).connector()._xrpc.procedure("app.test.doThing", {})
    return raised.value


@pytest.mark.parametrize("name", sorted(MEANING))
def test_every_name_has_its_meaning_for_reads_and_writes(name: str) -> None:
    server = Server(thing=error(400, name, "Because."), refreshSession=error(400, "ExpiredToken"))
    for call in (server.connector()._xrpc.query, server.connector()._xrpc.procedure):
        with pytest.raises(MEANING[name]) as raised:
            call("app.test.thing", {})
        assert str(raised.value) == "Bluesky says: Because."


@pytest.mark.parametrize(
    ("answer", "read", "written"),
    [
        (error(500, "InternalServerError"), Unavailable, OutcomeUnknown),
        (error(502), Unavailable, OutcomeUnknown),
        (httpx.ConnectError("down"), Unavailable, Unavailable),
        (httpx.ConnectTimeout("slow"), Unavailable, Unavailable),
        (httpx.ReadTimeout("slow"), Unavailable, OutcomeUnknown),
        (httpx.RemoteProtocolError("cut"), Unavailable, OutcomeUnknown),
        (httpx.Response(200, text="<html>"), Unavailable, OutcomeUnknown),
        (httpx.Response(200, text="[" * 100_000), Unavailable, OutcomeUnknown),
        (httpx.Response(200, json=[1]), Unavailable, OutcomeUnknown),
        (httpx.Response(302, headers={"location": "https://x.example"}), Unavailable, Unavailable),
        (error(404), Unavailable, Unavailable),
        (error(403), Unavailable, Unavailable),
        (error(408), Unavailable, OutcomeUnknown),
        (error(413), Refused, Refused),
        (error(400, "SomethingNew"), Refused, Refused),
        (error(400, "InvalidRequest", "Could not find repo: x"), NoRecord, NoRecord),
    ],
)
def test_what_has_no_name_counts_by_how_it_failed(
    answer: Any, read: type[ConnectorError], written: type[ConnectorError]
) -> None:
    assert type(reading(answer)) is read
    assert type(writing(answer)) is written


def test_too_many_calls_end_when_the_server_says() -> None:
    reset = str(int(NOW.timestamp()) + 120)
    for failed in (
        reading(error(429, "RateLimitExceeded", **{"ratelimit-reset": reset})),
        writing(error(429, **{"ratelimit-reset": reset})),
    ):
        assert isinstance(failed, RateLimited)
        assert (failed.until - NOW).total_seconds() == 120


@pytest.mark.parametrize(
    ("sample", "raised"),
    [
        ("error_wrong_password", AuthDead),
        ("error_token", AuthTransient),
        ("error_no_token", AuthTransient),
        ("error_no_record", NoRecord),
        ("error_unknown_method", AuthTransient),  # asked without a token, it asks for one first
    ],
)
def test_captured_errors(sample: str, raised: type[ConnectorError]) -> None:
    body = json.loads((FOLDER / f"{sample}.json").read_text())["body"]
    answer = httpx.Response(body["status"], json=body["answer"])
    server = Server(thing=answer, refreshSession=answer, createSession={"accessJwt": ""})
    server.answers["createSession"] = Server().answers["createSession"]
    with pytest.raises(raised):
        server.connector()._xrpc.query("app.test.thing", {})


def test_our_own_errors_fit_the_tree() -> None:
    assert issubclass(NoRecord, Refused)
    assert issubclass(Swapped, Unavailable)


def test_every_ability_raises_from_the_tree_only() -> None:
    """Whatever a server answers, with whatever status."""
    for answer in (httpx.Response(200, json={}), error(400), error(500), httpx.ReadError("cut")):
        server = Server()
        server.answers = dict.fromkeys(
            ("getPosts", "getRecord", "putRecord", "deleteRecord", "getPostThread", "getSession"),
            answer,
        )
        server.answers |= {"createSession": Server().answers["createSession"]}
        ours = server.connector()
        for call in (
            ours.identify,
            lambda ours=ours: ours.fetch({}),
            lambda ours=ours: ours.context(POST),
            lambda ours=ours: ours.publish(outgoing("Hello")),
            lambda ours=ours: ours.find(outgoing("Hello")),
            lambda ours=ours: ours.look(POST),
            lambda ours=ours: ours.delete(POST),
            lambda ours=ours: ours.hide(POST, POST),
            lambda ours=ours: ours.like(POST, {}),
        ):
            assert outcome(call) != ""


def outcome(call: Callable[[], object]) -> str | None:
    """The words of the failure, None for a success; any other exception fails the test."""
    try:
        call()
    except ConnectorError as failed:
        return str(failed)
    return None
