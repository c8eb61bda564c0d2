"""Twilio's API of 2010, as far as texting goes."""

import json
from pathlib import Path
from typing import Any

from contracts_of.openapi import extract

_ROOT = "/2010-04-01/Accounts/{AccountSid}"
OPERATIONS = {
    f"{_ROOT}/Messages.json": ["get", "post"],
    f"{_ROOT}/Messages/{{Sid}}.json": ["get"],
    f"{_ROOT}/Messages/{{MessageSid}}/Media.json": ["get"],
    f"{_ROOT}/IncomingPhoneNumbers.json": ["get"],
    f"{_ROOT}/IncomingPhoneNumbers/{{Sid}}.json": ["post"],
}

# The description leaves refusals out. Their shape is from twilio.com/docs/usage/twilios-response.
_REFUSAL = {
    "type": "object",
    "required": ["code", "message", "more_info", "status"],
    "properties": {
        "code": {"type": "integer"},
        "message": {"type": "string"},
        "more_info": {"type": "string"},
        "status": {"type": "integer"},
    },
}


def make(folder: Path) -> dict[str, Any]:
    """twilio.json."""
    file = folder / "twilio" / "twilio_api_v2010.json"
    found = extract(json.loads(file.read_text()), OPERATIONS)
    for operations in found["paths"].values():
        for method in ("get", "post"):
            if method in operations:
                operations[method]["responses"]["default"] = {
                    "content": {"application/json": {"schema": _REFUSAL}}
                }
    return {"twilio.json": found}
