"""Where networks call us, and the word by which they know that it is us."""

import hmac
from uuid import UUID

from django.conf import settings

from callbox.models.accounts import Account
from callbox.networks import connector_class


def is_public() -> bool:
    """Whether this installation has an address that networks can reach: https, as all demand."""
    return str(settings.CALLBOX_URL).startswith("https://")


def address(account: Account) -> str:
    """The webhook address of an account: its own, or the one that all accounts of its network share
    where the network lets an app have only one."""
    if connector_class(account.network).hook_shared:
        return shared_address(account.agency_id, account.network)
    return f"{settings.CALLBOX_URL}/hooks/{account.agency_id}/{account.id}/"


def shared_address(agency_id: UUID, network: str) -> str:
    """The webhook address that all accounts of a network share."""
    return f"{settings.CALLBOX_URL}/hooks/{agency_id}/{network}/"


def token(agency_id: UUID, network: str) -> str:
    """The word that we give a network when we subscribe, and that it says when it calls. Made from
    the installation's key, so that it need not be kept; a new key makes new words, and the next
    look at the subscriptions gives them to the networks."""
    said = f"callbox.hook:{agency_id}:{network}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), said, "sha256").hexdigest()[:40]
