import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbox.connector import OutcomeUnknown, Refused, Unavailable
from callbox.networks.mastodon import compose
from callbox.networks.mastodon.instance import Rules
from callbox.networks.mastodon.tests.make import (
    MADE,
    SERVER,
    US,
    Clock,
    FakeServer,
    Json,
    answer_to,
    ok,
    page_of_html,
    picture,
    said,
    status,
)
from callbox.vocabulary import Lane, Outgoing

STATUSES = "/api/v1/statuses"
OWN = f"/api/v1/accounts/{US}/statuses"
MEDIA = "/api/v2/media"


@pytest.fixture
def server() -> FakeServer:
    made = FakeServer()
    made.on("POST", STATUSES, ok(mine("o1")))
    return made


def mine(external_id: str, text: str = "@ana Thank you.", **fields: Any) -> Json:
    ours = {"id": US, "acct": "dept", "url": f"{SERVER}/@dept"}
    return status(external_id, text, account=ours, **({"in_reply_to_id": "s1"} | fields))


def sent(server: FakeServer) -> tuple[Json, httpx.Headers]:
    request = next(r for r in server.asked if (r.method, r.url.path) == ("POST", STATUSES))
    return json.loads(request.content), request.headers


# --- what is sent ---------------------------------------------------------------------------------


def test_a_reply(server: FakeServer) -> None:
    receipt = server.connector().reply(answer_to(language="zh-Hant"))
    body, headers = sent(server)
    assert body == {
        "status": "@ana Thank you.",
        "visibility": "public",
        "in_reply_to_id": "s1",
        "language": "zh",
    }
    assert headers["idempotency-key"] == "key-1"
    assert (receipt.external_id, receipt.permalink) == ("o1", f"{SERVER}/@ana/o1")


@pytest.mark.parametrize(
    ("parent", "lane", "reply"),
    [
        ("public", Lane.PUBLIC, "public"),
        ("unlisted", Lane.PUBLIC, "unlisted"),
        ("local", Lane.PUBLIC, "local"),
        ("private", Lane.PRIVATE, "private"),
        ("direct", Lane.PRIVATE, "direct"),
        ("direct", Lane.PUBLIC, "direct"),
        ("mutuals_only", Lane.PUBLIC, "direct"),
        ("public", Lane.PRIVATE, "direct"),
        ("", Lane.PUBLIC, "public"),
        ("", Lane.PRIVATE, "direct"),
    ],
)
def test_a_reply_is_never_wider_than_what_it_answers(parent: str, lane: Lane, reply: str) -> None:
    assert compose.visibility(answer_to(visibility=parent, lane=lane)) == reply


def test_a_private_answer_is_direct_and_names_its_reader(server: FakeServer) -> None:
    server.connector().message(answer_to(acct="ana@far.example", lane=Lane.PRIVATE))
    body, _ = sent(server)
    assert (body["visibility"], body["status"]) == ("direct", "@ana@far.example Thank you.")


def test_a_private_answer_needs_a_reader(server: FakeServer) -> None:
    with pytest.raises(Refused):
        server.connector().message(Outgoing("k", MADE, "To whom?", Lane.PRIVATE))
    assert server.paths("POST") == []


def test_publishing(server: FakeServer) -> None:
    server.connector().publish(Outgoing("k", MADE, "Meeting on Monday."))
    assert sent(server)[0] == {"status": "Meeting on Monday.", "visibility": "public"}


@pytest.mark.parametrize(
    ("text", "acct", "body"),
    [
        ("Thanks", "ana", "@ana Thanks"),
        ("@ana thanks", "ana", "@ana thanks"),
        ("Thanks, @Ana.", "ana", "Thanks, @Ana."),
        ("@ana@social.example thanks", "ana", "@ana@social.example thanks"),
        ("@ana@other.example thanks", "ana", "@ana @ana@other.example thanks"),
        ("@anabel thanks", "ana", "@ana @anabel thanks"),
        ("mail me@ana", "ana", "@ana mail me@ana"),
        ("@ana thanks", "ana@far.example", "@ana@far.example @ana thanks"),
        ("@ana@far.example: thanks", "ana@far.example", "@ana@far.example: thanks"),
        ("", "ana", "@ana"),
    ],
)
def test_the_author_is_named_once(text: str, acct: str, body: str) -> None:
    assert compose.body(answer_to(text=text, acct=acct)) == body


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("hello", 5),
        ("https://a.example/" + "x" * 100, 23),
        ("see https://a.example/x.", 4 + 23 + 1),
        ("(https://a.example/x)", 1 + 23 + 1),
        ("http://a.example and https://b.example", 23 + 5 + 23),
        ("@ana@far.example hello", len("@ana hello")),
        ("@ana@far.example, hello", len("@ana, hello")),
        ("me@far.example", 14),
    ],
)
def test_length_is_counted_as_servers_do(text: str, length: int) -> None:
    assert compose.measure(text, Rules()) == length


