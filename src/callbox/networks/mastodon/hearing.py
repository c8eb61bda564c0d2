"""Hearing: what polling and streaming bring, made into raws that tell their thread's root."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from callbox.connector import Page, RateLimited, Raw, Refused, Unavailable
from callbox.networks.mastodon import parse, watch
from callbox.networks.mastodon.api import Api, status_path
from callbox.networks.mastodon.catchup import Batch, Notifications
from callbox.networks.mastodon.frames import Frame
from callbox.networks.mastodon.replies import Replies
from callbox.networks.mastodon.status import Us
from callbox.networks.mastodon.threads import Threads
from callbox.networks.mastodon.values import ident
from callbox.networks.mastodon.watch import Watched
from callbox.values import Json, mapping, text


class Hearing:
    """One account's ears. The cursor holds the mark to go on from (`since`), the messages to look
    at again (`watch`), and how many answers our posts had (`replies`)."""

    def __init__(self, api: Api, threads: Threads, us: Us, now: Callable[[], datetime]) -> None:
        self._api = api
        self._threads = threads
        self._us = us
        self._now = now

    def fetch(self, cursor: Mapping[str, Any]) -> Page:
        """One step of polling. Anything raised leaves the cursor where it was."""
        notifications = Notifications(self._api)
        since = cursor.get("since")
        if isinstance(since, str):
            batch = notifications.after(since)
        else:
            batch = notifications.first(self._now())
        watched = watch.read(cursor, self._now())
        counted = mapping(cursor.get("replies"))
        raws = list(self._told(batch, watched))
        if not batch.more:
            unnamed, counted = self._unnamed(counted, watched)
            raws += [*unnamed, *self._looked_at(watched)]
        position = {"since": batch.mark, "watch": watch.written(watched), "replies": counted}
        return Page(raws, position, more=batch.more, gap=batch.gap)

    def _told(self, batch: Batch, watched: list[Watched]) -> Iterator[Raw]:
        for notification in batch.items:
            if text(notification.get("type")) not in parse.HEARD:
                continue
            status = mapping(notification.get("status"))
            if self._us.addressed(status, text(notification.get("type"))):
                watched.append(Watched.of(status, self._now()))
            yield self._notification(parse.NOTIFICATION, notification)

    def _notification(self, kind: str, notification: Json) -> Raw:
        reaction = text(notification.get("type")) in parse.REACTIONS
        status = mapping(notification.get("status"))
        root = None if reaction or not status else self._threads.root(status)
        return parse.of_notification(kind, notification, root)

    def _unnamed(self, counted: Json, watched: list[Watched]) -> tuple[list[Raw], Json]:
        """Answers that no notification told of. An extra: when it cannot be done now, it is done
        the next time."""
        replies = Replies(self._api, self._threads, self._us, self._now())
        if not replies.is_due(counted):
            return [], counted
        try:
            found, now_counted = replies.new(counted)
            heard = {one.id for one in watched}
            fresh = [status for status in found if ident(status.get("id")) not in heard]
            raws = [
                parse.of_status(parse.STATUS, status, self._threads.root(status))
                for status in fresh
            ]
        except (Unavailable, RateLimited, Refused):
            return [], counted
        watched += [Watched.of(status, self._now()) for status in fresh]
        return raws, now_counted

    # --- looking again ------------------------------------------------------------------------

    def _looked_at(self, watched: list[Watched]) -> list[Raw]:
        """Edits and deletions of messages whose turn it is; `watched` is brought up to date.
        It is an extra: when it cannot be done now, it waits for its next turn."""
        found = []
        for one in watch.due(watched, self._now()):
            try:
                found += self._look(one, watched)
            except (Unavailable, RateLimited, Refused):
                break
        return found

    def _look(self, one: Watched, watched: list[Watched]) -> list[Raw]:
        status = self._api.maybe(status_path(one.id))
        place = watched.index(one)
        if status is None:
            del watched[place]
            return [parse.of_deletion(parse.GONE, one.id, self._now().isoformat())]
        watched[place] = one.looked_at(status, self._now())
        if watched[place].edited == one.edited:
            return []
        return [parse.of_status(parse.STATUS_UPDATE, status, self._threads.root(status))]

    # --- streaming ----------------------------------------------------------------------------

    def heard(self, frame: Frame | None) -> Raw | None:
        """The raw of a stream event; None for what is not for us. Other people's posts come by
        here too, when we follow them: they go no further (policing R11)."""
        if frame is None:
            return None
        if frame.event == "delete":
            at = self._now().isoformat()
            return (
                parse.of_deletion(f"{parse.STREAM}delete", frame.id(), at) if frame.id() else None
            )
        if frame.event == "notification":
            return self._heard_notification(frame.json())
        if frame.event in ("update", parse.STATUS_UPDATE, "status_update"):
            kind = "update" if frame.event == "update" else parse.STATUS_UPDATE
            return self._heard_status(parse.STREAM + kind, frame.json())
        return None

    def _heard_notification(self, notification: Json) -> Raw | None:
        if text(notification.get("type")) not in parse.HEARD:
            return None
        return self._notification(parse.STREAM + parse.NOTIFICATION, notification)

    def _heard_status(self, kind: str, status: Json) -> Raw | None:
        concerns_us = self._us.is_author_of(status) or self._us.addressed(status)
        if status.get("reblog") or not concerns_us or not ident(status.get("id")):
            return None
        return parse.of_status(kind, status, self._threads.root(status))
