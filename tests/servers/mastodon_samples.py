"""Capture `src/callbox/networks/mastodon/samples/mock_*.json` from a running server.

Run from the repository's root: `python -m tests.servers.mastodon_samples`. Each file is one raw, as
the connector made it from the server's answer: `{"kind": ..., "body": ...}`. The other samples
(`mastodon_*`, `gotosocial_*`, `pleroma_*`, `akkoma_*`) are written by hand in the shapes that those
servers are documented to send.
"""

import json
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from callbox.connector import AccountSeen, Raw
from callbox.networks.mastodon.connector import Mastodon
from callbox.vocabulary import Media, Outgoing, ReplyTo, Said
from tests.servers.mastodon import MastodonServer, mastodon_server

SAMPLES = Path("src/callbox/networks/mastodon/samples")
_DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)


def _now() -> datetime:
    return datetime.now(UTC)


def _later() -> datetime:
    return _now() + timedelta(minutes=30)


def connected(
    server: MastodonServer, name: str = "dept", now: Callable[[], datetime] = _now
) -> Mastodon:
    """A connector for one of the server's accounts."""
    config, secrets = {"server": server.url}, {"token": server.token(name)}
    blank = Mastodon(AccountSeen("1", "", "", config, secrets))
    me = blank.identify()
    blank.close()
    return Mastodon(AccountSeen("1", me.external_id, me.handle, config, secrets), now=now)


def main() -> None:
    with mastodon_server() as server:
        dept = connected(server)
        streamed: list[Raw] = []
        ready = threading.Event()
        threading.Thread(target=_listen, args=(server, streamed, ready), daemon=True).start()
        ready.wait(10)
        polled = list(_polled(server, dept))
        dept.close()
    for raw in (*polled, *streamed):
        _save(raw)


def _listen(server: MastodonServer, streamed: list[Raw], ready: threading.Event) -> None:
    for raw in connected(server).listen():
        ready.set()
        if raw is not None:
            streamed.append(raw)


def _polled(server: MastodonServer, dept: Mastodon) -> Iterator[Raw]:
    ana, ben = server.resident("ana"), server.resident("ben")
    cursor = dept.fetch({}).cursor
    picture = ana.upload(_DOT, "A dark street lamp at a corner")
    asked = ana.mention(
        "the street light at 5th & Main is out :lamp: https://example.org/map?at=5th #lights",
        media_ids=[picture],
        language="en",
    )
    page = dept.fetch(cursor)
    yield from page.items
    said = dept.parse(page.items[0])[0]
    if not isinstance(said, Said):
        raise TypeError("The server's mention was not read.")
    answer = dept.reply(_answer(said))
    ana.reply(answer.external_id, "thank you")
    ana.favourite(answer.external_id)
    ben.boost(answer.external_id)
    ben.direct("I saw who broke it", spoiler_text="about the lamp")
    page = dept.fetch(page.cursor)
    yield from page.items
    ana.edit(asked["id"], "@dept the street light at 6th & Main is out")
    gone = ben.mention("never mind")
    page = dept.fetch(page.cursor)
    ben.delete(gone["id"])
    yield from connected(server, now=_later).fetch(page.cursor).items


def _answer(said: Said) -> Outgoing:
    reply_to = ReplyTo(said.external_id, said.external_id, said.author, said.refs, said.addressed)
    media = Media(_DOT, "image/png", "Where the lamp is")
    text = "Thank you, we told the city."
    return Outgoing("sample-1", datetime.now(UTC), text, reply_to=reply_to, media=(media,))


def _save(raw: Raw) -> None:
    body = json.loads(raw.body)
    about = body.get("notification", {}).get("type", "")
    if about == "mention":
        status = body["notification"]["status"]
        about = "reply" if status["in_reply_to_id"] else about
        about = "direct" if status["visibility"] == "direct" else about
    name = "_".join(
        part for part in ("mock", *raw.kind.replace(":", ".").split("."), about) if part
    )
    text = json.dumps({"kind": raw.kind, "body": body}, ensure_ascii=False, indent=1)
    (SAMPLES / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(f"{name}.json\n")


if __name__ == "__main__":
    main()
