"""Where a stranger's address may lead: nowhere but to a public server, whatever the trick."""

import io
import socket
from collections.abc import Iterable, Iterator

import httpcore
import pytest

from callbox import fetcher
from callbox.fetcher import NotFetched, fetch
from callbox.logins import Located
from tests.fetcher.site import Site, gives, running, sends_on
from tests.illustrated import png

PUBLIC = "203.0.114.7"
ELSEWHERE = "Its address leads to a place where we do not go."


@pytest.fixture
def site() -> Iterator[Site]:
    with running() as one:
        yield one


class Names:
    """A resolver of our own: what each name means, each time it is asked."""

    def __init__(self, **names: list[list[str]]) -> None:
        self.names = {name.replace("_", "."): answers for name, answers in names.items()}
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> Iterable[str]:
        self.asked.append(host)
        answers = self.names[host]
        return answers.pop(0) if len(answers) > 1 else answers[0]


class Dialled:
    """Every connection that was made; all of them end at one site, without TLS."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.places: list[tuple[str, int]] = []
        self.names: list[str | None] = []

    def __call__(self, address: str, port: int, timeout: float) -> httpcore.NetworkStream:
        self.places.append((address, port))
        real = httpcore.SyncBackend().connect_tcp("127.0.0.1", self.site.port, timeout=timeout)
        return Plain(real, self.names)


class Plain(httpcore.NetworkStream):
    """A connection that takes TLS as done, and notes for which name."""

    def __init__(self, stream: httpcore.NetworkStream, names: list[str | None]) -> None:
        self._stream, self._names = stream, names

    def start_tls(
        self, ssl_context: object, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        self._names.append(server_hostname)
        return self

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


@pytest.fixture
def dialled(site: Site, monkeypatch: pytest.MonkeyPatch) -> Dialled:
    made = Dialled(site)
    monkeypatch.setattr(fetcher, "_dial", made)
    return made


def get(
    url: str, resolve: fetcher.Resolve | None = None, *, loopback: bool = False, **headers: str
):
    return fetch(
        Located(url, headers),
        io.BytesIO(),
        most_bytes=100_000,
        seconds=5,
        resolve=resolve,
        allow_loopback=loopback,
    )


def refusal(
    url: str, resolve: fetcher.Resolve | None = None, *, loopback: bool = False
) -> NotFetched:
    with pytest.raises(NotFetched) as caught:
        get(url, resolve, loopback=loopback)
    return caught.value


INSIDE = [
    "0.0.0.0",  # noqa: S104  # to be refused
    "127.0.0.1", "127.8.9.1", "10.0.0.1", "172.16.0.1", "172.31.255.254", "192.168.1.1",
    "169.254.169.254", "169.254.0.1", "100.64.0.1", "100.127.255.255", "0.1.2.3",
    "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1",
    "168.63.129.16", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1",
    "::8.8.8.8", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "2002:7f00:1::",
    "2002:808:808::1", "2001::1", "2001:db8::1", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1",
    "fd00:ec2::254", "ff02::1", "100::1", "3fff::1",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_a_name_that_means_a_place_inside_is_not_called(address: str, dialled: Dialled) -> None:
    error = refusal("https://media.example/a.png", Names(media_example=[[address]]))
    assert (str(error), error.again) == (ELSEWHERE, False)
    assert dialled.places == []


@pytest.mark.parametrize("address", INSIDE)
def test_one_bad_address_among_good_ones_is_enough(address: str, dialled: Dialled) -> None:
    refusal("https://media.example/a.png", Names(media_example=[[PUBLIC, address]]))
    assert dialled.places == []


@pytest.mark.parametrize(
    "spelling",
    [
        "127.0.0.1", "127.1", "2130706433", "0x7f.0.0.1", "0x7f000001", "0177.0.0.1", "0",
        "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "localhost", "LOCALHOST",
        "169.254.169.254", "[fe80::1%25lo]", "[::ffff:169.254.169.254]", "①②⑦.⓪.⓪.①",
        "127.0.0.1.", "localhost.",
    ],
)  # fmt: skip
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_this_machine_in_every_spelling(scheme: str, spelling: str, dialled: Dialled) -> None:
    """By the system's own resolver, as in life."""
    refusal(f"{scheme}://{spelling}/a.png")
    assert dialled.places == []


