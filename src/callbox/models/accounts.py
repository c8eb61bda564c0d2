"""Our accounts on networks, and how well we hear through them."""

from django.db import models

from callbox.models.base import Owned, link


class Account(Owned):
    """Ours, on a network: owned by a unit, approved by someone on a date (policing R1)."""

    class State(models.TextChoices):
        ON = "on"
        PAUSED = "paused"  # by a member: neither heard nor spoken through
        DEAD = "dead"  # the login is revoked; somebody must connect it again
        OFF = "off"  # disconnected by a member: its secrets are gone, its past stays

    network = models.CharField(max_length=40)
    external_id = models.CharField(max_length=300)
    handle = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    profile_url = models.CharField(max_length=500, blank=True)
    unit = link("callbox.Unit")
    approved_by = link("callbox.Member", null=True)
    approved_at = models.DateTimeField(null=True)
    lapses_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ON)
    config = models.JSONField(default=dict)
    # Sealed with the installation's key (callbox.sealing): passwords, tokens, login state.
    secrets = models.BinaryField(default=bytes)
    session = models.BinaryField(default=bytes)
    connected_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "network", "external_id"], name="account_external"
            )
        ]

    def __str__(self) -> str:
        return self.handle


class Health(Owned):
    """How well we hear through an account now. A row of its own: it changes at every poll."""

    account = link("callbox.Account")
    cursor = models.JSONField(default=dict)
    checked_at = models.DateTimeField(null=True)  # the network last answered
    heard_at = models.DateTimeField(null=True)  # something last came
    failing_since = models.DateTimeField(null=True)
    blind_since = models.DateTimeField(null=True)  # failing long enough to say so
    limited_until = models.DateTimeField(null=True)
    error_kind = models.CharField(max_length=40, blank=True)
    error_words = models.CharField(max_length=500, blank=True)
    streaming = models.BooleanField(default=False)
    dropped = models.BigIntegerField(default=0)  # events that were not addressed to us
    rest_until = models.DateTimeField(null=True)  # not polled before: a limit is near
    login_ends_at = models.DateTimeField(null=True)  # None: never, or nobody can say
    warned_at = models.DateTimeField(null=True)  # that it ends soon
    layers = models.JSONField(default=list)  # what webhooks need: [{"name", "good", "words"}]
    layers_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "account"], name="health_account")]


class BlindPeriod(Owned):
    """A time in which we could not hear through an account: excluded openly from measures."""

    account = link("callbox.Account")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    words = models.CharField(max_length=500, blank=True)
    recovered = models.PositiveIntegerField(default=0)  # messages fetched afterwards
    gap = models.BooleanField(default=False)  # the network could not give everything back

    class Meta:
        indexes = [models.Index(fields=["agency", "account", "-began_at"], name="blind_account")]


class Usage(Owned):
    """What an account used up of a budget in one period, by what for (`logins.Budget`)."""

    account = link("callbox.Account")
    budget = models.CharField(max_length=20)
    period = models.CharField(max_length=10)
    what = models.CharField(max_length=60)
    amount = models.BigIntegerField(default=0)
    times = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "account", "budget", "period", "what"], name="usage_what"
            )
        ]


class Connecting(Owned):
    """An account that a member is connecting: between leaving for the network's page and picking an
    account. What was typed and what came back is sealed; an hour later nobody can use it."""

    member = link("callbox.Member")
    unit = link("callbox.Unit")
    network = models.CharField(max_length=40)
    state_digest = models.BinaryField(max_length=32)  # of the state that came back with the code
    sealed = models.BinaryField(default=bytes)
    began_at = models.DateTimeField()
    account = link("callbox.Account", null=True)  # which one is connected again

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "state_digest"], name="connecting_state")
        ]


class Past(Owned):
    """One import of what was said before we listened: from the network, or from an archive."""

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        STOPPED = "stopped"  # by a member

    account = link("callbox.Account")
    asked_by = link("callbox.Member", null=True)
    source = models.CharField(max_length=10)  # "network" | "archive"
    name = models.CharField(max_length=200, blank=True)  # of the archive's file
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    cursor = models.JSONField(default=dict)
    seen = models.PositiveIntegerField(default=0)  # items that the network gave
    taken = models.PositiveIntegerField(default=0)  # messages that were new to us
    total = models.PositiveIntegerField(null=True)  # where the network says so
    began_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    words = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "account"],
                name="past_running",
                condition=models.Q(state="running"),
            )
        ]
        indexes = [models.Index(fields=["agency", "account", "-began_at"], name="past_account")]
