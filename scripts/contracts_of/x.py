"""X API v2, in both spellings of its fields: `post.*` (2.167) and `tweet.*` (2.159)."""

import json
from pathlib import Path
from typing import Any

from contracts_of.openapi import extract

OPERATIONS = {
    "/2/users/me": ["get"],
    "/2/users/{id}/mentions": ["get"],
    "/2/users/{id}/tweets": ["get"],
    "/2/users/{id}/blocking": ["get"],
    "/2/tweets": ["get", "post"],
    "/2/tweets/{id}": ["get", "delete"],
    "/2/tweets/{id}/quote_tweets": ["get"],
    "/2/tweets/{tweet_id}/hidden": ["put"],
    "/2/tweets/search/recent": ["get"],
    "/2/dm_events": ["get"],
    "/2/dm_events/{event_id}": ["get"],
    "/2/dm_conversations/with/{participant_id}/dm_events": ["get"],
    "/2/dm_conversations/with/{participant_id}/messages": ["post"],
    "/2/dm_conversations/{dm_conversation_id}/messages": ["post"],
    "/2/dm_conversations/{id}/dm_events": ["get"],
    "/2/media/upload": ["get", "post"],
    "/2/media/upload/initialize": ["post"],
    "/2/media/upload/{id}/append": ["post"],
    "/2/media/upload/{id}/finalize": ["post"],
    "/2/media/metadata": ["post"],
    "/2/webhooks": ["get", "post"],
    "/2/webhooks/{webhook_id}": ["put", "delete"],
    "/2/webhooks/replay": ["post"],
    "/2/activity/subscriptions": ["get", "post"],
    "/2/activity/subscriptions/{subscription_id}": ["delete"],
}

NEWER = {"/2/dm_conversations/media/{dm_id}/{media_id}/{resource_id}": ["get"]}

_FORM = "application/x-www-form-urlencoded"
_WORD = {"type": "string", "minLength": 1}


def make(folder: Path) -> dict[str, Any]:
    """x.json (`post.*`) and x-tweet.json (`tweet.*`)."""
    return {
        "x.json": _one(folder / "x-openapi-xdk.json", OPERATIONS | NEWER),
        "x-tweet.json": _one(folder / "x-openapi-2.159.json", OPERATIONS),
    }


def _one(file: Path, operations: dict[str, list[str]]) -> dict[str, Any]:
    found = extract(json.loads(file.read_text()), operations)
    _add_events(found["components"]["schemas"])
    found["paths"] |= {
        "/2/oauth2/token": {"post": _form("grant_type", "client_id", gives=_TOKENS)},
        "/2/oauth2/revoke": {"post": _form("token", "client_id", gives=_REVOKED)},
    }
    return found


# Kinds of event that the page has and the enumerations of both descriptions have not: X serves them
# (docs.x.com: x-api/activity/introduction; its own samples in event-payloads).
_EVENTS = (
    "post.mention.create post.reply.create post.quote.create post.delete dm.received dm.sent "
    "chat.received"
).split()


def _add_events(schemas: dict[str, Any]) -> None:
    for name in ("CreateActivitySubscriptionRequest", "ActivitySubscriptionCreateRequest"):
        kinds = schemas.get(name, {}).get("properties", {}).get("event_type", {}).get("enum")
        if kinds is not None:
            kinds += [one for one in _EVENTS if one not in kinds]
    directed = schemas.get("ActivitySubscriptionFilter", {}).get("properties")
    if directed is not None:
        directed["direction"] = {"type": "string", "enum": ["inbound", "outbound"]}


# The description leaves logging in out. These facts are from X's pages on OAuth 2.0 with PKCE
# (docs.x.com: fundamentals/authentication/oauth-2-0/authorization-code, user-access-token).
_TOKENS = {
    "type": "object",
    "required": ["token_type", "expires_in", "access_token"],
    "properties": {
        "token_type": {"type": "string", "enum": ["bearer"]},
        "expires_in": {"type": "integer"},
        "access_token": {"type": "string"},
        "refresh_token": {"type": "string"},
        "scope": {"type": "string"},
    },
}
_REVOKED = {
    "type": "object",
    "required": ["revoked"],
    "properties": {"revoked": {"type": "boolean"}},
}


def _form(*required: str, gives: dict[str, Any]) -> dict[str, Any]:
    names = (
        "grant_type code redirect_uri code_verifier client_id refresh_token token token_type_hint"
    )
    schema = {
        "type": "object",
        "required": list(required),
        "properties": dict.fromkeys(names.split(), _WORD),
    }
    return {
        "requestBody": {"required": True, "content": {_FORM: {"schema": schema}}},
        "responses": {
            "200": {"content": {"application/json": {"schema": gives}}},
            "default": {"content": {"application/json": {}}},
        },
    }
