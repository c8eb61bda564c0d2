"""What has to be true whatever was killed: nothing lost, nothing said twice, all in the open.

The practice network is the independent witness of what was said, by whom, and how often.
"""

from collections import Counter
from collections.abc import Collection, Iterator

from callbox.models.accounts import Account
from callbox.models.inbox import Arrival, Conversation, Message
from callbox.models.posts import Delivery
from callbox.models.records import Entry
from callbox.networks.practice.street import Post, Street
from callbox.queries.conversations import unanswered_since
from callbox.vocabulary import Happening

SETTLED = {"sent", "failed", "withdrawn"}
#: Errors after which nobody may claim that it went out, or that it did not.
OPEN_QUESTION = {"NobodyKnows"}


def problems(street: Street, handles: Collection[str], forms: Collection[str]) -> list[str]:
    """Everything that is not as it has to be, in words. Call inside a scope."""
    return [
        *_lost(street, handles, forms),
        *_said_twice(street, handles),
        *_unsettled(),
        *_hidden_away(),
        *_not_on_record(),
    ]


def _lost(street: Street, handles: Collection[str], forms: Collection[str]) -> Iterator[str]:
    for handle in handles:
        account = Account.objects.get(network="practice", handle=handle)
        rows = Message.objects.filter(account=account)
        heard = dict(rows.values_list("external_id", "deleted_at"))
        for post in _told(street, handle):
            if post.id not in heard:
                yield f"lost: {handle} never heard {post.id} “{post.text}”"
            elif post.gone and heard[post.id] is None:
                yield f"lost: {post.id} was deleted, and {handle} does not know"
    written = Message.objects.filter(account__network="portal")
    known = set(written.values_list("external_id", flat=True))
    yield from (f"lost: form {one}" for one in set(forms) - known)
    unread = Arrival.objects.filter(state="new").count()
    if unread:
        yield f"lost: {unread} arrivals are not read"


def _told(street: Street, handle: str) -> list[Post]:
    """Every post of a resident that an agency was told of."""
    n = street.people.called(handle).n
    rows = street.ground.rows("SELECT post FROM told WHERE agency = ? AND because <> 'own'", (n,))
    found = [street.posts.find(row["post"]) for row in rows]
    return [post for post in found if post is not None]


def _said_twice(street: Street, handles: Collection[str]) -> Iterator[str]:
    said = [post for handle in handles for post in street.said_by(handle)]
    for text, times in Counter(post.text for post in said).items():
        if times > 1:
            yield f"said {times} times: “{text}”"
    deliveries = Delivery.objects.select_related("post").filter(account__network="practice")
    by_text = {one.post.text: one for one in deliveries}
    for post in said:
        delivery = by_text.get(post.text)
        if delivery is None:
            yield f"said without a delivery: “{post.text}”"
        elif delivery.external_id != post.id and delivery.error_kind not in OPEN_QUESTION:
            yield f"said and not known: {delivery.state} {delivery.error_kind} “{post.text}”"
    there = {post.text for post in said}
    for delivery in deliveries:
        if delivery.state == "sent" and delivery.post.text not in there:
            yield f"claimed and not said: “{delivery.post.text}”"


def _unsettled() -> Iterator[str]:
    for delivery in Delivery.objects.all():
        if delivery.state not in SETTLED:
            yield f"unsettled: {delivery.state} {delivery.error_kind}"
        if (delivery.state == "sent") != (delivery.external_id is not None):
            yield f"{delivery.state} with the id {delivery.external_id}"
        if delivery.state == "sent" and delivery.confirmed_at is None and delivery.gone_at is None:
            yield "sent, and never read back"


def _hidden_away() -> Iterator[str]:
    """Conversations that look done and are not."""
    for one in Conversation.objects.all():
        if (one.state == "closed") != bool(one.disposition):
            yield f"{one.state} with the disposition “{one.disposition}”"
        if one.state == "waiting" and unanswered_since(one) is not None:
            yield "waiting for the resident, who waits for us"
        if one.state == "waiting" and one.answered_at is None:
            yield "waiting, and never answered"
        failed = Delivery.objects.filter(conversation=one, state="failed")
        if failed.exists() and one.state != "open" and not _answered_since(one):
            yield "a reply failed, and the conversation is not back"
        if one.heard != Message.objects.filter(conversation=one).count():
            yield "counts other messages than it has"


def _answered_since(conversation: Conversation) -> bool:
    sent = Delivery.objects.filter(conversation=conversation, state="sent", gone_at=None)
    return sent.exists()


def _not_on_record() -> Iterator[str]:
    """Rows without their entry, and entries without their row."""
    pairs = (
        (Happening.MESSAGE_RECEIVED, Message.objects.all()),
        (Happening.REPLY_SENT, Delivery.objects.filter(state="sent")),
    )
    for happening, rows in pairs:
        entries = Entry.objects.filter(happening=happening)
        entered = sorted(entries.values_list("subject_id", flat=True))
        if entered != sorted(rows.values_list("id", flat=True)):
            yield f"{happening}: {len(entered)} entries for {rows.count()} rows"
