"""Bring the database up to the code: roles, tables, and the practice city on the first start.

`python -m callbox.running.prepare`, started by the supervisor before web and worker, and by hand as
`callbox migrate`. Safe to repeat. Tables are changed as their owner; the practice city is written
as the application, under the same row security as everything later.
"""

import argparse
import os
import sys
from collections.abc import Sequence

import django
from django.core.management import call_command
from django.db import connection

from callbox.running import roles
from callbox.running.config import Config, Misconfigured, load
from callbox.running.database import as_owner, entry
from callbox.running.postgres import PostgresUnusable
from callbox.running.serve import not_ours
from callbox.running.server import database


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


def main(arguments: Sequence[str]) -> int:
    """0 when the database is ready for this code."""
    parser = argparse.ArgumentParser(prog="callbox migrate")
    parser.add_argument("--roles-only", action="store_true", help="leave the tables alone")
    parser.add_argument("--no-practice", action="store_true", help="no practice city")
    chosen = parser.parse_args(arguments)
    try:
        config = load(os.environ)
        with database(config):
            _prepare(config, chosen)
    except PermissionError as error:
        print(not_ours(error), file=sys.stderr)  # noqa: T201  # for the person
        return 1
    except (Misconfigured, roles.NotPrepared, PostgresUnusable) as error:
        print(error, file=sys.stderr)  # noqa: T201  # for the person
        return 1
    return 0


def _prepare(config: Config, chosen: argparse.Namespace) -> None:
    roles.make(config)
    if chosen.roles_only:
        return
    os.environ.update(as_owner(config))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callbox.settings")
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    if config.practice and not chosen.no_practice:
        practice(config)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
