"""YouTube's stand-in, our account on it, and Ana, for the contract suite."""

from collections.abc import Sequence
from datetime import timedelta
from io import BytesIO
from typing import Any, ClassVar

from callbox.connector import AccountSeen, MemorySession, Session
from callbox.networks.youtube.connector import YouTube
from callbox.vocabulary import Outgoing, Said
from tests.contract.answers import answer_to, said_in
from tests.contract.harness import EDIT, REMOVE, SAY_PUBLIC, StandInHarness
from tests.fetcher.test_stripping import film
from tests.servers.standin import Answer, Fault
from tests.servers.youtube import CLIENT, SECRET, US, VIDEO, YouTubeServer, error


class YouTubeHarness(StandInHarness):
    """Time here goes on by ten minutes with every change that only a second look shows."""

    network: ClassVar[str] = "youtube"
    residents_can: ClassVar[frozenset[str]] = frozenset({SAY_PUBLIC, EDIT, REMOVE})
    secrets: ClassVar[tuple[str, ...]] = (SECRET, "1//invented-refresh", "ya29.first")
    write_path: ClassVar[str] = "/youtube/v3/comments"

    def __init__(self) -> None:
        self.server = YouTubeServer(self.now)
        super().__init__(self.server)

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
        held = session or self.session()
        return self.kept(YouTube(self.account(), held, now=self.now, sleep=lambda _: None))

    # --- the resident --------------------------------------------------------------------------

    def say(self, text: str, *, private: bool = False) -> str:
        return self.server.say(text)

    def edit(self, external_id: str, text: str) -> None:
        self.later(minutes=10)
        self.server.change(external_id, text)

    def remove(self, external_id: str) -> None:
        self.later(minutes=10)
        self.server.remove(external_id)

    # --- what goes out --------------------------------------------------------------------------

    def answer(self, to: str, text: str, key: str) -> Outgoing:
        return answer_to(self.heard(to), text, key, self.now())

    def heard(self, external_id: str) -> Said:
        """Something that was said, as `parse` gives it."""
        connector = self.connector()
        return said_in(connector, connector.fetch({}).items, external_id)

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
