"""``manage.py check --deploy`` asks the store of the files whether it keeps what is promised."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.core import checks
from django.core.files.base import ContentFile
from django.core.files.storage import storages

if TYPE_CHECKING:
    from jobs.object_storage import ObjectStorage


def check_store(**_kwargs: Any) -> list[checks.CheckMessage]:
    """Errors where it is out of reach, overwrites a name, or gives files to anybody."""
    from jobs.object_storage import ObjectStorage  # slow to load, and not wanted without a bucket

    storage = storages["private"]
    if not isinstance(storage, ObjectStorage):
        return []
    name = f"check/{uuid.uuid4().hex}"
    try:
        try:
            return _faults(storage, name)
        finally:
            storage.delete(name)
    except OSError as error:
        return [checks.Error(f"FILES_URL: the store is out of reach: {error}", id="jobs.E001")]


def _faults(storage: ObjectStorage, name: str) -> list[checks.CheckMessage]:
    faults: list[checks.CheckMessage] = []
    storage.put(name, ContentFile(b"first"))
    if storage.put(name, ContentFile(b"second")):
        faults.append(
            checks.Error(
                "FILES_URL: the store overwrites a file that is there (it does not know"
                " If-None-Match): two workers at once could lose one.",
                id="jobs.E002",
            )
        )
    if storage.is_public(name):
        faults.append(
            checks.Error(
                "FILES_URL: the store gives the private files to anybody: close the bucket.",
                id="jobs.E003",
            )
        )
    return faults
