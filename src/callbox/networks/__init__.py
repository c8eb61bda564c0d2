"""The networks that this installation can speak to: one line each, one folder each.

A network's own facts live in its folder and nowhere else; a policy test holds every folder to that,
to this list, and to its `quality.toml`.
"""

from importlib import import_module

from callbox.connector import Connector

REGISTRY: dict[str, str] = {
    "bluesky": "callbox.networks.bluesky.connector:Bluesky",
    "mastodon": "callbox.networks.mastodon.connector:Mastodon",
    "practice": "callbox.networks.practice.connector:Practice",
    "portal": "callbox.networks.portal.connector:Portal",
    "youtube": "callbox.networks.youtube.connector:YouTube",
    "nextdoor": "callbox.networks.nextdoor.connector:Nextdoor",
    "sms": "callbox.networks.sms.connector:Sms",
    "telegram": "callbox.networks.telegram.connector:Telegram",
    "whatsapp": "callbox.networks.whatsapp.connector:WhatsApp",
    "email": "callbox.networks.email.connector:Email",
    "facebook": "callbox.networks.facebook.connector:Facebook",
    "x": "callbox.networks.x.connector:X",
    "instagram": "callbox.networks.instagram.connector:Instagram",
    "threads": "callbox.networks.threads.connector:Threads",
}


def connector_class(network: str) -> type[Connector]:
    """The connector of a network. Raises LookupError for a name that is not in the registry."""
    try:
        module, name = REGISTRY[network].split(":")
    except KeyError:
        known = ", ".join(sorted(REGISTRY))
        raise LookupError(f"No network is called “{network}”. Known: {known}.") from None
    found: type[Connector] = getattr(import_module(module), name)
    return found
