"""Addresses of the public pages, from the root of the site. Included last: `/<code>/` takes any
two letters."""

from django.urls import path, register_converter

from callbox.web.portal import conversation, views


class TwoLetters:
    """A language in an address."""

    regex = "[a-z]{2}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(TwoLetters, "two_letters")

app_name = "portal"
urlpatterns = [
    path("", views.root, name="root"),
    path("<two_letters:code>/", views.front, name="front"),
    path("<two_letters:code>/talk/", views.talk, name="talk"),
    path("<two_letters:code>/talk/sent/", views.sent, name="sent"),
    path("<two_letters:code>/key/", conversation.key, name="key"),
    path("<two_letters:code>/key/conversation/", conversation.conversation, name="conversation"),
    path("<two_letters:code>/key/close/", conversation.close, name="close"),
]
