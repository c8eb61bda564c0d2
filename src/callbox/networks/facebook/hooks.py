"""The three subscriptions that webhooks need, looked at and mended (“Webhooks for Pages”).

1. the app's callback address; 2. the fields that the app subscribed to; 3. the Page's own
subscription to the app, with the same fields. The third is lost whenever somebody removes the app
from the Page, and nobody is told: so all three are looked at again and again.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from callbox.connector import AuthDead, ConnectorError
from callbox.logins import Layer
from callbox.meta.graph import Graph
from callbox.meta.values import ident
from callbox.networks.facebook.names import HOOKS
from callbox.values import Json, mapping, sequence, text

_OBJECT = "page"


class Hooks:
    """The subscriptions of one Page through one app."""

    def __init__(self, app: Graph, page: Graph, app_id: str, page_id: str, verify: str) -> None:
        self._app = app
        self._page = page
        self._app_id = app_id
        self._page_id = page_id
        self._verify = verify

    def layers(self, url: str, *, repair: bool) -> Sequence[Layer]:
        """How the three stand; with `repair`, after mending what can be mended. A layer that could
        not be looked at is bad, with the network's words."""
        return [*self._of_app(url, repair=repair), self._of_page(repair=repair)]

    # --- the app's ------------------------------------------------------------------------------

    def _of_app(self, url: str, *, repair: bool) -> Sequence[Layer]:
        try:
            found = self._subscription()
            bad = _callback_words(found, url) or _missing_words(_fields(found))
            if repair and bad and _may_take(found, url):
                self._app.write("POST", f"/{self._app_id}/subscriptions", self._asked(url))
                found = self._subscription()
        except AuthDead:
            words = "Facebook does not take the app's ID and secret. Check them in the settings."
            return [Layer("app address", False, words), Layer("app fields", False, words)]
        except ConnectorError as error:
            return [Layer("app address", False, str(error)), Layer("app fields", False, str(error))]
        address, missing = _callback_words(found, url), _missing_words(_fields(found))
        return [
            Layer("app address", not address, address),
            Layer("app fields", not missing, missing),
        ]

    def _subscription(self) -> Json:
        listed = self._app.listing(f"/{self._app_id}/subscriptions").items
        return next((one for one in listed if one.get("object") == _OBJECT), {})

    def _asked(self, url: str) -> Mapping[str, Any]:
        return {
            "object": _OBJECT,
            "callback_url": url,
            "fields": ",".join(HOOKS),
            "verify_token": self._verify,
            "include_values": "true",
        }

    # --- the Page's -----------------------------------------------------------------------------

    def _of_page(self, *, repair: bool) -> Layer:
        try:
            words = self._page_words()
            if repair and words:
                body = {"subscribed_fields": ",".join(HOOKS)}
                self._page.write("POST", f"/{self._page_id}/subscribed_apps", body)
                words = self._page_words()
        except ConnectorError as error:
            words = str(error)
        return Layer("page subscription", not words, words)

    def _page_words(self) -> str:
        params = {"fields": "id,name,subscribed_fields"}
        listed = self._page.listing(f"/{self._page_id}/subscribed_apps", params).items
        ours = next((one for one in listed if ident(one.get("id")) == self._app_id), None)
        if ours is None:
            return "The Page does not pass anything on to the app."
        return _missing_words({text(one) for one in sequence(ours.get("subscribed_fields"))})


def _fields(subscription: Json) -> set[str]:
    """Fields are objects with a name; older answers have bare names."""
    listed = sequence(subscription.get("fields"))
    return {text(one) or text(mapping(one).get("name")) for one in listed}


def _missing_words(have: set[str]) -> str:
    missing = [name for name in HOOKS if name not in have]
    return f"Not subscribed to: {', '.join(missing)}." if missing else ""


def _callback_words(subscription: Json, url: str) -> str:
    if not subscription:
        return "The app has no address to call."
    known = text(subscription.get("callback_url"))
    if known != url:
        host = urlsplit(known).hostname or "another address"
        return (
            f"The app calls {host} and not us. An app has one address only: change it on "
            "developers.facebook.com under Webhooks, or connect with an app of your own."
        )
    if subscription.get("active") is not True:
        return "The app's webhook is switched off."
    return ""


def _may_take(subscription: Json, url: str) -> bool:
    """Whether the app's address is ours to change: it has none, or one on our own host. Another
    host may be somebody's working installation."""
    known = text(subscription.get("callback_url"))
    return not known or urlsplit(known).hostname == urlsplit(url).hostname
