"""docs/networks.md: what every network can do, how far that is proved, how to connect to it.

Everything is read off the connectors and their `quality.toml`, so that the page cannot say anything
else than the code does.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from callbox.connector import Connector
from callbox.logins import Setting
from callbox.networks import REGISTRY, connector_class
from scripts.pages import failures

ROOT = Path(__file__).resolve().parents[2]
NETWORKS = ROOT / "src" / "callbox" / "networks"
PAGE = ROOT / "docs" / "networks.md"

#: Every part that is graded, in words for administrators.
PARTS = {
    "samples": "Examples of what it sends",
    "error_map": "What its failures mean",
    "idempotent_send": "Said twice is once",
    "reconcile": "Lost answers are found again",
    "read_back": "What we said is read back",
    "edits": "Changed words are seen",
    "deletions": "Removed words are seen",
    "media_alt": "Descriptions of pictures",
    "private": "Private messages",
    "hide": "Hiding and showing",
    "rate_limits": "Its limits are kept",
    "session_reuse": "Logins are kept alive",
    "backfill": "No gaps after an outage",
    "streaming": "It tells us at once",
    "real_server_tests": "Tried against the real thing",
}
STATUSES = {"done": "done", "unproven": "**unproven**", "exempt": "not needed"}
#: Keys of `quality.toml` that are no grades.
BESIDE = frozenset({"glyph", "first_day"})
#: Networks of our own come last: nobody has to go anywhere to connect them.
_OURS = ("portal", "practice")

_EVERY = "Every network"
_ACTS = (
    ("reply", "Answer"),
    ("message", "Answer privately"),
    ("publish", "Publish"),
    ("edit", "Correct"),
    ("delete", "Take down"),
    ("hide", "Hide"),
    ("like", "Like"),
)


def page() -> str:
    """The whole page."""
    keys = sorted(REGISTRY, key=lambda key: (key in _OURS, connector_class(key).name.lower()))
    classes = {key: connector_class(key) for key in keys}
    grades = {key: quality(key) for key in keys}
    parts = [
        _opening(),
        _glance(classes),
        _proofs(classes, grades),
        *(_chapter(key, classes[key], grades[key]) for key in keys),
        _failures(),
    ]
    return "\n".join("\n".join(part) + "\n" for part in parts)


def quality(key: str) -> Mapping[str, Any]:
    """What a network's folder says of itself; nothing while the file is not written."""
    path = NETWORKS / key / "quality.toml"
    return tomllib.loads(path.read_text()) if path.exists() else {}


# --- what all have ----------------------------------------------------------------------


def _opening() -> Iterator[str]:
    yield "<!-- Made by scripts/networks_page. Change the connectors or their quality.toml. -->"
    yield ""
    yield "# The networks"
    yield ""
    yield (
        "Which networks Callbox speaks to, what it can do on each, what you need before you "
        "connect one, and what to try on the first day. Nothing here is a plan: it is read off "
        "the code and its tests."
    )
    yield ""
    yield (
        "**Connecting takes about ten minutes** once the network has approved you. That approval "
        "is what takes time, from a day to several weeks, so begin with “Before you connect” of "
        "the networks that your residents use most. In Callbox the way is *Accounts → Connect*; "
        "in a terminal it is `callbox connect`."
    )


def _glance(classes: Mapping[str, type[Connector]]) -> Iterator[str]:
    yield "## At a glance"
    yield ""
    yield (
        "● it can. ○ it cannot; the note says why, and Callbox says the same where the button "
        "would be. “Heard” is how messages reach us: *at once* (it holds a line open or calls us) "
        "and how often we ask. “Past” is what was said before you connected."
    )
    yield ""
    titles = ["Network", "Heard", *(title for _, title in _ACTS), "Past"]
    yield _row(titles)
    yield _row(["---", "---", *[":-:"] * (len(_ACTS) + 1)])
    for key, found in classes.items():
        cells = [_able(key, found, ability) for ability, _ in _ACTS]
        past = "●" if {"history", "archive"} & found.abilities() else "○"
        yield _row([f"[{found.name}](#{_anchor(found.name)})", _heard(found), *cells, past])
    yield ""
    for key, found in classes.items():
        for ability, _ in _ACTS:
            if ability not in found.abilities():
                yield f"[^{key}-{ability}]: {_told(found, ability)}"


