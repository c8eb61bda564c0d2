"""The real worker process, made to die, and impatient: for `test_worker.py` alone.

`python -m tests.faults.real_worker commit 5 after`, or without arguments to live on. What takes
minutes otherwise takes a second or two: leases, heartbeats, rounds.
"""

import sys
from datetime import timedelta

from callbox.running import worker  # sets Django up

from procrastinate.contrib.django import app  # isort: skip

from callbox import jobs
from callbox.jobs import rounds as rounding
from callbox.rules import posts
from tests.faults import doomed

posts.LEASE = timedelta(seconds=1.5)
rounding.STALE = timedelta(seconds=1)
app.worker_defaults |= {"stalled_worker_timeout": 2.0, "update_heartbeat_interval": 0.5}
for task in (jobs.go_round, jobs.take_up):
    app.periodic(cron="* * * * * *", periodic_id="impatient")(task)

if __name__ == "__main__":
    if len(sys.argv) == 4:
        doomed.arm(sys.argv[1], int(sys.argv[2]), sys.argv[3])
    worker.main(["--no-listeners"])
