"""Looks an installation over: what is wrong, why, and what to write or run."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Literal

import psycopg

from callbox.running import bootstrap_sql, probe, roles, serve
from callbox.running.config import APP_ROLE, Config, Misconfigured, load
from callbox.running.postgres import OWNER_ROLE, embedded_url

LEAST_SERVER = 150000  # PostgreSQL 15, as `server_version_num`
LEAST_FREE = 2 * 1024**3  # bytes
State = Literal["good", "warning", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    state: State
    words: str
    remedy: str = ""

    def as_dict(self) -> dict[str, str]:
        """For JSON."""
        return asdict(self)


def examine(environ: Mapping[str, str]) -> list[Finding]:
    """Everything that can be looked at from outside the processes, in the order to mend it."""
    try:
        config = load(environ)
    except Misconfigured as wrong:
        return [Finding(p.setting, "bad", p.why, p.write) for p in wrong.problems]
    return [*_settings(config), *_folder(config), *_database(config), *_site(config)]


def _settings(config: Config) -> Iterator[Finding]:
    problems = serve.problems(config)
    for problem in problems:
        yield Finding(problem.setting, "bad", problem.why, problem.write)
    if not problems:
        mode = "practice mode" if config.practice else "production"
        yield Finding(
            "settings", "good", f"{mode}, to be reached at {config.url or config.address}"
        )


def _folder(config: Config) -> Iterator[Finding]:
    there = next(path for path in (config.home, *config.home.parents) if path.exists())
    free = shutil.disk_usage(there).free
    words = f"{config.home}, {free / 1024**3:.1f} GB free"
    if free < LEAST_FREE:
        yield Finding("folder", "warning", words, "Make room before the disk is full.")
    else:
        yield Finding("folder", "good", words)


def _database(config: Config) -> Iterator[Finding]:
    url = config.database_url or embedded_url(config.home, APP_ROLE)
    try:
        connection = psycopg.connect(url, autocommit=True, connect_timeout=5)
    except psycopg.OperationalError as error:
        if config.embedded:
            yield Finding(
                "database", "warning", "the embedded server is not running", "Run `callbox serve`."
            )
        else:
            why = " ".join(str(error).split())
            yield Finding("database", "bad", f"no connection: {why}", "Check DATABASE_URL.")
        return
    with connection:
        if config.role_to_assume and not _assume(connection, config.role_to_assume):
            login, database = connection.info.user, connection.info.dbname
            words = f"“{login}” may not act as {config.role_to_assume}"
            yield Finding("role", "bad", words, roles.by_hand(login, database))
            return
        yield from _server(connection)
        yield from _role(connection)
        yield from _extensions(connection)
        yield from _tables(connection)


def _assume(connection: roles.Connection, role: str) -> bool:
    try:
        connection.execute("SELECT set_config('role', %s, false)", [role])
    except psycopg.Error:
        return False
    return True


def _server(connection: roles.Connection) -> Iterator[Finding]:
    version = connection.info.server_version
    words = f"PostgreSQL {version // 10000}.{version % 10000}"
    if version < LEAST_SERVER:
        yield Finding("database", "bad", f"{words} is too old", "Use PostgreSQL 15 or newer.")
    else:
        yield Finding("database", "good", words)


def _role(connection: roles.Connection) -> Iterator[Finding]:
    row = connection.execute(
        "SELECT current_user, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    name, mighty = row or ("?", True)
    if mighty:
        yield Finding(
            "role",
            "bad",
            f"“{name}” passes every wall between agencies: it is a superuser, or bypasses row "
            "security",
            "Let DATABASE_URL name callbox_app, or a role that may act as it.",
        )
    else:
        yield Finding("role", "good", f"{name}, held to row security")


def _extensions(connection: roles.Connection) -> Iterator[Finding]:
    rows = connection.execute("SELECT extname FROM pg_extension").fetchall()
    missing = [name for name in bootstrap_sql.EXTENSIONS if (name,) not in rows]
    if missing:
        remedy = "Run `callbox init-db`, or as a superuser: " + " ".join(
            f"CREATE EXTENSION {name};" for name in missing
        )
        yield Finding("extensions", "bad", f"missing: {', '.join(missing)}", remedy)
    else:
        yield Finding("extensions", "good", ", ".join(bootstrap_sql.EXTENSIONS))


def _tables(connection: roles.Connection) -> Iterator[Finding]:
    row = connection.execute(
        """
        SELECT to_regclass('callbox_entry') IS NOT NULL,
               coalesce(has_table_privilege(to_regclass('callbox_entry'), 'INSERT'), false),
               coalesce(has_table_privilege(to_regclass('callbox_entry'), 'UPDATE, DELETE'), false)
        """
    ).fetchone()
    there, may_write, may_change = row or (False, False, False)
    if not there:
        yield Finding("tables", "bad", "there are none yet", "Run `callbox migrate`.")
    elif not may_write:
        yield Finding(
            "tables",
            "bad",
            f"“{APP_ROLE}” may not use them",
            "Its rights were lost, perhaps in a restore without privileges: restore with them.",
        )
    elif may_change:
        yield Finding(
            "ledger",
            "bad",
            "this role may change what was recorded",
            f"Connect as {APP_ROLE}, not as {OWNER_ROLE}.",
        )
    else:
        yield Finding("tables", "good", "there, and the ledger can only grow")


def _site(config: Config) -> Iterator[Finding]:
    status, body = probe.ask(probe.host_of(config), config.port)
    if status == 200:
        yield Finding("site", "good", f"{config.address} is ready")
    elif status == 0:
        words = f"{config.address} does not answer"
        yield Finding("site", "warning", words, "Run `callbox serve`.")
    else:
        yield Finding("site", "bad", f"{config.address} answers {status}: {body}", "See the logs.")
