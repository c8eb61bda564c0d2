"""A status of the Mastodon API, read as one of our values.

`https://docs.joinmastodon.org/entities/Status/`, and what GoToSocial, Pleroma and Akkoma make of
it. Pure, and total: whatever the JSON holds, these return a value or None.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from callbox.connector import AccountSeen
from callbox.networks.mastodon.html import plain
from callbox.networks.mastodon.values import ident, language
from callbox.values import Json, mapping, moment, objects, web
from callbox.values import text as words
from callbox.vocabulary import Addressed, AttachmentSeen, AuthorSeen, Lane, Ours, Said

_PUBLIC = frozenset(("public", "unlisted", "local"))  # "local" is Akkoma's and GoToSocial's
_KINDS = {"image": "image", "gifv": "video", "video": "video", "audio": "audio"}


@dataclass(frozen=True, slots=True)
class Us:
    """Our own account, to tell what is ours and what is to us."""

    id: str
    handle: str = ""

    @classmethod
    def of(cls, account: AccountSeen) -> "Us":
        return cls(account.external_id, account.handle.casefold())

    def is_author_of(self, status: Json) -> bool:
        return bool(self.id) and ident(mapping(status.get("account")).get("id")) == self.id

    def is_named_in(self, status: Json) -> bool:
        return any(self._is(mention) for mention in objects(status.get("mentions")))

    def _is(self, mention: Json) -> bool:
        found = ident(mention.get("id"))
        if found:
            return found == self.id
        acct = full_handle(words(mention.get("acct")), words(mention.get("url"))).casefold()
        return bool(acct) and acct == self.handle

    def addressed(self, status: Json, told: str = "") -> Addressed | None:
        """Why a status is ours to read, or None. `told` is the notification's type, if any."""
        if self.is_author_of(status):
            return None
        answers = bool(self.id) and ident(status.get("in_reply_to_account_id")) == self.id
        named = told == "mention" or self.is_named_in(status)
        if status.get("visibility") == "direct" and (answers or named):
            return Addressed.DIRECT
        if answers:
            return Addressed.REPLY
        if named:
            return Addressed.MENTION
        if told == "quote" or self.is_author_of(quoted(status)):
            return Addressed.QUOTE
        return None


def full_handle(acct: str, url: str) -> str:
    """`user@host`, also for a local account, which servers write without its host."""
    if not acct or "@" in acct:
        return acct
    try:
        host = urlsplit(web(url)).netloc.rpartition("@")[2]
    except ValueError:
        host = ""
    return f"{acct}@{host}" if host else acct


def quoted(status: Json) -> Json:
    """The status that this one quotes: inside `quote` on Mastodon, `quote` itself on Akkoma."""
    quote = mapping(status.get("quote")) or mapping(mapping(status.get("pleroma")).get("quote"))
    return mapping(quote.get("quoted_status")) or (quote if "account" in quote else {})


def lane(status: Json) -> Lane:
    """Followers-only, direct and anything unknown is private: better too careful than too open."""
    return Lane.PUBLIC if words(status.get("visibility")) in _PUBLIC else Lane.PRIVATE


def permalink(status: Json) -> str:
    return web(status.get("url")) or web(status.get("uri"))


def author(status: Json) -> AuthorSeen | None:
    account = mapping(status.get("account"))
    external_id = ident(account.get("id"))
    if not external_id:
        return None
    acct, url = words(account.get("acct")), words(account.get("url"))
    name = words(account.get("display_name")) or words(account.get("username"))
    return AuthorSeen(external_id, full_handle(acct, url), name, web(url))


def readable(status: Json) -> str:
    """The whole text: content warning first, then the words, then the choices of a poll."""
    warning = words(status.get("spoiler_text")).strip()
    body = plain(words(status.get("content")), _names(status))
    options = objects(mapping(status.get("poll")).get("options"))
    choices = "\n".join(f"☐ {' '.join(words(one.get('title')).split())}" for one in options)
    return "\n\n".join(part for part in (warning and f"[{warning}]", body, choices) if part)


def _names(status: Json) -> dict[str, str]:
    """How to write each mention: by the address that its link has in the HTML."""
    names = {}
    for mention in objects(status.get("mentions")):
        url = web(mention.get("url"))
        acct = full_handle(words(mention.get("acct")), url)
        if url and acct:
            names[url] = f"@{acct}"
    return names


def attachments(status: Json) -> tuple[AttachmentSeen, ...]:
    return tuple(_attachments(status))


def _attachments(status: Json) -> Iterator[AttachmentSeen]:
    for media in objects(status.get("media_attachments")):
        url = web(media.get("url")) or web(media.get("remote_url")) or web(media.get("preview_url"))
        if url:
            kind = _KINDS.get(words(media.get("type")), "other")
            yield AttachmentSeen(kind, url, words(media.get("description")))
    card, quote = mapping(status.get("card")), quoted(status)
    if web(card.get("url")):
        yield AttachmentSeen("link", web(card.get("url")), title=words(card.get("title")))
    if permalink(quote):
        yield AttachmentSeen("quote", permalink(quote), title=readable(quote)[:200])


def refs(status: Json) -> dict[str, Any]:
    """What a reply needs to know: who to name (as this server writes them), who may read it."""
    return {
        "id": ident(status.get("id")),
        "visibility": words(status.get("visibility")),
        "acct": words(mapping(status.get("account")).get("acct")),
    }


def thread(status: Json, root_id: str | None) -> tuple[str | None, str | None]:
    """Root and parent; both None for a status that starts a thread. Without a known root the
    parent stands in for it."""
    parent = ident(status.get("in_reply_to_id")) or None
    return (root_id or parent, parent) if parent else (None, None)


def said(status: Json, us: Us, root_id: str | None, told: str = "") -> Said | None:
    """The status as a message; None when it has no id or no time."""
    external_id, said_at = ident(status.get("id")), moment(status.get("created_at"))
    if not external_id or said_at is None:
        return None
    root, parent = thread(status, root_id)
    return Said(
        external_id=external_id,
        said_at=said_at,
        author=author(status),
        text=readable(status),
        addressed=us.addressed(status, told),
        lane=lane(status),
        root_id=root,
        parent_id=parent,
        language=language(status.get("language")),
        permalink=permalink(status),
        attachments=attachments(status),
        refs=refs(status),
        edited_at=moment(status.get("edited_at")),
    )


def ours(status: Json, root_id: str | None) -> Ours | None:
    """The status as an echo of our own. The API carries no key of ours back."""
    external_id, said_at = ident(status.get("id")), moment(status.get("created_at"))
    if not external_id or said_at is None:
        return None
    root, parent = thread(status, root_id)
    return Ours(
        external_id=external_id,
        said_at=said_at,
        text=readable(status),
        lane=lane(status),
        root_id=root,
        parent_id=parent,
        permalink=permalink(status),
        refs=refs(status),
    )
