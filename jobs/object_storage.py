"""Files in a bucket that speaks S3, kept like those on a disk (``jobs/whole_files.py``)."""

import errno
import io
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from typing import Any
from urllib.parse import urljoin

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from django.utils.encoding import filepath_to_uri
from storages.backends.s3 import S3Storage
from storages.utils import ReadBytesWrapper, clean_name

PIECE = 64 * 1024
# A larger file that is opened lies in the temporary folder meanwhile.
_MOST_IN_MEMORY = 4 * 1024 * 1024
# A page or a worker that meets a store that is away has its answer within 20 seconds.
_PATIENCE = Config(
    connect_timeout=3,
    read_timeout=7,
    retries={"mode": "standard", "total_max_attempts": 2},
    max_pool_connections=32,
    signature_version="s3v4",
    s3={"addressing_style": "path"},
)
_TAKEN = ("PreconditionFailed", "ConditionalRequestConflict")
_MISSING = ("NoSuchKey", "404")  # an answer without a body has no name for it


class ObjectStorage(S3Storage):
    """Gives a name once: the store itself refuses a second file under it.

    A file goes there in one request, so that it is there whole or not at all; the store takes at
    most 5 GB so. What fails raises OSError, a file that is not there FileNotFoundError. Nothing
    has an address at the store; with ``base_url`` files have one of our own.
    """

    def get_default_settings(self) -> dict[str, Any]:
        own = {"base_url": None, "client_config": _PATIENCE, "file_overwrite": False}
        return {**super().get_default_settings(), **own}

    @cached_property
    def client(self) -> Any:
        """Made once for all threads, which takes a tenth of a second; they may share it."""
        return self.connection.meta.client

    def _key(self, name: str) -> dict[str, str]:
        return {"Bucket": self.bucket_name, "Key": self._normalize_name(clean_name(name))}

    def _open(self, name: str, mode: str = "rb") -> "_Opened":
        if mode != "rb":
            raise io.UnsupportedOperation(f"{name}: a kept file is not written to")
        return _Opened(self, name)

    def part(self, name: str, first: int, last: int) -> Iterator[bytes]:
        """The bytes from ``first`` to ``last``, in pieces; no others are asked of the store."""
        with _in_reach(name):
            asked = self.client.get_object(**self._key(name), Range=f"bytes={first}-{last}")
            with closing(asked["Body"]) as body:
                yield from body.iter_chunks(PIECE)

    def copy_to(self, file: Any, name: str) -> None:
        """Write the whole of a kept file into an open one."""
        with _in_reach(name), closing(self.client.get_object(**self._key(name))["Body"]) as body:
            for piece in body.iter_chunks(PIECE):
                file.write(piece)

    def _save(self, name: str, content: Any) -> str:
        name = clean_name(name)
        while not self.put(name, content):
            name = self.get_available_name(name)
        return name

    def put(self, name: str, content: Any) -> bool:
        """Whether the file has the name now; False where somebody was quicker."""
        content.seek(0)
        with _in_reach(name):
            try:
                self.client.put_object(
                    **self._key(name),
                    **self._get_write_parameters(name, content),
                    Body=ReadBytesWrapper(content),
                    IfNoneMatch="*",
                )
            except ClientError as error:
                if _code(error) not in _TAKEN:
                    raise
                return False
        return True

    def is_public(self, name: str) -> bool:
        """Whether the store gives a file to somebody who shows no key."""
        with _in_reach(name):
            try:
                self.unsigned_connection.meta.client.get_object(**self._key(name))["Body"].close()
            except ClientError:
                return False
        return True

    def exists(self, name: str) -> bool:
        try:
            with _in_reach(name):
                self.client.head_object(**self._key(name))
        except FileNotFoundError:
            with _in_reach():  # whatever is asked of a bucket that is not there is not found too
                self.client.head_bucket(Bucket=self.bucket_name)
            return False
        return True

    def delete(self, name: str) -> None:
        with _in_reach(name):
            super().delete(name)

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        """Folders and files; one request for each thousand that lie in this folder itself."""
        with _in_reach(path):
            found: tuple[list[str], list[str]] = super().listdir(path)
        return found

    def size(self, name: str) -> int:
        with _in_reach(name):
            return int(super().size(name))

    def get_modified_time(self, name: str) -> Any:
        with _in_reach(name):
            return super().get_modified_time(name)

    def url(self, name: str, *_given: Any, **_named: Any) -> str:
        if self.base_url is None:
            raise ValueError("This file is not accessible via a URL.")
        return urljoin(str(self.base_url), str(filepath_to_uri(name)))


class _Opened(File):  # type: ignore[type-arg]  # only the stubs know of one
    """A copy of a kept file; it can be opened again, as Django's files can."""

    def __init__(self, storage: ObjectStorage, name: str) -> None:
        self._storage = storage
        super().__init__(self._fetched(name), name)

    def _fetched(self, name: str) -> Any:
        copy = tempfile.SpooledTemporaryFile(_MOST_IN_MEMORY)  # noqa: SIM115  # its reader closes it
        self._storage.copy_to(copy, name)
        copy.seek(0)
        return copy

    def open(self, mode: str | None = None, *_given: Any, **_named: Any) -> Any:
        if self.closed:
            self.file = self._fetched(str(self.name))
        self.seek(0)
        return self


@contextmanager
def _in_reach(name: str = "") -> Iterator[None]:
    """Tell what goes wrong with the store, or with a file in it, as it is told of a disk."""
    try:
        yield
    except ClientError as error:
        if name and _code(error) in _MISSING:
            raise FileNotFoundError(errno.ENOENT, "No such file in the store", name) from error
        raise OSError(str(error)) from error
    except BotoCoreError as error:
        raise OSError(str(error)) from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
