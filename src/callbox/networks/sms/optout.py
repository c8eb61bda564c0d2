"""STOP, START and HELP: what a resident's text means to Twilio, which acts on it before we see it.

Twilio keeps the list of who may be texted and answers these words itself; we mirror what it did, so
that nobody writes a reply that cannot arrive. `OptOutType` is Twilio's own word for it where the
messaging service has Advanced Opt-Out; else the default words decide, and only when they are the
whole text (twilio.com: support for opt-out keywords).
"""

OUT, IN, HELP = "out", "in", "help"

_TYPES = {"STOP": OUT, "START": IN, "HELP": HELP}
_WORDS = {
    OUT: "STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT".split(),
    IN: "START UNSTOP YES".split(),
    HELP: "HELP INFO".split(),
}
_BY_WORD = {word: meaning for meaning, words in _WORDS.items() for word in words}

WORDS = (
    "They texted STOP, so no text message may be sent to them. They can start again by texting "
    "START to this number."
)


def meaning(text: str, declared: str = "") -> str:
    """ "out", "in", "help", or "" for a text like any other. `declared` is `OptOutType`."""
    return _TYPES.get(declared.strip().upper()) or _BY_WORD.get(text.strip().upper(), "")
