"""The download of an account (x.com: Settings, Your account, Download an archive of your data).

Its files are JavaScript that sets one variable to a JSON list: `window.YTD.tweets.part0 = [...]`.
It has our own posts and both sides of our direct messages; what others wrote to us in public is not
in it. Large ones come in parts (`tweets-part1.js`).
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from callbox.connector import Archive, Malformed, Raw
from callbox.networks.x.posts import SITE, Us
from callbox.networks.x.values import ident
from callbox.values import Json, mapping, moment, objects, text
from callbox.vocabulary import Event, Ours

POST, DM = "archive:post", "archive:dm"
_NAME = re.compile(
    r"(?:.*/)?data/(account|tweets?|direct-messages(?:-group)?)(?:-part\d+)?\.js", re.IGNORECASE
)
_SETS = re.compile(r"\s*window\.YTD\.[A-Za-z_]+\.part\d+\s*=\s*")


def raws(folder: Archive, us: Us) -> Iterator[Raw]:
    """Everything of ours. Raises Malformed when this is no archive, or somebody else's."""
    files: dict[str, list[str]] = {}
    for name in sorted(folder.names()):
        found = _NAME.fullmatch(name)
        if found:
            files.setdefault(found[1].lower(), []).append(name)
    if not files:
        raise Malformed("This is not an archive of X: it has no data/tweets.js.")
    _check_owner(folder, files.get("account", []), us)
    for name in (*files.get("tweets", ()), *files.get("tweet", ())):
        yield from (Raw.of(POST, one) for one in _listed(folder, name))
    for name in (*files.get("direct-messages", ()), *files.get("direct-messages-group", ())):
        yield from _messages(_listed(folder, name))


def _check_owner(folder: Archive, names: list[str], us: Us) -> None:
    for name in names:
        for one in _listed(folder, name):
            owner = ident(mapping(one.get("account")).get("accountId"))
            if owner and us.id and owner != us.id:
                raise Malformed("This archive is of another account of X.")


def _listed(folder: Archive, name: str) -> list[Json]:
    words = folder.read(name).decode("utf-8-sig", "replace")
    begins = _SETS.match(words)
    try:
        return objects(json.loads(words[begins.end() if begins else 0 :].rstrip().rstrip(";")))
    except (ValueError, RecursionError) as error:
        raise Malformed(f"{name} in the archive cannot be read: {error}") from error


def _messages(found: list[Json]) -> Iterator[Raw]:
    """Each message with the id of its exchange."""
    for one in found:
        talk = mapping(one.get("dmConversation"))
        for message in objects(talk.get("messages")):
            if "messageCreate" in message:
                yield Raw.of(DM, {"conversationId": talk.get("conversationId"), **message})


def post(value: Json, us: Us) -> list[Event]:
    """One of our own posts. The archive tells its parent, not the root of its thread: that is the
    parent until something else tells more."""
    tweet = mapping(value.get("tweet")) or value
    external_id = ident(tweet.get("id_str")) or ident(tweet.get("id"))
    words = text(tweet.get("full_text")) or text(tweet.get("text"))
    when = _when(tweet.get("created_at"))
    if not external_id or when is None:
        raise Malformed("a post without an id or a time")
    if words.startswith("RT @"):
        return []
    for link in objects(mapping(tweet.get("entities")).get("urls")):
        short, full = text(link.get("url")), text(link.get("expanded_url"))
        if short and full:
            words = words.replace(short, full)
    parent = ident(tweet.get("in_reply_to_status_id_str")) or None
    where = f"{SITE}/{us.handle or 'i'}/status/{external_id}"
    return [Ours(external_id, when, words, root_id=parent, parent_id=parent, permalink=where)]


def _when(value: Any) -> datetime | None:
    """A time as the old API wrote it ("Wed Oct 10 20:19:24 +0000 2018"), or ISO 8601."""
    try:
        return datetime.strptime(text(value), "%a %b %d %H:%M:%S %z %Y").astimezone(UTC)
    except ValueError:
        return moment(value)
