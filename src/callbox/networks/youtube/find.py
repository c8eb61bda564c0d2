"""Did it go out? YouTube has no key of ours to look for, so what is there is compared.

The text carries the officer's signature, so our own words, under the same comment (or the same
title and description), from after the text was made, are it.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from callbox.connector import Refused, Unavailable
from callbox.networks.youtube import compose, parse
from callbox.networks.youtube.api import Api
from callbox.networks.youtube.meeting import listed
from callbox.networks.youtube.values import ident
from callbox.values import Json, mapping, moment, text
from callbox.vocabulary import Outgoing, Receipt

SLACK = timedelta(minutes=1)  # YouTube's clock may be that far behind ours
_SETTLING = timedelta(minutes=10)  # a video shows in the list of uploads only after a while
_PAGES = 4


def answer(api: Api, us: str, outgoing: Outgoing) -> Receipt | None:
    """Our answer under a comment, or None when all of its replies were read and it is not there."""
    thread = compose.thread_of(outgoing)
    try:
        replies = listed(api, thread, whole=True)
    except Refused as error:
        raise Refused("The comment that we answered is gone, so nobody can say.") from error
    ours = (one for one in replies if _is_ours(one, us))
    return _oldest(outgoing, (_comment_receipt(one) for one in ours if _says(one, outgoing.text)))


def _is_ours(comment: Json, us: str) -> bool:
    author = parse.author_of(mapping(comment.get("snippet")))
    return author is not None and author.external_id == us


def _says(comment: Json, wanted: str) -> bool:
    return compose.same(parse.words(mapping(comment.get("snippet"))), wanted)


Found = tuple[datetime | None, Receipt]


def _oldest(outgoing: Outgoing, found: Iterable[Found]) -> Receipt | None:
    """The first of ours that is not older than the text."""
    since = outgoing.made_at - SLACK
    fitting = [(at, receipt) for at, receipt in found if at is not None and at >= since]
    return min(fitting, key=lambda one: one[0])[1] if fitting else None


def _comment_receipt(comment: Json) -> Found:
    return _at(comment), comment_receipt(comment)


def comment_receipt(comment: Json) -> Receipt:
    """The receipt of a comment of ours."""
    said = parse.said_of(comment, {}, "")
    link = said.permalink if said else ""
    return Receipt(ident(comment.get("id")), link, said.refs if said else {})


def video_receipt(video: str) -> Receipt:
    """The receipt of a video of ours."""
    return Receipt(video, f"{parse.WATCH_PAGE}{video}", {"video": video})


def _at(thing: Json) -> datetime | None:
    return moment(mapping(thing.get("snippet")).get("publishedAt"))


# --- videos -----------------------------------------------------------------------------------


def video(api: Api, us: str, outgoing: Outgoing, now: Callable[[], datetime]) -> Receipt | None:
    """Our video among our uploads, newest first. None only when there was time for it to show."""
    since = outgoing.made_at - SLACK
    params = {"part": "snippet", "playlistId": uploads(api, us), "maxResults": "50"}
    found: list[Found] = []
    for item in api.all("playlistItems", params, _PAGES):
        at = _at(item)
        if at is not None and at < since:
            break
        if _is_video(item, outgoing):
            found.append((at, video_receipt(_video_id(item))))
    receipt = _oldest(outgoing, found)
    if receipt is None and now() < outgoing.made_at + _SETTLING:
        raise Unavailable("YouTube shows new videos after some minutes. Looking again then.")
    return receipt


def uploads(api: Api, us: str) -> str:
    """The id of the list of our uploads."""
    me = api.one("channels", "contentDetails", us) or {}
    lists = mapping(mapping(me.get("contentDetails")).get("relatedPlaylists"))
    found = ident(lists.get("uploads"))
    if not found:
        raise Unavailable("YouTube does not say where our videos are.")
    return found


def _video_id(item: Json) -> str:
    return ident(mapping(mapping(item.get("snippet")).get("resourceId")).get("videoId"))


def _is_video(item: Json, outgoing: Outgoing) -> bool:
    snippet = mapping(item.get("snippet"))
    title, description = compose.title_and_description(outgoing)
    return (
        bool(_video_id(item))
        and compose.same(snippet.get("title"), title)
        and compose.same(text(snippet.get("description")), description)
    )
