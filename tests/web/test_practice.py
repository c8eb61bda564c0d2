"""The practice network's site, as a browser without JavaScript walks it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.urls import include, path
from pytest_django import Settings

from callbox.networks.practice.posts import Picture
from callbox.networks.practice.street import Fault, Street
from callbox.practice_city.where import FILE_NAME

urlpatterns = [path("practice/", include("callbox.web.practice.urls"))]
pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def street(tmp_path: Path, settings: Settings) -> Iterator[Street]:
    settings.HOME = tmp_path
    settings.CALLBOX_PRACTICE = True
    with Street(tmp_path / FILE_NAME) as street:
        street.join_agency("chicago_pd", "Chicago Police", "secret")
        street.join("tomek", "Tomek Przykład")
        yield street


@pytest.fixture
def nadia(street: Street, client: Client) -> Client:
    response = client.post("/practice/become/", {"name": "Nadia Example", "here": "/practice/"})
    assert response.headers["Location"] == "/practice/"
    return client


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def test_outside_practice_there_is_nothing(
    street: Street, client: Client, settings: Settings
) -> None:
    settings.CALLBOX_PRACTICE = False
    for address in ("/practice/", "/practice/network/", "/practice/private/"):
        assert client.get(address).status_code == 404


def test_somebody_says_something_and_answers_arrive(nadia: Client, street: Street) -> None:
    said = nadia.post("/practice/post/", {"text": "@chicago_pd Is the park open?\r\nThank you"})
    assert said.headers["Location"] == "/practice/thread/1/#p1"
    assert street.get("p1").text == "@chicago_pd Is the park open?\nThank you"
    street.reply("chicago_pd", "p1", "Yes, until 11 PM. — Ofc. Diaz, 11th District")
    thread = page(nadia, "/practice/thread/1/")
    assert "until 11 PM" in thread
    assert "1 reply" in page(nadia, "/practice/")


def test_the_page_asks_again_and_moves_only_for_news(nadia: Client, street: Street) -> None:
    nadia.post("/practice/post/", {"text": "Hello"})
    mark = re.search(r"\?seen=(\w+)", page(nadia, "/practice/thread/1/"))
    assert mark is not None
    same = nadia.get(f"/practice/thread/1/?seen={mark[1]}")
    assert (same.status_code, same.content) == (204, b"")
    street.reply("tomek", "p1", "Hi there")
    news = nadia.get(f"/practice/thread/1/?seen={mark[1]}")
    assert news.status_code == 200
    assert "Hi there" in news.content.decode()
    assert "<html" not in news.content.decode()


def test_one_edits_likes_deletes_and_answers_where_one_means_to(
    nadia: Client, street: Street
) -> None:
    root = street.post("tomek", "Who has seen my cat?")
    other = street.reply("tomek", root.id, "It is grey.")
    nadia.post(f"/practice/reply/{root.n}/", {"text": "I have!", "to": str(other.n)})
    mine = street.get("p3")
    assert (mine.parent, mine.root) == (other.n, root.n)
    assert "I have!" in page(nadia, f"/practice/edit/{mine.n}/")
    nadia.post(f"/practice/edit/{mine.n}/", {"text": "I have, twice!"})
    assert street.get(mine.id).text == "I have, twice!"
    nadia.post(f"/practice/like/{root.n}/", {"here": "/practice/"})
    assert street.get(root.id).likes == 1
    nadia.post(f"/practice/delete/{mine.n}/", {"here": "/practice/"})
    assert "This was deleted" in page(nadia, f"/practice/thread/{root.n}/")


def test_a_reply_goes_below_the_newest_answer(nadia: Client, street: Street) -> None:
    nadia.post("/practice/post/", {"text": "@chicago_pd Is the park open?"})
    answer = street.reply("chicago_pd", "p1", "Yes.")
    nadia.post("/practice/reply/1/", {"text": "Until when?", "to": ""})
    assert street.get("p3").parent == answer.n


def test_private_exchanges_are_for_the_two_in_them(nadia: Client, street: Street) -> None:
    sent = nadia.post("/practice/direct/", {"to": "chicago_pd", "text": "Just between us"})
    assert sent.headers["Location"] == "/practice/private/1/#p1"
    assert "Just between us" in page(nadia, "/practice/private/1/")
    assert "Just between us" in page(nadia, "/practice/private/")
    assert "Just between us" not in page(nadia, "/practice/")
    assert nadia.get("/practice/thread/1/").status_code == 404
    tomek = Client()
    tomek.post("/practice/become/", {"handle": "tomek"})
    refused = tomek.get("/practice/private/1/")
    assert refused.status_code == 403
    assert "Just between us" not in refused.content.decode()
    for deed in ("like", "reply", "edit"):
        answer = tomek.post(f"/practice/{deed}/1/", {"text": "Let me in"})
        assert answer.status_code == 422


def test_what_is_refused_comes_back_with_the_words(nadia: Client, street: Street) -> None:
    refused = nadia.post("/practice/post/", {"text": "x" * 301})
    assert refused.status_code == 422
    assert "x" * 301 in refused.content.decode()
    nobody = Client().post("/practice/post/", {"text": "Hello"})
    assert "First choose who you are" in nobody.content.decode()
    agency = nadia.post("/practice/become/", {"handle": "chicago_pd"})
    assert agency.status_code == 422
    assert street.timeline() == []


def test_words_are_shown_as_words(nadia: Client) -> None:
    nadia.post("/practice/post/", {"text": "<script>alert(1)</script>"})
    assert "<script>alert" not in page(nadia, "/practice/")


def test_every_fault_can_be_asked_for_and_taken_away(nadia: Client, street: Street) -> None:
    panel = page(nadia, "/practice/network/")
    for fault in Fault:
        assert f'value="{fault}"' in panel
        nadia.post("/practice/network/ask/", {"fault": fault.value, "times": "3", "seconds": "60"})
    waiting = street.faults.waiting()
    assert {planned.fault for planned in waiting} == set(Fault)
    assert "3 times" in page(nadia, "/practice/network/")
    nadia.post("/practice/network/clear/", {"planned": str(waiting[0].id)})
    assert len(street.faults.waiting()) == len(Fault) - 1
    nadia.post("/practice/network/clear/")
    assert street.faults.waiting() == []


@pytest.mark.parametrize(
    "form",
    [
        {"fault": "fire"},
        {"fault": "slow", "times": "often"},
        {"fault": "slow", "times": "0"},
        {"fault": "lost_after", "operation": "fetch"},
        {"fault": "slow", "seconds": "a while"},
    ],
)
def test_faults_that_make_no_sense_are_refused(
    nadia: Client, street: Street, form: dict[str, str]
) -> None:
    assert nadia.post("/practice/network/ask/", form).status_code == 422
    assert street.faults.waiting() == []


def test_the_network_can_take_a_post_down(nadia: Client, street: Street) -> None:
    post = street.post("chicago_pd", "Come and meet us.")
    nadia.post(f"/practice/network/take-down/{post.n}/")
    assert street.timeline() == []


def test_images_are_shown_with_their_description(nadia: Client, street: Street) -> None:
    agency = street.people.called("chicago_pd")
    post = street.say(agency, "Found", pictures=[Picture("image/png", "A grey parrot", b"bytes")])
    assert 'alt="A grey parrot"' in page(nadia, f"/practice/thread/{post.n}/")
    image = nadia.get(f"/practice/image/{post.n}/0/")
    assert (image.content, image.headers["Content-Type"]) == (b"bytes", "image/png")
    assert nadia.get(f"/practice/image/{post.n}/1/").status_code == 404


def test_forms_do_not_lead_away(nadia: Client) -> None:
    response = nadia.post("/practice/become/", {"handle": "tomek", "here": "https://else.test/"})
    assert response.headers["Location"] == "/practice/"
