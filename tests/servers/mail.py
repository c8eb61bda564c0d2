"""A mail system on free loopback ports: a private Dovecot (IMAP), and an SMTP server in front.

    with mail_system() as mail:
        ana = mail.resident("ana@example.org")
        ana.write(mail.address, "Street light out", "It is dark on Fifth.")
        mail.config, mail.secrets           # what our account is connected with
        ana.mails()                         # what reached Ana
        mail.smtp.fault("END-DONE")         # the next mail is taken, and nobody hears of it

Dovecot runs as a user without rights, from a folder of its own, and knows nothing of the system's
configuration; every address of any domain has a mailbox with the password “secret”. Residents may
be anybody. Nothing leaves the machine: the SMTP server delivers into these mailboxes only.
"""

import grp
import imaplib
import os
import pwd
import shutil
import signal
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import SMTP as CRLF
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any

from callbox.moment import now_utc
from tests.servers.mail_smtp import ADDRESS, PASSWORD, Post, free_port

_PATIENCE = 20.0  # seconds to start
_CONFIG = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
listen = 127.0.0.1
protocols = imap
ssl = yes
ssl_cert = <{home}/cert.pem
ssl_key = <{home}/key.pem
disable_plaintext_auth = no
auth_failure_delay = 0
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_location = maildir:{home}/mail/%u:INBOX={home}/mail/%u
maildir_broken_filename_sizes = yes
first_valid_uid = 0
mail_max_userip_connections = 100
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/mail/%u
}}
namespace inbox {{
  inbox = yes
  mailbox Sent {{
    special_use = \\Sent
    auto = create
  }}
  mailbox Junk {{
    special_use = \\Junk
    auto = create
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
"""


class Resident:
    """Somebody with a mailbox of their own."""

    def __init__(self, system: "MailSystem", address: str) -> None:
        self.address = address
        self._system = system

    def write(
        self,
        to: str,
        subject: str,
        text: str,
        *,
        name: str = "",
        headers: Mapping[str, str] | None = None,
        mail: EmailMessage | None = None,
    ) -> bytes:
        """Send a mail; its bytes as they arrived. `headers` replace what the program would put."""
        made = mail or EmailMessage(policy=CRLF)
        made["From"] = f"{name} <{self.address}>" if name else self.address
        made["To"] = to
        made["Subject"] = subject
        made["Date"] = format_datetime(now_utc())
        made["Message-ID"] = make_msgid(domain=self.address.rpartition("@")[2])
        for header, value in (headers or {}).items():
            del made[header]
            if value:
                made[header] = value
        if mail is None:
            made.set_content(text)
        return self.send(made.as_bytes(), to)

    def write_with(self, to: str, text: str, picture: bytes, name: str) -> bytes:
        """Send a mail with a picture."""
        made = EmailMessage(policy=CRLF)
        made.set_content(text)
        made.add_attachment(picture, maintype="image", subtype="png", filename=name)
        return self.write(to, "", text, mail=made)

    def send(self, content: bytes, to: str) -> bytes:
        """Send these bytes as they are."""
        return self._system.deliver(to, content, self.address)

    def answer(self, to: Message, text: str, **headers: str) -> bytes:
        """Answer as mail programs do: both headers of the thread, and the old mail quoted."""
        chain = f"{to.get('References', '')} {to['Message-ID']}".strip()
        quoted = "\n".join(f"> {line}" for line in body_of(to).splitlines())
        words = f"{text}\n\nOn Mon, Nov 23, 2026 at 3:00 PM <{to['From']}> wrote:\n{quoted}\n"
        thread = {"In-Reply-To": to["Message-ID"], "References": chain, **headers}
        return self.write(ADDRESS, f"Re: {to['Subject']}", words, headers=thread)

    def mails(self) -> list[Message]:
        """What reached this mailbox, oldest first."""
        return [message_from_bytes(one, policy=CRLF) for one in self.raw_mails()]

    def raw_mails(self) -> list[bytes]:
        """The same as bytes."""
        return self._system.folder(self.address, "INBOX")


def body_of(mail: Message) -> str:
    """The plain words of a mail."""
    assert isinstance(mail, EmailMessage)
    part = mail.get_body(("plain",))
    return str(part.get_content()).replace("\r\n", "\n") if part else ""


class MailSystem:
    """Both servers, and everybody's mailboxes."""

    address = ADDRESS

    def __init__(self, home: Path) -> None:
        self._home = home
        self._user = _unprivileged()
        self._port = free_port()
        self.tls_port = free_port()
        self.certificate = home / "cert.pem"
        _certify(home)
        self.smtp = Post(self.deliver, _context(home))
        self.smtps = Post(self.deliver, None, _context(home))
        self._dovecot: subprocess.Popen[bytes] | None = None

    @property
    def config(self) -> dict[str, Any]:
        """What our account is connected with."""
        return {
            "address": ADDRESS,
            "sender_name": "Riverton Police",
            "imap_host": "127.0.0.1",
            "imap_port": str(self._port),
            "imap_security": "none",
            "smtp_host": "127.0.0.1",
            "smtp_port": str(self.smtp.port),
            "smtp_security": "none",
        }

    def secured(self, how: str) -> dict[str, Any]:
        """The same, over lines that are kept private ("ssl" or "starttls")."""
        tls = how == "ssl"
        return self.config | {
            "imap_port": str(self.tls_port if tls else self._port),
            "smtp_port": str(self.smtps.port if tls else self.smtp.port),
            "imap_security": how,
            "smtp_security": how,
        }

    @property
    def secrets(self) -> dict[str, str]:
        return {"password": PASSWORD}

    def resident(self, address: str) -> Resident:
        return Resident(self, address)

    # --- the mailboxes -------------------------------------------------------------------------

    def deliver(self, to: str, content: bytes, sender: str, folder: str = "INBOX") -> bytes:
        """Put a mail into a mailbox, as a delivering server does."""
        stamped = f"Return-Path: <{sender}>\r\n".encode() + content
        box = self._box(to)
        box.append(folder, "", imaplib.Time2Internaldate(time.time()), stamped)
        box.logout()
        return stamped

    def folder(self, address: str, folder: str) -> list[bytes]:
        """Every mail of a folder, oldest first; none when it is not there."""
        box = self._box(address)
        status, _ = box.select(f'"{folder}"', readonly=True)
        found = []
        if status == "OK":
            numbers = box.search(None, "ALL")[1][0].split()
            for number in numbers:
                data = box.fetch(number.decode(), "(BODY.PEEK[])")[1][0]
                assert isinstance(data, tuple)
                found.append(bytes(data[1]))
        box.logout()
        return found

    def empty(self, address: str, folder: str) -> None:
        """Delete every mail of a folder."""
        box = self._box(address)
        if box.select(f'"{folder}"')[0] == "OK" and box.search(None, "ALL")[1][0]:
            box.store("1:*", "+FLAGS", "\\Deleted")
            box.expunge()
        box.logout()

    def reset(self) -> None:
        """Empty everybody's mailboxes, and forget the faults."""
        for mailbox in (self._home / "mail").iterdir():
            for folder in ("INBOX", "Sent", "Junk", "Callbox sending"):
                self.empty(mailbox.name, folder)
        self.smtp.heal()

    def bounce(self, mail: Message, to: str) -> None:
        """The delivering server reports that a mail of ours could not be delivered."""
        report = (
            "From: Mail Delivery System <MAILER-DAEMON@mail.police.example>\r\n"
            f"To: {ADDRESS}\r\nSubject: Undelivered Mail\r\nAuto-Submitted: auto-replied\r\n"
            "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
            "--b\r\n\r\nIt could not be delivered.\r\n"
            "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
            "Reporting-MTA: dns; mail.police.example\r\n\r\n"
            f"Final-Recipient: rfc822; {to}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
            "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
            f"Message-ID: {mail['Message-ID']}\r\n--b--\r\n"
        )
        self.deliver(ADDRESS, report.encode(), "")

    def written_by_hand(self, answered: str, to: str, text: str) -> bytes:
        """A mail that somebody at the desk writes in another mail program."""
        made = EmailMessage(policy=CRLF)
        made["From"], made["To"], made["Subject"] = ADDRESS, to, "Re: your mail"
        made["Date"] = format_datetime(now_utc())
        made["Message-ID"] = make_msgid(domain="police.example")
        made["In-Reply-To"] = made["References"] = f"<{answered}>"
        made.set_content(text)
        return made.as_bytes()

    def _box(self, address: str) -> imaplib.IMAP4:
        box = imaplib.IMAP4("127.0.0.1", self._port, timeout=10)
        box.login(address, PASSWORD)
        return box

    def new_uids(self) -> None:
        """Our inbox gets a new UIDVALIDITY, as after a restored backup."""
        self.stop_imap()
        for path in (self._home / "mail" / ADDRESS).glob("dovecot*"):
            path.unlink()
        time.sleep(1.1)  # the new one is the time in seconds
        self.start_imap()

    # --- the servers ---------------------------------------------------------------------------

    def start_imap(self) -> None:
        """Start Dovecot, and wait until it answers."""
        if os.geteuid() == 0:
            for path in (self._home, *self._home.rglob("*")):
                os.chown(path, self._user.pw_uid, self._user.pw_gid)
        self._dovecot = subprocess.Popen(
            _dovecot(self._home),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            **_as(self._user),
        )
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            with suppress(OSError, imaplib.IMAP4.error):
                self._box(ADDRESS).logout()
                return
            time.sleep(0.05)
        log = self._home / "log"
        raise RuntimeError(f"Dovecot did not start: {log.read_text() if log.exists() else ''}")

    def stop_imap(self) -> None:
        """End Dovecot, as if the server were down."""
        if self._dovecot:
            os.killpg(self._dovecot.pid, signal.SIGTERM)  # its children too: lines break
            self._dovecot.wait(10)
        self._dovecot = None

    def start(self) -> None:
        for folder in ("run", "state", "mail"):
            (self._home / folder).mkdir()
        words = _CONFIG.format(
            home=self._home,
            port=self._port,
            tls_port=self.tls_port,
            password=PASSWORD,
            user=self._user.pw_name,
            group=_group(self._user),
            uid=self._user.pw_uid,
            gid=self._user.pw_gid,
        )
        (self._home / "dovecot.conf").write_text(words)
        self.start_imap()
        self.smtp.start()
        self.smtps.start()

    def stop(self) -> None:
        for door in (self.smtp, self.smtps):
            with suppress(AssertionError):  # it was never started
                door.stop()
        self.stop_imap()


@contextmanager
def mail_system() -> Iterator[MailSystem]:
    """A running mail system; nothing of it stays."""
    home = Path(tempfile.mkdtemp(prefix="mail-"))
    home.chmod(0o755)
    system = MailSystem(home)
    try:
        system.start()
        yield system
    finally:
        system.stop()
        shutil.rmtree(home, ignore_errors=True)


def _certify(home: Path) -> None:
    """A certificate of our own for 127.0.0.1, which nobody trusts unless told to."""
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(home / "key.pem"), "-out", str(home / "cert.pem")]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    subprocess.run(
        ["openssl", "req", "-x509", *kind, *names, *files], check=True, capture_output=True
    )


def _context(home: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(home / "cert.pem", home / "key.pem")
    return context


def _unprivileged() -> pwd.struct_passwd:
    """Whom Dovecot runs as: nobody in particular when we are root, else ourselves."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def _group(user: pwd.struct_passwd) -> str:
    return grp.getgrgid(user.pw_gid).gr_name


def _as(user: pwd.struct_passwd) -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _dovecot(home: Path) -> list[str]:
    found = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin")
    if not found:
        raise RuntimeError("Dovecot is not installed. Run scripts/test-packages.sh")
    return [found, "-F", "-c", str(home / "dovecot.conf")]
