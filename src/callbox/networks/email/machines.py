"""Mail that no person wrote: never answered, never work (RFC 3834).

Two programs that answer each other make thousands of mails in a night, so everything that says
that a machine sent it is counted and dropped, except news about mail of ours (`bounces`).
"""

from email.message import Message

from callbox.networks.email import mime

_BULK = frozenset(("bulk", "list", "junk", "auto_reply", "auto-reply"))
# Microsoft's header asks for no automatic answers of a kind. Exchange sets these kinds on what it
# says by itself; "DR", "RN" and "NRN" alone also stand on what people write.
_SILENT = frozenset(("all", "oof", "autoreply"))
_ANSWERERS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-mail-autoreply")


def is_machine(mail: Message) -> bool:
    """Whether a machine sent this, by its own word."""
    submitted = mime.value(mail, "auto-submitted").partition(";")[0].strip().lower()
    if submitted not in ("", "no"):
        return True
    if mail.get_content_type() == "multipart/report":
        return True
    returns = [one.strip() for one in mime.values(mail, "return-path")]
    return "<>" in returns or _is_list(mail) or _wants_silence(mail)


def _is_list(mail: Message) -> bool:
    precedence = mime.value(mail, "precedence").strip().lower()
    return precedence in _BULK or bool(mime.values(mail, "list-id"))


def _wants_silence(mail: Message) -> bool:
    asked = {one.strip().lower() for one in mime.value(mail, "x-auto-response-suppress").split(",")}
    return bool(asked & _SILENT) or any(mime.values(mail, name) for name in _ANSWERERS)
