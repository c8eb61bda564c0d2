"""Every setting of an installation: read, checked and explained in one place.

No Django here: the supervisor, the settings file and `callbox doctor` all read it.
`docs/operate/settings.md` holds the same list for people; a test keeps the two equal.
"""

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

APP_ROLE = "callbox_app"  # what web and worker are: guarded by row security
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True, slots=True)
class Problem:
    """One wrong setting: which, why, and what to write instead."""

    setting: str
    why: str
    write: str

    def __str__(self) -> str:
        return f"{self.setting}: {self.why} {self.write}"


class Misconfigured(Exception):
    """The environment does not make sense. `problems` says everything that is wrong at once."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class _Wrong(Exception):
    """A value cannot be read: why, and what to write (`{env}` stands for the setting's name)."""

    def __init__(self, why: str, write: str) -> None:
        super().__init__(why)
        self.why = why
        self.write = write


# ---------------------------------------------------------------------------------------------
# Readers: text to value. "" never reaches them: an empty setting is an unset one.
# ---------------------------------------------------------------------------------------------


def _text(value: str) -> str:
    return value


def _folder(value: str) -> Path:
    path = Path(value).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise _Wrong(f"{path} is a file.", "Write {env}=/path/to/a/folder.")
    return path


def _port(value: str) -> int:
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise _Wrong(f"“{value}” is not a port.", "Write a number from 1 to 65535: {env}=8000.")
    return int(value)


def _count(value: str) -> int:
    if not value.isdecimal() or not 0 < int(value) <= 64:
        raise _Wrong(f"“{value}” is not a number from 1 to 64.", "Write for example {env}=8.")
    return int(value)


def _megabytes(value: str) -> int:
    if not value.isdecimal() or not 0 < int(value) <= 2000:
        raise _Wrong(f"“{value}” is not a number from 1 to 2000.", "Write for example {env}=100.")
    return int(value)


def _address(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        raise _Wrong(
            f"“{value}” is not an address of a network card.",
            "Write {env}=127.0.0.1 (this machine only) or {env}=0.0.0.0 (every card).",
        ) from None


def _switch(value: str) -> bool:
    if value not in ("0", "1"):
        raise _Wrong(f"“{value}” is neither on nor off.", "Write {env}=1 or {env}=0.")
    return value == "1"


def _names(value: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in value.split(",") if name.strip())
    if any("/" in name or name == "*" for name in names):
        raise _Wrong(
            f"“{value}” is not a list of host names.",
            "Write names only, with commas: {env}=talk.example.gov,www.example.gov.",
        )
    return names


def _site(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
        raise _Wrong(
            f"“{value}” is not the address of a site.",
            "Write scheme and host, nothing after: {env}=https://talk.example.gov.",
        )
    return value.rstrip("/")


def _database(value: str) -> str:
    parts = urlsplit(value)
    try:
        complete = (
            parts.scheme in ("postgres", "postgresql")
            and len(parts.path) > 1
            and (parts.port is None or parts.port > 0)
        )
    except ValueError:  # a port that is no number
        complete = False
    if not complete:
        raise _Wrong(
            "this is not the address of a PostgreSQL database.",
            "Write {env}=postgresql://callbox_app:password@host:5432/callbox.",
        )
    return value


def _level(value: str) -> str:
    if value.upper() not in LOG_LEVELS:
        raise _Wrong(f"“{value}” is not a level.", f"Write {{env}}={'|'.join(LOG_LEVELS)}.")
    return value.upper()


# ---------------------------------------------------------------------------------------------
# The list
# ---------------------------------------------------------------------------------------------


def _about(env: str, default: str, doc: str, read: Callable[[str], Any]) -> Mapping[str, Any]:
    """What a field of `Config` is. `default` stands in for what the environment lacks."""
    return {"env": env, "default": default, "doc": doc, "read": read}


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """One installation, as its environment describes it. Made by `load`."""

    home: Path = field(
        metadata=_about(
            "CALLBOX_HOME", ".callbox", "Folder for the database, secrets, media and logs.", _folder
        )
    )
    bind: str = field(
        metadata=_about(
            "CALLBOX_BIND", "127.0.0.1", "Address on which the web server listens.", _address
        )
    )
    port: int = field(
        metadata=_about("PORT", "8000", "Port on which the web server listens.", _port)
    )
    url: str = field(
        metadata=_about(
            "CALLBOX_URL",
            "",
            "Address under which people reach this site, when it is public.",
            _site,
        )
    )
    hosts: tuple[str, ...] = field(
        metadata=_about(
            "CALLBOX_HOSTS", "", "More host names to answer to, with commas between.", _names
        )
    )
    proxies: tuple[str, ...] = field(
        metadata=_about(
            "CALLBOX_PROXIES",
            "127.0.0.1,::1",
            "Addresses of the proxies whose word on the caller's address and https is believed.",
            _names,
        )
    )
    practice: bool = field(
        metadata=_about(
            "CALLBOX_PRACTICE",
            "0",
            "1 for the practice city with demo logins; loopback only.",
            _switch,
        )
    )
    database_url: str = field(
        repr=False,
        metadata=_about(
            "DATABASE_URL",
            "",
            "PostgreSQL server of your own, as the application's role; empty for the embedded one.",
            _database,
        ),
    )
    database_owner_url: str = field(
        repr=False,
        metadata=_about(
            "DATABASE_OWNER_URL",
            "",
            "The same database as the role that owns the tables; empty for DATABASE_URL.",
            _database,
        ),
    )
    database_admin_url: str = field(
        repr=False,
        metadata=_about(
            "DATABASE_ADMIN_URL",
            "",
            "The same server as a superuser; read by `callbox init-db` and `callbox migrate` only.",
            _database,
        ),
    )
    assume_role: str = field(
        metadata=_about(
            "CALLBOX_ASSUME_ROLE",
            "",
            "Role to take on after connecting; empty for callbox_app if one address serves both.",
            _text,
        )
    )
    secret_key: str = field(
        repr=False,
        metadata=_about(
            "CALLBOX_SECRET_KEY",
            "",
            "Signs sessions and forms; empty to read `secrets/callbox_secret_key`.",
            _text,
        ),
    )
    encryption_key: str = field(
        repr=False,
        metadata=_about(
            "CALLBOX_ENCRYPTION_KEY",
            "",
            "Encrypts stored tokens; empty to read `secrets/callbox_encryption_key`.",
            _text,
        ),
    )
    old_encryption_keys: tuple[str, ...] = field(
        repr=False,
        metadata=_about(
            "CALLBOX_OLD_ENCRYPTION_KEYS",
            "",
            "Keys before this one, with commas between, until `callbox reseal` has been run.",
            _names,
        ),
    )
    signing_key: str = field(
        repr=False,
        metadata=_about(
            "CALLBOX_SIGNING_KEY",
            "",
            "Signs the ledger's daily head; empty to read `secrets/callbox_signing_key`.",
            _text,
        ),
    )
    web_threads: int = field(
        metadata=_about(
            "CALLBOX_WEB_THREADS", "8", "Pages that one web process makes at the same time.", _count
        )
    )
    worker_jobs: int = field(
        metadata=_about(
            "CALLBOX_WORKER_JOBS", "4", "Jobs that one worker does at the same time.", _count
        )
    )
    media_mb: int = field(
        metadata=_about(
            "CALLBOX_MEDIA_MB",
            "100",
            "Megabytes that one picture, video or file may have, coming in or going out.",
            _megabytes,
        )
    )
    log_level: str = field(
        metadata=_about("CALLBOX_LOG_LEVEL", "WARNING", "How much goes to the logs.", _level)
    )

    @property
    def embedded(self) -> bool:
        """True when Callbox runs its own PostgreSQL."""
        return not self.database_url

    @property
    def role_to_assume(self) -> str:
        """The role that web and worker take on, so that row security and privileges hold for them.

        One address for both purposes means that it is the owner's.
        """
        one_login = bool(self.database_url) and self.database_owner_url in ("", self.database_url)
        if self.assume_role:
            return "" if self.assume_role == "none" else self.assume_role
        return APP_ROLE if one_login else ""

    @property
    def secrets_dir(self) -> Path:
        """Where the generated secrets lie, one file each."""
        return self.home / "secrets"

    @property
    def log_dir(self) -> Path:
        """Where every process's log goes."""
        return self.home / "log"

    @property
    def address(self) -> str:
        """What to type into a browser on this machine."""
        host = "127.0.0.1" if self.bind == "0.0.0.0" else self.bind  # noqa: S104  # compared, not bound
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


def documented() -> list[tuple[str, str, str]]:
    """Every setting as (name, default, one-line explanation), in the order of the list."""
    return [(f.metadata["env"], f.metadata["default"], f.metadata["doc"]) for f in fields(Config)]


def load(environ: Mapping[str, str]) -> Config:
    """Read the environment. Raises Misconfigured with everything that is wrong in it."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for item in fields(Config):
        env, default = item.metadata["env"], item.metadata["default"]
        text = environ.get(env, "").strip() or default
        try:
            values[item.name] = item.metadata["read"](text) if text else _empty(item)
        except _Wrong as wrong:
            problems.append(Problem(env, wrong.why, wrong.write.format(env=env)))
    if problems:
        raise Misconfigured(problems)
    return Config(**values)


def _empty(item: Any) -> Any:
    """What an unset setting without a default is: an empty list or an empty text."""
    return () if item.metadata["read"] is _names else ""
