"""Faults of disk and storage, as real as they can be had without breaking the machine."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from django.core.files.storage import FileSystemStorage

from certificates.issue import filing


@contextmanager
def full_disk() -> Iterator[None]:
    """No file can grow beyond a thousand bytes: the kernel breaks the write off."""
    save = FileSystemStorage._save

    def limited(*given: Any) -> str:
        usual = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, usual[1]))
        try:
            return save(*given)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, usual)

    with mock.patch.object(FileSystemStorage, "_save", limited):
        yield


@contextmanager
def replaced(path: Path, content: str | None) -> Iterator[None]:
    """Something else lies there meanwhile: a file with this content, or a folder."""
    away = path.with_name(f"{path.name}-away")
    path.rename(away)
    if content is None:
        path.mkdir()
    else:
        path.write_text(content)
    try:
        yield
    finally:
        if content is None:
            path.rmdir()
        else:
            path.unlink()
        away.rename(path)


@contextmanager
def storage_out_of_reach() -> Iterator[None]:
    """Also for the superuser, whom no permission stops: there is no folder."""
    root = Path(filing.storage().path(""))
    root.mkdir(exist_ok=True)
    with replaced(root, ""):
        yield


@contextmanager
def storage_not_mounted() -> Iterator[None]:
    """There is a folder, and nothing in it."""
    root = Path(filing.storage().path(""))
    root.mkdir(exist_ok=True)
    with replaced(root, None):
        yield
