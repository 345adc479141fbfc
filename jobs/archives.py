"""ZIP archives: written as a stream of any length, read with suspicion."""

import io
import zipfile
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

MEGABYTE = 1024 * 1024
_MOST_PARTS = 10_000
_MOST_UNPACKED = 2048 * MEGABYTE


class ArchiveRefused(Exception):
    """Carries the reason, in words for the person who hands the archive in."""


class _Outlet(io.RawIOBase):
    """What was written since it was last asked; it cannot be read or gone back in."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = bytearray()

    def writable(self) -> bool:
        return True

    # Whoever writes here (zipfile) has bytes; the stubs want any buffer to be taken.
    def write(self, content: bytes) -> int:  # type: ignore[override]
        self.waiting += content
        return len(content)

    def take(self) -> bytes:
        taken = bytes(self.waiting)
        self.waiting.clear()
        return taken


def stream(files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """The archive of these files, name and content, in pieces; one file at a time is held."""
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
            yield outlet.take()
    yield outlet.take()


def parts(archive: zipfile.ZipFile, *, ending: str) -> list[zipfile.ZipInfo]:
    """The files with this ending, in the archive's order; folders and all else are left out.

    Raises ArchiveRefused for one that unpacks beyond measure.
    """
    everything = archive.infolist()
    too_large = sum(one.file_size for one in everything) > _MOST_UNPACKED
    if too_large or len(everything) > _MOST_PARTS:
        raise ArchiveRefused(_("The archive unpacks beyond measure."))
    return [
        one
        for one in everything
        if not one.is_dir()
        and one.filename.lower().endswith(ending)
        # What macOS adds beside each file.
        and not one.filename.startswith("__MACOSX/")
    ]


def read(archive: zipfile.ZipFile, part: zipfile.ZipInfo, *, most: int) -> bytes:
    """The content of one file. Raises ArchiveRefused where it is larger, locked or damaged."""
    if part.file_size > most:
        limit = most // MEGABYTE
        raise ArchiveRefused(_("The file is larger than %(limit)s MB.") % {"limit": limit})
    try:
        with archive.open(part) as file:
            return file.read(most)
    except Exception as error:  # what the decompressors raise has no common name
        raise ArchiveRefused(_("The file in the archive is damaged or locked.")) from error
