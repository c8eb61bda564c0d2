"""Pictures and videos, up to X (docs.x.com: x-api/media/quickstart).

A picture goes up in one call; an animation or a video in pieces, and is then worked on by X, which
says when to ask again. Descriptions are given before anything is posted. Nothing here is seen by
anybody, so a failure is never "it may have happened".
"""

import time
from collections.abc import Callable, Sequence

from callbox.connector import Refused, Unavailable
from callbox.networks.x.api import Api, path_id
from callbox.networks.x.values import ident
from callbox.values import Json, mapping, text
from callbox.vocabulary import Media

_PIECE = 4 * 1024 * 1024  # at most 1,000 pieces
_LONGEST = 300.0  # seconds that X may work on a video while we wait
_ALT = 1000

GIF = "image/gif"


class Uploads:
    """One account's way of putting media up. `lane` is "tweet" or "dm"."""

    def __init__(self, api: Api, lane: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._api = api
        self._lane = lane
        self._sleep = sleep

    def put(self, media: Sequence[Media]) -> list[str]:
        """Ids to post with, ready and described."""
        return [self._put(one) for one in media]

    def _put(self, media: Media) -> str:
        if media.is_video or media.mime == GIF:
            external_id = self._in_pieces(media)
        else:
            external_id = self._at_once(media)
        if media.alt:
            described = {"id": external_id, "metadata": {"alt_text": {"text": media.alt[:_ALT]}}}
            self._api.help("POST", "/2/media/metadata", json=described)
        return external_id

    def _at_once(self, media: Media) -> str:
        content = b"".join(media.parts(_PIECE))
        answer = self._api.help(
            "POST",
            "/2/media/upload",
            data={"media_category": self._category(media)},
            files={"media": (media.name, content, media.mime)},
        )
        return self._ready(mapping(answer.get("data")))

    def _in_pieces(self, media: Media) -> str:
        asked = {
            "media_type": media.mime,
            "total_bytes": media.size,
            "media_category": self._category(media),
        }
        begun = self._api.help("POST", "/2/media/upload/initialize", json=asked)
        external_id = self._id(mapping(begun.get("data")))
        base = f"/2/media/upload/{path_id(external_id)}"
        for number, piece in enumerate(media.parts(_PIECE)):
            self._api.help(
                "POST",
                f"{base}/append",
                data={"segment_index": str(number)},
                files={"media": (media.name, piece, "application/octet-stream")},
            )
        return self._ready(mapping(self._api.help("POST", f"{base}/finalize").get("data")))

    def _ready(self, data: Json) -> str:
        """Wait until X has made of it what it needs."""
        external_id, waited = self._id(data), 0.0
        while True:
            work = mapping(data.get("processing_info"))
            state = text(work.get("state"))
            if state == "failed":
                raise Refused("X cannot use this picture or video. Try it in another format.")
            if state in ("", "succeeded"):
                return external_id
            pause = _seconds(work.get("check_after_secs"))
            waited += pause
            if waited > _LONGEST:
                raise Unavailable("X is still working on the video. Nothing was posted yet.")
            self._sleep(pause)
            params = {"command": "STATUS", "media_id": external_id}
            data = mapping(self._api.get("/2/media/upload", params).get("data"))

    def _category(self, media: Media) -> str:
        kind = "video" if media.is_video else "gif" if media.mime == GIF else "image"
        return f"{self._lane}_{kind}"

    def _id(self, data: Json) -> str:
        external_id = ident(data.get("id"))
        if not external_id:
            raise Unavailable("X took the picture or video without giving its id.")
        return external_id


def _seconds(value: object) -> float:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return min(max(float(value), 1.0), 60.0) if known and isinstance(value, int | float) else 5.0
