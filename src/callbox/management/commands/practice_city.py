"""`practice_city`: build the practice city, unless there is an agency already."""

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from callbox.moment import now_utc
from callbox.practice_city.content import city
from callbox.practice_city.load import load, logins
from callbox.practice_city.where import file
from callbox.running.probe import LOGINS


class Command(BaseCommand):
    """Run by `callbox.running.prepare` on the first start in practice mode."""

    help = "Build the practice city in an empty database, with demo logins."

    def handle(self, *args: Any, **options: Any) -> None:
        """Build it, and write the demo logins where the start shows them."""
        started = time.monotonic()
        file().parent.mkdir(parents=True, exist_ok=True)
        agency = load(now_utc(), file())
        if agency is None:
            self.stdout.write("There is an agency already; nothing was done.")
            return
        Path(settings.HOME, LOGINS).write_text("\n".join(logins(city())) + "\n", encoding="utf-8")
        seconds = time.monotonic() - started
        self.stdout.write(f"The practice city stands ({seconds:.1f} s).")
