"""Did it go out? Twilio lists what it took for a number, newest first, within seconds."""

import unicodedata
from datetime import timedelta

from callbox.connector import Unavailable
from callbox.networks.sms.api import PAGE_SIZE, Api
from callbox.networks.sms.segments import thrifty
from callbox.networks.sms.values import message_sid, moment, number
from callbox.values import Json, text
from callbox.vocabulary import Outgoing

SLACK = timedelta(minutes=1)  # Twilio's clock may be that far behind ours
MOST_LOOKED_AT = 1000
# A trial account puts this before every text.
_TRIAL = "Sent from your Twilio trial account - "
# With “Smart Encoding” Twilio sends the nearest GSM-7 characters instead of ours.
_PLAIN = str.maketrans(
    {"‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "…": "..."}
    | {" ": " ", "\u200b": "", "´": "'", "`": "'", "«": '"', "»": '"'}
)


def find(api: Api, to: str, outgoing: Outgoing) -> Json | None:
    """The text as Twilio has it, or None when it is certain that it has none. The walk ends after
    a page of texts that are older than ours can be: the list's order is not exact."""
    since, older = outgoing.made_at - SLACK, 0
    for looked_at, one in enumerate(api.walk({"To": to})):
        made = moment(one.get("date_created"))
        if made is not None and made < since:
            older += 1
            if older >= PAGE_SIZE:
                return None
        elif _is_it(one, to, outgoing):
            return one
        if looked_at >= MOST_LOOKED_AT:
            raise Unavailable("There are too many newer texts to be sure. A person has to look.")
    return None


def _is_it(one: Json, to: str, outgoing: Outgoing) -> bool:
    outbound = text(one.get("direction")).startswith("outbound")
    sent_to = number(one.get("to")) == to
    return (
        outbound
        and sent_to
        and bool(message_sid(one.get("sid")))
        and moment(one.get("date_created")) is not None
        and _plain(text(one.get("body")).removeprefix(_TRIAL)) == _plain(thrifty(outgoing.text))
    )


def _plain(words: str) -> str:
    folded = unicodedata.normalize("NFC", words).translate(_PLAIN)
    return " ".join(folded.split())
