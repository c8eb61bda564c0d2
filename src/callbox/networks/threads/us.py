"""Who we are on Threads.

The API shows other people by name alone, never by number: the name with an "@" is their id here, so
that somebody who takes another name counts as somebody else.
"""

from dataclasses import dataclass

from callbox.connector import AccountSeen
from callbox.meta.values import ident
from callbox.values import Json, mapping, text
from callbox.vocabulary import AuthorSeen


@dataclass(frozen=True, slots=True)
class Us:
    """Our profile."""

    id: str
    handle: str

    @classmethod
    def of(cls, account: AccountSeen) -> "Us":
        """From what is stored of the account."""
        return cls(account.external_id, account.handle.removeprefix("@").lower())

    def wrote(self, post: Json) -> bool:
        """Whether a post is ours."""
        if post.get("is_reply_owned_by_me") is True:
            return True
        owner = ident(mapping(post.get("owner")).get("id"))
        return owner == self.id if owner else text(post.get("username")).lower() == self.handle

    def owns(self, root: Json) -> bool:
        """Whether a thread's first post, as a reply shows it, is ours."""
        name = text(root.get("username")).lower()
        return ident(root.get("owner_id")) == self.id or (bool(name) and name == self.handle)


def profile(handle: str) -> str:
    """The public page of somebody, "" without a name."""
    return f"https://www.threads.net/@{handle}" if handle else ""


def person(handle: str) -> AuthorSeen | None:
    """An author, or None where the network shows no name."""
    return AuthorSeen(f"@{handle}", handle, profile_url=profile(handle)) if handle else None
