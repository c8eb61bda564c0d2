"""What came with a message, as `staff/attached.html` shows it: our stored copy, never the network's
address, which can hold a login and tells its owner who looks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _

from callbox.filekinds import SHOWN
from callbox.models.media import GONE, KEPT, REFUSED, Attachment
from callbox.rules.text import shown


@dataclass(frozen=True, slots=True)
class Attached:
    """One thing. `look` says how it is shown: picture, video, audio, file (to download), link
    (somebody's page), words (there is nothing to open)."""

    look: str
    words: str
    url: str = ""
    small: str = ""
    width: int = 0
    height: int = 0


def link(one: Mapping[str, Any], url: str) -> Attached:
    """A page or post that a message points at."""
    kind = _("Link") if one.get("kind") == "link" else _("Quote")
    return Attached("link" if url else "words", _about(kind, one), url)


def file(one: Mapping[str, Any], row: Attachment | None) -> Attached:
    """A picture, recording or file, by where it stands."""
    kind = _kind(str(one.get("kind", "")))
    said = _about(kind, one)
    if row is None:
        return Attached("words", said)
    if row.state == KEPT:
        return _kept(one, row, said)
    if row.state == REFUSED:
        stands = _("not stored. {why}").format(why=shown(row.words))
    elif row.state == GONE:
        stands = _("could not be had. {why}").format(why=shown(row.words))
    else:
        stands = _("on its way")
    return Attached("words", f"{said} · {stands}")


def _kind(kind: str) -> str:
    return {"image": _("Picture"), "video": _("Video"), "audio": _("Sound")}.get(kind, _("File"))


def _about(kind: str, one: Mapping[str, Any]) -> str:
    about = shown(str(one.get("alt") or one.get("title") or ""))
    return f"{kind}: {about}" if about else kind


def _kept(one: Mapping[str, Any], row: Attachment, said: str) -> Attached:
    url = reverse("staff:media", args=[row.id])
    described = shown(str(one.get("alt") or ""))
    if row.mime in SHOWN:
        small = reverse("staff:small_media", args=[row.id])
        words = described or _("Picture, no description given")
        return Attached("picture", words, url, small, *_fitted(row.width, row.height))
    if row.mime.startswith("video/"):
        return Attached("video", described or _("Video, no description given"), url)
    if row.mime.startswith("audio/") and row.mime != "audio/amr":  # which no browser plays
        return Attached("audio", described or _("Sound, no description given"), url)
    ending = row.mime.rpartition("/")[2].upper()
    return Attached("file", f"{said} · {ending}, {filesizeformat(row.size)}", url)


def _fitted(width: int, height: int) -> tuple[int, int]:
    """The size at which a small picture is shown, in pixels, so that nothing jumps as it comes."""
    scale = min(1.0, 320 / max(width, 1), 240 / max(height, 1))
    return max(1, round(width * scale)), max(1, round(height * scale))
