"""What we say, and where it stands."""

from django.db import models
from django.db.models import Q

from callbox.models.base import Owned, link, words
from callbox.vocabulary import Act, ActState, DeliveryState, HideReason, Lane, PostKind


class Post(Owned):
    """One thing that we say. Its text never changes; another text is another post."""

    kind = models.CharField(max_length=20, choices=words(PostKind))
    conversation = link("callbox.Conversation", null=True)
    member = link("callbox.Member")
    text = models.TextField()  # with the signature, as it goes out
    language = models.CharField(max_length=12, blank=True)
    lane = models.CharField(max_length=10, choices=words(Lane))
    written_at = models.DateTimeField()
    replaces = link("callbox.Post", null=True)  # the words that these correct
    poll = models.JSONField(null=True)  # {"options": [...], "minutes": n, "multiple": bool}
    card = models.CharField(max_length=1000, blank=True)  # the link that is shown as a card
    form = models.CharField(max_length=10, default="post")  # "post" | "story" | "reel"

    class Meta:
        indexes = [
            models.Index(fields=["agency", "conversation", "written_at"], name="post_conversation")
        ]


class Picture(Owned):
    """A picture of a post: re-encoded, without metadata, with its description.

    Its bytes are a row and not a file, so that a post and its pictures commit, are guarded and are
    restored together (docs/decisions/0004). An animation or a video is a file of `callbox.store`
    instead, named by `sha256`, and `content` is empty.
    """

    post = link("callbox.Post", null=True)
    member = link("callbox.Member")
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64, blank=True)
    mime = models.CharField(max_length=40)
    alt = models.CharField(max_length=2000)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    added_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["agency", "post"], name="picture_post")]


class Delivery(Owned):
    """One post for one account, and what became of it. `rules.posts.MOVES` lists its moves."""

    post = link("callbox.Post")
    account = link("callbox.Account")
    conversation = link("callbox.Conversation", null=True)
    parent = link("callbox.Message", null=True)  # the message that it answers
    state = models.CharField(max_length=12, choices=words(DeliveryState), default="queued")
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    sending_since = models.DateTimeField(null=True)
    looks = models.PositiveSmallIntegerField(default=0)  # how often reconcile has looked
    external_id = models.CharField(max_length=500, null=True)  # noqa: DJ001  # unique when known
    permalink = models.CharField(max_length=1000, blank=True)
    refs = models.JSONField(default=dict)
    sent_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)  # read back from the network
    gone_at = models.DateTimeField(null=True)  # it was there, and is not any more
    error_kind = models.CharField(max_length=40, blank=True)
    error_words = models.CharField(max_length=500, blank=True)
    how = models.CharField(max_length=10, blank=True)  # how we know that it is there: an `Evidence`
    stage = models.CharField(max_length=10, blank=True)  # a Stage, where the network reports one
    stage_at = models.DateTimeField(null=True)
    after = link("callbox.Delivery", null=True)  # the part of a thread that goes out before it
    publish_at = models.DateTimeField(null=True)  # the network itself holds it until then

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "account", "external_id"], name="delivery_external"
            ),
            models.UniqueConstraint(fields=["agency", "post", "account"], name="delivery_post"),
        ]
        indexes = [
            models.Index(fields=["agency", "conversation"], name="delivery_conversation"),
            models.Index(
                fields=["agency", "state", "due_at"],
                name="delivery_unsettled",
                condition=Q(state__in=["queued", "sending", "unknown"]),
            ),
        ]


class NetworkAct(Owned):
    """Something that a member has done on a network: to a message, or to what we said.

    Acts can be done twice without harm (the connector contract says so), so an act that the network
    did not answer is simply tried again.
    """

    account = link("callbox.Account")
    conversation = link("callbox.Conversation", null=True)
    message = link("callbox.Message", null=True)
    delivery = link("callbox.Delivery", null=True)
    post = link("callbox.Post", null=True)  # the new words of a correction
    member = link("callbox.Member")
    act = models.CharField(max_length=12, choices=words(Act))
    state = models.CharField(max_length=10, choices=words(ActState), default="asked")
    reason = models.CharField(max_length=16, choices=words(HideReason), blank=True)
    words = models.CharField(max_length=500, blank=True)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    error_words = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["agency", "message"], name="act_message"),
            models.Index(fields=["agency", "delivery"], name="act_delivery"),
            models.Index(fields=["agency", "due_at"], name="act_asked", condition=Q(state="asked")),
        ]
