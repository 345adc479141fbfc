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
    """Read length and size from an open video file; its position is put back.

    Raises ValidationError for a file that is no video with a known length.
    """
    file.seek(0)
    try:
        with av.open(file, metadata_errors="ignore") as container:
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
