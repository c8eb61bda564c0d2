"""What people say to us, and the conversations it makes."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from callbox.models.base import Owned, link, words
from callbox.vocabulary import (
    Addressed,
    ArrivalState,
    ConversationState,
    Disposition,
    Intent,
    Lane,
    Urgency,
)

OPEN = Q(state=ConversationState.OPEN.value)
RANKS = {Urgency.EMERGENCY: 0, Urgency.SOON: 1, Urgency.ROUTINE: 2}


class Arrival(Owned):
    """Raw input, kept before it is read, exactly as it came."""

    account = link("callbox.Account")
    door = models.CharField(max_length=10)  # "poll" | "hook" | "stream" | "form"
    kind = models.CharField(max_length=60)
    body = models.BinaryField()
    received_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=words(ArrivalState), default="new")
    reason = models.CharField(max_length=500, blank=True)
    runs = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(
                fields=["agency", "account", "id"], name="arrival_new", condition=Q(state="new")
            ),
            models.Index(
                fields=["agency", "account", "id"],
                name="arrival_bad",
                condition=Q(state="quarantined"),
            ),
        ]


class Author(Owned):
    """Whoever wrote, as their network shows them; belongs to one network only (policing R12)."""

    network = models.CharField(max_length=40)
    external_id = models.CharField(max_length=300)
    handle = models.CharField(max_length=300, blank=True)
    name = models.CharField(max_length=300, blank=True)
    profile_url = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "network", "external_id"], name="author_external"
            )
        ]

    def __str__(self) -> str:
        return self.name or self.handle or "Someone"


class Conversation(Owned):
    """The exchange with one author under one root. Carries the clock, the assignee and, at its end,
    a disposition. Columns from `preview` on repeat what the messages say, so that a list of fifty
    is one statement."""

    account = link("callbox.Account")
    author = link("callbox.Author")
    root_id = models.CharField(max_length=500)
    lane = models.CharField(max_length=10, choices=words(Lane))

    state = models.CharField(max_length=10, choices=words(ConversationState), default="open")
    disposition = models.CharField(max_length=12, choices=words(Disposition), blank=True)
    reason = models.CharField(max_length=24, blank=True)
    reason_words = models.CharField(max_length=300, blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = link("callbox.Member", null=True)
    merged_into = link("callbox.Conversation", null=True)

    rank = models.PositiveSmallIntegerField(default=2)  # RANKS: 0 is an emergency
    intent = models.CharField(max_length=12, choices=words(Intent), default="other")
    language = models.CharField(max_length=12, blank=True)
    because = ArrayField(models.CharField(max_length=120), default=list)
    labelled_by = link("callbox.Member", null=True)  # a person's label outranks the machine's

    unit = link("callbox.Unit")  # the desk that answers: a district or an office
    beat = link("callbox.Unit", null=True)
    assignee = link("callbox.Member", null=True)
    snoozed_until = models.DateTimeField(null=True)

    since = models.DateTimeField()  # the oldest thing said to us that has no answer yet
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)  # first answer that the network has
    by_hand_at = models.DateTimeField(null=True)  # last answered on the network itself
    failed = models.BooleanField(default=False)  # our last reply did not go out

    preview = models.CharField(max_length=240, blank=True)
    heard = models.PositiveIntegerField(default=0)  # messages from the resident
    started_at = models.DateTimeField()
    last_at = models.DateTimeField()  # newest thing said by either side
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "account", "author", "root_id", "lane"], name="conversation_key"
            )
        ]
        indexes = [
            models.Index(
                fields=["agency", "rank", "since", "id"], name="conv_open", condition=OPEN
            ),
            models.Index(
                fields=["agency", "unit", "rank", "since", "id"], name="conv_unit", condition=OPEN
            ),
            models.Index(
                fields=["agency", "assignee", "rank", "since", "id"],
                name="conv_mine",
                condition=OPEN,
            ),
            models.Index(
                fields=["agency", "last_at", "id"],
                name="conv_waiting",
                condition=Q(state=ConversationState.WAITING.value),
            ),
            models.Index(
                fields=["agency", "closed_at", "id"],
                name="conv_closed",
                condition=Q(state=ConversationState.CLOSED.value),
            ),
            models.Index(fields=["agency", "author", "last_at"], name="conv_author"),
            models.Index(
                fields=["agency", "merged_into"],
                name="conv_merged",
                condition=Q(merged_into__isnull=False),
            ),
            models.Index(
                fields=["agency", "language", "rank", "since", "id"],
                name="conv_language",
                condition=OPEN,
            ),
            models.Index(
                fields=["agency", "account", "rank", "since", "id"],
                name="conv_account",
                condition=OPEN,
            ),
            models.Index(
                fields=["agency", "intent", "rank", "since", "id"],
                name="conv_intent",
                condition=OPEN,
            ),
            # Small sets whose counts would otherwise walk everything that is open.
            models.Index(fields=["agency", "due_at", "id"], name="conv_due", condition=OPEN),
            models.Index(
                fields=["agency", "rank", "since", "id"],
                name="conv_unheard",
                condition=OPEN & Q(heard__gte=2, answered_at=None),
            ),
            models.Index(
                fields=["agency", "snoozed_until"],
                name="conv_snoozed",
                condition=OPEN & Q(snoozed_until__isnull=False),
            ),
        ]

    @property
    def urgency(self) -> Urgency:
        """The urgency that the rank stands for."""
        return next(urgency for urgency, rank in RANKS.items() if rank == self.rank)


class Message(Owned):
    """One thing said to us. Its text lives in its versions, and none of them ever changes."""

    conversation = link("callbox.Conversation")
    account = link("callbox.Account")
    author = link("callbox.Author")
    arrival = link("callbox.Arrival", null=True)
    external_id = models.CharField(max_length=500)
    root_id = models.CharField(max_length=500)
    parent_id = models.CharField(max_length=500, blank=True)
    addressed = models.CharField(max_length=10, choices=words(Addressed))
    lane = models.CharField(max_length=10, choices=words(Lane))
    permalink = models.CharField(max_length=1000, blank=True)
    refs = models.JSONField(default=dict)
    said_at = models.DateTimeField()
    received_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)
    hidden_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "account", "external_id"], name="message_external"
            )
        ]
        indexes = [
            models.Index(fields=["agency", "conversation", "said_at"], name="message_conversation")
        ]


class Version(Owned):
    """A message's words at one time."""

    message = link("callbox.Message")
    said_at = models.DateTimeField()  # when these words were written, by the network's clock
    seen_at = models.DateTimeField()
    text = models.TextField(blank=True)
    language = models.CharField(max_length=12, blank=True)
    attachments = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "message", "said_at"], name="version_message")
        ]


