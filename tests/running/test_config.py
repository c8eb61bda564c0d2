"""Settings: what is wrong is said with its name, its reason and what to write."""

import errno
from pathlib import Path

import pytest

from callbox.running import keys, serve
from callbox.running.config import APP_ROLE, Misconfigured, documented, load
from callbox.running.database import PLANS, address, as_owner, entry
from callbox.running.postgres import embedded_url
from tests.embedded import ROOT

EVERYWHERE = "0.0.0.0"  # noqa: S104  # to be refused
OWN = "postgresql://callbox_app:p%40ss@db.example:6432/callbox?sslmode=verify-full"


def test_an_empty_environment_is_a_whole_configuration() -> None:
    config = load({})
    assert config.embedded
    assert (config.bind, config.port, config.practice) == ("127.0.0.1", 8000, False)
    assert config.home.is_absolute()
    assert config.address == "http://127.0.0.1:8000"


def test_an_empty_setting_is_an_unset_one() -> None:
    assert load({"PORT": " ", "DATABASE_URL": ""}) == load({})


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "80x", "“80x” is not a port. Write a number from 1 to 65535: PORT=8000."),
        ("PORT", "70000", "“70000” is not a port. Write a number from 1 to 65535: PORT=8000."),
        ("CALLBOX_PRACTICE", "yes", "“yes” is neither on nor off. Write CALLBOX_PRACTICE=1 or "),
        ("CALLBOX_BIND", "here", "“here” is not an address of a network card. Write "),
        ("CALLBOX_HOSTS", "https://a.example", "is not a list of host names. Write names only"),
        ("CALLBOX_URL", "talk.example", "is not the address of a site. Write scheme and host"),
        ("DATABASE_URL", "mysql://x/y", "this is not the address of a PostgreSQL database. Write "),
        ("DATABASE_URL", "postgresql://h:x/y", "this is not the address of a PostgreSQL database"),
        ("CALLBOX_LOG_LEVEL", "loud", "“loud” is not a level. Write CALLBOX_LOG_LEVEL=DEBUG|"),
        ("CALLBOX_WEB_THREADS", "0", "“0” is not a number from 1 to 64. Write for example"),
    ],
)
def test_a_wrong_setting_says_which_why_and_what_to_write(name: str, value: str, said: str) -> None:
    with pytest.raises(Misconfigured) as wrong:
        load({name: value})
    (problem,) = wrong.value.problems
    assert problem.setting == name
    assert said in str(problem)


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(Misconfigured) as wrong:
        load({"PORT": "x", "CALLBOX_BIND": "y"})
    assert [problem.setting for problem in wrong.value.problems] == ["CALLBOX_BIND", "PORT"]


def test_a_password_is_never_repeated() -> None:
    with pytest.raises(Misconfigured) as wrong:
        load({"DATABASE_URL": "http://callbox:hunter2@db/callbox"})
    assert "hunter2" not in str(wrong.value)


def test_the_page_lists_every_setting() -> None:
    rows = [
        f"| `{name}` | {f'`{default}`' if default else ''} | {text} |"
        for name, default, text in documented()
    ]
    page = (ROOT / "docs" / "operate" / "settings.md").read_text().splitlines()
    assert [line for line in page if line.startswith("| `")] == rows


def test_one_address_is_the_owners_so_processes_act_as_the_application() -> None:
    assert load({}).role_to_assume == ""
    assert load({"DATABASE_URL": OWN}).role_to_assume == APP_ROLE
    both = {"DATABASE_URL": OWN, "DATABASE_OWNER_URL": OWN.replace("callbox_app", "owner")}
    assert load(both).role_to_assume == ""
    assert load({"DATABASE_URL": OWN, "CALLBOX_ASSUME_ROLE": "none"}).role_to_assume == ""


