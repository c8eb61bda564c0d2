"""What Callbox can do on a network, and what not, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callbox.connector import Connector
from callbox.rules.text import shown

#: What a member gets from an ability, in the order of a day's work.
CAN: Mapping[str, Promise] = {
    "reply": gettext_lazy("Answer in public"),
    "message": gettext_lazy("Answer in private"),
    "publish": gettext_lazy("Publish posts"),
    "edit": gettext_lazy("Correct what we said"),
    "delete": gettext_lazy("Take down what we said"),
    "like": gettext_lazy("Like a message"),
    "hide": gettext_lazy("Hide a message that breaks a published rule, with a reason on record"),
    "find": gettext_lazy("Look up what went out when the network did not answer"),
    "look": gettext_lazy("Check that what we said can be seen"),
    "context": gettext_lazy("Show the posts around a message"),
    "history": gettext_lazy("Bring in what was said before today"),
    "archive": gettext_lazy("Read the archive that the network lets you download"),
    "blocked": gettext_lazy("Show who is blocked there, for the record"),
    "unblock": gettext_lazy("End a block"),
}
#: What somebody may look for, and should be told about where it is missing.
ASKED_FOR = ("reply", "message", "like", "hide", "edit", "delete", "publish")


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that a network has no way to do. `why` is the network's own reason."""

    what: str
    why: str


def hears(network: type[Connector]) -> str:
    """How what people say reaches us; "" where it does not."""
    able = network.abilities()
    if "listen" in able:
        return _("Hear people within seconds, over a stream that we hold open")
    if "receive_hook" in able:
        return _("Hear people within seconds: the network calls us (webhooks)")
    if "fetch" in able:
        return _("Hear people: we ask every {n} seconds").format(n=network.poll_seconds)
    return ""


def can(network: type[Connector]) -> Sequence[str]:
    """What Callbox will be able to do."""
    able = network.abilities()
    heard = hears(network)
    return [*([heard] if heard else []), *(str(CAN[name]) for name in CAN if name in able)]


def cannot(network: type[Connector]) -> Sequence[Missing]:
    """What it will not be able to do, and why."""
    able = network.abilities()
    found = [Missing(str(CAN[name]), shown(network.why_not(name)))
             for name in ASKED_FOR if name not in able]  # fmt: skip
    if not hears(network):
        found.insert(0, Missing(_("Hear people"), shown(network.why_not("fetch"))))
    return found
