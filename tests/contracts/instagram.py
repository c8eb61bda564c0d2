"""What Instagram's pages document and Meta's saved node files leave out, or spell without their
underscores: laid over `meta.json` by `tests.contracts.graph.Nodes`."""

from collections.abc import Mapping

from tests.contracts.graph import Documented, plain

MEDIA, USER = "IGMediaForIGOnlyAPI", "IGUserForIGOnlyAPI"
_SUBSCRIBED = "IGUserSubscribedAppsData"

#: What the pages document and the saved files leave out, or spell without their underscores.
EXTRA: Mapping[str, tuple[Documented, ...]] = {
    USER: (
        Documented(
            "Reference, IG User (Instagram Login): edges hold what they are named for",
            edges={
                "": {"GET": USER},
                "media": {"GET": MEDIA, "POST": ""},
                "stories": {"GET": MEDIA},
                "tags": {"GET": MEDIA},
                "content_publishing_limit": {"GET": "PublishingLimit"},
                "subscribed_apps": {"GET": _SUBSCRIBED, "POST": ""},
            },
        ),
        Documented(
            "Content publishing: POST /<IG_ID>/media_publish",
            edges={"media_publish": {"POST": ""}},
        ),
        Documented("Content publishing", params={"media_publish": ("creation_id",)}),
    ),
    MEDIA: (
        Documented(
            "Reference, IG Media (Instagram Login): edges",
            edges={"": {"GET": MEDIA}, "comments": {"GET": "IGComment", "POST": ""}},
        ),
    ),
    "IGUser": (
        Documented(
            "Reference, content_publishing_limit",
            edges={"content_publishing_limit": {"GET": "PublishingLimit"}},
        ),
    ),
    "IGComment": (Documented("Reference, IG Comment: from", {"from": "IGCommentFromUser"}),),
    "PublishingLimit": (
        Documented("Reference, content_publishing_limit", plain("quota_usage", "config")),
    ),
    "Page": (
        Documented(
            "Reference, Page: instagram_business_account", {"instagram_business_account": "IGUser"}
        ),
    ),
    "UnifiedMessage": (
        Documented(
            "Reference, Message: shares, story, reply_to", plain("shares", "story", "reply_to")
        ),
    ),
    "UnifiedThread": (
        Documented(
            "Conversations API: the messages edge", edges={"messages": {"GET": "UnifiedMessage"}}
        ),
    ),
    "Named": (Documented("Conversations API: participants on Instagram", plain("username")),),
}
