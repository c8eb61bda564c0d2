"""Rows for reading benchmarks, made inside the database: a million in about a minute."""

import os
from typing import Any

import psycopg

_STEPS = (
    """
    INSERT INTO callbox_author (id, agency_id, network, external_id, handle, name, profile_url)
    SELECT md5('author' || n)::uuid, %(agency)s, 'bench', 'a' || n, 'h' || n, 'Resident ' || n, ''
    FROM generate_series(1, %(talks)s) n
    """,
    """
    INSERT INTO callbox_conversation (id, agency_id, account_id, author_id, root_id, lane, state,
        disposition, reason, reason_words, closed_at, rank, intent, language, because, unit_id,
        since, due_at, answered_at, failed, preview, heard, started_at, last_at, changed_at)
    SELECT md5('talk' || n)::uuid, %(agency)s, %(account)s, md5('author' || n)::uuid, 'r' || n,
        'private', state, CASE WHEN state = 'closed' THEN 'answered' ELSE '' END, '', '',
        CASE WHEN state = 'closed' THEN t + interval '2 hours' END,
        CASE WHEN n %% 200 = 0 THEN 0 WHEN n %% 20 = 0 THEN 1 ELSE 2 END,
        (ARRAY['question', 'concern', 'praise', 'other'])[1 + n %% 4],
        (ARRAY['en', 'en', 'en', 'es', 'pl'])[1 + (n / 20) %% 5], '{}', %(unit)s,
        t, t + interval '4 hours', CASE WHEN state <> 'open' THEN t + interval '1 hour' END, false,
        'Message ' || n || ': the street light at the corner has been dark for two weeks.',
        2, t, t + interval '1 hour', t + interval '1 hour'
    FROM generate_series(1, %(talks)s) n,
        LATERAL (SELECT now() - n * interval '40 seconds' AS t,
            CASE n %% 20 WHEN 0 THEN 'open' WHEN 1 THEN 'waiting' ELSE 'closed' END AS state) s
    """,
    """
    INSERT INTO callbox_message (id, agency_id, conversation_id, account_id, author_id, external_id,
        root_id, parent_id, addressed, lane, permalink, refs, said_at, received_at)
    SELECT md5('message' || n)::uuid, %(agency)s, md5('talk' || talk)::uuid, %(account)s,
        md5('author' || talk)::uuid, 'm' || n, 'r' || talk, '', 'form', 'private', '', '{}',
        now() - talk * interval '40 seconds' + (n %% 2) * interval '30 minutes',
        now() - talk * interval '40 seconds'
    FROM generate_series(1, %(talks)s * 2) n, LATERAL (SELECT (n + 1) / 2 AS talk) s
    """,
    """
    INSERT INTO callbox_version (id, agency_id, message_id, said_at, seen_at, text, language,
        attachments)
    SELECT md5('version' || n)::uuid, %(agency)s, md5('message' || n)::uuid, now(), now(),
        'Message ' || n || ': ' || repeat('the street light at the corner is dark. ', 4), 'en', '[]'
    FROM generate_series(1, %(talks)s * 2) n
    """,
)
_TABLES = ("author", "conversation", "message", "version")


def fill(agency: Any, account: Any, messages: int) -> None:
    """Write `messages` messages in half as many conversations, two each."""
    values = {
        "agency": agency.id,
        "account": account.id,
        "unit": account.unit_id,
        "talks": messages // 2,
    }
    with psycopg.connect(os.environ["DATABASE_ADMIN_URL"], autocommit=True) as admin:
        # References are right by construction; checking a million of them is another benchmark.
        admin.execute("SET session_replication_role = replica")
        for step in _STEPS:
            admin.execute(step, values)
        for table in _TABLES:
            admin.execute(f"VACUUM (ANALYZE) callbox_{table}")
