"""PDF files that unpack beyond measure, found before anything reads them whole.

pyHanko unpacks a stream at once, however large it becomes, and anybody may hand a file in.
"""

import re
import zlib

# Our own unpack to a few hundred kilobytes, those of others to some megabytes.
MOST_BYTES = 64 * 1024 * 1024
MOST_STREAMS = 20_000
_DEPTH = 3
_PIECE = 1 << 16
# Its other way of packing so much: no certificate is packed so, and unpacking it takes minutes.
_LZW = re.compile(rb"/(?:L|#4[Cc])(?:Z|#5[Aa])(?:W|#57)")


def unpacks_beyond_measure(pdf: bytes) -> bool:
    """Whether the streams of a file, packed several times over or not, are more than MOST_STREAMS
    or hold more than MOST_BYTES together."""
    if _LZW.search(pdf):
        return True
    left = MOST_BYTES
    for streams, found in enumerate(re.finditer(rb"stream\r?\n?", pdf), start=1):
        left -= _unpacked(memoryview(pdf)[found.end() :], left, depth=1)
        if left < 0 or streams > MOST_STREAMS:
            return True
    return False


def _unpacked(packed: memoryview, most: int, *, depth: int) -> int:
    """How many bytes come out, and out of those; more than ``most`` as soon as that is clear."""
    unpacker, size, inner = zlib.decompressobj(), 0, bytearray()
    try:
        for begin in range(0, len(packed), _PIECE):
            waiting: bytes | memoryview = packed[begin : begin + _PIECE]
            while len(waiting) and not unpacker.eof and size <= most:
                piece = unpacker.decompress(waiting, _PIECE)
                waiting = unpacker.unconsumed_tail
                size += len(piece)
                if depth < _DEPTH:
                    inner += piece
            if unpacker.eof or size > most:
                break
    except zlib.error:
        pass  # not packed so, or cut off: what came out counts
    if inner and size <= most:
        size += _unpacked(memoryview(inner), most - size, depth=depth + 1)
    return size
