"""The practice network as Callbox sees it: somebody else's server, reached through its service."""

import base64
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from callbox.connector import (
    AuthDead,
    AuthTransient,
    Connector,
    ConnectorError,
    HookAnswer,
    Malformed,
    OutcomeUnknown,
    Page,
    RateLimited,
    Raw,
    Refused,
    Seen,
    Signed,
    Unavailable,
    WindowClosed,
)
from callbox.logins import Barrier, Identity, Located, Setting
from callbox.networks.practice import hook, street
from callbox.networks.practice.faults import Fault, Trouble
from callbox.networks.practice.posts import Picture, Post, id_of
from callbox.networks.practice.reading import Nonsense, event_of, said_of
from callbox.networks.practice.service import Batch, Service
from callbox.vocabulary import (
    Addressed,
    AttachmentSeen,
    Event,
    Lane,
    Limits,
    Media,
    Outgoing,
    Problem,
    Receipt,
    ReplyTo,
    Said,
    Unreadable,
)

_KIND = "event"
_IMAGE = re.compile(r"/practice/image/(\d{1,18})/(\d{1,9})/")
_POLL_SECONDS = 0.15  # how often `listen` asks whether the file changed
_ALIVE_SECONDS = 1.0  # how often it says that it is still there
_CLOCKS_APART = timedelta(minutes=10)  # how far the server's clock may be from ours

_PLAIN: Mapping[Fault, type[ConnectorError]] = {
    Fault.AUTH_DEAD: AuthDead,
    Fault.AUTH_TRANSIENT: AuthTransient,
    Fault.REFUSED: Refused,
    Fault.UNAVAILABLE: Unavailable,
}


