"""The thread around a message."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from callbox.connector import Malformed
from callbox.networks.bluesky.errors import NoRecord
from callbox.networks.bluesky.parse import said
from callbox.networks.bluesky.shapes import fields, members, uri_parts, words
from callbox.networks.bluesky.xrpc import Xrpc
from callbox.vocabulary import Addressed, Said

ABOVE = 80
BELOW = 10
MOST = 200


def around(xrpc: Xrpc, uri: str, our_did: str) -> list[Said]:
    """The posts above and below one, oldest first and never an answer before its question.

    Empty when the post itself is gone; posts that are deleted or closed to us are left out, and so
    is what lies beyond the first 200. `addressed` is set where a post is for us.
    """
    params: dict[str, str | int] = {"uri": uri, "depth": BELOW, "parentHeight": ABOVE}
    try:
        answer = xrpc.query("app.bsky.feed.getPostThread", params)
    except NoRecord:
        return []
    posts = [*_above(fields(answer.get("thread"))), *_below(fields(answer.get("thread")))]
    found: dict[str, Said] = {}
    for post in posts[:MOST]:
        try:
            one = said(post, _addressed(post, our_did))
        except Malformed:
            continue
        found[one.external_id] = one
    return sorted(found.values(), key=lambda one: _place(one, found))


def shown(xrpc: Xrpc, uri: str) -> Mapping[str, Any] | None:
    """One post as the public side shows it to us (a postView), or None when it shows none.

    Asked for as a thread, because for threads the account's server fills in what it took from us
    and the public side has not indexed yet.
    """
    params: dict[str, str | int] = {"uri": uri, "depth": 0, "parentHeight": 0}
    try:
        answer = xrpc.query("app.bsky.feed.getPostThread", params)
    except NoRecord:
        return None
    return fields(fields(answer.get("thread")).get("post")) or None


def _above(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The posts above a node, nearest last."""
    posts: list[Mapping[str, Any]] = []
    for _ in range(ABOVE):
        node = fields(node.get("parent"))
        if "post" not in node:
            break
        posts.append(fields(node["post"]))
    return posts[::-1]


def _below(top: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A node's own post and all below it, level by level."""
    level = [top]
    for _ in range(BELOW + 1):
        for node in level:
            if "post" in node:
                yield fields(node["post"])
        level = [fields(reply) for node in level for reply in members(node.get("replies"))]


def _place(one: Said, found: Mapping[str, Said]) -> datetime:
    """When a post counts as said: not before the posts above it, whatever its clock claims."""
    latest = one.said_at
    for _ in range(ABOVE + BELOW):
        above = found.get(one.parent_id or "")
        if above is None:
            break
        latest, one = max(latest, above.said_at), above
    return latest


def _addressed(post: Mapping[str, Any], our_did: str) -> Addressed | None:
    """Why a post of a thread is for us, if it is."""
    record = fields(post.get("record"))
    if uri_parts(words(post.get("uri")))[0] == our_did:
        return None
    if _owner(fields(record.get("reply")).get("parent")) == our_did:
        return Addressed.REPLY
    if our_did in _mentioned(record):
        return Addressed.MENTION
    embed = fields(record.get("embed"))
    quoted = fields(embed.get("record"))
    if our_did in (_owner(quoted), _owner(quoted.get("record"))):
        return Addressed.QUOTE
    return None


def _owner(ref: Any) -> str:
    return uri_parts(words(fields(ref).get("uri")))[0]


def _mentioned(record: Mapping[str, Any]) -> set[str]:
    features = [
        fields(feature)
        for facet in members(record.get("facets"))
        for feature in members(fields(facet).get("features"))
    ]
    return {words(feature.get("did")) for feature in features}
