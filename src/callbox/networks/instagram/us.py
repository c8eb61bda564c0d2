"""Who we are on Instagram, and through which of Meta's two login products we speak."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from callbox.connector import AccountSeen
from callbox.meta.values import ident
from callbox.values import Json, text

INSTAGRAM_LOGIN = "instagram"
FACEBOOK_LOGIN = "facebook"


@dataclass(frozen=True, slots=True)
class Us:
    """Our professional account.

    `id` is the number under which webhooks and edges know it. Instagram Login has a second one,
    scoped to the app; both are in `ids`. `page_id` is the Page that the account hangs on, with
    Facebook Login.
    """

    id: str
    ids: frozenset[str]
    handle: str
    product: str
    page_id: str = ""

    @classmethod
    def of(cls, account: AccountSeen) -> "Us":
        """From what is stored of the account."""
        config: Mapping[str, Any] = account.config
        ids = {account.external_id, ident(config.get("scoped_id"))} - {""}
        facebook = config.get("product") == FACEBOOK_LOGIN
        return cls(
            account.external_id,
            frozenset(ids),
            account.handle.removeprefix("@").lower(),
            FACEBOOK_LOGIN if facebook else INSTAGRAM_LOGIN,
            ident(config.get("page_id")),
        )

    @property
    def through_page(self) -> bool:
        """Whether we speak through the Page (Facebook Login)."""
        return self.product == FACEBOOK_LOGIN

    @property
    def inbox(self) -> str:
        """The node whose conversations and messages are ours."""
        return self.page_id if self.through_page and self.page_id else self.id

    def wrote(self, comment: Json) -> bool:
        """Whether a comment is our own: by its author's number, or by the name where Instagram
        gives no number."""
        by = comment.get("from")
        if isinstance(by, dict):
            if ident(by.get("id")) in self.ids or ident(by.get("self_ig_scoped_id")) in self.ids:
                return True
            name = text(by.get("username"))
        else:
            name = text(comment.get("username"))
        return bool(name) and name.lower() == self.handle
