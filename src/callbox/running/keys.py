"""The secrets of an installation: made once, kept in `$CALLBOX_HOME/secrets`, checked at start.

Who loses the encryption key loses the stored tokens, and who loses the signing key can sign no
further day of the ledger: both belong in the backup (docs/operate/backup.md).
"""

import os
import secrets
import string
from collections.abc import Callable
from pathlib import Path

from callbox.running.config import Config, Problem

LEAST_SECRET_KEY = 50  # characters; Django's own measure of a weak key
LEAST_DISTINCT = 12
KEY_BYTES = 32  # both libsodium's secret boxes and Ed25519 seeds


MAKERS: dict[str, Callable[[], str]] = {
    "CALLBOX_SECRET_KEY": lambda: secrets.token_urlsafe(64),
    "CALLBOX_ENCRYPTION_KEY": lambda: secrets.token_hex(KEY_BYTES),
    "CALLBOX_SIGNING_KEY": lambda: secrets.token_hex(KEY_BYTES),
}


def path_of(folder: Path, name: str) -> Path:
    """The file that holds one secret."""
    return folder / name.lower()


def make_missing(folder: Path) -> list[str]:
    """Make the secrets that have no file yet; names of those made. Never overwrites one."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = [name for name in MAKERS if not path_of(folder, name).exists()]
    for name in made:
        _write_once(path_of(folder, name), MAKERS[name]())
    return made


def _write_once(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all, and never twice."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # somebody else was quicker: theirs counts
    finally:
        draft.unlink()


def value(config: Config, name: str) -> str:
    """A secret: from the environment, else from its file, else ""."""
    given = {
        "CALLBOX_SECRET_KEY": config.secret_key,
        "CALLBOX_ENCRYPTION_KEY": config.encryption_key,
        "CALLBOX_SIGNING_KEY": config.signing_key,
    }[name]
    path = path_of(config.secrets_dir, name)
    if given or not path.is_file():
        return given
    return path.read_text().strip()


def problems(config: Config) -> list[Problem]:
    """What is wrong with the secrets: missing, weak, malformed, or readable by others."""
    found = [problem for name in MAKERS if (problem := _problem(config, name))]
    for name in MAKERS:
        path = path_of(config.secrets_dir, name)
        if path.is_file() and path.stat().st_mode & 0o077:
            found.append(
                Problem(name, f"{path} can be read by others.", f"Run: chmod 600 '{path}'")
            )
    return found


def _problem(config: Config, name: str) -> Problem | None:
    text = value(config, name)
    if not text:
        return Problem(
            name,
            f"it is not set, and {path_of(config.secrets_dir, name)} does not exist.",
            "Run `callbox init-secrets` once, back the folder up, and copy it to every machine.",
        )
    if name == "CALLBOX_SECRET_KEY":
        if len(text) < LEAST_SECRET_KEY or len(set(text)) < LEAST_DISTINCT:
            return Problem(
                name,
                f"it is weak: {len(text)} characters, {len(set(text))} different ones.",
                f"Write {LEAST_SECRET_KEY} or more random characters.",
            )
        return None
    if not _is_key(text):
        return Problem(
            name, "it is not 64 hex digits.", "Take the text that `callbox init-secrets` wrote."
        )
    return None


def _is_key(text: str) -> bool:
    return len(text) == 2 * KEY_BYTES and all(digit in string.hexdigits for digit in text)
