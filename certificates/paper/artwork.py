"""Pictures on certificates: brought into one harmless form and kept by their hash, for ever.

What comes in is decoded and written anew, so that nothing of the file itself survives: no EXIF, no
colour profile, no foreign bytes.
"""

import hashlib
import io
import uuid
import warnings
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps

from certificates.paper.layout import HEIGHT, WIDTH

DOTS_PER_INCH = 200
SHEET = (round(WIDTH / 25.4 * DOTS_PER_INCH), round(HEIGHT / 25.4 * DOTS_PER_INCH))
# A seal or an emblem is at most as large as half a sheet.
LARGEST = SHEET[1]
_FORMATS = ("JPEG", "PNG", "WEBP")
_MOST_BYTES = 30 * 1024 * 1024
_MOST_PIXELS = 50_000_000
_FOLDER = "certificates/artwork"


class ArtworkRefused(Exception):
    """Carries the reason, in words for the officer."""


def keep_background(content: bytes) -> str:
    """Keep a picture that fills the sheet: JPEG, at most 200 dots per inch. Returns its SHA-256.

    What sticks out of the sheet's proportions is cut off on both sides alike. Raises
    ArtworkRefused.
    """
    picture = _plain(_open(content))
    scale = min(1.0, max(SHEET[0] / picture.width, SHEET[1] / picture.height))
    narrow = min(picture.width * scale / SHEET[0], picture.height * scale / SHEET[1])
    size = (max(1, round(SHEET[0] * narrow)), max(1, round(SHEET[1] * narrow)))
    fitted = ImageOps.fit(picture, size, Image.Resampling.LANCZOS)
    written = io.BytesIO()
    fitted.save(written, "JPEG", quality=85, optimize=True, dpi=(DOTS_PER_INCH, DOTS_PER_INCH))
    return _keep(written.getvalue())


def keep_picture(content: bytes) -> str:
    """Keep an emblem, a seal or a signature: PNG, transparent where it was. Returns its SHA-256.

    Raises ArtworkRefused.
    """
    picture = _open(content)
    transparent = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    plain = picture.convert("RGBA") if transparent else _plain(picture)
    plain.thumbnail((LARGEST, LARGEST), Image.Resampling.LANCZOS)
    plain.info.clear()
    written = io.BytesIO()
    plain.save(written, "PNG", optimize=True)
    return _keep(written.getvalue())


@lru_cache(maxsize=64)
def find(sha256: str) -> Path:
    """Where a kept picture lies on this machine, its bytes proved.

    Raises FileNotFoundError, or another OSError where the storage is out of reach.
    """
    storage, name = storages["private"], f"{_FOLDER}/{sha256}"
    try:
        path = Path(storage.path(name))
    except NotImplementedError:  # in a bucket; typst reads files
        path = _copied(storage, name, sha256)
    if not _is(path, sha256):
        raise FileNotFoundError(f"{path} is not what was kept")
    return path


def _copied(storage: Storage, name: str, sha256: str) -> Path:
    """The copy on this machine, fetched where it is missing or damaged."""
    path = Path(settings.DATA_DIR) / "artwork" / sha256
    if not path.exists() or not _is(path, sha256):
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{uuid.uuid4().hex}.part")
        try:
            with storage.open(name, "rb") as kept:
                draft.write_bytes(kept.read())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    return path


def _is(path: Path, sha256: str) -> bool:
    return hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def _open(content: bytes) -> Image.Image:
    """The first picture in a file, upright. Raises ArtworkRefused."""
    if len(content) > _MOST_BYTES:
        raise ArtworkRefused(_("The picture is too large."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=_FORMATS)
            if picture.width * picture.height > _MOST_PIXELS:
                raise ArtworkRefused(_("The picture is too large."))
            picture.load()
            return ImageOps.exif_transpose(picture)
    except ArtworkRefused:
        raise
    except Exception as error:  # Pillow raises whatever the broken part of a file leads to
        raise ArtworkRefused(
            _("This is not a picture that can be used (JPEG, PNG or WebP).")
        ) from error


def _plain(picture: Image.Image) -> Image.Image:
    """Opaque sRGB: what is transparent becomes white."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        ground = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(ground, picture.convert("RGBA"))
        return picture.convert("RGB")
    profile = picture.info.get("icc_profile")
    if profile and picture.mode in ("RGB", "CMYK"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(picture, source, target, outputMode="RGB")
            if converted is not None:
                return converted
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a broken profile tells nothing
    return picture.convert("RGB")


def _keep(content: bytes) -> str:
    sha256 = hashlib.sha256(content).hexdigest()
    storage, name = storages["private"], f"{_FOLDER}/{sha256}"
    if not storage.exists(name):
        kept = storage.save(name, ContentFile(content))
        if kept != name:  # somebody was quicker
            storage.delete(kept)
    return sha256
