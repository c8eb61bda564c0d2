"""WhatsApp's Cloud API, as far as a conversation goes, and the shapes of its webhooks.

The description lacks some of what the documentation has; each such fact stands here with its page
(developers.facebook.com/documentation/business-messaging/whatsapp/...).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from contracts_of.openapi import extract

_PHONE = "/{Version}/{Phone-Number-ID}"
OPERATIONS = {
    _PHONE: ["get"],
    "/{Version}/{Media-ID}": ["get"],
    f"{_PHONE}/messages": ["post"],
    f"{_PHONE}/media": ["post"],
    f"{_PHONE}/block_users": ["get", "delete"],
    "/{Version}/{WABA-ID}/subscribed_apps": ["get", "post"],
}
_STRING = {"type": "string"}

# Messages of webhooks: what came after the description, or is left out of it.
_MORE_OF_MESSAGES = {
    "*": ["from_user_id"],  # business-scoped-user-ids
    "video": ["video.id", "video.mime_type", "video.sha256", "video.caption"],
    "audio": ["audio.id", "audio.mime_type", "audio.sha256", "audio.voice"],
    "document": [f"document.{one}" for one in ("id", "mime_type", "sha256", "caption", "filename")],
    "sticker": ["sticker.id", "sticker.mime_type", "sticker.sha256", "sticker.animated"],
    "edit": [  # webhooks/reference/messages/edit
        "edit.original_message_id",
        "edit.message.type",
        "edit.message.text.body",
        "edit.message.context.id",
    ],
    "revoke": ["revoke.original_message_id"],  # webhooks/reference/messages/revoke
}
_MORE_OF_CONTACTS = ["user_id", "profile.username"]  # business-scoped-user-ids
_MORE_OF_STATUSES = [
    "biz_opaque_callback_data",  # webhooks/reference/messages/status
    "recipient_user_id",  # business-scoped-user-ids
]


def make(folder: Path) -> dict[str, Any]:
    """whatsapp.json."""
    file = folder / "whatsapp" / "business-messaging-api_v23.0.yaml"
    described = yaml.load(file.read_text(), Loader=yaml.CSafeLoader)
    found = extract(described, OPERATIONS)
    schemas = found["components"]["schemas"]
    _mend_messages(schemas)
    for operations in found["paths"].values():
        _mend_operations(operations)
    _join_nodes(found["paths"])
    found["webhooks"] = _webhooks(described)
    return {"whatsapp.json": found}


def _mend_messages(schemas: dict[str, Any]) -> None:
    """“Send messages”: a caption beside a file, our own string, and people without a number."""
    message = schemas["BaseMessageProperties"]
    message["required"] = [one for one in message["required"] if one != "to"]
    for schema in schemas.values():
        for part in schema.get("allOf", ()):
            part.pop("additionalProperties", None)  # it would close a part against the others
    message["properties"] |= {"recipient": _STRING, "biz_opaque_callback_data": _STRING}
    schemas["MediaObject"]["properties"] = {"caption": _STRING, "filename": _STRING}
    # “Override webhooks”: what an app's subscription shows of it.
    schemas["SubscribedApp"]["properties"]["override_callback_uri"] = _STRING
    # “Error codes”: details beside the message.
    error = schemas["GraphAPIError"]["properties"]["error"]
    error["properties"]["error_data"] = {"type": "object"}
    schemas["GraphAPIError"] = {"type": "object", "properties": {"error": error}}


def _mend_operations(operations: dict[str, Any]) -> None:
    """No word about the caller's name and the body's type (a multipart one has a boundary), and
    every refusal in the one shape of the Graph API."""
    refusal = {"$ref": "#/components/schemas/GraphAPIError"}
    for method in {"get", "post", "delete"} & operations.keys():
        about = operations[method]
        about["parameters"] = [
            one
            for one in about.get("parameters", ())
            if one.get("$ref", "").rsplit("/", 1)[-1] not in ("UserAgent", "ContentType")
        ]
        about["responses"] = {"200": about["responses"]["200"]}
        about["responses"]["200"].pop("headers", None)
        about["responses"]["default"] = {"content": {"application/json": {"schema": refusal}}}


def _join_nodes(paths: dict[str, Any]) -> None:
    """A phone number and a file have addresses of one form: one operation that is either."""
    phone, media = paths.pop(_PHONE), paths.pop("/{Version}/{Media-ID}")
    schemas = [
        one["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        for one in (phone, media)
    ]
    query = [
        {**one, "required": False}
        for each in (phone, media)
        for one in each["get"]["parameters"]
        if one.get("in") == "query"
    ]
    path = [
        {"name": name, "in": "path", "required": True, "schema": _STRING}
        for name in ("Version", "Node-ID")
    ]
    about = phone["get"] | {"parameters": [*path, *query]}
    about["responses"]["200"]["content"]["application/json"]["schema"] = {"anyOf": schemas}
    paths["/{Version}/{Node-ID}"] = {"get": about}


def _webhooks(described: Mapping[str, Any]) -> dict[str, Any]:
    """Which fields webhooks have, from the description's own samples: names only."""
    operation = described["paths"]["/whatsapp/webhooks"]["post"]
    samples = operation["requestBody"]["content"]["application/json"]["examples"]
    messages: dict[str, set[str]] = {}
    contacts: set[str] = set(_MORE_OF_CONTACTS)
    for sample in samples.values():
        for change in sample["value"]["entry"][0]["changes"]:
            for one in change["value"].get("messages", ()):
                messages.setdefault(one["type"], set()).update(_paths(one))
            for one in change["value"].get("contacts", ()):
                contacts.update(_paths(one))
    common = set.intersection(*messages.values()) | set(_MORE_OF_MESSAGES["*"])
    for kind, more in _MORE_OF_MESSAGES.items():
        if kind != "*":
            messages.setdefault(kind, set(common)).update(more)
    statuses = described["components"]["schemas"]["Statuses"]["properties"]
    return {
        "messages": {kind: sorted(found | common) for kind, found in messages.items()},
        "contacts": sorted(contacts),
        "statuses": sorted([*statuses, *_MORE_OF_STATUSES]),
    }


def _paths(value: Any, before: str = "") -> set[str]:
    """The names in a value, each with those above it; lists do not count."""
    if isinstance(value, list):
        return set().union(*(_paths(one, before) for one in value))
    if not isinstance(value, Mapping):
        return {before}
    return set().union(
        *(_paths(one, f"{before}.{name}".lstrip(".")) for name, one in value.items())
    )