class EarlyEvent(Owned):
    """An edit, deletion or hiding that came before the message it speaks of, applied with it."""

    account = link("callbox.Account")
    external_id = models.CharField(max_length=500)
    what = models.CharField(max_length=10)  # "edited" | "deleted" | "hidden" | "shown"
    at = models.DateTimeField()
    text = models.TextField(blank=True)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "account", "external_id", "what", "at"], name="early_event"
            )
        ]


class ContextPost(Owned):
    """What stands around a conversation: our own posts and others in the thread. Never work."""

    account = link("callbox.Account")
    external_id = models.CharField(max_length=500)
    root_id = models.CharField(max_length=500)
    parent_id = models.CharField(max_length=500, blank=True)
    ours = models.BooleanField(default=False)
    who = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    permalink = models.CharField(max_length=1000, blank=True)
    attachments = models.JSONField(default=list)
    said_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "account", "external_id"], name="context_external"
            )
        ]
        indexes = [
            models.Index(fields=["agency", "account", "root_id", "said_at"], name="context_root")
        ]


class ReactionSeen(Owned):
    """That somebody reacted to one of our posts: counted, never tied to a person."""

    account = link("callbox.Account")
    target_id = models.CharField(max_length=500)
    reaction = models.CharField(max_length=10)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "account", "target_id", "reaction", "at"], name="reaction_seen"
            )
        ]


class Note(Owned):
    """Words for colleagues. There is no way from here to a network."""

    conversation = link("callbox.Conversation")
    member = link("callbox.Member")
    text = models.TextField()
    written_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["agency", "conversation", "written_at"], name="note_conversation")
        ]


class Draft(Owned):
    """What a member is writing. Fresh (under a minute old), it is also their presence and a soft
    lock for others."""

    conversation = link("callbox.Conversation")
    member = link("callbox.Member")
    lane = models.CharField(max_length=10)  # a Lane, or "note"
    text = models.TextField(blank=True)
    typed_at = models.DateTimeField()
    asked_by = link("callbox.Member", null=True)  # who asked to take over

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "conversation", "member"], name="draft_member"
            )
        ]


class ReadMark(Owned):
    """How far a member has read a conversation: what is newer shows as unread."""

    conversation = link("callbox.Conversation")
    member = link("callbox.Member")
    read_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "member", "conversation"], name="read_mark")
        ]


class Merge(Owned):
    """One conversation folded into another, and unfolded again."""

    source = link("callbox.Conversation")
    target = link("callbox.Conversation")
    by = link("callbox.Member")
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["agency", "target"], name="merge_target"),
            models.Index(fields=["agency", "source"], name="merge_source"),
        ]
