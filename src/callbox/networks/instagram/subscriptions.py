"""The subscriptions that webhooks need, looked at and mended.

Three of them: the app's (address and fields, in Meta's dashboard or with the app's own token), and
the account's own (`subscribed_apps`), which Meta drops after an hour of failures without a word.
With Facebook Login the second one hangs on the Page.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from callbox.connector import Refused
from callbox.logins import Layer
from callbox.meta.graph import Graph
from callbox.meta.values import objects
from callbox.networks.instagram.us import Us
from callbox.values import Json, sequence, text

FIELDS: Final = (
    "comments",
    "live_comments",
    "mentions",
    "messages",
    "message_edit",
    "message_reactions",
    "messaging_postbacks",
    "messaging_seen",
)
#: What the Page of an account must be subscribed to, so that its Instagram events come at all.
PAGE_FIELDS: Final = ("feed", "messages", "message_reactions", "messaging_postbacks")
_APP_FIELDS = (
    "comments",
    "live_comments",
    "mentions",
    "messages",
    "message_reactions",
    "messaging_postbacks",
    "messaging_seen",
)
_ACCOUNT, _APP = "This account", "The app"


def audit(
    graph: Graph,
    us: Us,
    url: str,
    app: Callable[[], Graph] | None,
    *,
    verify_token: str,
    app_id: str,
    repair: bool,
) -> Sequence[Layer]:
    """Every layer, in the order in which events pass through them. `app` gives a client that
    speaks as the app itself, where the product has one."""
    layers = [_account(graph, us, repair=repair)]
    if app is not None and app_id:
        layers.insert(0, _app(app(), app_id, url, verify_token, repair=repair))
    return layers


def _account(graph: Graph, us: Us, *, repair: bool) -> Layer:
    needed = PAGE_FIELDS if us.through_page else FIELDS
    path = f"/{us.inbox}/subscribed_apps"
    have = _subscribed(graph, path)
    missing = _missing(have, needed)
    if missing and repair:
        # What is there stays: the Page itself may be connected through the same app.
        graph.write("POST", path, {"subscribed_fields": ",".join(dict.fromkeys([*have, *needed]))})
        missing = _missing(_subscribed(graph, path), needed)
    if not missing:
        return Layer(_ACCOUNT, good=True)
    return Layer(_ACCOUNT, good=False, words=f"Instagram does not send us: {', '.join(missing)}.")


def _subscribed(graph: Graph, path: str) -> list[str]:
    apps = graph.listing(path).items
    return [text(name) for one in apps for name in sequence(one.get("subscribed_fields"))]


def _missing(have: Sequence[str], needed: Sequence[str]) -> list[str]:
    return [one for one in needed if one not in have]


def _app(graph: Graph, app_id: str, url: str, verify_token: str, *, repair: bool) -> Layer:
    """The app's own subscription to Instagram's events. Only the app's token may look at it."""
    path = f"/{app_id}/subscriptions"
    try:
        wrong = _wrong(graph.listing(path).items, url)
        if wrong and repair:
            body = {
                "object": "instagram",
                "callback_url": url,
                "verify_token": verify_token,
                "fields": ",".join(_APP_FIELDS),
                "include_values": True,
            }
            graph.write("POST", path, body)
            wrong = _wrong(graph.listing(path).items, url)
    except Refused as error:
        wrong = f"Meta does not show us the app's webhooks: {error}"
    finally:
        graph.close()
    return Layer(_APP, good=not wrong, words=wrong)


def _wrong(found: Sequence[Json], url: str) -> str:
    ours = [one for one in found if one.get("object") == "instagram" and one.get("active") is True]
    if not ours:
        return "The app has no webhooks for Instagram. Add them in Meta's dashboard, or mend this."
    if text(ours[0].get("callback_url")) != url:
        return f"The app's webhooks for Instagram go to another address. They must go to {url}"
    missing = _missing(list(_names(ours[0])), _APP_FIELDS)
    return f"The app is not subscribed to: {', '.join(missing)}." if missing else ""


def _names(subscription: Json) -> Iterator[str]:
    """Its fields: objects with a name and a version, or bare names."""
    yield from (text(one.get("name")) for one in objects(subscription.get("fields")))
    yield from (text(one) for one in sequence(subscription.get("fields")))