@given(st.text(alphabet="@a.b:/htps -é🚨\n", max_size=200))
def test_any_text_has_a_length(text: str) -> None:
    assert 0 <= compose.measure(text, Rules()) <= len(text) + 23 * text.count("http")


# --- limits ---------------------------------------------------------------------------------------

V2 = {
    "domain": "social.example",
    "configuration": {
        "urls": {"streaming": "wss://streaming.social.example"},
        "statuses": {
            "max_characters": 5000,
            "max_media_attachments": 6,
            "characters_reserved_per_url": 25,
        },
        "media_attachments": {
            "supported_mime_types": ["image/png", "video/mp4", "image/webp", 7],
            "image_size_limit": 2_000_000,
            "description_limit": 10,
        },
    },
}
PLEROMA_V1 = {
    "uri": "https://pl.example",
    "max_toot_chars": 6000,
    "upload_limit": 16_000_000,
    "description_limit": 4000,
    "urls": {"streaming_api": "wss://pl.example"},
}


def test_limits_are_the_servers_and_asked_once(server: FakeServer) -> None:
    server.on("GET", "/api/v2/instance", ok(V2))
    connector = server.connector()
    limits = connector.limits()
    assert (limits.text, limits.images, limits.image_bytes, limits.alt) == (5000, 6, 2_000_000, 10)
    assert limits.image_mimes == ("image/png", "image/webp")
    assert connector.measure("https://a.example/long/way") == 25
    assert server.paths() == ["/api/v2/instance"]


def test_limits_of_a_server_without_the_newer_door(server: FakeServer) -> None:
    server.on("GET", "/api/v1/instance", ok(PLEROMA_V1))
    limits = server.connector().limits()
    assert (limits.text, limits.image_bytes, limits.alt) == (6000, 16_000_000, 4000)


@pytest.mark.parametrize(
    "answer", [page_of_html(502), ok([]), ok({"configuration": {"statuses": 7}})]
)
def test_without_an_answer_mastodons_own_limits_stand_in(
    server: FakeServer, answer: httpx.Response
) -> None:
    server.on("GET", "/api/v2/instance", answer)
    server.on("GET", "/api/v1/instance", answer)
    assert server.connector().limits().text == 500


def test_limits_are_asked_again_after_a_while(server: FakeServer) -> None:
    server.on("GET", "/api/v2/instance", page_of_html(502), ok(V2))
    clock = Clock()
    connector = server.connector(clock)
    assert [connector.limits().text, connector.limits().text] == [500, 500]
    clock.at += timedelta(minutes=2)
    assert connector.limits().text == 5000


def test_what_does_not_fit_is_said_before(server: FakeServer) -> None:
    server.on("GET", "/api/v2/instance", ok(V2))
    connector = server.connector()

    def codes(**fields: Any) -> list[str]:
        return [problem.code for problem in connector.check(answer_to(**fields))]

    assert codes() == []
    assert codes(text=" ") == ["empty"]
    assert codes(text="x" * 4995) == []
    assert codes(text="x" * 4996) == ["too_long"], "the name counts"
    assert codes(media=(picture("Lamp"),) * 7) == ["too_many_images"]
    assert codes(media=(picture(" "),)) == ["alt_missing"]
    assert codes(media=(picture("x" * 11),)) == ["alt_too_long"]
    assert codes(media=(picture("Lamp", b"x" * 2_000_001),)) == ["image_size"]


def test_a_kind_of_picture_that_the_server_does_not_take(server: FakeServer) -> None:
    server.on(
        "GET",
        "/api/v1/instance",
        ok({"configuration": {"media_attachments": {"supported_mime_types": ["image/webp"]}}}),
    )
    problems = server.connector().check(answer_to(media=(picture(),)))
    assert [problem.code for problem in problems] == ["image_kind"]