@pytest.mark.parametrize(
    "url",
    [
        "http://media.example/a.png", "ftp://media.example/a.png", "file:///etc/passwd",
        "gopher://media.example/1", "jar:https://media.example!/a", "//media.example/a.png",
        "https:///a.png", "https://", "", "a.png", "javascript:alert(1)", "https://media.example:22/",
        "https://media.example:8443/", "https://media.example:80/", "https://me@media.example/",
        "https://me:secret@media.example/", "https://media.example@127.0.0.1/",
        "https://127.0.0.1\\@media.example/", "https://media.example\\@127.0.0.1/",
        "https://media.example:port/", "https://media.example\n/", "https://[::1/", "https://a b/",
        "https://media.example/" + "a" * 9000, "\x00https://media.example/",
    ],
)  # fmt: skip
def test_addresses_that_are_not_called_at_all(url: str, dialled: Dialled) -> None:
    error = refusal(url, Names(media_example=[[PUBLIC]]))
    assert not error.again
    assert dialled.places == []
    assert "secret" not in str(error)


def test_a_public_server_is_called_by_its_address_and_its_name(
    site: Site, dialled: Dialled
) -> None:
    site.on("/a.png?x=%2F1", gives(png(), "image/png"))
    names = Names(media_example=[[PUBLIC]])
    assert get("https://media.example/a.png?x=%2F1#part", names).mime == "image/png"
    assert dialled.places == [(PUBLIC, 443)]
    assert dialled.names == ["media.example"]
    assert "\r\nhost: media.example\r\n" in site.heads[0].lower()
    assert "\r\naccept-encoding: identity\r\n" in site.heads[0].lower()


def test_a_name_that_changes_its_mind_is_asked_once(site: Site, dialled: Dialled) -> None:
    """Rebinding: the first answer is public, the second leads inside."""
    site.on("/a.png", gives(png(), "image/png"))
    names = Names(media_example=[[PUBLIC], ["127.0.0.1"]])
    get("https://media.example/a.png", names)
    assert names.asked == ["media.example"]
    assert dialled.places == [(PUBLIC, 443)]


def test_a_redirect_to_itself_is_judged_anew(site: Site, dialled: Dialled) -> None:
    site.on("/a", sends_on("/b"))
    site.on("/b", gives(png(), "image/png"))
    names = Names(media_example=[[PUBLIC], ["127.0.0.1"]])
    assert str(refusal("https://media.example/a", names)) == ELSEWHERE
    assert names.asked == ["media.example", "media.example"]
    assert len(dialled.places) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "to",
    [
        "http://127.0.0.1/b", "https://127.0.0.1/b", "https://169.254.169.254/latest/meta-data/",
        "https://inside.example/b", "//inside.example/b", "http://media.example/b",
        "https://media.example:8080/b", "file:///etc/passwd", "https://a:b@media.example/b",
        "data:image/png;base64,AAAA", "https://[::1]/", "", "https://[", "\\\\127.0.0.1\\b",
    ],
)  # fmt: skip
def test_a_redirect_goes_nowhere_that_an_address_may_not(
    site: Site, dialled: Dialled, to: str, status: int
) -> None:
    site.on("/a", sends_on(to, status))
    names = Names(
        media_example=[[PUBLIC]],
        inside_example=[["10.0.0.1"]],
        **{
            "127_0_0_1": [["127.0.0.1"]],
            "169_254_169_254": [["169.254.169.254"]],
            "::1": [["::1"]],
        },
    )
    assert not refusal("https://media.example/a", names).again
    assert all(place == (PUBLIC, 443) for place in dialled.places)


