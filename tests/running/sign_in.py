"""Makes an agency and a member in the database of `DATABASE_URL`, and prints a session's cookie."""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callbox.settings")
django.setup()

from django.conf import settings  # noqa: E402  # Django has to be set up first
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402

from callbox.models.people import User  # noqa: E402
from callbox.vocabulary import Role  # noqa: E402
from tests import make  # noqa: E402


def main() -> None:
    """Print `name=value`."""
    make.member(make.agency(), "Diaz", Role.OFFICER)
    user = User.objects.get()
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    sys.stdout.write(f"{settings.SESSION_COOKIE_NAME}={session.session_key}\n")


if __name__ == "__main__":
    main()
