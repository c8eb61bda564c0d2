"""What may come in: files of the kinds on the list, whole, within limits, in time."""

import base64
import gzip
import io
import socket
import time
import zlib
from collections.abc import Iterator

import pytest
from PIL import Image

from callbox import filekinds
from callbox.fetcher import Fetched, NotFetched, fetch
from callbox.logins import Located
from tests.fetcher.site import Site, gives, running
from tests.illustrated import box, jpeg, mp4, picture, png

MOST = 200_000
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
HEIC = box(b"ftyp", b"heic\0\0\0\0mif1heic") + bytes(80)


@pytest.fixture
def site() -> Iterator[Site]:
    with running() as one:
        yield one


def get(url: str, **more: object) -> Fetched:
    values: dict[str, object] = {"most_bytes": MOST, "seconds": 5, "allow_loopback": True, **more}
    return fetch(Located(url), io.BytesIO(), **values)  # type: ignore[arg-type]  # plain in tests


def refusal(url: str, **more: object) -> NotFetched:
    with pytest.raises(NotFetched) as caught:
        get(url, **more)
    return caught.value


def of(content: bytes, declared: str = "") -> Fetched:
    """The same judgement without a server."""
    return get(f"data:{declared};base64,{base64.b64encode(content).decode()}")


FILES = {
    "image/jpeg": jpeg(),
    "image/png": png(),
    "image/gif": picture("GIF"),
    "image/webp": picture("WEBP"),
    "image/avif": picture("AVIF"),
    "image/heic": HEIC,
    "video/mp4": mp4(100),
    "video/quicktime": box(b"ftyp", b"qt  \0\0\0\0qt  ") + bytes(80),
    "video/3gpp": box(b"ftyp", b"3gp4\0\0\0\0isom") + bytes(80),
    "video/webm": b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\x82\x84webm" + bytes(80),
    "audio/mpeg": b"\xff\xfb\x90\x64" + bytes(80),
    "audio/mp4": box(b"ftyp", b"M4A \0\0\0\0isom") + bytes(80),
    "audio/ogg": b"OggS" + bytes(80),
    "audio/wav": b"RIFF\x24\0\0\0WAVEfmt " + bytes(80),
    "audio/amr": b"#!AMR\n" + bytes(80),
    "application/pdf": b"%PDF-1.7\n" + bytes(80),
}


@pytest.mark.parametrize("mime", sorted(filekinds.ALL))
def test_every_kind_is_known_by_its_bytes(mime: str) -> None:
    assert set(FILES) == filekinds.ALL
    for declared in (mime, "", "application/octet-stream", f"{mime}; charset=binary"):
        taken = of(FILES[mime], declared)
        assert (taken.mime, taken.size) == (mime, len(FILES[mime]))


@pytest.mark.parametrize(
    ("content", "declared"),
    [
        (SVG, "image/svg+xml"), (SVG, "image/png"), (SVG, ""),
        (b"\xef\xbb\xbf" + SVG, "image/jpeg"),
        (HTML, "text/html"), (HTML, "image/gif"), (HTML, ""), (HTML, "application/pdf"),
        (b" " + png(), "image/png"), (HTML + png(), "image/png"), (HTML + b"%PDF-1.7", ""),
        (png(), "image/svg+xml"), (png(), "text/html"), (png(), "application/xhtml+xml"),
        (png(), "video/mp4"), (png(), "application/pdf"), (mp4(90), "image/gif"),
        (b"PK\3\4" + bytes(90), "application/zip"), (b"MZ" + bytes(90), ""),
        (b"#!/bin/sh\n" + bytes(90), ""), (b"\x7fELF" + bytes(90), ""),
        (b"plain words", "text/plain"),
        (b"\x1a\x45\xdf\xa3B\x82\x88matroska" + bytes(90), "video/webm"),
        (box(b"ftyp", b"xxxx") + bytes(90), "video/mp4"), (b"\xff\xff\xff" + bytes(90), ""),
        (b"BM" + bytes(90), "image/bmp"), (b"II*\0" + bytes(90), "image/tiff"),
        (b"%!PS-Adobe-3.0" + bytes(90), ""), (b"\0", "image/png"),
    ],
)  # fmt: skip
def test_everything_else_stays_out(content: bytes, declared: str) -> None:
    with pytest.raises(NotFetched) as caught:
        of(content, declared)
    assert not caught.value.again


def test_families_agree_loosely() -> None:
    assert of(png(), "image/jpeg").mime == "image/png"  # networks are careless
    assert of(mp4(90), "audio/mp4").mime == "video/mp4"


def test_a_list_of_kinds_can_be_shorter(site: Site) -> None:
    url = site.on("/a", gives(FILES["application/pdf"]))
    assert not refusal(url, kinds=filekinds.SHOWN).again


