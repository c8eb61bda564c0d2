"""From a database address to what Django and psycopg want to hear."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from callbox.running.config import APP_ROLE, Config
from callbox.running.postgres import OWNER_ROLE, embedded_url

# Statements that we prepare are written for one plan (`callbox.sql`): without this PostgreSQL plans
# each of them anew at every use, which costs a list more than reading it.
PLANS = "-c plan_cache_mode=force_generic_plan"


def entry(config: Config) -> dict[str, Any]:
    """Django's `DATABASES["default"]`: the application's role, one connection per thread for good.

    Every thread keeps its connection (opening one costs several milliseconds) and Django checks it
    once per request, so that a restarted server is noticed and not reported to a member.
    """
    options: dict[str, Any] = {}
    if config.role_to_assume:
        options["assume_role"] = config.role_to_assume
    return {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    } | address(config.database_url or embedded_url(config.home, APP_ROLE), options)


def address(url: str, options: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The parts of `postgresql://user:password@host:port/name?option=value` under Django's names.

    The host may be a percent-encoded folder: a unix socket.
    """
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    query["options"] = f"{query.get('options', '')} {PLANS}".strip()
    return {
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or "") or query.pop("host", ""),
        "PORT": str(parts.port or query.pop("port", "")),
        "OPTIONS": query | dict(options or {}),
    }


def as_owner(config: Config) -> dict[str, str]:
    """What to change in the environment of a process that changes tables: it is their owner."""
    owner = config.database_owner_url or config.database_url
    # "none" is PostgreSQL's own word for the role one logged in as.
    return {
        "DATABASE_URL": owner or embedded_url(config.home, OWNER_ROLE),
        "CALLBOX_ASSUME_ROLE": "none",
    }