def test_redirects_end(site: Site, dialled: Dialled) -> None:
    for n in range(9):
        site.on(f"/{n}", sends_on(f"/{n + 1}"))
    site.on("/3", gives(png(), "image/png"))
    names = Names(media_example=[[PUBLIC]])
    assert get("https://media.example/0", names).size  # three redirects
    site.on("/3", sends_on("/4"))
    assert str(refusal("https://media.example/0", names)) == "Its address leads on and on."
    assert len(dialled.places) == 8


def test_a_login_stays_with_the_host_that_it_is_for(site: Site, dialled: Dialled) -> None:
    site.on("/a", sends_on("/b"))
    site.on("/b", sends_on("https://cdn.example/c"))
    site.on("/c", sends_on("https://media.example/d"))
    site.on("/d", gives(png(), "image/png"))
    names = Names(media_example=[[PUBLIC]], cdn_example=[["198.52.100.7"]])
    get("https://media.example/a", names, Authorization="Bearer secret", Host="inside.example")
    told = ["secret" in head for head in site.heads]
    assert told == [True, True, False, False]  # once it was elsewhere, it is not told again
    assert "inside.example" not in "".join(site.heads)


def test_addresses_are_tried_in_turn(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Dialled(site)

    def dial(address: str, port: int, timeout: float) -> httpcore.NetworkStream:
        if ":" in address:
            raise httpcore.ConnectError("no way")
        return made(address, port, timeout)

    monkeypatch.setattr(fetcher, "_dial", dial)
    site.on("/a", gives(png()))
    names = Names(media_example=[["2606:2800:220:1::1", PUBLIC]])
    assert get("https://media.example/a", names).size
    assert made.places == [(PUBLIC, 443)]


def test_a_name_that_nobody_knows(dialled: Dialled) -> None:
    def unknown(host: str, port: int) -> Iterable[str]:
        raise socket.gaierror("unknown")

    for resolve in (unknown, Names(media_example=[[]])):
        error = refusal("https://media.example/a", resolve)
        assert (str(error), error.again) == ("Its server cannot be found.", True)


def test_proxies_of_the_environment_are_not_used(
    site: Site, dialled: Dialled, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    site.on("/a", gives(png()))
    assert get("https://media.example/a", Names(media_example=[[PUBLIC]])).size
    assert dialled.places == [(PUBLIC, 443)]


# --- where loopback is allowed: tests, and the practice city --------------------------------------


def test_loopback_by_its_own_name(site: Site) -> None:
    url = site.on("/a", gives(png(), "image/png"))
    assert get(url, loopback=True).mime == "image/png"
    assert get(url.replace("127.0.0.1", "localhost"), loopback=True).size
    refusal(url)


def test_even_then_a_name_may_not_lead_there(site: Site) -> None:
    site.on("/a", gives(png()))
    names = Names(media_example=[["127.0.0.1"]])
    for url in (f"http://media.example:{site.port}/a", "https://media.example/a"):
        assert not refusal(url, names, loopback=True).again


@pytest.mark.parametrize("to", ["https://10.0.0.1/", "http://10.0.0.1/", "http://media.example/"])
def test_even_then_a_redirect_may_not_lead_inside(site: Site, to: str) -> None:
    url = site.on("/a", sends_on(to))
    refusal(url, lambda host, port: ["10.0.0.1" if host[0] == "1" else PUBLIC], loopback=False)
    names = {"127.0.0.1": "127.0.0.1", "10.0.0.1": "10.0.0.1", "media.example": PUBLIC}
    refusal(url, lambda host, port: [names[host]], loopback=True)


def test_tls_is_asked_for_the_name(site: Site) -> None:
    """A real handshake with a server that knows none: refused, and nothing was said in the open."""
    site.on("/a", gives(png()))
    url = f"https://127.0.0.1:{site.port}/a"
    error = refusal(url, loopback=True)
    assert error.again
    assert site.heads == []