@pytest.mark.parametrize("mime", sorted(filekinds.SHOWN))
def test_a_picture_has_to_decode_as_what_it_says(mime: str) -> None:
    whole = FILES[mime]
    assert (of(whole).width, of(whole).height) == (40, 30)
    with pytest.raises(NotFetched, match="The picture is broken"):
        of(whole[: len(whole) // 2])
    with pytest.raises(NotFetched):
        of(whole[:12] + HTML * 9)


def test_a_picture_with_a_page_at_its_end_is_a_picture() -> None:
    """It decodes, and is served as a picture that cannot run (`web.serving`)."""
    assert of(png() + HTML).mime == "image/png"


def test_a_small_file_with_many_pixels_is_not_opened() -> None:
    head = io.BytesIO()
    Image.new("1", (8, 8)).save(head, "PNG")
    bomb = bytearray(head.getvalue())
    bomb[16:24] = (50_000).to_bytes(4, "big") * 2
    bomb[29:33] = zlib.crc32(bytes(bomb[12:29])).to_bytes(4, "big")
    began = time.monotonic()
    with pytest.raises(NotFetched, match="too many pixels"):
        of(bytes(bomb))
    assert time.monotonic() - began < 1


def test_what_was_fetched_is_what_was_written(site: Site) -> None:
    sink = io.BytesIO()
    url = site.on("/a", gives(jpeg((300, 200)), "image/jpeg"))
    taken = fetch(Located(url), sink, most_bytes=MOST, allow_loopback=True)
    assert sink.getvalue() == jpeg((300, 200))
    assert (taken.width, taken.height, len(taken.sha256)) == (300, 200, 64)


# --- how much, how long ---------------------------------------------------------------------------


def test_more_than_is_taken(site: Site) -> None:
    said = site.on("/said", gives(b"", "image/png", length=MOST + 1))
    unsaid = site.on("/unsaid", gives(png() + bytes(MOST), "image/png", length=None))
    chunked = site.on("/chunked", lambda c, _: c.sendall(_chunked(png() + bytes(MOST))))
    for url in (said, unsaid, chunked):
        error = refusal(url)
        assert "larger than" in str(error)
        assert not error.again
    assert "larger" in str(refusal("data:image/png," + "A" * (MOST * 4 + 1)))
    assert "larger" in str(refusal("data:image/png," + "A" * (MOST + 1)))


def _chunked(body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"


def test_a_server_that_never_ends(site: Site) -> None:
    def forever(connection: socket.socket, _: str) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + png())
        while True:
            connection.sendall(bytes(4096))

    assert "larger than" in str(refusal(site.on("/a", forever)))


def _drips(start: bytes) -> object:
    def drip(connection: socket.socket, _: str) -> None:
        connection.sendall(start)
        for _n in range(200):
            connection.sendall(b"x")
            time.sleep(0.05)

    return drip


@pytest.mark.parametrize(
    "start",
    [
        b"",  # not even a status
        b"HTTP/1.1 200 OK\r\nX-Name: ",  # a header without end
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + png(),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;",
        b"HTTP/1.1 302 OK\r\nLocation: /",
    ],
)
def test_a_server_that_is_slow_on_purpose(site: Site, start: bytes) -> None:
    url = site.on("/a", _drips(start))  # type: ignore[arg-type]  # see above
    began = time.monotonic()
    error = refusal(url, seconds=0.4)
    assert time.monotonic() - began < 1.5
    assert (str(error), error.again) == ("Its server is too slow.", True)


def test_a_server_that_says_nothing(site: Site) -> None:
    url = site.on("/a", lambda connection, _: time.sleep(1))
    assert refusal(url, seconds=0.3).again


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + b"\x89PNG",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    ],
)  # fmt: skip
def test_an_answer_that_makes_no_sense_may_be_better_next_time(site: Site, answer: bytes) -> None:
    assert refusal(site.on("/a", lambda c, _: c.sendall(answer))).again


def test_packed_answers_are_not_opened(site: Site) -> None:
    bomb = gzip.compress(bytes(50_000_000))
    url = site.on("/a", gives(bomb, "image/png", Content_Encoding="gzip"))
    assert not refusal(url).again


@pytest.mark.parametrize(
    ("status", "again", "gone"),
    [
        (400, False, False), (401, True, False), (403, True, False), (404, False, True),
        (408, True, False), (410, False, True), (418, False, False), (425, True, False),
        (429, True, False), (451, False, True), (500, True, False), (503, True, False),
        (206, False, False), (204, False, False), (304, False, False), (300, False, False),
    ],
)  # fmt: skip
def test_what_a_status_means(site: Site, status: int, again: bool, gone: bool) -> None:
    error = refusal(site.on("/a", gives(b"", status=status)))
    assert (error.again, error.gone) == (again, gone)


# --- data: ----------------------------------------------------------------------------------------


def test_files_that_come_along(site: Site) -> None:
    packed = base64.b64encode(png()).decode()
    for url in (f"data:image/png;base64,{packed}", f"DATA:image/png;name=a.png;BASE64,{packed}"):
        assert get(url).mime == "image/png"
    plain = "".join(f"%{byte:02x}" for byte in png())
    assert get(f"data:image/png,{plain}").sha256 == of(png()).sha256
    wrapped = f"data:image/png;base64,{packed[:20]}%0d%0a{packed[20:]}"
    assert get(wrapped).size == len(png())


@pytest.mark.parametrize(
    "url",
    [
        "data:",
        "data:,",
        "data:image/png",
        "data:image/png;base64,###",
        "data:;base64,AAA",
        "data:,x",
    ],
)
def test_nonsense_that_comes_along(url: str) -> None:
    refusal(url)


def test_errors_name_no_address(site: Site) -> None:
    url = site.on("/secret-token", gives(b"", status=500))
    for each in (url, "https://secret-token.invalid/", "https://u:secret-token@x.example/"):
        assert "secret" not in str(refusal(each))
        assert "127.0.0.1" not in str(refusal(each))