def _able(key: str, found: type[Connector], ability: str) -> str:
    return "●" if ability in found.abilities() else f"○[^{key}-{ability}]"


def _told(found: type[Connector], ability: str) -> str:
    """Why not, with the network's name where the sentence does not say it."""
    words = found.why_not(ability)
    return words if found.name.lower() in words.lower() else f"{found.name}: {words}"


def _heard(found: type[Connector]) -> str:
    has = found.abilities()
    ways = ["at once"] if {"listen", "receive_hook"} & has else []
    if "fetch" in has:
        ways.append(f"every {_span(found.poll_seconds)}")
    return ", and ".join(ways) or "on our own pages"


def _span(seconds: int) -> str:
    if seconds == 60:
        return "minute"
    return f"{seconds // 60} minutes" if seconds % 60 == 0 else f"{seconds} seconds"


def _proofs(
    classes: Mapping[str, type[Connector]], grades: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    yield "## How far each is proved"
    yield ""
    yield (
        "*Done*: a test shows it, against the network's own software or against a stand-in that "
        "is held to the network's own description. *Unproven*: built and tested the same way, but "
        "only a live account can settle it; “First day” says how. *Not needed*: the network has "
        "no such thing."
    )
    yield ""
    yield _row(["Network", "Done", "Unproven", "Not needed", "What is unproven"])
    yield _row(["---", "--:", "--:", "--:", "---"])
    for key, found in classes.items():
        counts = [str(len(_with(grades[key], status))) for status in STATUSES]
        yield _row([found.name, *counts, _unproven(grades[key])])


def _unproven(grades: Mapping[str, Any]) -> str:
    """The parts that are unproven; where they are most, those that are not."""
    unproven, done = _with(grades, "unproven"), _with(grades, "done")
    if len(unproven) <= len(done):
        return _listed(unproven) or "–"
    return f"everything but {_listed(done)}" if done else "everything"


def _listed(parts: Sequence[str]) -> str:
    return ", ".join(PARTS[part].lower() for part in parts)


def _with(grades: Mapping[str, Any], status: str) -> list[str]:
    return [part for part in PARTS if grades.get(part, {}).get("status") == status]


# --- one network ----------------------------------------------------------------------


def _chapter(key: str, found: type[Connector], grades: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {found.name}"
    yield from _numbered("Before you connect", found.preparation)
    yield from _settings(found.settings)
    yield from _scopes(found)
    yield from _budgets(found)
    yield from _cannot(found)
    yield from _first_day(grades.get("first_day", ()))
    yield from _grades(key, grades)


def _numbered(title: str, steps: Sequence[str]) -> Iterator[str]:
    if steps:
        yield from ("", f"### {title}", "")
        for number, step in enumerate(steps, 1):
            yield f"{number}. {_linked(step)}"


def _settings(settings: Sequence[Setting]) -> Iterator[str]:
    if not settings:
        return
    yield from ("", "### What Callbox asks for", "")
    yield _row(["Field", "What it is"])
    yield _row(["---", "---"])
    for one in settings:
        yield _row([f"**{one.label}**", " ".join(_about(one)) or "–"])


def _about(one: Setting) -> Iterator[str]:
    if one.help:
        yield _linked(one.help)
    if one.choices:
        yield f"One of: {', '.join(label for _, label in one.choices)}."
    if one.default and one.default not in ("https://", "http://"):
        label = dict(one.choices).get(one.default, "")
        yield f"Usually {label}." if label else f"Usually `{one.default}`."
    if one.secret:
        yield "*Kept encrypted, never shown again.*"
    if one.record:
        yield "*For the record.*"
    if not one.required:
        yield "*May be left empty.*"


def _scopes(found: type[Connector]) -> Iterator[str]:
    if not found.scopes:
        return
    yield from ("", "### Permissions", "")
    yield _row(["It asks for", "Because"])
    yield _row(["---", "---"])
    for scope in found.scopes:
        yield _row([f"`{scope.name}`", scope.why])


def _budgets(found: type[Connector]) -> Iterator[str]:
    if not found.budgets:
        return
    labels = {one.name: one.label for one in found.settings}
    yield from ("", "### What it uses up", "")
    for one in found.budgets:
        cap = f", at most {one.cap:,}" if one.cap is not None and one.unit == "units" else ""
        limit = labels.get(one.cap_setting, "")
        words = f" The limit is yours to set (“{limit}”)." if limit else ""
        kind = "money" if one.unit == "usd_micros" else "units"
        yield f"- **{one.label}**: {kind}, counted by the {one.period}{cap}.{words}"


def _cannot(found: type[Connector]) -> Iterator[str]:
    if found.cannot:
        yield from ("", "### What it cannot do", "")
        yield from (f"- {words}" for words in dict.fromkeys(found.cannot.values()))


def _first_day(steps: Sequence[str]) -> Iterator[str]:
    if steps:
        yield from ("", "### First day with a live account", "")
        yield from (f"- [ ] {step}" for step in steps)


def _grades(key: str, grades: Mapping[str, Any]) -> Iterator[str]:
    yield from ("", "### How far it is proved", "")
    yield f"File names without a room are in `src/callbox/networks/{key}/`."
    yield ""
    yield _row(["Part", "", "Shown by"])
    yield _row(["---", "---", "---"])
    for part, title in PARTS.items():
        grade = grades.get(part, {})
        status = STATUSES.get(grade.get("status", ""), "not graded yet")
        yield _row([title, status, _code(grade.get("comment", "–"))])


# --- the fifteen ----------------------------------------------------------------------


def _failures() -> Iterator[str]:
    yield "## Fifteen ways in which networks fail"
    yield ""
    yield (
        "Others have met these in the field: lost answers, used-up logins, silent losses. Each "
        "has tests here that play it; a test says in its docstring which one."
    )
    yield ""
    yield _row(["", "What goes wrong", "Played by"])
    yield _row(["--:", "---", "---"])
    found = failures.tests()
    for number, words in enumerate(failures.MODES, 1):
        yield _row([str(number), words, "<br>".join(_played(found[number])) or "–"])


def _played(tests: Sequence[str]) -> Iterator[str]:
    """The tests of one mode, by where they are."""
    places: dict[str, list[str]] = {}
    for test in tests:
        file, _, function = test.partition("::")
        link = f"[`{function or Path(file).name}`](../{file})"
        places.setdefault(_place(file), []).append(link)
    for place in sorted(places, key=lambda one: (one != _EVERY, one.lower())):
        yield f"**{place}**: {', '.join(places[place])}"


def _place(file: str) -> str:
    """Where a test is, as administrators know it."""
    parts = file.removeprefix("src/callbox/").split("/")
    if parts[0] == "networks":
        return connector_class(parts[1]).name if parts[1] in REGISTRY else parts[1]
    if parts[0] == "meta":
        return "Facebook, Instagram and Threads"
    return _EVERY if parts[1] == "contract" else "Callbox itself"


# --- writing ----------------------------------------------------------------------


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _anchor(title: str) -> str:
    """The address of a heading, as forges make it."""
    kept = "".join(sign for sign in title.lower() if sign.isalnum() or sign in " -")
    return kept.replace(" ", "-")


def _linked(words: str) -> str:
    """Words in which nothing reads as markup by mistake."""
    return words.replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_")


def _code(words: str) -> str:
    """A comment, with what names tests and files set as code."""
    return " ".join(_coded(word) for word in words.split())


def _coded(word: str) -> str:
    bare = word.strip("(),;:.")
    named = "::" in bare or bare.endswith((".py", ".json")) or "_" in bare
    return word.replace(bare, f"`{bare}`") if named and "`" not in word else word
