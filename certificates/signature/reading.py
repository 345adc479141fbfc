"""Reading PDF files that anybody may have made: no more of their tables than a certificate needs.

A table of objects in a stream may claim any number of them without a byte for each, and pyHanko
makes an entry for every one.
"""

import io
import threading
from collections.abc import Iterator
from typing import Any

from pyhanko.pdf_utils import misc, xref
from pyhanko.pdf_utils.reader import PdfFileReader

MOST_OBJECTS = 200_000

_reading = threading.local()
_parse = xref.parse_xref_stream


def read(pdf: bytes) -> PdfFileReader:
    """A reader of the file. Raises what pyHanko raises of a broken one."""
    _reading.left = MOST_OBJECTS
    try:
        return PdfFileReader(io.BytesIO(pdf))
    finally:
        del _reading.left


def _parse_no_more(*args: Any, **kwargs: Any) -> Iterator[Any]:
    for entry in _parse(*args, **kwargs):
        if hasattr(_reading, "left"):
            _reading.left -= 1
            if _reading.left < 0:
                raise misc.PdfReadError("more objects than can be looked at")
        yield entry


# pyHanko asks for it by this name.
xref.parse_xref_stream = _parse_no_more
