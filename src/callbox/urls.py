"""Every address of the site."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from callbox.web.health import healthz
from callbox.web.staff import signing

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("sign-in/", signing.sign_in, name="sign_in"),
    path("sign-in/demo/", signing.demo, name="demo"),
    path("sign-out/", signing.sign_out, name="sign_out"),
    path("staff/", include("callbox.web.staff.urls")),
    path("hooks/", include("callbox.web.hooks")),
    path("media/", include("callbox.web.media")),
]
if settings.CALLBOX_PRACTICE:
    urlpatterns.append(path("practice/", include("callbox.web.practice.urls")))

# Last: the public pages begin at the root, and take any two letters for a language.
urlpatterns.append(path("", include("callbox.web.portal.urls")))

handler403 = "callbox.web.errors.not_allowed"
handler404 = "callbox.web.errors.not_found"
handler500 = "callbox.web.errors.broken"
