"""YouTube's stand-in, our account on it, and Ana, for the contract suite."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar

from callbox.connector import AccountSeen, Connector, MemorySession, Session
from callbox.networks.youtube.connector import YouTube
from callbox.vocabulary import Outgoing, ReplyTo, Said
from tests.contract.harness import EDIT, REMOVE, SAY_PUBLIC, Harness
from tests.fetcher.test_stripping import film
from tests.servers.standin import Answer, Fault
from tests.servers.youtube import CLIENT, SECRET, US, VIDEO, YouTubeServer, error

SAMPLES = Path(__file__).parent.parent / "samples"


class YouTubeHarness(Harness):
    """Time here goes on by ten minutes with every change that only a second look shows."""

    network: ClassVar[str] = "youtube"
    residents_can: ClassVar[frozenset[str]] = frozenset({SAY_PUBLIC, EDIT, REMOVE})
    secrets: ClassVar[tuple[str, ...]] = (SECRET, "1//invented-refresh", "ya29.first")

    def __init__(self) -> None:
        self._later = timedelta()
        self.server = YouTubeServer(self.now)
        self._made: list[Connector] = []

    def now(self) -> datetime:
        """The time, for the stand-in and for us."""
        return datetime.now(UTC) + self._later

    def later(self, **kwargs: Any) -> None:
        """Let time pass."""
        self._later += timedelta(**kwargs)

    def close(self) -> None:
        for connector in self._made:
            connector.close()
        self.server.close()

    def session(self) -> MemorySession:
        ends = (self.now() + timedelta(hours=1)).isoformat()
        return MemorySession(
            {
                "access_token": "ya29.first",
                "refresh_token": "1//invented-refresh",
                "expires_at": ends,
            }
        )

    def account(self, external_id: str = US, **config: Any) -> AccountSeen:
        """The account as Callbox keeps it."""
        known = {"server": self.server.url, "client_id": CLIENT, **config}
        return AccountSeen("1", external_id, "@policedept", known, {"client_secret": SECRET})

    def connector(self, session: Session | None = None) -> YouTube:
        made = YouTube(
            self.account(), session or self.session(), now=self.now, sleep=lambda _: None
        )
        self._made.append(made)
        return made

    # --- the resident --------------------------------------------------------------------------

    def say(self, text: str, *, private: bool = False) -> str:
        return self.server.say(text)

    def edit(self, external_id: str, text: str) -> None:
        self.later(minutes=10)
        self.server.change(external_id, text)

    def remove(self, external_id: str) -> None:
        self.later(minutes=10)
        self.server.remove(external_id)

    def sample_events(self) -> Mapping[str, bytes]:
        return {path.stem: path.read_bytes() for path in sorted(SAMPLES.glob("*.json"))}

    def kind_of(self, name: str) -> str:
        """The part before "__" in a sample's name, with "-" for ":"."""
        return name.partition("__")[0].replace("-", ":")

    # --- what goes out --------------------------------------------------------------------------

    def answer(self, to: str, text: str, key: str) -> Outgoing:
        said = self.heard(to)
        about = ReplyTo(
            said.external_id,
            said.root_id or said.external_id,
            said.author,
            said.refs,
            said.addressed,
            said_at=said.said_at,
            permalink=said.permalink,
        )
        return Outgoing(key, self.now(), text, reply_to=about)

    def heard(self, external_id: str) -> Said:
        """Something that was said, as `parse` gives it."""
        connector = self.connector()
        page = connector.fetch({})
        events = [event for raw in page.items for event in connector.parse(raw)]
        return next(e for e in events if isinstance(e, Said) and e.external_id == external_id)

    def said_by_us(self) -> Sequence[str]:
        comments = [one for one in self.server.comments.values() if one.author == US]
        said = [(one.published, one.text) for one in comments]
        said += [
            (one.published, one.title) for one in self.server.films.values() if one.id != VIDEO
        ]
        return [words for _, words in sorted(said)]

    def must_show(self) -> Sequence[BytesIO]:
        """A post is a video here."""
        return [BytesIO(film())]

    def say_as_us(self, text: str) -> str:
        top = next((one.id for one in self.server.comments.values() if not one.parent), "")
        return self.server.say(text, author=US, parent=top)

    # --- faults ---------------------------------------------------------------------------------

    def break_next_write(self, *, done: bool) -> None:
        fault = Fault.after_success() if done else Fault.dropped()
        self.server.fault("POST", "/youtube/v3/comments", fault)

    def break_publishing(self) -> None:
        """The video is there; in place of YouTube's answer comes a page of something between."""
        fault = Fault(Answer(200, "<html>"), deed_first=True)
        self.server.fault("PUT", "/upload/youtube/v3/videos", fault)

    def limit_next(self, seconds: int) -> None:
        answer = error(429, "rateLimitExceeded")
        headers = {"retry-after": str(seconds)}
        self.server.fault("*", "/youtube/*", Fault(Answer(429, answer.body, headers)))

    def down_next(self) -> None:
        self.server.fault("*", "/youtube/*", Fault.status(503, error(503, "backendError").body))

    def revoke(self) -> None:
        self.server.revoke()


HARNESS = YouTubeHarness
