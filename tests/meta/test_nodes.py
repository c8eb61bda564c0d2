"""The checker itself: what it lets through, and what it does not."""

import pytest

from tests.contracts.graph import DOCUMENTED, Nodes
from tests.servers.standin import Violation


@pytest.fixture(scope="module")
def nodes() -> Nodes:
    return Nodes()


def test_what_is_described_is_let_through(nodes: Nodes) -> None:
    fields = "id,from{id,name},comments.filter(stream).limit(5){id,message},permalink_url"
    nodes.check("GET", "Page", "published_posts", {"fields": fields, "limit": "5"})
    nodes.check("POST", "Page", "feed", {"message": "x", "published": "false"})
    nodes.check("GET", "Comment", "comments", {"filter": "stream", "order": "chronological"})
    nodes.check_answer("PagePost", {"data": [{"id": "1", "from": {"id": "2", "name": "x"}}]})


@pytest.mark.parametrize(
    ("method", "node", "edge", "params"),
    [
        ("GET", "Page", "followers_of_mine", {}),
        ("PUT", "Page", "feed", {}),
        ("GET", "Nobody", "", {}),
        ("POST", "Page", "feed", {"massage": "x"}),
        ("GET", "Comment", "comments", {"filter": "newest"}),
        ("GET", "Page", "published_posts", {"fields": "id,mesage"}),
        ("GET", "Page", "published_posts", {"fields": "id,from{id,email}"}),
        ("GET", "Page", "published_posts", {"fields": "id{id}"}),
        ("GET", "Page", "published_posts", {"fields": "id)("}),
        ("POST", "IGUser", "media_publish", {}),
        ("POST", "Page", "subscribed_apps", {"subscribed_fields": "feed,invented"}),
    ],
)
def test_what_is_made_up_is_not(
    nodes: Nodes, method: str, node: str, edge: str, params: dict[str, str]
) -> None:
    with pytest.raises(Violation):
        nodes.check(method, node, edge, params)


def test_answers_are_held_to_it_too(nodes: Nodes) -> None:
    for value in ({"id": "1", "mesage": "x"}, {"data": [{"from": {"email": "x"}}]}):
        with pytest.raises(Violation):
            nodes.check_answer("PagePost", value)
    with pytest.raises(Violation):
        nodes.check_written({"id": "1", "text": "x"})


def test_everything_that_is_only_documented_says_where() -> None:
    assert all(part.source for parts in DOCUMENTED.values() for part in parts)
