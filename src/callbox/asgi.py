"""For any ASGI server: `callbox.asgi:application`. Our own is `callbox.running.web`."""

import os

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callbox.settings")
django.setup()

from callbox.running.site import Site  # noqa: E402  # reads models, so Django has to be set up

application = Site(settings.CALLBOX_WEB_THREADS)
