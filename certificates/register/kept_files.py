"""Whether the file of a filed entry lies in the storage as it was entered."""

import hashlib

from django.core.files.storage import Storage
from django.utils.translation import gettext as _

from certificates.models import RegisterEntry

_PIECE = 1 << 20


def problem(entry: RegisterEntry, *, storage: Storage, read: bool) -> str:
    """What is wrong with it, in words; empty where nothing is. ``read``: to its last byte.

    Raises OSError where the storage is out of reach, or holds nothing at all.
    """
    name = entry.content["name"]
    size = _size(storage, name) if entry.of else None
    if size is None:
        _refuse_empty(storage)
        return _("its file %(name)s is missing") % {"name": name}
    if size != entry.content["size"]:
        return _("its file %(name)s has another size") % {"name": name}
    if read and _hash(storage, name) != entry.content["sha256"]:
        return _("its file %(name)s was changed") % {"name": name}
    return ""


def _size(storage: Storage, name: str) -> int | None:
    """None where there is no such file. Asked once: a store far away may have a million."""
    try:
        return storage.size(name)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _refuse_empty(storage: Storage) -> None:
    """A storage that holds nothing at all is one that is away. Raises OSError.

    Only the uppermost folders are listed, a handful.
    """
    if not any(storage.listdir("")):
        raise OSError(_("it is empty"))


def _hash(storage: Storage, name: str) -> str:
    counted = hashlib.sha256()
    with storage.open(name, "rb") as file:
        while piece := file.read(_PIECE):
            counted.update(piece)
    return counted.hexdigest()
