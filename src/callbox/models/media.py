"""Files that came with messages: where each stands, and what was kept of it."""

from django.db import models
from django.db.models import Q

from callbox.models.base import Owned, link

WAITING, KEPT, REFUSED, GONE = "waiting", "kept", "refused", "gone"
STATES = [(WAITING, "waiting"), (KEPT, "kept"), (REFUSED, "refused"), (GONE, "gone")]


class Attachment(Owned):
    """A picture, video or file of a message. Its address at the network stays in the message's
    version, and is never shown: it can hold a login. `mark` is a hash of that address, by which a
    version's attachments find their rows. The bytes are a file of `callbox.store`."""

    message = link("callbox.Message")
    position = models.PositiveSmallIntegerField()
    mark = models.CharField(max_length=32)
    kind = models.CharField(max_length=10)
    state = models.CharField(max_length=10, choices=STATES, default=WAITING)
    sha256 = models.CharField(max_length=64, blank=True)
    mime = models.CharField(max_length=40, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    words = models.CharField(max_length=300, blank=True)  # why it is not here
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    added_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "message", "mark"], name="attachment_mark")
        ]
        indexes = [
            models.Index(
                fields=["agency", "next_try_at"],
                name="attachment_waiting",
                condition=Q(state=WAITING),
            ),
        ]
