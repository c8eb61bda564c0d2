"""Files to browsers: their type as we found it, in parts where asked, and harmless to open.

A stored file came from a stranger. It is never sniffed, never a page, and opens in a sandbox that
may load nothing, so that even a file which is two things at once is only what we say it is.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from callbox.filekinds import ENDINGS, SHOWN

_R = TypeVar("_R", bound=HttpResponseBase)
# Bytes at once. A video is asked for in parts anyway, and an answer of this size holds no thread
# while a slow browser reads it (`running.pages.AT_ONCE`).
PART = 1024 * 1024
_CHUNK = 256 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_POLICY = (
    "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; "
    "frame-ancestors 'none'; sandbox"
)


def content(request: HttpRequest, body: bytes, mime: str, name: str) -> HttpResponse:
    """Bytes at hand, whole."""
    response = HttpResponse(b"" if request.method == "HEAD" else body, content_type=mime)
    response["Content-Length"] = str(len(body))
    return _held(request, response, mime, name)


def file(request: HttpRequest, place: Path, mime: str, name: str, tag: str) -> HttpResponseBase:
    """A file, or the part of it that was asked for. `tag` names this content and no other."""
    size = place.stat().st_size
    response = _whole(request, place, size, mime)
    part = _part(request, size, tag)
    if part is not None:
        response = _partial(request, place, part, size, mime)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = f'"{tag}"'
    return _held(request, response, mime, name)


def _whole(request: HttpRequest, place: Path, size: int, mime: str) -> HttpResponseBase:
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse(content_type=mime)
    elif size <= PART:
        response = HttpResponse(place.read_bytes(), content_type=mime)
    else:
        response = StreamingHttpResponse(_chunks(place), content_type=mime)
    response["Content-Length"] = str(size)
    return response


def _chunks(place: Path) -> Iterator[bytes]:
    with place.open("rb") as opened:
        while chunk := opened.read(_CHUNK):
            yield chunk


def _part(request: HttpRequest, size: int, tag: str) -> tuple[int, int] | None:
    """First and last byte that were asked for (RFC 9110, 14): (1, 0) when there is no such part,
    None for everything, several parts, and a request for parts of another content."""
    found = _RANGE.fullmatch(request.headers.get("range", "").strip())
    if found is None or found[0] == "bytes=-":
        return None
    if request.headers.get("if-range", f'"{tag}"') != f'"{tag}"':
        return None
    if not found[1]:  # the last so many
        first, last = max(0, size - int(found[2])), size - 1
    else:
        first = int(found[1])
        last = min(int(found[2]) if found[2] else size - 1, size - 1)
    return (first, min(last, first + PART - 1)) if first <= last else (1, 0)


def _partial(
    request: HttpRequest, place: Path, part: tuple[int, int], size: int, mime: str
) -> HttpResponse:
    first, last = part
    if first > last:
        response = HttpResponse(status=416, content_type=mime)
        response["Content-Range"] = f"bytes */{size}"
        return response
    body = b""
    if request.method != "HEAD":
        with place.open("rb") as opened:
            opened.seek(first)
            body = opened.read(last - first + 1)
    response = HttpResponse(body, status=206, content_type=mime)
    response["Content-Range"] = f"bytes {first}-{last}/{size}"
    response["Content-Length"] = str(last - first + 1)
    return response


def _held(request: HttpRequest, response: _R, mime: str, name: str) -> _R:
    """What keeps a stranger's file harmless."""
    # Packed already; and a part of a file must be that part.
    request.META.pop("HTTP_ACCEPT_ENCODING", None)
    shown = mime in SHOWN or mime.startswith(("video/", "audio/"))
    as_file = content_disposition_header(not shown, f"{name}.{ENDINGS.get(mime, 'bin')}")
    response["Content-Disposition"] = as_file or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = _POLICY
    return response
