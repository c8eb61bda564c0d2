"""How a worker shows that it is there: a lock that its connections hold, and a heartbeat.

The lock vanishes with the process, however it ends; the heartbeat stops when the process lives but
is stuck.
"""

NUMBER = 0x0CA11B0C  # of our advisory lock: any constant that nobody else uses
PARAMETERS = {"number": NUMBER}

ANNOUNCE = "SELECT pg_advisory_lock_shared(%(number)s)"

QUESTION = """
SELECT EXISTS (
         SELECT FROM pg_locks
         WHERE locktype = 'advisory' AND granted AND objsubid = 1
           AND classid = 0 AND objid = %(number)s
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
       ) AS here,
       EXISTS (
         SELECT FROM procrastinate_workers WHERE last_heartbeat > now() - interval '30 seconds'
       ) AS awake
"""
