"""``manage.py check --deploy`` asks the store of the files whether it keeps what is promised."""

import uuid
from typing import Any

from django.core import checks
from django.core.files.base import ContentFile
from django.core.files.storage import storages


def check_store(**_kwargs: Any) -> list[checks.CheckMessage]:
    """Errors where it is out of reach, overwrites a name, or gives files to anybody."""
    storage: Any = storages["private"]
    if not hasattr(storage, "client"):
        return []
    name = f"check/{uuid.uuid4().hex}"
    try:
        try:
            return _faults(storage, name)
        finally:
            storage.delete(name)
    except OSError as error:
        return [checks.Error(f"FILES_URL: the store is out of reach: {error}", id="jobs.E001")]


def _faults(storage: Any, name: str) -> list[checks.CheckMessage]:
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