class Practice(Connector):
    """An account on the practice network.

    Config `path` is the network's file; `forget_keys` true makes it ignore idempotency keys, as
    worse servers do. Secret `token` is the agency's login.
    """

    key = "practice"
    name = "Practice"
    poll_seconds = 5
    settings = (
        Setting("path", "File of the practice network", kind="path"),
        Setting("token", "Token", secret=True, help="Shown when the agency joins the network."),
    )

    _service: Service | None = None
    _seen: int | None = None  # up to where `fetch` has read, for `listen` to go on from
    sleep: Callable[[float], None] = staticmethod(time.sleep)

    def close(self) -> None:
        if self._service:
            self._service.close()
        self._service = None

    # --- connecting ---------------------------------------------------------------------------

    def identify(self) -> Identity:
        with self._reading() as service:
            me = service.whoami()
        return Identity(me.id, me.handle, me.name)

    # --- hearing ------------------------------------------------------------------------------

    def parse(self, raw: Raw) -> Sequence[Event]:
        body = raw.json()
        if not isinstance(body, dict):
            raise Malformed("not an event: not an object")
        try:
            return [event_of(body)]
        except Nonsense as nonsense:
            return [Unreadable(str(nonsense))]

    def fetch(self, cursor: Mapping[str, Any]) -> Page:
        """Events after the cursor's sequence number; from the very first for {}."""
        with self._reading() as service:
            batch = service.events(int(cursor.get("seq", 0)))
        self._seen = batch.last
        return Page(_raws(batch), {"seq": batch.last}, more=batch.more, gap=batch.gap)

    def listen(self) -> Iterator[Raw | None]:
        """Events as they happen. Goes on where this object's last `fetch` ended, else from now.
        The first thing it yields is None: it listens."""
        service = self._open()
        try:
            with _in_our_words(reading=True):
                after = service.last() if self._seen is None else self._seen
            yield None
            yield from self._hear(service, after)
        finally:
            service.close()

    def _hear(self, service: Service, after: int) -> Iterator[Raw | None]:
        changed, spoke = -1, time.monotonic()
        while True:
            batch = None
            with _in_our_words(reading=True):
                now_changed = service.changed()
                if now_changed != changed:
                    batch = service.events(after, operation="listen")
                    changed = -1 if batch.more else now_changed
            if batch and batch.bodies:
                yield from _raws(batch)
                after, spoke = batch.last, time.monotonic()
            elif time.monotonic() - spoke >= _ALIVE_SECONDS:
                yield None
                spoke = time.monotonic()
            self.sleep(_POLL_SECONDS)

    def receive_hook(self, request: Signed) -> HookAnswer:
        """Events pushed by the network (see `hook`)."""
        token = str(self.account.secrets.get("token", ""))
        return HookAnswer(hook.raws(request, token, self.now(), _KIND))

    def context(self, external_id: str) -> Sequence[Said]:
        with self._reading() as service:
            around = service.thread(external_id)
        return [said_of(post.as_json(), None) for post in around if post.id != external_id]

    def locate(self, attachment: AttachmentSeen) -> Located:
        """The network has no server that others could call: a picture comes along whole."""
        named = _IMAGE.fullmatch(attachment.url)
        with self._reading() as service:
            picture = service.picture(int(named[1]), int(named[2])) if named else None
        if picture is None:
            raise Refused("The picture is not there any more.")
        content = base64.b64encode(picture.content).decode()
        return Located(f"data:{picture.mime};base64,{content}")

    # --- speaking -----------------------------------------------------------------------------

    def limits(self, lane: str = "public") -> Limits:
        return Limits(
            text=street.MOST_CHARACTERS,
            images=0 if lane == "private" else street.MOST_IMAGES,
            image_mimes=street.IMAGE_MIMES,
            alt=street.MOST_ALT,
        )

    def check(self, outgoing: Outgoing) -> Sequence[Problem]:
        limits = self.limits(outgoing.lane)
        over = self.measure(outgoing.text) - street.MOST_CHARACTERS
        problems = []
        if not outgoing.text.strip():
            problems.append(Problem("empty", "There is no text yet."))
        if over > 0:
            problems.append(Problem("too_long", f"{over} characters too long for {self.name}."))
        if len(outgoing.media) > limits.images:
            words = f"{self.name} takes at most {limits.images} images here."
            problems.append(Problem("too_many_images", words))
        problems += [problem for media in outgoing.media for problem in _media_problems(media)]
        return problems

    def reply(self, outgoing: Outgoing) -> Receipt:
        to, pictures = outgoing.reply_to, _pictures(outgoing)
        if to is None:
            raise Refused("A reply needs the message that it answers.")
        with self._writing() as service:
            post = service.reply(
                to.parent_id, outgoing.text, outgoing.key, outgoing.language, pictures
            )
        return _receipt(post)

    def message(self, outgoing: Outgoing) -> Receipt:
        author = outgoing.reply_to.author if outgoing.reply_to else None
        if author is None:
            raise Refused("A private answer needs somebody to go to.")
        if outgoing.media:
            raise Refused("Private messages carry no images here.")
        with self._writing() as service:
            post = service.message(
                author.external_id, outgoing.text, outgoing.key, outgoing.language
            )
        return _receipt(post)

    def publish(self, outgoing: Outgoing) -> Receipt:
        pictures = _pictures(outgoing)
        with self._writing() as service:
            post = service.publish(outgoing.text, outgoing.key, outgoing.language, pictures)
        return _receipt(post)

    def find(self, outgoing: Outgoing) -> Receipt | None:
        """By the key; on a server that forgets keys, by the same text at the same place."""
        with self._reading() as service:
            if not self._forgets:
                post = service.with_key(outgoing.key)
            else:
                post = next((p for p in service.mine() if _same(p, outgoing)), None)
        return _receipt(post) if post else None

    def look(self, external_id: str) -> Seen:
        with self._reading() as service:
            post = service.look(external_id)
        return Seen(gone=False, text=post.text) if post else Seen(gone=True)

    def edit(self, external_id: str, outgoing: Outgoing) -> Receipt:
        with self._writing() as service:
            return _receipt(service.edit(external_id, outgoing.text))

    def delete(self, external_id: str) -> None:
        with self._writing() as service:
            service.delete(external_id)

    def hide(self, external_id: str, root_id: str) -> None:
        with self._writing() as service:
            service.hide(external_id, hidden=True)

    def unhide(self, external_id: str, root_id: str) -> None:
        with self._writing() as service:
            service.hide(external_id, hidden=False)

    def like(self, external_id: str, refs: Mapping[str, Any]) -> None:
        with self._writing() as service:
            service.like(external_id)

    def barrier(self, ability: str, to: ReplyTo) -> Barrier | None:
        """Only what stands below a post of ours can be hidden, as on most networks."""
        if ability in ("hide", "unhide") and to.addressed not in (None, Addressed.REPLY):
            return Barrier("Only answers to our own posts can be hidden.", to.permalink)
        return super().barrier(ability, to)

    # --- reaching the server ------------------------------------------------------------------

    @property
    def _forgets(self) -> bool:
        return bool(self.account.config.get("forget_keys", False))

    def _open(self) -> Service:
        """A connection of its own. Raises Refused without a path, Unavailable without a file."""
        path, token = self.account.config.get("path"), self.account.secrets.get("token", "")
        if not path:
            raise Refused("The account does not say where the practice network's file is.")
        with _in_our_words(reading=True):
            place = street.Street(str(path), now=self.now)
        return Service(place, str(token), forget_keys=self._forgets, sleep=self.sleep)

    @contextmanager
    def _reading(self) -> Iterator[Service]:
        with self._calling(reading=True) as service:
            yield service

    @contextmanager
    def _writing(self) -> Iterator[Service]:
        with self._calling(reading=False) as service:
            yield service

    @contextmanager
    def _calling(self, *, reading: bool) -> Iterator[Service]:
        if self._service is None:
            self._service = self._open()
        with _in_our_words(reading=reading):
            yield self._service


