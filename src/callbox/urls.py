"""Every address of the site."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from callbox.web.health import healthz

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("hooks/", include("callbox.web.hooks")),
]
if settings.CALLBOX_PRACTICE:
    urlpatterns.append(path("practice/", include("callbox.web.practice.urls")))

# Last: the public pages begin at the root, and take any two letters for a language.
urlpatterns.append(path("", include("callbox.web.portal.urls")))
