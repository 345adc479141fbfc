"""Reading what a video file says of itself."""

from dataclasses import dataclass
from typing import Any

import av
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Measured:
    """Length in seconds, size in pixels."""

    seconds: float
    width: int
    height: int


def measure(file: Any) -> Measured:
    """Read length and size from an open MP4 or WebM file; its position is put back.

    Raises ValidationError for a file that is no video with a known length.
    """
    try:
        with av.open(file, format=_container(file), metadata_errors="ignore") as container:
            stream = container.streams.video[0]
            if container.duration:
                seconds = container.duration / av.time_base
            else:
                seconds = float((stream.duration or 0) * (stream.time_base or 0))
            width, height = stream.codec_context.width, stream.codec_context.height
    except (av.FFmpegError, IndexError, ValueError, OSError) as error:
        raise ValidationError(_("This file is not a video that can be read.")) from error
    finally:
        file.seek(0)
    if seconds <= 0:
        raise ValidationError(_("The length of this video cannot be read."))
    return Measured(round(seconds, 2), width, height)


def _container(file: Any) -> str:
    """The format by the file's first bytes.

    Left to guess, FFmpeg would also follow play lists, to any file or address they name.
    """
    file.seek(0)
    head = file.read(12)
    file.seek(0)
    if head[4:8] == b"ftyp":
        return "mov"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "matroska"
    raise ValidationError(_("Only MP4 and WebM videos can be used."))