@contextmanager
def _in_our_words(*, reading: bool) -> Iterator[None]:
    """The server's troubles as the error tree. A read cannot have an unknown outcome."""
    try:
        yield
    except Trouble as trouble:
        words = str(trouble)
        if trouble.fault is Fault.RATE_LIMITED and trouble.moment:
            raise RateLimited(words, trouble.moment) from trouble
        if trouble.fault is Fault.WINDOW_CLOSED:
            raise WindowClosed(words, trouble.moment) from trouble
        if trouble.fault in _PLAIN:
            raise _PLAIN[trouble.fault](words) from trouble
        raise (Unavailable if reading else OutcomeUnknown)(words) from trouble


def _raws(batch: Batch) -> Sequence[Raw]:
    return [Raw(_KIND, body.encode()) for body in batch.bodies]


def _receipt(post: Post) -> Receipt:
    return Receipt(post.id, post.path)


def _pictures(outgoing: Outgoing) -> Sequence[Picture]:
    return [Picture(media.mime, media.alt, media.content) for media in outgoing.media]


def _media_problems(media: Media) -> Sequence[Problem]:
    problems = []
    if not media.alt.strip():
        problems.append(Problem("no_alt", "Describe the image for people who cannot see it."))
    if len(media.alt) > street.MOST_ALT:
        problems.append(Problem("alt_too_long", f"Describe it in {street.MOST_ALT} characters."))
    if media.mime not in street.IMAGE_MIMES:
        problems.append(Problem("image_type", "Use a JPEG, PNG or WebP image."))
    return problems


def _same(post: Post, outgoing: Outgoing) -> bool:
    """Whether a post is what an outgoing text would have become: same words, same place, and not
    from before the text was made."""
    to = outgoing.reply_to
    if post.text != outgoing.text or post.at < outgoing.made_at - _CLOCKS_APART:
        return False
    if outgoing.lane is Lane.PRIVATE:
        return bool(
            post.recipient and to and to.author and to.author.external_id == post.recipient.id
        )
    parent = id_of(post.parent) if post.parent else None
    return post.recipient is None and (to.parent_id if to else None) == parent
