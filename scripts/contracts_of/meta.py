"""Graph API v25.0: nodes, fields, edges and parameters, by name only.

The full files describe 900 types; taken are the nodes that we read and the edges that we call.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Json = dict[str, Any]

#: The nodes that we rely on, and which of their edges we call ("" is the node itself).
WANTED: Mapping[str, tuple[str, ...]] = {
    "Page": (
        *("blocked", "conversations", "feed", "messages", "moderate_conversations"),
        *("message_attachments", "photos", "published_posts", "ratings", "scheduled_posts"),
        *("subscribed_apps", "tagged", "videos", "visitor_posts", "thread_owner"),
    ),
    "PagePost": ("attachments", "comments", "likes", "reactions"),
    "Comment": ("comments", "likes", "reactions"),
    "Photo": ("comments", "likes"),
    "AdVideo": ("comments", "likes"),
    "UnifiedThread": ("messages",),
    "Recommendation": (),
    "Profile": (),
    "PageThreadOwner": (),
    "User": ("accounts", "permissions"),
    "Application": ("subscriptions",),
    "IGUser": (
        *("content_publishing_limit", "live_media", "media", "media_publish", "mentions"),
        *("stories", "tags"),
    ),
    "IGMedia": ("children", "comments"),
    "IGComment": ("replies",),
    "IGCommentFromUser": (),
    "IGUserForIGOnlyAPI": (
        *("content_publishing_limit", "conversations", "live_media", "media", "mediapublish"),
        *("mentions", "messages", "messageattachments", "stories", "subscribed_apps", "tags"),
    ),
    "IGMediaForIGOnlyAPI": ("children", "comments"),
    "IGUserSubscribedAppsData": (),
    "IGAccessTokenForIGOnlyAPI": (),
    "IGRefreshAccessTokenForIGOnlyAPI": (),
    "ShadowIGMediaBuilder": (),
    "WhatsAppBusinessProfile": (),
}
_ENUM = re.compile(r"(?:list<)?(\w+_enum_param)>?")
_NODE = re.compile(r"(?:list<)?(\w+)>?")


def make(folder: Path) -> dict[str, Any]:
    """`meta.json`: nodes with their fields (name → node, "" for a plain value) and edges (name →
    method → parameters (name → values that it takes, null for any) and what comes back)."""
    enums = {one["name"]: one["values"] for one in _read(folder, "enum_types")}
    nodes = {name: _node(_read(folder, name), edges, enums) for name, edges in WANTED.items()}
    return {"meta.json": {"version": "v25.0", "nodes": nodes}}


def _read(folder: Path, name: str) -> Any:
    return json.loads((folder / "meta" / f"{name}.json").read_text())


def _node(described: Json, edges: tuple[str, ...], enums: Mapping[str, Any]) -> Json:
    found: Json = {
        "fields": {one["name"]: _known(one["type"]) for one in described.get("fields", ())},
        "edges": {},
    }
    for call in described.get("apis", ()):
        # A call without an edge is one on the node itself: "#get", "#update", "#delete".
        edge = call.get("endpoint", "")
        if edge == "" or edge in edges:
            found["edges"].setdefault(edge, {})[call["method"]] = _call(call, enums)
    missing = set(edges) - set(found["edges"])
    if missing:
        raise KeyError(f"no such edges: {sorted(missing)}")
    return found


def _call(call: Json, enums: Mapping[str, Any]) -> Json:
    params = {}
    for one in call["params"]:
        enum = _ENUM.fullmatch(one["type"])
        params[one["name"]] = enums[enum[1]] if enum else None
    required = [one["name"] for one in call["params"] if one.get("required")]
    return {"params": params, "required": required, "returns": _known(call.get("return", ""))}


def _known(kind: str) -> str:
    """The node that a field or an edge holds, if it is one that we rely on."""
    found = _NODE.fullmatch(kind)
    return found[1] if found and found[1] in WANTED else ""
