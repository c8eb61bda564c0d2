"""Several things at the same time, each with a database connection of its own."""

import threading
from collections.abc import Callable

from django.db import connections


def run_all(*works: Callable[[], object], within: float = 60.0) -> None:
    """Run each in a thread, and wait. What one of them raises is raised."""
    raised: list[BaseException] = []

    def guarded(work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001  # raised again below
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(within)
    if raised:
        raise raised[0]
    if any(thread.is_alive() for thread in threads):
        raise TimeoutError(f"not done within {within} s")
