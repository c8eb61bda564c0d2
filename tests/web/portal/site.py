"""The public pages alone, at the root of a site."""

from django.urls import include, path

urlpatterns = [path("", include("callbox.web.portal.urls"))]
