"""What Twilio's refusals mean. Its error bodies are `{code, message, more_info, status}`."""

import httpx

from callbox.connector import AuthDead, ConnectorError, Refused, Unavailable
from callbox.networks.sms import optout
from callbox.values import mapping, text

# twilio.com/docs/api/errors. Words for a member, who cannot look a number up.
_WORDS = {
    20003: "Twilio does not take this login. Connect the account again.",
    21211: "This is not a phone number that Twilio can text.",
    21408: "The Twilio account is not allowed to text numbers in this country.",
    21606: "Twilio does not let us text from this number.",
    21610: optout.WORDS,
    21612: "Twilio cannot reach this number from ours.",
    21614: "This number cannot receive texts. It may be a landline.",
    21617: "The text is longer than 1,600 characters.",
    30034: "Our number is not registered for texting (A2P 10DLC). An administrator has to look.",
}
_LATER = frozenset((408, 421, 425))
_LONGEST = 200


def check(response: httpx.Response) -> None:
    """Raise what an unsuccessful answer means. 429 and, for writes, 5xx are `Wire`'s, before."""
    if not response.is_success:
        code, said = said_by(response)
        words = _WORDS.get(code) or _said(response, code, said)
        raise meaning(response.status_code, code)(words)


def meaning(status: int, code: int) -> type[ConnectorError]:
    """The error of a status and Twilio's own code (0 for none). A 401 or 403 without Twilio's code
    comes from something in between, and says nothing about our login."""
    if status == 401:
        return AuthDead if code else Unavailable
    if status in _LATER or status >= 500:
        return Unavailable
    return Refused


def said_by(response: httpx.Response) -> tuple[int, str]:
    """Twilio's code and words, or (0, "") when the answer is not its JSON."""
    try:
        body = mapping(response.json())
    except (ValueError, RecursionError):
        return 0, ""
    code = body.get("code")
    words = " ".join(text(body.get("message")).split())[:_LONGEST]
    return (code if isinstance(code, int) else 0), words


def _said(response: httpx.Response, code: int, said: str) -> str:
    if said:
        return f"Twilio says: “{said}” ({code or response.status_code})"
    return f"Twilio answered {response.status_code}."
