"""Uploading a video so that a broken line costs a part of it and not all of it.

developers.google.com/youtube/v3/guides/using_resumable_upload_protocol: a POST opens a session and
answers its address in `Location`; parts go there with `Content-Range`; 308 and `Range` say how much
has arrived; an empty PUT with `bytes */SIZE` asks. Until the last byte is there, nothing is
published.
"""

import re
import time
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

import httpx

from callbox.connector import OutcomeUnknown, Refused, Unavailable
from callbox.networks.youtube import errors
from callbox.networks.youtube.api import Api
from callbox.networks.youtube.values import ident
from callbox.values import Json, mapping
from callbox.vocabulary import Media

PART = 8 * 1024 * 1024  # a multiple of 256 KiB, as the protocol asks
_PATH = "/upload/youtube/v3/videos"
_MOST_BREAKS = 4  # in a row, without a byte arriving between them
_RANGE = re.compile(r"(?:bytes=)?0-(\d+)")


class Upload:
    """One video on its way. `part` and `sleep` are for tests."""

    def __init__(
        self,
        api: Api,
        media: Media,
        now: Callable[[], datetime],
        *,
        part: int = PART,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._api = api
        self._media = media
        self._now = now
        self._part = part
        self._sleep = sleep
        self._address = ""
        self._ended = False  # whether the last byte was sent

    def run(self, video: Json) -> str:
        """Upload, and the id of the video. Raises Unavailable when it certainly did not come to an
        end, OutcomeUnknown when the last part was sent and nobody answered."""
        self._open(video)
        arrived, breaks, asking = 0, 0, False
        lost: Exception = Unavailable("YouTube takes no more of the video.")
        while breaks <= _MOST_BREAKS:
            try:
                answer = self._ask() if asking else self._send(arrived)
            except (OutcomeUnknown, Unavailable) as error:
                lost, asking, breaks = error, True, breaks + 1
                if breaks <= _MOST_BREAKS:
                    self._sleep(2.0**breaks)
                continue
            if answer.status_code != 308:
                return self._done(answer)
            # It asks for more, so it is not all there, whatever we sent.
            self._ended, asking, got = False, False, _arrived(answer)
            breaks = 0 if got > arrived else breaks + 1
            arrived = got
        raise OutcomeUnknown(str(lost)) if self._ended else Unavailable(str(lost))

    def _open(self, video: Json) -> None:
        """Open a session. Nothing is published by that, so a lost answer is no harm."""
        headers = {
            "x-upload-content-type": self._media.mime,
            "x-upload-content-length": str(self._media.size),
        }
        params = {"uploadType": "resumable", "part": "snippet,status"}
        try:
            answer = self._api.sent(
                "POST", _PATH, "videos insert", params=params, headers=headers, json=video
            )
        except OutcomeUnknown as error:
            raise Unavailable(str(error)) from error
        errors.check(answer, self._now())
        self._address = _trusted(answer.headers.get("location", ""), self._api.wire.base)

    def _send(self, start: int) -> httpx.Response:
        body = _bytes(self._media, start, self._part)
        end = start + len(body)
        self._ended = self._ended or end >= self._media.size
        headers = {
            "content-type": self._media.mime,
            "content-range": f"bytes {start}-{end - 1}/{self._media.size}",
        }
        return self._api.sent("PUT", self._address, "", headers=headers, content=body)

    def _ask(self) -> httpx.Response:
        headers = {"content-range": f"bytes */{self._media.size}"}
        return self._api.sent("PUT", self._address, "", headers=headers, content=b"")

    def _done(self, answer: httpx.Response) -> str:
        if answer.status_code in errors.GONE:
            words = "YouTube does not know the upload any more."
            raise OutcomeUnknown(words) if self._ended else Unavailable(words)
        errors.check(answer, self._now())
        try:
            made = mapping(answer.json())
        except (ValueError, RecursionError):
            made = {}
        video = ident(made.get("id"))
        if not video:
            raise OutcomeUnknown("YouTube answered the upload without an id.")
        return video


def _arrived(answer: httpx.Response) -> int:
    """How many bytes YouTube has. No `Range` means none."""
    match = _RANGE.fullmatch(answer.headers.get("range", ""))
    return int(match[1]) + 1 if match else 0


def _trusted(address: str, base: str) -> str:
    """The session's address, which holds a right to upload: only Google gets our token."""
    ours, theirs = urlsplit(base), urlsplit(address)
    host = theirs.hostname or ""
    same = (theirs.scheme, theirs.netloc) == (ours.scheme, ours.netloc)
    if same or (theirs.scheme == "https" and host.endswith(".googleapis.com")):
        return address
    raise Refused("YouTube named no place to upload to.")


def _bytes(media: Media, start: int, size: int) -> bytes:
    if media.path is None:
        return media.content[start : start + size]
    with media.path.open("rb") as file:
        file.seek(start)
        return file.read(size)
