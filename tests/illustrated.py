"""Pictures and files for tests: made here, small, and of every kind that may come in."""

import io
from typing import Any

from PIL import Image

from callbox import filekinds, store
from callbox.models.inbox import Conversation, Message
from callbox.models.media import KEPT, Attachment
from callbox.scope import acting_for
from tests import make


def picture(kind: str, size: tuple[int, int] = (40, 30), **more: Any) -> bytes:
    """A plain picture."""
    out = io.BytesIO()
    Image.new("RGB", size, (20, 90, 160)).save(out, kind, **more)
    return out.getvalue()


def png(size: tuple[int, int] = (40, 30)) -> bytes:
    return picture("PNG", size)


def jpeg(size: tuple[int, int] = (40, 30), **more: Any) -> bytes:
    return picture("JPEG", size, **more)


def box(kind: bytes, content: bytes = b"") -> bytes:
    """A box of an MP4 file."""
    return (8 + len(content)).to_bytes(4, "big") + kind + content


def mp4(size: int = 0) -> bytes:
    """The beginning of an MP4 file, and then nothing in particular."""
    return box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41") + box(b"mdat", bytes(size))


def stored(one: Conversation, content: bytes, **changes: Any) -> Attachment:
    """A file of the conversation's newest message, as if it had been fetched."""
    with acting_for(one.agency_id):
        message = Message.objects.filter(conversation=one).latest("said_at")
        with store.draft(one.agency_id) as file:
            file.write(content)
            sha256 = store.keep(one.agency_id, file)
        values: dict[str, Any] = {
            "kind": "image",
            "mark": sha256[:32],
            "mime": filekinds.sniffed(content[: filekinds.HEAD]),
            **changes,
        }
        return Attachment.objects.create(
            agency_id=one.agency_id,
            message=message,
            position=0,
            state=KEPT,
            sha256=sha256,
            size=len(content),
            next_try_at=make.now(),
            added_at=make.now(),
            **values,
        )
