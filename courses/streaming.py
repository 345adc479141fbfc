"""Serving a private file with HTTP byte ranges (RFC 9110, section 14), so that video can seek."""

import re
from collections.abc import Iterator
from typing import IO

from django.core.files.storage import Storage
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

CHUNK = 64 * 1024
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def stream(
    *, request: HttpRequest, storage: Storage, name: str, content_type: str
) -> HttpResponseBase:
    """The whole file (200), one range of it (206), or 416 for a range that lies outside.

    Several ranges at once, or a header that cannot be read, are answered with the whole file, as
    the RFC allows. Raises FileNotFoundError.
    """
    size = storage.size(name)
    match = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    response: HttpResponseBase
    if not match or match.group(1) == match.group(2) == "":
        response = FileResponse(storage.open(name, "rb"), content_type=content_type)
    else:
        first, last = _bounds(match, size)
        if first > last:
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
        file = storage.open(name, "rb")
        response = StreamingHttpResponse(
            _part(file, first, last), status=206, content_type=content_type
        )
        response.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
        response.headers["Content-Length"] = str(last - first + 1)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def _bounds(match: re.Match[str], size: int) -> tuple[int, int]:
    """First and last byte; a suffix range counts from the end."""
    first, last = match.groups()
    if not first:
        return max(0, size - int(last)), size - 1 if int(last) else -1
    return int(first), min(int(last), size - 1) if last else size - 1


def _part(file: IO[bytes], first: int, last: int) -> Iterator[bytes]:
    with file:
        file.seek(first)
        left = last - first + 1
        while left > 0 and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
