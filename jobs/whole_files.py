"""Files on a disk that are there whole, or not at all."""

import os
import posixpath
import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django.core.files.storage import FileSystemStorage

PIECE = 64 * 1024


class WholeFileStorage(FileSystemStorage):
    """Gives a file its name when every byte of it has reached the disk.

    Where the disk is full or its writer is killed, Django's own leaves half a file under the name.
    The folder must be on a file system that knows links.
    """

    def part(self, name: str, first: int, last: int) -> Iterator[bytes]:
        """The bytes from ``first`` to ``last``, in pieces. Raises FileNotFoundError."""
        with self.open(name, "rb") as file:
            file.seek(first)
            left = last - first + 1
            while left > 0 and (piece := file.read(min(PIECE, left))):
                left -= len(piece)
                yield piece

    def _save(self, name: str, content: Any) -> str:
        draft = posixpath.join(posixpath.dirname(name), f".{uuid.uuid4().hex}.part")
        try:
            super()._save(draft, content)  # type: ignore[misc]  # the stubs leave it out
            self._reach_disk(draft)
            name = self._put(draft, name)
            with suppress(OSError):  # the disk of a folder is asked of where there is such a thing
                self._reach_disk(posixpath.dirname(name))
            return name
        finally:
            with suppress(OSError):  # what went wrong before is to be told
                self.delete(draft)

    def _reach_disk(self, draft: str) -> None:
        """Some file systems tell only now that there was no room."""
        descriptor = os.open(self.path(draft), os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _put(self, draft: str, name: str) -> str:
        while True:
            try:
                os.link(self.path(draft), self.path(name))
            except FileExistsError:  # somebody was quicker
                name = self.get_available_name(name)
            else:
                return name
