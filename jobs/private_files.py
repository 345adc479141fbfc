"""Files that people hand in: known by their content, kept under names of our own, given back
only as downloads of the kind that they are."""

import hashlib
import io
import uuid
import warnings
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.http import FileResponse, Http404
from django.utils.translation import gettext as _
from PIL import Image

from vietnamese.text import fold

MEGABYTE = 1024 * 1024
_MOST_PIXELS = 120_000_000  # a sheet of A3 at 600 dots per inch
_MOST_UNPACKED = 200 * MEGABYTE
_MOST_PARTS = 5000


class FileRefused(Exception):
    """Carries the reason, in words for the person who hands the file in."""


@dataclass(frozen=True)
class Kind:
    """A kind of file; ``main`` is the type of the main part of an Office document."""

    name: str
    extension: str
    content_type: str
    main: str = ""


_OFFICE = "application/vnd.openxmlformats-officedocument."
PDF = Kind("PDF", "pdf", "application/pdf")
JPEG = Kind("JPEG", "jpg", "image/jpeg")
PNG = Kind("PNG", "png", "image/png")
WORD = Kind(
    "Word (.docx)",
    "docx",
    f"{_OFFICE}wordprocessingml.document",
    f"{_OFFICE}wordprocessingml.document.main+xml",
)
EXCEL = Kind(
    "Excel (.xlsx)",
    "xlsx",
    f"{_OFFICE}spreadsheetml.sheet",
    f"{_OFFICE}spreadsheetml.sheet.main+xml",
)
SCANS = (PDF, JPEG, PNG)
DOCUMENTS = (*SCANS, WORD, EXCEL)


@dataclass(frozen=True)
class Received:
    """A file that was looked at and may be kept."""

    content: bytes
    kind: Kind
    hash: str

    def keep(self, folder: str) -> str:
        """Write it into the private storage; returns the name there, which nobody chose."""
        name = f"{folder}/{uuid.uuid4().hex}.{self.kind.extension}"
        return storages["private"].save(name, ContentFile(self.content))


def receive(upload: Any, *, kinds: Iterable[Kind], most_megabytes: int) -> Received:
    """Read an uploaded file and tell its kind by its content. Raises FileRefused.

    Neither its name nor what the browser says of it counts.
    """
    allowed = tuple(kinds)
    limit = most_megabytes * MEGABYTE
    content: bytes = b"" if upload.size > limit else upload.read(limit + 1)
    if upload.size > limit or len(content) > limit:
        raise FileRefused(_("The file is larger than %(limit)s MB.") % {"limit": most_megabytes})
    if not content:
        raise FileRefused(_("The file is empty."))
    kind = kind_of(content)
    if kind not in allowed:
        names = ", ".join(one.name for one in allowed)
        raise FileRefused(_("The file is none of these: %(kinds)s.") % {"kinds": names})
    return Received(content, kind, hashlib.sha256(content).hexdigest())


def kind_of(content: bytes) -> Kind | None:
    """What the content is, or None for anything that is not known as harmless."""
    if content.startswith(b"%PDF-"):
        return PDF if b"%%EOF" in content[-2048:] else None
    if content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return _picture(content)
    return _office(content) if content.startswith(b"PK\x03\x04") else None


def _picture(content: bytes) -> Kind | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=["JPEG", "PNG"]) as picture:
                width, height = picture.size
                found = JPEG if picture.format == "JPEG" else PNG
                picture.verify()
    except Exception:  # Pillow raises whatever the broken part of a file leads to
        return None
    return found if width * height <= _MOST_PIXELS else None


def _office(content: bytes) -> Kind | None:
    """A Word or Excel file without macros, that does not unpack beyond measure."""
    types_name = "[Content_Types].xml"
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > _MOST_PARTS or sum(one.file_size for one in parts) > _MOST_UNPACKED:
                return None
            if archive.getinfo(types_name).file_size > MEGABYTE:
                return None
            types = archive.read(types_name).decode("utf-8", "replace")
    # The last two where it is locked, or was packed in a way that zipfile does not know.
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, RuntimeError, NotImplementedError):
        return None
    if "macroEnabled" in types or "vbaProject" in types:
        return None
    return next((kind for kind in (WORD, EXCEL) if f'"{kind.main}"' in types), None)


def download(name: str, *, as_name: str) -> FileResponse:
    """A kept file as a download called ``as_name`` with the ending of its kind.

    Raises Http404 where it is gone.
    """
    storage = storages["private"]
    extension = name.rsplit(".", 1)[-1]
    kind = next((one for one in DOCUMENTS if one.extension == extension), None)
    if not name or not storage.exists(name):
        raise Http404
    response = FileResponse(
        storage.open(name, "rb"),
        as_attachment=True,
        filename=f"{as_name}.{extension}" if not as_name.endswith(f".{extension}") else as_name,
        content_type=kind.content_type if kind else "application/octet-stream",
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def plain_name(words: str) -> str:
    """Words as the name of a file that any system takes: ASCII, without blanks."""
    kept = "".join(one if one.isascii() and one.isalnum() else " " for one in fold(words))
    return "-".join(kept.split())[:100]


def discard(name: str) -> None:
    """Remove a kept file whose row was not written."""
    storages["private"].delete(name)