# --- pictures -------------------------------------------------------------------------------------


def test_a_picture_is_attached_when_it_is_ready(server: FakeServer) -> None:
    server.on("POST", MEDIA, ok({"id": "m/1", "url": None}, 202))
    server.on(
        "GET", "/api/v1/media/m/1", ok({"id": "m/1", "url": None}, 206), ok({}, 206),
        ok({"id": "m/1", "url": f"{SERVER}/m1.png"}),
    )  # fmt: skip
    server.connector().reply(answer_to(media=(picture("A lamp"),)))
    assert sent(server)[0]["media_ids"] == ["m/1"]
    assert b"A lamp" in server.asked[0].content
    assert server.asked[1].url.raw_path == b"/api/v1/media/m%2F1"


def test_an_older_server_has_the_older_door(server: FakeServer) -> None:
    server.on("POST", "/api/v1/media", ok({"id": "m1", "url": f"{SERVER}/m1.png"}))
    server.connector().reply(answer_to(media=(picture(),)))
    assert sent(server)[0]["media_ids"] == ["m1"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (said(422, "Validation failed: File has contents that are not what they are"), Refused),
        (page_of_html(502), Unavailable),
        (httpx.ReadTimeout("slow"), Unavailable),
        (ok({"id": "m1", "url": None}, 202), Unavailable),
        (ok({}), Unavailable),
    ],
)
def test_without_its_picture_nothing_is_said(
    server: FakeServer, answer: httpx.Response | Exception, error: type[Exception]
) -> None:
    server.on("POST", MEDIA, answer)
    server.on("GET", "/api/v1/media/m1", ok({"id": "m1", "url": None}, 206))
    with pytest.raises(error):
        server.connector().reply(answer_to(media=(picture(),)))
    assert STATUSES not in server.paths("POST")


# --- did it go out? -------------------------------------------------------------------------------


def found(server: FakeServer, outgoing: Outgoing | None = None) -> str | None:
    receipt = server.connector().find(outgoing or answer_to())
    return receipt.external_id if receipt else None


def test_nothing_went_out(server: FakeServer) -> None:
    before = mine("o0", created_at="2026-11-20T10:00:00.000Z")
    others = [
        mine("o1", in_reply_to_id="s2"),
        mine("o2", in_reply_to_id=None),
        mine("o3", "@ana Thanks to you."),
        mine("o4", created_at="2026-11-20T18:20:00.000Z"),
        status("o5", "@ana Thank you.", in_reply_to_id="s1"),
    ]
    server.on("GET", f"{STATUSES}/s1/context", ok({"descendants": others}))
    server.on("GET", OWN, ok([*others, before]))
    assert found(server) is None


@pytest.mark.parametrize(
    "text",
    [
        "@ana Thank you.",
        '<span class="h-card"><a href="https://social.example/@ana" class="u-url mention">'
        "@<span>ana</span></a></span>  Thank\n you.",
        "@ana@social.example Thank you.",
    ],
)
def test_it_is_found_under_what_it_answers(server: FakeServer, text: str) -> None:
    server.on("GET", f"{STATUSES}/s1/context", ok({"descendants": [mine("o9", text)]}))
    assert found(server) == "o9"


def test_it_is_found_among_our_posts(server: FakeServer) -> None:
    server.on("GET", f"{STATUSES}/s1/context", ok({"descendants": []}))
    server.on("GET", OWN, ok([mine("o8", "later"), mine("o9")]))
    assert found(server) == "o9"


def test_a_first_post_is_found(server: FakeServer) -> None:
    server.on("GET", OWN, ok([mine("o9", "Meeting on Monday.", in_reply_to_id=None)]))
    assert found(server, Outgoing("k", MADE, "Meeting on Monday.")) == "o9"


def test_it_is_found_when_what_it_answers_is_gone(server: FakeServer) -> None:
    server.on("GET", OWN, ok([mine("o9", in_reply_to_id=None)]))
    assert found(server) == "o9"


def test_a_text_that_was_read_as_markdown_is_found_by_its_source(server: FakeServer) -> None:
    server.on("GET", OWN, ok([mine("o9", "@ana <em>Thank</em> you • all")]))
    server.on("GET", f"{STATUSES}/o9/source", ok({"id": "o9", "text": "@ana *Thank* you - all"}))
    assert found(server, answer_to(text="*Thank* you - all")) == "o9"


