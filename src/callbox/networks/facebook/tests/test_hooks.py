"""Webhooks: the handshake, the signature, the three subscriptions."""

import dataclasses
import json

import pytest

from callbox.connector import Refused, Signed
from callbox.networks.facebook.connector import Facebook
from callbox.networks.facebook.names import HOOKS
from callbox.networks.facebook.tests.harness import HOOK_TOKEN
from callbox.networks.facebook.tests.make import pushed, said_in
from tests.servers.facebook import PAGE_TOKEN
from tests.servers.facebook import Facebook as Server
from tests.servers.graph import fault_answer
from tests.servers.standin import Fault

URL = "https://callbox.example/hooks/facebook/1"


def test_the_handshake(connector: Facebook) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": HOOK_TOKEN, "hub.challenge": "115 8"}
    asked = Signed("GET", URL, {}, b"", query)
    answer = connector.receive_hook(asked)
    assert (answer.status, answer.body, answer.raws) == (200, b"115 8", ())
    for wrong in ({"hub.verify_token": "guess"}, {"hub.mode": "unsubscribe"}):
        with pytest.raises(Refused):
            connector.receive_hook(dataclasses.replace(asked, query={**query, **wrong}))


def test_only_the_raw_bytes_count(server: Server, connector: Facebook) -> None:
    """Failure mode 14: the same JSON in other bytes has another signature."""
    server.comment(server.post("Post"), "¿Está cerrado?")
    (body,) = server.taken()
    good = server.signed(body)
    assert connector.receive_hook(good).raws[0].body == body
    spaced = json.dumps(json.loads(body), indent=1).encode()
    for forged in (
        dataclasses.replace(good, body=spaced),
        dataclasses.replace(good, headers={}),
        dataclasses.replace(good, headers={"x-hub-signature": good.headers["x-hub-signature-256"]}),
        dataclasses.replace(good, headers={"x-hub-signature-256": "sha256=é"}),
    ):
        with pytest.raises(Refused):
            connector.receive_hook(forged)


def test_entries_of_many_pages_are_told_apart(server: Server, connector: Facebook) -> None:
    """One address serves every account of an app."""
    value = {"item": "status", "verb": "add", "post_id": "2_1", "created_time": 1790000000}
    entries = [
        {"id": page, "time": 1790000000, "changes": [{"field": "feed", "value": value}]}
        for page in ("1001", "1002", "1001")
    ]
    server.push("page", *entries)
    (body,) = server.taken()
    raws = connector.receive_hook(server.signed(body)).raws
    assert [raw.to for raw in raws] == ["1001", "1002", "1001"]
    assert [len(connector.parse(raw)) for raw in raws] == [1, 0, 1]


def test_any_order_and_twice(server: Server, connector: Facebook) -> None:
    """Failure mode 7, as far as reading goes: each body says the same wherever it comes."""
    post = server.post("Post")
    server.taken()
    for n in range(10):
        server.comment(post, f"Comment {n}", {"id": "77001", "name": "Ana"})
    bodies = server.taken()
    server.pushes = [*reversed(bodies), *bodies]
    found = said_in(pushed(server, connector))
    assert len(found) == 20
    assert found[:10] == list(reversed(found[10:]))
    assert {one.root_id for one in found} == {post}


def test_missing_subscriptions_are_seen_and_mended(server: Server, connector: Facebook) -> None:
    """Failure mode 12: three layers, each of which can go missing by itself."""
    assert [layer.good for layer in connector.hooks(URL, repair=False)] == [False] * 3
    assert all(layer.words for layer in connector.hooks(URL, repair=False))
    assert [layer.good for layer in connector.hooks(URL, repair=True)] == [True] * 3
    assert server.app_subscription["callback_url"] == URL
    server.page_subscription = None
    layers = connector.hooks(URL, repair=False)
    assert [(layer.name, layer.good) for layer in layers if not layer.good] == [
        ("page subscription", False)
    ]
    server.page_subscription = ["feed"]
    assert "messages" in connector.hooks(URL, repair=False)[2].words
    assert all(layer.good for layer in connector.hooks(URL, repair=True))
    assert set(server.page_subscription) == set(HOOKS)


def test_somebody_elses_address_is_not_taken(server: Server, connector: Facebook) -> None:
    connector.hooks("https://other.example/hooks", repair=True)
    address, fields, page = connector.hooks(URL, repair=True)
    assert not address.good
    assert "other.example" in address.words
    assert (fields.good, page.good) == (True, True)
    assert server.app_subscription["callback_url"] == "https://other.example/hooks"


def test_an_address_of_ours_that_moved_is_mended(server: Server, connector: Facebook) -> None:
    connector.hooks("https://callbox.example/old", repair=True)
    assert all(layer.good for layer in connector.hooks(URL, repair=True))
    assert server.app_subscription["callback_url"] == URL


def test_what_cannot_be_looked_at_is_not_good(server: Server, connector: Facebook) -> None:
    connector.hooks(URL, repair=True)
    refused = fault_answer(200, "Requires pages_manage_metadata permission")
    server.fault("GET", "/v25.0/*/subscribed_apps", Fault(refused))
    layers = connector.hooks(URL, repair=True)
    assert [layer.good for layer in layers] == [True, True, False]
    assert "pages_manage_metadata" in layers[2].words
    server.kill(f"{server.app_id}|{server.app_secret}")
    layers = connector.hooks(URL, repair=True)
    assert [layer.good for layer in layers] == [False, False, True]
    assert "app's ID and secret" in layers[0].words
    server.kill(PAGE_TOKEN)
    assert "password" in connector.hooks(URL, repair=True)[2].words
