"""Where the mailbox's two servers are, and how we talk to them safely."""

import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from callbox.connector import AuthDead, Refused

TIMEOUT = 12.0  # seconds for one step; a whole sending must end within a delivery's lease
TLS, STARTTLS, NONE = "ssl", "starttls", "none"
_NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE")  # OpenSSL's words for a plain answer
_PORTS = {("imap", TLS): 993, ("imap", STARTTLS): 143, ("smtp", TLS): 465, ("smtp", STARTTLS): 587}


@dataclass(frozen=True, slots=True)
class Place:
    """One server: its address, and how the line to it is kept private."""

    host: str
    port: int
    security: str

    def silent(self, error: Exception) -> str:
        """Why nothing came of talking to it, in words for whoever typed its address."""
        if isinstance(error, socket.gaierror):
            return f"No server called {self.host} can be found. Is its name right?"
        if isinstance(error, ConnectionRefusedError):
            return f"{self.host} takes no calls at port {self.port}. Is the port right?"
        if isinstance(error, ssl.SSLError) and error.reason in _NO_TLS:
            return f"{self.host} speaks no TLS at port {self.port}. Try STARTTLS, or another port."
        return f"{self.host} did not answer ({type(error).__name__})."


@dataclass(frozen=True, slots=True)
class Login:
    """How we are known to both servers. `repr` shows no secret."""

    name: str
    secret: str
    token: bool = False  # an OAuth 2 access token (XOAUTH2) instead of a password

    def __repr__(self) -> str:
        return f"Login({self.name!r})"


def place(config: Mapping[str, Any], kind: str) -> Place:
    """The IMAP or SMTP server of an account. Raises Refused for an address that cannot be one, and
    for a line without encryption to anywhere but this machine."""
    host = str(config.get(f"{kind}_host") or "").strip()
    security = str(config.get(f"{kind}_security") or TLS)
    if not host or any(sign in host for sign in " /@\r\n\t"):
        raise Refused(f"“{host}” is not a server's name. Write it like mail.example.org")
    if security not in (TLS, STARTTLS, NONE):
        raise Refused(f"“{security}” is not a way to keep the line private.")
    if security == NONE and not _is_loopback(host):
        raise Refused(f"The line to {host} must be encrypted: choose TLS or STARTTLS.")
    return Place(host, _port(config.get(f"{kind}_port"), kind, security), security)


def _port(value: Any, kind: str, security: str) -> int:
    text = str(value or "").strip()
    if not text:
        return _PORTS.get((kind, security), 143 if kind == "imap" else 25)
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise Refused(f"“{text}” is not a port.")
    return int(text)


def login(config: Mapping[str, Any], secrets: Mapping[str, Any], address: str) -> Login:
    """The login to both servers. Raises AuthDead for one that cannot be right."""
    name = str(config.get("login") or "").strip() or address
    secret = str(secrets.get("password") or "")
    if not secret or any(ord(sign) < 32 for sign in name + secret):
        raise AuthDead("The password is missing. Connect the account again.")
    return Login(name, secret, config.get("login_kind") == "token")


@cache
def trusted() -> ssl.SSLContext:
    """The certificates that we trust: the system's. Read once; it takes a moment."""
    return ssl.create_default_context()


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