def test_no_is_said_only_when_certain(server: FakeServer) -> None:
    def page(request: httpx.Request) -> httpx.Response:
        return ok([mine(request.url.params.get("max_id", "o") + "x", "other")])

    server.on("GET", OWN, page)
    with pytest.raises(Unavailable):
        found(server)


def test_older_pages_are_read_until_before_the_text_was_made(server: FakeServer) -> None:
    def page(request: httpx.Request) -> httpx.Response:
        older = {"": [mine("o3", "other")], "o3": [mine("o2")], "o2": []}
        return ok(older[request.url.params.get("max_id", "")])

    server.on("GET", OWN, page)
    assert found(server) == "o2"
    assert found(server, answer_to(text="Something else.")) is None


@pytest.mark.parametrize(
    "answer", [page_of_html(502), httpx.ReadTimeout("slow"), page_of_html(200)]
)
def test_nobody_can_say_while_the_server_is_away(
    server: FakeServer, answer: httpx.Response | Exception
) -> None:
    server.on("GET", OWN, answer)
    with pytest.raises(Unavailable):
        found(server)


REPEATED = ok({"status": "request already handled"})


def test_a_repetition_that_is_only_acknowledged_is_looked_up(server: FakeServer) -> None:
    server.on("POST", STATUSES, REPEATED)
    server.on("GET", OWN, ok([mine("o9")]))
    assert server.connector().reply(answer_to()).external_id == "o9"


@pytest.mark.parametrize("answer", [ok([]), page_of_html(502)])
def test_a_repetition_that_cannot_be_found_is_unknown(
    server: FakeServer, answer: httpx.Response
) -> None:
    server.on("POST", STATUSES, REPEATED)
    server.on("GET", OWN, answer)
    with pytest.raises(OutcomeUnknown):
        server.connector().reply(answer_to())


def test_a_first_call_that_is_still_under_way_is_unknown(server: FakeServer) -> None:
    server.on("POST", STATUSES, said(409, "request already under way"))
    with pytest.raises(OutcomeUnknown):
        server.connector().reply(answer_to())


# --- afterwards -----------------------------------------------------------------------------------


def test_an_edit_keeps_pictures_and_warning(server: FakeServer) -> None:
    before = mine("o1", media_attachments=[{"id": "m1"}], spoiler_text="a lamp", language="en")
    server.on("GET", f"{STATUSES}/o1", ok(before))
    server.on("PUT", f"{STATUSES}/o1", ok(mine("o1", "@ana Fixed.")))
    server.connector().edit("o1", answer_to(text="Fixed."))
    assert json.loads(server.asked[-1].content) == {
        "status": "@ana Fixed.",
        "spoiler_text": "a lamp",
        "sensitive": False,
        "language": "en",
        "media_ids": ["m1"],
    }


def test_the_same_edit_twice_is_one(server: FakeServer) -> None:
    server.on("GET", f"{STATUSES}/o1", ok(mine("o1")))
    refusal = said(422, "Unprocessable Entity: status was not changed")
    server.on("PUT", f"{STATUSES}/o1", ok(mine("o1")), refusal)
    connector = server.connector()
    assert connector.edit("o1", answer_to()) == connector.edit("o1", answer_to())


def test_what_is_gone_cannot_be_edited(server: FakeServer) -> None:
    with pytest.raises(Refused):
        server.connector().edit("o1", answer_to(text="Fixed."))


def test_looking_at_a_post(server: FakeServer) -> None:
    server.on("GET", f"{STATUSES}/o1", ok(mine("o1")))
    seen = server.connector().look("o1")
    assert (seen.gone, seen.text, seen.refs["visibility"]) == (False, "@ana Thank you.", "public")


def test_deleting(server: FakeServer) -> None:
    server.on("DELETE", f"{STATUSES}/o1", ok(mine("o1")), said(404, "Record not found"))
    connector = server.connector()
    connector.delete("o1")
    connector.delete("o1")
    assert [request.content for request in server.asked] == [b"", b""]
    server.on("DELETE", f"{STATUSES}/o1", said(403, "This action is not allowed"))
    with pytest.raises(Refused):
        connector.delete("o1")
