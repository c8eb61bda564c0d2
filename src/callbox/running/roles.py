"""Make the roles, the database and its extensions; safe to repeat.

With `DATABASE_ADMIN_URL` (always on the embedded server) everything is made. Without it we do what
the owner of a database may do, and say exactly what a superuser has to run for the rest.
"""

from dataclasses import replace
from urllib.parse import unquote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from callbox.running import bootstrap_sql
from callbox.running.config import APP_ROLE, Config
from callbox.running.postgres import ADMIN_ROLE, OWNER_ROLE, embedded_url

Connection = psycopg.Connection[tuple[object, ...]]


class NotPrepared(Exception):
    """The database lacks something that only somebody else can make; the text says what."""


def make(config: Config) -> None:
    """Roles, rights and extensions. Raises NotPrepared with words for the operator."""
    if config.embedded:  # started for a single command
        config = _as_embedded(config)
    try:
        if config.database_admin_url:
            _as_admin(config)
        else:
            _as_owner(config)
    except psycopg.OperationalError as error:
        raise NotPrepared(f"The database does not answer: {str(error).strip()}") from error


def _as_embedded(config: Config) -> Config:
    return replace(
        config,
        database_url=embedded_url(config.home, APP_ROLE),
        database_owner_url=embedded_url(config.home, OWNER_ROLE),
        database_admin_url=embedded_url(config.home, ADMIN_ROLE, "postgres"),
    )


def _as_admin(config: Config) -> None:
    owner = _login(config.database_owner_url or config.database_url)
    application = _login(config.database_url)
    database = _database_of(config.database_url)
    with psycopg.connect(config.database_admin_url, autocommit=True) as server:
        _make_role(server, *owner)
        _make_role(server, APP_ROLE, application[1] if application[0] == APP_ROLE else "")
        make_database(server, database, owner[0])
    inside = urlsplit(config.database_admin_url)._replace(path=f"/{database}")
    with psycopg.connect(urlunsplit(inside), autocommit=True) as connection:
        _run(connection, bootstrap_sql.ON_DATABASE, owner=owner[0], database=database)
        _make_extensions(connection)


def make_database(server: Connection, name: str, owner: str) -> None:
    """Create a database unless it is there."""
    known = server.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone()
    if known is None:
        _run(server, bootstrap_sql.DATABASE, owner=owner, database=name)


def _make_role(server: Connection, name: str, password: str) -> None:
    known = server.execute("SELECT FROM pg_roles WHERE rolname = %s", [name]).fetchone()
    if known is None:
        statement = sql.SQL(bootstrap_sql.ROLE).format(role=sql.Identifier(name))
        if password:
            statement += sql.SQL(" PASSWORD {}").format(sql.Literal(password))
        server.execute(statement)


def _as_owner(config: Config) -> None:
    url = config.database_owner_url or config.database_url
    with psycopg.connect(url, autocommit=True) as connection:
        owner, database = connection.info.user, connection.info.dbname
        known = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [APP_ROLE]).fetchone()
        try:
            if known is None:
                _run(connection, "CREATE ROLE {app}", owner=owner, database=database)
                _run(connection, "GRANT {app} TO {owner}", owner=owner, database=database)
            _make_extensions(connection)
        except psycopg.errors.InsufficientPrivilege as error:
            raise NotPrepared(by_hand(owner, database)) from error


def by_hand(owner: str, database: str) -> str:
    """What a superuser has to run where we may not make roles or extensions."""
    text = bootstrap_sql.BY_HAND.format(owner=owner, database=database)
    extensions = "\n".join(
        f"CREATE EXTENSION IF NOT EXISTS {name};" for name in bootstrap_sql.EXTENSIONS
    )
    return (
        f"“{owner}” may not make everything that Callbox needs in the database “{database}”. Have "
        f"a superuser run this in it once, or run `callbox init-db` with DATABASE_ADMIN_URL:\n\n"
        f"{text}\n{extensions}\n"
    )


def _make_extensions(connection: Connection) -> None:
    for name in bootstrap_sql.EXTENSIONS:
        connection.execute(
            sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(name))
        )


def _run(connection: Connection, statement: str, *, owner: str, database: str) -> None:
    connection.execute(
        sql.SQL(statement).format(
            owner=sql.Identifier(owner),
            app=sql.Identifier(APP_ROLE),
            database=sql.Identifier(database),
        )
    )


def _login(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return unquote(parts.username or ""), unquote(parts.password or "")


def _database_of(url: str) -> str:
    return unquote(urlsplit(url).path.lstrip("/"))
