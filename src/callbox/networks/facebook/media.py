"""Pictures and videos on their way to Facebook: nothing of this is visible before the post is made.

Uploads are multipart, so that Facebook fetches nothing from us. A failed upload, however it failed,
means that nothing was said: it is Unavailable, never “it may have happened”.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from callbox.connector import OutcomeUnknown, Refused, Unavailable
from callbox.meta.graph import Graph
from callbox.meta.values import ident, number
from callbox.values import Json, text
from callbox.vocabulary import Media

_MOST_PARTS = 4096


@contextmanager
def nothing_said() -> Iterator[None]:
    """An upload whose outcome is unknown changed nothing that anybody can see."""
    try:
        yield
    except OutcomeUnknown as error:
        raise Unavailable(f"An upload did not work out, so nothing was said. {error}") from error


def photo(graph: Graph, page_id: str, picture: Media, *, scheduled: bool = False) -> str:
    """The id of an uploaded picture that nobody sees yet (“Photos”, `published=false`)."""
    body = {"published": "false", "alt_text_custom": picture.alt}
    if scheduled:
        body["temporary"] = "true"
    with nothing_said():
        answer = graph.write(
            "POST",
            f"/{page_id}/photos",
            body,
            files={"source": (picture.name, picture.content, picture.mime)},
        )
    external_id = ident(answer.get("id"))
    if not external_id:
        raise Unavailable("Facebook took a picture and gave no id for it. Nothing was said.")
    return external_id


class Video:
    """The upload of a video in parts (“Video API, resumable upload”): start, transfer, finish. Only
    `finish` says something."""

    def __init__(self, graph: Graph, page_id: str, video: Media) -> None:
        self._graph = graph
        self._path = f"/{page_id}/videos"
        self._video = video

    def upload(self) -> tuple[str, str]:
        """Send all parts: the session to finish and the video's id."""
        with nothing_said():
            begun = self._phase({"upload_phase": "start", "file_size": str(self._video.size)})
            session, video_id = ident(begun.get("upload_session_id")), ident(begun.get("video_id"))
            if not session or not video_id:
                raise Unavailable("Facebook did not begin to take the video. Nothing was said.")
            self._transfer(session, begun)
        return session, video_id

    def _transfer(self, session: str, begun: Json) -> None:
        """Facebook says which bytes it wants next, until the two ends meet."""
        start, end = _offsets(begun)
        for _ in range(_MOST_PARTS):
            if start >= end:
                return
            chunk = self._bytes(start, end)
            if not chunk:
                raise Refused("Facebook asked for a part of the video that there is not.")
            body = {
                "upload_phase": "transfer",
                "upload_session_id": session,
                "start_offset": str(start),
            }
            files = {"video_file_chunk": ("part", chunk, "application/octet-stream")}
            start, end = _offsets(self._phase(body, files))
        raise Unavailable("Facebook asked for ever more parts of the video. Nothing was said.")

    def finish(self, session: str, words: Mapping[str, Any]) -> Json:
        """Publish (or schedule) it."""
        body = {"upload_phase": "finish", "upload_session_id": session, **words}
        return self._graph.write("POST", self._path, body)

    def _phase(self, body: Mapping[str, str], files: Mapping[str, Any] | None = None) -> Json:
        return self._graph.write("POST", self._path, body, files=files)

    def _bytes(self, start: int, end: int) -> bytes:
        if self._video.path is None:
            return self._video.content[start:end]
        with self._video.path.open("rb") as file:
            file.seek(start)
            return file.read(end - start)


def _offsets(answer: Json) -> tuple[int, int]:
    """Offsets are strings of digits. Without them the transfer is at an end that nobody told."""
    start, end = number(text(answer.get("start_offset"))), number(text(answer.get("end_offset")))
    if start is None or end is None:
        raise Unavailable("Facebook did not say which part of the video comes next.")
    return int(start), int(end)
