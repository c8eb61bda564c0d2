"""Addresses of the practice network's site, below `/practice/`."""

from django.urls import path

from callbox.web.practice import deeds, trouble, views

app_name = "practice"
urlpatterns = [
    path("", views.street, name="street"),
    path("thread/<int:n>/", views.thread, name="thread"),
    path("private/", views.private, name="private"),
    path("private/<int:n>/", views.exchange, name="exchange"),
    path("image/<int:n>/<int:place>/", views.image, name="image"),
    path("become/", deeds.become, name="become"),
    path("post/", deeds.post, name="post"),
    path("direct/", deeds.direct, name="direct"),
    path("reply/<int:n>/", deeds.reply, name="reply"),
    path("like/<int:n>/", deeds.like, name="like"),
    path("edit/<int:n>/", deeds.edit, name="edit"),
    path("delete/<int:n>/", deeds.delete, name="delete"),
    path("network/", trouble.network, name="network"),
    path("network/ask/", trouble.ask, name="ask"),
    path("network/clear/", trouble.clear, name="clear"),
    path("network/take-down/<int:n>/", trouble.take_down, name="take_down"),
]
