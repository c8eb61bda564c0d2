"""Failure mode 14: the signature is over the exact address and the form as it came."""

import base64
import hashlib
import hmac
from urllib.parse import urlencode

import pytest

from callbox.connector import Malformed, Refused, Signed
from callbox.networks.sms.connector import Sms
from callbox.networks.sms.signature import check
from tests.servers.twilio import TOKEN, Twilio

FORM = {"Body": "1 + 1 = 2 & more?", "From": "+13125550177", "MessageSid": "SM" + "0" * 32}


def signed(
    url: str, called: str = "", form: list[tuple[str, str]] | None = None, **headers: str
) -> Signed:
    """Signed over `url`, and called as `called` shows."""
    fields = form if form is not None else list(FORM.items())
    said = url + "".join(name + value for name, value in sorted(set(fields)))
    digest = base64.b64encode(hmac.digest(TOKEN.encode(), said.encode(), "sha1")).decode()
    every = {"x-twilio-signature": digest, **headers}
    return Signed("POST", called or url, every, urlencode(fields).encode())


HOST = "https://callbox.example"


@pytest.mark.parametrize(
    "url",
    [
        f"{HOST}/hooks/a/b/",
        f"{HOST}/hooks/a/b/?b=2&a=1",  # the query's order is what it is
        f"{HOST}/hooks/a/b/?a=1&b=2",
        f"{HOST}/hooks/a/b/?q=one+two",
        f"{HOST}/hooks/a/b/?q=one%20two",
        f"{HOST}/hooks/a/b/?q=%C3%A9&r=%2F",
        f"{HOST}/hooks/a/b/?q=%c3%a9",
        f"{HOST}/hooks/a/b/?",
        f"{HOST}/hooks/a/b/?empty=&=x",
        f"{HOST}:8443/hooks/a/b/",
        "https://[2001:db8::7]:8443/hooks/a/b/",
    ],
)
def test_the_exact_address_counts(url: str) -> None:
    assert dict(check(signed(url), TOKEN)) == FORM


@pytest.mark.parametrize(
    ("ours", "called"),
    [
        (f"{HOST}/h/?b=2&a=1", f"{HOST}/h/?a=1&b=2"),
        (f"{HOST}/h/?q=one+two", f"{HOST}/h/?q=one%20two"),
        (f"{HOST}/h/?q=%C3%A9", f"{HOST}/h/?q=%c3%a9"),
        (f"{HOST}/h/", f"{HOST}/h"),
        (f"{HOST}/h/", f"{HOST}/h/?"),
        (f"{HOST}/h/", "https://elsewhere.example/h/"),
        (f"{HOST}/h/", "http://callbox.example/h/"),
        (f"{HOST}:8443/h/", f"{HOST}:8444/h/"),
    ],
)
def test_another_address_does_not(ours: str, called: str) -> None:
    with pytest.raises(Refused):
        check(signed(ours, called), TOKEN)


@pytest.mark.parametrize(
    ("ours", "called"),
    [(f"{HOST}:443/h/?a=1", f"{HOST}/h/?a=1"), (f"{HOST}/h/", f"{HOST}:443/h/")],
)
def test_the_usual_port_may_be_there_or_not(ours: str, called: str) -> None:
    assert check(signed(ours, called), TOKEN)


def test_behind_a_proxy_the_address_that_we_gave_counts() -> None:
    request = signed(f"{HOST}/h/?a=1", "http://10.0.0.7:8000/h/?a=1")
    assert check(request, TOKEN, f"{HOST}/h/")
    with pytest.raises(Refused):
        check(request, TOKEN)


def test_a_field_that_comes_twice_counts_once_per_value() -> None:
    form = [("b", "2"), ("a", "y"), ("a", "x"), ("a", "x")]
    assert check(signed(f"{HOST}/h/", form=form), TOKEN) == form


def test_empty_fields_and_every_character_count() -> None:
    form = [("Body", ""), ("FromCity", "SÃO PAULO"), ("x", "a&b=c+d%20e\n🙏")]
    assert check(signed(f"{HOST}/h/", form=form), TOKEN) == form


def test_a_body_that_is_no_form_is_vouched_for_by_its_hash() -> None:
    body = b'{"a": 1}'
    url = f"{HOST}/h/?bodySHA256={hashlib.sha256(body).hexdigest()}"
    good = signed(url, form=[])
    query = {"bodySHA256": hashlib.sha256(body).hexdigest()}
    check(Signed("POST", url, good.headers, body, query), TOKEN)
    with pytest.raises(Refused):
        check(Signed("POST", url, good.headers, body + b" ", query), TOKEN)


def test_the_newer_signature() -> None:
    said = f"{HOST}/h/" + "".join(name + FORM[name] for name in sorted(FORM))
    digest = base64.b64encode(hmac.digest(TOKEN.encode(), said.encode(), "sha256")).decode()
    headers = {
        "x-twilio-signature": digest,
        "x-twilio-webhooks-signature-settings": "key=webhooks_1,algorithm=HMAC_SHA256",
    }
    assert check(Signed("POST", f"{HOST}/h/", headers, urlencode(FORM).encode()), TOKEN)


@pytest.mark.parametrize(
    "headers",
    [
        {"x-twilio-signature": ""},
        {"x-twilio-signature": "bm90IHRoaXM="},
        {"x-twilio-signature": "é"},
        {"x-twilio-webhooks-signature-settings": "key=1,algorithm=HMAC_MD5"},
    ],
)
def test_a_wrong_signature_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(Refused):
        check(signed(f"{HOST}/h/", **headers), TOKEN)
    with pytest.raises(Refused):
        check(signed(f"{HOST}/h/"), "")


def test_a_changed_body_is_refused(sms: Sms, server: Twilio) -> None:
    server.text("+13125550177", "Hello")
    good = server.hooks.pop()
    bad = Signed(good.method, good.url, good.headers, good.body.replace(b"Hello", b"Jello"))
    with pytest.raises(Refused):
        sms.receive_hook(bad)


def test_a_body_that_is_no_text_at_all(sms: Sms) -> None:
    headers = {"x-twilio-signature": "x"}
    with pytest.raises((Refused, Malformed)):
        sms.receive_hook(Signed("POST", f"{HOST}/h/", headers, b"\xff\xfe=1"))