def test_an_address_becomes_what_django_wants() -> None:
    assert address(OWN) == {
        "NAME": "callbox",
        "USER": "callbox_app",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "6432",
        "OPTIONS": {"sslmode": "verify-full", "options": PLANS},
    }
    assert address("postgresql://a@%2Frun%2Fx/callbox")["HOST"] == "/run/x"
    assert address("postgresql:///callbox?host=/run/x")["HOST"] == "/run/x"


def test_without_an_address_the_embedded_server_is_meant(tmp_path: Path) -> None:
    config = load({"CALLBOX_HOME": str(tmp_path)})
    found = entry(config)
    assert found["USER"] == APP_ROLE
    assert found["OPTIONS"] == {"options": PLANS}
    assert as_owner(config) == {
        "DATABASE_URL": embedded_url(tmp_path, "callbox_owner"),
        "CALLBOX_ASSUME_ROLE": "none",
    }


# --- what `serve` refuses -------------------------------------------------------------------------


def refused(home: Path, **environ: str) -> dict[str, str]:
    found = serve.problems(load({"CALLBOX_HOME": str(home), **environ}))
    return {problem.setting: str(problem) for problem in found}


def test_practice_mode_never_leaves_this_machine(tmp_path: Path) -> None:
    said = refused(tmp_path, CALLBOX_PRACTICE="1", CALLBOX_BIND=EVERYWHERE, CALLBOX_HOSTS="a.b")
    assert list(said) == ["CALLBOX_BIND"]
    assert "Write CALLBOX_BIND=127.0.0.1, or CALLBOX_PRACTICE=0." in said["CALLBOX_BIND"]
    assert not refused(tmp_path, CALLBOX_PRACTICE="1", CALLBOX_BIND="::1")


def test_a_public_site_has_to_know_its_name(tmp_path: Path) -> None:
    keys.make_missing(tmp_path / "secrets")
    assert list(refused(tmp_path, CALLBOX_BIND=EVERYWHERE)) == ["CALLBOX_URL"]
    assert not refused(tmp_path, CALLBOX_BIND=EVERYWHERE, CALLBOX_URL="https://talk.example")


def test_production_starts_with_strong_secrets_only(tmp_path: Path) -> None:
    assert set(refused(tmp_path)) == set(keys.MAKERS)
    made = keys.make_missing(tmp_path / "secrets")
    assert made == list(keys.MAKERS)
    assert not refused(tmp_path)
    assert (
        "it is weak: 8 characters"
        in refused(tmp_path, CALLBOX_SECRET_KEY="changeme")["CALLBOX_SECRET_KEY"]
    )
    assert "12 different" not in refused(tmp_path, CALLBOX_SECRET_KEY="ab" * 40)
    assert (
        "not 64 hex digits"
        in refused(tmp_path, CALLBOX_ENCRYPTION_KEY="x" * 64)["CALLBOX_ENCRYPTION_KEY"]
    )


def test_secrets_are_made_once_and_for_their_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    keys.make_missing(folder)
    before = {path.name: path.read_text() for path in folder.iterdir()}
    assert keys.make_missing(folder) == []
    assert {path.name: path.read_text() for path in folder.iterdir()} == before
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    (folder / "callbox_signing_key").chmod(0o644)
    assert "can be read by others" in refused(tmp_path)["CALLBOX_SIGNING_KEY"]


def test_a_home_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(Misconfigured, match=r"is a file\. Write CALLBOX_HOME="):
        load({"CALLBOX_HOME": str(file)})
    with pytest.raises(Misconfigured, match="cannot be written"):
        serve.make_home(load({"CALLBOX_HOME": str(file / "below")}))


def test_a_home_of_another_account_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def locked(_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "serve.lock"))

    monkeypatch.setattr(serve, "lock_home", locked)
    monkeypatch.setenv("CALLBOX_HOME", str(tmp_path))
    monkeypatch.setenv("CALLBOX_PRACTICE", "1")
    assert serve.main([]) == serve.WRONG_SETTING
    assert capsys.readouterr().err == (
        f"{tmp_path}/serve.lock belongs to another account. Start Callbox as the account that made "
        "it, or set CALLBOX_HOME to a folder of your own.\n"
    )
