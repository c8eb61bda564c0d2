"""What was said before we listened: it is there, it is nobody's work, and it says what it is."""

from django.test import Client

from callbox.models.inbox import Conversation
from callbox.scope import acting_for
from callbox.vocabulary import Disposition
from callbox.web.staff import rows
from tests import make
from tests.web.staff.conftest import Place

SAID = "From before we listened"


def _page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return str(answer.content.decode())


def _closed(place: Place, handle: str, disposition: str) -> Conversation:
    one = place.hear(handle, "Who fixes the lamp?")
    with acting_for(one.agency_id):
        Conversation.objects.filter(pk=one.id).update(
            state="closed", disposition=disposition, closed_at=make.now(), heard=2
        )
    return one


def test_every_ending_has_words() -> None:
    assert set(rows.endings()) == {one.value for one in Disposition}


def test_the_past_says_so_everywhere(place: Place) -> None:
    one = _closed(place, "ana", "past")
    client = place.client("officer")
    row = _page(client, "/staff/inbox/closed/?ending=past")
    assert SAID in row
    assert "tta--none" in row
    for loud in ("tta--done", ' unread"', "2 tries"):
        assert loud not in row
    page = _page(client, f"/staff/c/{one.id}/")
    assert f"Closed: {SAID}." in page
    assert "Open again" in page
    again = place.hear("ana", "And the other one?")
    assert str(one.id) not in _page(client, "/staff/inbox/needs/")
    beside = _page(client, f"/staff/c/{again.id}/")
    assert SAID in beside
    assert "Never answered" not in beside


def test_closed_ones_by_how_they_ended(place: Place) -> None:
    past, other = _closed(place, "ana", "past"), _closed(place, "ben", "referred")
    client = place.client("officer")
    everything = _page(client, "/staff/inbox/closed/")
    assert 'name="ending"' in everything
    assert 'name="ending"' not in _page(client, "/staff/inbox/needs/")
    found = _page(client, "/staff/inbox/closed/?ending=past")
    assert str(past.id) in found
    assert str(other.id) not in found
    assert '<option value="past" selected>' in found
    assert "Nothing here fits." in _page(client, "/staff/inbox/closed/?ending=merged")
    assert "Nothing here fits." in _page(client, "/staff/inbox/closed/?ending=%27x")
