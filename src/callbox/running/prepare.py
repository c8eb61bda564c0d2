"""Bring the database up to the code: roles, tables, and the practice city on the first start.

`python -m callbox.running.prepare`, started by the supervisor before web and worker, and by hand as
`callbox migrate`. Safe to repeat. Tables are changed as their owner; the practice city is written
as the application, under the same row security as everything later.
"""

import os
import sys

import django
from django.core.management import call_command
from django.db import connection

from callbox.running import roles
from callbox.running.config import Config, load
from callbox.running.database import as_owner, entry


def migrate(config: Config) -> None:
    """Roles and rights where we may make them, then the tables."""
    roles.make(config)
    call_command("migrate", interactive=False, verbosity=0)


def practice(config: Config) -> None:
    """The practice city, unless there is an agency already."""
    connection.close()
    connection.settings_dict.update(entry(config))
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM callbox_agency)")
        (known,) = cursor.fetchone() or (False,)
    if not known:
        print("Building the practice city ...", flush=True)  # noqa: T201  # for the person
        call_command("practice_city")


def main() -> int:
    """0 when the database is ready for this code."""
    config = load(os.environ)
    as_application = dict(os.environ)
    os.environ.update(as_owner(os.environ))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callbox.settings")
    django.setup()
    try:
        migrate(config)
        if config.practice:
            practice(load(as_application))
    except roles.NotPrepared as error:
        print(error, file=sys.stderr)  # noqa: T201  # for the person
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
