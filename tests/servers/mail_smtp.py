"""The SMTP server of `tests/servers/mail.py`: takes mail from whoever logs in, and misbehaves once
when it is told to.
"""

import asyncio
import base64
import socket
import ssl
from collections.abc import Callable
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

ADDRESS = "desk@police.example"
PASSWORD = "secret-of-the-mailbox"
TOKEN = "token-of-the-mailbox"


class _Door(SMTP):
    """An SMTP server that can be told to misbehave, once, at a certain step."""

    def __init__(self, owner: "Post", **kwargs: Any) -> None:
        self._owner = owner
        super().__init__(owner, **kwargs)

    async def auth_XOAUTH2(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, args: list[str]
    ) -> AuthResult:
        said = base64.b64decode(args[1]) if len(args) > 1 else b""
        good = said == f"user={ADDRESS}\1auth=Bearer {TOKEN}\1\1".encode()
        return AuthResult(success=good, handled=False)

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802  # aiosmtpd's name
        if await self._broken("EHLO"):
            self.hang_up()
            return
        await super().smtp_EHLO(hostname)

    async def smtp_MAIL(self, arg: str) -> None:  # noqa: N802  # aiosmtpd's name
        if await self._broken("MAIL"):
            return
        await super().smtp_MAIL(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802  # aiosmtpd's name
        if await self._broken("DATA"):
            return
        await super().smtp_DATA(arg)

    async def _broken(self, step: str) -> bool:
        fault = self._owner.taken(step)
        if fault == "hangup" and self.transport is not None:
            self.transport.close()
        elif fault:
            await self.push(fault)
        return bool(fault)

    def hang_up(self) -> None:
        """Go away in the middle."""
        assert self.transport is not None
        self.transport.close()


class Post(Controller):
    """The SMTP server: takes mail from whoever logs in, and delivers it into the mailboxes."""

    def __init__(
        self,
        deliver: Callable[[str, bytes, str], object],
        starttls: ssl.SSLContext | None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._into = deliver
        self._starttls = starttls
        self._faults: list[tuple[str, str]] = []
        self.login_says = ""  # a reply to every login instead of looking at it
        self.taken_mails: list[Envelope] = []
        super().__init__(self, hostname="127.0.0.1", port=free_port(), ssl_context=ssl_context)

    def factory(self) -> SMTP:
        return _Door(
            self,
            hostname="mail.police.example",
            authenticator=self._authenticated,
            auth_require_tls=False,
            enable_SMTPUTF8=True,
            tls_context=self._starttls,
        )

    def fault(self, step: str, says: str = "hangup") -> None:
        """Break the next EHLO, MAIL, RCPT, DATA (before the mail) or END (after it): say this,
        or hang up. "END-DONE" takes the mail and hangs up."""
        self._faults.append((step, says))

    def heal(self) -> None:
        """Forget faults and what was taken."""
        self._faults.clear()
        self.taken_mails.clear()
        self.login_says = ""

    def taken(self, step: str) -> str:
        """Use up the fault that waits for this step: what to say, or ""."""
        for number, (where, says) in enumerate(self._faults):
            if where == step:
                del self._faults[number]
                return says
        return ""

    def _authenticated(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        if self.login_says:
            return AuthResult(success=False, handled=False, message=self.login_says)
        good = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
        return AuthResult(success=good, handled=False)

    async def handle_MAIL(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        fault = self.taken(f"RCPT {address}") or self.taken("RCPT")
        if fault:
            return fault
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802  # aiosmtpd's name
        self, server: _Door, session: Session, envelope: Envelope
    ) -> str:
        says = self.taken("END")
        if says == "hangup":
            server.hang_up()
            return "250 OK"
        if says:
            return says
        await asyncio.get_running_loop().run_in_executor(None, self._deliver, envelope)
        if self.taken("END-DONE"):
            server.hang_up()
        return "250 OK"

    def _deliver(self, envelope: Envelope) -> None:
        self.taken_mails.append(envelope)
        content = envelope.original_content or b""
        for to in envelope.rcpt_tos:
            self._into(to, content, envelope.mail_from or "")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
