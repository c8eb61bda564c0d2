"""Pictures: uploaded first, attached only when the server has finished with them.

An upload publishes nothing (servers throw away what is never attached), so a failed one is plain
`Unavailable` and may be tried again; only the post itself can have an unknown outcome.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx

from callbox.connector import Unavailable
from callbox.networks.mastodon import errors
from callbox.networks.mastodon.api import Api
from callbox.networks.mastodon.values import ident
from callbox.values import Json, mapping
from callbox.vocabulary import Media

_UPLOADS = ("/api/v2/media", "/api/v1/media")  # v1 answers at once and is all that some know
_WAITS = (0.2, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 5.0, 5.0)  # seconds between looks: 26 in all
_NO_SUCH_DOOR = frozenset((404, 405, 410, 501))


def upload(api: Api, picture: Media, sleep: Callable[[float], None]) -> str:
    """The id of an uploaded picture that is ready to attach. Raises Refused when the server will
    not take it, Unavailable when it does not answer or is not ready after half a minute."""
    response = _sent(api, picture)
    media = _media(api, response)
    for wait in (*_WAITS, None):
        if _is_ready(response, media):
            return ident(media["id"])
        if wait is None:
            break
        sleep(wait)
        response = api.answer("GET", f"/api/v1/media/{quote(ident(media['id']), safe='')}")
        media = {**media, **_media(api, response)}
    raise Unavailable(f"{api.host} is still working on the picture.")


def _sent(api: Api, picture: Media) -> httpx.Response:
    form: dict[str, Any] = {"description": picture.alt} if picture.alt else {}
    for path in _UPLOADS:
        files = {"file": (picture.name, picture.content, picture.mime)}
        response = api.answer("POST", path, data=form, files=files)
        if response.status_code not in _NO_SUCH_DOOR:
            break
    return api.checked(response)


def _media(api: Api, response: httpx.Response) -> Json:
    if response.status_code != 206:
        errors.check(response, api.host)
    media = mapping(_json(response))
    if not ident(media.get("id")) and response.status_code != 206:
        raise Unavailable(f"{api.host} gave the picture no id.")
    return media


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None


def _is_ready(response: httpx.Response, media: Json) -> bool:
    """202 and 206 mean “not yet”; so does a missing address in the answer of the older door."""
    return response.status_code == 200 and media.get("url") is not None
