"""Coming back with a key."""

from datetime import timedelta

import pytest
from django.test import Client

from callbox.actions import posts
from callbox.actions.doing import now_utc
from callbox.models.inbox import Conversation, Message
from callbox.models.posts import Delivery
from callbox.queries.portal import Standing
from callbox.scope import acting_for
from callbox.vocabulary import Lane
from callbox.web.portal import limits
from callbox.web.portal.copy import words
from tests.web.portal.conftest import Town, page, send, ticket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.web.portal.site")]
HERE = "/en/key/conversation/"


def open_with(client: Client, key: str, code: str = "en") -> str:
    opened = client.post(f"/{code}/key/", {"key": key})
    assert opened.headers.get("Location") == f"/{code}/key/conversation/", opened.status_code
    return page(client, f"/{code}/key/conversation/")


def test_a_question_its_answer_and_a_question_back(town: Town, client: Client) -> None:
    key = send(client, "Is the park open?", name="Nadia")
    elsewhere = Client()
    waiting = open_with(elsewhere, key.upper().replace(" ", "-"))
    assert "Is the park open?" in waiting
    assert words("en")["open_due"].split("{")[0] in waiting

    town.answer(town.conversation(), "Yes, until 11 PM.")
    answered = page(elsewhere, HERE)
    assert "Yes, until 11 PM." in answered
    assert "Ofc. Diaz" in answered
    assert words("en")["answered"] in answered

    back = {"ticket": ticket(elsewhere, HERE), "text": "On Sundays too?"}
    for _ in range(2):
        written = elsewhere.post(HERE, back)
    assert written.headers["Location"] == f"{HERE}?sent#newest"
    again = page(elsewhere, f"{HERE}?sent")
    assert words("en")["more_sent"] in again
    assert words("en")["open_again"].split("{")[0] in again
    assert again.index("Is the park") < again.index("until 11 PM") < again.index("On Sundays too?")
    with acting_for(town.agency.id):
        assert Message.objects.count() == 2
        conversation = Conversation.objects.select_related("author").get()
    assert (conversation.state, conversation.author.name) == ("open", "Nadia")


def test_only_what_was_sent_is_shown(town: Town, client: Client) -> None:
    key = send(client, "Is the park open?")
    conversation = town.conversation()
    with acting_for(town.agency.id):
        posts.reply(town.diaz, conversation.id, "Not out yet.", lane=Lane.PRIVATE, hold=True)
    assert "Not out yet." not in open_with(client, key)
    town.answer(conversation, "Yes.")
    with acting_for(town.agency.id):
        Delivery.objects.filter(state="sent").update(gone_at=now_utc())
    assert "Yes." not in page(client, HERE)


@pytest.mark.parametrize(
    ("state", "disposition", "overdue", "standing"),
    [
        ("open", "", False, Standing.OPEN),
        ("open", "", True, Standing.LATE),
        ("waiting", "", True, Standing.ANSWERED),
        ("closed", "answered", False, Standing.ANSWERED),
        ("closed", "no_reply", False, Standing.READ),
        ("closed", "referred", False, Standing.REFERRED),
        ("closed", "merged", False, Standing.MERGED),
    ],
)
def test_where_it_stands_is_said_in_plain_words(
    town: Town, client: Client, state: str, disposition: str, overdue: bool, standing: Standing
) -> None:
    key = send(client, "Is the park open?")
    due = now_utc() + timedelta(hours=-1 if overdue else 1)
    with acting_for(town.agency.id):
        Conversation.objects.update(state=state, disposition=disposition, due_at=due)
    html = open_with(client, key)
    assert f"standing--{standing}" in html
    name = "open_due" if standing is Standing.OPEN else standing.value
    assert words("en")[name].split("{")[0] in html


def test_a_wrong_key_opens_nothing_and_many_have_to_wait(town: Town, client: Client) -> None:
    key = send(client, "Is the park open?")
    digits = key[-2:]
    wrong = f"{key[:-2]}{(int(digits) + 1) % 100:02d}"
    swapped = " ".join([key.split()[0], *reversed(key.split()[1:4]), digits])
    for typed in (wrong, swapped):
        refused = client.post("/en/key/", {"key": typed})
        assert refused.status_code == 422
        assert words("en")["key_wrong"] in refused.content.decode()
    for slip in ("", "hello", "🗝" * 50, key + " more"):
        assert client.post("/en/key/", {"key": slip}).status_code == 422
    for _ in range(limits.KEYS.most - 2):
        client.post("/en/key/", {"key": wrong})
    waiting = client.post("/en/key/", {"key": key})
    assert waiting.status_code == 429
    assert str(limits.KEYS.minutes) in waiting.content.decode()
    assert client.post("/en/key/", {"key": key}, REMOTE_ADDR="192.0.2.7").status_code == 302


def test_without_a_key_there_is_no_conversation(town: Town, client: Client) -> None:
    send(client, "Is the park open?")
    assert client.get(HERE).headers["Location"] == "/en/key/"
    assert client.post(HERE, {"text": "Let me in"}).headers["Location"] == "/en/key/"
    client.cookies["portal_pass"] = "0197c1f0-6a11-7d3e-8a55-3f2f6c0d9b01:forged"
    assert client.get(HERE).headers["Location"] == "/en/key/"


def test_one_key_does_not_open_anothers_conversation(town: Town, client: Client) -> None:
    send(client, "Something private")
    other = send(Client(), "Something else")
    html = open_with(Client(), other)
    assert "Something else" in html
    assert "Something private" not in html


def test_closing_leaves_nothing_behind(town: Town, client: Client) -> None:
    open_with(client, send(client, "Is the park open?"))
    assert client.post("/en/key/close/").headers["Location"] == "/en/"
    assert client.get(HERE).status_code == 302


def test_what_cannot_be_sent_comes_back_beside_the_conversation(town: Town, client: Client) -> None:
    open_with(client, send(client, "Is the park open?"))
    form = {"ticket": ticket(client, HERE), "text": "x" * 10_001}
    refused = client.post(HERE, form)
    assert refused.status_code == 422
    html = refused.content.decode()
    assert "x" * 10_001 in html
    assert "Is the park open?" in html


def test_words_cannot_turn_into_markup_or_turn_the_page_around(town: Town, client: Client) -> None:
    html = open_with(client, send(client, "<script>alert(1)</script> \u202eevil"))
    assert "<script>" not in html
    assert "\u202e" not in html


def test_dates_are_in_the_readers_language(town: Town, client: Client) -> None:
    html = open_with(client, send(client, "هل الحديقة مفتوحة؟", "ar"), "ar")
    assert words("ar")["open_due"].split("{")[0] in html
    assert 'lang="ar"' in html
