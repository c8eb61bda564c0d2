"""What we ask Facebook for, by name: fields, subscriptions, permissions, tasks.

Names are checked against the network's own nodes by the tests (`tests/contracts/graph.py`).
"""

from collections.abc import Mapping

from callbox.logins import Scope

SERVER = "https://graph.facebook.com"
DIALOG = "https://www.facebook.com"
VIDEO_SERVER = "https://graph-video.facebook.com"  # “Video API”: uploads have a host of their own

_MEDIA = "type,url,title,description,media{image{src},source},target{id,url}"
COMMENT = (
    "id,message,from{id,name},created_time,parent{id},is_hidden,can_hide,can_remove,"
    f"can_reply_privately,permalink_url,attachment{{{_MEDIA}}}"
)
POST = (
    "id,message,from{id,name},created_time,permalink_url,is_hidden,can_reply_privately,"
    f"attachments{{{_MEDIA},subattachments{{{_MEDIA}}}}}"
)
MESSAGE = (
    "id,message,created_time,from{id,name},to{id,name},"
    "attachments{id,mime_type,name,file_url,image_data{url},video_data{url}},sticker"
)
RATING = (
    "created_time,has_review,rating,recommendation_type,review_text,reviewer{id,name},"
    "open_graph_story{id}"
)

#: The fields of an app's and a Page's webhook subscription (“Webhooks for Pages”).
HOOKS: tuple[str, ...] = (
    *("feed", "mention", "ratings", "messages", "message_echoes", "message_edits"),
    *("message_reactions", "message_deliveries", "message_reads", "messaging_handovers"),
    "standby",
)

SCOPES: tuple[Scope, ...] = (
    Scope("pages_show_list", "to list the Pages that you run, so that you can pick one"),
    Scope("pages_read_engagement", "to read the Page's own posts and see them go out"),
    Scope("pages_read_user_content", "to read comments, visitor posts, mentions and reviews"),
    Scope("pages_manage_posts", "to publish, change and delete the Page's posts"),
    Scope("pages_manage_engagement", "to answer, hide, like and delete comments"),
    Scope("pages_manage_metadata", "to have Facebook tell us at once what people write"),
    Scope("pages_messaging", "to read and answer private messages"),
    Scope("business_management", "to see Pages that belong to a business portfolio"),
    Scope("publish_video", "to publish videos"),
)

#: Which task on the Page, and which permission, a deed needs (“Pages API”).
NEEDS: Mapping[str, tuple[str, str]] = {
    "reply": ("MODERATE", "pages_manage_engagement"),
    "hide": ("MODERATE", "pages_manage_engagement"),
    "unhide": ("MODERATE", "pages_manage_engagement"),
    "like": ("MODERATE", "pages_manage_engagement"),
    "message": ("MESSAGING", "pages_messaging"),
    "publish": ("CREATE_CONTENT", "pages_manage_posts"),
}

PREPARATION: tuple[str, ...] = (
    "On developers.facebook.com, create an app of the type “Business” that belongs to the "
    "department's business portfolio, and add the products Facebook Login for Business, Webhooks "
    "and Messenger.",
    "For Pages that the department itself owns, Standard Access is enough: no app review. For any "
    "other Page, apply for Advanced Access to every permission listed below, with a screen "
    "recording of the inbox.",
    "To answer private messages later than 24 hours (up to seven days), ask in App Review for the "
    "feature “Human Agent”.",
    "Under Facebook Login, Settings, enter the address that this wizard shows as a valid OAuth "
    "redirect URI.",
    "Under App settings, Basic, copy the app ID and the app secret into the fields here. Under "
    "Advanced, switch on “Require App Secret”.",
    "The member who connects must have full control of the Page, or at least the tasks for "
    "content, messages and community activity. If that member loses the role or changes the "
    "password, the login ends; a system user of the business portfolio avoids this.",
    "Switch the app to “Live”: in development mode Facebook tells us only of what the app's own "
    "developers write.",
)

CANNOT: Mapping[str, str] = {
    "listen": "Facebook has no stream; it calls us, and we look by ourselves as a second way.",
}
