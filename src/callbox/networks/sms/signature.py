"""Whether a webhook request really comes from Twilio.

The signature is base64 of an HMAC over the public URL exactly as it was called, raw query included,
followed by every form field's name and value in the order of the names; a field that comes twice
gives each of its values once, sorted. The key is the account's auth token and the hash SHA-1, or,
when `X-Twilio-Webhooks-Signature-Settings` says so, SHA-256. A body that is not a form is vouched
for by `bodySHA256` in the query. Twilio's own library accepts the URL with and without the standard
port, because its servers sign either (twilio-python 9.13, `request_validator`).
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Sequence
from urllib.parse import parse_qsl, urlsplit

from callbox.connector import Malformed, Refused, Signed

MOST_FIELDS = 500
_HASHES = {"HMAC_SHA1": "sha1", "HMAC_SHA256": "sha256"}

Fields = Sequence[tuple[str, str]]


def fields_of(body: bytes) -> Fields:
    """The fields of a form, in its order. Raises Malformed when it is none."""
    try:
        return parse_qsl(
            body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="replace"
        )
    except ValueError as error:
        raise Malformed(f"not a form: {type(error).__name__}") from error


def sign(key: str, url: str, fields: Fields, hash_name: str = "sha1") -> str:
    """What the signature header says for this request."""
    said = url + "".join(name + value for name, value in sorted(set(fields)))
    digest = hmac.new(key.encode(), said.encode("utf-8", "surrogatepass"), hash_name).digest()
    return base64.b64encode(digest).decode()


def check(request: Signed, key: str, public_url: str = "") -> Fields:
    """The form of a request that is signed with `key`. `public_url` is the address that we gave to
    Twilio, for a proxy in front of us that hides it. Raises Refused."""
    given = request.headers.get("x-twilio-signature", "")
    hash_name = _HASHES.get(_algorithm(request))
    if not given or not key or hash_name is None:
        raise Refused("The signature is missing, or of a kind that we do not know.")
    is_form = "bodySHA256" not in request.query
    fields = fields_of(request.body) if is_form else ()
    good = [
        hmac.compare_digest(given.encode(), sign(key, url, fields, hash_name).encode())
        for url in _spellings(request, public_url)
    ]
    if not any(good) or not (is_form or _body_fits(request)):
        raise Refused("The signature does not fit this request.")
    return fields


def _algorithm(request: Signed) -> str:
    settings = request.headers.get("x-twilio-webhooks-signature-settings", "")
    for part in settings.split(","):
        name, _, value = part.partition("=")
        if name.strip() == "algorithm" and value.strip():
            return value.strip().upper()
    return "HMAC_SHA1"


def _body_fits(request: Signed) -> bool:
    digest = hashlib.sha256(request.body).hexdigest()
    return hmac.compare_digest(digest, request.query.get("bodySHA256", ""))


def _spellings(request: Signed, public_url: str) -> Iterator[str]:
    """The address as it was called, and as we gave it, each with and without the usual port."""
    query = urlsplit(request.url).query
    ours = public_url if "?" in public_url or not query else f"{public_url}?{query}"
    for url in dict.fromkeys((request.url, ours)):
        if url:
            yield from dict.fromkeys((url, _without_port(url), _with_port(url)))


def _without_port(url: str) -> str:
    scheme, netloc, rest = _split(url)
    host, colon, port = netloc.rpartition(":")
    return f"{scheme}://{host}{rest}" if colon and port.isdigit() else url


def _with_port(url: str) -> str:
    scheme, netloc, rest = _split(url)
    if netloc.rpartition(":")[2].isdigit() and ":" in netloc:
        return url
    return f"{scheme}://{netloc}:{443 if scheme == 'https' else 80}{rest}"


def _split(url: str) -> tuple[str, str, str]:
    """Scheme, host and port, and all the rest exactly as it stands: parsing and writing a URL again
    would lose an empty query or a lone “?”, which are signed too."""
    scheme, _, after = url.partition("://")
    end = min((at for at in (after.find(c) for c in "/?#") if at >= 0), default=len(after))
    return scheme, after[:end], after[end:]
