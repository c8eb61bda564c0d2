"""What our own pages keep beside the conversation itself: keys, and tries for the throttle."""

from django.db import models

from callbox.models.base import Owned, link


class PortalKey(Owned):
    """The way back to a conversation for whoever holds the words. The words are nowhere.

    `locator` is a keyed hash of a part of the key, to find the row by; `verifier` is a slow hash of
    all of it. The conversation is named by its first message, so that a key is good from the moment
    the words are kept, before anything has read them.
    """

    account = link("callbox.Account")
    root_id = models.CharField(max_length=500)
    locator = models.BinaryField(max_length=32)
    verifier = models.CharField(max_length=200)
    made_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["agency", "locator"], name="portal_key_locator"),
            models.Index(fields=["agency", "root_id"], name="portal_key_root"),
        ]


class PortalTry(Owned):
    """Something was sent, or a wrong key was tried: counted per connection for an hour.

    `bucket` is a keyed hash that changes with the day; the address itself is never kept.
    """

    what = models.CharField(max_length=10)  # "form" | "key"
    bucket = models.BinaryField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["agency", "bucket", "what", "at"], name="portal_try_bucket"),
            models.Index(fields=["agency", "at"], name="portal_try_at"),
        ]
