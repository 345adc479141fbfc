"""Serving a private file with HTTP byte ranges (RFC 9110, section 14), so that video can seek."""

import re
from collections.abc import Iterator
from typing import Protocol

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


class Storage(Protocol):
    """What is asked of a storage: the private one gives it from a disk and from a bucket alike."""

    def size(self, name: str) -> int: ...

    def part(self, name: str, first: int, last: int) -> Iterator[bytes]: ...


def stream(
    *, request: HttpRequest, storage: Storage, name: str, content_type: str
) -> HttpResponseBase:
    """The whole file (200), one range of it (206), or 416 for a range that lies outside.

    Several ranges at once, or a header that cannot be read, are answered with the whole file, as
    the RFC allows. Raises FileNotFoundError.
    """
    # Through our own host from a bucket too: a signed address would be good for whoever gets hold
    # of it, and content policy and offline use would have to know the store.
    size = storage.size(name)
    match = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    first, last, headers = 0, size - 1, {}
    if match and match.group(0) != "bytes=-":
        first, last = _bounds(match, size)
        if first > last:
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return StreamingHttpResponse(
        storage.part(name, first, last) if size else (),
        status=206 if headers else 200,
        content_type=content_type,
        headers=headers
        | {
            "Content-Length": str(last - first + 1),
            "Accept-Ranges": "bytes",
            "Cache-Control": "private, max-age=3600",
        },
    )


def _bounds(match: re.Match[str], size: int) -> tuple[int, int]:
    """First and last byte; a suffix range counts from the end."""
    first, last = match.groups()
    if not first:
        return max(0, size - int(last)), size - 1 if int(last) else -1
    return int(first), min(int(last), size - 1) if last else size - 1
