"""Checks what we say to a Graph API, and what a stand-in answers, against the network's own nodes.

`meta.json` has the nodes by name: every node, field (also in nested braces), edge, method,
parameter and enum value that we send must be there. What the network documents but leaves out of
its own files is in `DOCUMENTED`, each with the page that has it.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.servers.standin import Violation

HERE = Path(__file__).parent

#: Parameters of every call: “Field expansion”, “Paginated results”, “Secure Graph API calls”.
EVERYWHERE = frozenset(
    ("fields", "limit", "after", "before", "since", "until", "__paging_token", "appsecret_proof")
)

#: What an answer to a write may hold: the reference page of each edge, “Return type”.
WRITTEN = frozenset(
    (
        *("id", "success", "post_id", "recipient_id", "message_id", "attachment_id", "video_id"),
        *("upload_session_id", "start_offset", "end_offset", "skip_upload", "uri"),
    )
)


@dataclass(frozen=True, slots=True)
class Documented:
    """Names that only the documentation has. `fields`: name → node ("" for a plain value);
    `params`: edge → names; `edges`: edge → method → the node that comes back."""

    source: str
    fields: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    edges: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def plain(*names: str) -> dict[str, str]:
    """Fields that hold plain values."""
    return dict.fromkeys(names, "")


DOCUMENTED: Mapping[str, tuple[Documented, ...]] = {
    "Page": (
        Documented("Pages API, “Get tasks a person can do”", plain("tasks")),
        Documented("Pages API, “Posts”, photo upload", params={"photos": ("source",)}),
    ),
    "PagePost": (
        Documented("Reference, Page post: `from`", {"from": "Named"}),
        Documented("Reference, Page post: edges as fields", {"attachments": "StoryAttachment"}),
    ),
    "Comment": (
        Documented(
            "Reference, Comment: `from`, `attachment`, `object`",
            {
                "from": "Named",
                "attachment": "StoryAttachment",
                "object": "Named",
                "private_reply_conversation": "UnifiedThread",
            },
        ),
    ),
    "Named": (Documented("`from` and `to` of every node: {id, name}", plain("id", "name")),),
    "StoryAttachment": (
        Documented(
            "Reference, StoryAttachment",
            {
                **plain("title", "description", "type", "url", "unshimmed_url", "media_type"),
                "media": "StoryAttachmentMedia",
                "target": "StoryAttachmentTarget",
                "subattachments": "StoryAttachment",
            },
        ),
    ),
    "StoryAttachmentMedia": (
        Documented("Reference, StoryAttachmentMedia", {**plain("source"), "image": "Image"}),
    ),
    "StoryAttachmentTarget": (Documented("Reference, StoryAttachmentTarget", plain("id", "url")),),
    "Image": (Documented("Reference, StoryAttachmentMedia: `image`", plain("src", "url")),),
    "UnifiedThread": (
        Documented(
            "Conversations API: `participants`, `messages`",
            {"participants": "Named", "messages": "UnifiedMessage"},
            edges={"messages": {"GET": "UnifiedMessage"}},
        ),
    ),
    "UnifiedMessage": (
        Documented(
            "Conversations API, “Get information about a message”",
            {
                **plain("id", "created_time", "message", "sticker", "is_unsupported"),
                "from": "Named",
                "to": "Named",
                "attachments": "MessageAttachment",
            },
            edges={"": {"GET": "UnifiedMessage"}},
        ),
    ),
    "MessageAttachment": (
        Documented(
            "Reference, Message attachments",
            {
                **plain("id", "mime_type", "name", "size", "file_url"),
                "image_data": "MediaData",
                "video_data": "MediaData",
            },
        ),
    ),
    "MediaData": (Documented("Reference, Message attachments", plain("url", "preview_url")),),
    "Recommendation": (
        Documented("Reference, Recommendation", {"reviewer": "Named", "open_graph_story": "Named"}),
    ),
    "AdVideo": (Documented("Reference, Video: `from`", {"from": "Named"}),),
    "Application": (
        Documented("Reference, Page, subscribed_apps", plain("subscribed_fields")),
        Documented(
            "Reference, Application, subscriptions",
            edges={"subscriptions": {"GET": "Subscription"}},
        ),
    ),
    "Subscription": (
        Documented(
            "Reference, Application, subscriptions",
            {**plain("object", "callback_url", "active"), "fields": "SubscribedField"},
        ),
    ),
    "SubscribedField": (
        Documented("Reference, Application, subscriptions", plain("name", "version")),
    ),
    "User": (
        Documented("Reference, User, permissions", edges={"permissions": {"GET": "Permission"}}),
    ),
    "Permission": (Documented("Reference, User, permissions", plain("permission", "status")),),
}

_TOKEN = re.compile(r"\s*([A-Za-z_][\w]*|\.|\(|\)|\{|\}|,|[^\s(){},.]+)")


class Nodes:
    """The description, with what is only documented laid over it. `extra` is a network's own."""

    def __init__(self, extra: Mapping[str, tuple[Documented, ...]] | None = None) -> None:
        described = json.loads((HERE / "meta.json").read_text())["nodes"]
        self._nodes: dict[str, Any] = described
        for added in (DOCUMENTED, extra or {}):
            for node, parts in added.items():
                for part in parts:
                    self._lay(node, part)

    def _lay(self, name: str, part: Documented) -> None:
        node = self._nodes.setdefault(name, {"fields": {}, "edges": {}})
        node["fields"] |= part.fields
        for edge, methods in part.edges.items():
            for method, returns in methods.items():
                call = (
                    node["edges"]
                    .setdefault(edge, {})
                    .setdefault(method, {"params": {}, "required": []})
                )
                call["returns"] = returns
        for edge, names in part.params.items():
            for call in node["edges"][edge].values():
                call["params"] |= dict.fromkeys(names)

    def returns(self, method: str, node: str, edge: str) -> str:
        """Which node an edge holds, "" for a plain value. Raises Violation for an unknown edge."""
        return str(self._call(method, node, edge)["returns"])

    def check(self, method: str, node: str, edge: str, params: Mapping[str, str]) -> None:
        """Raise Violation for an edge, parameter, enum value or field that is not described."""
        call = self._call(method, node, edge)
        for name, value in params.items():
            if name not in call["params"] and name not in EVERYWHERE:
                raise Violation(f"{method} {node}/{edge} has no parameter {name!r}")
            self._check_value(name, value, call["params"].get(name))
        missing = set(call["required"]) - set(params)
        if missing:
            raise Violation(f"{method} {node}/{edge} needs {sorted(missing)}")
        if method == "GET" and "fields" in params:
            self.tree(call["returns"] or node, params["fields"])

    def _check_value(self, name: str, value: str, known: Iterable[str] | None) -> None:
        if known is None:
            return
        try:
            given = json.loads(value)
        except ValueError:
            given = value.split(",")
        for one in given if isinstance(given, list) else [given]:
            if one not in known:
                raise Violation(f"{name} takes no {one!r}")

    def _call(self, method: str, node: str, edge: str) -> Any:
        try:
            return self._nodes[node]["edges"][edge][method]
        except KeyError:
            raise Violation(f"{node} has no {method} /{edge}") from None

    def tree(self, node: str, fields: str) -> dict[str, Any]:
        """`id,from{id,name},comments.limit(5){id}` as a tree. Raises Violation for a name that the
        node lacks."""
        words = _TOKEN.findall(fields)
        tree, at = _parsed(words, 0)
        if at != len(words):
            raise Violation(f"fields cannot be read: {fields}")
        self._check_tree(node, tree)
        return tree

    def _check_tree(self, node: str, tree: Mapping[str, Any]) -> None:
        for name, below in tree.items():
            kind = self._kind(node, name)
            if below and not kind:
                raise Violation(f"{node}.{name} has no fields of its own")
            self._check_tree(kind, below)

    def _kind(self, node: str, name: str) -> str:
        """Which node a field holds (or an edge, which can be asked for like one)."""
        found = self._nodes[node]
        if name in found["fields"]:
            return str(found["fields"][name])
        if name in found["edges"] and "GET" in found["edges"][name]:
            return str(found["edges"][name]["GET"]["returns"])
        raise Violation(f"{node} has no field {name!r}")

    def check_answer(self, node: str, value: Any) -> None:
        """Raise Violation for an answer with a field that the node lacks."""
        for one in _items(value):
            for name, below in one.items():
                if name == "id":
                    continue
                kind = self._kind(node, name)
                if kind:
                    self.check_answer(kind, below)

    def check_written(self, value: Any) -> None:
        """Raise Violation for an answer to a write that holds more than such an answer does."""
        if isinstance(value, dict) and set(value) - WRITTEN:
            raise Violation(f"no write is answered with {sorted(set(value) - WRITTEN)}")


def _items(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict) and isinstance(value.get("data"), list):
        value = value["data"]
    found = value if isinstance(value, list) else [value]
    return [one for one in found if isinstance(one, dict)]


def _parsed(words: list[str], at: int) -> tuple[dict[str, Any], int]:
    tree: dict[str, Any] = {}
    while at < len(words) and words[at] != "}":
        name, at = words[at], at + 1
        below: dict[str, Any] = {}
        while at < len(words) and words[at] == ".":  # .limit(5) and the like
            at = words.index(")", at) + 1
        if at < len(words) and words[at] == "{":
            below, at = _parsed(words, at + 1)
            at += 1
        tree[name] = below
        if at < len(words) and words[at] == ",":
            at += 1
    return tree, at
