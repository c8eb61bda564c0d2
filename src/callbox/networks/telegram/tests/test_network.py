"""Against the stand-in: hearing both ways, speaking, and what goes wrong."""

import dataclasses
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from callbox.connector import (
    AccountSeen,
    AuthDead,
    Malformed,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Signed,
    Unavailable,
    WindowClosed,
)
from callbox.networks.telegram.connector import Telegram
from callbox.networks.telegram.tests.harness import HOOK_URL, TelegramHarness
from callbox.vocabulary import (
    AttachmentSeen,
    AuthorSeen,
    Lane,
    Media,
    Ours,
    Outgoing,
    ReplyTo,
    Said,
)
from tests.servers.standin import Answer, Fault
from tests.servers.telegram import CHANNEL, TALK, TOKEN, refusal
from tests.servers.telegram import Telegram as Server

PICTURE = Media(b"\xff\xd8jpeg", "image/jpeg", "A map", "map.jpg")


def texts(bot: Telegram, cursor: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    heard: list[str] = []
    while True:
        page = bot.fetch(cursor)
        events = [event for raw in page.items for event in bot.parse(raw)]
        heard += [event.text for event in events if isinstance(event, Said)]
        cursor = dict(page.cursor)
        if not page.more:
            return heard, cursor


def post(text: str, **more: Any) -> Outgoing:
    return Outgoing("k", datetime.now(UTC), text, **more)


# --- connecting -----------------------------------------------------------------------------------


def test_who_we_are(bot: Telegram, harness: TelegramHarness) -> None:
    me = bot.identify()
    assert (me.external_id, me.handle, me.name) == ("7000001", "@district7_bot", "District 7")
    harness.revoke()
    with pytest.raises(AuthDead):
        bot.identify()


def test_a_token_that_is_none_goes_nowhere(server: Server) -> None:
    for token in ("", "x", "7000001:short", "7000001:AA/../../getMe?padding-padding-padding"):
        with pytest.raises(AuthDead):
            Telegram(AccountSeen("1", "", "", {"server": server.url}, {"token": token})).identify()
    assert not server.calls


def test_the_token_is_never_written_down(
    harness: TelegramHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """The Bot API has it in every address, and libraries write addresses into their log."""
    for name in ("", "httpx", "httpcore"):
        caplog.set_level(logging.DEBUG, logger=name)
    bot = harness.connector()
    bot.identify()
    harness.server.fault("*", "*", Fault.dropped())
    with pytest.raises(Unavailable) as error:
        bot.identify()
    cause = error.value.__cause__
    assert isinstance(cause, httpx.HTTPError)
    assert TOKEN not in str(cause.request.url)
    assert TOKEN not in str(error.value)
    secret = TOKEN.partition(":")[2]
    assert any("bot:hidden" in record.getMessage() for record in caplog.records)
    assert all(secret not in record.getMessage() for record in caplog.records)
    assert harness.server.calls[0].path == f"/bot{TOKEN}/getMe"


def test_webhooks_are_set_up_and_looked_after(bot: Telegram, server: Server) -> None:
    assert [layer.good for layer in bot.hooks(HOOK_URL, repair=False)] == [False, True]
    assert [layer.good for layer in bot.hooks(HOOK_URL, repair=True)] == [True, True]
    assert TOKEN not in server.hook["secret_token"]
    server.hook["allowed_updates"] = ["message"]
    assert [layer.good for layer in bot.hooks(HOOK_URL, repair=False)] == [True, False]
    assert [layer.good for layer in bot.hooks("", repair=True)] == [True, True]
    assert server.hook == {}


def test_telegrams_word_on_deliveries_is_passed_on(bot: Telegram, server: Server) -> None:
    info = {"url": HOOK_URL, "has_custom_certificate": False, "pending_update_count": 9}
    info |= {"last_error_date": int(datetime.now(UTC).timestamp()), "last_error_message": "TLS"}
    server.fault("*", "*/getWebhookInfo", Fault(Answer(200, {"ok": True, "result": info})))
    layers = bot.hooks(HOOK_URL, repair=False)
    assert [layer.good for layer in layers] == [True, True, False]
    assert "TLS" in layers[-1].words


# --- hearing --------------------------------------------------------------------------------------


def test_asking_for_updates(bot: Telegram, server: Server) -> None:
    _, cursor = texts(bot, {})
    server.private("First")
    server.private("Second")
    heard, cursor = texts(bot, cursor)
    assert heard == ["First", "Second"]
    again, later = texts(bot, cursor)
    assert again == []
    assert later["offset"] == cursor["offset"]
    assert server.updates == []  # what is stored is forgotten there


def test_a_crash_before_the_cursor_is_stored_loses_nothing(bot: Telegram, server: Server) -> None:
    server.private("First")
    assert texts(bot, {})[0] == ["First"]
    assert bot.fetch({}).items  # asked again from the old cursor


def test_more_than_one_page(bot: Telegram, server: Server) -> None:
    for i in range(230):
        server.private(f"Number {i}")
    heard, _ = texts(bot, {})
    assert heard == [f"Number {i}" for i in range(230)]


def test_after_a_day_of_silence_there_may_be_a_hole(harness: TelegramHarness) -> None:
    bot = harness.connector()
    page = bot.fetch({})
    assert not page.gap
    bot.now = lambda: datetime.now(UTC) + timedelta(hours=25)
    assert bot.fetch(page.cursor).gap


def test_numbers_that_start_anew_hide_nothing(harness: TelegramHarness) -> None:
    bot, server = harness.connector(), harness.server
    server.private("Before")
    _, cursor = texts(bot, {})
    _, cursor = texts(bot, cursor)
    server._update = 17  # Telegram chooses a lower number after a week without updates
    bot.now = lambda: datetime.now(UTC) + timedelta(days=8)
    server.private("After")
    assert texts(bot, cursor)[0] == ["After"]


def test_asking_and_a_webhook_exclude_each_other(harness: TelegramHarness) -> None:
    hooked = harness.connector(hook_url=HOOK_URL)
    harness.server.private("Before the webhook was set up")
    heard, cursor = texts(hooked, {})
    assert heard == ["Before the webhook was set up"]
    hooked.hooks(HOOK_URL, repair=True)
    harness.server.private("After")
    heard, cursor = texts(hooked, cursor)
    assert heard == []
    assert cursor["offset"]
    with pytest.raises(Unavailable, match="webhook"):
        harness.connector().fetch({})


def test_a_post_is_shown_by_its_copy_in_the_discussion(
    bot: Telegram, harness: TelegramHarness
) -> None:
    """Failure modes 1 and 8: the copy names the post, whether its answer came or not."""
    receipt = bot.publish(post("Parade on Saturday."))
    harness.server.fault("POST", "*/sendMessage", Fault.after_success())
    with pytest.raises(OutcomeUnknown):
        bot.publish(post("Road closed."))
    events = [event for raw in bot.fetch({}).items for event in bot.parse(raw)]
    echoes = [event for event in events if isinstance(event, Ours)]
    assert [one.text for one in echoes] == ["Parade on Saturday.", "Road closed."]
    assert (echoes[0].external_id, echoes[0].permalink) == (
        receipt.external_id,
        receipt.permalink,
    )
    other = harness.connector(channel="@somebody_else")
    assert all(not other.parse(raw) for raw in bot.fetch({}).items)


def test_a_webhook_and_its_repetition(harness: TelegramHarness) -> None:
    bot, request = harness.connector(), harness.hook()
    first, again = bot.receive_hook(request), bot.receive_hook(request)
    events = [event for raw in (*first.raws, *again.raws) for event in bot.parse(raw)]
    ids = {event.external_id for event in events if isinstance(event, Said)}
    assert len(ids) == 1


def test_a_webhook_without_the_secret_is_refused(harness: TelegramHarness) -> None:
    bot, good = harness.connector(), harness.hook()
    for value in ("", "wrong", "é", TOKEN):
        headers = {"x-telegram-bot-api-secret-token": value}
        with pytest.raises(Refused):
            bot.receive_hook(Signed("POST", HOOK_URL, headers, good.body))
    with pytest.raises(Refused):
        bot.receive_hook(Signed("POST", HOOK_URL, {}, good.body))
    with pytest.raises(Malformed):
        bot.receive_hook(Signed("POST", HOOK_URL, good.headers, b"[1]"))


def test_a_group_and_a_channels_comments(bot: Telegram, server: Server) -> None:
    server.in_group("Nice weather today")
    server.in_group("🙏 @district7_bot is the park open?")
    receipt = bot.publish(post("Parade on Saturday."))
    copy = server.copy_of(receipt.external_id)
    server.in_group("Will Main St be open?", to=copy, chat=TALK)
    events = [event for raw in bot.fetch({}).items for event in bot.parse(raw)]
    said = [one.text for one in events if isinstance(one, Said) and one.addressed]
    assert said == [
        "🙏 @district7_bot is the park open?",
        "Will Main St be open?",
    ]


def test_a_file_is_located_when_it_is_wanted(bot: Telegram, server: Server) -> None:
    located = bot.locate(AttachmentSeen("image", "telegram:photo-1"))
    assert httpx.get(located.url).content == server.files["photo-1"]
    with pytest.raises(Refused):
        bot.locate(AttachmentSeen("image", "telegram:gone"))
    assert bot.locate(AttachmentSeen("link", "https://a.example/")).url == "https://a.example/"
    bad = {"file_id": "a", "file_unique_id": "b", "file_path": "../../x"}
    server.fault("*", "*/getFile", Fault(Answer(200, {"ok": True, "result": bad})))
    with pytest.raises(Refused):
        bot.locate(AttachmentSeen("image", "telegram:photo-1"))


# --- speaking -------------------------------------------------------------------------------------


def test_a_private_answer(bot: Telegram, harness: TelegramHarness) -> None:
    asked = harness.say("Open?", private=True)
    receipt = bot.message(harness.answer(asked, "Until four.", "k"))
    assert harness.said_by_us() == ["Until four."]
    sent = harness.server.find(receipt.external_id)
    assert sent["reply_to_message"]["message_id"] == harness.server.find(asked)["message_id"]


def test_a_public_answer(bot: Telegram, harness: TelegramHarness) -> None:
    receipt = bot.reply(harness.answer(harness.say("open?"), "Until four.", "k"))
    assert receipt.permalink == "https://t.me/c/1700000001/2"
    gone = harness.answer(harness.say("and Sunday?"), "No.", "k2")
    harness.server.messages.pop()
    with pytest.raises(Refused, match="gone"):
        bot.reply(gone)


def test_what_was_said_in_a_group_can_be_answered_in_private_if_they_began(
    bot: Telegram, harness: TelegramHarness
) -> None:
    public = harness.answer(harness.say("open?"), "Until four.", "k")
    private = dataclasses.replace(public, lane=Lane.PRIVATE)
    with pytest.raises(Refused, match="never written"):
        bot.message(private)
    harness.server.private("Hello")
    assert bot.message(private).external_id.startswith("501:")


def test_whoever_blocked_us_gets_nothing(bot: Telegram, harness: TelegramHarness) -> None:
    outgoing = harness.answer(harness.say("Open?", private=True), "Yes.", "k")
    harness.server.blocking.add(501)
    with pytest.raises(Refused, match="blocked our bot"):
        bot.message(outgoing)


def test_a_post_in_our_channel(bot: Telegram, harness: TelegramHarness) -> None:
    receipt = bot.publish(post("Parade on Saturday."))
    assert receipt.external_id.startswith(f"{CHANNEL['id']}:")
    assert receipt.permalink.startswith("https://t.me/d7news/")
    without = harness.connector(channel="")
    assert [one.code for one in without.check(post("Hello"))] == ["no_channel"]
    with pytest.raises(Refused):
        without.publish(post("Hello"))


def test_pictures_and_a_video(bot: Telegram, harness: TelegramHarness, tmp_path: Path) -> None:
    bot.publish(post("One", media=(PICTURE,)))
    bot.publish(post("Two", media=(PICTURE, PICTURE)))
    film = tmp_path / "film.mp4"
    film.write_bytes(b"mp4" * 100)
    video = Media(b"", "video/mp4", "A parade", "film.mp4", path=film)
    receipt = bot.publish(post("Three", media=(video,)))
    assert harness.said_by_us() == ["One", "Two", "", "Three"]
    assert b"mp4" * 100 in harness.server.made("POST", "*/sendVideo")[0].body
    bot.edit(receipt.external_id, post("Three, corrected"))
    assert harness.said_by_us()[-1] == "Three, corrected"


def test_correcting_and_taking_back(bot: Telegram, harness: TelegramHarness) -> None:
    receipt = bot.publish(post("Parade on Satuday."))
    for _ in range(2):  # twice is once
        bot.edit(receipt.external_id, post("Parade on Saturday."))
    assert harness.said_by_us() == ["Parade on Saturday."]
    for _ in range(2):
        bot.delete(receipt.external_id)
    assert harness.said_by_us() == []
    for external_id in ("", "x:1", "1:x", "../1:2"):
        with pytest.raises(Refused):
            bot.delete(external_id)


def test_after_48_hours_nothing_is_taken_back(bot: Telegram, harness: TelegramHarness) -> None:
    """Failure mode 10: what is over is said before anybody tries."""
    past = datetime.now(UTC) - timedelta(hours=49)
    harness.server.now = lambda: past
    receipt = bot.publish(post("Parade."))
    harness.server.now = lambda: datetime.now(UTC)
    with pytest.raises(WindowClosed):
        bot.delete(receipt.external_id)
    at = ReplyTo(receipt.external_id, "x", None, said_at=past, ours=True)
    assert bot.barrier("delete", at) is not None
    assert bot.barrier("delete", dataclasses.replace(at, said_at=datetime.now(UTC))) is None


def test_a_like(bot: Telegram, harness: TelegramHarness) -> None:
    asked = harness.say("Thank you!", private=True)
    for _ in range(2):
        bot.like(asked, {})
    assert list(harness.server.reactions.values()) == [[{"type": "emoji", "emoji": "👍"}]]


def test_what_telegram_cannot_do_is_explained(bot: Telegram) -> None:
    assert "find" not in bot.abilities()
    assert "hiding" in bot.why_not("hide")
    group = ReplyTo("-1:2", "group:-1", AuthorSeen("-1"), permalink="https://t.me/c/1/2")
    barrier = bot.barrier("message", group)
    assert barrier is not None
    assert barrier.link == group.permalink
    assert bot.barrier("message", dataclasses.replace(group, author=AuthorSeen("5"))) is None


def test_what_does_not_fit(bot: Telegram) -> None:
    assert bot.check(post("a" * 4096)) == ()
    assert bot.measure("🙏") == 2
    for outgoing, code in [
        (post(" "), "empty"),
        (post("🙏" * 2049), "too_long"),
        (post("a" * 1025, media=(PICTURE,)), "too_long"),
        (post("a", media=(PICTURE,) * 11), "too_many_images"),
        (post("a", media=(dataclasses.replace(PICTURE, mime="image/tiff"),)), "image_kind"),
        (post("a", media=(dataclasses.replace(PICTURE, content=b"0" * 11_000_000),)), "media_size"),
        (post("a", media=(dataclasses.replace(PICTURE, alt=" "),)), "alt_missing"),
    ]:
        assert [one.code for one in bot.check(outgoing)] == [code]


# --- what goes wrong ------------------------------------------------------------------------------


@pytest.mark.parametrize("done", [True, False])
def test_a_lost_answer_is_never_sent_again_blindly(
    bot: Telegram, harness: TelegramHarness, *, done: bool
) -> None:
    """Failure mode 1: Telegram shows a bot nothing of what it sent, and we say so."""
    outgoing = harness.answer(harness.say("Open?", private=True), "Until four.", "k")
    harness.break_next_write(done=done)
    with pytest.raises(OutcomeUnknown):
        bot.message(outgoing)
    assert len(harness.said_by_us()) == int(done)
    with pytest.raises(Refused):
        bot.find(outgoing)


def test_failures_have_their_names(bot: Telegram, harness: TelegramHarness) -> None:
    outgoing = harness.answer(harness.say("Open?", private=True), "Yes.", "k")
    send = lambda: bot.message(outgoing)  # noqa: E731  # named for the table below
    read = lambda: bot.fetch({})  # noqa: E731
    for answer, call, error in [
        (refusal(400, "Bad Request: chat not found"), send, Refused),
        (refusal(403, "Forbidden: user is deactivated"), send, Refused),
        (refusal(401, "Unauthorized"), send, AuthDead),
        (refusal(404, "Not Found"), read, AuthDead),
        (refusal(409, "Conflict: terminated by other getUpdates request"), read, Unavailable),
        (refusal(502, "Bad Gateway"), send, OutcomeUnknown),
        (refusal(502, "Bad Gateway"), read, Unavailable),
        (Answer(403, "<html>"), send, Unavailable),  # something in between, not Telegram
        (Answer(200, "<html>"), send, OutcomeUnknown),
        (Answer(200, "<html>"), read, Unavailable),
        (Answer(200, {"ok": True, "result": {}}), send, OutcomeUnknown),
        (Answer(429, "<html>", {"retry-after": "7"}), send, RateLimited),
    ]:
        harness.server.fault("*", "*", Fault(answer))
        with pytest.raises(error):
            call()


def test_a_limit_ends_when_telegram_says(bot: Telegram, harness: TelegramHarness) -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    bot.now = lambda: now
    harness.limit_next(17)
    with pytest.raises(RateLimited) as error:
        bot.publish(post("Hello"))
    assert error.value.until == now + timedelta(seconds=17)
    assert harness.said_by_us() == []
