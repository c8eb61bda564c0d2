"""The ledger's tables. Only `callbox.ledger` writes them, only it and `queries.records` read them.

The web and worker roles hold no UPDATE or DELETE privilege here: append-only by the database.
"""

from django.db import models

from callbox.models.base import Owned, words
from callbox.vocabulary import ActorKind, Happening


class Entry(Owned):
    """One line of the ledger: who did what to what, and when.

    `xid` is the transaction that wrote it: the sealer takes entries of transactions that are
    certainly over, without a lock that writers would wait for.
    """

    happening = models.CharField(max_length=30, choices=words(Happening))
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10, choices=words(ActorKind))
    actor_id = models.UUIDField(null=True)
    subject_kind = models.CharField(max_length=20)
    subject_id = models.UUIDField()
    conversation_id = models.UUIDField(null=True)
    facts = models.JSONField(default=dict)
    xid = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["agency", "conversation_id", "id"], name="entry_conversation"),
            models.Index(fields=["agency", "xid", "id"], name="entry_xid"),
            models.Index(fields=["agency", "happening", "at"], name="entry_happening"),
        ]


class Link(Owned):
    """An entry's place in its agency's chain: `digest = H(previous digest, entry)`."""

    position = models.BigIntegerField()
    entry_id = models.UUIDField()
    digest = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "position"], name="link_position"),
            models.UniqueConstraint(fields=["agency", "entry_id"], name="link_entry"),
        ]


class Seal(Owned):
    """A batch of links, its head signed by the installation (Ed25519)."""

    number = models.BigIntegerField()
    last_position = models.BigIntegerField()
    head = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField()
    xid = models.BigIntegerField()  # every transaction below this one has been sealed
    cluster = models.BigIntegerField()  # which database cluster `xid` counts in
    signature = models.BinaryField(max_length=64)
    public_key = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "number"], name="seal_number")]
