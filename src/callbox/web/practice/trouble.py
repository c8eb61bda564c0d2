"""Making the practice network fail, and seeing what programs did on it."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from callbox.networks.practice.street import ANY, Fault, Trouble, operations_of
from callbox.web.practice.visit import Visit, visiting

_MOST_TIMES = 1000
_MOST_SECONDS = 3600.0
_CALLS_SHOWN = 30

# What each fault looks like from outside, for whoever chooses one.
_ABOUT: dict[Fault, tuple[str, str]] = {
    Fault.LOST_AFTER: (
        "Does it, but no answer comes",
        "The post is there; the program cannot know.",
    ),
    Fault.LOST_BEFORE: ("Does nothing, and no answer comes", "Looks the same to the program."),
    Fault.UNAVAILABLE: ("Is down", "Every call is turned away."),
    Fault.RATE_LIMITED: ("Wants fewer calls", "Turns calls away until the seconds are over."),
    Fault.SLOW: ("Is slow", "Answers after the seconds you give."),
    Fault.AUTH_DEAD: ("Says the login is revoked", "A person has to connect again."),
    Fault.AUTH_TRANSIENT: ("Cannot check logins for now", "It passes by itself."),
    Fault.WINDOW_CLOSED: ("Says it is too late to answer", "As networks with time windows do."),
    Fault.REFUSED: ("Refuses", "It will never take this, as it stands."),
    Fault.ECHO_FIRST: (
        "Shows the post before it answers",
        "The event comes first, the answer later.",
    ),
    Fault.DUPLICATED: ("Sends every event twice", ""),
    Fault.SHUFFLED: ("Sends events in the wrong order", ""),
    Fault.MALFORMED: ("Sends an event that makes no sense", "It comes along with the good ones."),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A fault as the panel offers it."""

    fault: Fault
    title: str
    about: str
    operations: tuple[str, ...]


def _choices() -> list[Choice]:
    return [
        Choice(fault, title, about, (ANY, *operations_of(fault)))
        for fault, (title, about) in _ABOUT.items()
    ]


@require_safe
@visiting
def network(visit: Visit) -> HttpResponse:
    """The panel: what can go wrong, what is waiting to, and the latest calls of programs."""
    waiting = [(each, _ABOUT[each.fault][0]) for each in visit.street.faults.waiting()]
    calls = list(reversed(visit.street.calls()[-_CALLS_SHOWN:]))
    values = {"choices": _choices(), "waiting": waiting, "calls": calls}
    return visit.page("network.html", values)


@require_POST
@visiting
def ask(visit: Visit) -> HttpResponse:
    """Have something go wrong."""
    form = visit.request.POST
    try:
        fault = Fault(form.get("fault", ""))
        seconds = min(max(float(form.get("seconds", "2")), 0.0), _MOST_SECONDS)
        often = form.get("times", "1")
        times = None if often == "always" else min(int(often), _MOST_TIMES)
        visit.street.faults.ask(fault, form.get("operation", ANY), times, seconds)
    except ValueError as error:
        raise Trouble(Fault.REFUSED, f"That does not work: {error}.") from None
    return redirect("practice:network")


@require_POST
@visiting
def clear(visit: Visit) -> HttpResponse:
    """Take a waiting fault away, or all of them."""
    planned = visit.request.POST.get("planned", "")
    visit.street.faults.clear(int(planned) if planned.isdecimal() else None)
    return redirect("practice:network")


@require_POST
@visiting
def take_down(visit: Visit, n: int) -> HttpResponse:
    """The network removes a post, whoever said it."""
    visit.street.remove(f"p{n}")
    return redirect("practice:street")
