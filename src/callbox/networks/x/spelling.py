"""The two spellings of X's fields.

From 2.167 of its description on, X says `post.fields` and `referenced_posts` where it said
`tweet.fields` and `referenced_tweets`; pages and webhooks of the same months mix both. Answers are
read in either; which one we ask with is a setting, because nobody knows which day the old names
end.
"""

from dataclasses import dataclass

_USER = "name,username"
_MEDIA = "media_key,type,url,preview_image_url,alt_text,variants"
_POST = "id,text,created_at,conversation_id,entities,lang,attachments,public_metrics,reply_settings"


@dataclass(frozen=True, slots=True)
class Spelling:
    """What to ask for, in one of the spellings."""

    post_params: dict[str, str]
    dm_params: dict[str, str]


POST = Spelling(
    {
        "post.fields": f"{_POST},note_post",
        "expansions": "author_id,edit_history_post_ids,in_reply_to_user_id,referenced_posts,"
        "attachments.media_keys",
        "user.fields": _USER,
        "media.fields": _MEDIA,
    },
    {
        "dm_event.fields": "id,text,event_type,created_at,dm_conversation_id,attachments,entities",
        "expansions": "sender_id,attachments.media_keys",
        "user.fields": _USER,
        "media.fields": _MEDIA,
    },
)
TWEET = Spelling(
    {
        "tweet.fields": f"{_POST},note_tweet,author_id,edit_history_tweet_ids,in_reply_to_user_id,"
        "referenced_tweets",
        "expansions": "author_id,referenced_tweets.id,referenced_tweets.id.author_id,"
        "attachments.media_keys",
        "user.fields": _USER,
        "media.fields": _MEDIA,
    },
    {
        "dm_event.fields": "id,text,event_type,created_at,dm_conversation_id,attachments,sender_id",
        "expansions": "sender_id,attachments.media_keys",
        "user.fields": _USER,
        "media.fields": _MEDIA,
    },
)
SPELLINGS = {"post": POST, "tweet": TWEET}
